# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
make -j"$JOBS" CC="$TARGET_CC" CFLAGS="$TARGET_PIE_CFLAGS" LDFLAGS="$TARGET_PIE_LDFLAGS" \
	COPTS='-DNO_DBUS -DNO_LUA -DNO_AUTH -DNO_ID'
