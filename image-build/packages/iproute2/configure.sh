# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
CC="$TARGET_CC" PKG_CONFIG=false ./configure
