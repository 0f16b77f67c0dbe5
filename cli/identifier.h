/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses and UUIDs that nobody else has, out of the kernel's random numbers. */
#ifndef BERTH_CLI_IDENTIFIER_H
#define BERTH_CLI_IDENTIFIER_H

#define IDENTIFIER_MAC 18
#define IDENTIFIER_UUID 37

/* Of a guest's NIC: 52:54:00 and three bytes, as KVM's guests have them. 0 or -errno. */
int identifier_mac(char ret_text[IDENTIFIER_MAC]);

/* RFC 4122, 4.4. 0 or -errno. */
int identifier_uuid(char ret_text[IDENTIFIER_UUID]);

#endif
