# SPDX-License-Identifier: ISC
"""messages.py CAPTURE PROTO FAMILY [SETTING VALUE]...: what pflowexport sends to a collector of
this address family, seen by tshark: nothing malformed, no gap in the
sequence, sums and flows as in the capture."""
import datetime
import os
import sys
import tempfile

import interop

FIELDS = ("cflow.srcaddr", "cflow.dstaddr", "cflow.srcaddrv6",
          "cflow.dstaddrv6", "cflow.srcport", "cflow.dstport",
          "cflow.protocol", "cflow.packets", "cflow.octets")
# v5 tells times since the boot, and when that was in its header.
TIMES = {5: ("cflow.timestart", "cflow.timeend", "cflow.sysuptime",
             "cflow.unix_secs", "cflow.unix_nsecs"),
         10: ("cflow.abstimestart", "cflow.abstimeend")}


def milliseconds(text):
    """tshark's "Nov 23, 2026 21:14:13.068000000 UTC"."""
    day, clock = text.rsplit(" ", 1)[0].rsplit(" ", 1)
    seconds, fraction = clock.split(".")
    when = datetime.datetime.strptime(
        " ".join(day.split()) + " " + seconds + " +0000",
        "%b %d, %Y %H:%M:%S %z")
    return int(when.timestamp()) * 1000 + int(fraction[:3])


def absolute(text):
    """Not every comma is one between dates."""
    parts = text.split(",")
    return [milliseconds(parts[n] + "," + parts[n + 1])
            for n in range(0, len(parts) - 1, 2)]


def since_boot(text, uptime, seconds, nanoseconds):
    boot = int(seconds) * 1000 + int(nanoseconds) // 1000000 - int(
        uptime.replace(".", "")[:-6])
    return [boot + int(t.replace(".", "")[:-6]) for t in text.split(",")]


def times_of(columns):
    if len(columns) == 2:
        return [absolute(text) for text in columns]
    return [since_boot(text, *columns[2:]) for text in columns[:2]]


def flows_of(path, proto):
    """Every record of every message. A message of ours carries one family."""
    flows = []
    for row in interop.tshark(path, "-Y", "cflow", *[
            w for f in FIELDS + TIMES[proto] for w in ("-e", f)]):
        src4, dst4, src6, dst6 = row[:4]
        if not src4 and not src6:
            continue
        columns = [(src4 or src6).split(","), (dst4 or dst6).split(",")]
        columns += [interop.numbers_of(text) for text in row[4:9]]
        columns += times_of(row[9:])
        if len({len(column) for column in columns}) != 1:
            interop.fail("columns of different length: %s" % row)
        flows += [interop.Flow(*values) for values in zip(*columns)]
    return flows


def check_sizes(datagrams, family):
    for _, data in datagrams:
        size = len(data) + 8 + (40 if family == 6 else 20)
        if size > 1500:
            interop.fail("a packet of %d octets" % size)


def check_the_oracle(path, datagrams, family, proto):
    """tshark does notice a message that is missing, one with records."""
    at = {5: 16, 9: 12, 10: 8}[proto]
    numbers = [data[at:at + 4] for _, data in datagrams]
    gone = next(i for i in [*range(2, len(numbers) - 1), 1]
                if numbers[i] != numbers[i + 1])
    interop.write_pcap(path, [
        interop.packet(family, sport, interop.PORTS[proto], data)
        for sport, data in datagrams[:gone] + datagrams[gone + 1:]])
    if not interop.experts(path):
        interop.fail("tshark overlooks a gap in the sequence")


def check_flows(path, numbers):
    """Sums always; flows where no message of ours mixes families. Settings
    may add records that are no flows: then packets and octets have to do."""
    capture, proto, plain = sys.argv[1], int(sys.argv[2]), not sys.argv[4:]
    records, *sums = interop.sums_of(path)
    interop.must_equal("packets, octets", sums,
                       [numbers["packets"], numbers["octets"]])
    if not plain:
        return
    interop.must_equal("records", records, numbers["records"])
    if proto in TIMES:
        interop.compare_flows(
            "flows", interop.with_ports(flows_of(path, proto)),
            interop.truth(capture, {4} if proto == 5 else {4, 6}))


def main():
    capture, proto, family = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    receiver = interop.Receiver(family)
    numbers = interop.export("pcap:" + capture, "udp:" + interop.endpoint(
        family, receiver.port), proto, *sys.argv[4:])
    datagrams = receiver.stop()
    check_sizes(datagrams, family)
    with tempfile.TemporaryDirectory() as work:
        path = os.path.join(work, "messages.pcap")
        interop.write_pcap(path, [
            interop.packet(family, sport, interop.PORTS[proto], data)
            for sport, data in datagrams])
        interop.must_equal("strange to tshark", interop.experts(path), [])
        interop.must_equal("messages", len(datagrams), numbers["messages"])
        check_flows(path, numbers)
        if len(datagrams) > 3:
            check_the_oracle(path, datagrams, family, proto)
    print("%d messages, %d records, %d packets, %d octets" % (
        len(datagrams), numbers["records"], numbers["packets"],
        numbers["octets"]))


main()
