# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154

install_program berthconf usr/bin/berthconf
install_program berth usr/bin/berth
install_program berthd usr/bin/berthd
install_program berth-vmm usr/bin/berth-vmm
install_program berth-watchdog usr/bin/berth-watchdog
install_program berth-ra usr/bin/berth-ra
install_program virsh usr/bin/virsh
install_program berth-tls usr/bin/berth-tls
# What libvirt's clients run here over ssh.
ln -s virsh "$TARGET/usr/bin/virt-ssh-helper"
ln -s virsh "$TARGET/usr/bin/nc"
ln -s virsh "$TARGET/usr/bin/xm"
ln -s virsh "$TARGET/usr/bin/virt-install"
ln -s virsh "$TARGET/usr/bin/virt-clone"
install_program init init
mkdir -p "$STAGE/early"
mv "$TARGET/init" "$STAGE/early/init"
