/* SPDX-License-Identifier: GPL-2.0-only */
#include "node/guest/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/proc.h"

/* Far more than it takes where the node's processors have anything left for it. */
#define SCRIPT_SECONDS 60
#define SCRIPT_OUTPUT 512

static int open_queue(const struct node_paths *paths, unsigned int queues, struct ifreq *request)
{
	char path[NODE_PATH];
	int fd;

	snprintf(path, sizeof(path), "%s/net/tun", paths->dev);
	fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	/* With a header of offloads before each frame (virtio 1.2, 5.1.6). */
	request->ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
	if (queues > 1)
		request->ifr_flags |= IFF_MULTI_QUEUE;
	if (ioctl(fd, TUNSETIFF, request) < 0) {
		int error = -errno;

		close(fd);
		return error;
	}
	return fd;
}

static int set_mac(int sock, const char *name, const struct netaddr_mac *mac)
{
	struct ifreq request = { .ifr_hwaddr.sa_family = ARPHRD_ETHER };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	memcpy(request.ifr_hwaddr.sa_data, mac->bytes, sizeof(mac->bytes));
	/* The node's end must not have the guest's address. A bridge takes its own from the lowest
	 * of its ports: a high one leaves it alone. */
	request.ifr_hwaddr.sa_data[0] = (char)0xfe;
	return ioctl(sock, SIOCSIFHWADDR, &request) < 0 ? -errno : 0;
}

static int set_mtu(int sock, const char *name, const struct tap_config *config)
{
	struct ifreq request = { 0 };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", config->bridge);
	if (config->mtu)
		request.ifr_mtu = (int)config->mtu;
	else if (ioctl(sock, SIOCGIFMTU, &request) < 0)
		return -errno;
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	return ioctl(sock, SIOCSIFMTU, &request) < 0 ? -errno : 0;
}

static int join_bridge(int sock, const char *name, const char *bridge)
{
	struct ifreq request = { 0 };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", bridge);
	request.ifr_ifindex = (int)if_nametoindex(name);
	return ioctl(sock, SIOCBRADDIF, &request) < 0 ? -errno : 0;
}

static int set_up(int sock, const char *name)
{
	struct ifreq request = { 0 };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(sock, SIOCGIFFLAGS, &request) < 0)
		return -errno;
	request.ifr_flags |= IFF_UP;
	return ioctl(sock, SIOCSIFFLAGS, &request) < 0 ? -errno : 0;
}

/* The node itself has no address on a guest's tap. */
static void forget_ipv6(const struct node_paths *paths, const char *name)
{
	char path[NODE_PATH];
	int fd;

	snprintf(path, sizeof(path), "%s/sys/net/ipv6/conf/%s/disable_ipv6", paths->proc, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, "1", 1) < 0) {
		/* Without IPv6 in the kernel there is nothing to forget. */
	}
	close(fd);
}

/* The script puts rules on the tap before a frame can pass: it is in no bridge yet. */
static int hold_to_addresses(const struct node_paths *paths, const struct tap_config *config,
    const char *name, struct buf *why)
{
	char mac[NETADDR_TEXT];
	struct buf output = BUF_INIT;
	char script[NODE_PATH];
	char tap[TAP_NAME];
	char network[TAP_NAME];
	char *arguments[] = { script, tap, network, mac, NULL };
	int result;

	if (!paths->guest_port)
		return 0;
	snprintf(script, sizeof(script), "%s", paths->guest_port);
	snprintf(tap, sizeof(tap), "%s", name);
	snprintf(network, sizeof(network), "%s", config->network);
	netaddr_mac_text(&config->mac, mac);
	result = proc_run(arguments, SCRIPT_SECONDS, SCRIPT_OUTPUT, &output);
	if (result == -ETIME)
		buf_printf(why,
		    "network %s: %s did not end within %d s: the node's processors have too much to do; try again",
		    config->network, script, SCRIPT_SECONDS);
	else if (result)
		buf_printf(why, "network %s: no rules for %s: %s", config->network, name,
		    result < 0 ? strerror(-result) : buf_text(&output));
	buf_done(&output);
	return result > 0 ? -EIO : result;
}

static int shape_tap(const struct node_paths *paths, const struct tap_config *config, int sock,
    const char *name, struct buf *why)
{
	int error;

	if (!if_nametoindex(config->bridge)) {
		buf_printf(
		    why, "network %s: there is no bridge %s", config->network, config->bridge);
		return -ENODEV;
	}
	error = hold_to_addresses(paths, config, name, why);
	if (error)
		return error;
	error = set_mac(sock, name, &config->mac);
	if (!error)
		error = set_mtu(sock, name, config);
	if (!error) {
		forget_ipv6(paths, name);
		error = join_bridge(sock, name, config->bridge);
	}
	if (!error)
		error = set_up(sock, name);
	if (error)
		buf_printf(why, "network %s: cannot make %s a port of %s: %s", config->network,
		    name, config->bridge, strerror(-error));
	return error;
}

static int connect_tap(const struct node_paths *paths, const struct tap_config *config,
    const char *name, struct buf *why)
{
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int error;

	if (sock < 0)
		return -errno;
	error = shape_tap(paths, config, sock, name, why);
	close(sock);
	return error;
}

int tap_open(const struct node_paths *paths, const struct tap_config *config, struct buf *why,
    int ret_fds[TAP_QUEUES_MAX], char ret_name[TAP_NAME])
{
	struct ifreq request = { .ifr_name = "vnet%d" };
	int fds[TAP_QUEUES_MAX];
	unsigned int count = 0;
	int error = 0;

	while (!error && count < config->queues && count < TAP_QUEUES_MAX) {
		fds[count] = open_queue(paths, config->queues, &request);
		if (fds[count] < 0)
			error = fds[count];
		else
			count++;
	}
	if (error)
		buf_printf(why, "network %s: cannot make a tap: %s", config->network,
		    error == -ENOENT || error == -ENODEV ? "the module tun is not loaded"
							 : strerror(-error));
	else
		error = connect_tap(paths, config, request.ifr_name, why);
	if (error) {
		while (count)
			close(fds[--count]);
		return error;
	}
	memcpy(ret_fds, fds, count * sizeof(fds[0]));
	snprintf(ret_name, TAP_NAME, "%s", request.ifr_name);
	return 0;
}

void tap_rejoin(const char *name, const char *bridge)
{
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (sock < 0)
		return;
	join_bridge(sock, name, bridge);
	close(sock);
}
