/* SPDX-License-Identifier: GPL-2.0-only */
#include "conf/load.h"

#include <errno.h>

#include "conf/bind.h"
#include "conf/check.h"
#include "conf/parse.h"

int conf_load(const char *text, size_t length, struct conf *ret_conf)
{
	struct conf conf = { 0 };
	struct conf_section *sections;

	conf.arena = arena_create(CONF_ARENA_SIZE);
	if (!conf.arena)
		return -ENOMEM;
	conf.diags.arena = conf.arena;
	if (length > CONF_SIZE_MAX) {
		conf_diag_add(&conf.diags, (struct conf_pos){ 0 },
		    "larger than 1 MiB: this is not a berth.conf");
	} else {
		sections = conf_parse(text, length, &conf.diags);
		conf_bind_model(sections, &conf.diags, &conf.model);
		conf_check_model(&conf.model, &conf.diags);
	}
	*ret_conf = conf;
	return 0;
}

void conf_done(struct conf *conf)
{
	arena_free(conf->arena);
	conf->arena = NULL;
}
