# SPDX-License-Identifier: GPL-2.0-only
"""What a definition can ask of the VMM by itself, on a real KVM: kinds of memory, processors by name, vsock."""

import re

from test_vmm import ELF, OUT, driver, guest, run  # noqa: F401  # pylint: disable=unused-import

TOOL = OUT / "stage/guest-initramfs/guest/guest-tool"
SMALL = "cmdline console=hvc0 quiet guest.dhcp=no guest.name=small\n"
END = "ask stop\nend\n"


def defined(memory: str, *lines: str) -> str:
    return guest(ELF, SMALL, "vcpus 1\n", *lines).replace("memory 268435456", f"memory {memory}")


def test_kinds_of_memory(run):  # noqa: F811
    """The node's own books tell of each; the guest boots in each, and says the reason where there are no huge pages."""
    shown = ("shell grep -hE '^(VmLck|VmRSS|RssShmem)' /proc/$(pidof berth-vmm)/status; grep HugePages_Free /proc/meminfo; "
             "grep -c memfd:guest /proc/$(pidof berth-vmm)/maps; ")

    def looked_at(kind: str) -> str:
        return f"console hvc\nexpect small is up\n{shown}echo sho''wn {kind}\n{END}"

    said = run(defined("67108864 hugepages=2M") + looked_at("huge")
               + defined("67108864 shared") + looked_at("shared")
               + defined("67108864 lock") + looked_at("lock")
               + defined("67108864 prealloc") + looked_at("prealloc")
               + defined("134217728 hugepages=2M").replace("run\n", "run\nend\n"),
               before="echo 40 > /proc/sys/vm/nr_hugepages")
    kinds = {}
    start = 0
    for end in re.finditer(r"shown (\S+)", said):
        text = said[start:end.start()]
        kinds[end.group(1)] = {key: int(value) for key, value in re.findall(r"^(\w+):\s+(\d+)", text, re.M)}
        kinds[end.group(1)]["memfd"] = int(re.findall(r"^(\d+)$", text, re.M)[-1])
        start = end.end()
    free = {kind: seen["HugePages_Free"] for kind, seen in kinds.items()}
    assert free == {"huge": 8, "shared": 40, "lock": 40, "prealloc": 40}
    assert [kind for kind, seen in kinds.items() if seen["memfd"]] == ["shared"]
    assert [kind for kind, seen in kinds.items() if seen["VmLck"] >= 65536] == ["lock"]
    assert [kind for kind, seen in kinds.items() if seen["VmRSS"] >= 65536] == ["lock", "prealloc"]
    assert kinds["shared"]["RssShmem"] > 8192 > kinds["lock"]["RssShmem"]
    assert 'outcome "failed memory: 128 MiB in huge pages of 2 MiB cannot be had: Out of memory" status 1' in said


def test_processors_by_name(run):  # noqa: F811
    """What the guest's kernel sees is what the name says: no more, whatever the node has, and no less."""
    models = ["x86-64-v1", "x86-64-v2", "x86-64-v3", "host -bmi2 -rdrand"]

    def booted(model: str) -> str:
        return (defined("67108864", f"cpu {model}\n") + "console hvc\nexpect small is up\n"
                "send grep -m 1 'model name' /proc/cpuinfo; grep -m 1 '^flags' /proc/cpuinfo; echo se''en\nexpect seen\n" + END)

    refused = [defined("67108864", f"cpu {model}\n").replace("run\n", "run\nend\n") for model in ("x86-64-v4", "host +avx512f", "i486")]
    said = run("".join(booted(model) for model in models) + "".join(refused))
    names = [name.strip() for name in re.findall(r"^model name\s*: (.*)$", said, re.M)]
    flags = dict(zip(models, (set(line.split()) for line in re.findall(r"^flags\s*: (.*)$", said, re.M)), strict=True))
    assert names[:3] == ["Berth x86-64-v1", "Berth x86-64-v2", "Berth x86-64-v3"] and not names[3].startswith("Berth")
    # The levels of the x86-64 psABI, section 3.1.1, without what needs XSAVE: QEMU's emulated SVM (7.2) does not hand
    # XSETBV to the node's KVM, whose CPUID then disagrees with it, and every guest's kernel goes without.
    levels = [{"cmov", "cx8", "fpu", "fxsr", "mmx", "syscall", "sse2"}, {"cx16", "lahf_lm", "popcnt", "pni", "sse4_1", "sse4_2", "ssse3"},
              {"bmi1", "bmi2", "abm", "movbe"}]
    for number, model in enumerate(models[:3]):
        assert set().union(*levels[:number + 1]) <= flags[model]
        assert not set().union(*levels[number + 1:]) & flags[model], f"{model} has more than its level"
    assert {"bmi1", "hypervisor", "x2apic"} <= flags[models[3]] and not {"bmi2", "rdrand"} & flags[models[3]]
    assert {"hypervisor", "x2apic"} <= flags["x86-64-v1"]
    assert re.search(r'outcome "failed cpu "x86-64-v4" needs "avx512\w+", which this node\'s processor or KVM lacks" status 1', said)
    assert 'outcome "failed cpu feature "+avx512f": this node\'s processor or KVM lacks it" status 1' in said
    assert 'outcome "failed cpu "i486" is not known' in said


def test_vsock_both_ways(run):  # noqa: F811
    """Each side asks the other, who may not listen yet; after a load the old connection is gone, and new ones are made."""
    vsock = "vsock fd=@/dev/vhost-vsock cid=5\n"
    said = run(defined("67108864", vsock) + """console hvc
expect small is up
shell hostname node; ./guest-tool serve vsock:7000 &
send guest-tool serve vsock:6000 & until guest-tool ask vsock:2 7000; do usleep 100000; done
expect this is node
shell until ./guest-tool ask vsock:5 6000; do usleep 100000; done; ./guest-tool ask vsock:5 6001; echo refu''sed $?
ask pause
ask save @/s.img
ask stop
end
""" + defined("67108864", vsock, "load fd=@/s.img\n") + """console hvc
shell ./guest-tool ask vsock:5 6000
send guest-tool ask vsock:2 7000
expect this is node
""" + END, TOOL)
    assert len(re.findall(r"^this is small", said, re.M)) == 2
    assert "refused 1" in said and "cannot connect to \"vsock:5\"" in said
