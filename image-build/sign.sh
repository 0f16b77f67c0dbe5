#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Signs the boot media for Secure Boot with the owner's key. Out: berth.efi, berth.img, berth.iso and the signed boot menu,
# loader.efi, in $OUT/signed, or SIGNED. The disk image boots by UEFI only: its slot holds the one signed file, for a signature on the
# kernel alone says nothing of the initrd.
#
#   OUT=out [WORDS=...] image-build/sign.sh KEY CERT        both PEM; CERT, or who signed it, is in the db of the machines
set -eu

if [ $# != 2 ] || [ ! -r "$1" ] || [ ! -r "$2" ]; then
	echo "usage: make sign KEY=db.key CERT=db.crt (PEM files; CERT is what the machines' firmware trusts)" >&2
	exit 100
fi
key=$1
certificate=$2
here=$(dirname "$0")
out=${OUT:-out}
images=$out/images
signed=${SIGNED:-$out/signed}
boot=$signed/berth.img@@1M
export MTOOLS_SKIP_CHECK=1
mkdir -p "$signed"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# sign FILE OUTPUT
sign() {
	sbsign --key "$key" --cert "$certificate" --output "$2" "$1" 2> /dev/null
	sbverify --cert "$certificate" "$2" > /dev/null
}

# The kernel inside is started by the firmware as well, which asks for a signature of its own.
sign "$out/stage/linux/images/vmlinuz" "$work/vmlinuz"
printf '%s' "$(cat "$here/kernel-words")${WORDS:+ $WORDS}" > "$signed/words"
"$here/packages/efi-image/join-pe" "$out/stage/efi-image/host/lib/berth.efi.stub" "$work/berth.efi" \
	.cmdline="$signed/words" .linux="$work/vmlinuz" .initrd="$out/stage/initrd/images/initrd"
sign "$work/berth.efi" "$signed/berth.efi"
sign "$out/stage/systemd-boot/host/lib/systemd-bootx64.efi" "$signed/loader.efi"

cp --sparse=always "$images/berth.img" "$signed/berth.img"
mdel -i "$boot" ::/a/vmlinuz ::/a/initrd
mcopy -i "$boot" "$signed/berth.efi" ::/a/berth.efi
mcopy -o -i "$boot" "$signed/loader.efi" ::/EFI/BOOT/BOOTX64.EFI
sign "$out/stage/memtest/host/lib/memtest.efi" "$work/memtest.efi"
mcopy -o -i "$boot" "$work/memtest.efi" ::/memtest.efi
for entry in a failsafe; do
	mcopy -n -i "$boot" "::/loader/entries/$entry.conf" "$work/$entry.conf"
	# The words are in the file, and with Secure Boot no others count.
	sed -i 's,^linux .*,efi /a/berth.efi,; /^initrd /d; /^options /d' "$work/$entry.conf"
	mcopy -o -i "$boot" "$work/$entry.conf" "::/loader/entries/$entry.conf"
done
"$here/iso.sh" "$images/vmlinuz" "$images/initrd" "$signed/berth.efi" "$out/stage/syslinux/host/lib/syslinux" \
	"$signed/berth.iso"
ls -l "$signed"
