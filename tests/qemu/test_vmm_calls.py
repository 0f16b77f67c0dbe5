# SPDX-License-Identifier: GPL-2.0-only
"""The VMM's lists of system calls beside the calls that its code can make: no dead rule, and none that was forgotten.

The program is linked with the image's C library, unstripped, and taken apart: each `syscall` instruction has its number
in eax, each call of musl's cancellable or generic door in edi. Needs the built image's parts, but boots nothing.
"""

import re
import subprocess

import pytest
from quick import OUT, REPO

pytestmark = pytest.mark.xdist_group("vmm-calls")

DOORS = {"__syscall_cp", "syscall"}
REGISTERS = {"%eax": "a", "%rax": "a", "%edi": "di", "%rdi": "di"}
# Rules of calls that no code of the program makes.
KERNELS_OWN = {"restart_syscall"}
# Made by the main thread alone, before it is fenced in; the C library has doors that nothing of ours goes through.
BEFORE = {"arch_prctl", "capset", "chdir", "chroot", "epoll_create1", "fadvise64", "landlock_create_ruleset",
          "landlock_restrict_self", "memfd_create", "mlock", "mount", "pivot_root", "prctl", "prlimit64", "seccomp", "set_robust_list", "set_tid_address",
          "setgroups", "signalfd4", "umount2", "unshare"}
FALLBACKS = {"accept", "epoll_create", "eventfd", "getrlimit", "kill", "newfstatat", "open", "sched_setscheduler",
             "setrlimit", "signalfd", "stat", "sysinfo"}


def numbers() -> dict:
    text = subprocess.run(["gcc", "-dM", "-E", "-include", "asm/unistd_64.h", "-x", "c", "/dev/null"], capture_output=True, text=True,
                          check=True).stdout
    return {int(number): name for name, number in re.findall(r"#define __NR_(\w+) (\d+)$", text, re.M)}


def calls_in(listing: str) -> set:
    """Numbers of the calls in objdump's listing. What is not known at once (a jump came between) is left out."""
    found, known = set(), {}
    for line in listing.splitlines():
        step = re.match(r"^\s+[0-9a-f]+:\s+(\S+)\s*([^#]*?)\s*$", line)
        if not step:
            known = {} if line.endswith(">:") else known
            continue
        verb, operands = step.groups()
        source, _, target = operands.rpartition(",")
        register = REGISTERS.get(target or operands)
        if verb == "syscall":
            found.add(known.pop("a", None))
        elif verb.startswith("call"):
            if (door := re.search(r"<([^+>]+)>", operands)) and door.group(1) in DOORS:
                found.add(known.get("di"))
            known = {}
        elif register and verb.startswith("mov") and source.startswith("$0x"):
            known[register] = int(source[3:], 16)
        elif register and verb == "xor" and source == target:
            known[register] = 0
        elif register and verb not in ("cmp", "test"):
            known.pop(register, None)
    return found - {None}


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> set:
    """Names of the calls that are in the program."""
    folder = tmp_path_factory.mktemp("calls")
    subprocess.run([REPO / "vmm/firmware/compile-dsdt", folder], check=True)
    sources = [path for room in ("vmm", "lib") for path in sorted((REPO / room).rglob("*.c"))]
    subprocess.run([OUT / "stage/musl/sysroot/bin/musl-gcc", "-std=gnu11", "-D_GNU_SOURCE", "-O1", "-ffunction-sections",
                    "-fdata-sections", f"-I{REPO}", f"-I{folder}", *sources, "-static", "-Wl,--gc-sections", "-o", folder / "vmm"], check=True)
    listing = subprocess.run(["objdump", "-d", "--no-show-raw-insn", folder / "vmm"], capture_output=True, text=True, check=True)
    names = numbers()
    return {names[number] for number in calls_in(listing.stdout) if number in names}


@pytest.fixture(scope="module")
def ruled() -> set:
    return set(re.findall(r"\{ SYS_(\w+), (?:ANY|VCPU|IO|MAIN)", (REPO / "vmm/seccomp.c").read_text()))


def test_every_rule_is_of_a_call_that_the_program_makes(made, ruled):
    assert ruled - made == KERNELS_OWN


def test_every_call_has_a_rule_or_comes_before_them(made, ruled):
    assert made - ruled - BEFORE - FALLBACKS == set()
    assert (BEFORE | FALLBACKS) - made == set(), "listed, but not made any more"
