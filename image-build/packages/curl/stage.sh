# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
install_program src/curl usr/bin/curl
