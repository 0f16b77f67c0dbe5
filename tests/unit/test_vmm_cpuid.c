/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/hv/cpuid.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit_test.h"
#include "vmm/hv/cpuid_features.h"

#define AMD_EBX 0x68747541
#define AMD_EDX 0x69746e65
#define AMD_ECX 0x444d4163
#define INTEL_EBX 0x756e6547
#define INTEL_EDX 0x49656e69
#define INTEL_ECX 0x6c65746e

static struct kvm_cpuid2 *table;

static void put(uint32_t leaf, uint32_t index, bool indexed, uint32_t eax, uint32_t ebx,
    uint32_t ecx, uint32_t edx)
{
	table->entries[table->nent++] = (struct kvm_cpuid_entry2){ .function = leaf,
		.index = index,
		.flags = indexed ? KVM_CPUID_FLAG_SIGNIFCANT_INDEX : 0,
		.eax = eax,
		.ebx = ebx,
		.ecx = ecx,
		.edx = edx };
}

/* A processor that can do everything, with AVX-512 and AMX state. */
static int set_up(void **state)
{
	(void)state;
	table = calloc(1, sizeof(*table) + CPUID_LEAVES_MAX * sizeof(table->entries[0]));
	put(0, 0, false, 0x1f, AMD_EBX, AMD_ECX, AMD_EDX);
	put(1, 0, false, 0xa20f10, 0x00ff0800, 0xffffffff, 0xffffffff);
	put(4, 3, true, 0x0003c163, 1, 2, 3);
	put(6, 0, false, 4, 0, 0, 0);
	put(7, 0, true, 1, 0xffffffff, 0xffffffff, 0xffffffff);
	put(7, 1, true, 0xffffffff, 0, 0, 0);
	put(0xa, 0, false, 0x07300402, 0, 0, 0);
	put(0xd, 0, true, 0x602e7, 0, 11008, 0);
	put(0xd, 1, true, 0xf, 0, 0, 0);
	put(0xd, 2, true, 256, 576, 0, 0);
	put(0xd, 5, true, 64, 1088, 0, 0);
	put(0xd, 6, true, 512, 1152, 0, 0);
	put(0xd, 7, true, 1024, 1664, 0, 0);
	put(0xd, 9, true, 8, 2688, 0, 0);
	put(0xd, 17, true, 64, 2752, 0, 0);
	put(0xd, 18, true, 8192, 2816, 0, 0);
	put(0x1f, 0, true, 0, 0, 0, 0);
	put(0x40000000, 0, false, 0x40000001, 0x4b4d564b, 0x564b4d56, 0x4d);
	put(0x40000001, 0, false, 0x0100feff, 0, 0, 0);
	put(0x80000000, 0, false, 0x8000001f, 0, 0, 0);
	put(0x80000001, 0, false, 0xa20f10, 0, 0xffffffff, 0xffffffff);
	put(0x80000007, 0, false, 0, 0, 0, 0x100);
	put(0x80000008, 0, false, 0x3030, 0xffffffff, 0, 0);
	put(0x8000001d, 0, true, 0x0000c121, 0, 0, 0);
	put(0x8000001e, 0, false, 9, 9, 9, 9);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(table);
	return 0;
}

static struct cpuid *build(struct cpuid_options options)
{
	struct cpuid *cpuid = NULL;
	struct why reason;

	assert_int_equal(cpuid_build(table, &options, &reason, &cpuid), 0);
	return cpuid;
}

static void refuse(struct cpuid_options options, int result, const char *text)
{
	struct cpuid *cpuid = NULL;
	struct why reason;

	assert_int_equal(cpuid_build(table, &options, &reason, &cpuid), result);
	assert_string_equal(reason.text, text);
	assert_null(cpuid);
}

static const struct kvm_cpuid_entry2 *entry(
    struct cpuid *cpuid, unsigned int vcpu, uint32_t leaf, uint32_t index)
{
	static const struct kvm_cpuid_entry2 none;
	const struct kvm_cpuid2 *all = cpuid_of(cpuid, vcpu);

	for (uint32_t i = 0; i < all->nent; i++)
		if (all->entries[i].function == leaf && all->entries[i].index == index)
			return &all->entries[i];
	return &none;
}

static bool shows(struct cpuid *cpuid, const char *name)
{
	const struct cpuid_feature *feature = cpuid_feature_find(name, strlen(name));
	const struct kvm_cpuid_entry2 *found;

	assert_non_null(feature);
	found = entry(cpuid, 0, feature->leaf, feature->index);
	return (feature->word == 0	? found->eax
		   : feature->word == 1 ? found->ebx
		   : feature->word == 2 ? found->ecx
					: found->edx) >>
		   feature->bit &
	       1;
}

static void host_shows_what_there_is(void **state)
{
	struct cpuid *cpuid = build(
	    (struct cpuid_options){ .vcpus = 1, .tsc_khz = 2400000, .tsc_deadline = true });

	(void)state;
	assert_true(shows(cpuid, "avx512f"));
	assert_true(shows(cpuid, "hypervisor"));
	assert_true(shows(cpuid, "x2apic"));
	assert_true(shows(cpuid, "tsc-deadline"));
	assert_true(shows(cpuid, "invtsc"));
	assert_true(shows(cpuid, "kvmclock"));
	assert_int_equal(entry(cpuid, 0, 1, 0)->eax, 0xa20f10);
	/* Counters stay the node's. */
	assert_int_equal(entry(cpuid, 0, 0xa, 0)->eax, 0);
	assert_int_equal(entry(cpuid, 0, 0xd, 0)->ecx, 2816 + 8192);
	assert_int_equal(entry(cpuid, 0, 0x40000000, 0)->eax, 0x40000010);
	assert_int_equal(entry(cpuid, 0, 0x40000010, 0)->eax, 2400000);
	assert_int_equal(entry(cpuid, 0, 0x40000010, 0)->ebx, 1000000);
	cpuid_free(cpuid);
	cpuid_free(NULL);
}

static void baselines_show_their_level(void **state)
{
	struct cpuid *cpuid = build((struct cpuid_options){ .model = "x86-64-v2", .vcpus = 1 });

	(void)state;
	assert_true(shows(cpuid, "sse4-2"));
	assert_true(shows(cpuid, "popcnt"));
	assert_true(shows(cpuid, "lm"));
	assert_true(shows(cpuid, "spec-ctrl"));
	assert_false(shows(cpuid, "avx"));
	assert_false(shows(cpuid, "aes"));
	assert_false(shows(cpuid, "invtsc"));
	assert_int_equal(entry(cpuid, 0, 0xd, 0)->eax, 0); /* no XSAVE, no leaf */
	assert_int_equal(entry(cpuid, 0, 1, 0)->eax, 0x60fb1);
	assert_memory_equal(&entry(cpuid, 0, 0x80000002, 0)->eax, "Bert", 4);
	cpuid_free(cpuid);

	cpuid = build((struct cpuid_options){ .model = "x86-64-v3", .vcpus = 1 });
	assert_true(shows(cpuid, "avx2"));
	assert_false(shows(cpuid, "avx512f"));
	assert_int_equal(entry(cpuid, 0, 0xd, 0)->eax, 7);
	assert_int_equal(entry(cpuid, 0, 0xd, 0)->ecx, 832);
	assert_int_equal(entry(cpuid, 0, 0xd, 5)->eax, 0);
	cpuid_free(cpuid);

	cpuid = build((struct cpuid_options){ .model = "x86-64-v4", .vcpus = 1 });
	assert_true(shows(cpuid, "avx512vl"));
	assert_int_equal(entry(cpuid, 0, 0xd, 0)->ecx, 2688);
	cpuid_free(cpuid);
}

static void features_come_and_go(void **state)
{
	struct cpuid *cpuid = build((struct cpuid_options){
	    .model = "x86-64-v2", .features = "+aes  +invtsc -popcnt", .vcpus = 1 });

	(void)state;
	assert_true(shows(cpuid, "aes"));
	assert_true(shows(cpuid, "invtsc"));
	assert_false(shows(cpuid, "popcnt"));
	cpuid_free(cpuid);
	cpuid = build((struct cpuid_options){ .features = "-avx512f", .vcpus = 1 });
	assert_int_equal(entry(cpuid, 0, 0xd, 0)->eax, 0x60207);
	cpuid_free(cpuid);
}

static void what_cannot_be_is_named(void **state)
{
	(void)state;
	refuse((struct cpuid_options){ .model = "pentium", .vcpus = 1 }, -EINVAL,
	    "cpu \"pentium\" is not known; there are host and x86-64-v1 to x86-64-v4");
	refuse((struct cpuid_options){ .features = "+warp", .vcpus = 1 }, -EINVAL,
	    "cpu feature \"+warp\" is not known");
	refuse((struct cpuid_options){ .features = "aes", .vcpus = 1 }, -EINVAL,
	    "cpu feature \"aes\": no + or - before it");
	refuse((struct cpuid_options){ .vcpus = 6, .sockets = 1, .cores = 4, .threads = 1 },
	    -EINVAL, "6 vCPUs are not 1 sockets of 4 cores of 1 threads");
	refuse(
	    (struct cpuid_options){
		.vcpus = 60, .sockets = 60, .cores = 1, .threads = 1, .features = "+" },
	    -EINVAL, "cpu feature \"+\" is not known");
	table->entries[4].ebx &= ~(1u << 5); /* AVX2 */
	refuse((struct cpuid_options){ .model = "x86-64-v3", .vcpus = 1 }, -ENOTSUP,
	    "cpu \"x86-64-v3\" needs \"avx2\", which this node's processor or KVM lacks");
	refuse((struct cpuid_options){ .features = "+avx2", .vcpus = 1 }, -ENOTSUP,
	    "cpu feature \"+avx2\": this node's processor or KVM lacks it");
}

static void each_vcpu_has_its_place(void **state)
{
	/* Three cores take two bits: numbers have gaps. */
	struct cpuid *cpuid = build(
	    (struct cpuid_options){ .vcpus = 12, .sockets = 2, .cores = 3, .threads = 2 });
	static const uint32_t ids[12] = { 0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13 };

	(void)state;
	for (unsigned int i = 0; i < 12; i++) {
		assert_int_equal(cpuid_apic_id(cpuid, i), ids[i]);
		assert_int_equal(entry(cpuid, i, 1, 0)->ebx >> 24, ids[i]);
		assert_int_equal(entry(cpuid, i, 0xb, 1)->edx, ids[i]);
		assert_int_equal(entry(cpuid, i, 0x1f, 2)->edx, ids[i]);
		assert_int_equal(entry(cpuid, i, 0x8000001e, 0)->eax, ids[i]);
	}
	assert_int_equal(entry(cpuid, 0, 1, 0)->ebx >> 16 & 0xff, 8);
	assert_int_equal(entry(cpuid, 0, 0xb, 0)->eax, 1);
	assert_int_equal(entry(cpuid, 0, 0xb, 0)->ebx, 2);
	assert_int_equal(entry(cpuid, 0, 0xb, 0)->ecx, 0x100);
	assert_int_equal(entry(cpuid, 0, 0xb, 1)->eax, 3);
	assert_int_equal(entry(cpuid, 0, 0xb, 1)->ebx, 6);
	assert_int_equal(entry(cpuid, 0, 0xb, 1)->ecx, 0x201);
	assert_int_equal(entry(cpuid, 0, 0xb, 2)->ebx, 0);
	assert_int_equal(entry(cpuid, 7, 0x8000001e, 0)->ebx, 0x100);
	assert_int_equal(entry(cpuid, 9, 0x8000001e, 0)->ebx, 0x101);
	assert_int_equal(entry(cpuid, 9, 0x8000001e, 0)->ecx, 1);
	assert_int_equal(entry(cpuid, 0, 0x80000008, 0)->ecx, 5 | 3 << 12);
	/* The third level is the socket's, the first the core's. */
	assert_int_equal(entry(cpuid, 0, 4, 3)->eax >> 14 & 0xfff, 7);
	assert_int_equal(entry(cpuid, 0, 0x8000001d, 0)->eax >> 14 & 0xfff, 1);
	cpuid_free(cpuid);
}

static void threads_are_shown_where_the_node_has_none(void **state)
{
	struct cpuid *cpuid;

	(void)state;
	table->nent -= 2; /* 0x8000001d, 0x8000001e */
	table->entries[table->nent - 4].eax = 0x80000008;
	table->entries[table->nent - 3].ecx &= ~(1u << 22);
	cpuid = build((struct cpuid_options){ .vcpus = 2, .sockets = 1, .cores = 1, .threads = 2 });
	assert_int_equal(entry(cpuid, 0, 0x80000000, 0)->eax, 0x8000001e);
	assert_true(shows(cpuid, "topoext"));
	assert_int_equal(entry(cpuid, 1, 0x8000001e, 0)->eax, 1);
	assert_int_equal(entry(cpuid, 1, 0x8000001e, 0)->ebx, 0x100);
	cpuid_free(cpuid);
	cpuid = build((struct cpuid_options){ .vcpus = 2 });
	assert_int_equal(entry(cpuid, 0, 0x80000000, 0)->eax, 0x80000008);
	cpuid_free(cpuid);
}

static void one_processor_is_no_crowd(void **state)
{
	struct cpuid *cpuid = build((struct cpuid_options){ .vcpus = 1 });

	(void)state;
	assert_false(entry(cpuid, 0, 1, 0)->edx >> 28 & 1);
	assert_int_equal(entry(cpuid, 0, 0xb, 0)->ebx, 1);
	assert_false(entry(cpuid, 0, 0x80000001, 0)->ecx & 2);
	cpuid_free(cpuid);
}

static void names_are_unique(void **state)
{
	const char *name;

	(void)state;
	assert_string_equal(cpuid_model_name(4), "x86-64-v4");
	assert_null(cpuid_model_name(5));
	for (unsigned int i = 0; (name = cpuid_feature_name(i)); i++)
		assert_ptr_equal(cpuid_feature_find(name, strlen(name)), cpuid_feature_at(i));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(host_shows_what_there_is, set_up, tear_down),
		cmocka_unit_test_setup_teardown(baselines_show_their_level, set_up, tear_down),
		cmocka_unit_test_setup_teardown(features_come_and_go, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_cannot_be_is_named, set_up, tear_down),
		cmocka_unit_test_setup_teardown(each_vcpu_has_its_place, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    threads_are_shown_where_the_node_has_none, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_processor_is_no_crowd, set_up, tear_down),
		cmocka_unit_test(names_are_unique),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
