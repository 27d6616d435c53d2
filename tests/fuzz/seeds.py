#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Make the seeds of the codec's fuzz targets from tests/vectors.

Findings are added by hand and stay; what this makes is overwritten.
"""
import pathlib
import struct

HERE = pathlib.Path(__file__).resolve().parent
VECTORS = HERE.parent / "vectors"
FLOW4 = bytes.fromhex("c0000201c63364020000000100000002000000000000000a"
                      "00000000000005dc0000018bcfe554780000018bcfe56418"
                      "c00001bb0006")


def vector(name):
    lines = (VECTORS / (name + ".hex")).read_text().splitlines()
    return bytes.fromhex("".join(l for l in lines if not l.startswith("#")))


def write(target, name, data):
    directory = HERE / "seeds" / target
    directory.mkdir(parents=True, exist_ok=True)
    (directory / name).write_bytes(data)


def session(how, *messages):
    """Input of fuzz_decoder: how to set up, then messages with lengths."""
    out = bytes([how])
    for m in messages:
        out += struct.pack(">H", len(m)) + m
    return out


def ipfix(sequence, *sets, domain=7):
    body = b"".join(struct.pack(">HH", i, len(b) + 4) + b for i, b in sets)
    return struct.pack(">HHIII", 10, len(body) + 16, 1700000000, sequence,
                       domain) + body


def v9(sequence, *sets):
    body = b"".join(struct.pack(">HH", i, len(b) + 4) + b for i, b in sets)
    return struct.pack(">HHIIII", 9, 1, 1000000, 1700000000, sequence,
                       7) + body


def decoder():
    names = sorted(p.stem for p in VECTORS.glob("*.hex")
                   if not p.stem.startswith("pfsync"))
    for name in names:
        write("decoder", name, session(8, vector(name)))
    write("decoder", "all-vectors-one-session",
          session(8, *[vector(n) for n in names]))
    pflow = [vector("ipfix-pflow-" + n)
             for n in ("templates", "flow4-2rec", "flow6-1rec")]
    write("decoder", "pflow-session", session(0, *pflow))
    write("decoder", "pflow-session-small-store", session(2, *pflow))
    write("decoder", "pflow-session-no-store", session(1, *pflow))
    write("decoder", "sink-stops", session(16 | 8, *pflow))
    small = bytes.fromhex("012c0003000800040004000100010004")
    data = bytes.fromhex("c00002011100000064")
    write("decoder", "redefinition", session(
        8, ipfix(0, (2, small), (300, data)),
        ipfix(1, (2, bytes.fromhex("012c0002000800040001ffff")),
              (300, bytes.fromhex("c000020102abcd")))))
    write("decoder", "store-full-and-compacted", session(
        2, *[ipfix(0, (2, bytes.fromhex("%04x000200080004%04x0004"
                                        % (256 + i % 3, i))))
             for i in range(1, 30)]))
    write("decoder", "many-domains", session(
        3, *[ipfix(0, domain=i * 244002641 & 0xffffffff) for i in range(20)]))
    write("decoder", "sequence-gap-late-restart", session(
        0, pflow[0], *[ipfix(s, (256, FLOW4), domain=42)
                       for s in (0, 1, 9, 5, 10, 4000000000, 0)]))
    write("decoder", "boot-time-in-options", session(
        8, ipfix(0, (3, bytes.fromhex("0190000200010095000400a00008")),
                 (400, bytes.fromhex("000000070000018bcfd625c0")),
                 (2, bytes.fromhex("012c0003000800040016000400150004")),
                 (300, bytes.fromhex("c0000201000f2eb8000f3e58")))))
    write("decoder", "v9-zero-length-field", session(
        8, v9(0, (0, bytes.fromhex("012c0003000800040004000000010004")),
              (300, bytes.fromhex("c000020100000064")))))
    write("decoder", "variable-length-three-forms", session(
        8, ipfix(0, (2, bytes.fromhex("012c00020060ffff00080004")),
                 (300, bytes.fromhex("00c000020103646e73c0000202ff00036162"
                                     "63c0000203")))))


def v5():
    write("v5", "one-record-sampled", vector("netflow-v5-1rec"))
    write("v5", "pflow-both-ways", vector("netflow-v5-pflow-2rec"))
    one = bytearray(vector("netflow-v5-1rec"))
    for name, uptime, first, last in (
            ("wrap-during-flow", 5000, 0xfffffc18, 3000),
            ("wrap-after-flow", 60000, 0xffff159f, 0xffff3caf),
            ("last-ahead-of-uptime", 1000000, 1000000, 1000999),
            ("last-too-far-ahead", 1000000, 1000000, 1100001),
            ("first-after-last", 1000, 1001, 1000)):
        one[4:8] = struct.pack(">I", uptime)
        one[48:56] = struct.pack(">II", first, last)
        write("v5", name, bytes(one))
    one[62] = 1
    write("v5", "icmp", bytes(one))


def frame():
    a, b = vector("ipfix-template-2rec"), vector("ipfix-biflow")
    write("frame", "two-messages", b"\x00" + a + b)
    write("frame", "in-pieces-of-7", b"\x07" + a + b + a)
    write("frame", "rubbish-between", b"\x20" + a + b"\x5a" * 50 + b)
    write("frame", "octet-lost", b"\x00" + a[:100] + a[101:] + b + a)
    write("frame", "version-everywhere", b"\x03" + b"\x00\x0a" * 60 + b)


def state(how, more, packets=b"\x0a\x08", octets=b"\x64\xc8"):
    """One state of fuzz_roundtrip; see make_state()."""
    return (bytes([how, more]) + b"\xc0\x00\x01\xbb" + packets[:1] +
            octets[:1] + packets[1:] + octets[1:] + b"\x08\x00\x00\x00" +
            b"\x10\x1b\x12\x00\x01\x00\x02" + b"\x00\x0f\x42\x40" +
            b"\x00\x3b\x9a\xca\x00")


def roundtrip():
    def begin(how, more, mtu=1376):
        return (bytes([how, more]) + struct.pack(">H", mtu) +
                b"\x00\x0e\x8d\x4a\x51\x00" + b"\x05\x54\x30\x48\x1b\x00\x00")

    feed4, feed6 = b"\x00" + state(0, 0), b"\x00" + state(1, 0)
    icmp, udp = b"\x00" + state(8, 0), b"\x00" + state(4, 0)
    wait = b"\x03\xff\x2b\xff\xff\xff\xff\xff"
    for version, name in ((0, "v5"), (1, "ipfix")):
        write("roundtrip", name + "-mixed-traffic", begin(version | 2, 0xc8) +
              (feed4 + feed6 + icmp + udp + wait + b"\x0e") * 8)
        write("roundtrip", name + "-sink-refuses", begin(version | 2, 0, 60) +
              feed4 * 30 + b"\x04" + feed4 * 5)
        write("roundtrip", name + "-messages-lost", begin(version | 2, 0xc0) +
              (feed4 + b"\x06\x05" + feed4 + b"\x06\x04") * 10)
        write("roundtrip", name + "-wall-clock-steps", begin(version, 0xc0) +
              (feed4 + b"\x09\x00\x10\x00\x00\x00\x00\x00" + feed4) * 5)
        write("roundtrip", name + "-octets-over-32-bits", begin(version, 0xc0)
              + b"\x00" + bytes([0, 0x5a]) + b"\xc0\x00\x01\xbb" +
              b"\x07" * 60 + feed4)
        write("roundtrip", name + "-budget-one-octet-short",
              begin(version | 2, 0xc0, 57 if version else 47) + feed4 * 6)
        write("roundtrip", name + "-mtu-falls", begin(version | 2, 0xc0) +
              feed4 * 6 + b"\x08\x01\x00" + feed4 * 6)
    write("roundtrip", "ipfix-new-sessions", begin(1 | 16, 0xc8) +
          (feed4 + b"\x07" + feed6 + b"\x06\x04") * 6)
    write("roundtrip", "ipfix-templates-refreshed", begin(1, 0xcc) + b"\x02" +
          (feed4 + b"\x06\x11\x04") * 8)


def plan(how, more, *fields, states=b""):
    """Input of fuzz_planned: settings, fields as (index, length), steps."""
    out = bytes([how, more])
    if not more & 32:
        out += bytes([len(fields) - 1])
        for which, length in fields:
            out += bytes([which, length])
    return out + states


def planned():
    def one(how, more, present=0x01ff):
        big = 1 + (more >> 1 & 7)
        return (b"\x00" + bytes([how, more]) + b"\xc0\x00\x01\xbb" +
                struct.pack(">H", present) + b"\x0a" * big + b"\x08" +
                b"\x64" * big + b"\xc8" + b"\xb8" * (present >> 1 & 1) +
                b"\x00\x0f\x42\x40\x00\x3b\x9a\xca")

    mixed = b"".join(one(how, more) for how in range(0, 128, 9)
                     for more in (0, 6, 0x86)) + b"\x06\x25\x07\x00\x00"
    every = [(i, 0) for i in range(59)]
    for version, name in ((0, "ipfix"), (1, "v9")):
        write("planned", name + "-standard", plan(version, 32, states=mixed))
        write("planned", name + "-all-elements",
              plan(version, 0, *every, states=mixed))
        write("planned", name + "-reduced-sizes",
              plan(version, 0, (0, 203), (1, 202), (5, 200), (5, 199),
                   (8, 200), (26, 199), states=mixed))
        write("planned", name + "-nat-events",
              plan(version | 8, 32, states=mixed + one(0x80, 0x80)))
        write("planned", name + "-options",
              plan(version | 8 | 16 | 64, 32, states=mixed))
        write("planned", name + "-new-sessions",
              plan(version | 8 | 16, 0, (7, 0), (10, 0), (14, 0), (15, 0),
                   (0, 0), states=(one(0, 0) + one(1, 0) + b"\x07") * 4))
        write("planned", name + "-new-session-many-templates",
              plan(version | 8, 0, *every, states=b"".join(
                  one(how, 0) for how in range(16)) + b"\x07" + one(0, 0)))
    write("planned", "ipfix-biflow-counters", plan(2, 32, states=mixed))
    write("planned", "ipfix-biflow-full",
          plan(4, 0, (7, 0), (10, 0), (5, 0), (3, 0), (0, 0), (1, 0),
               states=mixed))
    write("planned", "ipfix-values-of-the-caller",
          plan(128, 0, (250, 0), (251, 4), (7, 0), (252, 0), (255, 255),
               states=mixed))
    write("planned", "ipfix-no-addresses",
          plan(0, 0, (0, 0), (3, 0), states=mixed))
    write("planned", "ipfix-nothing-known", plan(0, 0, (16, 0), states=mixed))
    write("planned", "refused-length", plan(0, 0, (7, 203), states=mixed))


decoder()
v5()
frame()
roundtrip()
planned()
