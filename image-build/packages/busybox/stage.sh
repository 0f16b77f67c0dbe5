# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
make CC="$TARGET_CC" EXTRA_CFLAGS="$TARGET_CFLAGS" CONFIG_EXTRA_LDFLAGS="$TARGET_LDFLAGS" SKIP_STRIP=y \
	CONFIG_PREFIX="$TARGET" install
install_program busybox bin/busybox
# virsh stands in for it, and runs it for what it does not do itself.
rm "$TARGET/usr/bin/nc"
