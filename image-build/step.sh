# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2034
# What every step script has at hand. The environment is documented in docs/pipeline.md.

TARGET=$STAGE/target
SYSROOT=$STAGE/sysroot
HOST=$STAGE/host
IMAGES=$STAGE/images

# The target compiler: the host's gcc with musl's headers and libraries in place of its own. The maps keep every
# path of this machine out of what is built.
TARGET_CC=${DEP_musl:-}/sysroot/bin/musl-gcc
TARGET_CFLAGS="-Os -g0 -ffile-prefix-map=$SRC=. -ffile-prefix-map=$REPO=. -ffile-prefix-map=${DEP_musl:-/none}=/musl \
-fstack-protector-strong -D_FORTIFY_SOURCE=0 -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables"
TARGET_LDFLAGS="-static -Wl,--gc-sections -Wl,--build-id=none -Wl,-z,relro,-z,now"
# What listens to a network, or is ours, is position independent as well.
TARGET_PIE_CFLAGS="$TARGET_CFLAGS -fPIE"
TARGET_PIE_LDFLAGS="-static-pie -Wl,--gc-sections -Wl,--build-id=none -Wl,-z,relro,-z,now"
export PKG_CONFIG_LIBDIR=/nonexistent

# install_program FILE DESTINATION-RELATIVE-TO-TARGET: stripped, executable.
install_program() {
	install -D -m 755 "$1" "$TARGET/$2"
	strip --strip-all --remove-section=.comment --remove-section=.note.gnu.build-id "$TARGET/$2"
}
