# SPDX-License-Identifier: ISC
"""growth.py BUILD OUT: cost per packet from 1e3 to 1e7 live flows, as a table
and, where gnuplot is, as PNG and SVG."""
import os
import shutil
import subprocess
import sys

import measure

FLOWS = (10**3, 10**4, 10**5, 10**6, 10**7)
PACKETS = 2000000

PLOT = """set terminal %(terminal)s
set output '%(file)s'
set logscale x
set xlabel 'live flows'
set ylabel 'ns a packet, whole process'
set yrange [0:*]
set key top left
plot '%(data)s' using 1:2 with linespoints title 'pflowexport', \\
     '' using 1:3 with linespoints title 'bare pcap loop'
"""


def draw(out, data):
    if not shutil.which("gnuplot"):
        print("no plot: gnuplot is not installed")
        return
    for terminal, ending in (("pngcairo size 800,500", "png"),
                             ("svg size 800,500", "svg")):
        script = PLOT % {"terminal": terminal, "data": data,
                         "file": os.path.join(out, "growth." + ending)}
        subprocess.run(["gnuplot"], input=script, text=True, check=True)


def main(build, out):
    data = os.path.join(out, "growth.dat")
    capture = os.path.join(out, "growth.pcap")
    with open(data, "w") as f:
        for flows in FLOWS:
            packets = max(PACKETS, flows)
            subprocess.run([os.path.join(build, "tests/bench/capture"),
                            "worst", str(packets), str(flows), capture],
                           check=True)
            taken = measure.alternate({
                "ours": [os.path.join(build, "src/programs/pflowexport"),
                         "-q", "pcap:" + capture, "dst", "file:/dev/null",
                         "proto", "10", "idle", "1d", "active", "1d",
                         "memory", "4G"],
                "bare": [os.path.join(build, "tests/bench/bare_pcap"),
                         capture]}, 3)
            row = (flows, taken["ours"][0] / packets * 1e9,
                   taken["bare"][0] / packets * 1e9, taken["ours"][1])
            print("%9d flows %8.1f ns/packet   bare %7.1f   %8.1f MB" % row,
                  flush=True)
            print(*row, file=f)
    os.unlink(capture)
    draw(out, data)


if __name__ == "__main__":
    main(*sys.argv[1:])
