/* SPDX-License-Identifier: GPL-2.0-only */
/* A level-triggered or edge-triggered line that a device may raise; it does not know who listens.
 */
#ifndef BERTH_VMM_CORE_IRQ_LINE_H
#define BERTH_VMM_CORE_IRQ_LINE_H

#include <stdbool.h>

struct irq_line {
	void (*set)(void *context, unsigned int line, bool level);
	void *context;
	unsigned int line; /* global system interrupt */
};

static inline void irq_line_set(const struct irq_line *line, bool level)
{
	if (line->set)
		line->set(line->context, line->line, level);
}

/* For an edge. */
static inline void irq_line_pulse(const struct irq_line *line)
{
	irq_line_set(line, true);
	irq_line_set(line, false);
}

#endif
