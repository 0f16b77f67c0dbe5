# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154

# The GUIDs are part of the product: the kernel's command line names the config partition by its own. What "berth install"
# writes to a disk has others.
disk_guid=6d9d6f5e-3b5c-4a0e-9d5f-62657274680a
boot_guid=6d9d6f5e-3b5c-4a0e-9d5f-62657274680b
config_guid=6d9d6f5e-3b5c-4a0e-9d5f-62657274680c
mib=1048576
boot_sectors=$((OPT_boot_mib * 2048))
config_sectors=$((OPT_config_mib * 2048))
config_start=$((2048 + boot_sectors))

mkdir -p "$TARGET/usr/share/berth"
image=$TARGET/usr/share/berth/disk.img
truncate -s $(((OPT_boot_mib + OPT_config_mib + 2) * mib)) "$image"

# Attribute 2 is "legacy BIOS bootable": the boot code in the protective MBR starts that partition.
sgdisk --clear --disk-guid=$disk_guid \
	--new=1:2048:+$((boot_sectors - 1)) --typecode=1:ef00 --change-name=1:berth-boot \
	--partition-guid=1:$boot_guid --attributes=1:set:2 \
	--new=2:$config_start:+$((config_sectors - 1)) --typecode=2:0700 --change-name=2:berth-config \
	--partition-guid=2:$config_guid "$image"
dd if="$DEP_syslinux/host/lib/syslinux/gptmbr.bin" of="$image" bs=440 count=1 conv=notrunc

# Fixed serial numbers and times: --invariant.
mkfs.vfat --invariant -F 16 -n BERTH-BOOT -i 62657262 --offset=2048 "$image" $((boot_sectors / 2))
mkfs.vfat --invariant -F 12 -n BERTH-CONF -i 62657263 --offset=$config_start "$image" $((config_sectors / 2))

boot="$image@@$mib"
config="$image@@$((config_start * 512))"
words=$(cat "$REPO/image-build/kernel-words")
export MTOOLS_SKIP_CHECK=1
mkdir -p "$WORK/boot"
for file in syslinux.cfg loader.conf a.conf failsafe.conf; do
	sed "s/@MEDIUM@/$config_guid/; s/@WORDS@/$words/" "$RECIPE/$file" > "$WORK/boot/$file"
done
cp "$DEP_systemd_boot/host/lib/systemd-bootx64.efi" "$WORK/boot/BOOTX64.EFI"
touch -d "@$SOURCE_DATE_EPOCH" "$WORK/boot"/*
mmd -i "$boot" ::/a ::/b ::/EFI ::/EFI/BOOT ::/loader ::/loader/entries
mcopy -m -i "$boot" "$WORK/boot/syslinux.cfg" ::/syslinux.cfg
mcopy -m -i "$boot" "$WORK/boot/BOOTX64.EFI" ::/EFI/BOOT/BOOTX64.EFI
mcopy -m -i "$boot" "$WORK/boot/loader.conf" ::/loader/loader.conf
mcopy -m -i "$boot" "$WORK/boot/a.conf" "$WORK/boot/failsafe.conf" ::/loader/entries/
# The folders that the node fills: what is there need not be made, which a power cut could leave half done.
mmd -i "$config" ::/good ::/history ::/ssh
"$DEP_syslinux/host/bin/syslinux" --install --offset $mib "$image"
