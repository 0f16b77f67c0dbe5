# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
cp "$RECIPE/localoptions.h" localoptions.h
./configure --host=x86_64-linux-musl --prefix=/usr --disable-zlib --disable-utmp --disable-utmpx \
	--disable-wtmp --disable-wtmpx --disable-lastlog --disable-pututline --disable-pututxline --disable-loginfunc \
	--disable-harden CC="$TARGET_CC" CFLAGS="$TARGET_PIE_CFLAGS" LDFLAGS="$TARGET_PIE_LDFLAGS"
