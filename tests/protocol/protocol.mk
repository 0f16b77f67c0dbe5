# SPDX-License-Identifier: GPL-2.0-only
# The management protocol against Debian's own clients: the server with guests in memory, no root, no KVM.

.PHONY: test-protocol
test-protocol: fake-node $(OUT)/unit/berth-tls $(OUT)/host/virsh $(OUT)/host/berth
	@OUT=$(OUT) tests/run-pytest tests/protocol
