# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
# By its place it is found before BusyBox's applet of the same name.
install_program blkid usr/sbin/blkid
install_program sfdisk usr/sbin/sfdisk
