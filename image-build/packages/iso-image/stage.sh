# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
mkdir -p "$IMAGES"
"$REPO/image-build/iso.sh" "$DEP_linux/images/vmlinuz" "$DEP_initrd/images/initrd" "$DEP_efi_image/images/berth.efi" \
	"$DEP_syslinux/host/lib/syslinux" "$IMAGES/berth.iso"
