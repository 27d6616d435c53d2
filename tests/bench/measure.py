# SPDX-License-Identifier: ISC
"""What the measuring scripts share: CPU time and memory of a process, medians
of runs that are taken turn by turn."""
import os
import statistics
import subprocess
import threading
import time


LIMIT = 240  # seconds of a run; what takes longer is left out with a word


def cpu_of(command, **kwargs):
    """CPU seconds (user and system) and peak memory in MB of a command; None
    if it did not end within the limit."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, **kwargs)
    alarm = threading.Timer(LIMIT, process.kill)
    alarm.start()
    _, status, usage = os.wait4(process.pid, 0)
    in_time = alarm.is_alive()
    alarm.cancel()
    process.returncode = status
    if not in_time:
        return None
    if status != 0:
        raise RuntimeError("%s: status %d" % (command[0], status))
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def alternate(commands, runs):
    """Median CPU seconds and MB of each named command, run by turns; without
    those that take too long."""
    taken = {name: [] for name in commands}
    for _ in range(runs):
        for name in list(taken):
            run = cpu_of(commands[name])
            if run is None:
                print("%s: left out, not done after %d s" % (name, LIMIT))
                del taken[name]
            else:
                taken[name].append(run)
    return {name: (statistics.median(c for c, _ in values),
                   max(m for _, m in values))
            for name, values in taken.items()}


def wait_for(path, seconds):
    deadline = time.monotonic() + seconds
    while not os.path.exists(path):
        if time.monotonic() > deadline:
            raise RuntimeError("%s did not appear" % path)
        time.sleep(0.05)
