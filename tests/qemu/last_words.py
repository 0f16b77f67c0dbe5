# SPDX-License-Identifier: GPL-2.0-only
"""What a node and its guests say of themselves when a test of them has failed: the failure is to be understood from what is printed
then, for it may not come again. It must not hide the failure: it takes its time and no more, and raises nothing."""

import subprocess

# Each part for some seconds and some lines: who has failed may hang.
SCRIPT = r"""
part() { echo "-- $1"; timeout 8 sh -c "$1" 2>&1 | tail -n "$2" | tr -d '\r' | cut -c -180; }
part 'berth status' 24
part 'timeout 4 virsh list --all' 20
part "logread | grep -v dropbear" 24
part 'dmesg' 10
part "ps -o pid,user,stat,args | grep -vE ' \\[[^ ]*\\]$|runsv |cut -c|tr -d|tail -n'" 24
part "grep -H . /proc/loadavg /proc/pressure/* 2> /dev/null; grep -E '^(MemTotal|MemFree|MemAvailable)' /proc/meminfo" 12
for log in $(ls -t /data/log/* 2> /dev/null | head -n 5); do part "tail -n 7 $log" 7; done
for pid in $(pidof berth-vmm | cut -d ' ' -f -3); do
	echo "-- threads of $pid, a guest: name, state, ticks of user and kernel, where, call"
	for task in /proc/$pid/task/*; do
		echo "$(cat $task/comm) $(sed 's/.*) //' $task/stat | cut -d ' ' -f 1,12,13) $(cat $task/wchan) $(cut -d ' ' -f -4 $task/syscall)"
	done 2>&1 | head -n 12
done
"""


def of(node) -> str:
    """Over a connection of its own, which hangs with nobody else's."""
    if node.process is None or node.process.poll() is not None:
        return "its machine has ended"
    try:
        if not any(node.answers_ssh() for _ in range(5)):
            return "it does not answer by SSH"
        done = node.ssh("sh -s", options=["-o", "ControlPath=none"], timeout=90, stdin=SCRIPT.encode())
        return (done.stdout + done.stderr).decode(errors="replace")
    except subprocess.TimeoutExpired as late:
        return f"{(late.stdout or b'').decode(errors='replace')}\nit does not answer any more"
    except Exception as error:  # pylint: disable=broad-except
        return f"it cannot be asked: {error}"
