# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154
# busybox.config holds only what differs from the default of everything; each line must survive, as for the kernel.
make defconfig
"$REPO"/image-build/merge-config "$RECIPE/busybox.config" .config
yes '' | make oldconfig
"$REPO"/kernel-config/check-merged .config "$RECIPE/busybox.config"

# A service that a changed berth.conf adds shall not wait 5 s for its start.
sed -i 's/deadline = (need_rescan ? 1 : 5);/deadline = 1;/' runit/runsvdir.c
grep -q 'deadline = 1;' runit/runsvdir.c
