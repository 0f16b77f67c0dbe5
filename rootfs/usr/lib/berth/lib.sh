# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2034
# What the boot steps, services and event scripts share. docs/run-files.md lists the files.

RUN=/run/berth
STATE=$RUN/state
CONF=$RUN/conf

# note NAME TEXT: what an operator should know, shown on the status screen until unnoted.
note() {
	mkdir -p "$STATE/notes"
	printf '%s\n' "$2" > "$STATE/notes/.$1.new"
	mv "$STATE/notes/.$1.new" "$STATE/notes/$1"
	logger -t berth -p daemon.warning "$2" 2>/dev/null || :
}

unnote() {
	rm -f "$STATE/notes/$1"
}

# kernel_argument NAME: the value of the last NAME=VALUE on the kernel's command line; fails when there is none.
kernel_argument() {
	found=1
	read -r line < /proc/cmdline
	for word in $line; do
		case $word in
		"$1"=*) value=${word#*=} found=0 ;;
		esac
	done
	[ $found = 0 ] && printf '%s\n' "$value"
}

# kernel_flag NAME: whether the word stands on the kernel's command line.
kernel_flag() {
	read -r line < /proc/cmdline
	case " $line " in
	*" $1 "*) return 0 ;;
	esac
	return 1
}

# seconds: since the kernel started, with a fraction.
seconds() {
	read -r now _ < /proc/uptime
	printf '%s\n' "$now"
}

# partition_guid PARTITION: the GUID that its disk's partition table gives it (UEFI specification 2.10, section 5.3.3:
# entries of 128 bytes from the third sector on, the GUID at 16, its first three fields with the low byte first).
partition_guid() {
	read -r number < "/sys/class/block/$1/partition" || return 1
	disk=$(readlink -f "/sys/class/block/$1/..")
	# shellcheck disable=SC2046 # sixteen bytes, one a word
	set -- $(dd if="/dev/${disk##*/}" bs=16 skip=$(((7 + number) * 8 + 1)) count=1 2> /dev/null |
		hexdump -v -e '1/1 "%02x "')
	[ $# = 16 ] || return 1
	echo "$4$3$2$1-$6$5-$8$7-$9${10}-${11}${12}${13}${14}${15}${16}"
}

# is_medium PARTITION GUID: whether it is the partition that the boot loader named.
is_medium() {
	grep -qx PARTNAME=berth-config "/sys/class/block/$1/uevent" && [ "$(partition_guid "$1")" = "$2" ]
}

# on_medium ro|rw COMMAND...: run a command with the config partition mounted on /config, for just so long. A partition
# that is not mounted cannot be damaged by a power cut or a pulled stick.
on_medium() (
	mode=$1
	shift
	[ -s "$RUN/medium" ] || exit 3
	read -r device < "$RUN/medium"
	exec 9> "$RUN/medium.lock"
	flock 9
	mount -t vfat -o "$mode,noatime,nosuid,nodev,noexec,umask=077" "$device" /config || exit 4
	"$@" 9>&-
	result=$?
	# An error of the medium may show only here.
	umount /config || { umount -l /config; exit 5; }
	exit $result
)

# keep_file SOURCE NAME: SOURCE becomes /config/NAME, whole or not at all: write aside, fsync, rename. Run by on_medium rw.
keep_file() {
	target=/config/$2
	mkdir -p "${target%/*}" || return 1
	if cp "$1" "$target.new" && fsync "$target.new" && cmp -s "$1" "$target.new"; then
		mv "$target.new" "$target" && sync -f "$target"
	else
		rm -f "$target.new"
		return 1
	fi
}

# service NAME KIND: have runsv look after an instance of a kind of service; the instance finds its name in its folder's.
service() {
	folder=/run/service/$1
	[ -d "$folder" ] && return 0
	mkdir -p "/run/service/.new-$1"
	ln -s "/usr/lib/berth/service/$2" "/run/service/.new-$1/run"
	ln -s /usr/lib/berth/service-finish "/run/service/.new-$1/finish"
	mv "/run/service/.new-$1" "$folder"
}

# drop_service NAME: stop an instance and forget it.
drop_service() {
	[ -d "/run/service/$1" ] || return 0
	sv -w 5 force-stop "/run/service/$1" > /dev/null 2>&1
	sv exit "/run/service/$1" > /dev/null 2>&1
	rm -rf "/run/service/$1"
}
