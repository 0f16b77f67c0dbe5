# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2034
# The device that the node booted from, and its config partition.
#
# By BIOS, the boot loader names the config partition by its GUID. By UEFI, the stub tells the partition that it was
# started from; the config partition is on the same disk. Of both GUIDs there are copies: another stick, or a guest's disk
# made to look like it. Where the firmware tells the device that it booted from, only that one counts: behind that PCI
# function, and by BIOS of that size.

EFIVARS=/sys/firmware/efi/efivars

# efi_bytes NAME-GUID: a variable's bytes, decimal, one a line, without the four of its attributes.
efi_bytes() {
	[ -e "$EFIVARS/$1" ] && hexdump -v -e '1/1 "%u\n"' "$EFIVARS/$1" | tail -n +5
}

# loader_says NAME: what the boot menu or the EFI stub left in a variable of theirs (systemd, Boot Loader Interface), in lower
# case; fails when there is nothing.
loader_says() {
	efi_bytes "$1-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f" |
		awk '$1 { text = text sprintf("%c", $1) } END { print tolower(text); exit text == "" }'
}

# entry_selected: the entry of the UEFI menu that was chosen; nothing when a kernel started this one, for the variable outlives it.
entry_selected() {
	! kernel_flag berth.kexec && loader_says LoaderEntrySelected
}

# efi_partition: GUID of the partition that the loader was started from; fails when it was from none (net, CD).
efi_partition() {
	loader_says LoaderDevicePartUUID
}

# efi_path: PCI root and PCI functions on the way to the device of the boot option that was taken, one a line: "root UID",
# "SLOT.FUNCTION". UEFI specification 2.10: BootCurrent and load options in 3.1.3 and 3.3, device paths in 10.3. Nothing
# for an option that names the partition alone.
efi_path() {
	number=$(efi_bytes BootCurrent-8be4df61-93ca-11d2-aa0d-00e098032b8c |
		awk '{ b[NR] = $1 } END { printf "%04X", b[1] + 256 * b[2] }')
	efi_bytes "Boot$number-8be4df61-93ca-11d2-aa0d-00e098032b8c" | awk '
		{ b[NR - 1] = $1 }
		END {
			at = 6
			while (at + 1 < NR && b[at] + b[at + 1]) at += 2
			at += 2
			while (at + 4 <= NR) {
				size = b[at + 2] + 256 * b[at + 3]
				if (size < 4 || b[at] == 127 || at + size > NR) break
				# PNP0A03 and PNP0A08, the PCI host bridges.
				if (b[at] == 2 && b[at + 1] == 1 && b[at + 4] == 208 && b[at + 5] == 65 && b[at + 6] <= 8 && b[at + 7] == 10)
					print "root", b[at + 8] + 256 * b[at + 9]
				if (b[at] == 1 && b[at + 1] == 1)
					printf "%02x.%x\n", b[at + 5], b[at + 4]
				at += size
			}
		}'
}

# efi_pci: the PCI function at the end of that way, as /sys names it.
efi_pci() {
	place=
	efi_path | {
		while read -r word uid; do
			if [ "$word" = root ]; then
				for root in /sys/devices/pci*; do
					if [ "$(cat "$root/firmware_node/uid" 2> /dev/null || echo 0)" = "$uid" ]; then
						place=$root
						break
					fi
				done
			else
				for function in "$place"/????:??:"$word"; do
					[ -e "$function" ] || { place=; break; }
					place=$function
				done
			fi
			[ -n "$place" ] || exit 1
		done
		[ -n "$place" ] && [ -z "${place##*:*.*}" ] && echo "${place##*/}"
	}
}

# bios_pci: the PCI function of the disk that the BIOS booted from (EDD 3.0, device 80h).
bios_pci() {
	link=/sys/firmware/edd/int13_dev80/pci_dev
	[ -e "$link" ] && basename "$(readlink -f "$link")"
}

# find_boot_device: set wanted, loader, pci and sectors, each empty when nobody tells; fails when there is nothing to go by.
find_boot_device() {
	wanted='' loader='' pci='' sectors=''
	if [ -d /sys/firmware/efi ]; then
		loader=$(efi_partition) && pci=$(efi_pci)
	else
		wanted=$(kernel_argument berth.medium)
		pci=$(bios_pci)
		[ ! -e /sys/firmware/edd/int13_dev80/sectors ] || read -r sectors < /sys/firmware/edd/int13_dev80/sectors
	fi
	[ -n "$wanted$loader" ]
}

# is_boot_disk PARTITION: false when it is on a disk that the firmware says it is not.
is_boot_disk() {
	path=$(readlink -f "/sys/class/block/$1")
	case $path in
	*"/$pci/"*) ;;
	*) [ -z "$pci" ] || return 1 ;;
	esac
	read -r size < "$path/../size"
	[ -z "$sectors" ] || [ "$size" = "$sectors" ]
}

# is_medium PARTITION: whether it is a config partition, and the one that the boot loader means.
is_medium() {
	grep -qx PARTNAME=berth-config "/sys/class/block/$1/uevent" || return 1
	if [ -n "$wanted" ]; then
		[ "$(partition_guid "$1")" = "$wanted" ]
		return
	fi
	for other in "$(readlink -f "/sys/class/block/$1")"/../*/partition; do
		other=${other%/partition}
		[ "$(partition_guid "${other##*/}")" != "$loader" ] || return 0
	done
	return 1
}
