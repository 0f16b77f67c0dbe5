# SPDX-License-Identifier: GPL-2.0-only
# Fuzzing of each untrusted input, for FUZZ_SECONDS each; the golden cases are the seeds.

FUZZ_SECONDS ?= 20
FUZZ_SOURCES := tests/fuzz/fuzz_conf.c $(filter-out %/main.c,$(wildcard conf/*.c)) lib/arena.c lib/buf.c lib/num.c \
	lib/netaddr.c lib/map.c lib/file.c

$(OUT)/fuzz/fuzz_conf: $(FUZZ_SOURCES) $(wildcard conf/*.h lib/*.h)
	@mkdir -p $(@D)
	@clang -std=gnu11 -D_GNU_SOURCE -O1 -g -I. -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
		$(FUZZ_SOURCES) -o $@

FUZZ_RPC_SOURCES := tests/fuzz/fuzz_rpc.c $(wildcard rpc/*.c) lib/buf.c

$(OUT)/fuzz/fuzz_rpc: $(FUZZ_RPC_SOURCES) $(wildcard rpc/*.h lib/*.h) $(RPC_TABLES)
	@mkdir -p $(@D)
	@clang -std=gnu11 -D_GNU_SOURCE -O1 -g -I. -I$(RPC_GENERATED) -fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=all $(FUZZ_RPC_SOURCES) -o $@

# Of the VMM; a target is tests/fuzz/fuzz_NAME.c and these rooms.
FUZZ_VMM := kernel
FUZZ_VMM_ROOMS := $(wildcard vmm/core/*.c vmm/bus/*.c vmm/virtio/*.c vmm/backend/*.c vmm/firmware/*.c vmm/devices/*.c lib/*.c)

$(FUZZ_VMM:%=$(OUT)/fuzz/fuzz_%): $(OUT)/fuzz/%: tests/fuzz/%.c $(FUZZ_VMM_ROOMS) $(wildcard vmm/*/*.h lib/*.h) $(VMM_TABLES)
	@mkdir -p $(@D)
	@clang -std=gnu11 -D_GNU_SOURCE -O1 -g -I. -I$(OUT)/generated -fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=all $< $(FUZZ_VMM_ROOMS) -o $@

.PHONY: test-fuzz
test-fuzz: $(OUT)/fuzz/fuzz_conf $(OUT)/fuzz/fuzz_rpc $(FUZZ_VMM:%=$(OUT)/fuzz/fuzz_%)
	@tests/fuzz/run-fuzz $(OUT)/fuzz $(FUZZ_SECONDS)
