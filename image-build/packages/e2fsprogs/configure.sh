# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
./configure --host=x86_64-linux-musl --prefix=/usr --sysconfdir=/etc --disable-nls --disable-debugfs --disable-imager \
	--disable-resizer --disable-defrag --disable-uuidd --disable-tdb --disable-bmap-stats --disable-mmp \
	--disable-fuse2fs --disable-backtrace --disable-testio-debug --without-libarchive \
	CC="$TARGET_CC" BUILD_CC=gcc CFLAGS="$TARGET_CFLAGS" LDFLAGS="$TARGET_LDFLAGS"
