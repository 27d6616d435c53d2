# SPDX-License-Identifier: ISC
"""examples.py DIR CAPTURE: what the examples send arrives at nfcapd."""
import os
import sys

import collector
import interop

# Program, what it is told before the port, flows, packets, octets.
CASES = [
    ("encode_v5", ["127.0.0.1", "%d"], (2, 18, 10500)),
    ("encode_ipfix", ["127.0.0.1", "%d"], (4, 24, 11124)),
    ("pcap_to_udp", [None, "127.0.0.1:%d"], (59, 975, 820036)),
]


def main():
    directory, capture = sys.argv[1:3]
    for name, words, due in CASES:
        with collector.Nfcapd(4) as nfcapd:
            interop.run(os.path.join(directory, name), *[
                capture if word is None else word.replace(
                    "%d", str(nfcapd.port)) for word in words])
            got = nfcapd.totals(nfcapd.finish())
            interop.must_equal(name, tuple(got.values()), due)
    print("%d examples" % len(CASES))


main()
