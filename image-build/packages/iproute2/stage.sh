# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
install_program ip/ip usr/sbin/ip
install_program bridge/bridge usr/sbin/bridge
install_program tc/tc usr/sbin/tc
