# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154

mkdir -p "$IMAGES" "$WORK/tree"
rm -f "$WORK"/*.cpio
cp "$DEP_berth/early/init" "$DEP_rootfs/early/root.squashfs" "$WORK/tree/"
cd "$WORK/tree" || exit
touch -d "@$SOURCE_DATE_EPOCH" . init root.squashfs
# Not compressed: the squashfs is, and the rest is one small program.
printf '%s\n' init root.squashfs | cpio --quiet -o -H newc --reproducible -R 0:0 > "$WORK/root.cpio"
# The kernel looks for microcode in the first archive only, and unpacks one after the other.
for part in "$DEP_firmware/early/microcode.cpio" "$WORK/root.cpio" "$DEP_firmware/early/firmware.cpio"; do
	[ ! -e "$part" ] || cat "$part"
done > "$IMAGES/initrd"
