# SPDX-License-Identifier: GPL-2.0-only
"""berthd killed in each phase of what a client asks of it: before the first of its calls that changes something outside of
it, before the second, and so on (kill_at.c). What it did until then must be consistent for the daemon that comes after it,
and asking again must do."""

import os
import subprocess
from pathlib import Path

from harness import Node

HERE = Path(__file__).resolve().parent
# All phases, in place of one of each: some minutes.
ALL = bool(os.environ.get("BERTH_ALL_PHASES"))
MADE = """<domain type='kvm'>
  <name>made</name>
  <metadata><my:note xmlns:my="http://example.org/my">kept</my:note></metadata>
  <memory unit='MiB'>64</memory>
  <os><type>hvm</type></os>
</domain>
"""

# What is asked; how it is known to be done; and what is done before it, from wherever the one before it ended.
VERBS = {
    "define": ("virsh define /run/made.xml", "virsh dumpxml made | grep -q '>kept<' && grep -q '\"made\"' /run/berth/berth.conf",
               "! virsh dominfo made > /dev/null 2>&1 || virsh undefine made"),
    "undefine": ("virsh undefine made", "! virsh dominfo made 2> /dev/null && ! grep -q '\"made\"' /run/berth/berth.conf",
                 "virsh dominfo made > /dev/null 2>&1 || virsh define /run/made.xml"),
    "start": ("virsh start wild", "[ \"$(virsh domstate wild)\" = running ]",
              "[ \"$(virsh domstate wild)\" = 'shut off' ] || virsh destroy wild"),
    "attach": ("virsh attach-disk wild /var/lib/libvirt/images/more.raw vdc --live", "virsh domblklist wild | grep -q vdc",
               "! virsh domblklist wild | grep -q vdc || { virsh destroy wild; virsh start wild; }"),
    "detach": ("virsh detach-disk wild vdc --live", "! virsh domblklist wild | grep -q vdc",
               "virsh domblklist wild | grep -q vdc || virsh attach-disk wild /var/lib/libvirt/images/more.raw vdc --live"),
    "save": ("virsh save wild /data/wild.save", "[ \"$(virsh domstate wild)\" = 'shut off' ] && [ -s /data/wild.save ]",
             "rm -f /data/wild.save; [ \"$(virsh domstate wild)\" = running ] || virsh start wild"),
    "restore": ("virsh restore /data/wild.save", "[ \"$(virsh domstate wild)\" = running ]",
                "[ -s /data/wild.save ] || { virsh start wild; virsh save wild /data/wild.save; }; "
                "[ \"$(virsh domstate wild)\" = 'shut off' ] || virsh destroy wild"),
}

# Nothing but what runs, and what runs is known; no half of anything; and what is in force is what is kept.
CHECK = """
running=$(virsh list --name | grep -c .)
fail() { echo "$*"; exit 1; }
[ "$(pidof berth-vmm | wc -w)" = "$running" ] || fail "processes: $(pidof berth-vmm), guests: $(virsh list --name | xargs)"
[ "$(ls -d /sys/fs/cgroup/berth/guest-* | wc -l)" = "$running" ] || fail "groups: $(ls -d /sys/fs/cgroup/berth/guest-*)"
[ "$(ls -d /sys/class/net/vnet* | wc -l)" = "$running" ] || fail "taps: $(ls /sys/class/net)"
for tap in /sys/class/net/vnet*; do [ -e $tap/master ] || fail "${tap##*/} is in no bridge"; done
for lock in apply store medium; do [ ! -e /run/berth/$lock.lock ] || flock -n /run/berth/$lock.lock true || fail "$lock.lock is held"; done
! ls -d /run/berth/.berthd.* /run/berth/*.new /run/berth/guests/*/*.new /data/*.part /data/save/*.part 2> /dev/null || fail "halves"
/usr/lib/berth/config-store asked | cmp - /run/berth/berth.conf || fail "what is kept is not what is in force"
"""
KILL = """
virsh list > /dev/null
# It comes back at once, however often it was killed.
rm -f /run/service/berthd/backoff
/run/kill_at {count} $(pidof berthd) > /run/kill_at.said & at=$!
until grep -q ready /run/kill_at.said; do kill -0 $at || exit 1; usleep 10000; done
{verb} > /run/verb.said 2>&1; echo "ended with $?"
grep -q killed /run/kill_at.said || kill $at
wait $at; tail -n 1 /run/kill_at.said
"""


class Phases:
    """On a node with a guest "wild" of one NIC and others that run."""

    def __init__(self, node: Node):
        self.node = node
        program = node.folder / "kill_at"
        subprocess.run(["gcc", "-std=gnu11", "-D_GNU_SOURCE", "-O1", "-static", "-o", program, HERE / "kill_at.c"], check=True)
        for name, content in (("kill_at", program.read_bytes()), ("made.xml", MADE.encode()), ("check", CHECK.encode())):
            node.ssh(f"cat > /run/{name} && chmod 700 /run/{name}", stdin=content)
        node.run("truncate -s 1M /data/images/more.raw")

    def kill_before(self, verb: str, count: int) -> str:
        """Ask, with the daemon killed before that call; what kill_at said of it."""
        said = self.node.run(KILL.format(verb=verb, count=count)).splitlines()
        assert len(said) == 2 and said[0].startswith("ended with "), said
        if "passed" in said[1]:
            assert said[0] == "ended with 0", self.node.run("cat /run/verb.said")
        return said[1]

    def walk(self, name: str) -> list:
        """Every phase of the verb, or one; the calls that it was killed before."""
        verb, done, before = VERBS[name]
        self.node.run(before)
        calls = int(self.kill_before(verb, 1 << 30).split()[-1])
        assert calls > 3, f"{name} is but {calls} calls"
        killed = []
        # Of a verb that needs fewer calls now and then, an earlier phase does.
        for count in range(1, calls + 1) if ALL else [calls * 4 // 5, calls // 2, calls // 4]:
            if not ALL and any(said.startswith("killed") for said in killed):
                break
            self.node.run(before)
            said = self.kill_before(verb, count)
            where = f"{name}, phase {count} of {calls}: {said}"
            print(where)
            killed.append(said)
            self.node.wait_until("virsh list > /dev/null 2>&1 && ! grep -q -x starting /run/berth/state/guests/* && sh /run/check")
            # Asked again it is done, if it was not.
            self.node.run(f"{{ {done}; }} > /dev/null || {verb} || {{ echo '{where}'; cat /run/verb.said; exit 1; }}")
            self.node.wait_until(f"{{ {done}; }} && sh /run/check")
        return killed
