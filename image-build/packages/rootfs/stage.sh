# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154

mkdir -p "$STAGE/early"
cp "$SRC/root/etc/berth-release" "$STAGE/early/release"
find "$SRC/root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
# One time stamp (mksquashfs takes SOURCE_DATE_EPOCH by itself), one owner, no extended attributes of the build machine: the same tree gives the same bytes.
mksquashfs "$SRC/root" "$STAGE/early/root.squashfs" -noappend -no-progress -all-root -no-xattrs -comp xz -b 256K \
	-Xbcj x86
