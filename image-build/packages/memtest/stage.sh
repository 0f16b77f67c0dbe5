# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
# For BIOS it is started as a kernel would be.
install -D -m 644 boot/memtest86+x64.bin "$HOST/lib/memtest"
install -D -m 644 boot/memtest86+x64.efi "$HOST/lib/memtest.efi"
