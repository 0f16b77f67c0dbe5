/* SPDX-License-Identifier: GPL-2.0-only */
#include "tests/unit/unit_test.h"

#include <string.h>

#include "xml/read.h"

static struct xml_element *read_text(const char *text)
{
	return xml_tree_read(text, strlen(text));
}

static void a_tree_is_walked(void **state)
{
	struct xml_element *root = read_text("<domain id='7'><name>a &amp; b</name><devices>"
					     "<disk><target dev='vda'/></disk><x/>"
					     "<disk><target dev='vdb'/></disk></devices></domain>");
	const struct xml_element *disk;

	(void)state;
	assert_non_null(root);
	assert_string_equal(xml_tree_attribute(root, "", "id"), "7");
	assert_string_equal(xml_tree_find(root, "name")->text, "a & b");
	disk = xml_tree_find(root, "devices/disk");
	assert_string_equal(xml_tree_attribute(disk, "target", "dev"), "vda");
	disk = xml_tree_next(disk);
	assert_string_equal(xml_tree_attribute(disk, "target", "dev"), "vdb");
	assert_null(xml_tree_next(disk));
	assert_null(xml_tree_find(root, "devices/none"));
	assert_null(xml_tree_attribute(root, "name", "none"));
	xml_tree_free(root);
}

/* Broken, too deep, and with entities of its own ("a billion laughs"). */
static void what_is_no_document_here(void **state)
{
	char deep[1024] = "";

	(void)state;
	assert_null(read_text(""));
	assert_null(read_text("<a>"));
	assert_null(read_text("<a></b>"));
	assert_null(read_text("<a/><b/>"));
	assert_null(read_text("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"));
	for (int i = 0; i < 100; i++)
		strcat(deep, "<a>");
	assert_null(read_text(deep));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tree_is_walked),
		cmocka_unit_test(what_is_no_document_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
