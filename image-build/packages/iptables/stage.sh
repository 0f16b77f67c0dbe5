# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
install_program iptables/xtables-legacy-multi usr/sbin/xtables-legacy-multi
for name in iptables ip6tables; do
	for verb in '' -save -restore; do
		ln -s xtables-legacy-multi "$TARGET/usr/sbin/$name$verb"
	done
done
