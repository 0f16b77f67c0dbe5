/* SPDX-License-Identifier: GPL-2.0-only */
/* Every fixed guest-physical address and port number of the fast profile, and who says so. */
#ifndef BERTH_VMM_CORE_MEMMAP_H
#define BERTH_VMM_CORE_MEMMAP_H

/* RAM lies from 0 to here at most; what is left of it begins at 4 GiB. */
#define MEMMAP_LOW_RAM_END 0xc0000000ull
#define MEMMAP_HIGH_RAM 0x100000000ull

/* 32-bit window for BARs of PCI devices. */
#define MEMMAP_MMIO32 0xc0000000ull
#define MEMMAP_MMIO32_SIZE 0x20000000ull
/* Configuration space of bus 0 (PCI Firmware specification 3.3, section 4.1). */
#define MEMMAP_ECAM 0xe0000000ull
#define MEMMAP_ECAM_SIZE 0x100000ull

#define MEMMAP_IOAPIC 0xfec00000ull
#define MEMMAP_LAPIC 0xfee00000ull
/* KVM on Intel wants three pages for its task state (KVM API, 4.64 and 4.36). */
#define MEMMAP_KVM_TSS 0xfffbd000ull
#define MEMMAP_KVM_IDENTITY_MAP 0xfffbc000ull

/* Low memory that the boot protocols fill. */
#define MEMMAP_BOOT_GDT 0x500ull
#define MEMMAP_BOOT_START_INFO 0x6000ull
#define MEMMAP_BOOT_PARAMS 0x7000ull
#define MEMMAP_BOOT_STACK 0x8ff0ull
#define MEMMAP_BOOT_PAGE_TABLES 0x9000ull
#define MEMMAP_CMDLINE 0x20000ull
#define MEMMAP_CMDLINE_SIZE 0x10000ull
#define MEMMAP_EBDA 0x9fc00ull
#define MEMMAP_ACPI 0xe0000ull /* RSDP first: ACPI 6.5, 5.2.5.1 */
#define MEMMAP_ACPI_SIZE 0x10000ull
#define MEMMAP_SMBIOS 0xf0000ull /* anchor: SMBIOS 3.6, 5.2.1 */
#define MEMMAP_SMBIOS_SIZE 0x10000ull
#define MEMMAP_KERNEL 0x100000ull

/* Ports. */
#define MEMMAP_PORT_RTC 0x70
#define MEMMAP_PORT_COM1 0x3f8
#define MEMMAP_PORT_COM2 0x2f8
#define MEMMAP_PORT_PVPANIC 0x505
/* PM1a event 4, control 2 at +4; sleep and reset at +8, +9; general-purpose events 2 at +12 */
#define MEMMAP_PORT_PM 0x600
#define MEMMAP_PORT_PM_SIZE 0x10
#define MEMMAP_PM_S5 5	  /* SLP_TYP of soft off, for the _S5 package */
#define MEMMAP_PM_RESET 1 /* value of the reset register */
#define MEMMAP_PM_PLUG 1  /* the general-purpose event that \_GPE._E01 serves */
#define MEMMAP_PORT_HOTPLUG 0x610
#define MEMMAP_PORT_HOTPLUG_SIZE 0xc
#define MEMMAP_PORT_PCI 0xcf8
#define MEMMAP_PORT_RESET 0xcf9 /* of the host bridge */

/* Global system interrupts below 24 are pins of the I/O APIC. */
#define MEMMAP_GSI_COM1 4
#define MEMMAP_GSI_COM2 3
#define MEMMAP_GSI_RTC 8
#define MEMMAP_GSI_SCI 9
#define MEMMAP_GSI_MSI 24 /* and up: message-signalled, given out one by one */

#endif
