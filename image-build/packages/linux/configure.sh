# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
cat "$REPO"/kernel-config/host/*.config > "$WORK/wanted.config"
make ARCH=x86 KCONFIG_ALLCONFIG="$WORK/wanted.config" allnoconfig
"$REPO"/kernel-config/check-merged .config "$REPO"/kernel-config/host/*.config
