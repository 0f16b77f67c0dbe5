# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154

mkdir -p "$IMAGES" "$WORK/boot"
image=$IMAGES/berth.img
cp --sparse=always "$DEP_disk_template/target/usr/share/berth/disk.img" "$image"
cp "$DEP_linux/images/vmlinuz" "$DEP_initrd/images/initrd" "$WORK/boot/"
cp "$REPO/configs/default.conf" "$WORK/boot/berth.conf"
cat "$DEP_rootfs/early/release" > "$WORK/boot/release"

partition() {
	sgdisk --info="$1" "$image" | sed -n 's/^First sector: \([0-9]*\).*/\1/p'
}

boot="$image@@$(($(partition 1) * 512))"
config="$image@@$(($(partition 2) * 512))"
export MTOOLS_SKIP_CHECK=1
mcopy -n -i "$boot" ::/loader/entries/a.conf "$WORK/boot/a.conf"
sed -i "s/^title .*/title Berth $(cat "$REPO/VERSION") (slot A)/" "$WORK/boot/a.conf"
touch -d "@$SOURCE_DATE_EPOCH" "$WORK/boot"/*
mcopy -m -o -i "$boot" "$WORK/boot/a.conf" ::/loader/entries/a.conf
mcopy -m -i "$boot" "$WORK/boot/vmlinuz" "$WORK/boot/initrd" "$WORK/boot/release" ::/a/
mcopy -m -i "$config" "$WORK/boot/berth.conf" ::/berth.conf
