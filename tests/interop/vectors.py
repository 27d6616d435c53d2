# SPDX-License-Identifier: ISC
"""vectors.py DIR: tshark reads our vectors as their comments say."""
import os
import sys
import tempfile

import interop

# File, field, values that tshark finds in it.
VALUES = [
    ("netflow-v5-1rec", "cflow.octets", "1500"),
    ("netflow-v5-1rec", "cflow.srcport", "49152"),
    ("netflow-v5-pflow-2rec", "cflow.packets", "10,8"),
    ("netflow-v9-template-data", "cflow.octets", "1500"),
    ("ipfix-template-2rec", "cflow.octets", "123456,150"),
    ("ipfix-variable-length", "cflow.packets", "9"),
    ("ipfix-options-reliability", "cflow.notsent_octets", "5000"),
    ("ipfix-nat44-create", "cflow.srcport", "40000"),
    ("ipfix-biflow", "cflow.dstport", "443"),
    ("ipfix-microseconds", "cflow.packets", "10"),
    ("ipfix-pflow-templates+ipfix-pflow-flow4-2rec", "cflow.octets",
     "1500,9000"),
    ("ipfix-pflow-templates+ipfix-pflow-flow6-1rec", "cflow.dstport", "32768"),
]


def octets_of(directory, name):
    with open(os.path.join(directory, name + ".hex"), encoding="ascii") as f:
        return bytes.fromhex("".join(
            row for row in f if not row.startswith("#")))


def main():
    directory = sys.argv[1]
    cases = [(names.split("+"), field, due) for names, field, due in VALUES]
    fields = sorted({field for _, field, _ in cases})
    with tempfile.TemporaryDirectory() as work:
        path = os.path.join(work, "vectors.pcap")
        # Each case is an exporter of its own, known by its port.
        interop.write_pcap(path, [
            interop.packet(4, 40000 + n, 4739, octets_of(directory, name))
            for n, (names, _, _) in enumerate(cases) for name in names])
        strange = [e for e in interop.experts(path) if "sequence" not in e]
        interop.must_equal("strange to tshark", strange, [])
        rows = interop.tshark(path, "-e", "udp.srcport", *[
            word for field in fields for word in ("-e", field)])
    # The last packet of a case has what is looked for.
    last = {int(row[0]) - 40000: dict(zip(fields, row[1:])) for row in rows}
    for n, (names, field, due) in enumerate(cases):
        interop.must_equal("%s: %s" % (names[-1], field), last[n][field], due)
    print("%d vectors" % len(cases))


main()
