# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
# The configuration takes the place of the library's own, so that who includes its headers sees what it was built with.
cp "$RECIPE/mbedtls_config.h" include/mbedtls/mbedtls_config.h

# build_library FOLDER CC CFLAGS: the three archives.
build_library() {
	make -C library clean
	make -C library -j"$JOBS" CC="$2" CFLAGS="$3" static
	# shellcheck disable=SC2086 # flags
	$2 $3 -Iinclude -c "$RECIPE/hardware_poll.c" -o library/hardware_poll.o
	ar r library/libmbedcrypto.a library/hardware_poll.o
	mkdir "$1"
	mv library/*.a "$1"
}

build_library target "$TARGET_CC" "$TARGET_PIE_CFLAGS"
# The same for programs of the build machine: tests link what the node runs.
build_library host gcc "-O2 -fPIE"
