# SPDX-License-Identifier: ISC
"""options.py PFSYNC-CAPTURE: options records end to end: the names of a file,
what a capture had beside its flows, and how much was exported, as pflowdump
and tshark read it."""
import os
import re
import struct
import subprocess
import sys
import tempfile

import interop


def options_of(path):
    """Values by template, of each record in a row."""
    out, _ = interop.run(os.environ["PFLOWDUMP"], "-q", path)
    found = {}
    for number, text in re.findall(r"^options (\d+): (.*)$", out, re.M):
        found.setdefault(int(number), []).append(
            dict(pair.split(" ", 1) for pair in text.split(", ")))
    return found


def names(work):
    table = os.path.join(work, "interfaces")
    with open(table, "w", encoding="ascii") as f:
        f.write("em0 7\nem1 70000 # beyond sixteen bits\n")
    path = os.path.join(work, "names.ipfix")
    numbers = interop.export("pfsync:" + sys.argv[1], "file:" + path, 10,
                             "select", "all", "options", "yes",
                             "interface-map", table)
    found = options_of(path)
    told = {row["ingressInterface"]: row["interfaceDescription"].strip('"')
            for row in found[274]}
    interop.must_equal("names", (told["7"], told["70000"]), ("em0", "em1"))
    # The last of them speaks of everything in front of it.
    flows = int(found[271][-1]["exportedFlowRecordTotalCount"])
    if not 0 < flows <= numbers["records"]:
        interop.fail("%d flow records of %d" % (flows, numbers["records"]))
    seen = interop.tshark(path, "-Y", "cflow.if_descr", "-e", "cflow.if_descr")
    if not any("em1" in row[0] for row in seen):
        interop.fail("tshark reads no name: %s" % seen)
    return len(told)


def ignored(work):
    """One packet of a flow; two that say an impossible length."""
    good = interop.packet(4, 40000, 53, b"question")
    bad = good[:2] + struct.pack("!H", 10) + good[4:]
    capture = os.path.join(work, "bad.pcap")
    interop.write_pcap(capture, [good, bad, bad])
    path = os.path.join(work, "ignored.ipfix")
    interop.export("pcap:" + capture, "file:" + path, 10, "options", "yes")
    row = options_of(path)[272][-1]
    interop.must_equal("ignored", (row["ignoredPacketTotalCount"],
                                   row["ignoredOctetTotalCount"]),
                       ("2", "20"))
    interop.must_equal("strange to tshark", interop.experts(path), [])


def service(work):
    """The same from a configuration of pflowd."""
    path = os.path.join(work, "service.ipfix")
    conf = os.path.join(work, "pflowd.conf")
    with open(conf, "w", encoding="ascii") as f:
        f.write("%ssource pfsync:%s interface-map %s\n"
                "pflow0 dst file:%s proto 10 select all options yes\n" % (
                    "sandbox no\n" if os.geteuid() == 0 else "",
                    sys.argv[1], os.path.join(work, "interfaces"), path))
    daemon = subprocess.Popen(
        [os.environ["PFLOWD"], "-d", "-f", conf, "-S",
         os.path.join(work, "socket")],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said = ""
    for row in daemon.stdout:
        said += row
        if "read to its end" in row:
            break
    daemon.terminate()
    said += daemon.communicate(timeout=60)[0]
    told = {row["ingressInterface"] for row in options_of(path).get(274, [])}
    if not {"7", "70000"} <= told:
        interop.fail("pflowd tells %s:\n%s" % (sorted(told), said))


def main():
    with tempfile.TemporaryDirectory() as work:
        told = names(work)
        ignored(work)
        if "PFLOWD" in os.environ:
            service(work)
    print("%d names" % told)


main()
