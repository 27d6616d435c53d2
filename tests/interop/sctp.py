# SPDX-License-Identifier: ISC
"""sctp.py CAPTURE FAMILY ROAD COLLECTOR WORD... [-- SETTING VALUE...]: pflowexport to a
collector over SCTP: the collector has every message, and tshark, which sees
all packets, finds no error of SCTP or IPFIX. ROAD is udp (a relay in between
notes the packets), ip, or system, which is the SCTP of a system that has it at
both ends, without a COLLECTOR. The last two need root: they go into a network
namespace of their own."""
import os
import re
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import interop

SKIP = 77
SCTP = 132
ENCAP = 9899  # tshark knows it by itself
CHECKED = ("-o", "sctp.checksum:CRC 32c")
INIT, INIT_ACK, SHUTDOWN, SHUTDOWN_ACK, SHUTDOWN_COMPLETE = 1, 2, 7, 8, 14
COOKIE_ECHO, COOKIE_ACK, ABORT, ERROR = 10, 11, 6, 9


class Relay(threading.Thread):
    """Between the exporter and the collector: notes what goes by."""

    def __init__(self, family, port):
        super().__init__(daemon=True)
        kind = socket.AF_INET6 if family == 6 else socket.AF_INET
        self.family, self.packets, self.over = family, [], False
        self.near = socket.socket(kind, socket.SOCK_DGRAM)
        self.near.bind((interop.LOOPBACK[family], 0))
        self.port = self.near.getsockname()[1]
        self.far = socket.socket(kind, socket.SOCK_DGRAM)
        self.far.connect((interop.LOOPBACK[family], port))
        self.start()

    def run(self):
        exporter = None
        ready = selectors.DefaultSelector()
        ready.register(self.near, selectors.EVENT_READ)
        ready.register(self.far, selectors.EVENT_READ)
        while not self.over:
            for key, _ in ready.select(0.1):
                if key.fileobj is self.near:
                    data, exporter = self.near.recvfrom(65536)
                    self.note(exporter[1], ENCAP, data)
                    self.far.send(data)
                    continue
                data = self.far.recv(65536)
                self.note(ENCAP, exporter[1], data)
                self.near.sendto(data, exporter)

    def note(self, sport, dport, data):
        self.packets.append(interop.packet(self.family, sport, dport, data))

    def stop(self, path):
        self.over = True
        self.join()
        interop.write_pcap(path, self.packets)


class Capture:
    """All packets of loopback."""

    def __init__(self, path):
        self.dumper = subprocess.Popen(
            ["dumpcap", "-q", "-i", "lo", "-w", path],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        # "File: ..." comes when it listens.
        for line in self.dumper.stderr:
            if line.startswith("File"):
                break

    def stop(self, _):
        # What it has not yet read from the kernel would be lost.
        time.sleep(1)
        self.dumper.send_signal(signal.SIGINT)
        self.dumper.wait(20)


class SystemCollector(threading.Thread):
    """What sctp_collector.c does, with the system's SCTP."""

    def __init__(self, family, path):
        super().__init__(daemon=True)
        kind = socket.AF_INET6 if family == 6 else socket.AF_INET
        self.listener = socket.socket(kind, socket.SOCK_STREAM, SCTP)
        self.listener.bind((interop.LOOPBACK[family], 4739))
        self.listener.listen(1)
        self.path = path
        self.start()

    def run(self):
        one, _ = self.listener.accept()
        with open(self.path, "wb") as out:
            for data in iter(lambda: one.recv(65536), b""):
                out.write(data)
        one.close()

    def wait(self, seconds):
        self.join(seconds)
        return int(self.is_alive())


def begin_collector(words, received, family, road):
    if road == "system":
        return SystemCollector(family, received), 0
    if words[0].endswith(".js"):
        words = ["node", words[0], received]
    else:
        words = [words[0], received, interop.LOOPBACK[family], road]
    collector = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    said = collector.stdout.readline()
    found = re.match(r"port (\d+)", said)
    if not found:
        interop.fail("the collector said: %s" % said)
    return collector, int(found.group(1))


def column(path, name):
    return [n for row in interop.tshark(path, *CHECKED, "-Y", "sctp", "-e",
                                        name)
            for n in row[0].split(",") if n]


def check_chunks(path):
    """The life of one association, and all on stream 0 without a PPID."""
    kinds = [int(n) for n in column(path, "sctp.chunk_type")]
    for kind in (INIT, INIT_ACK, COOKIE_ECHO, COOKIE_ACK, SHUTDOWN,
                 SHUTDOWN_ACK, SHUTDOWN_COMPLETE):
        if kind not in kinds:
            interop.fail("no chunk of type %d in %s" % (kind, kinds))
    for kind in (ABORT, ERROR):
        if kind in kinds:
            interop.fail("a chunk of type %d in %s" % (kind, kinds))
    for name in ("sctp.data_sid", "sctp.data_payload_proto_id",
                 "sctp.data_u_bit"):
        interop.must_equal(name, {int(n, 0) for n in column(path, name)}, {0})
    # tshark's words for a checksum: 1 is good.
    interop.must_equal("checksums",
                       set(column(path, "sctp.checksum.status")), {"1"})


def check_oracle(path, packets):
    """tshark does see a wrong checksum, and a message that is missing."""
    data = [n for n, packet in enumerate(packets) if packet[28 + 12] == 0]
    broken = bytearray(packets[data[0]])
    broken[-1] ^= 1
    interop.write_pcap(path, packets[:data[0]] + [bytes(broken)])
    if not interop.experts(path, *CHECKED):
        interop.fail("tshark overlooks a wrong checksum")
    interop.write_pcap(path, packets[:data[1]] + packets[data[1] + 1:])
    if not interop.experts(path, *CHECKED):
        interop.fail("tshark overlooks a message that is missing")


def check(work, captured, received, numbers):
    _, said = interop.run(os.environ["PFLOWDUMP"], received)
    found = re.search(r"flows (\d+), packets (\d+), octets (\d+), lost by "
                      r"sequence 0, messages (\d+), unreadable 0", said)
    if not found:
        interop.fail("the collector's file: " + said)
    due = [numbers[n] for n in ("records", "packets", "octets", "messages")]
    interop.must_equal("what the collector has",
                       [int(n) for n in found.groups()], due)
    interop.must_equal("strange to tshark",
                       interop.experts(captured, *CHECKED), [])
    interop.must_equal("what tshark sees",
                       list(interop.sums_of(captured)), due[:3])
    check_chunks(captured)


def system_has_sctp():
    try:
        socket.socket(socket.AF_INET, socket.SOCK_STREAM, SCTP).close()
        return True
    except OSError:
        return False


def succeeds(*words):
    try:
        return subprocess.run(words, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL,
                              check=False).returncode == 0
    except OSError:
        return False


def may_run(road, words):
    # A system that has it would answer for the collector. Root of a container
    # may not make namespaces.
    if road in ("ip", "system"):
        return (os.geteuid() == 0 and succeeds("unshare", "-n", "true") and
                system_has_sctp() == (road == "system"))
    return not words[0].endswith(".js") or succeeds(
        "node", "-e", "require('sctp')")


def enter_namespace():
    """A network of our own: nobody else's packets, no firewall."""
    if "PFLOW_SCTP_INSIDE" in os.environ:
        interop.run("ip", "link", "set", "lo", "up")
        return
    os.environ["PFLOW_SCTP_INSIDE"] = "1"
    os.execvp("unshare", ["unshare", "-n", sys.executable, "-B"] + sys.argv)


def main():
    words, settings = sys.argv[1:], []
    if "--" in words:
        at = words.index("--")
        words, settings = words[:at], words[at + 1:]
    capture, family, road = words[0], int(words[1]), words[2]
    if not may_run(road, words[3:]):
        sys.exit(SKIP)
    if road != "udp":
        enter_namespace()
    with tempfile.TemporaryDirectory() as work:
        received = os.path.join(work, "received.ipfix")
        captured = os.path.join(work, "packets.pcap")
        watch = Capture(captured) if road != "udp" else None
        collector, port = begin_collector(words[3:], received, family, road)
        if road == "udp":
            watch = Relay(family, port)
            settings = settings + ["encap", str(watch.port)]
        numbers = interop.export("pcap:" + capture, "sctp:" + interop.endpoint(
            family, 4739), 10, *settings)
        interop.must_equal("the collector's end", collector.wait(30), 0)
        watch.stop(captured)
        check(work, captured, received, numbers)
        if road == "udp" and family == 4:
            check_oracle(os.path.join(work, "bad.pcap"), watch.packets)
    print("%d messages, %d records" % (numbers["messages"],
                                       numbers["records"]))


main()
