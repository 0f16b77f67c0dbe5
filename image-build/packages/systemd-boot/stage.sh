# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
for file in linuxx64.efi.stub systemd-bootx64.efi; do
	install -D -m 644 "usr/lib/systemd/boot/efi/$file" "$HOST/lib/$file"
done
