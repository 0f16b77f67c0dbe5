# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
make install DESTDIR="$WORK/install"
mkdir -p "$SYSROOT"
cp -a "$WORK/install/@STAGE@/sysroot/." "$SYSROOT/"
rm -rf "$WORK/install"
cp -a "$DEP_linux_headers/sysroot/include/." "$SYSROOT/include/"
