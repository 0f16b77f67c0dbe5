/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a disk's own table says of a partition: the kernel tells its number only. Reads two blocks
 * of the disk and believes nothing in them but the bytes asked for.
 */
#ifndef BERTH_LIB_PARTITION_H
#define BERTH_LIB_PARTITION_H

/* A GUID in text and its end. */
#define PARTITION_GUID 37

/* The GUID of partition `number` (from 1) of the disk at `path`, whose blocks have `block` bytes;
 * of a table of the old kind the disk's signature and the number, as the kernel has it. 0, -ENOENT
 * when there is no such table or entry, or another -errno. */
int partition_guid(
    const char *path, unsigned int number, unsigned int block, char ret_guid[PARTITION_GUID]);

#endif
