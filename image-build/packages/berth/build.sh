# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154

# compile PROGRAM FOLDER...: one program out of the C files of some folders; the first has its main.c.
compile() {
	program=$1
	shift
	files=$1/main.c
	for folder; do
		files="$files $(cd "$REPO" && find "$folder" -name '*.c' ! -name main.c | LC_ALL=C sort | tr '\n' ' ')"
	done
	# The names hold no blanks; compiling in the repository keeps the paths in messages short and relative.
	# shellcheck disable=SC2086
	(cd "$REPO" && "$TARGET_CC" -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror $TARGET_PIE_CFLAGS -I. -I"$SRC/generated" \
		$files $TARGET_PIE_LDFLAGS -o "$SRC/$program")
}

/usr/bin/python3 "$REPO/rpc/generate.py" "$SRC/generated"

compile init initramfs
compile berthconf conf lib
compile berth cli lib
compile berthd node conf rpc lib
