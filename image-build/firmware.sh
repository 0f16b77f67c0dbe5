#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Two archives of a folder that is as /lib/firmware: what goes in front of an initrd, microcode.cpio, and behind it, firmware.cpio.
#
#   image-build/firmware.sh FOLDER MODULES OUT
#
# Behind: the files that the modules below MODULES name, as xz. In front: the processors' microcode as the kernel looks for it,
# not compressed (Linux, Documentation/arch/x86/microcode.rst, "Early load microcode").
set -eu

folder=$1
modules=$2
out=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-1767225600}"

# take NAME: as the file system has it, or as a distribution packed it.
take() {
	mkdir -p "$work/behind/lib/firmware/$(dirname "$1")"
	if [ -f "$folder/$1" ]; then
		xz --check=crc32 --lzma2=dict=1MiB -T 1 -c "$folder/$1" > "$work/behind/lib/firmware/$1.xz"
		return
	fi
	for packed in "$1.xz" "$1.zst"; do
		[ ! -f "$folder/$packed" ] || cp -L "$folder/$packed" "$work/behind/lib/firmware/$packed"
	done
}

# microcode VENDOR FILE...: one file a vendor.
microcode() {
	vendor=$1
	shift
	[ -f "$1" ] || return 0
	mkdir -p "$work/front/kernel/x86/microcode"
	cat "$@" > "$work/front/kernel/x86/microcode/$vendor.bin"
}

# pack TREE ARCHIVE
pack() (
	cd "$1"
	find . -mindepth 1 -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
	find . -mindepth 1 | LC_ALL=C sort | cpio --quiet -o -H newc --reproducible -R 0:0 > "$2"
)

mkdir -p "$work/front" "$work/behind" "$out"
find "$modules" -name '*.ko' -exec modinfo -F firmware {} \; | LC_ALL=C sort -u > "$work/wanted"
while read -r name; do
	take "$name"
done < "$work/wanted"
find "$work/behind" -depth -type d -empty -delete
microcode GenuineIntel "$folder"/intel-ucode/*
microcode AuthenticAMD "$folder"/amd-ucode/*.bin

out=$(cd "$out" && pwd)
for part in front:microcode behind:firmware; do
	[ -z "$(ls "$work/${part%:*}" 2> /dev/null)" ] || pack "$work/${part%:*}" "$out/${part#*:}.cpio"
done
if [ -z "$(ls "$out"/*.cpio 2> /dev/null)" ]; then
	cat "$work/wanted" >&2
	echo "$folder has none of these $(wc -l < "$work/wanted") files, which the image's modules ask for, and no microcode;" \
		"give a folder as /lib/firmware is" >&2
	exit 1
fi
