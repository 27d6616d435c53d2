# SPDX-License-Identifier: ISC
"""What the interop tests share: run pflowexport, stand in for a collector,
ask tshark. Programs come from the environment: PFLOWEXPORT, PFLOWDUMP."""
import collections
import os
import re
import socket
import struct
import subprocess
import sys
import threading

# The ports that tshark takes for NetFlow and IPFIX by itself.
PORTS = {5: 2055, 9: 2055, 10: 4739}
LOOPBACK = {4: "127.0.0.1", 6: "::1"}
# A flow as every tool can tell it: one direction, whole milliseconds.
Flow = collections.namedtuple(
    "Flow", "src dst sport dport protocol packets octets start_ms end_ms")


def fail(what):
    sys.exit("%s: %s" % (os.path.basename(sys.argv[0]), what))


def must_equal(what, got, due):
    if got != due:
        fail("%s: %s, expected %s" % (what, got, due))


def run(*words, ok=(0,), **more):
    """Output and errors of a command that has to end with one of `ok`."""
    done = subprocess.run(words, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False,
                          env=dict(os.environ, TZ="UTC", LC_ALL="C"), **more)
    if done.returncode not in ok:
        fail("%s ended with %d:\n%s%s" % (
            " ".join(words), done.returncode, done.stdout, done.stderr))
    return done.stdout, done.stderr


def endpoint(family, port):
    return ("[%s]:%d" if family == 6 else "%s:%d") % (LOOPBACK[family], port)


def free_port(family):
    kind = socket.AF_INET6 if family == 6 else socket.AF_INET
    with socket.socket(kind, socket.SOCK_DGRAM) as s:
        s.bind((LOOPBACK[family], 0))
        return s.getsockname()[1]


def export(source, destination, proto, *settings, ok=(0,)):
    """Run pflowexport; its summary, number by name."""
    out, err = run(os.environ["PFLOWEXPORT"], "-v", source, "dst", destination,
                   "proto", str(proto), *settings, ok=ok)
    # The first of a name counts: the facts stand above the counters.
    numbers = {}
    for name, value in re.findall(r"^([a-z0-9_.]+) +(\d+)\b", out, re.M):
        numbers.setdefault(name, int(value))
    numbers["said"] = err
    return numbers


class Receiver(threading.Thread):
    """Takes datagrams until it is stopped."""

    def __init__(self, family):
        super().__init__(daemon=True)
        kind = socket.AF_INET6 if family == 6 else socket.AF_INET
        self.socket = socket.socket(kind, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 23)
        self.socket.bind((LOOPBACK[family], 0))
        self.socket.settimeout(0.2)
        self.port = self.socket.getsockname()[1]
        self.datagrams = []
        self.over = False
        self.start()

    def run(self):
        while True:
            try:
                data, who = self.socket.recvfrom(65536)
                self.datagrams.append((who[1], data))
            except socket.timeout:
                if self.over:
                    return

    def stop(self):
        """What came; everything sent before this call is in it."""
        self.over = True
        self.join()
        self.socket.close()
        return self.datagrams


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2),
                              data[:len(data) // 2 * 2]))
    total += data[-1] << 8 if len(data) % 2 else 0
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def packet(family, sport, dport, data):
    """The IP packet that carried a datagram over loopback."""
    length = 8 + len(data)
    udp = struct.pack("!4H", sport, dport, length, 0) + data
    if family == 6:
        one = socket.inet_pton(socket.AF_INET6, LOOPBACK[6])
        pseudo = one + one + struct.pack("!2I", length, 17)
        head = struct.pack("!IHBB", 6 << 28, length, 17, 64) + one + one
    else:
        one = socket.inet_aton(LOOPBACK[4])
        pseudo = one + one + struct.pack("!BBH", 0, 17, length)
        head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 0, 0x4000, 64,
                           17, 0) + one + one
        head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    udp = udp[:6] + struct.pack("!H", checksum(pseudo + udp) or 0xffff) + \
        udp[8:]
    return head + udp


def write_pcap(path, packets):
    """Raw IP packets (LINKTYPE_RAW), a millisecond apart."""
    with open(path, "wb") as f:
        f.write(struct.pack("!IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101))
        for n, data in enumerate(packets):
            f.write(struct.pack("!4I", 1700000000 + n // 1000,
                                n % 1000 * 1000, len(data), len(data)) + data)


def tshark(path, *words):
    """Rows of fields."""
    out, _ = run("tshark", "-n", "-r", path, "-T", "fields", "-E",
                 "separator=/t", "-E", "occurrence=a", "-E", "aggregator=,",
                 *words)
    return [row.split("\t") for row in out.splitlines()]


def experts(path, *words):
    """What tshark finds strange: malformed messages, gaps in the sequence.
    The system may give a collector a port that traceroutes go to."""
    rows = tshark(path, *words, "-Y", "_ws.expert", "-e", "frame.number",
                  "-e", "_ws.expert.message")
    return ["frame %s: %s" % tuple(row) for row in rows
            if not row[1].startswith("Possible traceroute")]


def numbers_of(text):
    return [int(n, 0) for n in text.split(",") if n]


def sums_of(path, *words):
    """Records, packets and octets in the messages of a file, by tshark."""
    records = packets = octets = 0
    for some_packets, some_octets in tshark(
            path, *words, "-Y", "cflow", "-e", "cflow.packets", "-e",
            "cflow.octets"):
        counts = numbers_of(some_packets)
        records += len(counts)
        packets += sum(counts)
        octets += sum(numbers_of(some_octets))
    return records, packets, octets


def truth(path, families):
    """The TCP and UDP flows of a capture, counted from its packets by tshark,
    one for each direction of each pair of ports."""
    flows = {}
    rows = tshark(
        path, "-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE",
        "-Y", "(tcp or udp) and not icmp and not icmpv6",
        "-e", "frame.time_epoch", "-e", "ip.src", "-e", "ip.dst", "-e",
        "ipv6.src", "-e", "ipv6.dst", "-e", "ip.len", "-e", "ipv6.plen", "-e",
        "tcp.srcport", "-e", "tcp.dstport", "-e", "udp.srcport", "-e",
        "udp.dstport")
    for (when, src4, dst4, src6, dst6, len4, len6, tsport, tdport, usport,
         udport) in rows:
        family = 6 if src6 else 4
        if family not in families:
            continue
        key = (src4 or src6, dst4 or dst6, int(tsport or usport),
               int(tdport or udport), 6 if tsport else 17)
        octets = int(len6) + 40 if src6 else int(len4)
        ms = int(when.replace(".", "")[:13])
        old = flows.get(key)
        flows[key] = Flow(*key, 1, octets, ms, ms) if old is None else \
            old._replace(packets=old.packets + 1, octets=old.octets + octets,
                         end_ms=ms)
    return sorted(both_ways(flow, flows) for flow in flows.values())


def both_ways(flow, flows):
    """Start and end are those of the connection, as pflow(4) has them."""
    back = flows.get((flow.dst, flow.src, flow.dport, flow.sport,
                      flow.protocol), flow)
    return flow._replace(start_ms=min(flow.start_ms, back.start_ms),
                         end_ms=max(flow.end_ms, back.end_ms))


def with_ports(flows):
    return sorted(flow for flow in flows if flow.protocol in (6, 17))


def compare_flows(what, got, due):
    """Both sorted lists; the first difference is told."""
    if got == due:
        return
    for flow in due:
        if flow not in got:
            same = [g for g in got if g[:5] == flow[:5]]
            fail("%s: no %s, but %s" % (what, flow, same))
    fail("%s: more than there was: %s" % (
        what, [flow for flow in got if flow not in due][:3]))
