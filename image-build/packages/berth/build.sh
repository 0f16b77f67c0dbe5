# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154

# compile PROGRAM FOLDER...: one program out of the C files of some folders.
compile() {
	program=$1
	shift
	files=
	for folder; do
		files="$files $(cd "$REPO" && echo "$folder"/*.c)"
	done
	# The names hold no blanks; compiling in the repository keeps the paths in messages short and relative.
	# shellcheck disable=SC2086
	(cd "$REPO" && "$TARGET_CC" -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror $TARGET_PIE_CFLAGS -I. $files \
		$TARGET_PIE_LDFLAGS -o "$SRC/$program")
}

compile init initramfs
compile berthconf conf lib
compile berth cli lib
