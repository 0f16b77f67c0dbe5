#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Puts a signed update file together: $OUT/berth-VERSION.update, or UPDATE, a tar archive of "manifest", its signature, and what the
# manifest names. docs/man/berth-update.7 has the form.
#
#   OUT=out image-build/update.sh KEY        PEM; nodes have its public half
set -eu

if [ $# != 1 ] || [ ! -r "$1" ]; then
	echo "usage: make update KEY=update.pem (a private key: openssl ecparam -name prime256v1 -genkey -noout -out update.pem)" >&2
	exit 100
fi
out=${OUT:-out}
signed=${SIGNED:-$out/signed}
images=$out/images
release=$out/stage/rootfs/early/release
version=$(sed -n 's/^VERSION=//p' "$release")
update=${UPDATE:-$out/berth-$version.update}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp "$images/vmlinuz" "$images/initrd" "$work/"
parts="vmlinuz initrd"
# Nodes with Secure Boot take the one file that their owner signed; what the owner signed before this image was built is
# another version.
if [ -n "$(find "$signed/berth.efi" -newer "$images/berth.efi" 2> /dev/null)" ]; then
	cp "$signed/berth.efi" "$signed/loader.efi" "$work/"
	parts="$parts berth.efi loader.efi"
fi
{
	echo "berth-update 1"
	echo "version $version"
	echo "build $(sed -n 's/^BUILD=//p' "$release")"
	echo "machine x86_64"
	for part in $parts; do
		echo "file $part $(stat -c %s "$work/$part") $(sha256sum "$work/$part" | cut -d ' ' -f 1)"
	done
} > "$work/manifest"
openssl dgst -sha256 -sign "$1" -out "$work/manifest.sig" "$work/manifest"
# shellcheck disable=SC2086 # names without blanks
tar --format=ustar --owner=0 --group=0 --numeric-owner --mode=644 --mtime="@${SOURCE_DATE_EPOCH:-1767225600}" -C "$work" \
	-cf "$update" manifest manifest.sig $parts
ls -l "$update"
