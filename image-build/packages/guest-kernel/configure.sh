# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
make ARCH=x86 KCONFIG_ALLCONFIG="$RECIPE/guest.config" allnoconfig
"$REPO"/kernel-config/check-merged .config "$RECIPE/guest.config"
