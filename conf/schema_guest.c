/* SPDX-License-Identifier: GPL-2.0-only */
/* The keys of [pool], [guest] and [template]. */
#include "conf/schema.h"

#include "conf/types.h"

#define AT(of, field) .offset = offsetof(struct conf_##of, field)
#define LIST_OF(of) .flags = CONF_LIST, .record_size = sizeof(struct conf_##of)
#define RECORD(of, rows)                                                                           \
	.type = &conf_type_record, .fields = rows, .record_size = sizeof(struct conf_##of)
#define CHOICE(of) .type = &conf_type_choice, .choices = of
#define WORD (CONF_POSITIONAL | CONF_REQUIRED)
#define GUEST .cost = CONF_COST_GUEST
#define LIVE .cost = CONF_COST_LIVE
#define KIB 1024ull
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)
#define TIB (1024 * GIB)
#define BOOT_FIELD(of)                                                                             \
	{                                                                                          \
		"boot", &conf_type_number, AT(of, boot), .min = 1, .max = 99                       \
	}
#define RATE(of, text, field)                                                                      \
	{                                                                                          \
		text, &conf_type_size, AT(of, field), .min = KIB, .max = TIB                       \
	}
/* So many a second. */
#define COUNT(of, text, field)                                                                     \
	{                                                                                          \
		text, &conf_type_number, AT(of, field), .min = 1, .max = 100000000                 \
	}

static const char *const pool_types[] = { "dir", "fs", "nfs", "lvm", "iscsi", "off", NULL };
static const char *const fs_formats[] = { "", "ext4", "xfs", NULL };

const struct conf_key conf_pool_keys[] = {
	{ "type", AT(pool, type), CHOICE(pool_types), .initial = "dir", LIVE,
	    .help = "dir: a folder; fs: a disk's file system; nfs; lvm: a volume group; iscsi; off",
	    .example = "nfs" },
	{ "path", &conf_type_path, AT(pool, path), .fallback = "required with dir and nfs", LIVE,
	    .help = "folder: absolute, or below the data volume; of nfs the server's",
	    .example = "images" },
	{ "device", &conf_type_disk, AT(pool, device), .fallback = "required with fs", LIVE,
	    .help = "disk or partition: serial:, wwn:, partuuid: or pci:",
	    .example = "serial:S4EVNF0M123456" },
	{ "format", AT(pool, format), CHOICE(fs_formats), .fallback = "as the disk says", LIVE,
	    .help = "file system of a pool of type fs", .example = "ext4" },
	{ "erase", &conf_type_bool, AT(pool, erase), .initial = "no", LIVE,
	    .help = "make the file system anew on the disk that is named by serial or wwn",
	    .example = "yes" },
	{ "host", &conf_type_server, AT(pool, host), .fallback = "required with nfs and iscsi",
	    LIVE, .help = "server", .example = "192.0.2.30" },
	{ "port", &conf_type_number, AT(pool, port), .min = 1, .max = 65535,
	    .fallback = "the protocol's", LIVE, .help = "port of the server", .example = "3260" },
	{ "group", &conf_type_word, AT(pool, group), .max = 127, .fallback = "required with lvm",
	    LIVE, .help = "volume group", .example = "guests" },
	{ "target", &conf_type_word, AT(pool, target), .max = 223,
	    .fallback = "required with iscsi", LIVE, .help = "iSCSI target",
	    .example = "iqn.2010-05.com.example.server1:iscsirhel7guest" },
	{ "initiator", &conf_type_word, AT(pool, initiator), .max = 223,
	    .fallback = "made from the host name", LIVE, .help = "iSCSI initiator",
	    .example = "iqn.2010-05.com.example:node1" },
	{ "chap-user", &conf_type_word, AT(pool, chap_user), .max = 127, .fallback = "none", LIVE,
	    .help = "iSCSI login", .example = "node1" },
	{ "chap-secret", &conf_type_word, AT(pool, chap_secret), .max = 127, .flags = CONF_SECRET,
	    .fallback = "none", LIVE, .help = "iSCSI password", .example = "twelve-chars" },
	{ "autostart", &conf_type_bool, AT(pool, autostart), .initial = "yes", LIVE,
	    .help = "start the pool with the node", .example = "no" },
	{ "read-only", &conf_type_bool, AT(pool, read_only), .initial = "no", LIVE,
	    .help = "never write to the pool", .example = "yes" },
	{ "uuid", &conf_type_uuid, AT(pool, uuid), .fallback = "made from the name",
	    .cost = CONF_COST_NOTHING, .help = "identity of the pool",
	    .example = "6f4d2b9e-1c0a-4f53-9a52-0d4c7e1b8f22" },
	{ "description", &conf_type_text, AT(pool, description), .fallback = "none",
	    .cost = CONF_COST_NOTHING, .help = "for people", .example = "fast disks" },
	{ 0 },
};

static const char *const huge_pages[] = { "no", "2M", "1G", NULL };
static const char *const numa_modes[] = { "strict", "preferred", "interleave", NULL };
static const char *const machines[] = { "pc", "q35", NULL };
static const char *const firmwares[] = { "bios", "uefi", "direct", NULL };
static const char *const formats[] = { "", "raw", "qcow2", NULL };
static const char *const buses[] = { "virtio", "ide", "sata", "scsi", "usb", NULL };
static const char *const drive_buses[] = { "", "ide", "sata", "scsi", "usb", NULL };
static const char *const caches[] = { "none", "writethrough", "writeback", "directsync", "unsafe",
	NULL };
static const char *const ios[] = { "io_uring", "threads", NULL };
static const char *const discards[] = { "unmap", "ignore", NULL };
static const char *const nic_models[] = { "virtio", "e1000", "e1000e", "rtl8139", NULL };
static const char *const links[] = { "down", "up", NULL };
static const char *const graphics[] = { "none", "vnc", NULL };
static const char *const videos[] = { "std", "virtio", "cirrus", "none", NULL };
static const char *const serial_types[] = { "pty", "log", "none", NULL };
static const char *const serial_buses[] = { "isa", "virtio", NULL };
static const char *const inputs[] = { "tablet", "mouse", "keyboard", NULL };
static const char *const input_buses[] = { "usb", "ps2", "virtio", NULL };
static const char *const sounds[] = { "none", "ac97", "ich6", "ich9", "es1370", "sb16", NULL };
static const char *const usbs[] = { "none", "uhci", "ehci", "xhci", NULL };
static const char *const tpms[] = { "none", "tis", "crb", NULL };
static const char *const watchdogs[] = { "none", "i6300esb", "ib700", NULL };
static const char *const watchdog_actions[] = { "reset", "poweroff", "pause", "dump", "none",
	NULL };
static const char *const clocks[] = { "utc", "localtime", NULL };
static const char *const timers[] = { "rtc", "pit", "hpet", "tsc", "kvmclock", "hypervclock",
	NULL };
static const char *const ticks[] = { "", "delay", "catchup", "merge", "discard", NULL };
static const char *const ends[] = { "destroy", "restart", "preserve", NULL };
static const char *const crashes[] = { "destroy", "restart", "preserve", "dump-destroy",
	"dump-restart", NULL };
static const char *const shutdowns[] = { "", "shutdown", "save", "destroy", NULL };

static const struct conf_key disk_fields[] = {
	{ "source", &conf_type_source, AT(disk, source), .flags = WORD },
	{ "format", AT(disk, format), CHOICE(formats) },
	{ "bus", AT(disk, bus), CHOICE(buses), .initial = "virtio" },
	{ "cache", AT(disk, cache), CHOICE(caches), .initial = "none" },
	{ "io", AT(disk, io), CHOICE(ios), .initial = "io_uring" },
	{ "discard", AT(disk, discard), CHOICE(discards), .initial = "unmap" },
	{ "readonly", &conf_type_bool, AT(disk, read_only), .initial = "no" },
	{ "shareable", &conf_type_bool, AT(disk, shareable), .initial = "no" },
	{ "serial", &conf_type_word, AT(disk, serial), .max = 20 },
	{ "target", &conf_type_interface, AT(disk, target) },
	{ "size", &conf_type_size, AT(disk, size), .min = MIB, .max = 64 * TIB },
	BOOT_FIELD(disk),
	RATE(disk, "read", read_rate),
	RATE(disk, "write", write_rate),
	COUNT(disk, "read-iops", read_iops),
	COUNT(disk, "write-iops", write_iops),
	{ 0 },
};

static const struct conf_key cdrom_fields[] = {
	{ "source", &conf_type_source, AT(disk, source), .flags = WORD },
	{ "bus", AT(disk, bus), CHOICE(drive_buses) },
	{ "target", &conf_type_interface, AT(disk, target) },
	BOOT_FIELD(disk),
	{ 0 },
};

static const struct conf_key floppy_fields[] = {
	{ "source", &conf_type_source, AT(disk, source), .flags = WORD },
	{ "readonly", &conf_type_bool, AT(disk, read_only), .initial = "no" },
	BOOT_FIELD(disk),
	{ 0 },
};

static const struct conf_key nic_fields[] = {
	{ "network", &conf_type_interface, AT(nic, network), .flags = WORD },
	{ "mac", &conf_type_mac, AT(nic, mac) },
	{ "model", AT(nic, model), CHOICE(nic_models), .initial = "virtio" },
	RATE(nic, "in", in),
	RATE(nic, "in-peak", in_peak),
	RATE(nic, "in-burst", in_burst),
	RATE(nic, "out", out),
	RATE(nic, "out-peak", out_peak),
	RATE(nic, "out-burst", out_burst),
	COUNT(nic, "in-packets", in_packets),
	COUNT(nic, "out-packets", out_packets),
	{ "queues", &conf_type_number, AT(nic, queues), .min = 1, .max = 16 },
	{ "mtu", &conf_type_number, AT(nic, mtu), .min = 576, .max = 9216 },
	{ "link", &conf_type_link, AT(nic, link), .initial = "up", .choices = links },
	BOOT_FIELD(nic),
	{ 0 },
};

static const struct conf_key numa_fields[] = {
	{ "nodes", &conf_type_numbers, AT(numa, nodes), .flags = WORD, .max = 63 },
	{ "mode", AT(numa, mode), CHOICE(numa_modes), .initial = "strict" },
	{ 0 },
};

static const struct conf_key cell_fields[] = {
	{ "cpus", &conf_type_numbers, AT(cell, cpus), .flags = WORD, .max = 254 },
	{ "memory", &conf_type_size, AT(cell, memory), .min = 16 * MIB, .max = 16 * TIB },
	{ 0 },
};

static const struct conf_key topology_fields[] = {
	{ "sockets", &conf_type_number, AT(topology, sockets), .flags = WORD, .min = 1, .max = 64 },
	{ "cores", &conf_type_number, AT(topology, cores), .min = 1, .max = 128, .initial = "1" },
	{ "threads", &conf_type_number, AT(topology, threads), .min = 1, .max = 8, .initial = "1" },
	{ 0 },
};

static const struct conf_key pin_fields[] = {
	{ "vcpu", &conf_type_number, AT(pin, vcpu), .flags = WORD, .max = 254 },
	{ "cpus", &conf_type_numbers, AT(pin, cpus), .flags = WORD, .max = 4095 },
	{ 0 },
};

static const struct conf_key graphics_fields[] = {
	{ "type", .offset = offsetof(struct conf_graphics, type), CHOICE(graphics), .flags = WORD },
	{ "address", &conf_type_address, AT(graphics, address), .initial = "127.0.0.1" },
	{ "port", &conf_type_number, AT(graphics, port), .min = 5900, .max = 65535 },
	{ "password", &conf_type_vnc_password, AT(graphics, password) },
	{ "keymap", &conf_type_word, AT(graphics, keymap), .max = 15 },
	{ "tls", &conf_type_bool, AT(graphics, tls), .initial = "no" },
	{ 0 },
};

static const struct conf_key video_fields[] = {
	{ "model", AT(video, model), CHOICE(videos), .flags = WORD },
	{ "memory", &conf_type_size, AT(video, memory), .min = MIB, .max = 256 * MIB },
	{ 0 },
};

static const struct conf_key serial_fields[] = {
	{ "type", AT(serial, type), CHOICE(serial_types), .flags = WORD },
	{ "bus", AT(serial, bus), CHOICE(serial_buses), .initial = "isa" },
	{ "log", &conf_type_bool, AT(serial, log), .initial = "no" },
	{ "log-size", &conf_type_size, AT(serial, log_size), .min = 4 * KIB, .max = GIB,
	    .initial = "1M" },
	{ 0 },
};

static const struct conf_key input_fields[] = {
	{ "type", AT(input, type), CHOICE(inputs), .flags = WORD },
	{ "bus", AT(input, bus), CHOICE(input_buses), .initial = "usb" },
	{ 0 },
};

static const struct conf_key device_fields[] = {
	{ "device", &conf_type_device, AT(device, source), .flags = WORD },
	{ "rom", &conf_type_bool, AT(device, rom), .initial = "yes" },
	BOOT_FIELD(device),
	{ 0 },
};

static const struct conf_key watchdog_fields[] = {
	{ "model", AT(watchdog, model), CHOICE(watchdogs), .flags = WORD },
	{ "action", AT(watchdog, action), CHOICE(watchdog_actions), .initial = "reset" },
	{ 0 },
};

static const struct conf_key clock_fields[] = {
	{ "base", AT(clock, base), CHOICE(clocks), .flags = WORD },
	{ "ahead", &conf_type_duration, AT(clock, ahead), .min = 1, .max = 365 * 86400ull },
	{ 0 },
};

static const struct conf_key timer_fields[] = {
	{ "name", AT(timer, name), CHOICE(timers), .flags = WORD },
	{ "tick", AT(timer, tick), CHOICE(ticks) },
	{ "present", &conf_type_bool, AT(timer, present), .initial = "yes" },
	{ 0 },
};

static const struct conf_key autostart_fields[] = {
	{ "autostart", &conf_type_bool, AT(autostart, on), .flags = WORD },
	{ "order", &conf_type_number, AT(autostart, order), .min = 1, .max = 9999,
	    .initial = "100" },
	{ "delay", &conf_type_duration, AT(autostart, delay), .max = 3600, .initial = "0s" },
	{ 0 },
};

static const struct conf_key node_shutdown_fields[] = {
	{ "action", AT(node_shutdown, action), CHOICE(shutdowns), .flags = WORD },
	{ "timeout", &conf_type_duration, AT(node_shutdown, timeout), .min = 1, .max = 3600,
	    .initial = "1m" },
	{ 0 },
};

/* "use" comes first, so that a template's table is the rest of a guest's. */
const struct conf_key conf_guest_keys[] = {
	{ "use", &conf_type_word, AT(guest, use), .max = 64, .fallback = "none", GUEST,
	    .help = "template whose keys this guest has, where it does not say them itself",
	    .example = "small" },
	{ "title", &conf_type_text, AT(guest, title), .fallback = "none", .cost = CONF_COST_NOTHING,
	    .help = "a short line for people", .example = "web shop" },
	{ "description", &conf_type_text, AT(guest, description), .fallback = "none",
	    .cost = CONF_COST_NOTHING, .help = "for people", .example = "front of the shop" },
	{ "uuid", &conf_type_uuid, AT(guest, uuid), .fallback = "made from the name", GUEST,
	    .help = "identity of the guest", .example = "6f4d2b9e-1c0a-4f53-9a52-0d4c7e1b8f21" },
	{ "memory", &conf_type_size, AT(guest, memory), .min = 16 * MIB, .max = 16 * TIB,
	    .initial = "1G", LIVE, .help = "memory at start; up to memory-max while it runs",
	    .example = "2G" },
	{ "memory-max", &conf_type_size, AT(guest, memory_max), .min = 16 * MIB, .max = 16 * TIB,
	    .fallback = "memory", GUEST, .help = "what memory may grow to", .example = "4G" },
	{ "hugepages", AT(guest, hugepages), CHOICE(huge_pages), .initial = "no", GUEST,
	    .help = "take the memory in pages of this size", .example = "2M" },
	{ "numa", AT(guest, numa), RECORD(numa, numa_fields), .fallback = "any node", GUEST,
	    .help = "memory nodes of the machine",
	    .usage = "NODES [mode=strict|preferred|interleave]", .example = "0 mode=preferred" },
	{ "cell", AT(guest, cells), RECORD(cell, cell_fields), .flags = CONF_LIST,
	    .fallback = "one", GUEST, .help = "memory node inside the guest",
	    .usage = "VCPUS memory=SIZE", .example = "0-1 memory=1G" },
	{ "vcpus", &conf_type_number, AT(guest, vcpus), .min = 1, .max = 255, .initial = "1", GUEST,
	    .help = "virtual processors at start", .example = "2" },
	{ "vcpus-max", &conf_type_number, AT(guest, vcpus_max), .min = 1, .max = 255,
	    .fallback = "vcpus", GUEST, .help = "what vcpus may grow to", .example = "4" },
	{ "topology", AT(guest, topology), RECORD(topology, topology_fields),
	    .fallback = "one socket a virtual processor", GUEST,
	    .help = "sockets, cores and threads; their product is vcpus-max",
	    .usage = "SOCKETS [cores=N] [threads=N]", .example = "1 cores=2" },
	{ "cpu", &conf_type_word, AT(guest, cpu), .max = 32, .initial = "host", GUEST,
	    .help = "host, or the name of a processor model", .example = "host" },
	{ "cpu-feature", &conf_type_feature, AT(guest, cpu_features), .flags = CONF_LIST,
	    .fallback = "none", GUEST, .help = "one to add or to hide", .example = "+x2apic" },
	{ "cpus", &conf_type_numbers, AT(guest, cpus), .max = 4095, .fallback = "all", LIVE,
	    .help = "processors of the machine that the guest may use", .example = "4-7" },
	{ "pin", AT(guest, pins), RECORD(pin, pin_fields), .flags = CONF_LIST,
	    .fallback = "as cpus says", LIVE, .help = "one virtual processor", .usage = "VCPU CPUS",
	    .example = "0 4" },
	{ "emulator-cpus", &conf_type_numbers, AT(guest, emulator_cpus), .max = 4095,
	    .fallback = "as cpus says", LIVE, .help = "where the guest's devices are worked",
	    .example = "0-1" },
	{ "cpu-weight", &conf_type_number, AT(guest, cpu_weight), .min = 1, .max = 10000,
	    .initial = "100", LIVE, .help = "share of the processors against other guests",
	    .example = "200" },
	{ "cpu-cap", &conf_type_percent, AT(guest, cpu_cap), .min = 1, .max = 25500,
	    .fallback = "none", LIVE, .help = "most processor time; 100% is one processor",
	    .example = "150%" },
	{ "machine", AT(guest, machine), CHOICE(machines), .initial = "pc", GUEST,
	    .help = "kind of machine", .example = "q35" },
	{ "firmware", AT(guest, firmware), CHOICE(firmwares), .initial = "bios", GUEST,
	    .help = "bios, uefi, or direct: the kernel is started without any", .example = "uefi" },
	{ "secure-boot", &conf_type_bool, AT(guest, secure_boot), .initial = "no", GUEST,
	    .help = "with uefi", .example = "yes" },
	{ "kernel", &conf_type_path, AT(guest, kernel), .fallback = "none", GUEST,
	    .help = "kernel to start, on the data volume", .example = "boot/vmlinuz" },
	{ "initrd", &conf_type_path, AT(guest, initrd), .fallback = "none", GUEST,
	    .help = "its initial file system", .example = "boot/initrd" },
	{ "cmdline", &conf_type_text, AT(guest, cmdline), .fallback = "none", GUEST,
	    .help = "its command line", .example = "console=ttyS0 root=/dev/vda1" },
	{ "boot", &conf_type_boot, AT(guest, boot), .fallback = "disk", GUEST,
	    .help = "kinds of devices in the order in which they are tried",
	    .example = "cdrom disk" },
	{ "boot-menu", &conf_type_duration, AT(guest, boot_menu), .max = 600, .initial = "0s",
	    GUEST, .help = "how long the firmware's menu waits", .example = "5s" },
	{ "disk", AT(guest, disks), RECORD(disk, disk_fields), .flags = CONF_LIST,
	    .fallback = "none", LIVE, .help = "a disk",
	    .usage = "POOL/VOLUME|/PATH|DISK [format=raw|qcow2] "
		     "[bus=virtio|ide|sata|scsi|usb] "
		     "[cache=none|writethrough|writeback|directsync|unsafe] "
		     "[io=io_uring|threads] [discard=unmap|ignore] [readonly] "
		     "[shareable] [serial=TEXT] [target=NAME] [size=SIZE] [boot=N] "
		     "[read=SIZE] [write=SIZE] [read-iops=N] [write-iops=N]",
	    .example = "default/web.qcow2 format=qcow2" },
	{ "cdrom", AT(guest, cdroms), RECORD(disk, cdrom_fields), .flags = CONF_LIST,
	    .fallback = "none", GUEST, .help = "a CD-ROM drive",
	    .usage = "POOL/VOLUME|/PATH|empty [bus=ide|sata|scsi|usb] [target=NAME] "
		     "[boot=N]",
	    .example = "default/install.iso boot=1" },
	{ "floppy", AT(guest, floppies), RECORD(disk, floppy_fields), .flags = CONF_LIST,
	    .fallback = "none", GUEST, .help = "a floppy drive",
	    .usage = "POOL/VOLUME|/PATH|empty [readonly] [boot=N]",
	    .example = "default/drivers.img readonly" },
	{ "nic", AT(guest, nics), RECORD(nic, nic_fields), .flags = CONF_LIST, .fallback = "none",
	    LIVE, .help = "a network interface",
	    .usage = "NETWORK [mac=ADDRESS] [model=virtio|e1000|e1000e|rtl8139] "
		     "[in=SIZE] [in-peak=SIZE] [in-burst=SIZE] [out=SIZE] "
		     "[out-peak=SIZE] [out-burst=SIZE] [in-packets=N] [out-packets=N] "
		     "[queues=N] [mtu=N] "
		     "[link=up|down] [boot=N]",
	    .example = "default mac=52:54:00:11:22:33" },
	{ "graphics", AT(guest, graphics), RECORD(graphics, graphics_fields), .initial = "none",
	    LIVE, .help = "the guest's screen",
	    .usage = "none|vnc [address=ADDRESS] [port=N] [password=TEXT] [keymap=NAME] "
		     "[tls]",
	    .example = "vnc port=5901 password=sesame keymap=de" },
	{ "video", AT(guest, video), RECORD(video, video_fields), .initial = "std", GUEST,
	    .help = "graphics card", .usage = "std|virtio|cirrus|none [memory=SIZE]",
	    .example = "virtio memory=32M" },
	{ "serial", AT(guest, serials), RECORD(serial, serial_fields), .flags = CONF_LIST,
	    .fallback = "one pty", GUEST, .help = "serial port",
	    .usage = "pty|log|none [bus=isa|virtio] [log] [log-size=SIZE]",
	    .example = "pty log log-size=4M" },
	{ "input", AT(guest, inputs), RECORD(input, input_fields), .flags = CONF_LIST,
	    .fallback = "what the graphics need", GUEST, .help = "pointing device or keyboard",
	    .usage = "tablet|mouse|keyboard [bus=usb|ps2|virtio]", .example = "tablet" },
	{ "device", AT(guest, devices), RECORD(device, device_fields), .flags = CONF_LIST,
	    .fallback = "none", GUEST, .help = "device of the machine, for this guest alone",
	    .usage = "pci:ADDRESS|usb:VENDOR:PRODUCT [rom=yes|no] [boot=N]",
	    .example = "pci:0000:03:00.0" },
	{ "sound", AT(guest, sound), CHOICE(sounds), .initial = "none", GUEST, .help = "sound card",
	    .example = "ich9" },
	{ "usb", AT(guest, usb), CHOICE(usbs), .initial = "none", GUEST, .help = "USB controller",
	    .example = "xhci" },
	{ "tpm", AT(guest, tpm), CHOICE(tpms), .initial = "none", GUEST, .help = "TPM 2.0",
	    .example = "crb" },
	{ "watchdog", AT(guest, watchdog), RECORD(watchdog, watchdog_fields), .initial = "none",
	    GUEST, .help = "watchdog",
	    .usage = "none|i6300esb|ib700 [action=reset|poweroff|pause|dump|none]",
	    .example = "i6300esb action=reset" },
	{ "rng", &conf_type_bool, AT(guest, rng), .initial = "yes", GUEST,
	    .help = "source of randomness", .example = "no" },
	{ "balloon", &conf_type_bool, AT(guest, balloon), .initial = "yes", GUEST,
	    .help = "memory can be taken back while the guest runs", .example = "no" },
	{ "balloon-period", &conf_type_duration, AT(guest, balloon_period), .max = 86400,
	    .initial = "10s", LIVE, .help = "how often the guest is asked about its memory",
	    .example = "5s" },
	{ "agent", &conf_type_bool, AT(guest, agent), .initial = "no", GUEST,
	    .help = "channel for an agent inside the guest", .example = "yes" },
	{ "acpi", &conf_type_bool, AT(guest, acpi), .initial = "yes", GUEST,
	    .help = "power button and tables", .example = "no" },
	{ "apic", &conf_type_bool, AT(guest, apic), .initial = "yes", GUEST,
	    .help = "interrupt controller of multiprocessors", .example = "no" },
	{ "pae", &conf_type_bool, AT(guest, pae), .initial = "yes", GUEST,
	    .help = "more than 4G for 32-bit guests", .example = "no" },
	{ "hyperv", &conf_type_bool, AT(guest, hyperv), .initial = "no", GUEST,
	    .help = "what Windows guests look for", .example = "yes" },
	{ "nested", &conf_type_bool, AT(guest, nested), .initial = "no", GUEST,
	    .help = "guests inside the guest", .example = "yes" },
	{ "clock", AT(guest, clock), RECORD(clock, clock_fields), .initial = "utc", GUEST,
	    .help = "the guest's real-time clock", .usage = "utc|localtime [ahead=DURATION]",
	    .example = "localtime" },
	{ "timer", AT(guest, timers), RECORD(timer, timer_fields), .flags = CONF_LIST,
	    .fallback = "what the machine has", GUEST,
	    .help = "how a clock of the guest keeps time",
	    .usage = "rtc|pit|hpet|tsc|kvmclock|hypervclock "
		     "[tick=delay|catchup|merge|discard] [present=yes|no]",
	    .example = "rtc tick=catchup" },
	{ "on-poweroff", AT(guest, on_poweroff), CHOICE(ends), .initial = "destroy", LIVE,
	    .help = "when the guest turns itself off", .example = "preserve" },
	{ "on-reboot", AT(guest, on_reboot), CHOICE(ends), .initial = "restart", LIVE,
	    .help = "when the guest reboots", .example = "destroy" },
	{ "on-crash", AT(guest, on_crash), CHOICE(crashes), .initial = "destroy", LIVE,
	    .help = "when the guest crashes", .example = "dump-restart" },
	{ "autostart", AT(guest, autostart), RECORD(autostart, autostart_fields), .initial = "no",
	    .cost = CONF_COST_NOTHING, .help = "start with the node",
	    .usage = "yes|no [order=N] [delay=DURATION]", .example = "yes order=10 delay=5s" },
	{ "on-node-shutdown", AT(guest, node_shutdown), RECORD(node_shutdown, node_shutdown_fields),
	    .fallback = "as guests of [node] says", .cost = CONF_COST_NOTHING,
	    .help = "when the node goes down", .usage = "shutdown|save|destroy [timeout=DURATION]",
	    .example = "shutdown timeout=3m" },
	{ 0 },
};
