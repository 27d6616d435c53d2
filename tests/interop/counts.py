# SPDX-License-Identifier: ISC
"""counts.py FILE...: packets and octets in the records, plus those in the
counters of the summary, are what tshark counts as IP packets and octets, for
NetFlow v5 and IPFIX; no message is malformed, no sequence has a gap.
What is no capture is refused in one line."""
import os
import subprocess
import sys
import tempfile

import interop


def outermost(protocols, len4, len6):
    """Octets of the outermost packet, 0 if it is none: tshark names the
    protocol before it looks at the version."""
    for name in protocols.split(":"):
        if name == "ip" and len4:
            return interop.numbers_of(len4)[0]
        if name == "ipv6" and len6:
            return interop.numbers_of(len6)[0] + 40
    return 0


def ip_of(path):
    """Packets with an IP header and the octets of the outermost one."""
    lengths = [outermost(*row) for row in interop.tshark(
        path, "-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE",
        "-Y", "ip or ipv6", "-e", "frame.protocols", "-e", "ip.len", "-e",
        "ipv6.plen")]
    return sum(1 for octets in lengths if octets), sum(lengths)


def counted(numbers):
    """What the summary says was not exported, and why: IP packets alone."""
    names = [name for name in numbers if name.startswith(
        ("exporter.dropped_", "source.malformed_ip_", "source.truncated_ip_"))]
    return tuple(sum(numbers[name] for name in names if name.endswith(unit))
                 for unit in ("_packets", "_octets"))


def check(path, proto):
    with tempfile.TemporaryDirectory() as work:
        out = os.path.join(work, "out.pcap")
        receiver = interop.Receiver(4)
        numbers = interop.export("pcap:" + path, "udp:" + interop.endpoint(
            4, receiver.port), proto)
        interop.write_pcap(out, [
            interop.packet(4, sport, interop.PORTS[proto], data)
            for sport, data in receiver.stop()])
        interop.must_equal("strange to tshark", interop.experts(out), [])
        sent = interop.sums_of(out)
        interop.must_equal("sums on the wire", sent, tuple(
            numbers[n] for n in ("records", "packets", "octets")))
        packets, octets = counted(numbers)
        return sent[1] + packets, sent[2] + octets


def is_capture(path):
    done = subprocess.run(["capinfos", path], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, check=False)
    return done.returncode == 0


def check_refusal(path):
    """What is no capture is refused with one line that names it."""
    said = interop.export("pcap:" + path, "file:/dev/null", 10, ok=(1,))["said"]
    lines = [line for line in said.splitlines() if " to file:" not in line]
    if len(lines) != 1 or path not in lines[0]:
        interop.fail("%s is no capture, and pflowexport says: %s" % (
            path, said))


def main():
    for path in sys.argv[1:]:
        if not is_capture(path):
            check_refusal(path)
            print("%s: no capture" % path)
            continue
        due = ip_of(path)
        for proto in (5, 10):
            interop.must_equal("%s, proto %d: packets, octets" % (
                path, proto), check(path, proto), due)
        print("%s: %d packets, %d octets" % ((path,) + due))


main()
