/* SPDX-License-Identifier: GPL-2.0-only */
#include "vmm/backend/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <linux/if_tun.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int call(const struct tap *tap, unsigned long request, void *argument)
{
	return tap->ioctls->call(tap->ioctls->context, tap->fd, request, argument);
}

/* The kernel takes all of a set or nothing. */
static unsigned int find_offloads(const struct tap *tap)
{
	static const unsigned int sets[] = {
		TAP_CSUM,
		TAP_TSO4 | TAP_TSO6 | TAP_ECN,
		TAP_UFO,
		TAP_USO4 | TAP_USO6,
	};
	unsigned int can = 0;

	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
		if (tap_set_offloads(tap, can | sets[i]) == 0)
			can |= sets[i];
	return can;
}

static int setup(struct tap *tap)
{
	struct ifreq request = { .ifr_flags = 0 };
	int header = TAP_HEADER;
	int flags = fcntl(tap->fd, F_GETFL);
	int result;

	if (flags < 0 || fcntl(tap->fd, F_SETFL, flags | O_NONBLOCK))
		return -errno;
	result = call(tap, TUNGETIFF, &request);
	if (result == -ENOTTY || result == -EOPNOTSUPP || result == -EINVAL)
		return 0; /* a socket */
	if (result < 0)
		return result;
	if (!(request.ifr_flags & IFF_VNET_HDR) || !(request.ifr_flags & IFF_TAP))
		return -EINVAL;
	result = call(tap, TUNSETVNETHDRSZ, &header);
	if (result < 0)
		return result;
	tap->is_tap = true;
	tap->can = find_offloads(tap);
	return tap_set_offloads(tap, 0);
}

int tap_init(struct tap *tap, int fd, const struct ioctls *ioctls)
{
	int result;

	*tap = (struct tap){ .fd = fd, .ioctls = ioctls };
	result = setup(tap);
	if (result)
		tap_done(tap);
	return result;
}

void tap_done(struct tap *tap)
{
	if (tap->fd >= 0)
		close(tap->fd);
	tap->fd = -1;
}

int tap_set_offloads(const struct tap *tap, unsigned int offloads)
{
	int result;

	if (!tap->is_tap && !offloads)
		return 0;
	/* The argument is the number itself. */
	result = call(tap, TUNSETOFFLOAD, (void *)(uintptr_t)offloads);
	return result < 0 ? result : 0;
}

void tap_set_carrier(const struct tap *tap, bool up)
{
	int carrier = up;

	/* A kernel without it (before 5.0) shows the cable as plugged in; nothing else changes. */
	if (tap->is_tap)
		call(tap, TUNSETCARRIER, &carrier);
}

int tap_set_attached(const struct tap *tap, bool attached)
{
	struct ifreq request = { .ifr_flags = attached ? IFF_ATTACH_QUEUE : IFF_DETACH_QUEUE };
	int result = tap->is_tap ? call(tap, TUNSETQUEUE, &request) : 0;

	return result < 0 ? result : 0;
}

ssize_t tap_read(const struct tap *tap, void *packet, size_t size)
{
	ssize_t length = read(tap->fd, packet, size);

	return length < 0 ? -errno : length;
}

ssize_t tap_write(const struct tap *tap, const struct iovec *iov, unsigned int count)
{
	ssize_t length = writev(tap->fd, iov, (int)count);

	return length < 0 ? -errno : length;
}
