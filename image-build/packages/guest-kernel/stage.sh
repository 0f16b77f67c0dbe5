# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
# Both forms: bzImage for the 64-bit boot protocol, the ELF file for PVH, without what only a debugger reads.
install -D -m 644 arch/x86/boot/bzImage "$STAGE/guest/vmlinuz"
objcopy --strip-all --remove-section=.comment vmlinux "$STAGE/guest/vmlinux"
chmod 644 "$STAGE/guest/vmlinux"
install -D -m 644 .config "$STAGE/debug/config"
