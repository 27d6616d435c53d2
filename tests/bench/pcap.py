# SPDX-License-Identifier: ISC
"""pcap.py BUILD WORK [PACKETS]: whole-process CPU of pflowexport over generated
captures, against a bare pcap_dispatch() loop, softflowd and nfpcapd."""
import json
import os
import shutil
import subprocess
import sys

import measure

KINDS = (("mix", 50000), ("worst", 1000000))


def commands_for(build, work, capture):
    flows = os.path.join(work, "nfpcapd")
    os.makedirs(flows, exist_ok=True)
    found = {
        "pflowexport": [os.path.join(build, "src/programs/pflowexport"), "-q",
                        "pcap:" + capture, "dst",
                        "file:" + os.path.join(work, "out.ipfix"),
                        "proto", "10"],
        "bare pcap": [os.path.join(build, "tests/bench/bare_pcap"), capture],
    }
    if shutil.which("softflowd"):
        found["softflowd"] = ["softflowd", "-r", capture, "-n",
                              "127.0.0.1:9", "-v", "10", "-d", "-m",
                              "2000000", "-p", os.path.join(work, "pid"),
                              "-c", os.path.join(work, "ctl")]
    if shutil.which("nfpcapd"):
        found["nfpcapd"] = ["nfpcapd", "-r", capture, "-w", flows]
    return found


def totals(build, work, capture):
    """Packets in the file and in the records."""
    out = subprocess.run(
        [os.path.join(build, "src/programs/pflowexport"), "-jq",
         "pcap:" + capture, "dst", "file:" + os.path.join(work, "out.ipfix"),
         "proto", "10"], capture_output=True, check=True, text=True).stdout
    summary = json.loads(out)
    return summary["counters"]["source"]["ip_packets"], summary["packets"]


def main(build, work, packets):
    rows = []
    os.makedirs(work, exist_ok=True)
    for kind, flows in KINDS:
        capture = os.path.join(work, kind + ".pcap")
        subprocess.run([os.path.join(build, "tests/bench/capture"), kind,
                        str(packets), str(flows), capture], check=True)
        seen, exported = totals(build, work, capture)
        assert seen == packets == exported, (seen, packets, exported)
        taken = measure.alternate(commands_for(build, work, capture), 3)
        ours = taken["pflowexport"][0]
        for name, (cpu, memory) in taken.items():
            rows.append((kind, name, cpu / packets * 1e9, memory, ours / cpu))
            print("%-6s %-12s %8.1f ns/packet %8.1f MB   ours/this %6.3f" %
                  rows[-1], flush=True)
        os.unlink(capture)
    return rows


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2],
         int(sys.argv[3]) if len(sys.argv) > 3 else 4000000)
