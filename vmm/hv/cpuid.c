/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sources: Intel SDM volume 2, CPUID; AMD APM volume 3, appendix E; the levels of the x86-64 psABI;
 * Linux, Documentation/virt/kvm/x86/cpuid.rst for leaves 0x40000000 and up.
 */
#include "vmm/hv/cpuid.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/hv/cpuid_features.h"
#include "vmm/hv/kvm.h"

#define BUS_KHZ 1000000 /* of KVM's local APIC: 1 GHz */
#define LEAF_ANY_INDEX 0xffffffffu

struct cpuid {
	struct cpuid_options options;
	unsigned int thread_bits;
	unsigned int core_bits;
	bool amd;
	struct kvm_cpuid2 *base;
	struct kvm_cpuid2 *work;
};

static struct kvm_cpuid_entry2 *find(struct kvm_cpuid2 *table, uint32_t leaf, uint32_t index)
{
	for (uint32_t i = 0; i < table->nent; i++) {
		struct kvm_cpuid_entry2 *entry = &table->entries[i];

		if (entry->function == leaf &&
		    (index == LEAF_ANY_INDEX || !(entry->flags & KVM_CPUID_FLAG_SIGNIFCANT_INDEX) ||
			entry->index == index))
			return entry;
	}
	return NULL;
}

/* The entry, made if there is none and there is room. */
static struct kvm_cpuid_entry2 *need(struct kvm_cpuid2 *table, uint32_t leaf, uint32_t index)
{
	struct kvm_cpuid_entry2 *entry = find(table, leaf, index);

	if (entry || table->nent == CPUID_LEAVES_MAX)
		return entry;
	entry = &table->entries[table->nent++];
	*entry = (struct kvm_cpuid_entry2){ .function = leaf, .index = index };
	return entry;
}

static void drop(struct kvm_cpuid2 *table, uint32_t leaf)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < table->nent; i++)
		if (table->entries[i].function != leaf)
			table->entries[kept++] = table->entries[i];
	table->nent = kept;
}

static uint32_t *word_of(struct kvm_cpuid_entry2 *entry, unsigned int word)
{
	uint32_t *const words[] = { &entry->eax, &entry->ebx, &entry->ecx, &entry->edx };

	return words[word];
}

static void set_feature(struct kvm_cpuid2 *table, const struct cpuid_feature *feature, bool on)
{
	struct kvm_cpuid_entry2 *entry = find(table, feature->leaf, feature->index);
	uint32_t bit = 1u << feature->bit;

	if (!entry && on)
		entry = need(table, feature->leaf, feature->index);
	if (!entry)
		return;
	if (on)
		*word_of(entry, feature->word) |= bit;
	else
		*word_of(entry, feature->word) &= ~bit;
}

static bool has_feature(struct kvm_cpuid2 *table, const struct cpuid_feature *feature)
{
	struct kvm_cpuid_entry2 *entry = find(table, feature->leaf, feature->index);

	return entry && *word_of(entry, feature->word) >> feature->bit & 1;
}

static bool has_named(struct kvm_cpuid2 *table, const char *name)
{
	const struct cpuid_feature *feature = cpuid_feature_find(name, strlen(name));

	return feature && has_feature(table, feature);
}

/* Only the bits that the table names with a level up to this one stay in the words it speaks of. */
static int keep_level(struct kvm_cpuid2 *table, const char *model, int level, struct why *ret_why)
{
	struct kvm_cpuid2 *old = malloc(sizeof(*old) + CPUID_LEAVES_MAX * sizeof(old->entries[0]));
	const struct cpuid_feature *feature;

	if (!old)
		return why_errno(ret_why, -ENOMEM, "cpu");
	memcpy(old, table, sizeof(*old) + table->nent * sizeof(old->entries[0]));
	for (unsigned int i = 0; (feature = cpuid_feature_at(i)); i++) {
		struct kvm_cpuid_entry2 *entry = find(table, feature->leaf, feature->index);

		if (entry)
			*word_of(entry, feature->word) = 0;
	}
	for (unsigned int i = 0; (feature = cpuid_feature_at(i)); i++) {
		bool had = has_feature(old, feature);

		if (feature->level == CPUID_ALWAYS && had)
			set_feature(table, feature, true);
		if (feature->level < 1 || feature->level > level)
			continue;
		if (!had) {
			free(old);
			return why(ret_why, -ENOTSUP,
			    "cpu \"%s\" needs \"%s\", which this node's processor or KVM lacks",
			    model, feature->name);
		}
		set_feature(table, feature, true);
	}
	free(old);
	return 0;
}

/* A family, model and name of nobody's, so that they are the same everywhere. */
static void name_baseline(struct kvm_cpuid2 *table, const char *model)
{
	char brand[48] = "Berth ";
	struct kvm_cpuid_entry2 *entry = find(table, 1, LEAF_ANY_INDEX);

	if (entry)
		entry->eax = 0x00060fb1; /* family 15, model 107, stepping 1 */
	entry = find(table, 0x80000001, LEAF_ANY_INDEX);
	if (entry)
		entry->eax = 0x00060fb1;
	strncat(brand, model, sizeof(brand) - strlen(brand) - 1);
	for (uint32_t i = 0; i < 3; i++) {
		entry = need(table, 0x80000002 + i, 0);
		if (entry) {
			memcpy(&entry->eax, brand + i * 16, 4);
			memcpy(&entry->ebx, brand + i * 16 + 4, 4);
			memcpy(&entry->ecx, brand + i * 16 + 8, 4);
			memcpy(&entry->edx, brand + i * 16 + 12, 4);
		}
	}
}

static int apply_model(struct kvm_cpuid2 *table, const char *model, struct why *ret_why)
{
	int result;

	if (!model || strcmp(model, "host") == 0)
		return 0;
	for (int level = 1; cpuid_model_name((unsigned int)level); level++)
		if (strcmp(model, cpuid_model_name((unsigned int)level)) == 0) {
			result = keep_level(table, model, level, ret_why);
			if (!result)
				name_baseline(table, model);
			return result;
		}
	return why(ret_why, -EINVAL,
	    "cpu \"%s\" is not known; there are host and x86-64-v1 to x86-64-v4", model);
}

static int apply_features(struct kvm_cpuid2 *table, const struct kvm_cpuid2 *supported,
    const char *text, struct why *ret_why)
{
	struct kvm_cpuid2 *can = NULL;
	int result = 0;

	can = malloc(sizeof(*can) + supported->nent * sizeof(can->entries[0]));
	if (!can)
		return why_errno(ret_why, -ENOMEM, "cpu");
	memcpy(can, supported, sizeof(*can) + supported->nent * sizeof(can->entries[0]));
	while (text && *text && !result) {
		size_t length = strcspn(text, " ");
		const struct cpuid_feature *feature = NULL;

		if (length > 1)
			feature = cpuid_feature_find(text + 1, length - 1);
		if (!length) {
			text++;
			continue;
		}
		if (*text != '+' && *text != '-')
			result = why(ret_why, -EINVAL, "cpu feature \"%.*s\": no + or - before it",
			    (int)length, text);
		else if (!feature)
			result = why(ret_why, -EINVAL, "cpu feature \"%.*s\" is not known",
			    (int)length, text);
		else if (*text == '+' && !has_feature(can, feature))
			result = why(ret_why, -ENOTSUP,
			    "cpu feature \"%.*s\": this node's processor or KVM lacks it",
			    (int)length, text);
		else
			set_feature(table, feature, *text == '+');
		text += length;
	}
	free(can);
	return result;
}

/* Extended state follows the features (SDM volume 1, 13.2): the bits of XCR0 and the room. */
static void fit_xsave(struct kvm_cpuid2 *table)
{
	struct kvm_cpuid_entry2 *main = find(table, 0xd, 0);
	uint64_t allowed = 0x3;
	uint32_t size = 576;

	if (!main)
		return;
	if (!has_named(table, "xsave")) {
		drop(table, 0xd);
		return;
	}
	if (has_named(table, "avx"))
		allowed |= 0x4;
	if (has_named(table, "avx512f"))
		allowed |= 0xe0;
	if (has_named(table, "pku"))
		allowed |= 0x200;
	if (has_named(table, "amx-tile"))
		allowed |= 0x60000;
	main->eax &= (uint32_t)allowed;
	main->edx &= (uint32_t)(allowed >> 32);
	for (uint32_t i = 2; i < 32; i++) {
		struct kvm_cpuid_entry2 *entry = find(table, 0xd, i);

		if (!entry || (entry->ecx & 1)) /* of IA32_XSS: not in this area */
			continue;
		if (!(main->eax >> i & 1))
			entry->eax = entry->ebx = entry->ecx = entry->edx = 0;
		else if (entry->eax + entry->ebx > size)
			size = entry->eax + entry->ebx;
	}
	main->ecx = size;
}

/* AMD's guests look for threads in leaf 0x8000001e only, and there only with TOPOEXT. */
static void show_threads(struct kvm_cpuid2 *table)
{
	struct kvm_cpuid_entry2 *entry = find(table, 0x80000000, LEAF_ANY_INDEX);

	if (!entry || !need(table, 0x8000001d, 0) || !need(table, 0x8000001e, 0))
		return;
	if (entry->eax < 0x8000001e)
		entry->eax = 0x8000001e;
	entry = find(table, 0x80000001, LEAF_ANY_INDEX);
	if (entry)
		entry->ecx |= 1u << 22;
}

/* What does not depend on the vCPU. */
static void finish(struct cpuid *cpuid)
{
	struct kvm_cpuid2 *table = cpuid->base;
	struct kvm_cpuid_entry2 *entry = need(table, 1, 0);

	/* Counters cost exits and tie a guest to its node. */
	entry->ecx |= 1u << 31; /* a hypervisor is there */
	entry->ecx |= 1u << 21; /* x2APIC; KVM always has it */
	if (cpuid->options.tsc_deadline)
		entry->ecx |= 1u << 24;
	drop(table, 0xa);
	drop(table, 0x80000022);
	entry = find(table, 0x80000001, LEAF_ANY_INDEX);
	if (entry)
		entry->ecx &= ~(1u << 23 | 1u << 24 | 1u << 28);
	fit_xsave(table);
	if (cpuid->amd && cpuid->options.threads > 1)
		show_threads(table);
	/* Frequencies, so that nobody has to measure them. */
	entry = find(table, 0x40000000, LEAF_ANY_INDEX);
	if (entry && cpuid->options.tsc_khz) {
		entry->eax = CPUID_FREQUENCIES;
		entry = need(table, CPUID_FREQUENCIES, 0);
		if (entry) {
			entry->eax = cpuid->options.tsc_khz;
			entry->ebx = BUS_KHZ;
		}
	}
	/* Topology leaf: with x2APIC every guest may ask for it. */
	entry = find(table, 0, LEAF_ANY_INDEX);
	if (entry && entry->eax < 0xb)
		entry->eax = 0xb;
	drop(table, 0xb);
	for (uint32_t i = 0; i < 3; i++) {
		entry = need(table, 0xb, i);
		if (entry)
			entry->flags = KVM_CPUID_FLAG_SIGNIFCANT_INDEX;
	}
	if (find(table, 0x1f, LEAF_ANY_INDEX)) {
		drop(table, 0x1f);
		for (uint32_t i = 0; i < 3; i++) {
			entry = need(table, 0x1f, i);
			if (entry)
				entry->flags = KVM_CPUID_FLAG_SIGNIFCANT_INDEX;
		}
	}
}

static unsigned int bits_for(unsigned int count)
{
	unsigned int bits = 0;

	while (1u << bits < count)
		bits++;
	return bits;
}

static int place(struct cpuid *cpuid, struct why *ret_why)
{
	struct cpuid_options *options = &cpuid->options;

	if (!options->sockets && !options->cores && !options->threads) {
		options->sockets = 1;
		options->cores = options->vcpus;
		options->threads = 1;
	}
	if (!options->sockets || !options->cores || !options->threads ||
	    (uint64_t)options->sockets * options->cores * options->threads != options->vcpus)
		return why(ret_why, -EINVAL,
		    "%u vCPUs are not %u sockets of %u cores of %u threads", options->vcpus,
		    options->sockets, options->cores, options->threads);
	cpuid->thread_bits = bits_for(options->threads);
	cpuid->core_bits = bits_for(options->cores);
	if (cpuid_apic_id(cpuid, options->vcpus - 1) >= 255)
		return why(ret_why, -EINVAL,
		    "%u sockets of %u cores of %u threads: local APIC numbers reach beyond 254",
		    options->sockets, options->cores, options->threads);
	return 0;
}

int cpuid_build(const struct kvm_cpuid2 *supported, const struct cpuid_options *options,
    struct why *ret_why, struct cpuid **ret_cpuid)
{
	struct cpuid *cpuid = calloc(1, sizeof(*cpuid));
	size_t room = sizeof(*supported) + CPUID_LEAVES_MAX * sizeof(supported->entries[0]);
	struct kvm_cpuid_entry2 *vendor;
	int result;

	if (!cpuid)
		return why_errno(ret_why, -ENOMEM, "cpu");
	cpuid->options = *options;
	cpuid->base = calloc(1, room);
	cpuid->work = calloc(1, room);
	if (!cpuid->base || !cpuid->work || supported->nent > CPUID_LEAVES_MAX) {
		cpuid_free(cpuid);
		return why_errno(ret_why, -ENOMEM, "cpu");
	}
	memcpy(cpuid->base, supported,
	    sizeof(*supported) + supported->nent * sizeof(supported->entries[0]));
	vendor = find(cpuid->base, 0, LEAF_ANY_INDEX);
	cpuid->amd = vendor && (vendor->ecx == 0x444d4163 || vendor->ecx == 0x656e6975);
	result = place(cpuid, ret_why);
	if (!result)
		result = apply_model(cpuid->base, options->model, ret_why);
	if (!result)
		result = apply_features(cpuid->base, supported, options->features, ret_why);
	if (result) {
		cpuid_free(cpuid);
		return result;
	}
	finish(cpuid);
	*ret_cpuid = cpuid;
	return 0;
}

int cpuid_create(
    int kvm, const struct cpuid_options *options, struct why *ret_why, struct cpuid **ret_cpuid)
{
	struct kvm_cpuid2 *supported = calloc(
	    1, sizeof(*supported) + CPUID_LEAVES_MAX * sizeof(supported->entries[0]));
	int result;

	if (!supported)
		return why_errno(ret_why, -ENOMEM, "cpu");
	supported->nent = CPUID_LEAVES_MAX;
	result = kvm_call(kvm, KVM_GET_SUPPORTED_CPUID, supported);
	if (result)
		result = why_errno(ret_why, result, "KVM does not say what processor it can show");
	else
		result = cpuid_build(supported, options, ret_why, ret_cpuid);
	free(supported);
	return result;
}

void cpuid_free(struct cpuid *cpuid)
{
	if (!cpuid)
		return;
	free(cpuid->base);
	free(cpuid->work);
	free(cpuid);
}

uint32_t cpuid_apic_id(const struct cpuid *cpuid, unsigned int vcpu)
{
	unsigned int thread = vcpu % cpuid->options.threads;
	unsigned int core = vcpu / cpuid->options.threads % cpuid->options.cores;
	unsigned int socket = vcpu / cpuid->options.threads / cpuid->options.cores;

	return (socket << cpuid->core_bits | core) << cpuid->thread_bits | thread;
}

/* Leaves 0xb and 0x1f: SDM volume 2, "V2 Extended Topology". */
static void fill_topology(struct cpuid *cpuid, struct kvm_cpuid_entry2 *entry, uint32_t apic_id)
{
	const struct cpuid_options *options = &cpuid->options;

	entry->eax = entry->ebx = 0;
	entry->ecx = entry->index;
	entry->edx = apic_id;
	if (entry->index == 0) {
		entry->eax = cpuid->thread_bits;
		entry->ebx = options->threads;
		entry->ecx |= 1 << 8; /* SMT */
	} else if (entry->index == 1) {
		entry->eax = cpuid->thread_bits + cpuid->core_bits;
		entry->ebx = options->threads * options->cores;
		entry->ecx |= 2 << 8; /* core */
	}
}

/* Who shares a cache: a core its first two levels, a socket the third. Leaves 4 and 0x8000001d. */
static void fill_cache(struct cpuid *cpuid, struct kvm_cpuid_entry2 *entry)
{
	unsigned int level = entry->eax >> 5 & 7;
	unsigned int bits = cpuid->thread_bits + (level >= 3 ? cpuid->core_bits : 0);

	if (!(entry->eax & 0x1f))
		return;
	entry->eax &= 0x3fff;
	entry->eax |= ((1u << bits) - 1) << 14;
	if (entry->function == 4)
		entry->eax |= ((1u << cpuid->core_bits) - 1) << 26;
}

static void fill(struct cpuid *cpuid, struct kvm_cpuid_entry2 *entry, uint32_t apic_id)
{
	const struct cpuid_options *options = &cpuid->options;
	uint32_t siblings = options->threads * options->cores;

	switch (entry->function) {
	case 1:
		entry->ebx &= 0x0000ffff;
		entry->ebx |= apic_id << 24;
		entry->edx &= ~(1u << 28);
		if (siblings > 1) {
			entry->ebx |= 1u << (16 + cpuid->thread_bits + cpuid->core_bits);
			entry->edx |= 1u << 28;
		}
		break;
	case 4:
	case 0x8000001d:
		fill_cache(cpuid, entry);
		break;
	case 0xb:
	case 0x1f:
		fill_topology(cpuid, entry, apic_id);
		break;
	case 0x80000001:
		if (cpuid->amd) {
			entry->ecx &= ~2u;
			entry->ecx |= siblings > 1 ? 2 : 0;
		}
		break;
	case 0x80000008:
		if (cpuid->amd)
			entry->ecx = (siblings - 1) | (cpuid->thread_bits + cpuid->core_bits) << 12;
		break;
	case 0x8000001e:
		entry->eax = apic_id;
		entry->ebx = (options->threads - 1) << 8 |
			     (apic_id >> cpuid->thread_bits & ((1u << cpuid->core_bits) - 1));
		entry->ecx = apic_id >> (cpuid->thread_bits + cpuid->core_bits);
		entry->edx = 0;
		break;
	default:
		break;
	}
}

struct kvm_cpuid2 *cpuid_of(struct cpuid *cpuid, unsigned int vcpu)
{
	uint32_t apic_id = cpuid_apic_id(cpuid, vcpu);

	memcpy(cpuid->work, cpuid->base,
	    sizeof(*cpuid->base) + cpuid->base->nent * sizeof(cpuid->base->entries[0]));
	for (uint32_t i = 0; i < cpuid->work->nent; i++)
		fill(cpuid, &cpuid->work->entries[i], apic_id);
	return cpuid->work;
}

const char *cpuid_model_name(unsigned int index)
{
	static const char *const NAMES[] = { "host", "x86-64-v1", "x86-64-v2", "x86-64-v3",
		"x86-64-v4" };

	return index < sizeof(NAMES) / sizeof(NAMES[0]) ? NAMES[index] : NULL;
}

const char *cpuid_feature_name(unsigned int index)
{
	const struct cpuid_feature *feature = cpuid_feature_at(index);

	return feature ? feature->name : NULL;
}
