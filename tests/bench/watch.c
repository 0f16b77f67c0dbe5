/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * watch: starts a VMM with the descriptors that it wants, waits until the guest has said something,
 * and says how long that took and what the process has used. For measurements on a node; static, so
 * that it runs anywhere.
 *
 *   watch [-r N FILE] [-w N FILE] [-d N FILE] [-s N SOCKET] [-t N TAP] [-i SECONDS] LOG TEXT
 * SECONDS COMMAND...
 *
 * -r, -w, -d: FILE as descriptor N, to read, to write (made if need be), to write past the page
 * cache; -s: a listening socket; -t: a tap; -i: look for so long at what the process uses after
 * TEXT. An empty TEXT is there after SECONDS. Prints one line: seconds=S cpu-us=N private-kib=N
 * idle-us=N, then kills the process.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A mapping of that size is the guest's memory. */
#define GUEST_KIB 65536

static void __attribute__((noreturn)) fail(const char *what)
{
	fprintf(stderr, "watch: \"%s\": %s\n", what, strerror(errno));
	exit(1);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int open_socket(const char *path)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	unlink(path);
	snprintf(name.sun_path, sizeof(name.sun_path), "%s", path);
	if (fd >= 0 && (bind(fd, (struct sockaddr *)&name, sizeof(name)) || listen(fd, 4)))
		return -1;
	return fd;
}

static int open_tap(const char *name)
{
	struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	return fd < 0 || ioctl(fd, TUNSETIFF, &request) ? -1 : fd;
}

static void give(int option, int number, const char *path)
{
	int high;
	int fd = option == 's' ? open_socket(path)
		 : option == 't'
		     ? open_tap(path)
		     : open(path,
			   option == 'r' ? O_RDONLY
					 : O_RDWR | O_CREAT | (option == 'd' ? O_DIRECT : 0),
			   0666);

	if (fd < 0)
		fail(path);
	/* Not CLOEXEC, and clear of the numbers that are asked for. */
	high = fcntl(fd, F_DUPFD, 100);
	close(fd);
	if (high < 0 || dup2(high, number) != number)
		fail(path);
	close(high);
}

static int has_said(const char *log, const char *text)
{
	static char buffer[1 << 20];
	int fd = open(log, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? 0 : read(fd, buffer, sizeof(buffer) - 1);

	if (fd >= 0)
		close(fd);
	buffer[got > 0 ? got : 0] = '\0';
	return strstr(buffer, text) != NULL;
}

/* Processor time of all threads, in nanoseconds (the first number of schedstat). */
static uint64_t used(pid_t process)
{
	char path[300];
	struct dirent *entry;
	uint64_t total = 0;
	DIR *threads;

	snprintf(path, sizeof(path), "/proc/%d/task", process);
	threads = opendir(path);
	while (threads && (entry = readdir(threads))) {
		unsigned long long one = 0;
		FILE *file;

		snprintf(path, sizeof(path), "/proc/%d/task/%s/schedstat", process, entry->d_name);
		file = entry->d_name[0] == '.' ? NULL : fopen(path, "r");
		if (file && fscanf(file, "%llu", &one) == 1)
			total += one;
		if (file)
			fclose(file);
	}
	if (threads)
		closedir(threads);
	return total;
}

/* What the process has for itself beside the guest's memory. */
static unsigned long private_kib(pid_t process)
{
	char line[512];
	unsigned long size = 0, total = 0, value;
	FILE *file;

	snprintf(line, sizeof(line), "/proc/%d/smaps", process);
	file = fopen(line, "r");
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "Size: %lu", &value) == 1)
			size = value;
		if (size < GUEST_KIB && (sscanf(line, "Private_Clean: %lu", &value) == 1 ||
					    sscanf(line, "Private_Dirty: %lu", &value) == 1))
			total += value;
	}
	if (file)
		fclose(file);
	return total;
}

int main(int count, char **argument)
{
	double start, taken, limit;
	uint64_t cpu, idle = 0;
	int option, idle_seconds = 0, status;
	pid_t process;

	while ((option = getopt(count, argument, "+r:w:d:s:t:i:")) > 0) {
		if (option == 'i')
			idle_seconds = atoi(optarg);
		else if (option == '?' || optind >= count)
			return 100;
		else
			give(option, atoi(optarg), argument[optind++]);
	}
	if (count - optind < 4)
		return 100;
	argument += optind;
	limit = atof(argument[2]);
	start = now();
	process = fork();
	if (!process) {
		/* What it says itself would stand between the figures. */
		dup2(STDERR_FILENO, STDOUT_FILENO);
		execvp(argument[3], argument + 3);
		fail(argument[3]);
	}
	while (!(*argument[1] && has_said(argument[0], argument[1])) && now() - start < limit) {
		usleep(2000);
		if (waitpid(process, &status, WNOHANG) == process) {
			fprintf(stderr, "watch: \"%s\" ended, status %d\n", argument[3], status);
			return 1;
		}
	}
	taken = now() - start;
	cpu = used(process);
	if (idle_seconds) {
		sleep(5);
		idle = used(process);
		sleep((unsigned)idle_seconds);
		idle = used(process) - idle;
	}
	printf("seconds=%.3f cpu-us=%llu private-kib=%lu idle-us=%llu\n", taken,
	    (unsigned long long)cpu / 1000, private_kib(process), (unsigned long long)idle / 1000);
	kill(process, SIGKILL);
	waitpid(process, &status, 0);
	return *argument[1] && taken >= limit;
}
