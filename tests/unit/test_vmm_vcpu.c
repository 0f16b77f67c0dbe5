/* SPDX-License-Identifier: GPL-2.0-only */
/* hv/ on a real KVM with small programs in real mode; skipped where there is none. */
#include "vmm/hv/vcpu.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "tests/unit/unit_test.h"
#include "vmm/hv/irqchip.h"
#include "vmm/hv/vcpu_state.h"

#define MIB (1ull << 20)

struct fixture {
	struct guest_mem *mem;
	struct kvm *kvm;
	struct irqchip *irqchip;
	struct cpuid *cpuid;
	struct vcpu *vcpu;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	char seen[64]; /* what the guest wrote to port 0x10 */
	size_t count;
	bool stopped;
	enum vcpu_stop stop;
};

static void port(
    void *context, uint16_t number, unsigned int size, bool write, void *data, uint32_t count)
{
	struct fixture *fixture = context;

	pthread_mutex_lock(&fixture->lock);
	if (write && number == 0x10)
		for (uint32_t i = 0; i < count * size; i++)
			if (fixture->count < sizeof(fixture->seen) - 1)
				fixture->seen[fixture->count++] = ((char *)data)[i];
	if (!write)
		memset(data, 'r', (size_t)size * count);
	pthread_cond_broadcast(&fixture->changed);
	pthread_mutex_unlock(&fixture->lock);
}

/* There is nothing but RAM where real mode reaches. */
static void memory(void *context, uint64_t address, unsigned int size, bool write, void *data)
{
	(void)context;
	(void)address;
	(void)size;
	(void)write;
	(void)data;
	fail();
}

static void stopped(void *context, unsigned int vcpu, enum vcpu_stop reason, const char *text)
{
	struct fixture *fixture = context;

	(void)vcpu;
	(void)text;
	pthread_mutex_lock(&fixture->lock);
	fixture->stopped = true;
	fixture->stop = reason;
	pthread_cond_broadcast(&fixture->changed);
	pthread_mutex_unlock(&fixture->lock);
}

static int enter(void *context)
{
	(void)context;
	return 0;
}

/* A machine of one processor with `code` at 0x1000, where it starts in real mode. */
static int create(struct fixture *fixture, const void *code, size_t length)
{
	const struct guest_mem_options options = { 0 };
	const struct vcpu_ops ops = { port, memory, stopped, enter, fixture };
	const struct cpuid_options cpu = { .vcpus = 1 };
	struct why reason = { "" };
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	memset(fixture, 0, sizeof(*fixture));
	if (fd < 0)
		return -1;
	pthread_mutex_init(&fixture->lock, NULL);
	pthread_cond_init(&fixture->changed, NULL);
	assert_int_equal(guest_mem_create(32 * MIB, &options, &fixture->mem), 0);
	if (kvm_create(fd, fixture->mem, &reason, &fixture->kvm) ||
	    irqchip_create(fixture->kvm, &reason, &fixture->irqchip)) {
		print_message("%s\n", reason.text);
		kvm_free(fixture->kvm);
		guest_mem_free(fixture->mem);
		return -1;
	}
	assert_int_equal(cpuid_create(fixture->kvm->system, &cpu, &reason, &fixture->cpuid), 0);
	assert_int_equal(
	    vcpu_create(fixture->kvm, 0, fixture->cpuid, &ops, &reason, &fixture->vcpu), 0);
	assert_int_equal(guest_mem_write(fixture->mem, 0x1000, code, length), 0);
	assert_int_equal(vcpu_prepare_kicks(), 0);
	assert_int_equal(vcpu_set_real(fixture->vcpu, 0x1000), 0);
	assert_int_equal(vcpu_start(fixture->vcpu, NULL), 0);
	return 0;
}

static void destroy(struct fixture *fixture)
{
	vcpu_free(fixture->vcpu);
	irqchip_free(fixture->irqchip);
	cpuid_free(fixture->cpuid);
	kvm_free(fixture->kvm);
	guest_mem_free(fixture->mem);
	pthread_cond_destroy(&fixture->changed);
	pthread_mutex_destroy(&fixture->lock);
}

static void await(struct fixture *fixture, const char *text)
{
	pthread_mutex_lock(&fixture->lock);
	while (!fixture->stopped && !strstr(fixture->seen, text))
		pthread_cond_wait(&fixture->changed, &fixture->lock);
	assert_non_null(strstr(fixture->seen, text));
	pthread_mutex_unlock(&fixture->lock);
}

static void ports_come_out(void **state)
{
	static const uint8_t code[] = {
		0xb0, 'h', 0xe6, 0x10,	    /* mov al, 'h'; out 0x10, al */
		0xe4, 0x30, 0xe6, 0x10,	    /* in al, 0x30; out 0x10, al */
		0xb8, 'a', 'b', 0xe7, 0x10, /* mov ax, 'ab'; out 0x10, ax */
		0xeb, 0xfe,		    /* for ever */
	};
	struct fixture fixture;
	struct vcpu_stats stats;

	(void)state;
	if (create(&fixture, code, sizeof(code)))
		skip();
	vcpu_resume(fixture.vcpu);
	await(&fixture, "ab");
	assert_non_null(strstr(fixture.seen, "hr"));
	vcpu_kick(fixture.vcpu);
	vcpu_wait(fixture.vcpu);
	vcpu_get_stats(fixture.vcpu, &stats);
	assert_true(stats.exits >= 4);
	assert_true(stats.time > 0);
	destroy(&fixture);
}

/* It counts in AL; parked, it does not. */
static const uint8_t counting[] = { 0xb0, 'a', 0xe6, 0x10, 0xfe, 0xc0, 0xeb, 0xfa };

static void a_parked_one_stands_still(void **state)
{
	struct fixture fixture;
	size_t count;

	(void)state;
	if (create(&fixture, counting, sizeof(counting)))
		skip();
	for (int i = 0; i < 20; i++) {
		vcpu_resume(fixture.vcpu);
		if (i == 0)
			await(&fixture, "abc");
		vcpu_kick(fixture.vcpu);
		vcpu_wait(fixture.vcpu);
		count = fixture.count; /* nobody else is there now */
		assert_true(count >= 3);
	}
	destroy(&fixture);
}

/* They come out in their order before the next access, or when it parks; and when their ring is
 * full. */
static void postponed_writes_come_out_in_order(void **state)
{
	static const uint8_t code[] = {
		0xb0, 'p', 0xe6, 0x10, /* mov al, 'p'; out 0x10, al */
		0xb0, 'q', 0xe6, 0x10, /* mov al, 'q'; out 0x10, al */
		0xe4, 0x30,	       /* in al, 0x30 */
		0xb0, 'r', 0xe6, 0x10, /* mov al, 'r'; out 0x10, al */
		0xeb, 0xfe,	       /* for ever */
	};
	struct fixture fixture;
	struct vcpu_stats stats;

	(void)state;
	if (create(&fixture, code, sizeof(code)))
		skip();
	kvm_postpone_writes(fixture.kvm, 0x10, 1);
	vcpu_resume(fixture.vcpu);
	await(&fixture, "pq");
	do {
		vcpu_kick(fixture.vcpu);
		vcpu_wait(fixture.vcpu);
		vcpu_resume(fixture.vcpu);
	} while (!fixture.seen[2]);
	assert_string_equal(fixture.seen, "pqr");
	vcpu_kick(fixture.vcpu);
	vcpu_wait(fixture.vcpu);
	vcpu_get_stats(fixture.vcpu, &stats);
	assert_int_equal(stats.exits, fixture.kvm->ring_at ? 1 : 4);
	destroy(&fixture);
	assert_int_equal(create(&fixture, counting, sizeof(counting)), 0);
	kvm_postpone_writes(fixture.kvm, 0x10, 1);
	vcpu_resume(fixture.vcpu);
	await(&fixture, "abcdefghijklmnopqrstuvwxyz");
	destroy(&fixture);
}

/* One that sleeps for good wakes up for it; who sends it does not wait. */
static void a_halted_one_takes_an_nmi(void **state)
{
	static const uint8_t code[] = { 0xb0, 'h', 0xe6, 0x10, 0xfa, 0xf4 }; /* cli; hlt */
	static const uint8_t handler[] = { 0xb0, 'n', 0xe6, 0x10, 0xeb, 0xfe };
	static const uint8_t vector[] = { 0x00, 0x11, 0x00, 0x00 };
	struct fixture fixture;

	(void)state;
	if (create(&fixture, code, sizeof(code)))
		skip();
	assert_int_equal(guest_mem_write(fixture.mem, 0x1100, handler, sizeof(handler)), 0);
	assert_int_equal(guest_mem_write(fixture.mem, 2 * 4, vector, sizeof(vector)), 0);
	vcpu_resume(fixture.vcpu);
	await(&fixture, "h");
	vcpu_nmi(fixture.vcpu);
	await(&fixture, "hn");
	destroy(&fixture);
}

static void it_stops_on_a_triple_fault_and_starts_anew(void **state)
{
	/* A table of no interrupts, protected mode, an exception. */
	static const uint8_t code[] = {
		0xb0, 'x', 0xe6, 0x10,	      /* mov al, 'x'; out 0x10, al */
		0x0f, 0x01, 0x1e, 0x00, 0x20, /* lidt [0x2000] */
		0x0f, 0x20, 0xc0, 0x0c, 0x01, /* mov eax, cr0; or al, 1 */
		0x0f, 0x22, 0xc0, 0x0f, 0x0b, /* mov cr0, eax; ud2 */
	};
	struct fixture fixture;

	(void)state;
	if (create(&fixture, code, sizeof(code)))
		skip();
	for (int i = 0; i < 2; i++) {
		fixture.stopped = false;
		vcpu_resume(fixture.vcpu);
		pthread_mutex_lock(&fixture.lock);
		while (!fixture.stopped)
			pthread_cond_wait(&fixture.changed, &fixture.lock);
		pthread_mutex_unlock(&fixture.lock);
		vcpu_wait(fixture.vcpu);
		assert_int_equal(fixture.stop, VCPU_TRIPLE_FAULT);
		assert_int_equal(irqchip_reset(fixture.irqchip), 0);
		assert_int_equal(vcpu_reset(fixture.vcpu), 0);
		assert_int_equal(vcpu_set_real(fixture.vcpu, 0x1000), 0);
	}
	assert_string_equal(fixture.seen, "xx");
	destroy(&fixture);
}

static void state_goes_to_another(void **state)
{
	static const uint8_t loop[] = { 0xeb, 0xfe };
	struct buf saved = BUF_INIT;
	struct state_writer writer = { .out = &saved };
	struct state_reader reader;
	struct fixture from;
	struct fixture to;

	(void)state;
	if (create(&from, counting, sizeof(counting)))
		skip();
	vcpu_resume(from.vcpu);
	await(&from, "abc");
	vcpu_kick(from.vcpu);
	vcpu_wait(from.vcpu);
	assert_int_equal(vcpu_save(from.vcpu, &writer), 0);
	assert_int_equal(irqchip_save(from.irqchip, &writer), 0);
	assert_true(buf_ok(&saved));
	assert_int_equal(create(&to, loop, sizeof(loop)), 0);
	assert_int_equal(guest_mem_write(to.mem, 0x1000, counting, sizeof(counting)), 0);
	state_open(&reader, buf_text(&saved), saved.length);
	assert_int_equal(vcpu_load(to.vcpu, &reader), 0);
	assert_int_equal(irqchip_load(to.irqchip, &reader), 0);
	/* It goes on where the other was: the next letter, not the first. */
	vcpu_resume(to.vcpu);
	pthread_mutex_lock(&to.lock);
	while (!to.count)
		pthread_cond_wait(&to.changed, &to.lock);
	pthread_mutex_unlock(&to.lock);
	vcpu_kick(to.vcpu);
	vcpu_wait(to.vcpu);
	if (from.count < sizeof(from.seen) - 1)
		assert_int_equal(to.seen[0], (char)(from.seen[from.count - 1] + 1));
	/* What is cut short is refused. */
	for (size_t length = 0; length < saved.length; length += 97) {
		state_open(&reader, buf_text(&saved), length);
		if (!vcpu_load(to.vcpu, &reader))
			assert_int_not_equal(irqchip_load(to.irqchip, &reader), 0);
	}
	buf_done(&saved);
	destroy(&from);
	destroy(&to);
}

/* Whoever reads why a saved guest does not go on learns which part it was, and what to do. */
static void refused_parts_are_named(void **state)
{
	static const uint8_t loop[] = { 0xeb, 0xfe };
	struct vcpu_state registers;
	struct fixture fixture;
	struct why reason;
	int other;

	(void)state;
	if (create(&fixture, loop, sizeof(loop)))
		skip();
	other = kvm_call(fixture.kvm->vm, KVM_CREATE_VCPU, (const void *)(uintptr_t)1); /* NOLINT */
	assert_true(other >= 0);
	assert_int_equal(vcpu_state_init(fixture.kvm, &registers), 0);
	assert_int_equal(vcpu_state_get(fixture.kvm, other, &registers), 0);
	assert_int_equal(vcpu_state_set(fixture.kvm, other, &registers, &reason), 0);
	registers.mp_state.mp_state = 99;
	assert_int_equal(vcpu_state_set(fixture.kvm, other, &registers, &reason), -EINVAL);
	assert_string_equal(reason.text, "KVM does not take its run state: Invalid argument");
	assert_true(registers.tsc_khz != 0);
	registers.tsc_khz ^= 1u << 20;
	fixture.kvm->tsc_control = false;
	assert_int_equal(vcpu_state_set(fixture.kvm, other, &registers, &reason), -ENOTSUP);
	assert_non_null(strstr(reason.text, "its time stamp counter runs at "));
	assert_non_null(strstr(reason.text, "it goes on on a node of that speed only"));
	/* All of it reaches whoever asked. */
	assert_true(strlen("vCPU 1000: ") + strlen(reason.text) <
		    sizeof(((struct state_reader *)NULL)->message));
	vcpu_state_done(&registers);
	close(other);
	destroy(&fixture);
}

static void messages_have_routes(void **state)
{
	static const uint8_t loop[] = { 0xeb, 0xfe };
	const struct msi_message message = { .address = 0xfee00000, .data = 0x40 };
	const struct msi_message other = { .address = 0xfee00000, .data = 0x41 };
	struct msi_route routes[3];
	struct fixture fixture;
	const struct msi_sink *sink;
	uint64_t one = 1;
	uint64_t left;

	(void)state;
	if (create(&fixture, loop, sizeof(loop)))
		skip();
	sink = irqchip_msi(fixture.irqchip);
	for (int i = 0; i < 3; i++)
		assert_int_equal(sink->open(sink->context, &routes[i]), 0);
	assert_int_not_equal(routes[0].gsi, routes[1].gsi);
	assert_int_equal(sink->set(sink->context, &routes[0], &message), 0);
	assert_int_equal(sink->set(sink->context, &routes[1], &other), 0);
	assert_int_equal(sink->set(sink->context, &routes[0], &message), 0);
	/* Masked, a signal stays in the descriptor; bound, KVM takes it. */
	assert_int_equal(sink->set(sink->context, &routes[0], NULL), 0);
	assert_int_equal(write(routes[0].fd, &one, sizeof(one)), sizeof(one));
	assert_int_equal(read(routes[0].fd, &left, sizeof(left)), sizeof(left));
	assert_int_equal(sink->set(sink->context, &routes[0], &other), 0);
	assert_int_equal(write(routes[1].fd, &one, sizeof(one)), sizeof(one));
	sink->close(sink->context, &routes[1]);
	assert_int_equal(routes[1].fd, -1);
	assert_int_equal(sink->open(sink->context, &routes[1]), 0);
	assert_int_equal(sink->set(sink->context, &routes[1], &message), 0);
	for (int i = 0; i < 3; i++)
		sink->close(sink->context, &routes[i]);
	destroy(&fixture);
}

static void doorbells_are_hung_and_taken_down(void **state)
{
	static const uint8_t loop[] = { 0xeb, 0xfe };
	struct fixture fixture;
	const struct doorbell *doorbell;
	int fd;

	(void)state;
	if (create(&fixture, loop, sizeof(loop)))
		skip();
	fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	doorbell = irqchip_doorbell(fixture.irqchip);
	assert_int_equal(doorbell->attach(doorbell->context, 0xc0000000, 0, fd), 0);
	assert_int_equal(doorbell->attach(doorbell->context, 0xc0000000, 0, fd), -EEXIST);
	assert_int_equal(doorbell->detach(doorbell->context, 0xc0000000, 0, fd), 0);
	assert_int_equal(doorbell->detach(doorbell->context, 0xc0000000, 0, fd), -ENOENT);
	close(fd);
	destroy(&fixture);
}

static void a_descriptor_of_something_else(void **state)
{
	const struct guest_mem_options options = { 0 };
	struct guest_mem *mem;
	struct kvm *kvm = NULL;
	struct why reason;

	(void)state;
	assert_int_equal(guest_mem_create(32 * MIB, &options, &mem), 0);
	assert_int_equal(
	    kvm_create(open("/dev/null", O_RDWR | O_CLOEXEC), mem, &reason, &kvm), -ENOTTY);
	assert_string_equal(reason.text,
	    "the kvm descriptor is not that of /dev/kvm: Inappropriate ioctl for device");
	assert_null(kvm);
	guest_mem_free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports_come_out),
		cmocka_unit_test(a_parked_one_stands_still),
		cmocka_unit_test(postponed_writes_come_out_in_order),
		cmocka_unit_test(a_halted_one_takes_an_nmi),
		cmocka_unit_test(it_stops_on_a_triple_fault_and_starts_anew),
		cmocka_unit_test(state_goes_to_another),
		cmocka_unit_test(refused_parts_are_named),
		cmocka_unit_test(messages_have_routes),
		cmocka_unit_test(doorbells_are_hung_and_taken_down),
		cmocka_unit_test(a_descriptor_of_something_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
