# SPDX-License-Identifier: GPL-2.0-only
# Image tests: the real image booted in QEMU. T=words selects; BERTH_TIMEOUT_SCALE=2 for a slow machine.

.PHONY: test-qemu
test-qemu:
	@OUT=$(OUT) tests/run-pytest tests/qemu --dist loadgroup --durations=8
