// SPDX-License-Identifier: GPL-2.0-only
// What the guest cannot find by itself (ACPI 6.5, chapters 5, 6 and 19): the PCI host bridge with its window, legacy devices
// that are there, how to power off. firmware/acpi.c sets FEAT before the guest sees it.
DefinitionBlock ("dsdt.aml", "DSDT", 2, "BERTH ", "BERTHVM ", 1)
{
    // Bit 0: COM1, bit 1: COM2, bit 2: pvpanic.
    Name (FEAT, 0x12345678)

    // Soft off: the sleep type that devices/pm knows (MEMMAP_PM_S5).
    Name (\_S5, Package () { 5, 5, 0, 0 })

    Scope (\_GPE)
    {
        // An edge (5.6.4.1): what comes while this runs raises it once more.
        Method (_E01, 0, NotSerialized)
        {
            Local0 = \_SB.PCI0.HPUP
            \_SB.PCI0.HPUP = Local0
            Local1 = \_SB.PCI0.HPDN
            \_SB.PCI0.HPDN = Local1
            If (Local0 & (1 << 0x@SLOT@)) { Notify (\_SB.PCI0.S@SLOT@, 1) }
            If (Local1 & (1 << 0x@SLOT@)) { Notify (\_SB.PCI0.S@SLOT@, 3) }
        }
    }

    Scope (\_SB)
    {
        Device (PCI0)
        {
            Name (_HID, EisaId ("PNP0A08"))
            Name (_CID, EisaId ("PNP0A03"))
            Name (_SEG, Zero)
            Name (_BBN, Zero)
            Name (_UID, Zero)
            Name (_CRS, ResourceTemplate ()
            {
                WordBusNumber (ResourceProducer, MinFixed, MaxFixed, PosDecode, 0, 0, 0, 0, 1)
                IO (Decode16, 0x0CF8, 0x0CF8, 1, 8)
                WordIO (ResourceProducer, MinFixed, MaxFixed, PosDecode, EntireRange, 0, 0x0000, 0x0CF7, 0, 0x0CF8)
                WordIO (ResourceProducer, MinFixed, MaxFixed, PosDecode, EntireRange, 0, 0x0D00, 0xFFFF, 0, 0xF300)
                DWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, NonCacheable, ReadWrite,
                    0, 0xC0000000, 0xDFFFFFFF, 0, 0x20000000)
            })

            // Native hot-plug belongs to nobody here; error reporting neither.
            Method (_OSC, 4, NotSerialized)
            {
                CreateDWordField (Arg3, 0, CDW1)
                CreateDWordField (Arg3, 8, CDW3)
                If (Arg0 == ToUUID ("33DB4D5B-1FF7-401C-9657-7441C03DD766"))
                {
                    CDW3 = Zero
                }
                Else
                {
                    CDW1 |= 4
                }
                Return (Arg3)
            }

            // devices/hotplug: slots with something new, slots to give back (ones clear), slots given back.
            OperationRegion (HPRG, SystemIO, 0x0610, 0x0C)
            Field (HPRG, DWordAcc, NoLock, WriteAsZeros)
            {
                HPUP, 32,
                HPDN, 32,
                HPEJ, 32
            }

            // Each of the 31 slots (6.1.1, 6.1.9, 6.3.3). compile-dsdt repeats a line that has their number.
            Device (S@SLOT@) { Name (_ADR, 0x@SLOT@0000) Name (_SUN, 0x@SLOT@) Method (_EJ0, 1) { HPEJ = 1 << 0x@SLOT@ } }

            Device (MCHP)
            {
                // The configuration window (MCFG) is nobody else's.
                Name (_HID, EisaId ("PNP0C02"))
                Name (_UID, Zero)
                Name (_CRS, ResourceTemplate ()
                {
                    Memory32Fixed (ReadWrite, 0xE0000000, 0x00100000)
                    IO (Decode16, 0x0600, 0x0600, 1, 0x20)
                })
            }

            Device (RTC0)
            {
                Name (_HID, EisaId ("PNP0B00"))
                Name (_CRS, ResourceTemplate ()
                {
                    IO (Decode16, 0x0070, 0x0070, 1, 2)
                    IRQNoFlags () {8}
                })
            }

            Device (COM1)
            {
                Name (_HID, EisaId ("PNP0501"))
                Name (_UID, 1)
                Name (_CRS, ResourceTemplate ()
                {
                    IO (Decode16, 0x03F8, 0x03F8, 1, 8)
                    IRQNoFlags () {4}
                })
                Method (_STA, 0, NotSerialized)
                {
                    If (FEAT & 1) { Return (0x0F) }
                    Return (Zero)
                }
            }

            Device (COM2)
            {
                Name (_HID, EisaId ("PNP0501"))
                Name (_UID, 2)
                Name (_CRS, ResourceTemplate ()
                {
                    IO (Decode16, 0x02F8, 0x02F8, 1, 8)
                    IRQNoFlags () {3}
                })
                Method (_STA, 0, NotSerialized)
                {
                    If (FEAT & 2) { Return (0x0F) }
                    Return (Zero)
                }
            }

            Device (PEVT)
            {
                Name (_HID, "QEMU0001")
                Name (_CRS, ResourceTemplate ()
                {
                    IO (Decode16, 0x0505, 0x0505, 1, 1)
                })
                Method (_STA, 0, NotSerialized)
                {
                    If (FEAT & 4) { Return (0x0F) }
                    Return (Zero)
                }
            }
        }
    }
}
