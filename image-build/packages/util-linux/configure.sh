# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
# With "check", fdisks that lack a terminal library are passed by.
./configure --host=x86_64-linux-musl --prefix=/usr --disable-shared --enable-static --disable-all-programs \
	--enable-libuuid --enable-libblkid --enable-blkid --enable-libfdisk --enable-libsmartcols --enable-fdisks=check \
	--disable-nls --disable-asciidoc --disable-bash-completion --without-python --without-udev --without-systemd \
	--without-ncurses --without-ncursesw --without-tinfo --without-readline --without-cap-ng --without-btrfs \
	--without-selinux CC="$TARGET_CC" CFLAGS="$TARGET_CFLAGS" LDFLAGS="$TARGET_LDFLAGS"
