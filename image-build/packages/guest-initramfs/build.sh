# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
for program in init tool; do
	# The flags are words.
	# shellcheck disable=SC2086
	"$TARGET_CC" -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror $TARGET_CFLAGS "$REPO/tests/guest/$program.c" \
		$TARGET_LDFLAGS -o "$program"
done
