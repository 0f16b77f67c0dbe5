/* SPDX-License-Identifier: GPL-2.0-only */
/* The fuzzer's bytes as a script of small numbers; beyond the end it is all zeros. */
#ifndef BERTH_TESTS_FUZZ_SCRIPT_H
#define BERTH_TESTS_FUZZ_SCRIPT_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

struct script {
	const uint8_t *data;
	size_t left;
};

static inline uint64_t script_take(struct script *script, size_t bytes)
{
	uint64_t value = 0;

	for (size_t i = 0; i < bytes && script->left > 0; i++) {
		value |= (uint64_t)*script->data++ << (8 * i);
		script->left--;
	}
	return value;
}

static inline void check(int holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
