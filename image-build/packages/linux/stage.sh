# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
mkdir -p "$TARGET" "$IMAGES"
make ARCH=x86 modules_install INSTALL_MOD_PATH="$TARGET" INSTALL_MOD_STRIP=1 DEPMOD=true
release=$(make -s ARCH=x86 kernelrelease)
rm -f "$TARGET/lib/modules/$release/build" "$TARGET/lib/modules/$release/source"
install -m 644 arch/x86/boot/bzImage "$IMAGES/vmlinuz"
install -D -m 644 System.map "$STAGE/debug/System.map"
install -m 644 .config "$STAGE/debug/config"
