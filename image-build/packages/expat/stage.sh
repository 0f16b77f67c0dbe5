# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
install -D -m 644 libexpat.a "$SYSROOT/lib/libexpat.a"
mkdir -p "$SYSROOT/include"
install -m 644 expat/lib/expat.h expat/lib/expat_external.h "$SYSROOT/include"
