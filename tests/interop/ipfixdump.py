# SPDX-License-Identifier: ISC
"""ipfixdump.py CAPTURE: what pflowexport writes to file: is read by libfixbuf
and by tshark, with the sums of the capture."""
import os
import re
import sys
import tempfile

import interop


def sums_of(path):
    out, err = interop.run("ipfixDump", "-i", path)
    if err:
        interop.fail("ipfixDump says: " + err)
    records = len(re.findall(r"^--- data record \d+", out, re.M))
    return (records,) + tuple(
        sum(int(n) for n in re.findall(r"\b%s : (\d+)" % name, out))
        for name in ("packetDeltaCount", "octetDeltaCount"))


def main():
    with tempfile.TemporaryDirectory() as work:
        path = os.path.join(work, "flows.ipfix")
        numbers = interop.export("pcap:" + sys.argv[1], "file:" + path, 10)
        due = tuple(numbers[n] for n in ("records", "packets", "octets"))
        interop.must_equal("ipfixDump's sums", sums_of(path), due)
        interop.must_equal("tshark's sums", interop.sums_of(path), due)
        interop.must_equal("strange to tshark", interop.experts(path), [])
    print("%d records, %d packets, %d octets" % due)


main()
