# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
# The fixed names of builder and time, and why the source folder: as for the node's kernel.
export KBUILD_BUILD_TIMESTAMP='Thu Jan  1 00:00:00 UTC 2026' KBUILD_BUILD_USER=berth KBUILD_BUILD_HOST=berth
export KBUILD_BUILD_VERSION=1
make -j"$JOBS" ARCH=x86 CC='ccache gcc' bzImage
