# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
install_program misc/mke2fs usr/sbin/mke2fs
install_program e2fsck/e2fsck usr/sbin/e2fsck
