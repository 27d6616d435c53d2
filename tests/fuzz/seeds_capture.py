#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Make the seeds of the capture path's fuzz targets.

Findings are added by hand and stay; what this makes is overwritten.
"""
import pathlib
import struct

HERE = pathlib.Path(__file__).resolve().parent
ETHERNET, RAW, NULL, PPP, SLL, SLL2 = 1, 101, 0, 9, 113, 276
MACS = bytes.fromhex("020000000001020000000002")
A, B = bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2])
A6, B6 = b"\xfd" + bytes(14) + b"\1", b"\xfd" + bytes(14) + b"\2"


def write(target, name, data):
    directory = HERE / "seeds" / target
    directory.mkdir(parents=True, exist_ok=True)
    (directory / name).write_bytes(data)


def ip4(protocol, payload, fragment=0, options=b""):
    header = 20 + len(options)
    return struct.pack(">BBHHHBBH", 0x40 | header // 4, 0,
                       header + len(payload), 7, fragment, 64, protocol,
                       0) + A + B + options + payload


def ip6(following, payload, length=None):
    return struct.pack(">IHBB", 6 << 28,
                       len(payload) if length is None else length, following,
                       64) + A6 + B6 + payload


UDP = struct.pack(">HHHH", 1000, 53, 12, 0) + b"abcd"
TCP = struct.pack(">HHIIBBHHH", 1000, 80, 1, 0, 0x51, 0xc2, 100, 0, 0)
ECHO = struct.pack(">BBHHH", 8, 0, 0, 0x1234, 1)

FRAMES = {
    "tcp": (ETHERNET, MACS + b"\x08\0" + ip4(6, TCP)),
    "udp6": (ETHERNET, MACS + b"\x86\xdd" + ip6(17, UDP)),
    "icmp-echo": (ETHERNET, MACS + b"\x08\0" + ip4(1, ECHO)),
    "options": (RAW, ip4(17, UDP, options=b"\1\1\1\0")),
    "fragment-first": (RAW, ip4(17, UDP, 0x2000)),
    "fragment-later": (RAW, ip4(17, UDP, 0x0003)),
    "qinq": (ETHERNET, MACS + b"\x88\xa8\0\5\x81\0\0\6\x08\0" + ip4(17, UDP)),
    "mpls-labels": (ETHERNET, MACS + b"\x88\x47" + b"\0\1\0\x40" * 3 +
                    b"\0\1\1\x40" + ip6(17, UDP)),
    "pseudowire": (ETHERNET, MACS + b"\x88\x47\0\1\1\x40" + bytes(4) + MACS +
                   b"\x08\0" + ip4(17, UDP)),
    "pppoe": (ETHERNET, MACS + b"\x88\x64\x11\0\0\1\0\x22\0\x21" +
              ip4(17, UDP)),
    "snap": (ETHERNET, MACS + b"\0\x28\xaa\xaa\3\0\0\0\x08\0" + ip4(17, UDP)),
    "ppp": (PPP, b"\xff\3\0\x57" + ip6(17, UDP)),
    "null-be": (NULL, b"\0\0\0\2" + ip4(17, UDP)),
    "cooked": (SLL, bytes(14) + b"\x08\0" + ip4(6, TCP)),
    "cooked2-vlan": (SLL2, b"\x81\0" + bytes(18) + b"\0\5\x86\xdd" +
                     ip6(6, TCP)),
    "extension-headers": (RAW, ip6(0, b"\x2b\0" + bytes(6) + b"\x33\0" +
                                   bytes(6) + b"\x3c\4" + bytes(22) +
                                   b"\x2c\0" + bytes(6) +
                                   b"\x11\0\0\1\0\0\0\7" + UDP)),
    "jumbo": (RAW, ip6(0, b"\6\0\xc2\4\0\0\0\x1c" + TCP, 0)),
    "radiotap": (127, bytes.fromhex("0000090002000000208802") + bytes(24) +
                 bytes(2) + b"\xaa\xaa\3\0\0\0\x08\0" + ip4(17, UDP)),
    "ppi": (192, b"\0\0\x08\0\1\0\0\0" + MACS + b"\x08\0" + ip4(17, UDP)),
    "pflog": (117, bytes([61, 2, 0, 0]) + bytes(60) + ip4(17, UDP)),
    "802.11-one-octet": (105, b"\x88"),
}


def dissect():
    for name, (link, frame) in FRAMES.items():
        write("dissect", name, struct.pack(">HH", link, 0) + frame)
    link, frame = FRAMES["tcp"]
    write("dissect", "tcp-cut", struct.pack(">HH", link, 9) + frame[:-9])


def pcap(order, magic, link, frames, cut=0):
    out = struct.pack(order + "IHHIIII", magic, 2, 4, 0, 0, 65535, link)
    for i, f in enumerate(frames):
        out += struct.pack(order + "IIII", 1700000000 + i * 7, i,
                           len(f) - cut, len(f)) + f[:len(f) - cut]
    return out


def block(order, kind, body):
    body += bytes(-len(body) % 4)
    length = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + length + body + length


def section(order):
    return block(order, 0x0a0d0d0a, struct.pack(order + "IHHq", 0x1a2b3c4d, 1,
                                                0, -1))


def interface(order, link, options=b""):
    return block(order, 1, struct.pack(order + "HHI", link, 0, 0) + options)


def enhanced(order, number, units, f):
    return block(order, 6, struct.pack(order + "IIIII", number, units >> 32,
                                       units & 0xffffffff, len(f), len(f)) + f)


def capture_reader():
    ethernet = [f for link, f in FRAMES.values() if link == ETHERNET]
    for order, name in (("<", "little"), (">", "big")):
        write("capture_reader", "pcap-" + name,
              pcap(order, 0xa1b2c3d4, ETHERNET, ethernet))
        write("capture_reader", "pcap-ns-" + name,
              pcap(order, 0xa1b23c4d, ETHERNET, ethernet[:2]))
        resolution = struct.pack(order + "HHBxxxHHqHH", 9, 1, 9, 14, 8, -3600,
                                 0, 0)
        write("capture_reader", "pcapng-" + name,
              section(order) + interface(order, ETHERNET) +
              interface(order, RAW, resolution) +
              enhanced(order, 0, 1700000000000000, ethernet[0]) +
              block(order, 5, bytes(8)) +
              enhanced(order, 1, 1700003600 * 10**9 + 5, ip6(17, UDP)) +
              block(order, 3, struct.pack(order + "I", len(ethernet[1])) +
                    ethernet[1]))
    write("capture_reader", "pcap-snapped",
          pcap(">", 0xa1b2c3d4, ETHERNET, ethernet, 20))
    write("capture_reader", "pcap-absurd-length",
          pcap(">", 0xa1b2c3d4, ETHERNET, ethernet[:1]) + b"\xff" * 16)
    write("capture_reader", "pcapng-two-sections",
          section("<") + interface("<", ETHERNET) +
          enhanced("<", 0, 1700000000000000, ethernet[0]) + section(">") +
          interface(">", RAW) + enhanced(">", 0, 1600000000000000,
                                         ip4(6, TCP)))
    write("capture_reader", "text", b"../../default/pcap/1kxun.pcap")


def flow_table():
    def add(count, *packets):
        out = bytes([count - 1 + 40 if (count - 1) & 7 < 4 else count - 1])
        return out + b"".join(packets)

    syn, synack = b"\x10\x20\x10\1", b"\x01\x21\x10\1"
    client = [b"\x10\x01\0\1", b"\x10\x11\x10\1"]
    server = [b"\x01\x14\x10\1", b"\x01\x04\x10\1"]
    connection = syn + synack + b"".join(client + server)
    write("flow_table", "connection-twice",
          bytes([60, 15, 9]) + b"\x05" + connection + b"\x05" + connection)
    write("flow_table", "active-timeout",
          bytes([5, 15, 9]) + (b"\x04" + b"\x10\4\4\xff" * 5) * 30)
    write("flow_table", "idle-timeout",
          bytes([60, 2, 9]) + (b"\x04" + b"\x10\4\4\xff" * 5 +
                               b"\0\x10\1\x14\1") * 10)
    write("flow_table", "clock-back-and-forth",
          bytes([60, 15, 0]) + (b"\x04" + b"\x10\4\4\x10" * 5 +
                                b"\0\xff\xfe\x18" + b"\x04" +
                                b"\x21\4\x0c\x10" * 5 + b"\0\xff\xff\x18\1")
          * 8)
    many = b"".join(bytes([h & 0x77, p, w, 0]) for h in range(128)
                    for p in (0, 5, 10, 15) for w in (4, 13))
    steps = b"".join(b"\x27" + many[i:i + 160] for i in
                     range(0, len(many), 160))
    write("flow_table", "table-full", bytes([60, 15, 0]) + steps)
    write("flow_table", "never-and-never", bytes([0, 0, 5]) + steps[:900] +
          b"\0\xff\xff\x1f\1" + steps[:900])


dissect()
capture_reader()
flow_table()
