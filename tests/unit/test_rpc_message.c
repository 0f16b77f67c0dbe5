/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <string.h>

#include "rpc/message.h"

/* AUTH_LIST as the first call of every client. */
static const uint8_t auth_list[] = { 0, 0, 0, 28, 0x20, 0, 0x80, 0x86, 0, 0, 0, 1, 0, 0, 0, 66, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };

static void a_call_is_taken_apart(void **state)
{
	struct rpc_header header;
	const uint8_t *payload;
	size_t length;

	(void)state;
	assert_int_equal(rpc_message_length(auth_list, sizeof(auth_list), 65536), 28);
	rpc_message_open(auth_list, sizeof(auth_list), &header, &payload, &length);
	assert_int_equal(header.program, RPC_PROGRAM);
	assert_int_equal(header.version, RPC_VERSION);
	assert_int_equal(header.procedure, RPC_AUTH_LIST);
	assert_int_equal(header.type, RPC_CALL);
	assert_int_equal(header.serial, 0);
	assert_int_equal(header.status, RPC_OK);
	assert_int_equal(length, 0);
	assert_ptr_equal(payload, auth_list + 28);
}

static void a_call_is_built(void **state)
{
	struct rpc_header header = { RPC_PROGRAM, RPC_VERSION, RPC_AUTH_LIST, RPC_CALL, 0, RPC_OK };
	struct buf out = BUF_INIT;

	(void)state;
	buf_puts(&out, "before");
	assert_int_equal(rpc_message_add(&out, &header, RPC_TYPE_NONE, NULL), 0);
	assert_int_equal(out.length, 6 + 28);
	assert_memory_equal(out.data + 6, auth_list, 28);
	buf_done(&out);
}

static void lengths_have_bounds(void **state)
{
	static const uint8_t small[] = { 0, 0, 0, 27 };
	static const uint8_t large[] = { 2, 0, 0, 1 };
	static const uint8_t largest[] = { 2, 0, 0, 0 };
	static const uint8_t negative[] = { 0xff, 0xff, 0xff, 0xff };

	(void)state;
	assert_int_equal(rpc_message_length(auth_list, 3, 65536), 0);
	assert_int_equal(rpc_message_length(small, 4, 65536), -EBADMSG);
	assert_int_equal(rpc_message_length(large, 4, UINT32_MAX), -EBADMSG);
	assert_int_equal(rpc_message_length(largest, 4, UINT32_MAX), RPC_MESSAGE_MAX);
	assert_int_equal(rpc_message_length(largest, 4, 65536), -EBADMSG);
	assert_int_equal(rpc_message_length(negative, 4, UINT32_MAX), -EBADMSG);
}

/* A reply that does not fit is taken back whole, and what stood before it stays. */
static void a_reply_too_large_is_taken_back(void **state)
{
	struct rpc_header header = { RPC_PROGRAM, RPC_VERSION, 1, RPC_REPLY, 0, RPC_OK };
	char *data = test_calloc(1, RPC_MESSAGE_MAX);
	struct buf out = BUF_INIT;

	(void)state;
	buf_puts(&out, "before");
	assert_int_equal(rpc_message_add_raw(&out, &header, data, RPC_MESSAGE_MAX - 27), -EMSGSIZE);
	assert_int_equal(out.length, 6);
	assert_int_equal(rpc_message_add_raw(&out, &header, data, RPC_MESSAGE_MAX - 28), 0);
	buf_done(&out);
	test_free(data);
}

static void answers_copy_the_call(void **state)
{
	struct rpc_header call = { RPC_PROGRAM, RPC_VERSION, RPC_DOMAIN_OPEN_CONSOLE, RPC_CALL, 9,
		RPC_OK };
	struct rpc_header reply = rpc_header_reply(&call, RPC_ERROR);
	struct rpc_header packet = rpc_header_stream(&call, RPC_CONTINUE);
	struct rpc_header ping = rpc_header_keepalive(RPC_KEEPALIVE_PING);

	(void)state;
	assert_int_equal(reply.type, RPC_REPLY);
	assert_int_equal(reply.status, RPC_ERROR);
	assert_int_equal(reply.serial, 9);
	assert_int_equal(reply.procedure, RPC_DOMAIN_OPEN_CONSOLE);
	assert_int_equal(packet.type, RPC_STREAM);
	assert_int_equal(packet.status, RPC_CONTINUE);
	assert_int_equal(packet.serial, 9);
	assert_int_equal(ping.program, RPC_PROGRAM_KEEPALIVE);
	assert_int_equal(ping.type, RPC_MESSAGE);
	assert_int_equal(ping.serial, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_is_taken_apart),
		cmocka_unit_test(a_call_is_built),
		cmocka_unit_test(lengths_have_bounds),
		cmocka_unit_test(a_reply_too_large_is_taken_back),
		cmocka_unit_test(answers_copy_the_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
