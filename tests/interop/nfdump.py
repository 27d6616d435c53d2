# SPDX-License-Identifier: ISC
"""nfdump.py CAPTURE PROTO FAMILY: nfcapd keeps what pflowexport sends, and
nfdump's totals and flows are those of the capture."""
import datetime
import sys

import collector
import interop


def milliseconds(text):
    when = datetime.datetime.strptime(text + " +0000",
                                      "%Y-%m-%d %H:%M:%S.%f %z")
    return round(when.timestamp() * 1000)


def flows_of(path):
    out, _ = interop.run("nfdump", "-r", path, "-q", "-6", "-N", "-o",
                         "fmt:%sa,%da,%sp,%dp,%pr,%pkt,%byt,%ts,%te")
    flows = []
    for row in out.splitlines():
        src, dst, sport, dport, protocol, packets, octets, start, end = [
            word.strip() for word in row.split(",")]
        if protocol in ("6", "17"):
            flows.append(interop.Flow(
                src, dst, int(sport), int(dport), int(protocol), int(packets),
                int(octets), milliseconds(start), milliseconds(end)))
    return sorted(flows)


def main():
    capture, proto, family = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with collector.Nfcapd(family) as nfcapd:
        numbers = interop.export("pcap:" + capture, "udp:" + interop.endpoint(
            family, nfcapd.port), proto)
        path = nfcapd.finish()
        got = nfcapd.totals(path)
        interop.must_equal("nfdump's totals", got,
                           {name: numbers[name] for name in got})
        interop.compare_flows("nfdump's flows", flows_of(path), interop.truth(
            capture, {4} if proto == 5 else {4, 6}))
    print("%(records)d flows, %(packets)d packets, %(octets)d octets" % got)


main()
