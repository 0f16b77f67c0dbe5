# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# What is on a disk, and which disk is which. Devices are kernel names (sda, sda1), sectors have 512 bytes.

# whole_disk DEVICE: the disk that a partition is on; of a disk, itself.
whole_disk() {
	path=$(readlink -f "/sys/class/block/$1")
	[ ! -e "$path/partition" ] || path=${path%/*}
	echo "${path##*/}"
}

# matching SELECTOR: the devices that serial:, wwn:, pci: or partuuid: names.
matching() {
	case $1 in
	partuuid:*) kind=part wanted=$(echo "$1" | tr 'A-F' 'a-f') ;;
	*) kind=disk wanted=$1 ;;
	esac
	berthconf facts | awk -v kind="$kind" -v wanted="$wanted" \
		'$1 == kind { for (i = 3; i <= NF; i++) if ($i == wanted) { print $2; break } }'
}

# partition_with DISK GUID: the partition of that disk with that GUID; nothing where there is none.
partition_with() {
	for path in "/sys/class/block/$1/$1"*; do
		[ -e "$path/partition" ] && [ "$(partition_guid "${path##*/}")" = "$2" ] && echo "${path##*/}"
	done
}

# sector_unit DISK: how many times 512 bytes a sector of its has; sfdisk counts in those.
sector_unit() {
	echo $(($(cat "/sys/class/block/$1/queue/logical_block_size") / 512))
}

sectors_of() {
	cat "/sys/class/block/$1/size"
}

# last_sector_used DISK: the first one behind all partitions.
last_sector_used() {
	for path in "/sys/class/block/$1/$1"*; do
		[ ! -e "$path/partition" ] || echo $(($(cat "$path/start") + $(cat "$path/size")))
	done | sort -n | tail -n 1
}

# signature DEVICE [FIRST COUNT]: what is known to be there, as blkid's low-level probe says: file systems, RAID, LVM,
# encryption, partition tables. Nothing when nothing is known.
signature() {
	found=$(blkid -p ${2:+-O $(($2 * 512)) -S $(($3 * 512))} -o export "/dev/$1" 2> /dev/null)
	case $? in
	0) printf '%s\n' "$found" | sed -n 's/^TYPE=//p; s/^PTTYPE=\(.*\)/a partition table (\1)/p' | head -n 1 ;;
	2) dd if="/dev/$1" of=/dev/null bs=512 count=1 2> /dev/null || echo unreadable ;;
	8) echo "several kinds of data at once" ;;
	*) echo unreadable ;;
	esac
}

label_of() {
	blkid -p -s LABEL -o value "/dev/$1"
}

# is_zero DEVICE SECTOR: whether a MiB from there on is zeros, and can be read.
is_zero() {
	dd if="/dev/$1" bs=512 skip="$2" count=2048 2> /dev/null | cmp -s -n 1048576 - /dev/zero
}

# has_ext4_copy DEVICE [FIRST]: the second superblock of an ext4 file system, with blocks of 1, 2 or 4 KiB, outlives what
# hits the disk's start. Its magic number, ef53, is at 56 (Linux, Documentation/filesystems/ext4/super.rst).
has_ext4_copy() {
	for copy in $((8193 * 1024)) $((16384 * 2048)) $((32768 * 4096)); do
		magic=$(dd if="/dev/$1" bs=8 skip=$(((${2:-0} * 512 + copy + 56) / 8)) count=1 2> /dev/null |
			hexdump -v -n 2 -e '1/1 "%02x"')
		[ "$magic" != 53ef ] || return 0
	done
	return 1
}

# is_blank DEVICE [FIRST COUNT]: nothing known is there, and the first and the last MiB are zeros.
is_blank() {
	[ -z "$(signature "$@")" ] && is_zero "$1" "${2:-0}" &&
		is_zero "$1" $((${2:-0} + ${3:-$(sectors_of "$1")} - 2048)) && ! has_ext4_copy "$1" "${2:-0}"
}

# in_use DEVICE: whether it, or a partition of it, is mounted or part of something.
in_use() {
	for path in "/sys/class/block/$1" "/sys/class/block/$1/$1"*; do
		[ -e "$path/holders" ] || continue
		[ -z "$(ls "$path/holders")" ] || return 0
		! grep -q "^/dev/${path##*/} " /proc/mounts || return 0
	done
	return 1
}
