# SPDX-License-Identifier: GPL-2.0-only
# Measurements: ratios against a peer of the same run, never a verdict. docs/figures.md keeps what was reached.

.PHONY: bench bench-boots bench-check bench-vmm
bench-check: $(OUT)/host/berthconf
	@OUT=$(OUT) tests/bench/bench check

bench: image
	@OUT=$(OUT) tests/bench/bench sizes boot idle

bench-boots: image
	@OUT=$(OUT) tests/bench/bench boots

bench-vmm: image guest
	@OUT=$(OUT) tests/bench/bench-vmm
