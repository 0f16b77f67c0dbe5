# SPDX-License-Identifier: GPL-2.0-only
"""The figures that a node gives Prometheus, read by Prometheus' own parser for Python."""

from prometheus_client.parser import text_string_to_metric_families

CONFIG = """[node]
    hostname = node1
    metrics = 0.0.0.0:9177 from=127.0.0.0/8
[guest "web"]
    memory = 64M
    kernel = none.img
    autostart = no
"""


def fetch(node, path: str = "metrics"):
    return node.ssh(f"wget -S -q -O - http://127.0.0.1:9177/{path}")


def test_figures(make_node):
    node = make_node(CONFIG)
    node.start()
    node.wait_for_ssh()
    # SSH may be there before it.
    node.wait_until("netstat -lnt | grep -q ':9177 '")
    done = fetch(node)
    assert b"200 OK" in done.stderr and b"version=0.0.4" in done.stderr, done.stderr
    families = {family.name: family for family in text_string_to_metric_families(done.stdout.decode())}
    samples = {(sample.name, *sample.labels.values()): sample.value for family in families.values() for sample in family.samples}
    assert samples["berth_uptime_seconds",] > 1
    assert samples["berth_config_in_force", "ok"] == 1
    assert samples["berth_watchdog_armed", "softdog"] == 1
    assert samples["berth_port_receive_bytes_total", "eth0"] > 1000
    assert samples["berth_network_receive_bytes_total", "default", "virbr0"] == 0
    assert samples["berth_guest_memory_maximum_bytes", "web"] == 64 << 20
    assert samples["berth_guest_state", "web"] == 5
    assert families["berth_cpu_seconds"].type == "counter"
    # Whoever serves them has no right to anything.
    assert node.run("stat -c %U /proc/$(pidof tcpsvd | cut -d' ' -f1)").strip() == "metrics"
    assert node.ssh("chpst -u metrics cat /run/berth/berth.conf").returncode != 0
    assert "404 Not Found" in fetch(node, "else").stderr.decode()
    assert "-s 127.0.0.0/8 -p tcp -m tcp --dport 9177 -j ACCEPT" in node.run("iptables-save")
    changed = node.run("cat /run/berth/berth.conf").replace("metrics =", "# metrics =")
    assert node.ssh("berth config apply --confirm -", stdin=changed.encode()).returncode == 0
    assert fetch(node).returncode != 0 and "9177" not in node.run("iptables-save")
