/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/unit/unit_test.h"

#include <string.h>

#include "node/host/host.h"
#include "xml/write.h"

static void as_libvirt_lays_it_out(void **state)
{
	struct buf out = BUF_INIT;
	struct xml xml = { .out = &out };

	(void)state;
	xml_begin(&xml, "domain");
	xml_attribute(&xml, "type", "kvm");
	xml_text(&xml, "name", "web");
	xml_begin(&xml, "devices");
	xml_empty(&xml, "source", "file", "/a");
	xml_begin(&xml, "memory");
	xml_attribute(&xml, "unit", "KiB");
	xml_end_text_format(&xml, "%d", 4);
	xml_end(&xml);
	xml_begin(&xml, "empty");
	xml_end(&xml);
	xml_end(&xml);
	assert_string_equal(buf_text(&out), "<domain type='kvm'>\n"
					    "  <name>web</name>\n"
					    "  <devices>\n"
					    "    <source file='/a'/>\n"
					    "    <memory unit='KiB'>4</memory>\n"
					    "  </devices>\n"
					    "  <empty/>\n"
					    "</domain>\n");
	buf_done(&out);
}

static void values_cannot_get_out(void **state)
{
	struct buf out = BUF_INIT;
	struct xml xml = { .out = &out };

	(void)state;
	xml_begin(&xml, "a");
	xml_attribute(&xml, "b", "'/><c d=\"&amp;\x01\n");
	xml_end_text(&xml, "]]></a>\r");
	assert_string_equal(buf_text(&out),
	    "<a b='&apos;/&gt;&lt;c d=&quot;&amp;amp;?\n'>]]&gt;&lt;/a&gt;&#xD;</a>\n");
	buf_done(&out);
}

/* Whatever is kept of a client's document, an attribute is there once. */
static void an_attribute_said_twice(void **state)
{
	struct buf out = BUF_INIT;
	struct xml xml = { .out = &out };

	(void)state;
	xml_begin(&xml, "disk");
	xml_attribute(&xml, "dev", "no dev='x");
	xml_begin(&xml, "target");
	xml_attribute(&xml, "dev", "a  dev=b");
	xml_attribute(&xml, "other", "1");
	xml_attribute(&xml, "dev", "vda");
	xml_attribute(&xml, "de", "2");
	xml_end(&xml);
	xml_end(&xml);
	assert_string_equal(buf_text(&out), "<disk dev='no dev=&apos;x'>\n"
					    "  <target other='1' dev='vda' de='2'/>\n"
					    "</disk>\n");
	buf_done(&out);
}

static void lists_of_processors(void **state)
{
	uint8_t map[2];

	(void)state;
	assert_int_equal(host_parse_list("0-2,8\n", map, sizeof(map)), 4);
	assert_int_equal(map[0], 7);
	assert_int_equal(map[1], 1);
	assert_int_equal(host_parse_list("", map, sizeof(map)), 0);
	assert_int_equal(host_parse_list("15-4000000000", map, sizeof(map)), 1);
}

/* Whatever this machine is, what is told of it adds up. */
static void the_machine_adds_up(void **state)
{
	struct host_cpus cpus;
	struct host_memory memory;
	struct host_cpu_times times;

	(void)state;
	host_cpus(&cpus);
	assert_in_range(cpus.online, 1, cpus.present);
	assert_int_equal(cpus.cells * cpus.sockets * cpus.cores * cpus.threads, cpus.present);
	assert_int_equal(host_memory(-1, &memory), 0);
	assert_in_range(memory.free, 1, memory.total);
	assert_int_equal(host_cpu_times(-1, &times), 0);
	assert_true(times.user > 0);
	assert_int_not_equal(host_cpu_times(5000, &times), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_libvirt_lays_it_out),
		cmocka_unit_test(values_cannot_get_out),
		cmocka_unit_test(an_attribute_said_twice),
		cmocka_unit_test(lists_of_processors),
		cmocka_unit_test(the_machine_adds_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
