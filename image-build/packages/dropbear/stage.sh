# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
install_program dropbearmulti usr/sbin/dropbearmulti
ln -s dropbearmulti "$TARGET/usr/sbin/dropbear"
mkdir -p "$TARGET/usr/bin"
for name in dropbearkey scp; do
	ln -s ../sbin/dropbearmulti "$TARGET/usr/bin/$name"
done
