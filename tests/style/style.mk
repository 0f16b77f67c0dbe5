# SPDX-License-Identifier: GPL-2.0-only
# Style tests: the rules in tests/style/rules.py over the tree, and each rule over a bad sample.

.PHONY: test-style
test-style: $(OUT)/host/berthconf
	@OUT=$(OUT) tests/run-pytest tests/style
