#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Makes a guest as its user would have it: Debian with its distribution's kernel and systemd, on a disk of its own.
#
#   OUT=out image-build/guest-debian.sh
#
# Out: $OUT/guest/debian.img (ext4, root on the whole disk), debian-vmlinuz, debian-initrd, debian-key. Login: root,
# password "berth", on each console; over SSH with debian-key. DHCP on each Ethernet port.
#
# Needs no root: mmdebstrap works in a user namespace. Packages come by the machine's own apt set-up; what is made is kept
# under the hash of this script and of the packages' versions in the cache, and made again when either changes.
set -eu

out=${OUT:-out}/guest
cache=${BERTH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/berth}/guest-debian
suite=bookworm
size=1400M
packages=linux-image-amd64,systemd-sysv,systemd-resolved,libnss-resolve,dbus,udev,openssh-server,iproute2,iputils-ping,\
ca-certificates,less,vim-tiny,initramfs-tools,zstd,e2fsprogs,kmod,login,passwd

versions() {
	echo "$packages" | tr , '\n' | while read -r package; do
		apt-cache policy "$package" | sed -n "s/^  Candidate: /$package /p"
	done
}

key=$({ cat "$0"; versions; } | sha256sum | cut -c 1-32)
made=$cache/$key
mkdir -p "$out" "$cache"

# hand_out: the finished files by their names in $out. The disk is sparse; copies of it stay so.
hand_out() {
	for file in debian.img debian-vmlinuz debian-initrd debian-key debian-key.pub; do
		cmp -s "$made/$file" "$out/$file" || cp --sparse=always "$made/$file" "$out/$file"
	done
	chmod 600 "$out/debian-key"
}

if [ -e "$made/debian.img" ]; then
	hand_out
	exit 0
fi

work=$(mktemp -d "$cache/.new-XXXXXX")
trap 'rm -rf "$work"' EXIT
# The namespace's root is another user here; it must reach its files.
chmod 777 "$work"
mkdir -m 777 "$work/files"
ssh-keygen -q -t ed25519 -N '' -C berth-guest -f "$work/debian-key"

# The archives that this machine's apt knows, and how it reaches them.
# shellcheck disable=SC2016 # apt fills these in
apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' |
	awk -v suite="$suite" '$3 == "main" && ($2 == suite || index($2, suite "-") == 1) && !seen[$1 $2]++ {
		printf "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n", $1, $2 }' > "$work/sources"
[ -s "$work/sources" ] || { echo "error: apt knows no archive of $suite on this machine; run: apt-get update" >&2; exit 1; }
apt-config dump | grep -i '^Acquire::' | grep -v '""' > "$work/apt-options" || :

cat > "$work/configure" <<'SH'
#!/bin/sh
# In the namespace: $1 is the new root, $2 the folder for files.
set -eu
echo debian > "$1/etc/hostname"
printf '127.0.0.1 localhost\n127.0.1.1 debian\n::1 localhost\n' > "$1/etc/hosts"
printf '/dev/vda / ext4 errors=remount-ro 0 1\n' > "$1/etc/fstab"
printf '[Match]\nName=en* eth*\n\n[Network]\nDHCP=yes\n' > "$1/etc/systemd/network/80-dhcp.network"
chroot "$1" systemctl enable systemd-networkd.service systemd-resolved.service > /dev/null 2>&1
# Nothing here waits for the network, and nothing is looked for on the net at boot.
chroot "$1" systemctl mask systemd-networkd-wait-online.service apt-daily.timer apt-daily-upgrade.timer \
	e2scrub_all.timer dpkg-db-backup.timer > /dev/null 2>&1
ln -sf ../run/systemd/resolve/stub-resolv.conf "$1/etc/resolv.conf"
echo 'root:berth' | chroot "$1" chpasswd
mkdir -p -m 700 "$1/root/.ssh"
cp "$2/../debian-key.pub" "$1/root/.ssh/authorized_keys"
chmod 600 "$1/root/.ssh/authorized_keys"
rm -f "$1/etc/apt/apt.conf.d/99mmdebstrap" "$1/etc/machine-id"
: > "$1/etc/machine-id"
# The initrd holds what finds a virtual machine's disk, and is quick to unpack.
printf 'virtio_pci\nvirtio_blk\nvirtio_scsi\nvirtio_console\next4\n' >> "$1/etc/initramfs-tools/modules"
sed -i 's/^MODULES=.*/MODULES=list/; s/^COMPRESS=.*/COMPRESS=zstd/' "$1/etc/initramfs-tools/initramfs.conf"
chroot "$1" update-initramfs -u -k all > /dev/null
cp "$1"/boot/vmlinuz-* "$2/debian-vmlinuz"
cp "$1"/boot/initrd.img-* "$2/debian-initrd"
rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/* "$1"/usr/share/doc/* "$1"/usr/share/locale/*
SH

cat > "$work/disk" <<SH
#!/bin/sh
set -eu
# The bind mount shows the new root without what is mounted in it.
mkdir "\$2/../root"
mount --bind "\$1" "\$2/../root"
truncate -s $size "\$2/debian.img"
mke2fs -q -t ext4 -L debian -E lazy_itable_init=0,lazy_journal_init=0 -d "\$2/../root" "\$2/debian.img"
umount "\$2/../root"
rmdir "\$2/../root"
chmod 644 "\$2"/*
SH
chmod 755 "$work/configure" "$work/disk"

# Of the kernel's drivers, those stay that a virtual machine can have.
if ! mmdebstrap --quiet --variant=minbase --include="$packages" --format=null --aptopt="$work/apt-options" \
	--dpkgopt='path-exclude=/lib/modules/*/kernel/drivers/gpu/*' --dpkgopt='path-exclude=/lib/modules/*/kernel/sound/*' \
	--dpkgopt='path-exclude=/lib/modules/*/kernel/drivers/media/*' \
	--dpkgopt='path-exclude=/lib/modules/*/kernel/drivers/net/wireless/*' \
	--dpkgopt='path-exclude=/lib/modules/*/kernel/drivers/net/ethernet/[a-hj-z]*' \
	--dpkgopt='path-exclude=/lib/modules/*/kernel/net/wireless/*' \
	--dpkgopt='path-exclude=/lib/modules/*/kernel/drivers/infiniband/*' \
	--dpkgopt='path-exclude=/lib/modules/*/kernel/drivers/iio/*' \
	--dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
	--customize-hook="$work/configure \"\$1\" $work/files" --customize-hook="$work/disk \"\$1\" $work/files" \
	"$suite" - "$work/sources" > "$work/log" 2>&1; then
	tail -n 20 "$work/log" >&2
	echo "error: the Debian guest could not be made" >&2
	exit 1
fi
mkdir -p "$made.new"
cp --sparse=always "$work/files/debian.img" "$made.new/"
cp "$work/files/debian-vmlinuz" "$work/files/debian-initrd" "$work/debian-key" "$work/debian-key.pub" "$made.new/"
rm -rf "$made"
mv "$made.new" "$made"
hand_out
