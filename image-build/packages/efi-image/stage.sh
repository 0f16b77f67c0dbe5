# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154

mkdir -p "$HOST/lib"
# Flat bytes, which join-pe puts in front of the stub.
gcc -std=gnu11 -Os -ffreestanding -fPIE -fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables \
	-ffunction-sections -Wall -Wextra -Werror -nostdlib -static -Wl,-T,"$RECIPE/own_words.ld",--oformat=binary,--build-id=none \
	-o "$WORK/own_words" "$RECIPE/own_words.c"
"$RECIPE/join-pe" --entry "$WORK/own_words" "$DEP_systemd_boot/host/lib/linuxx64.efi.stub" "$HOST/lib/berth.efi.stub"

# No config partition is named: the stub tells which partition it was started from, if from one (step "medium").
mkdir -p "$IMAGES"
tr -d '\n' < "$REPO/image-build/kernel-words" > "$WORK/cmdline"
"$RECIPE/join-pe" "$HOST/lib/berth.efi.stub" "$IMAGES/berth.efi" .cmdline="$WORK/cmdline" \
	.linux="$DEP_linux/images/vmlinuz" .initrd="$DEP_initrd/images/initrd"
chmod 644 "$IMAGES/berth.efi"
