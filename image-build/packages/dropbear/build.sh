# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
make -j"$JOBS" PROGRAMS='dropbear dropbearkey scp' MULTI=1 SCPPROGRESS=1
