# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
make -j"$JOBS" ARCH=x86 headers_install INSTALL_HDR_PATH="$SYSROOT"
find "$SYSROOT" ! -name '*.h' -type f -delete
