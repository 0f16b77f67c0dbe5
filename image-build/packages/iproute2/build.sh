# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
make -j"$JOBS" SUBDIRS='lib ip bridge tc' CC="$TARGET_CC" HOSTCC=gcc CCOPTS="$TARGET_CFLAGS" \
	LDFLAGS="$TARGET_LDFLAGS" SHARED_LIBS=n CONFDIR=/etc/iproute2 LIBDIR=/usr/lib
