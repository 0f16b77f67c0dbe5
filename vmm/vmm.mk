# SPDX-License-Identifier: GPL-2.0-only
# The VMM as a program of the build machine, and the tables that vmm/firmware includes: who compiles it has
# -I$(OUT)/generated and needs VMM_TABLES first.

VMM_TABLES := $(OUT)/generated/vmm_dsdt.h
VMM_SOURCES := $(wildcard vmm/*.c vmm/*/*.c lib/*.c)

$(VMM_TABLES): vmm/firmware/dsdt.asl vmm/firmware/compile-dsdt
	@vmm/firmware/compile-dsdt $(OUT)/generated

$(OUT)/host/berth-vmm: $(VMM_SOURCES) $(wildcard vmm/*.h vmm/*/*.h lib/*.h) $(VMM_TABLES)
	@mkdir -p $(@D)
	@$(CC) -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror -static -I. -I$(OUT)/generated $(VMM_SOURCES) -o $@
