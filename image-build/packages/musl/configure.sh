# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
# The prefix is a word that is replaced by the stage tree's place when the tree is put there.
./configure --prefix=/@STAGE@/sysroot --syslibdir=/lib --enable-wrapper=gcc CC=gcc \
	CFLAGS="-Os -g0 -ffile-prefix-map=$SRC=. -fstack-protector-strong" LDFLAGS=-Wl,--build-id=none
