# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# The slots of the boot partition, what each boot menu says of them, and the record of the last update. A slot is a folder, a
# or b, with the files of one version: vmlinuz and initrd, or berth.efi where that is signed, and "release", which is written
# last: a slot without it is not whole. The other slot is tried once: by BIOS with the boot menu's one-shot command, which
# syslinux clears before it obeys; by UEFI with an entry that systemd-boot counts as tried before it starts it (its name says
# how often it may be tried). What boots otherwise is, by BIOS, the slot after DEFAULT, and by UEFI the one with the highest
# version line. Both menus are kept alike.

ENTRIES=/boot/loader/entries
# The record, a copy of "update" on the config partition: KEY=VALUE lines. state is writing, armed, started, good, left or back;
# slot, version, build: of the update; from: the version before; within: seconds; why: it was left; expect: facts of "health".
RECORD=$RUN/boot/update

on_boot() {
	with_partition "$RUN/boot-partition" /boot "$@"
}

# running_slot: a or b; fails when the node was not booted from a slot.
running_slot() {
	[ -s "$RUN/slot" ] && cat "$RUN/slot"
}

other_slot() {
	case $(running_slot) in
	a) echo b ;;
	b) echo a ;;
	*) return 1 ;;
	esac
}

capital() {
	echo "$1" | tr ab AB
}

# entry_booted: the entry of the UEFI menu that this boot is of, without its ending.
entry_booted() {
	entry=$(entry_selected)
	echo "${entry%.conf}"
}

on_trial() {
	! kernel_argument berth.trial > /dev/null || return 0
	case $(entry_booted) in
	try-*) return 0 ;;
	esac
	return 1
}

# release_value KEY [FOLDER]: VERSION or BUILD of what runs, or of a slot's folder.
release_value() {
	sed -n "s/^$1=//p" "${2:-/etc/berth-}release" 2> /dev/null
}

record() {
	sed -n "s/^$1=//p" "$RECORD" 2> /dev/null
}

# set_record KEY=VALUE...
set_record() {
	cat "$RECORD" > "$RECORD.new" 2> /dev/null
	for pair; do
		sed -i "/^${pair%%=*}=/d" "$RECORD.new"
		printf '%s\n' "$pair" >> "$RECORD.new"
	done
	keep_record
}

# keep_record: $RECORD.new is the record from now on.
keep_record() {
	on_medium rw keep_file "$RECORD.new" update && mv "$RECORD.new" "$RECORD"
}

# The rest runs with the boot partition on /boot, rw.

# boot_once [COMMAND]: what syslinux boots the next time, and then no more: its auxiliary data vector, in two copies at the end
# of ldlinux.sys (syslinux 6, libinstaller/setadv.c): three words with magic numbers and a checksum, between the second and
# third of which are tag 1, a length, and the command.
boot_once() {
	{
		[ $# = 0 ] || printf "\\001\\$(printf %03o ${#1})%s" "$1"
		head -c 500 /dev/zero
	} | head -c 500 > "$RUN/boot/.once"
	sum=$(hexdump -v -e '1/4 "%u\n"' "$RUN/boot/.once" | awk '{ sum += $1 } END { printf "%.0f", sum }')
	{
		little_endian 1512910757
		little_endian $(((2734954343 - sum) & 4294967295))
		cat "$RUN/boot/.once"
		little_endian 3710435172
	} > "$RUN/boot/.adv"
	blocks=$(($(stat -c %s /boot/ldlinux.sys) / 512))
	for block in $((blocks - 2)) $((blocks - 1)); do
		dd if="$RUN/boot/.adv" of=/boot/ldlinux.sys bs=512 seek=$block conv=notrunc,fsync 2> /dev/null || return 1
	done
}

little_endian() {
	# shellcheck disable=SC2059
	printf "$(printf '\\%03o' $(($1 & 255)) $(($1 >> 8 & 255)) $(($1 >> 16 & 255)) $(($1 >> 24 & 255)))"
}

highest_entry() {
	sed -n 's/^version //p' "$ENTRIES"/*.conf | sort -n | tail -n 1
}

# make_entry SOURCE TARGET SLOT NUMBER TITLE [WORD]: another entry for the slot's files, with the operator's words.
make_entry() {
	sed -e "s|^title .*|title $5|" -e "s/^version .*/version $4/" -e "s,/[ab]/,/$3/,g" -e "s/berth\.slot=[ab]/berth.slot=$3/" \
		-e 's/ berth\.trial=[0-9]*//' -e "/^options /s/\$/${6:+ $6}/" "$1" > "$RUN/boot/.entry" &&
		keep_as "$RUN/boot/.entry" "$ENTRIES/$2.conf"
}

forget_tries() {
	for entry in "$ENTRIES"/try-*; do
		forget_file "$entry"
	done
}

title_of() {
	echo "Berth $(release_value VERSION "/boot/$1/") (slot $(capital "$1"))"
}

choose_by_uefi() {
	[ -d $ENTRIES ] || return 0
	for source in "$ENTRIES"/try-"$1"*.conf "$ENTRIES/$1.conf" "$ENTRIES"/[ab].conf; do
		[ ! -e "$source" ] || break
	done
	number=$(highest_entry)
	[ "$source" = "$ENTRIES/$1.conf" ] && grep -qx "version $number" "$source" || number=$((number + 1))
	make_entry "$source" "$1" "$1" "$number" "$(title_of "$1")" || return 1
	forget_tries
	[ ! -e $ENTRIES/failsafe.conf ] || make_entry $ENTRIES/failsafe.conf failsafe "$1" 1 "$(sed -n 's/^title //p' $ENTRIES/failsafe.conf)"
}

choose_by_bios() {
	[ -e /boot/syslinux.cfg ] || return 0
	sed -e "s/^DEFAULT .*/DEFAULT $1/; s/^ONERROR .*/ONERROR $1/" \
		-e "/^LABEL failsafe/,\$ { s,/[ab]/,/$1/,; s/berth\.slot=[ab]/berth.slot=$1/ }" /boot/syslinux.cfg > "$RUN/boot/.entry" &&
		keep_as "$RUN/boot/.entry" /boot/syslinux.cfg
}

# choose_slot SLOT: what is booted from now on. The menu that counts here comes last.
choose_slot() {
	if [ -d /sys/firmware/efi ]; then
		choose_by_bios "$1" && choose_by_uefi "$1"
	else
		choose_by_uefi "$1" && choose_by_bios "$1"
	fi
}

# disarm: nothing is tried, and the UEFI menu does not show the other slot, for it is about to change.
disarm() {
	[ ! -e /boot/ldlinux.sys ] || boot_once || return 1
	forget_tries
	forget_file "$ENTRIES/$(other_slot).conf"
}

# erase_slot SLOT: before anything else is written, for what a power cut left of its files may name free clusters.
erase_slot() {
	disarm || return 1
	for path in "/boot/$1/release" "/boot/$1"/*; do
		forget_file "$path"
	done
}

# arm SECONDS: the other slot is booted once; it has so long to be found good.
arm() {
	slot=$(other_slot)
	if [ -d /sys/firmware/efi ]; then
		make_entry "$ENTRIES/$(running_slot).conf" "try-$slot+1" "$slot" $(($(highest_entry) + 1)) \
			"$(title_of "$slot"), on trial" "berth.trial=$1"
	else
		boot_once "$slot berth.trial=$1"
	fi
}
