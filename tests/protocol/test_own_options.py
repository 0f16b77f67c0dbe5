# SPDX-License-Identifier: GPL-2.0-only
"""Options that make XML of words, that name parts of XML, that print words; and an edit that is not taken. By the node's virsh beside Debian's."""

import os

import pexpect
import pytest

from beside import OURS, THEIRS, run

# Read only; "web" runs.
SAME = """
attach-disk db /x vdb virtio qemu qcow2 1 none native cdrom --mode readonly --serial S --wwn 5000c50015ea71ad --alias ua-x --rawio --address pci:0000.01.02.3 --multifunction --print-xml
attach-disk db /x vdb --address pci:0:1:2.3 --print-xml
attach-disk db /x vdb --address ccw:0xfe.0.0x1 --print-xml
attach-disk db /x vdb --address scsi:0.0.3 --print-xml
attach-disk db /x vdb --address pci:1 --print-xml
attach-disk db /x vdb --address ccw:1 --print-xml
attach-disk db "/a&b'<" vdb --type cdrom --multifunction --print-xml
attach-disk db pool/img vdb --sourcetype network --source-protocol rbd --source-host-name h:22 --source-host-transport tcp --print-xml
attach-disk db pool/img vdb --source-protocol rbd --source-host-name h --print-xml
attach-disk db pool/img vdb --source-protocol nbd --print-xml
attach-disk db pool/img vdb --source-protocol nbd --source-host-transport unix --source-host-socket /s --print-xml
attach-disk db pool/img vdb --source-protocol nbd --source-host-socket /s --print-xml
attach-disk db pool/img vdb --source-protocol nbd --source-host-socket /s --source-host-name h --print-xml
attach-disk db pool/img vdb --source-host-name h --print-xml
attach-disk db pool/img vdb --sourcetype network --print-xml
attach-disk db pool/img vdb --sourcetype dir --print-xml
attach-disk db /x vdb --mode bogus --print-xml
attach-interface db network net --target t --mac 52:54:00:11:22:01 --script /s --model virtio --alias ua-n --inbound 1,2,3 --outbound 4 --managed --print-xml
attach-interface db direct eth0 --print-xml
attach-interface db hostdev 0000:01:02.3 --managed --print-xml
attach-interface db hostdev 0000:01 --print-xml
attach-interface db vhostuser /s --source-mode server --print-xml
attach-interface db vhostuser /s --print-xml
attach-interface db network n --source-mode bogus --print-xml
attach-interface db network n --inbound 1,,3 --print-xml
attach-interface db network n --inbound 0,0,0,4 --print-xml
attach-interface db network n --inbound 0 --print-xml
attach-interface db network n --outbound 0,2 --print-xml
attach-interface db network n --outbound 1,0,0,4 --print-xml
attach-interface db network n --inbound 1,2,3,4,5 --print-xml
attach-interface db user n --print-xml
start web --pass-fds 3
start db --pass-fds 3
domblkinfo web --all
domblkinfo web --all --human
domblkinfo db --all
domblkinfo web vda --all
domblkinfo web
dommemstat web --period 5 --live
dommemstat web --period x
dommemstat web --period -1
pool-list --type dir,netfs
pool-list --all --type netfs
pool-list --type bogus
domjobabort web --postcopy
destroy web --remove-logs
dumpxml web --wrap
dumpxml web --xpath /
dumpxml web --xpath //nothing
dumpxml web --xpath //nothing --wrap
dumpxml web --xpath //disk
dumpxml web --xpath //disk --wrap
dumpxml web --xpath /domain/devices/disk/source/@file
dumpxml web --xpath //disk/target/@dev --wrap
dumpxml web --xpath "//disk[@device='cdrom']/target/@dev"
dumpxml web --xpath "//disk[not(source)]/target"
dumpxml web --xpath "//disk[target/@dev='vda' and source]/driver/@type"
dumpxml web --xpath "//disk[target/@dev = 'nosuch' or @device != 'disk']/@type"
dumpxml web --xpath "//devices/*[1]"
dumpxml web --xpath "//devices/disk[last()]/@*"
dumpxml web --xpath "//devices/disk[2]/target"
dumpxml web --xpath "//interface[contains(mac/@address, '54:00')]/model"
dumpxml web --xpath "//*[starts-with(name, 'w')]/uuid"
dumpxml web --xpath "//memory | //uuid | //name | //name"
dumpxml web --xpath "//name/text()"
dumpxml web --xpath "//name/text()" --wrap
dumpxml web --xpath "//target/../@device"
dumpxml web --xpath "//mac/."
dumpxml web --xpath "//uuid[. = 'x']"
dumpxml web --xpath "count(//disk)"
net-dumpxml default --xpath //range/@start
pool-dumpxml store --xpath /pool/name
vol-dumpxml disk.img store --xpath //capacity --wrap
iface-dumpxml lo --xpath //ip
nodedev-dumpxml computer --xpath /device/name
sysinfo
cpu-models x86_64
cpu-stats web
cpu-stats web --total
cpu-stats web --start 0
cpu-stats web --start -1
cpu-stats web --count 1 --total
cpu-stats web --count x
cpu-stats db
setvcpu web 1 --enable
setvcpu web 1 --enable --disable
setvcpu web 1
domblkerror web
domblkerror db
send-key web KEY_LEFTCTRL KEY_LEFTALT KEY_DELETE
send-key web 0x1e 30 --codeset xt --holdtime 5
send-key web KEY_A --codeset xt
send-key web KEY_
send-key web BOGUS
send-key web 99999
send-key web 1 --codeset bogus
send-key web 1 --holdtime x
send-key web 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17
send-key web
send-key db 1
domfsinfo web
domfsfreeze web
domfsfreeze web /a /b
domfsthaw web --mountpoint /a
domfsthaw db
domfstrim web --minimum 4096 /
domfstrim web --minimum x
domhostname web
domhostname web --source lease
domhostname web --source agent
domhostname web --source bogus
domhostname db
domtime web
domtime web --pretty
domtime web --now
domtime web --sync
domtime web --time 5
domtime web --time x
domtime web --now --time 4
domtime web --sync --time 4
domtime web --sync --now
guestinfo web
guestinfo web --os --user
guestvcpus web
guestvcpus web --enable
guestvcpus web --cpulist 1
guestvcpus web 1 --enable
guestvcpus web 1 --enable --disable
get-user-sshkeys web root
set-user-sshkeys web root
set-user-sshkeys web root --remove
set-user-sshkeys web root --reset
set-user-sshkeys web root /nonexistent
set-user-sshkeys web root /dev/null
set-user-sshkeys web root /etc/passwd
set-user-sshkeys web root /dev/null --remove --reset
set-user-password web root x
set-user-password db root x --encrypted
guest-agent-timeout web
guest-agent-timeout web --timeout 5
guest-agent-timeout web --timeout x
dompmsuspend web mem
dompmsuspend web bogus
dompmsuspend web disk --duration x
dompmsuspend db hybrid
dompmwakeup web
nodedev-autostart computer
nodedev-autostart computer --disable
nodedev-autostart ghost
nodedev-create /dev/null
nodedev-create /nonexistent
nodedev-define /dev/null --validate
nodedev-destroy computer
nodedev-destroy ghost
nodedev-start computer
nodedev-undefine computer
iface-edit ghost
iface-edit 00:00:00:00:00:00
iface-edit lo
nwfilter-edit x
nwfilter-binding-dumpxml vnet0
nwfilter-binding-dumpxml vnet0 --xpath x --wrap
nwfilter-binding-delete vnet0
echo --shell "a'b" "" c 'd e' a-b_c/1=
echo --xml 'a<b"' &
echo --shell --xml a
echo --split a,b c,,d
echo --err hi there
echo
""".strip().splitlines()


def test_options_are_the_same(node, monkeypatch):
    monkeypatch.setenv("EDITOR", "true")
    node.virsh("start", "web")
    different = []
    for line in SAME:
        ours, theirs = run(node, OURS, [line]), run(node, THEIRS, [line])
        if ours != theirs:
            different.append(f"{line}\nours:   {ours}\ntheirs: {theirs}")
    assert not different, "\n\n".join(different)


def test_no_xpath(node):
    """libxml2 has words of its own for one that cannot be read."""
    for path in ("//[", "//disk[", "//disk[@type='file'", "/domain/", "//disk]", "a b", "(" * 100):
        out, errors, code = run(node, OURS, ["dumpxml", "db", "--xpath", path])
        assert (out, code) == ("\n", 1) and errors == f"error: internal error: Incorrect xpath '{path}'\n"


EDITS = [
    # Nothing that the node takes: asked again without the check, edited on, thrown away.
    ("edit db", "s/<domain/<dmain/; s,</domain,</dmain,", "?xiyfn", 1),
    ("net-edit default", "s/<network/<netrk/", "?in", 1),
    # What was wrong is right when it is edited on.
    ("edit db", "/dmain/{s/dmain/domain/; s/aaa/bbb/; b}; s/domain/dmain/; s,<name>,<title>aaa</title><name>,", "y", 0),
]


@pytest.mark.parametrize("command, script, keys, code", EDITS)
def test_an_edit_that_is_not_taken(serve, tmp_path, command, script, keys, code):
    from conftest import CONFIGURATION
    screens = []
    editor = tmp_path / "editor"
    editor.write_text(f'#!/bin/sh\nsed -i "{script}" "$1"\n')
    editor.chmod(0o755)
    for program in (OURS, THEIRS):
        node = serve(CONFIGURATION)
        child = pexpect.spawn(program, ["-c", node.uri(), *command.split()], encoding="utf-8", timeout=60, echo=False,
                              env={**os.environ, "EDITOR": str(editor), "LC_ALL": "C.UTF-8"})
        screen = ""
        for key in keys:
            child.expect(r"\?\]: ")
            screen += child.before + child.after
            child.send(key)
        child.expect(pexpect.EOF)
        child.close()
        screen += child.before
        screen += node.virsh("desc", "db", "--title")
        node.stop()
        assert child.exitstatus == code, screen
        # Where there is no polkit, Debian's says so.
        screens.append([line for line in screen.replace("\r", "\n").splitlines() if line and "polkit" not in line])
    assert screens[0] == screens[1]
