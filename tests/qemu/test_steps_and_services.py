# SPDX-License-Identifier: GPL-2.0-only
"""Boot steps are timed; services run, come back when they end, and wait when they keep ending; the log is bounded."""

import base64


def test_every_step_is_timed(shared):
    ready = float(shared.run("cat /run/berth/state/ready"))
    for line in shared.run("cd /run/berth/state/boot && grep . *").splitlines():
        name, _, verdict = line.partition(":")
        assert verdict.split()[0] == "ok", line
        assert 0 <= float(verdict.split()[1]) < ready, line


def test_kvm_comes_when_the_clock_is_known(shared):
    """Else guests that start later have timers that stand still, on a processor like the emulated one."""
    said = shared.run("dmesg")
    assert said.index("Refined TSC clocksource calibration") < said.index("kvm_amd: Nested Paging enabled")
    assert "user requested TSC rate" not in said


def test_services_run(shared):
    for name in ("syslogd", "klogd", "dropbear", "hotplug", "acpid", "dnsmasq-default", "udhcpc-eth0", "console-ttyS0"):
        shared.wait_until(f"sv status /run/service/{name} | grep '^run: '")


def test_killed_service_comes_back(shared):
    shared.run("kill -9 $(cat /run/service/klogd/supervise/pid)")
    shared.wait_until("sv status /run/service/klogd | grep -q '^run:'")


def test_service_that_keeps_ending_waits_longer_each_time(shared):
    shared.run("mkdir /run/service/.new && cp -P /run/service/klogd/finish /run/service/.new/ && "
               "printf '#!/bin/sh\\ncut -d \" \" -f 2 backoff >> /tmp/waited\\nexit 1\\n' > /run/service/.new/run && "
               "chmod +x /run/service/.new/run && mv /run/service/.new /run/service/flapping")
    try:
        shared.wait_until("test \"$(wc -l < /tmp/waited)\" -ge 3", 60)
        shared.wait_until("berth status | grep -q 'service flapping: ends again and again'", 60)
        # In seconds, as each start found it.
        waited = [int(line) for line in shared.run("head -n 3 /tmp/waited").split()]
        assert waited == sorted(set(waited)), waited
    finally:
        shared.ssh("mv /run/service/flapping /run/.flapping; sv exit /run/.flapping; sleep 1; rm -rf /run/.flapping /tmp/waited")


def test_log_has_what_is_said(shared):
    shared.run("logger -t test a word of the test")
    shared.wait_until("logread | grep -q 'test: a word of the test'")
    # The kernel's messages are in it, too: one of now, for those of the boot may have left the ring.
    shared.run("echo h > /proc/sysrq-trigger")
    shared.wait_until("logread | grep -q 'kern\\..*sysrq: HELP'")


def test_log_is_bounded(shared):
    shared.run("logger -t marker here")
    shared.wait_until("logread | grep -q 'marker: here'")
    free = int(shared.run("awk '/MemAvailable/ { print $2 }' /proc/meminfo"))
    shared.run("yes 'a line of log that goes on for a while, as lines do' | head -c 8000000 | logger -t flood", 120)
    assert 100 * 1024 < int(shared.run("logread | wc -c")) <= 300 * 1024
    assert free - int(shared.run("awk '/MemAvailable/ { print $2 }' /proc/meminfo")) < 8 * 1024


def test_report_is_whole_and_has_no_secrets(make_node):
    secret = "$5$saltsalt$" + "Q" * 43
    node = make_node(f"[node]\n    console-password = {secret}\n")
    with node:
        node.wait_for_ssh()
        report = node.run("berth report", 120)
        for title in ("version", "configuration", "boot steps", "services", "firewall", "kernel log", "log", "PCI devices"):
            assert f"==== {title}: " in report
        assert "Linux version 6.12" in report and "VERSION=" in report
        assert "QQQQ" not in report and "$5$" not in report
        assert "PRIVATE" not in report
        node.stop()
        key = node.config.read("/ssh/dropbear_ed25519_host_key")
        assert base64.b64encode(key).decode()[20:60] not in report and key.hex()[20:60] not in report.lower()
