# SPDX-License-Identifier: GPL-2.0-only
# The verbs. Each folder's .mk holds its own; `make help` lists what people use.

OUT ?= out
PYTHON := /usr/bin/python3
BUILD := OUT=$(OUT) $(PYTHON) image-build/build.py
export OUT FIRMWARE

.DEFAULT_GOAL := image
.PHONY: help deps image sign update pxe guest guest-debian run test fetch sbom licences repro record clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

deps: ## install the Debian packages that building and testing need
	@image-build/host-deps.sh

image: deps ## build kernel, initrd and disk image into out/images; FIRMWARE=DIR for files as in /lib/firmware
	@$(BUILD) image

sign: image ## sign the boot media for Secure Boot: KEY=file CERT=file; WORDS=... for the command line
	@OUT=$(OUT) WORDS='$(WORDS)' image-build/sign.sh $(KEY) $(CERT)

update: image ## make a signed update file for nodes with slots, in out/: KEY=file
	@OUT=$(OUT) image-build/update.sh $(KEY)

pxe: image ## write a folder for TFTP and HTTP servers that boot nodes; WORDS=... for the command line
	@OUT=$(OUT) WORDS='$(WORDS)' image-build/pxe.sh

guest: deps ## build the small guest for tests into out/guest
	@$(BUILD) guest

guest-debian: deps ## make a Debian guest for tests: its disk, kernel and initrd in out/guest
	@OUT=$(OUT) image-build/guest-debian.sh

run: image guest ## boot the image in QEMU, as from a USB stick, with a guest
	@image-build/run.sh

fetch: deps ## download and verify all sources; everything else then works offline
	@$(BUILD) fetch $(PACKAGE)

sbom: deps ## write the bill of materials (SPDX) to out/berth.spdx.json
	@$(BUILD) sbom

licences: deps ## gather the licence texts in out/licences
	@$(BUILD) licences

repro: deps ## build twice in different folders and compare byte by byte
	@$(BUILD) repro

record: deps ## write stand-in versions into the recipes; PACKAGE=name for one
	@$(BUILD) record $(PACKAGE)

# The node's TLS library for programs of this machine: tests link what the node runs.
MBEDTLS := $(OUT)/stage/mbedtls/host
MBEDTLS_LIBS := $(addprefix $(MBEDTLS)/lib/,libmbedtls.a libmbedx509.a libmbedcrypto.a)

$(MBEDTLS_LIBS) &: $(wildcard image-build/packages/mbedtls/*)
	@$(BUILD) image mbedtls
	@touch $(MBEDTLS_LIBS)

clean: ## remove what was built here; the cache stays
	rm -rf $(OUT)

TESTS := style unit golden protocol fuzz pipeline qemu

test: deps ## everything that CI runs
	@OUT=$(OUT) tests/run $(TESTS)

include $(wildcard lib/*.mk conf/*.mk rpc/*.mk cli/*.mk initramfs/*.mk vmm/*.mk tests/*/*.mk)
