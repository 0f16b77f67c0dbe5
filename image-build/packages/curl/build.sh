# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
make -C lib -j"$JOBS"
# Through libtool a plain -static is taken for its own word.
make -C src -j"$JOBS" LDFLAGS="$TARGET_PIE_LDFLAGS -all-static -L$DEP_mbedtls/sysroot/lib"
