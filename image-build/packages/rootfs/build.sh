# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154

root=$SRC/root
mkdir -p "$root"
# Empty places for what is mounted, and links to what is made at boot: the root itself is never written.
for folder in dev proc sys run tmp var boot config data mnt bin sbin etc usr/bin usr/sbin usr/lib usr/share lib/firmware; do
	mkdir -p "$root/$folder"
done
for package in busybox curl disk-template dnsmasq dropbear e2fsprogs iproute2 iptables linux tzdata util-linux berth; do
	eval "stage=\$DEP_$(echo "$package" | tr - _)"
	[ ! -d "$stage/target" ] || cp -a "$stage/target/." "$root/"
done
cp -R "$REPO/rootfs/." "$root/"
install -D -m 644 "$REPO/configs/default.conf" "$root/usr/share/berth/berth.conf"
ln -s var/root "$root/root"
for name in hosts resolv.conf shadow localtime; do
	ln -s "../run/berth/$name" "$root/etc/$name"
done
ln -s ../proc/self/mounts "$root/etc/mtab"

printf 'VERSION=%s\nBUILD=%s\n' "$(cat "$REPO/VERSION")" "$BUILD" > "$root/etc/berth-release"

# BusyBox's modprobe reads the text forms of the index.
release=$(ls "$root/lib/modules")
depmod -b "$root" "$release"
cd "$root/lib/modules/$release" || exit
rm -f modules.*.bin modules.builtin.modinfo modules.softdep modules.weakdep modules.devname
