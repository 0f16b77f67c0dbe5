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

# kernel_arguments NAME: the value of each, one a line.
kernel_arguments() {
	read -r line < /proc/cmdline
	for word in $line; do
		case $word in
		"$1"=*) printf '%s\n' "${word#*=}" ;;
		esac
	done
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
# entries of 128 bytes from the disk's third sector on, the GUID at 16, its first three fields with the low byte first).
partition_guid() {
	read -r number < "/sys/class/block/$1/partition" || return 1
	disk=$(readlink -f "/sys/class/block/$1/..")
	# shellcheck disable=SC2046 # sixteen bytes, one a word
	set -- $(dd if="/dev/${disk##*/}" bs=16 skip=$((2 * $(cat "$disk/queue/logical_block_size") / 16 + (number - 1) * 8 + 1)) count=1 2> /dev/null |
		hexdump -v -e '1/1 "%02x "')
	[ $# = 16 ] || return 1
	echo "$4$3$2$1-$6$5-$8$7-$9${10}-${11}${12}${13}${14}${15}${16}"
}

# store: where what is to last is kept: "partition", "data" or "memory"; fails when there should be a config partition and is
# none. A node that booted from a CD or the net has no partition by nature.
store() {
	if [ -s "$RUN/medium" ]; then
		echo partition
	elif [ -e "$RUN/boot/no-medium" ]; then
		if mountpoint -q /data; then echo data; else echo memory; fi
	else
		return 1
	fi
}

# store_name: for people.
store_name() {
	case $(store) in
	data) echo "the data volume" ;;
	memory) echo "memory" ;;
	*) echo "the config partition" ;;
	esac
}

# bind_store FOLDER: in the place of a partition.
bind_store() {
	[ -d "$1" ] || mkdir -m 700 "$1" || return
	mount --bind "$1" /config
}

# mount_fat ro|rw DEVICE PLACE
mount_fat() {
	mount -t vfat -o "$1,noatime,nosuid,nodev,noexec,umask=077,errors=continue" "$2" "$3" || exit 4
	if [ "$1" = rw ] && grep -q " $3 vfat ro" /proc/mounts; then
		umount "$3"
		echo "the ${3#/} partition is read-only" >&2
		exit 4
	fi
}

# mount_store ro|rw: what is kept, on /config.
mount_store() {
	case $(store) in
	partition)
		read -r device < "$RUN/medium"
		mount_fat "$1" "$device" /config
		;;
	data) bind_store /data/berth || exit 4 ;;
	memory) bind_store "$RUN/kept" || exit 4 ;;
	*) exit 3 ;;
	esac
}

# take_place PLACE, use_place PLACE COMMAND...: before and after something is mounted there, for just so long as a command runs. A
# partition that is not mounted cannot be damaged by a power cut or a pulled stick.
take_place() {
	exec 9> "$RUN/medium.lock"
	flock 9
	# Who reads the output may go, and the one who asked may lose patience: it is unmounted in any case.
	trap '' HUP INT PIPE TERM
	! mountpoint -q "$1" || umount -l "$1"
}

use_place() {
	# The command runs in this very shell, and may have a variable of any plain name.
	used_place=$1
	shift
	"$@" 9>&-
	result=$?
	# An error of the medium may show only here.
	umount "$used_place" || { umount -l "$used_place"; exit 5; }
	exit $result
}

# on_medium ro|rw COMMAND...: run a command with what is kept on /config.
on_medium() (
	mode=$1
	shift
	store > /dev/null || exit 3
	take_place /config
	mount_store "$mode"
	[ "$mode" = ro ] || [ ! -s "$RUN/boot/unfinished" ] || mend_medium
	use_place /config "$@"
)

# with_partition FILE PLACE ro|rw COMMAND...: with the FAT partition that FILE names on PLACE.
with_partition() (
	file=$1
	target=$2
	mode=$3
	shift 3
	[ -s "$file" ] || exit 3
	read -r device < "$file"
	take_place "$target"
	mount_fat "$mode" "$device" "$target"
	use_place "$target" "$@"
)

# settle FOLDER: what was done in it is on the medium. For FAT, syncfs(2) writes, and only fsync(2) empties the device's cache.
settle() {
	sync -f "$1" && fsync "$1"
}

# FAT has no journal, and a device may write what it has in its cache in any order. So the clusters of a file are given up
# only after its name is gone for good, which is why the two below hold it open meanwhile: a power cut may then lose
# clusters, but never leave a name on clusters that the next file takes.

# forget_file PATH
# shellcheck disable=SC2094
forget_file() {
	[ -e "$1" ] || return 0
	{
		rm -f "$1"
		settle "${1%/*}"
	} 8< "$1"
}

# replace_file ASIDE TARGET
# shellcheck disable=SC2094
replace_file() {
	if [ -e "$2" ]; then
		{
			mv "$1" "$2" && settle "${2%/*}"
		} 8< "$2"
	else
		mv "$1" "$2" && settle "${2%/*}"
	fi
}

# finish_file TARGET: away with what a power cut left of TARGET.new. The two names may stand for the same clusters, when
# the device wrote the new name but not that the old one is gone. Then TARGET moves to clusters of its own first, and those
# are given up by TARGET.new; that they are free already when TARGET's former self lets go of them is only a line in the
# kernel's log, for the partition is mounted with errors=continue.
# shellcheck disable=SC2094
finish_file() {
	[ -e "$1.new" ] || return 0
	if cmp -s "$1" "$1.new"; then
		if ! { cp "$1" "$1.two" && fsync "$1.two" && cmp -s "$1" "$1.two"; }; then
			forget_file "$1.two"
			return 1
		fi
		{
			mv "$1.two" "$1" && settle "${1%/*}" && rm -f "$1.new" && settle "${1%/*}"
		} 8< "$1"
	else
		forget_file "$1.new"
	fi
}

# mend_medium: away with what the last power cut left, before anything else is written: a name written aside may stand for
# clusters that are free.
mend_medium() {
	find /config -name '*.new' | while read -r path; do
		finish_file "${path%.new}"
	done
	find /config -name '*.two' -o -name berth.try | while read -r path; do
		forget_file "$path"
	done
	: > "$RUN/boot/unfinished"
}

# keep_file SOURCE NAME: SOURCE becomes /config/NAME, whole or not at all: write aside, fsync, rename. Run by on_medium rw.
keep_file() {
	keep_as "$1" "/config/$2"
}

# keep_as SOURCE TARGET
keep_as() {
	target=$2
	! cmp -s "$1" "$target" || return 0
	mkdir -p "${target%/*}" || return 1
	finish_file "$target" || return 1
	if cp "$1" "$target.new" && fsync "$target.new" && cmp -s "$1" "$target.new"; then
		replace_file "$target.new" "$target"
	else
		forget_file "$target.new"
		return 1
	fi
}

# consoles: the ttys that somebody may look at. A UART that the driver found has a type other than "unknown".
consoles() {
	[ ! -e /dev/tty1 ] || echo tty1
	sed -n '/uart:unknown/d; s/^\([0-9]*\): uart:.*/ttyS\1/p' /proc/tty/driver/serial
}

# physical_ports: those with a device behind them; bridges, bonds and taps have none.
physical_ports() {
	for path in /sys/class/net/*/device; do
		[ -e "$path" ] || continue
		path=${path%/device}
		echo "${path##*/}"
	done
}

# any_ports: those that no line of the file names.
any_ports() {
	for port in $(physical_ports); do
		grep -q "^$port " "$CONF/net/uplinks" || echo "$port"
	done
}

# sysctl_of_ports FILE PORTS: the keys of a sysctl file that are for each port that "any" takes.
sysctl_of_ports() {
	for port in $2; do
		sed -n "s,/\*/,/$port/,p" "$1" > "$STATE/.sysctl"
		sysctl -q -e -p "$STATE/.sysctl" || return 1
	done
}

# service NAME KIND [down]: have runsv look after an instance of a kind of service; the instance finds its name in its
# folder's. With "down" it runs only when it is told to, and ends as it likes.
service() {
	folder=/run/service/$1
	[ -d "$folder" ] && return 0
	mkdir -p "/run/service/.new-$1"
	ln -s "/usr/lib/berth/service/$2" "/run/service/.new-$1/run"
	if [ "$3" = down ]; then
		: > "/run/service/.new-$1/down"
	else
		ln -s /usr/lib/berth/service-finish "/run/service/.new-$1/finish"
	fi
	mv "/run/service/.new-$1" "$folder"
}

# drop_service NAME: stop an instance and forget it.
drop_service() {
	[ -d "/run/service/$1" ] || return 0
	# Out of runsvdir's sight first: it would start it again in a folder that is half removed.
	gone=/run/service/.gone-$1
	rm -rf "$gone"
	mv "/run/service/$1" "$gone"
	sv -w 5 force-stop "$gone" > /dev/null 2>&1
	sv exit "$gone" > /dev/null 2>&1
	rm -rf "$gone"
}

# keep_log: aside, for the time in which nobody has it. Of a process that ended in order, it is gone already.
keep_log() {
	logread 2> /dev/null | sed 's/^.* syslog\.info earlier: //' > "$RUN/.earlier.log.new"
	[ ! -s "$RUN/.earlier.log.new" ] || mv "$RUN/.earlier.log.new" "$RUN/earlier.log"
}

# ask_routers: IPv6's are asked for routes, addresses and name servers, and interfaces looked at that no longer listen.
ask_routers() {
	[ ! -d /run/service/ra ] || sv 1 /run/service/ra > /dev/null 2>&1
}

# drop_client INTERFACE: stop its DHCP client, and give up what that learnt.
drop_client() {
	[ -d "/run/service/udhcpc-$1" ] || return 0
	drop_service "udhcpc-$1"
	leased=$(sed -n 's/^ip=//p' "$RUN/lease/$1" 2> /dev/null)
	rm -f "$RUN/lease/$1"
	[ -n "$leased" ] || return 0
	ip -4 route flush default dev "$1" 2> /dev/null
	ip -4 address flush dev "$1" to "$leased" 2> /dev/null
}
