/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The library's source of randomness. Its own one is a file unless the C library is GNU's, which a
 * program that has locked itself in cannot open: it would serve some thousand handshakes, and then
 * none. This is a system call.
 */
#include <stddef.h>
#include <sys/random.h>

#include "mbedtls/entropy.h"

int mbedtls_hardware_poll(void *context, unsigned char *output, size_t length, size_t *ret_length);

int mbedtls_hardware_poll(void *context, unsigned char *output, size_t length, size_t *ret_length)
{
	ssize_t got = getrandom(output, length, 0);

	(void)context;
	if (got < 0)
		return MBEDTLS_ERR_ENTROPY_SOURCE_FAILED;
	*ret_length = (size_t)got;
	return 0;
}
