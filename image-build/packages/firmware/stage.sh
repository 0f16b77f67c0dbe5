# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154

mkdir -p "$STAGE/early"
[ -z "$OPT_folder" ] || "$REPO/image-build/firmware.sh" "$OPT_folder" "$DEP_linux/target/lib/modules" "$STAGE/early"
