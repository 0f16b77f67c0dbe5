# SPDX-License-Identifier: GPL-2.0-only
"""The node's virsh beside Debian's, command by command: the same output, errors and exit code."""

import os
import re
import subprocess

import pexpect
import pytest

from conftest import CONFIGURATION
from beside import OURS, THEIRS, run, same

# Read only; each line is run by both against one node, with "web" running.
SAME = """
list
list --all
list --inactive
list --all --title
list --all --name
list --all --uuid
list --all --id
list --all --id --name --uuid
list --all --autostart
list --all --state-shutoff --name
list --table --name
dominfo web
dominfo db
dominfo ghost
domid web
domid db
domname 1
domname ghost
domuuid db
domstate web
domstate web --reason
domstate db --reason
dumpxml web
dumpxml web --inactive
dumpxml db
domblklist web
domblklist web --details
domiflist web
domiflist db
domblkstat web vda
domblkstat web
domblkstat web vda --human
domblkstat web nosuch
domblkstat db vda
domblkinfo web vda
domblkinfo web vda --human
domifstat web vnet0
domifstat web 52:54:00:11:22:33
domifstat web nosuch
dommemstat web
domcontrol web
domstats
domstats web
domstats web db
domstats --state --balloon db
domstats --list-active
domstats ghost
vcpucount web
vcpucount db
vcpucount web --live --current
vcpucount web --maximum --config
vcpuinfo web
vcpuinfo web --pretty
vcpuinfo db
vcpupin web
vcpupin web 1
vcpupin db
domifaddr web
domifaddr web --source agent
net-dhcp-leases default
net-dhcp-leases ghost
ttyconsole web
vncdisplay web
domdisplay web
desc web
desc web --title
desc db
net-list
net-list --all --name
net-list --uuid
net-info default
net-info ghost
net-dumpxml default
net-dumpxml quiet
net-uuid default
pool-list
pool-list --all
pool-list --details
pool-list --name
pool-list --uuid
pool-info store
pool-info store --bytes
pool-info ghost
pool-dumpxml store
pool-dumpxml far
pool-uuid store
pool-refresh store
pool-start store
vol-list store
vol-list store --details
vol-list ghost
vol-info disk.img --pool store
vol-info web.qcow2 --pool store --bytes
vol-info disk.img
vol-info ghost --pool store
vol-dumpxml web.qcow2 --pool store
vol-path disk.img --pool store
vol-key disk.img --pool store
vol-pool disk.img --pool store
vol-name ghost
vol-path ../store/disk.img --pool store
nodeinfo
capabilities
domcapabilities
domcapabilities --arch ia64
nodecpumap
nodecpumap --pretty
nodecpustats 99
freepages
freepages --cellno 0
freepages --all --cellno 0
freepages --cellno 9 --pagesize 4
freepages --cellno 0 --pagesize 3
freepages --cellno 0 --pagesize x
nodedev-list
nodedev-list --tree
nodedev-list --all
nodedev-list --cap pci,net
nodedev-list --cap storage
nodedev-list --cap usb_device
nodedev-list --cap bogus
nodedev-list --cap pci --tree
nodedev-list --inactive
nodedev-dumpxml computer
nodedev-dumpxml ghost
nodedev-dumpxml
nodedev-info ghost
nodedev-detach computer
nodedev-dettach ghost
nodedev-detach computer --driver vfio
nodedev-reattach computer
nodedev-reset computer
iface-list
iface-list --all
iface-list --inactive
iface-dumpxml lo
iface-dumpxml ghost
iface-dumpxml 00:00:00:00:00:00
iface-mac lo
iface-mac ghost
iface-mac 00:00:00:00:00:00
iface-name 00:00:00:00:00:00
iface-name 02:00:00:00:00:77
iface-start lo
iface-destroy lo
iface-undefine ghost
iface-begin
iface-commit
iface-rollback
iface-define /dev/null
secret-list
secret-list --ephemeral
secret-dumpxml 6f4d2b9e-1c0a-4f53-9a52-0d4c7e1b8f21
secret-dumpxml x
secret-undefine x
secret-define /dev/null
nwfilter-list
nwfilter-dumpxml x
nwfilter-dumpxml 6f4d2b9e-1c0a-4f53-9a52-0d4c7e1b8f21
nwfilter-undefine x
nwfilter-define /dev/null
nwfilter-binding-list
maxvcpus
hostname
uri
net-event --list
pool-event --list
nodedev-event --list
secret-event --list
event
net-event
event --all --event lifecycle
event --list --all
event --event bogus
pool-event --event bogus
event --event lifecycle --timeout 0
event --event lifecycle --timeout x
event --event lifecycle --timeout 1
nodedev-event --event lifecycle --timeout 1 --loop
event --event lifecycle --domain ghost
start web
start ghost
start
start --bogus web
nosuch
list extra
list --all=3
dominfo --domain=web
dominfo --domain
dominfo web --domain web
domstate -- web
echo one  'two three'
list; domid web
list; nosuch
list; domid
nosuch; list
list # comment
setmem web 1Q
setvcpus web 0
setvcpus web x
shutdown web --mode bogus
define /nonexistent
""".strip().splitlines()

# These change something; both begin with a node of their own.
SEQUENCES = [
    "start web; list; suspend web; domstate web --reason; resume web; reboot web; reset web; destroy web; list --all",
    "start web --paused; list; destroy web; destroy web",
    "start web; shutdown web; domstate web --reason; shutdown web",
    "autostart db; dominfo db; autostart --disable db; autostart --disable ghost",
    "desc db --title new title; desc db --title; desc db --config some text here; desc db; desc db --config ''; list --all --title",
    "setmaxmem db 1G; setmem db 600M --config; dominfo db; start db; setmaxmem db 2G; setmem db 2G",
    "setvcpus db 3 --config; vcpucount db; setvcpus db 300 --config; start db; setvcpus db 2",
    "undefine db; list --all; undefine db; undefine web --managed-save",
    "suspend db; resume db; reboot db; reset db",
    "attach-disk db /data/images/x.img vdb --config; domblklist db; attach-disk db /data/images/y.img vdb --config; "
    "detach-disk db vdb --config; detach-disk db vdb --config; domblklist db --inactive",
    "attach-disk db /data/images/x.img vdb --subdriver raw --serial S1 --print-xml; attach-disk db /x vdb --mode bogus",
    "attach-interface db network quiet --model virtio --mac 52:54:00:aa:00:09 --config; domiflist db; "
    "detach-interface db bridge --config; detach-interface db network --mac 52:54:00:aa:00:09 --config; domiflist db",
    "attach-interface db network quiet --config --current; attach-interface db bogus x; detach-interface db network",
    "start db; attach-disk db /data/images/x.img vdb --live; detach-disk db vda --live; attach-disk db /x vdc --persistent",
    "domrename db store; list --all; domrename store web; domrename ghost x; start store; domrename store y",
    "schedinfo db --set cpu_shares=300 --config; schedinfo db; schedinfo db --set global_quota=150000 --config",
    "blkdeviotune db vda --read-bytes-sec 1048576 --config; blkdeviotune db vda; blkdeviotune db vdz; blkdeviotune db vda --total-iops-sec 5 --config",
    "domiftune web 52:54:00:11:22:33 --inbound 1000,2000,512 --config; domiftune web 52:54:00:11:22:33; domiftune web nosuch",
    "memtune db; set-lifecycle-action db reboot destroy; set-lifecycle-action db bogus destroy; set-lifecycle-action db crash bogus",
    "net-update default add ip-dhcp-host \"<host mac='52:54:00:00:00:05' ip='192.168.122.5'/>\" --config; net-dumpxml default --inactive; "
    "net-update default add-last ip-dhcp-host \"<host mac='52:54:00:00:00:06' ip='192.168.122.6'/>\" --live --config; "
    "net-update default delete ip-dhcp-host \"<host mac='52:54:00:00:00:06'/>\"; net-update default delete ip-dhcp-host \"<host mac='52:54:00:00:00:07'/>\" --config; "
    "net-update default modify ip-dhcp-host /nonexistent --config; net-update default bogus ip-dhcp-host <x/>; net-update default add bogus <x/>; "
    "net-update default modify forward <x/> --config; net-update ghost add dns-host <x/>; net-update default add dns-host <x/> --current --live; "
    "net-update default add dns-host <x/> --parent-index x; net-update default add-first dns-txt <x/> --config --parent-index 1",
    "net-edit default; net-edit ghost; net-edit quiet; net-dumpxml default --inactive; net-autostart quiet; net-autostart quiet --disable",
    "net-define /dev/null; net-define /dev/null --validate; net-create /dev/null --validate; iface-define /dev/null --validate; nwfilter-define /dev/null --validate; "
    "secret-define /dev/null --validate; secret-dumpxml 6f4d2b9e1c0a4f539a520d4c7e1b8f21; secret-undefine 6f4d2b9e-1c0a-4f53-9a52-0d4c7e1b8f21",
    "net-name default; net-destroy default; net-start default; net-undefine default",
]


@pytest.mark.parametrize("quiet", [(), ("-q",)], ids=["usual", "quiet"])
def test_reading_is_the_same(node, quiet):
    node.virsh("start", "web")
    different = []
    for line in SAME:
        ours, theirs = run(node, OURS, [line], *quiet), run(node, THEIRS, [line], *quiet)
        if ours != theirs:
            different.append(f"{line}\nours:   {ours}\ntheirs: {theirs}")
    assert not different, "\n\n".join(different)


@pytest.mark.parametrize("line", SEQUENCES)
def test_changing_is_the_same(serve, tmp_path, monkeypatch, line):
    monkeypatch.setenv("EDITOR", "sed -i s/192.168.122.254/192.168.122.200/")
    same(serve, tmp_path, line)


@pytest.mark.parametrize("kind,name,line", [
    ("dom", "db", "start U; suspend U; resume U; reset U; destroy U; autostart U; autostart U --disable; domname U; undefine U; undefine U; destroy U"),
    ("net-", "default", "net-destroy U; net-start U; net-autostart U; net-autostart U --disable; net-start U; net-undefine U; net-destroy U; net-destroy U"),
    ("pool-", "store", "pool-refresh U; pool-destroy U; pool-build U; pool-start U; pool-autostart U; pool-autostart U --disable; pool-delete U; "
     "pool-start U; pool-destroy U; pool-undefine U; pool-destroy U")])
def test_named_by_uuid(serve, tmp_path, kind, name, line):
    """Some commands then tell the name, some what they were given."""
    same(serve, tmp_path, line.replace("U", serve(CONFIGURATION).virsh(kind + "uuid", name).strip()))


def test_edit(node, tmp_path):
    """By an editor that puts in another number, and by one that does nothing."""
    for editor, said in (("sed -i s/524288/786432/", "edited"), ("true", "not changed")):
        done = subprocess.run([OURS, "-c", node.uri(), "edit", "db"], capture_output=True, text=True, timeout=60, check=False,
                              env={**os.environ, "EDITOR": editor, "VISUAL": editor})
        assert done.returncode == 0 and said in done.stdout, done.stdout + done.stderr
    assert "786432" in node.virsh("dumpxml", "db")


def test_device_files(node, tmp_path):
    disk = tmp_path / "disk.xml"
    disk.write_text("<disk type='file'><source file='/data/images/x.img'/><target dev='vdb'/><alias name='ua-x'/></disk>")
    for command, said in (("attach-device", "Device attached"), ("update-device", "Device updated"), ("detach-device", "Device detached")):
        out, errors, code = run(node, OURS, [command, "db", str(disk), "--config"])
        assert code == 0 and said in out, errors
    run(node, OURS, ["attach-device", "db", str(disk), "--config"])
    out, _, code = run(node, OURS, ["detach-device-alias", "db", "ua-x", "--config"])
    assert code == 0 and "request sent" in out


# FILE is one that is not there at first.
SAVED = [
    "start web; save web FILE; domstate web --reason; list --all; restore FILE; domstate web --reason; restore FILE; save web FILE",
    "start web; suspend web; save web FILE --running; restore FILE --paused --bypass-cache; domstate web --reason",
    "start web; save web FILE --paused --verbose; save-image-dumpxml FILE; restore FILE; domstate web --reason",
    "start web; save web FILE --paused --running; domstate web; save db FILE; save ghost FILE",
    "start web; save web /nonexistent/file; save web FILE; save-image-define FILE /nonexistent; save-image-edit FILE",
    "start web; save web FILE; save-image-edit FILE --paused; restore FILE; domstate web --reason",
    "restore /nonexistent; restore /etc/passwd; save-image-dumpxml /etc/passwd; save-image-edit /nonexistent",
    "start web; managedsave web; dominfo web; list --all --managed-save; list --all --with-managed-save; list --all --without-managed-save; "
    "managedsave-dumpxml web; managedsave-edit web; managedsave-edit web --running; start web; domstate web --reason; dominfo web",
    "start web; managedsave web --paused --verbose; start web; domstate web --reason; managedsave web; start web --force-boot --bypass-cache; "
    "domstate web --reason",
    "start web; managedsave web; managedsave-remove web; managedsave-remove web; managedsave-remove ghost; managedsave-edit web; "
    "managedsave-dumpxml web; managedsave db; start web; domstate web --reason; managedsave web --running --paused",
    "start web; managedsave web; undefine web; undefine web --managed-save; list --all",
    "start web; dump web FILE; dump web FILE --memory-only --live --verbose; dump web FILE --memory-only --format elf; "
    "dump web FILE --memory-only --format kdump-zlib; dump web FILE --format elf; dump web FILE --memory-only --format none",
    "start web; dump web FILE --crash --reset; dump web FILE --live --crash; dump web FILE --crash; domstate web --reason; dump web FILE",
    "domjobinfo web; start web; domjobinfo web; domjobabort web; domjobinfo web --completed; dump web FILE; domjobinfo web --completed; "
    "domjobinfo web --completed --keep-completed --rawstats; domjobabort db",
    "start web; screenshot web FILE; inject-nmi web; screenshot ghost",
]


@pytest.mark.parametrize("line", SAVED)
def test_saving_is_the_same(serve, tmp_path, monkeypatch, line):
    monkeypatch.setenv("EDITOR", "true")
    same(serve, tmp_path, line)


def test_relative_paths_and_edited_files(node, tmp_path):
    """A path is where the user is; what an editor changes is refused by the node, which says what it can do."""
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nsed -i s/destroy/restart/ \"$1\"\n")
    editor.chmod(0o755)
    node.virsh("start", "web")
    for program in (OURS, THEIRS):
        def at(*words, **more):
            return subprocess.run([program, "-c", node.uri(), *words], cwd=tmp_path, capture_output=True, text=True, timeout=60,
                                  check=False, env={**os.environ, "EDITOR": str(editor)}, **more)
        assert at("save", "web", "here").returncode == 0 and (tmp_path / "here").exists()
        if program == OURS:
            refused = at("save-image-edit", "here")
            assert refused.returncode == 1 and "stays as it is" in refused.stderr
        assert at("restore", "here").returncode == 0


def test_version(node):
    out, _, code = run(node, OURS, ["version"])
    assert code == 0 and "Running hypervisor: QEMU 10.0.0" in out
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", run(node, OURS, [], "--version")[0])


def test_help_is_what_is_dispatched(node):
    out, _, code = run(node, OURS, ["help"])
    assert code == 0
    names = [line.split()[0] for line in out.splitlines() if line.startswith("    ")]
    assert len(names) == len(set(names)) and len(names) > 80
    for name in names:
        text, errors, code = run(node, OURS, ["help", name])
        assert code == 0 and f"{name} - " in text and not errors
        # Every one is at least known: what it needs is then told, not "unknown command".
        assert "unknown command" not in run(node, OURS, [name, "--no-such-option"])[1]


def test_no_node(tmp_path):
    done = subprocess.run([OURS, "-c", f"qemu+unix:///system?socket={tmp_path}/none", "list"], capture_output=True,
                          text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr == ("error: failed to connect to the hypervisor\n"
                           f"error: Failed to connect socket to '{tmp_path}/none': No such file or directory\n")


def test_interactive(node):
    child = pexpect.spawn(OURS, ["-c", node.uri()], encoding="utf-8", timeout=60)
    child.expect("virsh # ")
    child.send("lost\x7f\x7f\x7f\x7flist --al\tl\r")
    child.expect("shut off")
    child.expect("virsh # ")
    child.send("doms\t\t")
    child.expect("domstate  domstats")
    child.send("\x15dominf\tweb\r")
    child.expect("Name: +web")
    child.expect("virsh # ")
    child.send("\x1b[A\x1b[A\r")
    child.expect("shut off")
    child.expect("virsh # ")
    child.send("\x04")
    child.expect(pexpect.EOF)
    assert child.wait() == 0


def test_over_ssh(node, tmp_path):
    """Both clients through the helper; a script stands in for ssh and runs what it is given, as a node's shell would."""
    helper = tmp_path / "bin"
    helper.mkdir()
    (helper / "virt-ssh-helper").symlink_to(OURS)
    ssh = tmp_path / "ssh"
    ssh.write_text(f'#!/bin/sh\nfor last; do :; done\nPATH={helper}:$PATH\nexec sh -c "$last"\n')
    ssh.chmod(0o755)
    for program in (OURS, THEIRS):
        uri = f"qemu+ssh://root@node1/system?command={ssh}"
        done = subprocess.run([program, "-c", uri, "list", "--all", "--name"], capture_output=True, text=True, timeout=60,
                              check=False)
        # The helper goes to the node's own socket, which this machine has not.
        assert done.returncode == 1 and "virt-ssh-helper: Failed to connect socket to '/var/run/libvirt/libvirt-sock'" in done.stderr
        # Told not to look for the helper, libvirt's client runs nc -U, which is the node's virsh as well.
        (helper / "nc").unlink(missing_ok=True)
        (helper / "nc").symlink_to(OURS)
        for more in (f"&socket={node.socket}", f"&proxy=netcat&socket={node.socket}"):
            done = subprocess.run([program, "-c", uri + more, "list", "--all", "--name"], capture_output=True, text=True,
                                  timeout=60, check=False)
            assert done.returncode == 0 and "web" in done.stdout, done.stderr
