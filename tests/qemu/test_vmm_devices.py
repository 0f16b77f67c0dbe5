# SPDX-License-Identifier: GPL-2.0-only
"""Disks and networks of the VMM by itself, on a real KVM: space that ends, a VMM that is killed, both ways of packets."""

import re

import pytest
from test_vmm import DISK, ELF, SERIAL, driver, guest, run  # noqa: F401  # pylint: disable=unused-import

EMPTY = "d41d8cd98f00b204e9800998ecf8427e"
# The guests' set-up: an interface without DHCP.
NO_DHCP = SERIAL.replace("quiet", "quiet guest.dhcp=no")


def test_a_full_disk_pauses_the_guest_and_nothing_is_lost(run):  # noqa: F811
    said = run(guest(ELF, SERIAL, "disk id=vda fd=@/full/disk serial=D1\n", "vcpus 1\n") + """console com1
expect #
send dd if=/dev/urandom of=/tmp/x bs=1M count=6 2> /dev/null; dd if=/tmp/x of=/dev/vda bs=256k conv=fsync 2> /dev/null; md5sum < /tmp/x > /tmp/sum; echo writ''ten
event event disk vda enospc
event event paused io-error
ask status
shell rm /full/filler
ask resume
expect written
send cat /tmp/sum; dd if=/dev/vda bs=1M count=6 2> /dev/null | md5sum; echo compa''red
expect compared
ask status
ask stop
end
""", before="mkdir /full; mount -t tmpfs -o size=8m full /full; truncate -s 32M /full/disk; dd if=/dev/zero of=/full/filler bs=1M count=5 2> /dev/null",
               after="dd if=/full/disk bs=1M count=6 2> /dev/null | md5sum")
    assert "state=paused\nreason=io-error" in said and "resets=0" in said
    sums = re.findall(r"[0-9a-f]{32}(?=  ?-)", said)
    assert len(sums) == 3 and set(sums) != {EMPTY} and len(set(sums)) == 1


def test_what_was_flushed_survives_a_kill(run):  # noqa: F811
    """The guest tells each block that is safe; the VMM is killed; a new one finds all of them."""
    said = run(guest(ELF, SERIAL, DISK, "vcpus 1\n") + """console com1
expect #
send guest-tool stamp /dev/vda 0
expect flushed 150
signal 9
end
""" + guest(ELF, SERIAL, DISK, "vcpus 1\n") + """console com1
expect #
send guest-tool check /dev/vda 151
expect 151 blocks are as stamped
ask stop
end
""")
    assert "signal 9" in said and 'drive: outcome "stopped" status 0' in said


@pytest.mark.parametrize("vhost", [True, False], ids=["vhost", "here"])
def test_packets_both_ways(run, vhost):  # noqa: F811
    """What is waited for is written so that the echo of the command is not it."""
    nic = "nic id=lan fd=@tap:t0 mac=52:54:00:01:02:03 mtu=1400" + (" vhost=@/dev/vhost-net\n" if vhost else "\n")
    said = run(guest(ELF, NO_DHCP, nic, "vcpus 1\n") + """console com1
expect #
shell ifconfig t0 10.0.0.1 netmask 255.255.255.0 up; nc -l -p 5000 > /there < /dev/null & until netstat -lnt | grep -q ':5000 '; do usleep 50000; done
send ifconfig eth0 10.0.0.2; cat /sys/class/net/eth0/mtu; ping -c 1 -w 20 10.0.0.1
expect 1 packets received
send dd if=/dev/urandom of=/tmp/x bs=1M count=8 2> /dev/null; md5sum < /tmp/x; echo fir''st; nc 10.0.0.1 5000 < /tmp/x; echo we''nt
expect first
ask pause
ask resume
expect went
send nc -l -p 5001 > /tmp/y < /dev/null; md5sum < /tmp/y; echo seco''nd
shell until nc 10.0.0.2 5001 < /there; do sleep 1; done
expect second
ask nic-link lan down
send while [ $(cat /sys/class/net/eth0/carrier) = 1 ]; do usleep 50000; done; echo carri''er lost
expect carrier lost
ask nic-link lan up
send while [ $(cat /sys/class/net/eth0/carrier) = 0 ]; do usleep 50000; done; ping -c 1 -w 20 10.0.0.1
expect 1 packets received
ask nic-limit lan in=1000000,0,0 out=1000000,0,0
ask stats
send poweroff -f
event event shutdown poweroff
end
""", after="md5sum < /there")
    sums = re.findall(r"[0-9a-f]{32}(?=  ?-)", said)
    assert len(sums) == 3 and set(sums) != {EMPTY} and len(set(sums)) == 1
    assert re.search(r"^1400\r?$", said, re.M)
    assert f"nic.lan.vhost={int(vhost)}" in said
    assert bool(re.search(r"nic.lan.rx-bytes=\d{7}", said)) != vhost, "vhost's packets are counted on the tap"
    # Whom vhost serves cannot be limited.
    assert bool(re.search(r"error (EOPNOTSUPP|ENOTSUP)", said)) == vhost
