/* SPDX-License-Identifier: GPL-2.0-only */
/* Words for numbers: states of guests, why they are in them, events. */
#ifndef BERTH_CLI_VIRSH_STATES_H
#define BERTH_CLI_VIRSH_STATES_H

const char *state_text(int state);
const char *state_reason(int state, int reason);
const char *state_of_vcpu(int state);
const char *event_text(int event);
const char *event_detail(int event, int detail);

#endif
