# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
install -D -m 755 usr/bin/syslinux "$HOST/bin/syslinux"
for file in mbr/gptmbr.bin modules/bios/ldlinux.c32 modules/bios/menu.c32 modules/bios/libutil.c32; do
	install -D -m 644 "usr/lib/syslinux/$file" "$HOST/lib/syslinux/${file##*/}"
done
install -m 644 usr/lib/ISOLINUX/isolinux.bin usr/lib/ISOLINUX/isohdpfx.bin usr/lib/PXELINUX/pxelinux.0 \
	usr/lib/PXELINUX/lpxelinux.0 "$HOST/lib/syslinux/"
