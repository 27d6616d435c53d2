# SPDX-License-Identifier: ISC
"""What the integration tests share: programs, captures made here, runs."""
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

TOP = sys.argv[1]
PROGRAMS = dict(arg.split("=", 1) for arg in sys.argv[2:])
PFLOWEXPORT = PROGRAMS["pflowexport"]
PFLOWDUMP = PROGRAMS["pflowdump"]
TIMEOUT = 60

# A capture of our own: 2026-01-01 00:00:00 UTC and on.
EPOCH = 1767225600


def ipv4(src, dst, proto, payload):
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 1, 0, 64,
                       proto, 0, socket.inet_aton(src),
                       socket.inet_aton(dst)) + payload


def ipv6(src, dst, proto, payload):
    return struct.pack("!IHBB16s16s", 6 << 28, len(payload), proto, 64,
                       socket.inet_pton(socket.AF_INET6, src),
                       socket.inet_pton(socket.AF_INET6, dst)) + payload


def udp(sport, dport, payload):
    return struct.pack("!HHHH", sport, dport, 8 + len(payload), 0) + payload


def tcp(sport, dport, flags, payload=b""):
    return struct.pack("!HHIIBBHHH", sport, dport, 1, 1, 5 << 4, flags, 1024,
                       0, 0) + payload


def pcap_header(linktype=101):
    """The head of a capture; 101 is raw IP."""
    return struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, linktype)


def pcap_packet(seconds, octets):
    micros = int(seconds * 1000000)
    return struct.pack("<IIII", EPOCH + micros // 1000000, micros % 1000000,
                       len(octets), len(octets)) + octets


class Capture:
    """Packets, and what they add up to."""

    def __init__(self):
        self.data = pcap_header()
        self.packets = {4: 0, 6: 0}
        self.octets = {4: 0, 6: 0}

    def add(self, seconds, packet):
        version = packet[0] >> 4
        self.data += pcap_packet(seconds, packet)
        self.packets[version] += 1
        self.octets[version] += len(packet)

    def total(self, counts, proto):
        """Of both families, or of IPv4 alone where that is all there is."""
        return counts[4] + (0 if proto == 5 else counts[6])


def mixed_capture(flows):
    """TCP with answers, UDP without, ICMP echo, IPv6: 'flows' of each."""
    c = Capture()
    for i in range(flows):
        t = i * 0.01
        a = "10.%d.%d.1" % (i >> 8 & 255, i & 255)
        c.add(t, ipv4(a, "192.0.2.1", 6, tcp(1024 + i, 443, 2)))
        c.add(t + .001, ipv4("192.0.2.1", a, 6, tcp(443, 1024 + i, 0x12)))
        c.add(t + .002, ipv4(a, "192.0.2.1", 6,
                             tcp(1024 + i, 443, 0x18, b"x" * (i % 1000))))
        c.add(t + .003, ipv4(a, "192.0.2.2", 17, udp(53000, 53, b"y" * 30)))
        c.add(t + .004, ipv4(a, "192.0.2.3", 1,
                             struct.pack("!BBHHH", 8, 0, 0, i & 0xffff, 1)))
        c.add(t + .005, ipv6("2001:db8::%x" % (i + 1), "2001:db8:1::1", 17,
                             udp(40000, 443, b"z" * 100)))
    return c


def run(program, *args, **kwargs):
    """Run to the end: (code, stdout, stderr)."""
    done = subprocess.run([program] + list(args), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=TIMEOUT, **kwargs)
    return (done.returncode, done.stdout.decode(),
            done.stderr.decode(errors="replace"))


def for_others(case, program):
    """A copy that another user may run, wherever the build is, and what its
    environment is to be: (path, env)."""
    path = os.path.join(case.dir.name, os.path.basename(program))
    os.chmod(case.dir.name, 0o777)
    for library in re.findall(r"=> (\S*libpflow\S*)", run("ldd", program)[1]):
        shutil.copy(library, case.dir.name)
    shutil.copy(program, path)
    return path, dict(os.environ, LD_LIBRARY_PATH=case.dir.name)


class Listener:
    """A pflowdump that listens on loopback."""

    def __init__(self, *args, host="127.0.0.1"):
        self.process = subprocess.Popen(
            [PFLOWDUMP] + list(args) + ["udp:%s:0" % host],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        line = self.process.stderr.readline().decode()
        self.dest = re.search(r"listening on (udp:\S+)", line).group(1)

    def end(self, sig=None):
        """(code, stdout, stderr)"""
        if sig is not None:
            self.process.send_signal(sig)
        out, err = self.process.communicate(timeout=TIMEOUT)
        return self.process.returncode, out.decode(), err.decode()


def totals(stderr):
    """The last line of pflowdump: {"flows": 1, ...}"""
    line = stderr.rstrip("\n").split("\n")[-1]
    line = re.sub(r" \(.*?\)", "", line.split(": ", 1)[1])
    found = re.findall(r"([a-z ]+?) (\d+)", line)
    return {name.strip(" ,"): int(value) for name, value in found}


class Case(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.addCleanup(self.dir.cleanup)

    def path(self, name, data=None):
        path = os.path.join(self.dir.name, name)
        if data is not None:
            with open(path, "wb") as file:
                file.write(data)
        return path

    def assert_one_line(self, text):
        self.assertEqual(text.count("\n"), 1, text)
        self.assertTrue(text.endswith("\n"), text)


def main():
    unittest.main(argv=sys.argv[:1], verbosity=2)


__all__ = [name for name in dir() if not name.startswith("_")]
