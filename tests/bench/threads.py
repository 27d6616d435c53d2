# SPDX-License-Identifier: ISC
"""threads.py BUILD WORK [PACKETS [ROUNDS]]: packets per second of pflowexport
-T 1 and -T 2 over generated captures, wall clock of the whole process, by
turns; medians. Needs two idle cores. Reading is done by one thread at a time and
so bounds them all: how fast that is alone is measured too, with a filter that
leaves out everything once it was read."""
import os
import socket
import statistics
import subprocess
import sys
import time

KINDS = (("mix", 50000), ("worst", 1000000))


def wall(command):
    """Seconds of the clock, and of all cores."""
    before = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    if status != 0:
        raise RuntimeError("%s: status %d" % (command[0], status))
    return time.monotonic() - before, usage.ru_utime + usage.ru_stime


def measure(build, capture, dest, rounds):
    program = os.path.join(build, "src/programs/pflowexport")
    common = ["pcap:" + capture, "dst", dest, "proto", "10", "rate", "0"]
    commands = {
        "1 thread": [program, "-q", "-T", "1"] + common,
        "2 threads": [program, "-q", "-T", "2"] + common,
        "read alone": [program, "-q"] + common + ["filter", "less 1"],
    }
    taken = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            taken[name].append(wall(command))
    return {name: tuple(map(statistics.median, zip(*values)))
            for name, values in taken.items()}


def main(build, work, packets, rounds):
    os.makedirs(work, exist_ok=True)
    # A collector that takes what its socket holds, and costs no time.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sink:
        sink.bind(("127.0.0.1", 0))
        dest = "127.0.0.1:%d" % sink.getsockname()[1]
        for kind, flows in KINDS:
            capture = os.path.join(work, kind + ".pcap")
            subprocess.run([os.path.join(build, "tests/bench/capture"), kind,
                            str(packets), str(flows), capture], check=True)
            taken = measure(build, capture, dest, rounds)
            one = taken["1 thread"][0]
            for name, (clock, cpu) in taken.items():
                print("%-6s %-10s %7.2f Mpackets/s %8.1f ns CPU/packet   "
                      "%5.2f times one thread" %
                      (kind, name, packets / clock / 1e6,
                       cpu / packets * 1e9, one / clock), flush=True)
            os.unlink(capture)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2],
         int(sys.argv[3]) if len(sys.argv) > 3 else 4000000,
         int(sys.argv[4]) if len(sys.argv) > 4 else 5)
