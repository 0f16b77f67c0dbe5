#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Boots the image in QEMU as from a USB stick, with the file configs/guest.conf, an SSH key of its own and a data disk that
# holds the small guest's kernel. Out: the console, here.
#
#   OUT=out PORT=2222 MEMORY=2048 PROCESSORS=1 FORWARD='2022 8080' image-build/run.sh
#
# PORT leads to the node's SSH; the ports of FORWARD lead to those of the node with the same numbers. Of emulated processors
# QEMU before 8.1 does one well: with two, a guest or the node may hang or be reset (tests/qemu/harness.py).
set -eu

out=${OUT:-out}
port=${PORT:-2222}
run=$out/run
image=$run/stick.img
data=$run/data.img
key=$run/id_ed25519
export MTOOLS_SKIP_CHECK=1

mkdir -p "$run"
[ -e "$key" ] || ssh-keygen -q -t ed25519 -N '' -C berth-run -f "$key"

# The stick is made anew when the image is; else it keeps what was changed on it, as a real one would. So does the disk.
fresh=
if [ -z "$(find "$image" -newer "$out/images/berth.img" 2> /dev/null)" ]; then
	cp --sparse=always "$out/images/berth.img" "$image"
	fresh=yes
fi
if [ -z "$(find "$data" -newer "$out/guest/initrd" 2> /dev/null)" ]; then
	mkdir -p "$run/files/boot" "$run/files/images"
	cp "$out/guest/vmlinuz" "$out/guest/initrd" "$run/files/boot/"
	rm -f "$data"
	truncate -s 8G "$data"
	/sbin/mke2fs -q -t ext4 -d "$run/files" "$data"
fi
start=$(sgdisk --info=2 "$image" | sed -n 's/^First sector: \([0-9]*\).*/\1/p')
config="$image@@$((start * 512))"
if [ -n "$fresh" ]; then
	{
		cat "$(dirname "$0")/../configs/guest.conf"
		printf '\n[node]\n    admin-key = %s\n' "$(cat "$key.pub")"
	} > "$run/berth.conf"
	rm -f "$run/known_hosts"
	mcopy -o -i "$config" "$run/berth.conf" ::/berth.conf
fi

cat > "$run/ssh_config" <<TXT
Host node1
    HostName 127.0.0.1
    Port $port
    IdentityFile $(realpath "$key")
    UserKnownHostsFile $(realpath "$run")/known_hosts
    StrictHostKeyChecking accept-new
TXT

forwards=
for number in ${FORWARD:-}; do
	forwards="$forwards,hostfwd=tcp:127.0.0.1:$number-:$number"
done

cat <<TXT
Booting $image in QEMU; its console follows. Ctrl-A X ends QEMU.

Log in from another terminal, once the status screen is there:

  ssh -F $run/ssh_config root@node1

There, \`virsh list\` shows the guest, \`virsh console demo\` is its console.

TXT

exec qemu-system-x86_64 -accel tcg -cpu max -machine q35 -smp "${PROCESSORS:-1}" -m "${MEMORY:-2048}" -nographic -no-user-config \
	-drive if=none,id=stick,file="$image",format=raw,cache=writethrough \
	-device qemu-xhci -device usb-storage,drive=stick,bootindex=1,removable=on \
	-drive if=none,id=data,file="$data",format=raw,cache=writethrough -device virtio-blk-pci,drive=data,serial=BERTHDATA \
	-netdev "user,id=lan,hostfwd=tcp:127.0.0.1:$port-:22$forwards" -device virtio-net-pci,netdev=lan
