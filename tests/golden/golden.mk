# SPDX-License-Identifier: GPL-2.0-only
# Golden tests of the config compiler; golden-update records what it says now.

.PHONY: test-golden golden-update
test-golden: $(OUT)/host/berthconf
	@tests/golden/run-golden $(OUT)/host/berthconf

golden-update: $(OUT)/host/berthconf
	@tests/golden/run-golden $(OUT)/host/berthconf --update
	@git --no-pager diff --stat tests/golden
