# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
# libtool takes -static for "prefer static"; -all-static means it.
make -j"$JOBS" blkid sfdisk LDFLAGS="$TARGET_LDFLAGS -all-static"
