/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/devices/net_pair.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "vmm/devices/net_spec.h"

/* Packets in one go; others wait for the loop as well. */
#define BUDGET 64
#define PACKET_MIN 14	 /* an Ethernet header */
#define WHERE_BUFFERS 10 /* num_buffers in the header */

/* 5.1.6, little-endian as the machine is. */
struct header {
	uint8_t flags;
	uint8_t gso_type;
	uint16_t hdr_len;
	uint16_t gso_size;
	uint16_t csum_start;
	uint16_t csum_offset;
	uint16_t num_buffers;
};

static struct virtq *ring_of(const struct net_pair *pair, unsigned int queue)
{
	return &pair->shared->virtio->queues[queue].ring;
}

static bool may_run(const struct net_pair *pair)
{
	return pair->running && virtio_is_live(pair->shared->virtio);
}

/* What to be woken for. */
static void watch(struct net_pair *pair)
{
	uint32_t events = 0;

	if (!pair->watch)
		return;
	if (!pair->rx_waits && !pair->in_timer.deadline)
		events |= EPOLLIN;
	if (pair->tx_waits)
		events |= EPOLLOUT;
	loop_change(pair->watch, events);
}

/* Receiving: 5.1.6.4. */

enum delivery { DELIVERED, NO_BUFFERS, TOO_LARGE, BROKEN };

struct taken {
	uint16_t heads[VIRTQ_SIZE_MAX];
	uint32_t lengths[VIRTQ_SIZE_MAX];
	unsigned int count;
};

static void take_back(struct virtq *ring, struct taken *taken)
{
	while (taken->count)
		virtq_unpop(ring, taken->heads[--taken->count]);
}

/* Copy the packet into as many chains as it needs; they are pushed only once it is all there. */
static enum delivery fill(struct net_pair *pair, struct virtq *ring, struct taken *taken)
{
	bool mergeable = virtio_has(pair->shared->virtio, NET_F_MRG_RXBUF);
	struct virtq_chain first;
	struct virtq_chain chain;
	size_t done = 0;
	uint16_t buffers;

	do {
		int result = taken->count < VIRTQ_SIZE_MAX ? virtq_pop(ring, &chain) : 0;

		if (result <= 0)
			return result ? BROKEN : NO_BUFFERS;
		taken->heads[taken->count] = chain.head;
		taken->count++;
		if (chain.writable_bytes < (taken->count == 1 ? TAP_HEADER : 1))
			return BROKEN;
		if (!mergeable && chain.writable_bytes < pair->length)
			return TOO_LARGE;
		if (taken->count == 1)
			first = chain;
		taken->lengths[taken->count - 1] = (uint32_t)virtq_chain_write(
		    &chain, 0, pair->packet + done, pair->length - done);
		done += taken->lengths[taken->count - 1];
	} while (done < pair->length);
	buffers = (uint16_t)taken->count;
	virtq_chain_write(&first, WHERE_BUFFERS, &buffers, sizeof(buffers));
	return DELIVERED;
}

static enum delivery deliver(struct net_pair *pair)
{
	struct virtq *ring = ring_of(pair, pair->rx);
	struct taken taken;
	enum delivery how;

	taken.count = 0;
	how = fill(pair, ring, &taken);
	if (how != DELIVERED) {
		take_back(ring, &taken);
		return how;
	}
	for (unsigned int i = 0; i < taken.count; i++)
		virtq_push(ring, taken.heads[i], taken.lengths[i]);
	return DELIVERED;
}

/* When the next packet may pass by both limits of a direction: now or earlier, at once. */
static uint64_t ready_at(struct rate *bytes, struct rate *packets, uint64_t now)
{
	uint64_t first = rate_is_limited(bytes) ? rate_ready(bytes, now) : 0;
	uint64_t second = rate_is_limited(packets) ? rate_ready(packets, now) : 0;

	return first > second ? first : second;
}

/* Have a packet to deliver. False when there is none, or not now. */
static bool next_packet(struct net_pair *pair)
{
	struct net_shared *shared = pair->shared;
	uint64_t turn;
	uint64_t now = loop_time(shared->virtio->loop);
	ssize_t length;

	if (pair->length)
		return true;
	turn = ready_at(&shared->in, &shared->in_packets, now);
	if (turn > now) {
		loop_timer_set(&pair->in_timer, turn);
		return false;
	}
	length = tap_read(&pair->tap, pair->packet, TAP_PACKET_MAX);
	if (length < TAP_HEADER + PACKET_MIN) {
		if (length >= 0)
			shared->stats.rx_drops++;
		return false; /* the loop calls again when there is more */
	}
	pair->length = (size_t)length;
	rate_take(&shared->in, pair->length - TAP_HEADER, now);
	rate_take(&shared->in_packets, 1, now);
	return true;
}

/* Bring one packet to the guest. False: enough for now. */
static bool receive_one(struct net_pair *pair)
{
	struct virtio_net_stats *stats = &pair->shared->stats;
	enum delivery how;

	if (!next_packet(pair))
		return false;
	how = pair->shared->link_up ? deliver(pair) : TOO_LARGE;
	switch (how) {
	case NO_BUFFERS:
		pair->rx_waits = !virtq_want_notify(ring_of(pair, pair->rx), true);
		return !pair->rx_waits;
	case BROKEN:
		virtio_break(pair->shared->virtio, "a receive buffer breaks the rules");
		pair->rx_waits = true;
		return false;
	case DELIVERED:
		stats->rx_packets++;
		stats->rx_bytes += pair->length - TAP_HEADER;
		break;
	case TOO_LARGE:
		stats->rx_drops++;
		break;
	}
	pair->length = 0;
	return true;
}

void net_pair_receive(struct net_pair *pair)
{
	unsigned int budget = BUDGET;

	if (!may_run(pair))
		return;
	pair->rx_waits = false;
	virtq_want_notify(ring_of(pair, pair->rx), false);
	while (budget && receive_one(pair))
		budget--;
	virtio_signal(pair->shared->virtio, pair->rx);
	watch(pair);
}

/* Sending: 5.1.6.2. */

/* Whether the driver may ask for this, by what it negotiated and by the packet's length. */
static bool is_allowed(const struct virtio *virtio, const struct header *header, uint64_t length)
{
	static const struct {
		uint8_t type;
		uint8_t feature;
	} kinds[] = {
		{ NET_GSO_TCPV4, NET_F_HOST_TSO4 },
		{ NET_GSO_TCPV6, NET_F_HOST_TSO6 },
		{ NET_GSO_UDP, NET_F_HOST_UFO },
		{ NET_GSO_UDP_L4, NET_F_HOST_USO },
	};
	uint8_t type = header->gso_type & (uint8_t)~NET_GSO_ECN;

	if (header->flags & NET_NEEDS_CSUM &&
	    (!virtio_has(virtio, NET_F_CSUM) ||
		(uint64_t)header->csum_start + header->csum_offset + 2 > length))
		return false;
	if (header->gso_type == NET_GSO_NONE)
		return true;
	if (!(header->flags & NET_NEEDS_CSUM) || !header->gso_size ||
	    (header->gso_type & NET_GSO_ECN && !virtio_has(virtio, NET_F_HOST_ECN)))
		return false;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].type == type)
			return virtio_has(virtio, kinds[i].feature);
	return false;
}

/* The header as the tap gets it: a copy, with nothing in it that is not meant for there. False: the
 * packet is dropped. */
static bool vet(const struct virtio *virtio, const struct virtq_chain *chain, struct header *header)
{
	uint64_t length;

	if (chain->readable_bytes < TAP_HEADER + PACKET_MIN ||
	    chain->readable_bytes > TAP_PACKET_MAX)
		return false;
	length = chain->readable_bytes - TAP_HEADER;
	virtq_chain_read(chain, 0, header, sizeof(*header));
	header->flags &= NET_NEEDS_CSUM;
	header->num_buffers = 0;
	if (header->hdr_len > length)
		header->hdr_len = (uint16_t)length;
	return is_allowed(virtio, header, length);
}

static int write_packet(struct net_pair *pair, const struct virtq_chain *chain)
{
	struct header header;
	struct iovec iov[VIRTQ_CHAIN_MAX + 1] = { { &header, sizeof(header) } };
	unsigned int count = 1;
	uint64_t skip = TAP_HEADER;
	ssize_t written;

	if (!pair->shared->link_up || !vet(pair->shared->virtio, chain, &header))
		return -EINVAL;
	for (unsigned int i = 0; i < chain->readable; i++) {
		const struct iovec *part = &chain->iov[i];

		if (skip < part->iov_len)
			iov[count++] = (struct iovec){ (uint8_t *)part->iov_base + skip,
				part->iov_len - skip };
		skip = skip < part->iov_len ? 0 : skip - part->iov_len;
	}
	written = tap_write(&pair->tap, iov, count);
	return written < 0 ? (int)written : 0;
}

static bool is_out_of_turn(struct net_pair *pair, uint64_t now)
{
	uint64_t turn = ready_at(&pair->shared->out, &pair->shared->out_packets, now);

	if (turn <= now)
		return false;
	loop_timer_set(&pair->out_timer, turn);
	return true;
}

/* Send one packet of the guest. False: none, or not now. */
static bool send_one(struct net_pair *pair)
{
	struct virtio_net_stats *stats = &pair->shared->stats;
	struct virtq *ring = ring_of(pair, pair->tx);
	uint64_t now = loop_time(pair->shared->virtio->loop);
	struct virtq_chain chain;
	int result;

	if (is_out_of_turn(pair, now))
		return false;
	result = virtq_pop(ring, &chain);
	if (result < 0)
		virtio_break(pair->shared->virtio, "a chain breaks the rules");
	if (result <= 0)
		return false;
	result = write_packet(pair, &chain);
	if (result == -EAGAIN) {
		virtq_unpop(ring, chain.head);
		pair->tx_waits = true;
		return false;
	}
	if (result) {
		stats->tx_drops++;
	} else {
		stats->tx_packets++;
		stats->tx_bytes += chain.readable_bytes - TAP_HEADER;
		rate_take(&pair->shared->out, chain.readable_bytes - TAP_HEADER, now);
		rate_take(&pair->shared->out_packets, 1, now);
	}
	virtq_push(ring, chain.head, 0);
	return true;
}

void net_pair_send(struct net_pair *pair)
{
	struct virtq *ring = ring_of(pair, pair->tx);
	unsigned int budget = BUDGET;

	if (!may_run(pair) || pair->tx_waits)
		return;
	virtq_want_notify(ring, false);
	do {
		while (budget && send_one(pair))
			budget--;
	} while (budget && !pair->tx_waits && !pair->out_timer.deadline && may_run(pair) &&
		 virtq_want_notify(ring, true));
	virtio_signal(pair->shared->virtio, pair->tx);
	/* The rest in the loop's next turn. */
	if (!budget)
		loop_post(pair->shared->virtio->loop, &pair->more);
	watch(pair);
}

static void in_turn(void *context)
{
	net_pair_receive(context);
}

static void out_turn(void *context)
{
	net_pair_send(context);
}

static void ready(void *context, uint32_t events)
{
	struct net_pair *pair = context;

	if (events & ~(uint32_t)EPOLLIN && pair->tx_waits) {
		pair->tx_waits = false;
		net_pair_send(pair);
	}
	if (events & EPOLLIN)
		net_pair_receive(pair);
	else if (events & (EPOLLERR | EPOLLHUP))
		/* The interface is gone; there is nothing more to come. */
		net_pair_stop(pair);
}

int net_pair_init(struct net_pair *pair, struct net_shared *shared, unsigned int index, int fd,
    const struct ioctls *ioctls)
{
	*pair = (struct net_pair){ .shared = shared, .rx = 2 * index, .tx = 2 * index + 1 };
	loop_timer_init(&pair->in_timer, shared->virtio->loop, in_turn, pair);
	loop_timer_init(&pair->out_timer, shared->virtio->loop, out_turn, pair);
	pair->more = (struct loop_call){ .run = out_turn, .context = pair };
	return tap_init(&pair->tap, fd, ioctls);
}

void net_pair_done(struct net_pair *pair)
{
	net_pair_stop(pair);
	free(pair->packet);
	tap_done(&pair->tap);
}

int net_pair_start(struct net_pair *pair)
{
	int result;

	if (pair->running)
		return 0;
	/* Pages come as packets need them. */
	if (!pair->packet)
		pair->packet = malloc(TAP_PACKET_MAX);
	if (!pair->packet)
		return -ENOMEM;
	result = loop_add(
	    pair->shared->virtio->loop, pair->tap.fd, EPOLLIN, ready, pair, &pair->watch);
	if (result)
		return result;
	pair->running = true;
	pair->rx_waits = false;
	pair->tx_waits = false;
	return 0;
}

void net_pair_stop(struct net_pair *pair)
{
	if (!pair->running)
		return;
	pair->running = false;
	loop_remove(pair->watch);
	pair->watch = NULL;
	loop_timer_cancel(&pair->in_timer);
	loop_timer_cancel(&pair->out_timer);
	loop_unpost(pair->shared->virtio->loop, &pair->more);
}

void net_pair_drop(struct net_pair *pair)
{
	pair->length = 0;
}
