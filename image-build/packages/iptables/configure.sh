# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
./configure --host=x86_64-linux-musl --prefix=/usr --sbindir=/usr/sbin --disable-shared --enable-static \
	--disable-nftables --disable-connlabel --disable-bpf-compiler --disable-devel --with-xtlibdir=/usr/lib/xtables \
	CC="$TARGET_CC" CFLAGS="$TARGET_CFLAGS" LDFLAGS="$TARGET_LDFLAGS"
