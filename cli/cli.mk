# SPDX-License-Identifier: GPL-2.0-only
# The node's command as a program of the build machine, for tests.

CLI_SOURCES := $(wildcard cli/*.c lib/*.c)

$(OUT)/host/berth: $(CLI_SOURCES) $(wildcard cli/*.h lib/*.h) $(MBEDTLS_LIBS)
	@mkdir -p $(@D)
	@$(CC) -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror -I. -I$(MBEDTLS)/include $(CLI_SOURCES) $(MBEDTLS_LIBS) -o $@

VIRSH_SOURCES := $(wildcard cli/virsh/*.c xml/*.c rpc/*.c lib/*.c)

$(OUT)/host/virsh: $(VIRSH_SOURCES) $(wildcard cli/virsh/*.h xml/*.h rpc/*.h lib/*.h) $(RPC_TABLES)
	@mkdir -p $(@D)
	@$(CC) -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror -I. -I$(RPC_GENERATED) $(VIRSH_SOURCES) -lexpat -o $@
