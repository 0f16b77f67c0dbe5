/* SPDX-License-Identifier: GPL-2.0-only */
/* Saved guests, in files and for their next start. */
#ifndef BERTH_CLI_VIRSH_CMD_SAVE_H
#define BERTH_CLI_VIRSH_CMD_SAVE_H

#include "cli/virsh/shell.h"

extern const struct option save_options[];
extern const struct option restore_options[];
extern const struct option save_image_define_options[];
extern const struct option save_image_dumpxml_options[];
extern const struct option save_image_edit_options[];
extern const struct option managedsave_options[];
extern const struct option managedsave_define_options[];
extern const struct option managedsave_dumpxml_options[];
extern const struct option managedsave_edit_options[];

bool cmd_save(struct shell *shell);
bool cmd_restore(struct shell *shell);
bool cmd_save_image_define(struct shell *shell);
bool cmd_save_image_dumpxml(struct shell *shell);
bool cmd_save_image_edit(struct shell *shell);
bool cmd_managedsave(struct shell *shell);
bool cmd_managedsave_define(struct shell *shell);
bool cmd_managedsave_dumpxml(struct shell *shell);
bool cmd_managedsave_edit(struct shell *shell);
bool cmd_managedsave_remove(struct shell *shell);

#endif
