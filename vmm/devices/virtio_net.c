/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Queues 2i and 2i+1 receive and send for tap i; the last one controls (virtio 1.2, section 5.1.2).
 * Without NET_F_MQ only the first pair runs, and the third queue controls. A pair is served
 * by vhost or by net_pair; which of them is settled when the driver is ready.
 */
#include "vmm/devices/virtio_net.h"

#include <errno.h>
#include <linux/vhost.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmm/devices/net_control.h"
#include "vmm/devices/net_pair.h"
#include "vmm/devices/net_spec.h"
#include "vmm/devices/vhost.h"

#define QUEUE_LENGTH 256
#define BIT(feature) ((uint64_t)1 << (feature))

#define LINK_UP 1
#define ANNOUNCE 2

struct net_config { /* 5.1.4, little-endian as the machine is */
	uint8_t mac[6];
	uint16_t status;
	uint16_t pairs;
	uint16_t mtu;
} __attribute__((packed));

struct virtio_net {
	struct virtio virtio; /* first */
	struct net_config config;
	uint8_t mac[6]; /* that it begins with */
	struct net_shared shared;
	const struct ioctls *ioctls;
	unsigned int pair_count;
	unsigned int active;
	bool with_vhost;
	bool on_vhost; /* since start() */
	bool loaded;
	uint64_t offloads; /* as feature bits; what the kernel may leave to the guest */
	struct net_pair pairs[VIRTIO_NET_PAIRS_MAX];
	struct vhost vhosts[VIRTIO_NET_PAIRS_MAX];
};

/* What the guest takes, and what the tap calls it. */
static const struct {
	uint8_t feature;
	uint8_t offload;
} guest_offloads[] = {
	{ NET_F_GUEST_CSUM, TAP_CSUM },
	{ NET_F_GUEST_TSO4, TAP_TSO4 },
	{ NET_F_GUEST_TSO6, TAP_TSO6 },
	{ NET_F_GUEST_ECN, TAP_ECN },
	{ NET_F_GUEST_UFO, TAP_UFO },
	{ NET_F_GUEST_USO4, TAP_USO4 },
	{ NET_F_GUEST_USO6, TAP_USO6 },
};
#define OFFLOADS (sizeof(guest_offloads) / sizeof(guest_offloads[0]))

static struct virtio_net *net_of(const struct virtio *virtio)
{
	return (struct virtio_net *)(uintptr_t)virtio;
}

static uint64_t offload_features(unsigned int can)
{
	uint64_t features = 0;

	for (size_t i = 0; i < OFFLOADS; i++)
		if (can & guest_offloads[i].offload)
			features |= BIT(guest_offloads[i].feature);
	return features;
}

/* 0 or -errno; an offload makes no sense without checksums, so those come first. */
static int set_offloads(struct virtio_net *net, uint64_t features)
{
	unsigned int offloads = 0;
	int result;

	for (size_t i = 0; i < OFFLOADS; i++)
		if (features & BIT(guest_offloads[i].feature))
			offloads |= guest_offloads[i].offload;
	if (!(offloads & TAP_CSUM))
		offloads = 0;
	result = tap_set_offloads(&net->pairs[0].tap, offloads);
	if (!result)
		net->offloads = features;
	return result;
}

/* Both queues of a pair run. */
static bool is_ready(const struct virtio_net *net, unsigned int pair)
{
	return net->virtio.queues[2 * pair].ring.running &&
	       net->virtio.queues[2 * pair + 1].ring.running;
}

static int set_backend(struct virtio_net *net, unsigned int pair, int fd)
{
	int result = 0;

	for (unsigned int ring = 0; ring < 2 && result >= 0; ring++) {
		struct vhost_vring_file file = { ring, fd };

		result = vhost_call(&net->vhosts[pair], VHOST_NET_SET_BACKEND, &file);
	}
	return result < 0 ? result : 0;
}

static void stop_vhost(struct virtio_net *net, unsigned int pair)
{
	if (!net->vhosts[pair].running)
		return;
	set_backend(net, pair, VHOST_FILE_UNBIND);
	vhost_stop(&net->vhosts[pair]);
}

static int start_vhost(struct virtio_net *net, unsigned int pair)
{
	int result;

	if (net->vhosts[pair].running)
		return 0;
	result = vhost_start(&net->vhosts[pair]);
	if (!result) {
		result = set_backend(net, pair, net->pairs[pair].tap.fd);
		if (result)
			stop_vhost(net, pair);
	}
	return result;
}

static int start_pair(struct virtio_net *net, unsigned int pair)
{
	if (!is_ready(net, pair))
		return 0;
	if (!net->on_vhost)
		return net_pair_start(&net->pairs[pair]);
	/* Without its cable nothing moves. */
	return net->shared.link_up ? start_vhost(net, pair) : 0;
}

static void stop_pair(struct virtio_net *net, unsigned int pair)
{
	if (net->with_vhost)
		stop_vhost(net, pair);
	net_pair_stop(&net->pairs[pair]);
}

/* Let `count` pairs run, and packets come to no other. */
static int set_active(struct virtio_net *net, unsigned int count)
{
	int result = 0;

	for (unsigned int i = count; i < net->pair_count; i++)
		stop_pair(net, i);
	for (unsigned int i = 0; net->pair_count > 1 && i < net->pair_count; i++)
		tap_set_attached(&net->pairs[i].tap, i < count);
	net->active = count;
	for (unsigned int i = 0; i < count && !result; i++)
		result = start_pair(net, i);
	return result;
}

static void set_external(struct virtio_net *net, bool external)
{
	for (unsigned int i = 0; i < 2 * net->pair_count; i++)
		net->virtio.queues[i].external = external;
}

static int start(struct virtio *virtio)
{
	struct virtio_net *net = net_of(virtio);
	int result;

	if (!net->loaded)
		net->offloads = virtio->negotiated & offload_features(~0u);
	net->loaded = false;
	result = set_offloads(net, net->offloads);
	if (result)
		return result;
	net->on_vhost = net->with_vhost;
	if (net->on_vhost) {
		result = set_active(net, net->active);
		if (!result) {
			set_external(net, true);
			return 0;
		}
		/* It refuses: packets go through here. */
		for (unsigned int i = 0; i < net->pair_count; i++)
			stop_vhost(net, i);
		net->on_vhost = false;
	}
	return set_active(net, net->active);
}

static bool stop(struct virtio *virtio)
{
	struct virtio_net *net = net_of(virtio);

	for (unsigned int i = 0; i < net->pair_count; i++) {
		stop_pair(net, i);
		net_pair_drop(&net->pairs[i]);
	}
	return true;
}

static void reset(struct virtio *virtio)
{
	struct virtio_net *net = net_of(virtio);

	memcpy(net->config.mac, net->mac, sizeof(net->mac));
	net->config.status &= (uint16_t)~ANNOUNCE;
	net->on_vhost = false;
	net->loaded = false;
	net->active = 0; /* nothing runs yet: only which tap packets come to */
	set_offloads(net, 0);
	set_active(net, 1);
}

static bool pause_device(struct virtio *virtio)
{
	struct virtio_net *net = net_of(virtio);

	for (unsigned int i = 0; i < net->pair_count; i++)
		stop_pair(net, i);
	return true;
}

static void resume(struct virtio *virtio)
{
	struct virtio_net *net = net_of(virtio);

	if (virtio->started && set_active(net, net->active))
		virtio_break(virtio, "the network cannot go on");
}

static int perform(struct virtio_net *net, const struct net_control *control)
{
	switch (control->kind) {
	case NET_CONTROL_FILTER:
		return 0;
	case NET_CONTROL_MAC:
		memcpy(net->config.mac, control->mac, sizeof(net->config.mac));
		return 0;
	case NET_CONTROL_ANNOUNCED:
		net->config.status &= (uint16_t)~ANNOUNCE;
		return 0;
	case NET_CONTROL_PAIRS:
		if (control->value < 1 || control->value > net->pair_count)
			return -EINVAL;
		return set_active(net, (unsigned int)control->value);
	case NET_CONTROL_OFFLOADS:
		if (control->value & ~(net->virtio.negotiated & offload_features(~0u)))
			return -EINVAL;
		return set_offloads(net, control->value);
	}
	return -EINVAL;
}

static void serve_control(struct virtio_net *net, unsigned int queue)
{
	struct virtq *ring = &net->virtio.queues[queue].ring;
	struct virtq_chain chain;
	int result = 0;

	do {
		while (virtio_is_live(&net->virtio) && (result = virtq_pop(ring, &chain)) > 0) {
			struct net_control control;
			uint8_t answer = NET_CONTROL_ERR;

			if (!chain.writable_bytes) {
				virtio_break(&net->virtio, "a command has no place for its answer");
				return;
			}
			if (net_control_parse(&net->virtio, &chain, &control) &&
			    !perform(net, &control))
				answer = NET_CONTROL_OK;
			virtq_chain_write(&chain, 0, &answer, 1);
			virtq_push(ring, chain.head, 1);
		}
		if (result < 0) {
			virtio_break(&net->virtio, "a chain of the control queue breaks the rules");
			return;
		}
	} while (virtio_is_live(&net->virtio) && virtq_want_notify(ring, true));
	virtio_signal(&net->virtio, queue);
}

static void notify(struct virtio *virtio, unsigned int queue)
{
	struct virtio_net *net = net_of(virtio);
	unsigned int control = virtio_has(virtio, NET_F_MQ) ? 2 * net->pair_count : 2;

	if (queue == control)
		serve_control(net, queue);
	else if (queue / 2 >= net->active)
		return;
	else if (queue % 2)
		net_pair_send(&net->pairs[queue / 2]);
	else
		net_pair_receive(&net->pairs[queue / 2]);
}

static void save(const struct virtio *virtio, struct state_writer *writer)
{
	const struct virtio_net *net = net_of(virtio);

	state_put_bytes(writer, "mac", net->config.mac, sizeof(net->config.mac));
	state_put(writer, "announce", net->config.status & ANNOUNCE ? 1 : 0);
	state_put(writer, "active", net->active);
	state_put(writer, "offloads", net->offloads);
}

static void load(struct virtio *virtio, struct state_reader *reader)
{
	struct virtio_net *net = net_of(virtio);
	uint64_t announce;
	uint64_t active;

	state_get_bytes(reader, "mac", net->config.mac, sizeof(net->config.mac));
	announce = state_get(reader, "announce", 1);
	active = state_get(reader, "active", net->pair_count);
	net->offloads = state_get(reader, "offloads", UINT64_MAX);
	if (!active || net->offloads & ~offload_features(net->pairs[0].tap.can))
		state_fail(reader,
		    "network device \"%s\" had queues or offloads that it has not here",
		    virtio->id);
	if (announce)
		net->config.status |= ANNOUNCE;
	net->active = active ? (unsigned int)active : 1;
	net->loaded = true;
}

static void free_device(struct virtio *virtio)
{
	struct virtio_net *net = net_of(virtio);

	for (unsigned int i = 0; i < net->pair_count; i++) {
		stop_pair(net, i);
		vhost_close(&net->vhosts[i]);
		net_pair_done(&net->pairs[i]);
	}
	virtio_done(virtio);
	free(net);
}

/* 5.1.4.1: the MAC is set by a command, the rest of the configuration never. */
static const struct virtio_ops ops = {
	.name = "virtio-net",
	.kind = VIRTIO_ID_NET,
	.queue_size = QUEUE_LENGTH,
	.config = offsetof(struct virtio_net, config),
	.config_size = sizeof(struct net_config),
	.notify = notify,
	.free = free_device,
	.start = start,
	.stop = stop,
	.reset = reset,
	.pause = pause_device,
	.resume = resume,
	.save = save,
	.load = load,
};

static uint64_t features_of(const struct virtio_net *net, const struct tap *tap)
{
	uint64_t features = BIT(NET_F_MAC) | BIT(NET_F_MRG_RXBUF) | BIT(NET_F_STATUS) |
			    BIT(NET_F_CTRL_VQ) | BIT(NET_F_CTRL_RX) | BIT(NET_F_CTRL_RX_EXTRA) |
			    BIT(NET_F_CTRL_VLAN) | BIT(NET_F_CTRL_MAC_ADDR) |
			    BIT(NET_F_GUEST_ANNOUNCE);

	if (net->config.mtu)
		features |= BIT(NET_F_MTU);
	if (net->pair_count > 1)
		features |= BIT(NET_F_MQ);
	features |= offload_features(tap->can);
	/* The other way the kernel takes what it would give. */
	if (tap->can & TAP_CSUM)
		features |= BIT(NET_F_CSUM) | BIT(NET_F_CTRL_GUEST_OFFLOADS);
	if (tap->can & TAP_TSO4)
		features |= BIT(NET_F_HOST_TSO4) | BIT(NET_F_HOST_TSO6) | BIT(NET_F_HOST_ECN);
	if (tap->can & TAP_UFO)
		features |= BIT(NET_F_HOST_UFO);
	if (tap->can & TAP_USO4)
		features |= BIT(NET_F_HOST_USO);
	return features;
}

static void set_limits(struct net_shared *shared, const struct virtio_net_limit *in,
    const struct virtio_net_limit *out)
{
	uint64_t now = loop_time(shared->virtio->loop);

	rate_init(&shared->in, in->average, in->peak, in->burst, now);
	rate_init(&shared->out, out->average, out->peak, out->burst, now);
	rate_init(&shared->in_packets, in->packets, 0, 0, now);
	rate_init(&shared->out_packets, out->packets, 0, 0, now);
}

/* Take the taps over; all are closed on failure. 0 or -errno. */
static int open_pairs(struct virtio_net *net, const struct virtio_net_config *config)
{
	int result = 0;

	for (unsigned int i = 0; i < config->pairs; i++) {
		if (result) {
			close(config->taps[i]);
			continue;
		}
		result = net_pair_init(
		    &net->pairs[i], &net->shared, i, config->taps[i], net->ioctls);
		if (!result)
			net->pair_count = i + 1;
	}
	for (unsigned int i = 0; result && i < net->pair_count; i++)
		net_pair_done(&net->pairs[i]);
	if (result)
		net->pair_count = 0;
	return result;
}

/* One for each pair, or none at all. */
static void open_vhosts(struct virtio_net *net, const struct virtio_net_config *config)
{
	const struct net_shared *shared = &net->shared;
	bool limited = rate_is_limited(&shared->in) || rate_is_limited(&shared->out) ||
		       rate_is_limited(&shared->in_packets) ||
		       rate_is_limited(&shared->out_packets);

	net->with_vhost = !limited;
	for (unsigned int i = 0; i < config->pairs; i++) {
		int fd = config->vhosts[i];

		net->vhosts[i].fd = -1;
		if (fd < 0 || !net->with_vhost) {
			net->with_vhost = false;
			if (fd >= 0)
				close(fd);
			continue;
		}
		if (vhost_open(&net->vhosts[i], &net->virtio, fd, 2 * i, 2, net->ioctls))
			net->with_vhost = false;
	}
	for (unsigned int i = 0; !net->with_vhost && i < config->pairs; i++)
		vhost_close(&net->vhosts[i]);
}

static void close_all(const struct virtio_net_config *config, bool taps_too)
{
	for (unsigned int i = 0; i < config->pairs && i < VIRTIO_NET_PAIRS_MAX; i++) {
		if (taps_too)
			close(config->taps[i]);
		if (config->vhosts[i] >= 0)
			close(config->vhosts[i]);
	}
}

static void fill_config(struct virtio_net *net, const struct virtio_net_config *config)
{
	memcpy(net->mac, config->mac.bytes, sizeof(net->mac));
	memcpy(net->config.mac, net->mac, sizeof(net->mac));
	net->config.status = config->link_up ? LINK_UP : 0;
	net->config.pairs = (uint16_t)net->pair_count;
	net->config.mtu = config->mtu;
	net->shared.link_up = config->link_up;
}

int virtio_net_create(const struct virtio_net_config *config, struct virtio **ret_virtio)
{
	struct virtio_net *net = calloc(1, sizeof(*net));
	int result = net ? 0 : -ENOMEM;

	if (!result && (config->pairs < 1 || config->pairs > VIRTIO_NET_PAIRS_MAX))
		result = -EINVAL;
	if (result) {
		close_all(config, true);
		free(net);
		return result;
	}
	net->ioctls = config->ioctls ? config->ioctls : &ioctls_kernel;
	net->shared.virtio = &net->virtio;
	net->virtio.loop = config->loop;
	result = open_pairs(net, config);
	if (!result) {
		fill_config(net, config);
		result = virtio_init(&net->virtio, &ops, config->id,
		    features_of(net, &net->pairs[0].tap), 2 * config->pairs + 1, config->mem,
		    config->loop);
		for (unsigned int i = 0; result && i < net->pair_count; i++)
			net_pair_done(&net->pairs[i]);
	}
	if (result) {
		close_all(config, false);
		free(net);
		return result;
	}
	set_limits(&net->shared, &config->in, &config->out);
	open_vhosts(net, config);
	tap_set_carrier(&net->pairs[0].tap, config->link_up);
	set_active(net, 1);
	*ret_virtio = &net->virtio;
	return 0;
}

void virtio_net_set_link(struct virtio *virtio, bool up)
{
	struct virtio_net *net = net_of(virtio);

	if (net->shared.link_up == up)
		return;
	net->shared.link_up = up;
	net->config.status = (uint16_t)((net->config.status & ~LINK_UP) | (up ? LINK_UP : 0));
	tap_set_carrier(&net->pairs[0].tap, up);
	for (unsigned int i = 0; net->on_vhost && !up && i < net->active; i++)
		stop_vhost(net, i);
	if (net->on_vhost && up && virtio_is_live(virtio) && set_active(net, net->active))
		virtio_break(virtio, "the network cannot go on");
	virtio_config_changed(virtio);
}

int virtio_net_set_limits(
    struct virtio *virtio, const struct virtio_net_limit *in, const struct virtio_net_limit *out)
{
	struct virtio_net *net = net_of(virtio);

	if (net->with_vhost)
		return -EOPNOTSUPP;
	set_limits(&net->shared, in, out);
	for (unsigned int i = 0; i < net->active; i++) {
		loop_timer_cancel(&net->pairs[i].in_timer);
		loop_timer_cancel(&net->pairs[i].out_timer);
		net_pair_receive(&net->pairs[i]);
		net_pair_send(&net->pairs[i]);
	}
	return 0;
}

void virtio_net_announce(struct virtio *virtio)
{
	struct virtio_net *net = net_of(virtio);

	if (!virtio_has(virtio, NET_F_GUEST_ANNOUNCE))
		return;
	net->config.status |= ANNOUNCE;
	virtio_config_changed(virtio);
}

const struct virtio_net_stats *virtio_net_stats(const struct virtio *virtio)
{
	return &net_of(virtio)->shared.stats;
}

bool virtio_net_uses_vhost(const struct virtio *virtio)
{
	return net_of(virtio)->with_vhost;
}
