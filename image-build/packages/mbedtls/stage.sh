# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
# install_library BUILT PREFIX
install_library() {
	mkdir -p "$2/lib" "$2/include"
	install -m 644 "$1"/*.a "$2/lib"
	cp -R include/mbedtls include/psa "$2/include"
}

install_library target "$SYSROOT"
install_library host "$HOST"
