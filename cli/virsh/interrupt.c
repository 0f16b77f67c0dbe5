/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/virsh/interrupt.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t interrupted;
static struct sigaction before;

static void interrupt(int number)
{
	(void)number;
	interrupted = 1;
}

void interrupt_catch(void)
{
	struct sigaction action = { .sa_handler = interrupt };

	interrupted = 0;
	sigaction(SIGINT, &action, &before);
}

void interrupt_release(void)
{
	sigaction(SIGINT, &before, NULL);
}

bool interrupt_came(void)
{
	bool came = interrupted;

	interrupted = 0;
	return came;
}
