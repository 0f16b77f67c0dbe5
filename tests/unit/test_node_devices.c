/* SPDX-License-Identifier: GPL-2.0-only */
/* Devices and interfaces of a machine that is a made-up /sys. */
#include "tests/unit/unit_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/xml/device.h"
#include "node/xml/interface.h"
#include "node/xml/sysinfo.h"

static char root[] = "/tmp/berth-devices-XXXXXX";
static char sys_folder[64];
static char proc_folder[64];
static const struct host_roots roots = { sys_folder, proc_folder };

/* What is at a path: a file with this text and a newline, or a link when it begins with "->". */
static const char *const machine[][2] = {
	{ "sys/class/dmi/id/bios_vendor", "SeaBIOS" },
	{ "sys/class/dmi/id/sys_vendor", "A & B  " },
	{ "sys/class/dmi/id/product_serial", "" },
	{ "sys/class/dmi/id/board_asset_tag", "7" },
	{ "sys/devices/pci0000:00/0000:00:1c.0/uevent", "" },
	{ "sys/devices/pci0000:00/0000:00:1c.0/vendor", "0x8086" },
	{ "sys/devices/pci0000:00/0000:00:1c.0/device", "0x1234" },
	{ "sys/devices/pci0000:00/0000:00:1c.0/class", "0x060400" },
	{ "sys/devices/pci0000:00/0000:00:1c.0/config", "..............\001." },
	{ "sys/devices/pci0000:00/0000:00:1c.0/0000:02:00.0/uevent", "" },
	{ "sys/devices/pci0000:00/0000:00:1c.0/0000:02:00.0/vendor", "0x15b3" },
	{ "sys/devices/pci0000:00/0000:00:1c.0/0000:02:00.0/device", "0x1017" },
	{ "sys/devices/pci0000:00/0000:00:1c.0/0000:02:00.0/class", "0x020000" },
	{ "sys/devices/pci0000:00/0000:00:1c.0/0000:02:00.0/numa_node", "1" },
	{ "sys/devices/pci0000:00/0000:00:1c.0/0000:02:00.0/sriov_totalvfs", "8" },
	{ "sys/devices/pci0000:00/0000:00:1c.0/0000:02:00.0/virtfn0", "->../0000:02:00.1" },
	{ "sys/devices/pci0000:00/0000:00:1c.0/0000:02:00.0/driver", "->../../drivers/mlx5_core" },
	{ "sys/devices/pci0000:00/0000:00:1c.0/0000:02:00.0/max_link_width", "16" },
	{ "sys/devices/pci0000:00/0000:00:1c.0/0000:02:00.0/max_link_speed", "8.0 GT/s PCIe" },
	{ "sys/devices/pci0000:00/0000:00:1c.0/0000:02:00.0/current_link_width", "8" },
	{ "sys/devices/pci0000:00/0000:00:1c.0/0000:02:00.0/current_link_speed", "2.5 GT/s" },
	{ "sys/devices/pci0000:00/0000:00:1c.0/0000:02:00.0/iommu_group", "->../groups/7" },
	{ "sys/kernel/iommu_groups/7/devices/0000:02:00.0", "->/" },
	{ "sys/devices/pci0000:00/0000:00:1c.0/0000:02:00.0/net/eth0/uevent", "" },
	{ "sys/devices/pci0000:00/0000:00:1c.0/0000:02:00.0/net/eth0/address",
	    "52:54:00:aa:bb:cc" },
	{ "sys/devices/pci0000:00/0000:00:1c.0/0000:02:00.0/net/eth0/type", "1" },
	{ "sys/devices/pci0000:00/0000:00:1c.0/0000:02:00.0/net/eth0/flags", "0x1003" },
	{ "sys/devices/pci0000:00/0000:00:1c.0/0000:02:00.0/net/eth0/mtu", "9000" },
	{ "sys/devices/pci0000:00/0000:00:1c.0/0000:02:00.0/net/eth0/speed", "25000" },
	{ "sys/devices/pci0000:00/0000:00:1c.0/0000:02:00.0/net/eth0/operstate", "up" },
	{ "sys/devices/virtual/net/lan/uevent", "" },
	{ "sys/devices/virtual/net/lan/address", "52:54:00:aa:bb:cc" },
	{ "sys/devices/virtual/net/lan/type", "1" },
	{ "sys/devices/virtual/net/lan/flags", "0x1003" },
	{ "sys/devices/virtual/net/lan/bonding/mode", "active-backup 1" },
	{ "sys/devices/virtual/net/lan/bonding/miimon", "100" },
	{ "sys/devices/virtual/net/lan/bonding/slaves", "eth0 gone" },
	{ "sys/devices/virtual/net/lan.5/uevent", "" },
	{ "sys/devices/virtual/net/lan.5/address", "52:54:00:aa:bb:cc" },
	{ "sys/devices/virtual/net/lan.5/type", "1" },
	{ "sys/devices/virtual/net/lan.5/flags", "0x1002" },
	{ "proc/net/vlan/lan.5", "lan.5  VID: 5\t REORDER_HDR: 1  dev->priv_flags: 1021\n"
				 "Device: lan\nINGRESS priority mappings: 0:0" },
	{ "sys/devices/virtual/net/br0/uevent", "" },
	{ "sys/devices/virtual/net/br0/address", "52:54:00:aa:bb:cc" },
	{ "sys/devices/virtual/net/br0/type", "1" },
	{ "sys/devices/virtual/net/br0/flags", "0x1003" },
	{ "sys/devices/virtual/net/br0/bridge/stp_state", "1" },
	{ "sys/devices/virtual/net/br0/bridge/forward_delay", "1500" },
	{ "sys/devices/virtual/net/br0/brif/lan.5/state", "3" },
	{ "sys/devices/virtual/net/br0/brif/vnet0/state", "3" },
	{ "sys/devices/virtual/net/vnet0/uevent", "" },
	{ "sys/devices/virtual/net/vnet0/address", "fe:54:00:11:22:33" },
	{ "sys/devices/virtual/net/vnet0/type", "1" },
	{ "sys/devices/virtual/net/vnet0/tun_flags", "0x5002" },
	{ "sys/devices/virtual/net/sit0/uevent", "" },
	{ "sys/devices/virtual/net/sit0/type", "776" },
	{ "sys/devices/pci0000:00/0000:00:1f.2/uevent", "" },
	{ "sys/devices/pci0000:00/0000:00:1f.2/vendor", "0x8086" },
	{ "sys/devices/pci0000:00/0000:00:1f.2/device", "0x2922" },
	{ "sys/devices/pci0000:00/0000:00:1f.2/ata1/block/sda/uevent", "" },
	{ "sys/devices/pci0000:00/0000:00:1f.2/ata1/block/sda/size", "2048" },
	{ "sys/devices/pci0000:00/0000:00:1f.2/ata1/block/sda/queue/logical_block_size", "4096" },
	{ "sys/devices/pci0000:00/0000:00:1f.2/ata1/block/sda/removable", "0" },
	{ "sys/devices/pci0000:00/0000:00:1f.2/ata1/block/sda/device/model", "QUICK <DISK>  " },
	{ "sys/devices/pci0000:00/0000:00:1f.2/ata1/block/sda/device/vendor", "ATA" },
	{ "sys/devices/pci0000:00/0000:00:1f.2/ata1/block/sda/device/serial", "S-1 \001x" },
	{ "sys/devices/pci0000:00/0000:00:1f.2/ata2/block/sr0/uevent", "" },
	{ "sys/devices/pci0000:00/0000:00:1f.2/ata2/block/sr0/size", "0" },
	{ "sys/devices/pci0000:00/0000:00:1f.2/ata2/block/sr0/removable", "1" },
	{ "sys/devices/pci0000:00/0000:00:1f.2/ata2/block/sr0/device/model", "DVD" },
	{ "sys/devices/virtual/block/loop0/uevent", "" },
	{ "sys/devices/virtual/block/loop0/size", "100" },
	{ "sys/bus/pci/devices/0000:00:1c.0", "->../../../devices/pci0000:00/0000:00:1c.0" },
	{ "sys/bus/pci/devices/0000:02:00.0",
	    "->../../../devices/pci0000:00/0000:00:1c.0/0000:02:00.0" },
	{ "sys/bus/pci/devices/0000:00:1f.2", "->../../../devices/pci0000:00/0000:00:1f.2" },
	{ "sys/class/net/eth0", "->../../devices/pci0000:00/0000:00:1c.0/0000:02:00.0/net/eth0" },
	{ "sys/class/net/lan", "->../../devices/virtual/net/lan" },
	{ "sys/class/net/lan.5", "->../../devices/virtual/net/lan.5" },
	{ "sys/class/net/br0", "->../../devices/virtual/net/br0" },
	{ "sys/class/net/vnet0", "->../../devices/virtual/net/vnet0" },
	{ "sys/class/net/sit0", "->../../devices/virtual/net/sit0" },
	{ "sys/class/net/bonding_masters", "lan" },
	{ "sys/block/sda", "->../devices/pci0000:00/0000:00:1f.2/ata1/block/sda" },
	{ "sys/block/sr0", "->../devices/pci0000:00/0000:00:1f.2/ata2/block/sr0" },
	{ "sys/block/loop0", "->../devices/virtual/block/loop0" },
};

static void make(const char *place, const char *content)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", root, place);
	for (char *at = path + strlen(root) + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		mkdir(path, 0755);
		*at = '/';
	}
	if (!strncmp(content, "->", 2)) {
		assert_int_equal(symlink(content + 2, path), 0);
		return;
	}
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "%s\n", content);
	assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(root))
		return -1;
	snprintf(sys_folder, sizeof(sys_folder), "%s/sys", root);
	snprintf(proc_folder, sizeof(proc_folder), "%s/proc", root);
	for (size_t i = 0; i < sizeof(machine) / sizeof(machine[0]); i++)
		make(machine[i][0], machine[i][1]);
	return 0;
}

static int tear_down(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

/* The device of this name; without it the test fails. */
static struct host_device device_of(const char *name)
{
	struct host_device *devices;
	struct host_device found = { .name = "" };
	unsigned int count;

	assert_int_equal(host_devices(&roots, &devices, &count), 0);
	for (unsigned int i = 0; i < count; i++)
		if (!strcmp(devices[i].name, name))
			found = devices[i];
	free(devices);
	assert_string_equal(found.name, name);
	return found;
}

static void names_and_parents(void **state)
{
	static const char *const expected[][2] = {
		{ "computer", "" },
		{ "pci_0000_00_1c_0", "computer" },
		{ "pci_0000_00_1f_2", "computer" },
		{ "pci_0000_02_00_0", "pci_0000_00_1c_0" },
		{ "net_br0_52_54_00_aa_bb_cc", "computer" },
		{ "net_eth0_52_54_00_aa_bb_cc", "pci_0000_02_00_0" },
		{ "net_lan_52_54_00_aa_bb_cc", "computer" },
		{ "net_lan_5_52_54_00_aa_bb_cc", "computer" },
		{ "net_sit0", "computer" },
		{ "net_vnet0_fe_54_00_11_22_33", "computer" },
		{ "block_sda_S_1__x", "pci_0000_00_1f_2" },
		{ "block_sr0", "pci_0000_00_1f_2" },
	};
	struct host_device *devices;
	unsigned int count;

	(void)state;
	assert_int_equal(host_devices(&roots, &devices, &count), 0);
	assert_int_equal(count, sizeof(expected) / sizeof(expected[0]));
	for (unsigned int i = 0; i < count; i++) {
		assert_string_equal(devices[i].name, expected[i][0]);
		assert_string_equal(devices[i].parent, expected[i][1]);
	}
	free(devices);
}

/* Each of the texts is in the XML of the device, in this order. */
static void assert_xml(const char *name, const char *const *texts)
{
	struct host_device device = device_of(name);
	struct buf out = BUF_INIT;
	const char *at;

	xml_device(&roots, &device, &out);
	at = buf_text(&out);
	for (; *texts; texts++) {
		const char *found = strstr(at, *texts);

		if (!found)
			fail_msg("no %s in the rest of %s", *texts, buf_text(&out));
		at = found;
	}
	buf_done(&out);
}

static void the_xml_of_devices(void **state)
{
	static const char *const bridge[] = { "<class>0x060400</class>", "<slot>28</slot>",
		"<capability type='pci-bridge'/>", NULL };
	static const char *const card[] = { "<name>mlx5_core</name>", "<bus>2</bus>",
		"<product id='0x1017'/>", "<vendor id='0x15b3'/>",
		"<capability type='virt_functions' maxCount='8'>",
		"<address domain='0x0000' bus='0x02' slot='0x00' function='0x1'/>",
		"<iommuGroup number='7'>",
		"<address domain='0x0000' bus='0x02' slot='0x00' function='0x0'/>",
		"<numa node='1'/>", "<link validity='cap' speed='8' width='16'/>",
		"<link validity='sta' speed='2.5' width='8'/>", NULL };
	static const char *const net[] = { "<interface>eth0</interface>",
		"<address>52:54:00:aa:bb:cc</address>", "<link speed='25000' state='up'/>",
		"<capability type='80203'/>", NULL };
	static const char *const disk[] = { "<devnode type='dev'>/dev/sda</devnode>",
		"<block>/dev/sda</block>", "<bus>ata</bus>", "<drive_type>disk</drive_type>",
		"<model>QUICK &lt;DISK&gt;</model>", "<vendor>ATA</vendor>",
		"<serial>S-1 ?x</serial>", "<size>1048576</size>",
		"<logical_block_size>4096</logical_block_size>", "<num_blocks>256</num_blocks>",
		NULL };
	static const char *const reader[] = { "<drive_type>cdrom</drive_type>",
		"<capability type='removable'>", "<media_available>0</media_available>",
		"<media_size>0</media_size>", NULL };

	(void)state;
	assert_xml("pci_0000_00_1c_0", bridge);
	assert_xml("pci_0000_02_00_0", card);
	assert_xml("net_eth0_52_54_00_aa_bb_cc", net);
	assert_xml("block_sda_S_1__x", disk);
	assert_xml("block_sr0", reader);
}

static bool add_name(void *context, const struct host_interface *interface)
{
	buf_printf(context, "%s %s, ", interface->name, interface->active ? "up" : "down");
	return true;
}

/* Neither taps of guests, nor what is no Ethernet, nor files between the links. */
static void interfaces_that_are_the_nodes(void **state)
{
	struct host_interface interface;
	struct buf names = BUF_INIT;

	(void)state;
	host_interfaces(&roots, add_name, &names);
	assert_string_equal(buf_text(&names), "br0 up, eth0 up, lan up, lan.5 down, ");
	buf_done(&names);
	assert_false(host_interface(&roots, "vnet0", &interface));
	assert_false(host_interface(&roots, "../net/eth0", &interface));
	assert_false(host_interface(&roots, "", &interface));
	assert_false(host_interface(&roots, "a-name-of-seventeen", &interface));
}

static void assert_interface(const char *name, const char *expected)
{
	struct host_interface interface;
	struct buf out = BUF_INIT;

	assert_true(host_interface(&roots, name, &interface));
	xml_interface(&roots, &interface, &out);
	assert_string_equal(buf_text(&out), expected);
	buf_done(&out);
}

static void the_xml_of_interfaces(void **state)
{
	(void)state;
	assert_interface("lan.5", "<interface type='vlan' name='lan.5'>\n"
				  "  <vlan tag='5'>\n"
				  "    <interface name='lan'/>\n"
				  "  </vlan>\n"
				  "</interface>\n");
	assert_interface("lan", "<interface type='bond' name='lan'>\n"
				"  <bond mode='active-backup'>\n"
				"    <miimon freq='100'/>\n"
				"    <interface type='ethernet' name='eth0'>\n"
				"      <mac address='52:54:00:aa:bb:cc'/>\n"
				"      <link speed='25000' state='up'/>\n"
				"    </interface>\n"
				"  </bond>\n"
				"</interface>\n");
	/* Guests' taps are not told. */
	assert_interface("br0", "<interface type='bridge' name='br0'>\n"
				"  <bridge stp='on' delay='15'>\n"
				"    <interface type='vlan' name='lan.5'>\n"
				"      <vlan tag='5'>\n"
				"        <interface name='lan'/>\n"
				"      </vlan>\n"
				"    </interface>\n"
				"  </bridge>\n"
				"</interface>\n");
}

/* What the firmware does not say is not told, and an element of nothing neither. */
static void the_xml_of_the_firmware(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	xml_sysinfo(&roots, &out);
	assert_string_equal(buf_text(&out), "<sysinfo type='smbios'>\n"
					    "  <bios>\n"
					    "    <entry name='vendor'>SeaBIOS</entry>\n"
					    "  </bios>\n"
					    "  <system>\n"
					    "    <entry name='manufacturer'>A &amp; B</entry>\n"
					    "  </system>\n"
					    "  <baseBoard>\n"
					    "    <entry name='asset'>7</entry>\n"
					    "  </baseBoard>\n"
					    "</sysinfo>\n");
	buf_done(&out);
}

static void addresses_on_pci(void **state)
{
	struct host_pci_address address;

	(void)state;
	assert_true(host_pci_parse("0001:af:1f.7", &address));
	assert_int_equal(address.domain, 1);
	assert_int_equal(address.bus, 0xaf);
	assert_int_equal(address.slot, 0x1f);
	assert_int_equal(address.function, 7);
	assert_false(host_pci_parse("pci0000:00", &address));
	assert_false(host_pci_parse("0000:00:1f.2x", &address));
	assert_false(host_pci_parse("virtio0", &address));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_parents),
		cmocka_unit_test(the_xml_of_devices),
		cmocka_unit_test(interfaces_that_are_the_nodes),
		cmocka_unit_test(the_xml_of_interfaces),
		cmocka_unit_test(the_xml_of_the_firmware),
		cmocka_unit_test(addresses_on_pci),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
