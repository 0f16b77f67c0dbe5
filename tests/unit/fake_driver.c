/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/unit/fake_driver.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conf/edit.h"
#include "lib/uuid.h"
#include "node/guest/resources.h"

static const char *const tap_names[] = { "vnet0", "vnet1", "vnet2", "vnet3", "vnet4", "vnet5",
	"vnet6", "vnet7" };

static int pool_set_active(void *driver, const char *name, bool active);

/* Take over the guests of a configuration; those that run already go on. */
static void adopt(struct fake_driver *fake)
{
	static struct fake_guest before[FAKE_GUESTS];
	unsigned int count = fake->count;

	memcpy(before, fake->guests, sizeof(before));
	fake->count = 0;
	for (const struct conf_guest *conf = fake->conf.model.guests;
	     conf && fake->count < FAKE_GUESTS; conf = conf->next) {
		struct fake_guest *guest = &fake->guests[fake->count++];
		unsigned int nic = 0;
		unsigned int count_disks = 0;

		*guest = (struct fake_guest){
			.conf = conf, .id = -1, .state = DRIVER_SHUT_OFF, .console = -1
		};
		if (!conf->uuid || !uuid_parse(conf->uuid, guest->uuid))
			uuid_of_name("guest", conf->name, guest->uuid);
		for (const struct conf_nic *one = conf->nics; one && nic < 8;
		     one = one->next, nic++) {
			guest->taps[nic] = tap_names[nic];
			guest->macs[nic] = one->mac;
		}
		for (const struct conf_disk *disk = conf->disks; disk && count_disks < 8;
		     disk = disk->next)
			if (*disk->source == '/')
				guest->disks[count_disks++] = disk->source;
		for (unsigned int i = 0; i < count; i++)
			if (!memcmp(before[i].uuid, guest->uuid, 16)) {
				guest->id = before[i].id;
				guest->state = before[i].state;
				guest->reason = before[i].reason;
				guest->console = before[i].console;
				guest->transient = before[i].transient;
				guest->job = before[i].job;
			}
	}
}

int fake_driver_init(struct fake_driver *fake, struct loop *loop, const char *text)
{
	memset(fake, 0, sizeof(*fake));
	fake->loop = loop;
	buf_puts(&fake->file, text);
	if (conf_load(text, strlen(text), &fake->conf))
		return -ENOMEM;
	if (fake->conf.diags.count) {
		struct buf complaint = BUF_INIT;

		conf_diags_print(&fake->conf.diags, "test", &complaint);
		fputs(buf_text(&complaint), stderr);
		buf_done(&complaint);
		return -EBADMSG;
	}
	adopt(fake);
	for (const struct conf_pool *pool = fake->conf.model.pools; pool; pool = pool->next)
		pool_set_active(fake, pool->name, true);
	return 0;
}

void fake_driver_done(struct fake_driver *fake)
{
	for (unsigned int i = 0; i < fake->count; i++)
		if (fake->guests[i].console >= 0)
			close(fake->guests[i].console);
	for (unsigned int i = 0; i < FAKE_PARTS; i++)
		buf_done(&fake->parts[i].text);
	config_release(fake->looked);
	conf_done(&fake->conf);
	buf_done(&fake->file);
}

struct fake_guest *fake_driver_find(struct fake_driver *fake, const char *name)
{
	for (unsigned int i = 0; i < fake->count; i++)
		if (!strcmp(fake->guests[i].conf->name, name))
			return &fake->guests[i];
	return NULL;
}

static const struct conf_model *model(void *driver)
{
	return &((struct fake_driver *)driver)->conf.model;
}

struct driver_guest fake_driver_seen(struct fake_driver *fake, const struct fake_guest *guest)
{
	struct driver_guest one = { .conf = guest->conf,
		.id = guest->id,
		.state = guest->state,
		.reason = guest->reason,
		.persistent = !guest->transient,
		.autostart = guest->conf->autostart.on,
		.macs = guest->macs,
		.taps = guest->id >= 0 ? guest->taps : NULL,
		.disks = guest->id >= 0 && guest->disks[0] ? guest->disks : NULL,
		.saved = fake_saved_is(fake, guest),
		.full_disk = guest->full ? "vda" : NULL,
		.console_path = guest->id >= 0 ? "/dev/pts/7" : NULL };

	memcpy(one.uuid, guest->uuid, 16);
	return one;
}

static void guests(
    void *driver, bool (*each)(void *context, const struct driver_guest *guest), void *context)
{
	struct fake_driver *fake = driver;

	for (unsigned int i = 0; i < fake->count; i++) {
		struct driver_guest one = fake_driver_seen(fake, &fake->guests[i]);

		if (!each(context, &one))
			return;
	}
}

struct fake_guest *fake_driver_of(struct fake_driver *fake, const uint8_t uuid[16])
{
	for (unsigned int i = 0; i < fake->count; i++)
		if (!memcmp(fake->guests[i].uuid, uuid, 16))
			return &fake->guests[i];
	return NULL;
}

static int stats(void *driver, const uint8_t uuid[16], struct driver_stats *ret_stats)
{
	static const struct driver_vcpu_stats vcpus[4] = { { 1000000000, 0 }, { 500000000, 1 } };
	static const struct driver_disk_stats disks[8] = {
		{ 10, 4096, 1000, 20, 8192, 2000, 3, 300, 1048576, 2097152, 1048576 },
		{ 1, 512, 10, 0, 0, 0, 0, 0, 512, 1024, 512 },
	};
	static const struct driver_nic_stats nics[8] = { { 100, 1, 0, 0, 200, 2, 0, 0 } };
	const struct fake_guest *guest = fake_driver_of(driver, uuid);

	if (!guest || guest->id < 0)
		return guest ? -EBUSY : -ENOENT;
	*ret_stats = (struct driver_stats){ .cpu_time = 1500000000,
		.cpu_user = 1000000000,
		.cpu_system = 500000000,
		.memory = guest->memory ? guest->memory : guest->conf->memory,
		.rss = 50 * 1024 * 1024,
		.vcpu_count = guest->conf->vcpus < 4 ? (unsigned int)guest->conf->vcpus : 4,
		.vcpus = vcpus,
		.disks = disks,
		.nics = nics };
	for (const struct conf_disk *disk = guest->conf->disks; disk; disk = disk->next)
		ret_stats->disk_count++;
	for (const struct conf_nic *nic = guest->conf->nics; nic; nic = nic->next)
		ret_stats->nic_count++;
	return 0;
}

/* In the order in which the VMM puts them on its bus. */
static int devices(void *driver, const uint8_t uuid[16], struct buf *ret_text)
{
	const struct fake_guest *guest = fake_driver_of(driver, uuid);
	struct resource_console consoles[RESOURCE_CONSOLES_MAX];
	unsigned int console_count;
	unsigned int slot = 1;
	unsigned int index = 0;
	char id[RESOURCE_ID];

	if (!guest || guest->id < 0)
		return guest ? -EBUSY : -ENOENT;
	for (const struct conf_disk *disk = guest->conf->disks; disk; disk = disk->next) {
		resources_disk_id(disk, index++, id);
		buf_printf(ret_text, "disk.%s.slot=%u\n", id, slot++);
	}
	index = 0;
	for (const struct conf_nic *nic = guest->conf->nics; nic && index < 8; nic = nic->next) {
		resources_nic_id(&guest->macs[index++], id);
		buf_printf(ret_text, "nic.%s.slot=%u\n", id, slot++);
	}
	console_count = resources_consoles(guest->conf, consoles);
	for (unsigned int i = 0; i < console_count; i++)
		if (consoles[i].virtio)
			buf_printf(ret_text, "console.%s.slot=%u\n", consoles[i].id, slot++);
	if (guest->conf->rng)
		buf_printf(ret_text, "rng.rng.slot=%u\n", slot++);
	if (guest->conf->balloon)
		buf_printf(ret_text, "balloon.balloon.slot=%u\n", slot);
	return 0;
}

static void fake_nothing(void *context, int result, const char *message)
{
	(void)context;
	(void)result;
	(void)message;
}

void fake_driver_tell(
    struct fake_driver *fake, const struct fake_guest *guest, enum server_event event, int detail)
{
	struct driver_guest one = fake_driver_seen(fake, guest);

	if (fake->server)
		server_guest_event(fake->server, &one, event, detail);
}

void fake_driver_stop(struct fake_driver *fake, struct fake_guest *guest, int reason, int detail)
{
	guest->id = -1;
	guest->state = DRIVER_SHUT_OFF;
	guest->reason = reason;
	if (guest->console >= 0)
		close(guest->console);
	guest->console = -1;
	fake_driver_tell(fake, guest, SERVER_GUEST_STOPPED, detail);
	if (guest->transient) {
		const char *name = guest->conf->name;
		const struct conf_edit gone = { CONF_EDIT_REMOVE_SECTION, "guest", name, NULL,
			NULL };

		fake_driver_ops.edit(
		    fake, &gone, 1, NULL, (struct driver_done){ fake_nothing, NULL });
	}
}

void fake_driver_perform(struct fake_driver *fake, struct fake_guest *guest, enum driver_verb verb)
{
	struct driver_guest one;

	switch (verb) {
	case DRIVER_START_FRESH:
	case DRIVER_START_FRESH_PAUSED:
		fake_saved_forget(fake, guest->uuid);
		fake_driver_perform(
		    fake, guest, verb == DRIVER_START_FRESH ? DRIVER_START : DRIVER_START_PAUSED);
		break;
	case DRIVER_START:
	case DRIVER_START_PAUSED:
		if (fake_saved_is(fake, guest)) {
			fake_saved_start(fake, guest, verb == DRIVER_START_PAUSED);
			break;
		}
		guest->id = ++fake->last_id;
		guest->state = verb == DRIVER_START ? DRIVER_RUNNING : DRIVER_PAUSED;
		guest->reason = 1;
		fake_driver_tell(fake, guest, SERVER_GUEST_STARTED, 0);
		break;
	case DRIVER_SHUTDOWN:
		fake_driver_stop(fake, guest, DRIVER_OFF_SHUT_DOWN, 0);
		break;
	case DRIVER_DESTROY:
		fake_driver_stop(fake, guest, DRIVER_OFF_DESTROYED, 1);
		break;
	case DRIVER_SUSPEND:
		guest->state = DRIVER_PAUSED;
		guest->reason = DRIVER_PAUSED_BY_USER;
		fake_driver_tell(fake, guest, SERVER_GUEST_SUSPENDED, 0);
		break;
	case DRIVER_RESUME:
		guest->state = DRIVER_RUNNING;
		fake_driver_tell(fake, guest, SERVER_GUEST_RESUMED, 0);
		break;
	case DRIVER_NMI:
		/* Of all that may befall a guest, its disk finds no room. */
		guest->full = !guest->full;
		one = fake_driver_seen(fake, guest);
		if (fake->server && guest->full)
			server_guest_no_space(fake->server, &one, "virtio-disk0");
		break;
	case DRIVER_REBOOT:
	case DRIVER_RESET:
		break;
	}
}

static void act(
    void *driver, const uint8_t uuid[16], enum driver_verb verb, struct driver_done done)
{
	struct fake_driver *fake = driver;
	struct fake_guest *guest = fake_driver_of(fake, uuid);
	const char *fault = fake->fault;

	fake->fault = NULL;
	if (!guest) {
		done.call(done.context, -ENOENT, NULL);
	} else if (fault) {
		done.call(done.context, -EIO, fault);
	} else if (fake->slow && fake->waiting_count < 64) {
		struct fake_wait *wait = &fake->waiting[fake->waiting_count++];

		memcpy(wait->uuid, uuid, 16);
		wait->verb = verb;
		wait->done = done;
	} else {
		fake_driver_perform(fake, guest, verb);
		done.call(done.context, 0, NULL);
	}
}

void fake_driver_finish(struct fake_driver *fake)
{
	/* The newest first, so that answers come in another order than the calls. */
	while (fake->waiting_count) {
		struct fake_wait wait = fake->waiting[--fake->waiting_count];

		fake_driver_perform(fake, fake_driver_of(fake, wait.uuid), wait.verb);
		wait.done.call(wait.done.context, 0, NULL);
	}
}

/* The guest does what it is asked, at once. */
static void set_memory(
    void *driver, const uint8_t uuid[16], uint64_t bytes, struct driver_done done)
{
	struct fake_driver *fake = driver;
	struct fake_guest *guest = fake_driver_of(fake, uuid);
	struct driver_guest one = fake_driver_seen(fake, guest);

	guest->memory = bytes;
	if (fake->server)
		server_guest_memory(fake->server, &one, bytes);
	done.call(done.context, 0, NULL);
}

static int open_console(
    void *driver, const uint8_t uuid[16], const char *device, int *ret_descriptor)
{
	struct fake_guest *guest = fake_driver_of(driver, uuid);
	int ends[2];

	if (device && strcmp(device, "serial0") != 0)
		return -ENODEV;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends))
		return -errno;
	if (guest->console >= 0)
		close(guest->console);
	guest->console = ends[0];
	*ret_descriptor = ends[1];
	if (send(ends[0], "login: ", 7, MSG_NOSIGNAL) != 7)
		return -EIO;
	return 0;
}

static struct fake_parts *find_parts(struct fake_driver *fake, const uint8_t uuid[16])
{
	struct fake_parts *free_one = NULL;

	for (unsigned int i = 0; i < FAKE_PARTS; i++) {
		if (fake->parts[i].text.length && !memcmp(fake->parts[i].uuid, uuid, 16))
			return &fake->parts[i];
		if (!fake->parts[i].text.length && !free_one)
			free_one = &fake->parts[i];
	}
	return free_one;
}

static void keep_parts(struct fake_driver *fake, const struct driver_parts *parts)
{
	struct fake_parts *one = parts ? find_parts(fake, parts->uuid) : NULL;

	if (!one)
		return;
	for (unsigned int i = 0; i < fake->count; i++)
		fake->guests[i].transient &= memcmp(fake->guests[i].uuid, parts->uuid, 16) != 0;
	memcpy(one->uuid, parts->uuid, 16);
	buf_cut(&one->text, 0);
	buf_puts(&one->text, parts->text ? parts->text : "");
}

/* What comes and goes is not to be seen here: only whether it could. */
static void plug(void *driver, const uint8_t uuid[16], const struct conf_edit *edits, size_t count,
    struct driver_done done)
{
	struct fake_driver *fake = driver;
	struct buf text = BUF_INIT;
	struct conf conf = { 0 };
	int result = fake_driver_of(fake, uuid) ? conf_edit(buf_text(&fake->file),
						      fake->file.length, edits, count, &text, &conf)
						: -ENOENT;

	fake->plugged += !result;
	conf_done(&conf);
	buf_done(&text);
	done.call(done.context, result, NULL);
}

static void resize_disk(void *driver, const uint8_t uuid[16], unsigned int index, uint64_t bytes,
    struct driver_done done)
{
	(void)driver;
	(void)uuid;
	(void)index;
	done.call(done.context, bytes ? 0 : -EINVAL, NULL);
}

static int parts(void *driver, const uint8_t uuid[16], struct buf *out)
{
	struct fake_parts *one = find_parts(driver, uuid);

	if (!one || !one->text.length)
		return -ENOENT;
	buf_add(out, buf_text(&one->text), one->text.length);
	return 0;
}

static void edit(void *driver, const struct conf_edit *edits, size_t count,
    const struct driver_parts *kept, struct driver_done done)
{
	struct fake_driver *fake = driver;
	struct buf complaint = BUF_INIT;
	struct buf text = BUF_INIT;
	struct conf conf = { 0 };
	const char *fault = fake->fault;
	int result = conf_edit(
	    buf_text(&fake->file), fake->file.length, edits, count, &text, &conf);

	fake->fault = NULL;
	if (result == -EBADMSG)
		conf_diags_print(&conf.diags, "berth.conf", &complaint);
	if (!result && fault) {
		result = -EROFS;
		buf_puts(&complaint, fault);
	}
	if (result) {
		conf_done(&conf);
		buf_done(&text);
	} else {
		conf_done(&fake->conf);
		buf_done(&fake->file);
		fake->conf = conf;
		fake->file = text;
		keep_parts(fake, kept);
		adopt(fake);
	}
	done.call(done.context, result, complaint.length ? buf_text(&complaint) : NULL);
	buf_done(&complaint);
}

static void create(void *driver, const struct conf_edit *edits, size_t count, const char *name,
    const struct driver_parts *kept, bool paused, struct driver_done done)
{
	struct fake_driver *fake = driver;
	bool is_new = !fake_driver_find(fake, name);
	struct driver_done nothing = { fake_nothing, NULL };
	struct fake_guest *guest;

	edit(driver, edits, count, kept, nothing);
	guest = fake_driver_find(fake, name);
	if (!guest) {
		done.call(done.context, -EBADMSG, "berth.conf does not take it");
		return;
	}
	guest->transient = is_new;
	fake_driver_perform(fake, guest, paused ? DRIVER_START_PAUSED : DRIVER_START);
	done.call(done.context, 0, NULL);
}

static const char *file(void *driver, size_t *ret_length)
{
	struct fake_driver *fake = driver;

	*ret_length = fake->file.length;
	return buf_text(&fake->file);
}

static struct fake_state *state_of(struct fake_driver *fake, const char *kind, const char *name)
{
	char key[64];

	snprintf(key, sizeof(key), "%s %s", kind, name);
	for (unsigned int i = 0; i < fake->state_count; i++)
		if (!strcmp(fake->states[i].name, key))
			return &fake->states[i];
	return NULL;
}

static int set_active(struct fake_driver *fake, const char *kind, const char *name, bool active)
{
	struct fake_state *state = state_of(fake, kind, name);

	if (!state && fake->state_count == 64)
		return -ENOSPC;
	if (!state) {
		state = &fake->states[fake->state_count++];
		snprintf(state->name, sizeof(state->name), "%s %s", kind, name);
	}
	state->active = active;
	return 0;
}

static bool network_active(void *driver, const struct conf_network *network)
{
	const struct fake_state *state = state_of(driver, "network", network->name);

	return state ? state->active : network->autostart;
}

static bool pool_active(void *driver, const struct conf_pool *pool)
{
	const struct fake_state *state = state_of(driver, "pool", pool->name);

	return state ? state->active : pool->autostart;
}

static int pool_set_active(void *driver, const char *name, bool active)
{
	return set_active(driver, "pool", name, active);
}

static void network_set_active(void *driver, const char *name, bool active, struct driver_done done)
{
	done.call(done.context, set_active(driver, "network", name, active), NULL);
}

const struct driver_ops fake_driver_ops = {
	.model = model,
	.guests = guests,
	.stats = stats,
	.devices = devices,
	.act = act,
	.save = fake_saved_save,
	.restore = fake_saved_restore,
	.dump = fake_saved_dump,
	.look_at_saved = fake_saved_look,
	.change_saved = fake_saved_change,
	.forget_saved = fake_saved_forget,
	.job = fake_saved_job,
	.give_up_job = fake_saved_give_up,
	.set_memory = set_memory,
	.resize_disk = resize_disk,
	.open_console = open_console,
	.edit = edit,
	.plug = plug,
	.create = create,
	.parts = parts,
	.file = file,
	.network_active = network_active,
	.pool_active = pool_active,
	.pool_set_active = pool_set_active,
	.network_set_active = network_set_active,
};
