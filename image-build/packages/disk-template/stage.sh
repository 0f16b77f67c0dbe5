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

folder=$TARGET/usr/share/berth
image=$folder/disk.img
boot=@@$mib
config=@@$((config_start * 512))
words=$(cat "$REPO/image-build/kernel-words")
export MTOOLS_SKIP_CHECK=1
mkdir -p "$folder" "$WORK/boot"
for file in syslinux.cfg loader.conf a.conf failsafe.conf memtest.conf; do
	sed "s/@MEDIUM@/$config_guid/; s/@WORDS@/$words/" "$RECIPE/$file" > "$WORK/boot/$file"
done
cp "$DEP_systemd_boot/host/lib/systemd-bootx64.efi" "$WORK/boot/BOOTX64.EFI"
cp "$DEP_memtest/host/lib/memtest" "$DEP_memtest/host/lib/memtest.efi" "$WORK/boot/"
touch -d "@$SOURCE_DATE_EPOCH" "$WORK/boot"/*

# file_systems IMAGE SECTOR-BYTES [OPTION...]: the two, with what UEFI starts. Fixed serial numbers and times: --invariant.
file_systems() {
	file=$1
	unit=$(($2 / 512))
	part="$file$boot"
	settings="$file$config"
	shift
	truncate -s $(((OPT_boot_mib + OPT_config_mib + 2) * mib)) "$file"
	mkfs.vfat --invariant -S "$@" -F 16 -n BERTH-BOOT -i 62657262 --offset=$((2048 / unit)) "$file" $((boot_sectors / 2))
	mkfs.vfat --invariant -S "$@" -F 12 -n BERTH-CONF -i 62657263 --offset=$((config_start / unit)) "$file" $((config_sectors / 2))
	mmd -i "$part" ::/a ::/b ::/EFI ::/EFI/BOOT ::/loader ::/loader/entries
	mcopy -m -i "$part" "$WORK/boot/BOOTX64.EFI" ::/EFI/BOOT/BOOTX64.EFI
	mcopy -m -i "$part" "$WORK/boot/loader.conf" ::/loader/loader.conf
	mcopy -m -i "$part" "$WORK/boot/memtest.efi" ::/memtest.efi
	mcopy -m -i "$part" "$WORK/boot/a.conf" "$WORK/boot/failsafe.conf" "$WORK/boot/memtest.conf" ::/loader/entries/
	# The folders that the node fills: what is there need not be made, which a power cut could leave half done.
	mmd -i "$settings" ::/good ::/history ::/ssh
}

# Attribute 2 is "legacy BIOS bootable": the boot code in the protective MBR starts that partition.
file_systems "$image" 512
sgdisk --clear --disk-guid=$disk_guid \
	--new=1:2048:+$((boot_sectors - 1)) --typecode=1:ef00 --change-name=1:berth-boot \
	--partition-guid=1:$boot_guid --attributes=1:set:2 \
	--new=2:$config_start:+$((config_sectors - 1)) --typecode=2:0700 --change-name=2:berth-config \
	--partition-guid=2:$config_guid "$image"
dd if="$DEP_syslinux/host/lib/syslinux/gptmbr.bin" of="$image" bs=440 count=1 conv=notrunc
mcopy -m -i "$image$boot" "$WORK/boot/syslinux.cfg" "$WORK/boot/memtest" ::/
"$DEP_syslinux/host/bin/syslinux" --install --offset $mib "$image"

# For disks with sectors of 4 KiB, which no BIOS boots: the file systems alone, for the table is made on the disk.
file_systems "$folder/disk-4096.img" 4096 -s 1

# The partitions, as sfdisk(8) takes them, with places in units of 512 bytes.
cat > "$folder/disk.parts" <<TXT
2048 $boot_sectors type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, name=berth-boot, attrs=LegacyBIOSBootable
$config_start $config_sectors type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7, name=berth-config
TXT
