# SPDX-License-Identifier: GPL-2.0-only
# Unit tests: each tests/unit/test_*.c is one cmocka program, under the address and undefined-behaviour sanitizers.

UNIT_DIR := $(OUT)/unit
UNIT_TESTS := $(patsubst tests/unit/%.c,$(UNIT_DIR)/%,$(wildcard tests/unit/test_*.c))
UNIT_FOLDERS := lib xml conf rpc node node/host node/guest node/xml node/xen node/server node/rpc cli cli/virsh initramfs watchdog ra vmm vmm/core vmm/hv vmm/bus vmm/virtio vmm/backend vmm/firmware vmm/devices
UNIT_ROOMS := $(filter-out %/main.c,$(wildcard $(UNIT_FOLDERS:=/*.c))) tls/cell.c tls/subjects.c
UNIT_OBJECTS := $(patsubst %.c,$(UNIT_DIR)/%.o,$(UNIT_ROOMS) $(wildcard tests/unit/fake_*.c))
# The warnings that every source keeps to, here and in the image.
WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wcast-qual \
	-Wwrite-strings -Wsign-compare -Wundef -Wvla -Wformat=2 -Wimplicit-fallthrough -Werror
UNIT_CFLAGS := -std=gnu11 -D_GNU_SOURCE -O1 -g $(WARNINGS) -I. -I$(RPC_GENERATED) -isystem $(MBEDTLS)/include -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer $(UNIT_EXTRA)

# The compiler says which headers each includes; what is made must be there before it is asked.
UNIT_DEPENDS = -MMD -MP -MT $@ -MF $@.d
UNIT_MADE := $(RPC_TABLES) $(VMM_TABLES) $(MBEDTLS_LIBS)

$(UNIT_DIR)/%.o: %.c tests/unit/unit.mk | $(UNIT_MADE)
	@mkdir -p $(@D)
	@$(CC) $(UNIT_CFLAGS) $(UNIT_DEPENDS) -c $< -o $@

# Allocations go through tests/unit/alloc.c, calls of the system through tests/unit/calls.c, which can make them fail.
UNIT_WRAPPERS := $(UNIT_DIR)/tests/unit/alloc.o $(UNIT_DIR)/tests/unit/calls.o
UNIT_WRAPPED := malloc calloc realloc reallocarray close $(shell sed -n 's/^CALL.[^,]*, \([a-z0-9_]*\),.*/\1/p' tests/unit/calls.c)
UNIT_WRAPS := $(foreach call,$(UNIT_WRAPPED),-Wl,--wrap=$(call))

$(UNIT_DIR)/test_%: tests/unit/test_%.c $(UNIT_WRAPPERS) $(UNIT_OBJECTS)
	@$(CC) $(UNIT_CFLAGS) $(UNIT_DEPENDS) $< $(UNIT_WRAPPERS) $(UNIT_OBJECTS) $(UNIT_WRAPS) $(MBEDTLS_LIBS) -lcmocka -lexpat -o $@

# The protocol's server with guests in memory, for tests/protocol.
$(UNIT_DIR)/fake-node: tests/protocol/fake_node.c $(UNIT_OBJECTS)
	@$(CC) $(UNIT_CFLAGS) $(UNIT_DEPENDS) $< $(UNIT_OBJECTS) $(MBEDTLS_LIBS) -lcmocka -lexpat -o $@

# The TLS end, for the same.
TLS_OBJECTS := $(patsubst %.c,$(UNIT_DIR)/%.o,$(wildcard tls/*.c) $(addprefix lib/,callfilter.c confine.c loop.c num.c))

$(UNIT_DIR)/berth-tls: $(TLS_OBJECTS)
	@$(CC) $(UNIT_CFLAGS) $(TLS_OBJECTS) $(MBEDTLS_LIBS) -o $@

# The config compiler out of the same objects, for the golden tests' share of the coverage.
$(UNIT_DIR)/berthconf: $(UNIT_DIR)/conf/main.o $(filter $(UNIT_DIR)/conf/% $(UNIT_DIR)/lib/%,$(UNIT_OBJECTS))
	@$(CC) $(UNIT_CFLAGS) $^ -o $@

-include $(shell find $(UNIT_DIR) -name '*.d' 2>/dev/null)

.PHONY: test-unit unit-programs lint-clang fake-node coverage
fake-node: $(UNIT_DIR)/fake-node
unit-programs: $(UNIT_TESTS)

# The second compiler sees what the first does not.
lint-clang: $(UNIT_MADE)
	@clang -std=gnu11 -D_GNU_SOURCE $(WARNINGS) -fsyntax-only -I. -I$(RPC_GENERATED) -isystem $(MBEDTLS)/include \
		$(wildcard $(UNIT_FOLDERS:=/*.c) tls/*.c)

test-unit: lint-clang
	@$(MAKE) --no-print-directory -j$(shell nproc) unit-programs
	@tests/unit/run-all $(UNIT_TESTS)

coverage: ## lines and branches that the unit and golden tests run, by file; details in out/coverage
	@$(MAKE) --no-print-directory OUT=$(OUT)/coverage UNIT_EXTRA=--coverage -j$(shell nproc) unit-programs \
		$(OUT)/coverage/unit/berthconf
	@find $(OUT)/coverage -name '*.gcda' -delete
	@OUT=$(OUT)/coverage tests/unit/run-all $(UNIT_TESTS:$(OUT)/%=$(OUT)/coverage/%) | tail -n 1
	@tests/golden/run-golden $(OUT)/coverage/unit/berthconf | tail -n 1
	@gcovr --root . --object-directory $(OUT)/coverage $(foreach folder,$(UNIT_FOLDERS),--filter '$(folder)/[^/]*$$') \
		--exclude-unreachable-branches --html-details $(OUT)/coverage/index.html --txt $(OUT)/coverage/lines.txt
	@cat $(OUT)/coverage/lines.txt
.SECONDARY:
