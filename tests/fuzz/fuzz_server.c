/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A client that calls procedures in any order with any arguments, and now and then sends what is no
 * message, behind guests in memory and a pool in a folder: each call is answered, the server serves
 * on, and nothing of the folder's outside is touched. The arguments are made by the procedure's
 * table out of the fuzzer's bytes, with names that exist, so that they get past the decoding.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/uuid.h"
#include "rpc/message.h"
#include "tests/fuzz/script.h"
#include "tests/unit/fake_driver.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);

#define CALLS 24
#define FILE_MOST (1u << 20)

static char base[] = "/tmp/berth-fuzz-server-XXXXXX";
static char folder[64];
static char guarded[64];
static struct loop *loop;
static struct fake_driver fake;
static char configuration[1024];

/* Texts that lead somewhere, and some that should not. */
static const char *const texts[] = { "web", "db", "default", "store", "quiet", "disk.img",
	"a.qcow2", "computer", "lo", "vda", "vnet0", "serial0", "", "../guarded", "/etc/passwd",
	"..", "raw", "qemu:///system", "pc", "x86_64", "kvm", "memory", "hdd",
	"<domain type='kvm'><name>new</name><memory>65536</memory><vcpu>1</vcpu><os><type>hvm</type></os>"
	"<devices><disk type='volume'><source pool='store' volume='disk.img'/><target dev='vda'/></disk>"
	"<interface type='network'><source network='default'/></interface></devices></domain>",
	"<network><name>net1</name><forward mode='nat'/><ip address='10.1.2.1' prefix='24'>"
	"<dhcp><range start='10.1.2.2' end='10.1.2.9'/></dhcp></ip></network>",
	"<pool type='dir'><name>p</name><target><path>/data/p</path></target></pool>",
	"<volume><name>v.img</name><capacity>65536</capacity><allocation>0</allocation></volume>",
	"<disk type='file'><source file='/data/x.img'/><target dev='vdb'/></disk>" };

static void make_string(struct script *script, struct buf *out)
{
	char text[512];
	size_t choice = (size_t)script_take(script, 1);
	size_t length;

	if (choice < sizeof(texts) / sizeof(texts[0])) {
		length = (size_t)snprintf(text, sizeof(text), "%s", texts[choice]);
		/* With some of it overwritten. */
		for (uint64_t spoil = script_take(script, 1) % 4; spoil && length; spoil--)
			text[script_take(script, 2) % length] = (char)script_take(script, 1);
	} else {
		length = choice % 16;
		for (size_t i = 0; i < length; i++)
			text[i] = (char)script_take(script, 1);
	}
	buf_add(out, (const char[]){ 0, 0, (char)(length >> 8), (char)length }, 4);
	buf_add(out, text, length);
	buf_add(out, (const char[]){ 0, 0, 0 }, -length & 3);
}

static void make_uuid(struct script *script, struct buf *out)
{
	static const char *const kinds[] = { "guest", "guest", "network", "network", "pool" };
	static const char *const names[] = { "web", "db", "default", "quiet", "store" };
	uint64_t choice = script_take(script, 1);
	uint8_t uuid[16];

	if (choice < 5)
		uuid_of_name(kinds[choice], names[choice], uuid);
	for (unsigned int i = 0; i < 16 && choice >= 5; i++)
		uuid[i] = (uint8_t)script_take(script, 1);
	buf_add(out, (const char *)uuid, 16);
}

/* Small numbers mostly, of `bytes`, the highest first. */
static void make_number(struct script *script, unsigned int bytes, struct buf *out)
{
	uint64_t value = script_take(script, 1);

	if (value == 255)
		value = script_take(script, 8);
	else if (value >= 250)
		value = 0 - (value - 249);
	for (unsigned int i = bytes; i > 0; i--)
		buf_add(out, (const char[]){ (char)(value >> (8 * (i - 1))) }, 1);
}

static void make_record(enum rpc_type type, struct script *script, struct buf *out);

static void make_param(struct script *script, struct buf *out)
{
	uint8_t kind = (uint8_t)(script_take(script, 1) % 9);

	make_string(script, out);
	buf_add(out, (const char[]){ 0, 0, 0, (char)kind }, 4);
	if (kind == 7)
		make_string(script, out);
	else
		make_number(script, kind >= 3 && kind <= 5 ? 8 : 4, out);
}

static void make_one(const struct rpc_field *field, struct script *script, struct buf *out)
{
	switch ((enum rpc_kind)field->kind) {
	case RPC_KIND_I64:
	case RPC_KIND_U64:
	case RPC_KIND_DOUBLE:
		make_number(script, 8, out);
		break;
	case RPC_KIND_STRING:
		make_string(script, out);
		break;
	case RPC_KIND_UUID:
		make_uuid(script, out);
		break;
	case RPC_KIND_PARAM:
		make_param(script, out);
		break;
	case RPC_KIND_RECORD:
		make_record(field->record, script, out);
		break;
	default:
		make_number(script, 4, out);
	}
}

static void make_field(const struct rpc_field *field, struct script *script, struct buf *out)
{
	uint64_t count = 1;

	if (field->shape == RPC_SHAPE_OPTIONAL || field->shape == RPC_SHAPE_COUNTED) {
		count = script_take(script, 1) % (field->shape == RPC_SHAPE_OPTIONAL ? 2 : 5);
		buf_add(out, (const char[]){ 0, 0, 0, (char)count }, 4);
	} else if (field->shape == RPC_SHAPE_FIXED) {
		count = field->limit;
	}
	if (field->kind == RPC_KIND_OPAQUE) {
		for (uint64_t i = 0; i < count; i++)
			buf_add(out, (const char[]){ (char)script_take(script, 1) }, 1);
		buf_add(out, (const char[]){ 0, 0, 0 }, -count & 3);
		return;
	}
	for (uint64_t i = 0; i < count; i++)
		make_one(field, script, out);
}

static void make_record(enum rpc_type type, struct script *script, struct buf *out)
{
	const struct rpc_layout *layout = rpc_layout(type);
	const struct rpc_field *fields = rpc_fields(layout);

	for (unsigned int i = 0; i < layout->count; i++)
		make_field(&fields[i], script, out);
}

/* The server has closed the connection. */
static bool closed;

/* Everything that has come back; whether an answer to `serial` is among it. */
static bool drain(int fd, uint32_t serial)
{
	static uint8_t data[1u << 22];
	size_t length = 0;
	size_t at = 0;
	bool answered = false;

	closed = false;
	for (int i = 0; i < 64; i++) {
		ssize_t got;

		loop_step(loop, 0);
		got = recv(fd, data + length, sizeof(data) - length, MSG_DONTWAIT);
		if (got > 0)
			length += (size_t)got;
		else if (!got)
			closed = true;
		if (closed || (got < 0 && i > 3))
			break;
	}
	while (length - at >= RPC_HEADER_SIZE) {
		int size = rpc_message_length(data + at, length - at, RPC_MESSAGE_MAX);
		struct rpc_header header;
		const uint8_t *payload;
		size_t rest;

		check(size > 0);
		if ((size_t)size > length - at)
			break;
		rpc_message_open(data + at, (size_t)size, &header, &payload, &rest);
		answered |= header.type == RPC_REPLY && header.serial == serial;
		at += (size_t)size;
	}
	return answered;
}

static int join(bool read_only)
{
	int ends[2];

	check(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends));
	check(!server_add(fake.server, ends[0], read_only));
	return ends[1];
}

/* False when the server has closed the connection. */
static bool put(int fd, const struct buf *message)
{
	return send(fd, message->data, message->length, MSG_NOSIGNAL) == (ssize_t)message->length;
}

static bool call(int fd, int32_t procedure, uint32_t serial, const struct buf *arguments)
{
	struct rpc_header header = { RPC_PROGRAM, RPC_VERSION, procedure, RPC_CALL, serial,
		RPC_OK };
	struct buf message = BUF_INIT;
	bool well;

	check(!rpc_message_add_raw(&message, &header, buf_text(arguments), arguments->length));
	well = put(fd, &message) && drain(fd, serial);
	buf_done(&message);
	return well;
}

static void open_connection(int fd)
{
	struct buf arguments = BUF_INIT;

	/* No name, no flags. */
	buf_add(&arguments, (const char[8]){ 0 }, 8);
	check(call(fd, RPC_CONNECT_OPEN, 0, &arguments));
	buf_done(&arguments);
}

/* One step of the client; false when it has been closed for it. */
static bool step(int fd, struct script *script, uint32_t serial)
{
	int32_t procedure = (int32_t)(script_take(script, 2) % (RPC_PROCEDURE_END + 8));
	const struct rpc_signature *signature = rpc_signature(procedure);
	uint64_t how = script_take(script, 1);
	struct buf arguments = BUF_INIT;
	bool goes_on = true;

	if (signature && signature->arguments != RPC_TYPE_NONE)
		make_record((enum rpc_type)signature->arguments, script, &arguments);
	if (how < 240) {
		/* Every call is answered, once it is one. */
		goes_on = call(fd, procedure, serial, &arguments);
		check(goes_on);
	} else {
		/* Another kind of message, a stream's packet, or a length of its own. */
		struct rpc_header header = { RPC_PROGRAM + (how == 240), RPC_VERSION + (how == 241),
			procedure, (int32_t)(how % 8), serial - (uint32_t)(how % 3),
			(int32_t)script_take(script, 1) % 3 };
		struct buf message = BUF_INIT;

		check(!rpc_message_add_raw(
		    &message, &header, buf_text(&arguments), arguments.length));
		if (how == 255)
			message.data[script_take(script, 1) % 4] ^= (char)script_take(script, 1);
		goes_on = put(fd, &message) && !drain(fd, UINT32_MAX) && !closed && how != 255;
		buf_done(&message);
	}
	buf_done(&arguments);
	return goes_on;
}

static void empty_folder(void)
{
	DIR *stream = opendir(folder);
	struct dirent *entry;

	check(stream != NULL);
	while ((entry = readdir(stream)))
		if (entry->d_name[0] != '.' || strlen(entry->d_name) > 2)
			unlinkat(dirfd(stream), entry->d_name, 0);
	closedir(stream);
}

static void fill_folder(void)
{
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "%s/disk.img", folder);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	check(fd >= 0 && !ftruncate(fd, 65536));
	close(fd);
}

static void remove_folders(void)
{
	empty_folder();
	rmdir(folder);
	unlink(guarded);
	rmdir(base);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct rlimit limit = { FILE_MOST, FILE_MOST };

	(void)argc;
	(void)argv;
	/* Volumes of any size are asked for: none fills this machine's disk. */
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	check(mkdtemp(base) != NULL);
	snprintf(folder, sizeof(folder), "%s/pool", base);
	snprintf(guarded, sizeof(guarded), "%s/guarded", base);
	check(!mkdir(folder, 0700) && close(open(guarded, O_CREAT | O_CLOEXEC, 0600)) == 0);
	check(!atexit(remove_folders));
	snprintf(configuration, sizeof(configuration),
	    "[network \"default\"]\naddress = 192.168.122.1/24\n"
	    "[network \"quiet\"]\nmode = isolated\naddress = 10.9.8.1/24\n"
	    "[pool \"store\"]\npath = %s\n"
	    "[guest \"web\"]\nmemory = 64M\ndisk = store/disk.img\n"
	    "nic = default mac=52:54:00:11:22:33\n[guest \"db\"]\nmemory = 64M\n",
	    folder);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct script script = { data, size };
	bool read_only = script_take(&script, 1) & 1;
	struct buf nothing = BUF_INIT;
	int fd;
	int other;

	fill_folder();
	check(!loop_create(&loop) && !fake_driver_init(&fake, loop, configuration) &&
	      !server_create(loop, &fake_driver_ops, &fake, &fake.server));
	fd = join(read_only);
	other = join(false);
	open_connection(other);
	if (script_take(&script, 1) & 7)
		open_connection(fd);
	for (uint32_t serial = 1; serial <= CALLS && script.left; serial++)
		if (!step(fd, &script, serial)) {
			close(fd);
			fd = join(read_only);
			open_connection(fd);
		}
	check(call(other, RPC_CONNECT_GET_TYPE, 77, &nothing));
	close(fd);
	loop_step(loop, 0);
	server_free(fake.server);
	close(other);
	fake_driver_done(&fake);
	loop_free(loop);
	check(!access(guarded, F_OK));
	empty_folder();
	return 0;
}
