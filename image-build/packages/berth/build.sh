# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154

# Tables of pointers are most of what a program moves at its start: in one bit each, which musl's start reads.
PACKED=-Wl,-z,pack-relative-relocs

# Speed for size, 2 %, in every program but the VMM, which guests wait for. Tables stand as close as their elements allow. A
# program is compiled as one piece, which is 1 % less; what is not set on a way that nobody goes is seen file by file (test-unit).
SMALLER="-Oz -fno-caller-saves -fno-jump-tables -malign-data=abi -flto -flto-partition=one -Wno-maybe-uninitialized"
# Passes that trade size for speed even so: 2 KB of berthd.
SMALLER="$SMALLER -fno-ipa-cp -fno-ipa-sra -fno-tree-sra -fno-tree-switch-conversion -fno-move-loop-invariants"

# compile PROGRAM FOLDER...: one program out of the C files of some folders; the first has its main.c. Folders below them are
# left out in cli, which holds a program of its own there. LIBRARIES is linked as well.
compile() {
	program=$1
	shift
	files=$1/main.c
	for folder; do
		depth=9
		[ "$folder" != cli ] || depth=1
		files="$files $(cd "$REPO" && find "$folder" -maxdepth $depth -name '*.c' ! -name main.c | LC_ALL=C sort | tr '\n' ' ')"
	done
	# The names hold no blanks; compiling in the repository keeps the paths in messages short and relative.
	# shellcheck disable=SC2086
	(cd "$REPO" && "$TARGET_CC" -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror $TARGET_PIE_CFLAGS $SMALLER -I. -I"$SRC/generated" \
		-I"$DEP_expat/sysroot/include" -I"$DEP_mbedtls/sysroot/include" $files $TARGET_PIE_LDFLAGS $PACKED \
		-L"$DEP_expat/sysroot/lib" -L"$DEP_mbedtls/sysroot/lib" ${LIBRARIES-} -o "$SRC/$program")
}

/usr/bin/python3 "$REPO/rpc/generate.py" "$SRC/generated"
"$REPO/vmm/firmware/compile-dsdt" "$SRC/generated"

compile init initramfs lib
compile berthconf conf lib
LIBRARIES=-lmbedcrypto compile berth cli lib
LIBRARIES=-lexpat compile berthd node conf xml rpc lib
LIBRARIES=-lexpat compile virsh cli/virsh xml rpc lib
LIBRARIES="-lmbedtls -lmbedx509 -lmbedcrypto" compile berth-tls tls lib
SMALLER='' compile berth-vmm vmm lib
compile berth-watchdog watchdog lib
compile berth-ra ra lib
