# SPDX-License-Identifier: GPL-2.0-only
# The config compiler as a program of the build machine.

CONF_SOURCES := $(wildcard conf/*.c lib/*.c)

$(OUT)/host/berthconf: $(CONF_SOURCES) $(wildcard conf/*.h lib/*.h)
	@mkdir -p $(@D)
	@$(CC) -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror -I. $(CONF_SOURCES) -o $@
