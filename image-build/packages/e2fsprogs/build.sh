# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
make -j"$JOBS" libs
make -j"$JOBS" -C misc mke2fs
make -j"$JOBS" -C e2fsck e2fsck
