# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
# No compiler variable reaches the configuration program, which runs here.
make -j"$JOBS" CC="$TARGET_CC" EXTRA_CFLAGS="$TARGET_CFLAGS" CONFIG_EXTRA_LDFLAGS="$TARGET_LDFLAGS" SKIP_STRIP=y
