/* SPDX-License-Identifier: GPL-2.0-only */
/* What must go when a configuration follows another on a node that runs. */
#include "tests/unit/unit_test.h"

#include <string.h>

#include "conf/changes.h"
#include "conf/load.h"

#define LAN "[uplink \"lan\"]\nnic = mac:52:54:00:00:00:01\n"
#define STATIC "address = 192.0.2.10/24\ngateway = 192.0.2.1\n"
#define BOND(mode)                                                                                 \
	"[uplink \"b\"]\nnic = mac:52:54:00:00:00:01\nnic = mac:52:54:00:00:00:02\nbond = " mode   \
	"\n"

static void changes(const char *before, const char *after, struct conf_changes *ret_changes)
{
	struct conf old_conf;
	struct conf new_conf;

	assert_int_equal(conf_load(before, strlen(before), &old_conf), 0);
	assert_int_equal(conf_load(after, strlen(after), &new_conf), 0);
	assert_int_equal(old_conf.diags.count + new_conf.diags.count, 0);
	assert_int_equal(conf_changes(&old_conf.model, &new_conf.model, ret_changes), 0);
	conf_done(&old_conf);
	conf_done(&new_conf);
}

static void expect(
    const char *before, const char *after, const char *links, const char *sysctl, const char *ports)
{
	struct conf_changes out = CONF_CHANGES_INIT;

	changes(before, after, &out);
	assert_string_equal(buf_text(&out.links), links);
	assert_string_equal(buf_text(&out.sysctl), sysctl);
	assert_string_equal(buf_text(&out.ports), ports);
	conf_changes_done(&out);
}

static void what_stays_is_not_touched(void **state)
{
	static const char all[] = LAN STATIC "mtu = 9000\nipv6 = off\n"
					     "[uplink \"v\"]\nvlan = 20 on=lan\n"
					     "[network \"a\"]\naddress = 10.1.0.1/24\n";

	(void)state;
	expect(all, all, "", "", "");
	expect("", "[node]\nhostname = x\nssh-from = 192.0.2.0/24\n", "", "", "");
	/* What only comes needs nothing to go. */
	expect("", all, "", "", "");
}

static void addresses_and_routes_go_before_new_ones_come(void **state)
{
	(void)state;
	expect(LAN STATIC "route = 198.51.100.0/24 192.0.2.9\n",
	    LAN "address = 192.0.2.11/24\ngateway = 192.0.2.1\n",
	    "route delete 198.51.100.0/24 via 192.0.2.9 dev lan metric 100\n"
	    "address delete 192.0.2.10/24 dev lan\n",
	    "", "");
	expect("[network \"a\"]\naddress = 10.1.0.1/24\nhost = 52:54:00:00:00:09 10.1.0.9\n"
	       "[network \"c\"]\naddress = 10.3.0.1/24\n",
	    "[network \"a\"]\naddress = 10.1.0.1/24\n[network \"c\"]\naddress = 10.3.0.1/24\n",
	    "neighbour delete 10.1.0.9 dev br-a\n", "", "");
}

static void mtu_and_sysctl_go_back_to_what_the_kernel_has(void **state)
{
	(void)state;
	expect(LAN STATIC "mtu = 9000\nipv6 = off\n", LAN STATIC, "link set dev lan mtu 1500\n",
	    "net/ipv6/conf/lan/disable_ipv6=0\n", "");
	expect(LAN STATIC "mtu = 9000\nipv6 = static\n", LAN STATIC "mtu = 1400\n", "",
	    "net/ipv6/conf/lan/accept_ra=1\n", "");
}

static void a_network_that_is_no_more_takes_its_bridge_along(void **state)
{
	(void)state;
	expect("[network \"a\"]\naddress = 10.1.0.1/24\n[network \"c\"]\naddress = 10.3.0.1/24\n",
	    "[network \"c\"]\naddress = 10.3.0.1/24\n", "link delete dev br-a\n",
	    "net/ipv6/conf/br-a/accept_ra=1\n", "");
}

/* Guests' taps stay in it. */
static void a_bridge_takes_its_settings_while_it_runs(void **state)
{
	(void)state;
	expect("[network \"a\"]\naddress = 10.1.0.1/24\n",
	    "[network \"a\"]\naddress = 10.2.0.1/24\nstp = yes\nforward-delay = 4s\n",
	    "address delete 10.1.0.1/24 dev br-a\n"
	    "link set dev br-a type bridge stp_state 1 forward_delay 400\n",
	    "", "");
}

static void a_port_that_is_not_named_any_more_goes_down(void **state)
{
	(void)state;
	expect(LAN STATIC "mtu = 9000\n", "",
	    "address flush dev lan\nlink set dev lan nomaster\nlink set dev lan down\n"
	    "link set dev lan mtu 1500\n",
	    "", "lan\n");
	/* "any" names none. */
	expect("[uplink \"x\"]\nnic = any\n", LAN, "", "", "");
}

static void two_ports_change_their_names(void **state)
{
	(void)state;
	expect("[uplink \"a\"]\nnic = mac:52:54:00:00:00:01\n"
	       "[uplink \"c\"]\nnic = mac:52:54:00:00:00:02\n",
	    "[uplink \"a\"]\nnic = mac:52:54:00:00:00:02\n"
	    "[uplink \"c\"]\nnic = mac:52:54:00:00:00:01\n",
	    "address flush dev c\nlink set dev c nomaster\nlink set dev c down\n"
	    "address flush dev a\nlink set dev a nomaster\nlink set dev a down\n",
	    "", "c\na\n");
}

static void a_vlan_goes_with_what_it_stands_on(void **state)
{
	(void)state;
	expect(LAN "[uplink \"v\"]\nvlan = 20 on=lan\n", LAN "[uplink \"v\"]\nvlan = 21 on=lan\n",
	    "link delete dev v\n", "", "");
	expect(LAN "[uplink \"v\"]\nvlan = 20 on=lan\n",
	    "[uplink \"lan\"]\nnic = mac:52:54:00:00:00:02\n[uplink \"v\"]\nvlan = 20 on=lan\n",
	    "link delete dev v\n"
	    "address flush dev lan\nlink set dev lan nomaster\nlink set dev lan down\n",
	    "", "lan\n");
	/* The bond is made anew, so what stands on it is. */
	expect(BOND("active-backup") "[uplink \"v\"]\nvlan = 20 on=b\n",
	    BOND("802.3ad") "[uplink \"v\"]\nvlan = 20 on=b\n",
	    "link delete dev v\nlink delete dev b\n", "", "");
}

static void a_port_leaves_its_bond_and_its_bridge(void **state)
{
	(void)state;
	expect(BOND("active-backup"),
	    "[uplink \"b\"]\nnic = mac:52:54:00:00:00:01\nbond = active-backup\n",
	    "address flush dev b-p1\nlink set dev b-p1 nomaster\nlink set dev b-p1 down\n", "",
	    "b-p1\n");
	expect(LAN "[network \"o\"]\nmode = bridge\nuplink = lan\n", LAN,
	    "link set dev lan nomaster\nlink delete dev br-o\n",
	    "net/ipv6/conf/lan/disable_ipv6=0\n", "");
}

/* Every interface of 200 networks, and nothing else. */
static void many_networks_go(void **state)
{
	struct conf_changes out = CONF_CHANGES_INIT;
	struct buf before = BUF_INIT;
	unsigned int lines = 0;

	(void)state;
	for (unsigned int i = 0; i < 200; i++)
		buf_printf(&before, "[network \"n%u\"]\naddress = 10.%u.0.1/24\n", i, i);
	changes(buf_text(&before), "", &out);
	for (const char *at = buf_text(&out.links); *at; at += strcspn(at, "\n") + 1, lines++)
		assert_int_equal(strncmp(at, "link delete dev br-n", 20), 0);
	assert_int_equal(lines, 200);
	buf_done(&before);
	conf_changes_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_stays_is_not_touched),
		cmocka_unit_test(addresses_and_routes_go_before_new_ones_come),
		cmocka_unit_test(mtu_and_sysctl_go_back_to_what_the_kernel_has),
		cmocka_unit_test(a_network_that_is_no_more_takes_its_bridge_along),
		cmocka_unit_test(a_bridge_takes_its_settings_while_it_runs),
		cmocka_unit_test(a_port_that_is_not_named_any_more_goes_down),
		cmocka_unit_test(two_ports_change_their_names),
		cmocka_unit_test(a_vlan_goes_with_what_it_stands_on),
		cmocka_unit_test(a_port_leaves_its_bond_and_its_bridge),
		cmocka_unit_test(many_networks_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
