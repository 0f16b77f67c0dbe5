# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154

tree=$WORK/tree
rm -rf "$tree"
mkdir -p "$tree/dev" "$tree/proc" "$tree/sys" "$tree/root" "$tree/tmp" "$tree/etc/guest" "$tree/etc/acpi/PWRF" "$STAGE/guest"
cp -a "$DEP_busybox/target/." "$tree/"
# On a node virsh is nc.
ln -s ../../bin/busybox "$tree/usr/bin/nc"
install -m 755 init "$tree/init"
install -m 755 tool "$tree/usr/bin/guest-tool"
install -m 755 tool "$STAGE/guest/guest-tool"
strip --strip-all "$tree/init" "$tree/usr/bin/guest-tool"
for file in setup started lease; do
	install -m 755 "$REPO/tests/guest/$file" "$tree/etc/guest/$file"
done
install -m 755 "$REPO/tests/guest/power-button" "$tree/etc/acpi/PWRF/00000080"
install -m 644 "$REPO/tests/guest/profile" "$tree/etc/profile"
echo 'root::0:0:root:/root:/bin/sh' > "$tree/etc/passwd"
echo 'root:x:0:' > "$tree/etc/group"
cd "$tree" || exit
find . -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
find . -mindepth 1 -printf '%P\n' | LC_ALL=C sort | cpio --quiet -o -H newc --reproducible -R 0:0 > "$STAGE/guest/initrd"
