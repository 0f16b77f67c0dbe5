# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
install -D -m 644 usr/lib/systemd/boot/efi/linuxx64.efi.stub "$HOST/lib/linuxx64.efi.stub"
