#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Installs the Debian packages that building and testing need, as root; nothing else here needs root.
set -eu

list=$(dirname "$0")/host-packages.txt
missing=
while read -r package; do
	case $package in '#'*) continue ;; esac
	state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null || :)
	[ "$state" = installed ] || missing="$missing $package"
done < "$list"
[ -n "$missing" ] || exit 0

run=
if [ "$(id -u)" != 0 ]; then
	if ! command -v sudo > /dev/null; then
		echo "error: these packages are missing; install them as root, then go on as you are:" >&2
		echo "  apt-get install --no-install-recommends$missing" >&2
		exit 1
	fi
	run=sudo
fi
echo "installing:$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
$run apt-get update > "$log" 2>&1 || { tail -n 5 "$log" >&2; echo "warning: apt-get update did not end well" >&2; }
# The names are words of the list above.
# shellcheck disable=SC2086
if ! DEBIAN_FRONTEND=noninteractive $run apt-get install -y --no-install-recommends $missing > "$log" 2>&1; then
	tail -n 20 "$log" >&2
	echo "error: apt-get could not install:$missing" >&2
	exit 1
fi
