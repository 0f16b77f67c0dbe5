#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Signs the boot media for Secure Boot with the owner's key. Out: berth.efi, berth.img and berth.iso in $OUT/signed.
#
#   OUT=out image-build/sign.sh KEY CERT        both PEM; CERT, or who signed it, is in the db of the machines
set -eu

if [ $# != 2 ] || [ ! -r "$1" ] || [ ! -r "$2" ]; then
	echo "usage: make sign KEY=db.key CERT=db.crt (PEM files; CERT is what the machines' firmware trusts)" >&2
	exit 100
fi
out=${OUT:-out}
images=$out/images
signed=$out/signed
export MTOOLS_SKIP_CHECK=1
mkdir -p "$signed"

# The kernel inside is started by the firmware as well, which asks for a signature of its own.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sbsign --key "$1" --cert "$2" --output "$work/vmlinuz" "$out/stage/linux/images/vmlinuz" 2> /dev/null
printf 'quiet loglevel=3 no_timer_check panic=30' > "$work/cmdline"
"$(dirname "$0")/packages/efi-image/join-pe" "$out/stage/efi-stub/host/lib/linuxx64.efi.stub" "$work/berth.efi" \
	.cmdline="$work/cmdline" .linux="$work/vmlinuz" .initrd="$out/stage/initrd/images/initrd"
sbsign --key "$1" --cert "$2" --output "$signed/berth.efi" "$work/berth.efi" 2> /dev/null
sbverify --cert "$2" "$signed/berth.efi" > /dev/null

cp --sparse=always "$images/berth.img" "$signed/berth.img"
mcopy -o -i "$signed/berth.img@@1M" "$signed/berth.efi" ::/EFI/BOOT/BOOTX64.EFI
"$(dirname "$0")/iso.sh" "$images/vmlinuz" "$images/initrd" "$signed/berth.efi" "$out/stage/syslinux/host/lib/syslinux" \
	"$signed/berth.iso"
ls -l "$signed"
