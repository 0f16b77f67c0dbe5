# SPDX-License-Identifier: GPL-2.0-only
# The protocol's list of facts as C; who compiles rpc/ has -I$(RPC_GENERATED) and needs RPC_TABLES first.

RPC_GENERATED := $(OUT)/generated
RPC_TABLES := $(RPC_GENERATED)/rpc_tables.h

$(RPC_TABLES) $(RPC_GENERATED)/rpc_records.h &: rpc/procedures.txt rpc/generate.py
	@$(PYTHON) rpc/generate.py $(RPC_GENERATED)
