#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Puts a boot ISO together: isolinux for BIOS, an EFI file for UEFI, bootable from a USB stick as well.
#
#   image-build/iso.sh VMLINUZ INITRD BERTH.EFI SYSLINUX-FOLDER ISO
set -eu

export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-1767225600}" MTOOLS_SKIP_CHECK=1 TZ=UTC
words=$(cat "$(dirname "$0")/kernel-words")
tree=$(mktemp -d)
trap 'rm -rf "$tree" "$tree.log"' EXIT
chmod 755 "$tree"

mkdir -p "$tree/isolinux" "$tree/boot"
cp "$1" "$tree/boot/vmlinuz"
cp "$2" "$tree/boot/initrd"
cp "$4/isolinux.bin" "$4/ldlinux.c32" "$tree/isolinux/"
cat > "$tree/isolinux/isolinux.cfg" <<TXT
SERIAL 0 115200
PROMPT 1
TIMEOUT 20
SAY Berth: Enter boots at once; type failsafe for a root shell on this console.
DEFAULT berth

LABEL berth
    LINUX /boot/vmlinuz
    INITRD /boot/initrd
    APPEND $words

LABEL failsafe
    LINUX /boot/vmlinuz
    INITRD /boot/initrd
    APPEND $words berth.failsafe
TXT

# What UEFI sees of the medium: a FAT with the one file, as large as that needs.
kib=$((($(stat -L -c %s "$3") / 1024 / 32 + 12) * 32))
truncate -s ${kib}K "$tree/boot/efi.img"
mkfs.vfat --invariant -F 16 -n BERTH-EFI -i 62657264 "$tree/boot/efi.img" > /dev/null
cp "$3" "$tree/BOOTX64.EFI"
touch -d "@$SOURCE_DATE_EPOCH" "$tree/BOOTX64.EFI"
mmd -i "$tree/boot/efi.img" ::/EFI ::/EFI/BOOT
mcopy -m -i "$tree/boot/efi.img" "$tree/BOOTX64.EFI" ::/EFI/BOOT/BOOTX64.EFI
rm "$tree/BOOTX64.EFI"
find "$tree" -exec touch -d "@$SOURCE_DATE_EPOCH" {} +

xorriso -as mkisofs -quiet -V BERTH -r -J -o "$5" -isohybrid-mbr "$4/isohdpfx.bin" \
	-c isolinux/boot.cat -b isolinux/isolinux.bin -no-emul-boot -boot-load-size 4 -boot-info-table \
	-eltorito-alt-boot -e boot/efi.img -no-emul-boot -isohybrid-gpt-basdat "$tree" > "$tree.log" 2>&1 || {
	cat "$tree.log" >&2
	exit 1
}
