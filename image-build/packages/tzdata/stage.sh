# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
mkdir -p "$TARGET/usr/share/zoneinfo"
/usr/bin/python3 "$RECIPE/zone-table" usr/share/zoneinfo > "$TARGET/usr/share/zoneinfo/posix.tab"
