# SPDX-License-Identifier: GPL-2.0-only
# Fuzzing of each untrusted input: each tests/fuzz/fuzz_*.c is a libFuzzer target, run for FUZZ_SECONDS, two at a time.

FUZZ_SECONDS ?= 10
FUZZ_DIR := $(OUT)/fuzz
FUZZ_TARGETS := $(patsubst tests/fuzz/%.c,$(FUZZ_DIR)/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_FOLDERS := lib conf xml rpc node node/host node/guest node/xml node/xen node/server node/rpc vmm vmm/core vmm/hv vmm/bus vmm/virtio vmm/backend vmm/firmware vmm/devices ra
FUZZ_OBJECTS := $(patsubst %.c,$(FUZZ_DIR)/%.o,$(filter-out %/main.c,$(wildcard $(FUZZ_FOLDERS:=/*.c))) tests/unit/fake_driver.c tests/unit/fake_saved.c)
FUZZ_MADE := $(RPC_TABLES) $(VMM_TABLES)
FUZZ_CFLAGS := -std=gnu11 -D_GNU_SOURCE -O1 -g -I. -I$(RPC_GENERATED) -fsanitize=address,undefined \
	-fno-sanitize-recover=all

$(FUZZ_DIR)/%.o: %.c tests/fuzz/fuzz.mk | $(FUZZ_MADE)
	@mkdir -p $(@D)
	@clang $(FUZZ_CFLAGS) $(UNIT_DEPENDS) -fsanitize=fuzzer-no-link -c $< -o $@

# A target is linked with those rooms only that it uses. Some of them have the same name: none takes the place of another.
$(FUZZ_DIR)/rooms.a: $(FUZZ_OBJECTS)
	@rm -f $@
	@ar qcs $@ $^

$(FUZZ_DIR)/fuzz_%: tests/fuzz/fuzz_%.c $(FUZZ_DIR)/rooms.a
	@clang $(FUZZ_CFLAGS) $(UNIT_DEPENDS) -fsanitize=fuzzer $< $(FUZZ_DIR)/rooms.a -lcmocka -lexpat -o $@

-include $(shell find $(FUZZ_DIR) -name '*.d' 2>/dev/null)

.PHONY: test-fuzz fuzz-programs
fuzz-programs: $(FUZZ_TARGETS)

test-fuzz:
	@$(MAKE) --no-print-directory -j$(shell nproc) fuzz-programs
	@tests/fuzz/run-fuzz $(FUZZ_DIR) $(FUZZ_SECONDS) $(notdir $(FUZZ_TARGETS))
