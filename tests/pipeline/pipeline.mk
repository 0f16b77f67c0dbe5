# SPDX-License-Identifier: GPL-2.0-only
# The pipeline's own tests; T=words selects.

.PHONY: test-pipeline
test-pipeline:
	@tests/run-pytest tests/pipeline
