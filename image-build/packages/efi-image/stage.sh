# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154

# No config partition is named: the stub tells which partition it was started from, if from one (step "medium").
mkdir -p "$IMAGES"
tr -d '\n' < "$REPO/image-build/kernel-words" > "$WORK/cmdline"
"$RECIPE/join-pe" "$DEP_systemd_boot/host/lib/linuxx64.efi.stub" "$IMAGES/berth.efi" .cmdline="$WORK/cmdline" \
	.linux="$DEP_linux/images/vmlinuz" .initrd="$DEP_initrd/images/initrd"
chmod 644 "$IMAGES/berth.efi"
