/* SPDX-License-Identifier: GPL-2.0-only */
/* Records against bytes: as real clients and servers write them, and as nobody should. */
#include "tests/unit/unit_test.h"

#include <errno.h>
#include <string.h>

#include "rpc/codec.h"

static struct rpc_memory memory;

static int set_up(void **state)
{
	(void)state;
	rpc_memory_init(&memory, 1024 * 1024);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	rpc_memory_done(&memory);
	return 0;
}

static int decode(enum rpc_type type, const void *data, size_t length, void *ret_record)
{
	return rpc_decode(type, data, length, &memory, ret_record);
}

/* The arguments of CONNECT_OPEN as libvirt's client writes them for qemu:///system. */
static const char open_args[] = "\0\0\0\1"
				"\0\0\0\xe"
				"qemu:///system\0\0"
				"\0\0\0\1";

static void bytes_of_a_real_client(void **state)
{
	struct rpc_connect_open_args args;
	struct buf out = BUF_INIT;

	(void)state;
	assert_int_equal(
	    decode(RPC_TYPE_CONNECT_OPEN_ARGS, open_args, sizeof(open_args) - 1, &args), 0);
	assert_string_equal(args.name, "qemu:///system");
	assert_int_equal(args.flags, 1);
	assert_int_equal(rpc_encode(RPC_TYPE_CONNECT_OPEN_ARGS, &args, &out), 0);
	assert_int_equal(out.length, sizeof(open_args) - 1);
	assert_memory_equal(out.data, open_args, out.length);
	buf_done(&out);
}

static void any_flag_of_an_optional_counts(void **state)
{
	char bytes[sizeof(open_args)];
	struct rpc_connect_open_args args;

	(void)state;
	memcpy(bytes, open_args, sizeof(bytes));
	memcpy(bytes, "\1\0\0\0", 4);
	assert_int_equal(decode(RPC_TYPE_CONNECT_OPEN_ARGS, bytes, sizeof(bytes) - 1, &args), 0);
	assert_string_equal(args.name, "qemu:///system");
	assert_int_equal(decode(RPC_TYPE_CONNECT_OPEN_ARGS, "\0\0\0\0\0\0\0\0", 8, &args), 0);
	assert_null(args.name);
}

/* virsh against libvirtd shows 188 bytes for this reply: a character is four bytes. */
static void characters_are_four_bytes(void **state)
{
	struct rpc_node_get_info_ret info = { .model = "x86_64", .memory = 4096, .cpus = 2 };
	struct rpc_node_get_info_ret back;
	struct buf out = BUF_INIT;

	(void)state;
	assert_int_equal(rpc_encode(RPC_TYPE_NODE_GET_INFO_RET, &info, &out), 0);
	assert_int_equal(out.length, 188 - 28);
	assert_memory_equal(out.data, "\0\0\0x\0\0\0008", 8);
	assert_int_equal(decode(RPC_TYPE_NODE_GET_INFO_RET, out.data, out.length, &back), 0);
	assert_memory_equal(&back, &info, sizeof(info));
	buf_done(&out);
}

static void every_type_of_parameter(void **state)
{
	struct rpc_params params = { .memory = &memory };
	struct rpc_domain_stats_record record = { .dom = { .name = "web", .id = -1 } };
	struct rpc_connect_get_all_domain_stats_ret ret = { .ret_stats_count = 1,
		.ret_stats = &record };
	struct rpc_connect_get_all_domain_stats_ret back;
	const struct rpc_param *param;
	struct buf out = BUF_INIT;
	int64_t value;

	(void)state;
	rpc_params_int(&params, -3, "state.state");
	rpc_params_uint(&params, 4000000000u, "net.count");
	rpc_params_llong(&params, -1, "a");
	rpc_params_ullong(&params, UINT64_MAX, "block.%d.rd.bytes", 7);
	rpc_params_string(&params, "vda", "block.0.name");
	assert_false(params.failed);
	record.params = params.items;
	record.params_count = params.count;
	assert_int_equal(rpc_encode(RPC_TYPE_CONNECT_GET_ALL_DOMAIN_STATS_RET, &ret, &out), 0);
	assert_int_equal(
	    decode(RPC_TYPE_CONNECT_GET_ALL_DOMAIN_STATS_RET, out.data, out.length, &back), 0);
	assert_int_equal(back.ret_stats_count, 1);
	assert_string_equal(back.ret_stats[0].dom.name, "web");
	assert_int_equal(back.ret_stats[0].dom.id, -1);
	assert_int_equal(back.ret_stats[0].params_count, 5);
	param = rpc_param_find(back.ret_stats[0].params, 5, "block.7.rd.bytes");
	assert_non_null(param);
	assert_true(param->value.ul == UINT64_MAX);
	param = rpc_param_find(back.ret_stats[0].params, 5, "state.state");
	assert_true(rpc_param_number(param, &value));
	assert_int_equal(value, -3);
	param = rpc_param_find(back.ret_stats[0].params, 5, "block.0.name");
	assert_false(rpc_param_number(param, &value));
	assert_string_equal(param->value.s, "vda");
	assert_null(rpc_param_find(back.ret_stats[0].params, 5, "none"));
	buf_done(&out);
}

static void optional_records(void **state)
{
	struct rpc_dom dom = { .name = "web", .uuid = { 1, 2, 3 }, .id = 7 };
	struct rpc_error error = { .code = 42, .message = "gone", .dom = &dom };
	struct rpc_error back;
	struct buf out = BUF_INIT;

	(void)state;
	assert_int_equal(rpc_encode(RPC_TYPE_ERROR, &error, &out), 0);
	assert_int_equal(decode(RPC_TYPE_ERROR, out.data, out.length, &back), 0);
	assert_string_equal(back.message, "gone");
	assert_non_null(back.dom);
	assert_memory_equal(back.dom->uuid, dom.uuid, 16);
	assert_null(back.net);
	assert_null(back.str1);
	buf_done(&out);
}

/* Cut anywhere, a message is refused, and nothing past its end is read (the sanitizers look). */
static void cut_messages_are_refused(void **state)
{
	struct rpc_dom doms[3] = { { .name = "a" }, { .name = "bb" }, { .name = "ccccc" } };
	struct rpc_connect_list_all_domains_ret ret = { 3, doms, 3 };
	struct rpc_connect_list_all_domains_ret back;
	struct buf out = BUF_INIT;

	(void)state;
	assert_int_equal(rpc_encode(RPC_TYPE_CONNECT_LIST_ALL_DOMAINS_RET, &ret, &out), 0);
	for (size_t length = 0; length < out.length; length++) {
		char *cut = test_malloc(length + 1);

		memcpy(cut, out.data, length);
		assert_int_equal(
		    decode(RPC_TYPE_CONNECT_LIST_ALL_DOMAINS_RET, cut, length, &back), -EBADMSG);
		test_free(cut);
	}
	assert_int_equal(
	    decode(RPC_TYPE_CONNECT_LIST_ALL_DOMAINS_RET, out.data, out.length, &back), 0);
	buf_puts(&out, "more");
	assert_int_equal(
	    decode(RPC_TYPE_CONNECT_LIST_ALL_DOMAINS_RET, out.data, out.length, &back), -EBADMSG);
	buf_done(&out);
}

/* A count is believed as far as the bytes reach, and a length as far as the limits. */
static void counts_that_lie(void **state)
{
	struct rpc_connect_list_all_domains_ret domains;
	struct rpc_domain_lookup_by_name_args lookup;
	struct rpc_domain_pin_vcpu_args pin;

	(void)state;
	assert_int_equal(
	    decode(RPC_TYPE_CONNECT_LIST_ALL_DOMAINS_RET, "\0\0\x40\0\0\0\0\0", 8, &domains),
	    -EBADMSG);
	assert_int_equal(
	    decode(RPC_TYPE_CONNECT_LIST_ALL_DOMAINS_RET, "\xff\xff\xff\xff\0\0\0\0", 8, &domains),
	    -EBADMSG);
	assert_int_equal(
	    decode(RPC_TYPE_DOMAIN_LOOKUP_BY_NAME_ARGS, "\xff\xff\xff\xfc", 4, &lookup), -EBADMSG);
	assert_int_equal(
	    decode(RPC_TYPE_DOMAIN_LOOKUP_BY_NAME_ARGS, "\0\0\0\4a\0b\0", 8, &lookup), -EBADMSG);
	assert_true(memory.used < 4096);
	assert_int_equal(decode(RPC_TYPE_DOMAIN_PIN_VCPU_ARGS,
			     "\0\0\0\1a\0\0\0"
			     "0123456789abcdef\0\0\0\1\0\0\0\0\0\0\x10\0",
			     36, &pin),
	    -EBADMSG);
}

static void memory_has_a_limit(void **state)
{
	struct rpc_dom doms[100];
	struct rpc_connect_list_all_domains_ret ret = { 100, doms, 100 };
	struct buf out = BUF_INIT;
	struct rpc_memory small;

	(void)state;
	for (int i = 0; i < 100; i++)
		doms[i] = (struct rpc_dom){ .name = "a name" };
	assert_int_equal(rpc_encode(RPC_TYPE_CONNECT_LIST_ALL_DOMAINS_RET, &ret, &out), 0);
	rpc_memory_init(&small, 1000);
	assert_int_equal(rpc_decode(RPC_TYPE_CONNECT_LIST_ALL_DOMAINS_RET,
			     (const uint8_t *)out.data, out.length, &small, &ret),
	    -ENOMEM);
	rpc_memory_done(&small);
	rpc_memory_init(&small, RPC_DECODED(out.length));
	assert_int_equal(rpc_decode(RPC_TYPE_CONNECT_LIST_ALL_DOMAINS_RET,
			     (const uint8_t *)out.data, out.length, &small, &ret),
	    0);
	rpc_memory_done(&small);
	buf_done(&out);
}

static void what_is_too_long_is_not_sent(void **state)
{
	char *name = test_calloc(1, RPC_STRING_MAX + 2);
	struct rpc_domain_lookup_by_name_args lookup = { name };
	struct rpc_connect_list_all_domains_ret many = { 16385, NULL, 0 };
	struct buf out = BUF_INIT;

	(void)state;
	memset(name, 'a', RPC_STRING_MAX + 1);
	assert_int_equal(rpc_encode(RPC_TYPE_DOMAIN_LOOKUP_BY_NAME_ARGS, &lookup, &out), -EMSGSIZE);
	assert_int_equal(rpc_encode(RPC_TYPE_CONNECT_LIST_ALL_DOMAINS_RET, &many, &out), -EMSGSIZE);
	buf_done(&out);
	test_free(name);
}

static void kinds_of_procedures(void **state)
{
	(void)state;
	assert_null(rpc_signature(0));
	assert_null(rpc_signature(-1));
	assert_null(rpc_signature(RPC_PROCEDURE_END));
	assert_int_equal(rpc_signature(RPC_DOMAIN_DESTROY)->flags, RPC_KNOWN | RPC_WRITES);
	assert_int_equal(rpc_signature(RPC_CONNECT_GET_TYPE)->flags, RPC_KNOWN);
	assert_int_equal(
	    rpc_signature(RPC_DOMAIN_OPEN_CONSOLE)->flags, RPC_KNOWN | RPC_WRITES | RPC_STREAMS);
	assert_int_equal(
	    rpc_signature(RPC_DOMAIN_EVENT_CALLBACK_LIFECYCLE)->flags, RPC_KNOWN | RPC_EVENT);
	assert_int_equal(
	    rpc_signature(RPC_CONNECT_GET_TYPE)->returned, RPC_TYPE_CONNECT_GET_TYPE_RET);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_of_a_real_client),
		cmocka_unit_test(any_flag_of_an_optional_counts),
		cmocka_unit_test(characters_are_four_bytes),
		cmocka_unit_test(every_type_of_parameter),
		cmocka_unit_test(optional_records),
		cmocka_unit_test(cut_messages_are_refused),
		cmocka_unit_test(counts_that_lie),
		cmocka_unit_test(memory_has_a_limit),
		cmocka_unit_test(what_is_too_long_is_not_sent),
		cmocka_unit_test(kinds_of_procedures),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
