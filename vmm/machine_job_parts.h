/* SPDX-License-Identifier: GPL-2.0-only */
/* A machine's job: what writes it to a file. Part of struct machine; for the files of machine only.
 */
#ifndef BERTH_VMM_MACHINE_JOB_PARTS_H
#define BERTH_VMM_MACHINE_JOB_PARTS_H

#include "vmm/machine.h"

enum machine_job_kind { MACHINE_JOB_NONE, MACHINE_JOB_SAVE, MACHINE_JOB_DUMP };

struct machine_job {
	enum machine_job_kind kind;
	int fd;
	bool paused;   /* it stands still for the job alone */
	uint8_t *head; /* written last */
	uint64_t head_length;
	uint64_t head_at;
	size_t region; /* of memory, which comes next, */
	uint64_t within;
	uint64_t at; /* and where in the file it goes */
	uint64_t processed;
	uint64_t told; /* loop_time() */
	struct loop_timer next;
	struct machine_done done;
};

/* Whether the machine has to stand still. */
bool machine_stands_for_job(const struct machine *machine);
void machine_job_status(const struct machine *machine, struct buf *out);

#endif
