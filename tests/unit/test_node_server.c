/* SPDX-License-Identifier: GPL-2.0-only */
/* The protocol server over socket pairs, as clients see it: well behaved ones, and others. */
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "node/server/client.h"
#include "rpc/error.h"
#include "rpc/message.h"
#include "tests/unit/fake_driver.h"

static const char *const configuration = "[network \"default\"]\n"
					 "address = 192.168.122.1/24\n"
					 "[guest \"web\"]\n"
					 "memory = 1G\n"
					 "nic = default mac=52:54:00:11:22:33\n"
					 "disk = /images/web.img target=vdb\n"
					 "[guest \"db\"]\n"
					 "memory = 512M\n"
					 "autostart = no order=7 # keep me\n";

static struct loop *loop;
static struct fake_driver fake;
static struct rpc_memory memory;

/* The last message that came to a client. */
static struct {
	struct rpc_header header;
	struct buf bytes;
	const uint8_t *payload;
	size_t length;
} last;

static int set_up(void **state)
{
	(void)state;
	rpc_memory_init(&memory, 64 * 1024 * 1024);
	if (loop_create(&loop) || fake_driver_init(&fake, loop, configuration))
		return -1;
	return server_create(loop, &fake_driver_ops, &fake, &fake.server);
}

static int tear_down(void **state)
{
	(void)state;
	server_free(fake.server);
	fake_driver_done(&fake);
	loop_free(loop);
	rpc_memory_done(&memory);
	buf_done(&last.bytes);
	return 0;
}

static void settle(void)
{
	for (int i = 0; i < 20; i++)
		assert_int_equal(loop_step(loop, 0), 0);
}

static int join(bool read_only)
{
	int ends[2];

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
	assert_int_equal(server_add(fake.server, ends[0], read_only), 0);
	return ends[1];
}

static void put(int fd, const void *data, size_t length)
{
	assert_int_equal(send(fd, data, length, MSG_NOSIGNAL), length);
	settle();
}

static void put_message(
    int fd, const struct rpc_header *header, enum rpc_type type, const void *record)
{
	struct buf out = BUF_INIT;

	assert_int_equal(rpc_message_add(&out, header, type, record), 0);
	put(fd, out.data, out.length);
	buf_done(&out);
}

static void put_call(
    int fd, int32_t procedure, uint32_t serial, enum rpc_type type, const void *record)
{
	struct rpc_header header = { RPC_PROGRAM, RPC_VERSION, procedure, RPC_CALL, serial,
		RPC_OK };

	put_message(fd, &header, type, record);
}

/* Whether a whole message is there; it is then `last`. */
static bool get(int fd)
{
	char data[65536];
	int length;
	size_t got = 0;
	ssize_t part = recv(fd, data, RPC_HEADER_SIZE, MSG_DONTWAIT);

	if (part != RPC_HEADER_SIZE)
		return false;
	length = rpc_message_length((const uint8_t *)data, RPC_HEADER_SIZE, RPC_MESSAGE_MAX);
	assert_true(length > 0);
	buf_cut(&last.bytes, 0);
	last.bytes.length = 0;
	buf_add(&last.bytes, data, RPC_HEADER_SIZE);
	for (got = RPC_HEADER_SIZE; got < (size_t)length; got += (size_t)part) {
		size_t room = (size_t)length - got;

		settle();
		part = recv(fd, data, room < sizeof(data) ? room : sizeof(data), MSG_DONTWAIT);
		assert_true(part > 0);
		buf_add(&last.bytes, data, (size_t)part);
	}
	rpc_message_open((const uint8_t *)last.bytes.data, last.bytes.length, &last.header,
	    &last.payload, &last.length);
	return true;
}

static void get_record(int fd, enum rpc_type type, void *ret_record)
{
	assert_true(get(fd));
	assert_int_equal(last.header.status, RPC_OK);
	assert_int_equal(rpc_decode(type, last.payload, last.length, &memory, ret_record), 0);
}

static void get_nothing_but_success(int fd)
{
	assert_true(get(fd));
	assert_int_equal(last.header.type, RPC_REPLY);
	assert_int_equal(last.header.status, RPC_OK);
	assert_int_equal(last.length, 0);
}

static const char *get_error(int fd, int32_t code)
{
	static struct rpc_error error;

	assert_true(get(fd));
	assert_int_equal(last.header.status, RPC_ERROR);
	assert_int_equal(rpc_decode(RPC_TYPE_ERROR, last.payload, last.length, &memory, &error), 0);
	assert_int_equal(error.code, code);
	assert_int_equal(error.level, 2);
	return error.message;
}

static bool is_closed(int fd)
{
	char byte;

	settle();
	return recv(fd, &byte, 1, MSG_DONTWAIT) == 0;
}

static void open_connection(int fd)
{
	struct rpc_connect_open_args args = { "qemu:///system", 0 };

	put_call(fd, RPC_CONNECT_OPEN, 0, RPC_TYPE_CONNECT_OPEN_ARGS, &args);
	get_nothing_but_success(fd);
}

static int join_open(void)
{
	int fd = join(false);

	open_connection(fd);
	return fd;
}

static struct rpc_dom dom_of(const char *name)
{
	struct rpc_dom dom = { .name = name, .id = -1 };

	memcpy(dom.uuid, fake_driver_find(&fake, name)->uuid, 16);
	return dom;
}

static void put_dom_call(int fd, int32_t procedure, uint32_t serial, const char *name)
{
	struct rpc_domain_create_args args = { dom_of(name) };

	put_call(fd, procedure, serial, RPC_TYPE_DOMAIN_CREATE_ARGS, &args);
}

/* Clients look at this themselves; the server does not rely on it. */
static void a_dump_ends_in_one_way(void **state)
{
	enum { CRASH = 1, LIVE = 2, RESET = 8, UNKNOWN = 32 };
	static const uint32_t wrong[] = { CRASH | LIVE, CRASH | RESET, LIVE | RESET,
		CRASH | LIVE | RESET, UNKNOWN };
	struct rpc_domain_core_dump_args args = { dom_of("web"), "/nonexistent/web.core", 0 };
	int fd = join_open();

	(void)state;
	put_dom_call(fd, RPC_DOMAIN_CREATE, 1, "web");
	assert_true(get(fd));
	for (uint32_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		args.flags = wrong[i];
		put_call(fd, RPC_DOMAIN_CORE_DUMP, i + 2, RPC_TYPE_DOMAIN_CORE_DUMP_ARGS, &args);
		get_error(fd, RPC_ERR_INVALID_ARG);
	}
	close(fd);
}

static void a_client_opens_and_lists(void **state)
{
	int fd = join_open();
	struct rpc_connect_list_all_domains_args args = { 1, 0 };
	struct rpc_connect_list_all_domains_ret ret;

	(void)state;
	put_call(
	    fd, RPC_CONNECT_LIST_ALL_DOMAINS, 5, RPC_TYPE_CONNECT_LIST_ALL_DOMAINS_ARGS, &args);
	get_record(fd, RPC_TYPE_CONNECT_LIST_ALL_DOMAINS_RET, &ret);
	assert_int_equal(last.header.serial, 5);
	assert_int_equal(ret.ret, 2);
	assert_int_equal(ret.domains_count, 2);
	assert_string_equal(ret.domains[0].name, "web");
	assert_int_equal(ret.domains[0].id, -1);
	args.flags = 1; /* active ones */
	put_call(
	    fd, RPC_CONNECT_LIST_ALL_DOMAINS, 6, RPC_TYPE_CONNECT_LIST_ALL_DOMAINS_ARGS, &args);
	get_record(fd, RPC_TYPE_CONNECT_LIST_ALL_DOMAINS_RET, &ret);
	assert_int_equal(ret.ret, 0);
	close(fd);
}

static void other_hypervisors_are_refused(void **state)
{
	int fd = join(false);
	struct rpc_connect_open_args args = { "xen:///system", 0 };

	(void)state;
	put_call(fd, RPC_CONNECT_OPEN, 0, RPC_TYPE_CONNECT_OPEN_ARGS, &args);
	get_error(fd, RPC_ERR_NO_CONNECT);
	put_call(fd, RPC_CONNECT_GET_TYPE, 1, RPC_TYPE_NONE, NULL);
	get_error(fd, RPC_ERR_INTERNAL);
	open_connection(fd);
	close(fd);
}

static void unknown_procedures_and_programs(void **state)
{
	int fd = join_open();
	struct rpc_header other = { RPC_PROGRAM_QEMU, RPC_VERSION, 1, RPC_CALL, 3, RPC_OK };

	(void)state;
	put_call(fd, 9999, 1, RPC_TYPE_NONE, NULL);
	assert_memory_equal(get_error(fd, RPC_ERR_RPC), "unknown procedure", 17);
	put_call(fd, RPC_DOMAIN_MIGRATE_PREPARE, 2, RPC_TYPE_NONE, NULL);
	assert_memory_equal(get_error(fd, RPC_ERR_RPC), "unknown procedure", 17);
	put_message(fd, &other, RPC_TYPE_NONE, NULL);
	assert_string_equal(get_error(fd, RPC_ERR_NO_SUPPORT), RPC_NOT_QEMU);
	other.program = RPC_PROGRAM + 2;
	put_message(fd, &other, RPC_TYPE_NONE, NULL);
	assert_memory_equal(get_error(fd, RPC_ERR_RPC), "Cannot find program", 19);
	put_call(fd, RPC_CONNECT_GET_TYPE, 4, RPC_TYPE_NONE, NULL);
	assert_true(get(fd));
	assert_int_equal(last.header.status, RPC_OK);
	close(fd);
}

static void read_only_connections_only_read(void **state)
{
	int fd = join(true);
	struct rpc_domain_get_xml_desc_args secret = { dom_of("web"), 1 };

	(void)state;
	open_connection(fd);
	put_dom_call(fd, RPC_DOMAIN_CREATE, 1, "web");
	get_error(fd, RPC_ERR_READ_ONLY);
	assert_int_equal(fake_driver_find(&fake, "web")->id, -1);
	put_call(fd, RPC_DOMAIN_GET_XML_DESC, 2, RPC_TYPE_DOMAIN_GET_XML_DESC_ARGS, &secret);
	get_error(fd, RPC_ERR_READ_ONLY);
	secret.flags = 0;
	put_call(fd, RPC_DOMAIN_GET_XML_DESC, 3, RPC_TYPE_DOMAIN_GET_XML_DESC_ARGS, &secret);
	assert_true(get(fd));
	assert_int_equal(last.header.status, RPC_OK);
	close(fd);
}

/* A client may give up its right to write, too (virConnectOpenReadOnly on the other socket). */
static void the_read_only_flag_is_kept(void **state)
{
	int fd = join(false);
	struct rpc_connect_open_args args = { NULL, 1 };

	(void)state;
	put_call(fd, RPC_CONNECT_OPEN, 0, RPC_TYPE_CONNECT_OPEN_ARGS, &args);
	get_nothing_but_success(fd);
	put_dom_call(fd, RPC_DOMAIN_CREATE, 1, "web");
	get_error(fd, RPC_ERR_READ_ONLY);
	close(fd);
}

static void the_power_of_a_guest(void **state)
{
	int fd = join_open();
	struct rpc_domain_create_with_flags_args start = { dom_of("web"), 0 };
	struct rpc_domain_create_with_flags_ret started;
	struct rpc_domain_get_state_args ask = { dom_of("web"), 0 };
	struct rpc_domain_get_state_ret was;

	(void)state;
	put_dom_call(fd, RPC_DOMAIN_DESTROY, 1, "web");
	get_error(fd, RPC_ERR_OPERATION_INVALID);
	put_call(
	    fd, RPC_DOMAIN_CREATE_WITH_FLAGS, 2, RPC_TYPE_DOMAIN_CREATE_WITH_FLAGS_ARGS, &start);
	get_record(fd, RPC_TYPE_DOMAIN_CREATE_WITH_FLAGS_RET, &started);
	assert_int_equal(started.dom.id, 1);
	put_dom_call(fd, RPC_DOMAIN_CREATE, 3, "web");
	get_error(fd, RPC_ERR_OPERATION_INVALID);
	put_dom_call(fd, RPC_DOMAIN_SUSPEND, 4, "web");
	get_nothing_but_success(fd);
	put_call(fd, RPC_DOMAIN_GET_STATE, 5, RPC_TYPE_DOMAIN_GET_STATE_ARGS, &ask);
	get_record(fd, RPC_TYPE_DOMAIN_GET_STATE_RET, &was);
	assert_int_equal(was.state, DRIVER_PAUSED);
	fake.fault = "the machine has caught fire";
	put_dom_call(fd, RPC_DOMAIN_RESUME, 6, "web");
	assert_string_equal(get_error(fd, RPC_ERR_INTERNAL), "the machine has caught fire");
	put_dom_call(fd, RPC_DOMAIN_DESTROY, 7, "web");
	get_nothing_but_success(fd);
	close(fd);
}

static void a_guest_that_is_gone(void **state)
{
	int fd = join_open();
	struct rpc_domain_create_args args = { { .name = "ghost", .uuid = { 1, 2, 3 } } };
	struct rpc_domain_lookup_by_name_args name = { "ghost" };

	(void)state;
	put_call(fd, RPC_DOMAIN_CREATE, 1, RPC_TYPE_DOMAIN_CREATE_ARGS, &args);
	get_error(fd, RPC_ERR_NO_DOMAIN);
	put_call(fd, RPC_DOMAIN_LOOKUP_BY_NAME, 2, RPC_TYPE_DOMAIN_LOOKUP_BY_NAME_ARGS, &name);
	get_error(fd, RPC_ERR_NO_DOMAIN);
	close(fd);
}

static void a_network_that_is_gone(void **state)
{
	int fd = join_open();
	struct rpc_network_create_args start = { { .name = "ghost", .uuid = { 1, 2, 3 } } };
	struct rpc_network_destroy_args stop = { start.net };

	(void)state;
	put_call(fd, RPC_NETWORK_CREATE, 1, RPC_TYPE_NETWORK_CREATE_ARGS, &start);
	get_error(fd, RPC_ERR_NO_NETWORK);
	put_call(fd, RPC_NETWORK_DESTROY, 2, RPC_TYPE_NETWORK_DESTROY_ARGS, &stop);
	get_error(fd, RPC_ERR_NO_NETWORK);
	close(fd);
}

static void slow_calls_hold_up_nothing(void **state)
{
	int fd = join_open();

	(void)state;
	fake.slow = true;
	put_dom_call(fd, RPC_DOMAIN_CREATE, 1, "web");
	put_dom_call(fd, RPC_DOMAIN_CREATE, 2, "db");
	put_call(fd, RPC_CONNECT_GET_TYPE, 3, RPC_TYPE_NONE, NULL);
	assert_true(get(fd));
	assert_int_equal(last.header.serial, 3);
	assert_false(get(fd));
	fake_driver_finish(&fake);
	get_nothing_but_success(fd);
	assert_int_equal(last.header.serial, 2);
	get_nothing_but_success(fd);
	assert_int_equal(last.header.serial, 1);
	close(fd);
}

/* Past so many calls in progress the rest waits in the socket, and goes on as they end. */
static void calls_in_progress_are_bounded(void **state)
{
	int fd = join_open();
	unsigned int answered = 0;

	(void)state;
	fake.slow = true;
	for (uint32_t i = 0; i < 2 * CLIENT_CALLS; i++)
		put_dom_call(fd, RPC_DOMAIN_CREATE, i, "web");
	assert_int_equal(fake.waiting_count, CLIENT_CALLS);
	fake.slow = false;
	fake_driver_finish(&fake);
	settle();
	while (get(fd))
		answered++;
	assert_int_equal(answered, 2 * CLIENT_CALLS);
	close(fd);
}

static void a_client_that_dies_in_the_middle(void **state)
{
	int fd = join_open();

	(void)state;
	fake.slow = true;
	put_dom_call(fd, RPC_DOMAIN_CREATE, 1, "web");
	close(fd);
	settle();
	assert_int_equal(server_client_count(fake.server), 0);
	fake_driver_finish(&fake);
	settle();
	assert_int_equal(fake_driver_find(&fake, "web")->id, 1);
}

static void garbage_closes_its_own_connection(void **state)
{
	static const char http[] = "GET / HTTP/1.1\r\nHost: node\r\n\r\n";
	static const uint8_t tiny[] = { 0, 0, 0, 4, 1, 2, 3, 4 };
	static const uint8_t large[] = { 1, 0, 0, 0, 0x20, 0, 0x80, 0x86 };
	int other = join_open();
	int fd = join(false);

	(void)state;
	put(fd, http, sizeof(http));
	assert_true(is_closed(fd));
	close(fd);
	fd = join(false);
	put(fd, tiny, sizeof(tiny));
	assert_true(is_closed(fd));
	close(fd);
	/* Sixteen megabytes are announced by somebody who has not opened the connection. */
	fd = join(false);
	put(fd, large, sizeof(large));
	assert_true(is_closed(fd));
	close(fd);
	put_call(other, RPC_CONNECT_GET_TYPE, 1, RPC_TYPE_NONE, NULL);
	assert_true(get(other));
	assert_int_equal(last.header.status, RPC_OK);
	close(other);
}

static void wrong_arguments_are_an_error(void **state)
{
	struct rpc_header header = { RPC_PROGRAM, RPC_VERSION, RPC_DOMAIN_CREATE, RPC_CALL, 1,
		RPC_OK };
	struct buf out = BUF_INIT;
	int fd = join_open();

	(void)state;
	assert_int_equal(rpc_message_add_raw(&out, &header, "\xff\xff\xff\xff", 4), 0);
	put(fd, out.data, out.length);
	get_error(fd, RPC_ERR_RPC);
	buf_done(&out);
	close(fd);
}

/* A message in pieces of one byte is a message. */
static void pieces_are_put_together(void **state)
{
	struct rpc_header header = { RPC_PROGRAM, RPC_VERSION, RPC_CONNECT_GET_TYPE, RPC_CALL, 8,
		RPC_OK };
	struct rpc_connect_get_type_ret ret;
	struct buf out = BUF_INIT;
	int fd = join_open();

	(void)state;
	assert_int_equal(rpc_message_add(&out, &header, RPC_TYPE_NONE, NULL), 0);
	for (size_t i = 0; i < out.length; i++) {
		assert_false(get(fd));
		put(fd, out.data + i, 1);
	}
	get_record(fd, RPC_TYPE_CONNECT_GET_TYPE_RET, &ret);
	assert_string_equal(ret.type, "QEMU");
	buf_done(&out);
	close(fd);
}

static void two_hundred_clients(void **state)
{
	int clients[200];

	(void)state;
	for (int i = 0; i < 200; i++)
		clients[i] = join_open();
	assert_int_equal(server_client_count(fake.server), 200);
	for (int i = 0; i < 200; i++)
		put_call(clients[i], RPC_CONNECT_GET_TYPE, (uint32_t)i, RPC_TYPE_NONE, NULL);
	for (int i = 0; i < 200; i++) {
		assert_true(get(clients[i]));
		assert_int_equal(last.header.serial, i);
		close(clients[i]);
	}
	settle();
	for (int i = 0; i < 40; i++)
		settle();
	assert_int_equal(server_client_count(fake.server), 0);
}

static void one_client_too_many(void **state)
{
	int clients[SERVER_CLIENTS];
	int ends[2];

	(void)state;
	for (int i = 0; i < SERVER_CLIENTS; i++)
		clients[i] = join(true);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	assert_int_equal(server_add(fake.server, ends[0], false), -EBUSY);
	close(ends[0]);
	close(ends[1]);
	for (int i = 0; i < SERVER_CLIENTS; i++)
		close(clients[i]);
}

static void register_lifecycle(int fd, const struct rpc_dom *dom)
{
	struct rpc_connect_domain_event_callback_register_any_args args = { 0, dom };
	struct rpc_connect_domain_event_callback_register_any_ret ret;

	put_call(fd, RPC_CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY, 1,
	    RPC_TYPE_CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY_ARGS, &args);
	get_record(fd, RPC_TYPE_CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY_RET, &ret);
	assert_int_equal(ret.callback_id, 0);
}

static void events_go_to_who_asked(void **state)
{
	struct rpc_dom db = dom_of("db");
	struct rpc_domain_event_callback_lifecycle_args event;
	struct rpc_connect_domain_event_callback_deregister_any_args stop = { 0 };
	int all = join_open();
	int one = join_open();
	int none = join_open();

	(void)state;
	register_lifecycle(all, NULL);
	register_lifecycle(one, &db);
	put_dom_call(none, RPC_DOMAIN_CREATE, 1, "web");
	get_nothing_but_success(none);
	get_record(all, RPC_TYPE_DOMAIN_EVENT_CALLBACK_LIFECYCLE_ARGS, &event);
	assert_int_equal(last.header.type, RPC_MESSAGE);
	assert_int_equal(last.header.procedure, RPC_DOMAIN_EVENT_CALLBACK_LIFECYCLE);
	assert_string_equal(event.msg.dom.name, "web");
	assert_int_equal(event.msg.event, SERVER_GUEST_STARTED);
	assert_false(get(one));
	assert_false(get(none));
	put_call(all, RPC_CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY, 2,
	    RPC_TYPE_CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY_ARGS, &stop);
	get_nothing_but_success(all);
	put_dom_call(none, RPC_DOMAIN_DESTROY, 2, "web");
	assert_false(get(all));
	close(all);
	close(one);
	close(none);
}

/* Events pile up at one that does not read: it is closed, others are served, memory is bounded. */
static void a_client_that_does_not_read(void **state)
{
	int deaf = join_open();
	int other = join_open();
	unsigned int rounds = 0;

	(void)state;
	register_lifecycle(deaf, NULL);
	while (server_client_count(fake.server) == 2 && rounds++ < 1000000) {
		struct driver_guest guest = { .conf = fake.conf.model.guests, .id = 1 };

		server_guest_event(fake.server, &guest, SERVER_GUEST_STARTED, 0);
		loop_step(loop, 0);
	}
	assert_int_equal(server_client_count(fake.server), 1);
	put_call(other, RPC_CONNECT_GET_TYPE, 1, RPC_TYPE_NONE, NULL);
	assert_true(get(other));
	close(deaf);
	close(other);
}

static void pings_are_answered(void **state)
{
	struct rpc_header ping = rpc_header_keepalive(RPC_KEEPALIVE_PING);
	int fd = join(false);

	(void)state;
	put_message(fd, &ping, RPC_TYPE_NONE, NULL);
	assert_true(get(fd));
	assert_int_equal(last.header.program, RPC_PROGRAM_KEEPALIVE);
	assert_int_equal(last.header.procedure, RPC_KEEPALIVE_PONG);
	close(fd);
}

/* A running guest's console, open as serial 9. */
static int open_console(void)
{
	struct rpc_domain_open_console_args args = { dom_of("web"), NULL, 0 };
	int fd = join_open();

	put_dom_call(fd, RPC_DOMAIN_CREATE, 1, "web");
	get_nothing_but_success(fd);
	put_call(fd, RPC_DOMAIN_OPEN_CONSOLE, 9, RPC_TYPE_DOMAIN_OPEN_CONSOLE_ARGS, &args);
	get_nothing_but_success(fd);
	assert_true(get(fd));
	assert_int_equal(last.header.type, RPC_STREAM);
	assert_int_equal(last.header.serial, 9);
	assert_int_equal(last.header.status, RPC_CONTINUE);
	assert_int_equal(last.length, 7);
	assert_memory_equal(last.payload, "login: ", 7);
	return fd;
}

static void put_packet(int fd, enum rpc_status status, const char *text)
{
	struct rpc_header header = { RPC_PROGRAM, RPC_VERSION, RPC_DOMAIN_OPEN_CONSOLE, RPC_STREAM,
		9, (int32_t)status };
	struct buf out = BUF_INIT;

	assert_int_equal(rpc_message_add_raw(&out, &header, text, strlen(text)), 0);
	put(fd, out.data, out.length);
	buf_done(&out);
}

static void a_console_both_ways(void **state)
{
	char typed[16] = "";
	int fd = open_console();
	int guest = fake_driver_find(&fake, "web")->console;

	(void)state;
	put_packet(fd, RPC_CONTINUE, "root\n");
	assert_int_equal(recv(guest, typed, sizeof(typed), MSG_DONTWAIT), 5);
	assert_string_equal(typed, "root\n");
	assert_int_equal(send(guest, "# ", 2, MSG_NOSIGNAL), 2);
	settle();
	assert_true(get(fd));
	assert_memory_equal(last.payload, "# ", 2);
	put_packet(fd, RPC_OK, "");
	assert_true(get(fd));
	assert_int_equal(last.header.type, RPC_STREAM);
	assert_int_equal(last.header.status, RPC_OK);
	assert_int_equal(recv(guest, typed, sizeof(typed), MSG_DONTWAIT), 0);
	/* Late packets of a stream that is over are dropped. */
	put_packet(fd, RPC_CONTINUE, "late");
	put_call(fd, RPC_CONNECT_GET_TYPE, 10, RPC_TYPE_NONE, NULL);
	assert_true(get(fd));
	assert_int_equal(last.header.serial, 10);
	close(fd);
}

/* The guest's end is an empty packet; the client then finishes, and is answered. */
static void a_console_ends_with_its_guest(void **state)
{
	int fd = open_console();

	(void)state;
	put_dom_call(fd, RPC_DOMAIN_DESTROY, 10, "web");
	get_nothing_but_success(fd);
	assert_true(get(fd));
	assert_int_equal(last.header.type, RPC_STREAM);
	assert_int_equal(last.header.status, RPC_CONTINUE);
	assert_int_equal(last.length, 0);
	put_packet(fd, RPC_OK, "");
	assert_true(get(fd));
	assert_int_equal(last.header.status, RPC_OK);
	close(fd);
}

/* A guest that does not read its console: the stream breaks, the connection lives. */
static void a_console_that_is_not_read(void **state)
{
	char block[4096];
	int fd = open_console();
	bool broken = false;

	(void)state;
	memset(block, 'x', sizeof(block) - 1);
	block[sizeof(block) - 1] = '\0';
	for (int i = 0; i < 1000 && !broken; i++) {
		put_packet(fd, RPC_CONTINUE, block);
		broken = get(fd);
	}
	assert_true(broken);
	assert_int_equal(last.header.type, RPC_STREAM);
	assert_int_equal(last.header.status, RPC_ERROR);
	put_call(fd, RPC_CONNECT_GET_TYPE, 10, RPC_TYPE_NONE, NULL);
	assert_true(get(fd));
	assert_int_equal(last.header.serial, 10);
	close(fd);
}

static void autostart_is_written_to_the_file(void **state)
{
	struct rpc_domain_set_autostart_args args = { dom_of("db"), 1 };
	int fd = join_open();

	(void)state;
	put_call(fd, RPC_DOMAIN_SET_AUTOSTART, 1, RPC_TYPE_DOMAIN_SET_AUTOSTART_ARGS, &args);
	get_nothing_but_success(fd);
	assert_non_null(strstr(buf_text(&fake.file), "autostart = yes order=7 # keep me\n"));
	close(fd);
}

/* What a client changes of a definition is lines of the file; what does not check changes nothing.
 */
static void definitions_are_lines_of_the_file(void **state)
{
	struct rpc_domain_set_metadata_args title = {
		.dom = dom_of("db"), .type = 1, .metadata = "a # \"title\""
	};
	struct rpc_domain_set_memory_flags_args size = { dom_of("db"), 262144, 2 };
	struct rpc_domain_set_vcpus_flags_args vcpus = { dom_of("db"), 3, 2 };
	int fd = join_open();

	(void)state;
	put_call(fd, RPC_DOMAIN_SET_METADATA, 1, RPC_TYPE_DOMAIN_SET_METADATA_ARGS, &title);
	get_nothing_but_success(fd);
	assert_string_equal(fake_driver_find(&fake, "db")->conf->title, "a # \"title\"");
	put_call(fd, RPC_DOMAIN_SET_MEMORY_FLAGS, 2, RPC_TYPE_DOMAIN_SET_MEMORY_FLAGS_ARGS, &size);
	get_nothing_but_success(fd);
	put_call(fd, RPC_DOMAIN_SET_VCPUS_FLAGS, 3, RPC_TYPE_DOMAIN_SET_VCPUS_FLAGS_ARGS, &vcpus);
	get_nothing_but_success(fd);
	assert_non_null(strstr(buf_text(&fake.file), "memory = 256M\n"));
	assert_non_null(strstr(buf_text(&fake.file), "vcpus = 3\n"));
	assert_non_null(strstr(buf_text(&fake.file), "# keep me\n"));
	vcpus.nvcpus = 1000;
	put_call(fd, RPC_DOMAIN_SET_VCPUS_FLAGS, 4, RPC_TYPE_DOMAIN_SET_VCPUS_FLAGS_ARGS, &vcpus);
	get_error(fd, RPC_ERR_UNSUPPORTED_CONFIG);
	assert_non_null(strstr(buf_text(&fake.file), "vcpus = 3\n"));
	title.metadata = "two\nlines";
	put_call(fd, RPC_DOMAIN_SET_METADATA, 5, RPC_TYPE_DOMAIN_SET_METADATA_ARGS, &title);
	get_error(fd, RPC_ERR_INVALID_ARG);
	put_dom_call(fd, RPC_DOMAIN_UNDEFINE, 6, "db");
	get_nothing_but_success(fd);
	assert_null(strstr(buf_text(&fake.file), "\"db\""));
	assert_non_null(strstr(buf_text(&fake.file), "[guest \"web\"]"));
	assert_null(fake_driver_find(&fake, "db"));
	close(fd);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_dump_ends_in_one_way),
		TEST(a_client_opens_and_lists),
		TEST(other_hypervisors_are_refused),
		TEST(unknown_procedures_and_programs),
		TEST(read_only_connections_only_read),
		TEST(the_read_only_flag_is_kept),
		TEST(the_power_of_a_guest),
		TEST(a_guest_that_is_gone),
		TEST(a_network_that_is_gone),
		TEST(slow_calls_hold_up_nothing),
		TEST(calls_in_progress_are_bounded),
		TEST(a_client_that_dies_in_the_middle),
		TEST(garbage_closes_its_own_connection),
		TEST(wrong_arguments_are_an_error),
		TEST(pieces_are_put_together),
		TEST(two_hundred_clients),
		TEST(one_client_too_many),
		TEST(events_go_to_who_asked),
		TEST(a_client_that_does_not_read),
		TEST(pings_are_answered),
		TEST(a_console_both_ways),
		TEST(a_console_ends_with_its_guest),
		TEST(a_console_that_is_not_read),
		TEST(autostart_is_written_to_the_file),
		TEST(definitions_are_lines_of_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
