# SPDX-License-Identifier: GPL-2.0-only
# Measurements: ratios against a peer of the same run, never a verdict. docs/figures.md keeps what was reached.

.PHONY: bench bench-boots bench-check bench-protocol bench-vmm
bench-check: $(OUT)/host/berthconf
	@OUT=$(OUT) tests/bench/bench check

bench: image
	@OUT=$(OUT) tests/bench/bench sizes boot idle

bench-boots: image
	@OUT=$(OUT) tests/bench/bench boots

bench-vmm: image guest
	@OUT=$(OUT) tests/bench/bench-vmm

# The server of tests/protocol as it would run on a node: without sanitizers.
BENCH_SERVER := tests/protocol/fake_node.c tests/unit/fake_driver.c tests/unit/fake_saved.c $(filter-out %/main.c,$(wildcard $(addsuffix /*.c, \
	lib conf xml rpc node node/host node/guest node/xml node/xen node/server node/rpc)))
$(OUT)/bench/fake-node: $(BENCH_SERVER) $(RPC_TABLES)
	@mkdir -p $(@D)
	@$(CC) -std=gnu11 -D_GNU_SOURCE -O2 -I. -I$(RPC_GENERATED) $(BENCH_SERVER) -lexpat -o $@

# berthd's guests and server likewise, with a folder of their own and the VMM.
BENCH_NODE := $(filter-out tests/%,$(BENCH_SERVER)) tests/bench/bench_node.c
$(OUT)/bench/bench-node: $(BENCH_NODE) $(RPC_TABLES)
	@mkdir -p $(@D)
	@$(CC) -std=gnu11 -D_GNU_SOURCE -O2 -I. -I$(RPC_GENERATED) $(BENCH_NODE) -lexpat -o $@

bench-protocol: image guest $(OUT)/bench/fake-node $(OUT)/bench/bench-node
	@OUT=$(OUT) tests/bench/bench-protocol
