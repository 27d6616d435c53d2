# SPDX-License-Identifier: ISC
"""The tap: what was sent, one to one, in captures that others read."""
import shutil
import threading

from service import *


class Receiver(threading.Thread):
    """Keeps every datagram that comes."""

    def __init__(self, case, host):
        super().__init__(daemon=True)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.socket.bind((host, 0))
        case.addCleanup(self.socket.close)
        self.port = self.socket.getsockname()[1]
        self.got = []
        self.start()

    def run(self):
        while True:
            try:
                self.got.append(self.socket.recv(65536))
            except OSError:
                return


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total


def frames(path):
    """[(from, to, payload)] of a raw IP capture; all lengths and checksums
    are right."""
    with open(path, "rb") as file:
        data = file.read()
    if data == b"":
        return []
    magic, major, minor, _, _, snap, link = struct.unpack_from("!IHHiIII",
                                                               data)
    assert (magic, major, minor, link) == (0xa1b2c3d4, 2, 4, 101)
    at, out = 24, []
    while at < len(data):
        seconds, _, caught, whole = struct.unpack_from("!IIII", data, at)
        assert caught == whole and abs(seconds - time.time()) < 3600
        packet = data[at + 16:at + 16 + caught]
        assert len(packet) == caught
        at += 16 + caught
        if packet[0] >> 4 == 4:
            assert struct.unpack_from("!H", packet, 2)[0] == len(packet)
            assert checksum(packet[:20]) == 0xffff and packet[9] == 17
            ends, body, family = packet[12:20], packet[20:], socket.AF_INET
        else:
            assert struct.unpack_from("!H", packet, 4)[0] == len(packet) - 40
            assert packet[6] == 17
            ends, body, family = packet[8:40], packet[40:], socket.AF_INET6
        sport, dport, length = struct.unpack_from("!HHH", body)
        assert length == len(body)
        pseudo = ends + struct.pack("!II", len(body), 17)
        assert checksum(pseudo + body) == 0xffff
        half = len(ends) // 2
        out.append(((socket.inet_ntop(family, ends[:half]), sport),
                    (socket.inet_ntop(family, ends[half:]), dport), body[8:]))
    return out


class Tap(ServiceCase):
    def sent(self, service, name):
        row = json.loads(self.said(service, "-j", "stats", name))
        return row["counters"]["exporter"]["messages_sent"], row["counters"][
            "transport"]

    def wait_sent(self, service, *names):
        self.said(service, "flush")
        end = time.time() + TIMEOUT
        for name in names:
            while True:
                row = json.loads(self.said(service, "-j", "stats", name))
                exporter = row["counters"]["exporter"]
                if exporter["records"] and not exporter["records_waiting"]:
                    break
                self.assertLess(time.time(), end)
                time.sleep(0.05)

    def test_the_tap_has_what_was_sent_one_to_one(self):
        _, path = self.capture()
        a, b = Receiver(self, "127.0.0.1"), Receiver(self, "::1")
        out = self.path("out.ipfix")
        taps = [self.path("tap%d.pcap" % i) for i in range(3)]
        service = self.service(
            "source \"pcap:%s\" active 0\n"
            "pflow0 dst 127.0.0.1:%d tap %s\n"
            "pflow1 dst [::1]:%d proto 10 tap %s\n"
            "pflow2 dst file:%s tap %s tap-files 1\n" % (
                path, a.port, taps[0], b.port, taps[1], out, taps[2]))
        service.wait_for("read to its end")
        self.wait_sent(service, "pflow0", "pflow1", "pflow2")
        counts = []
        for i in range(3):
            count, transport = self.sent(service, "pflow%d" % i)
            self.assertEqual((transport["tapped_messages"],
                              transport["untapped_messages"]), (count, 0))
            counts.append(count)
        self.assertEqual(service.end(), 0)
        read = [frames(tap) for tap in taps]
        for i, receiver in ((0, a), (1, b)):
            end = time.time() + TIMEOUT
            while len(receiver.got) < len(read[i]) and time.time() < end:
                time.sleep(0.05)
            self.assertEqual([f[2] for f in read[i]], receiver.got)
            self.assertEqual({f[1][1] for f in read[i]}, {receiver.port})
            self.assertEqual(len({f[0] for f in read[i]}), 1)
        with open(out, "rb") as file:
            self.assertEqual(b"".join(f[2] for f in read[2]), file.read())
        self.assertEqual(read[2][0][1], ("0.0.0.0", 4739))
        # A few may be of the end of the service.
        for i in range(3):
            self.assertGreaterEqual(len(read[i]), counts[i])
            self.read_by_others(taps[i], read[i], 5 if i == 0 else 10)

    def read_by_others(self, tap, read, version):
        _, _, err = run(PFLOWDUMP, "-c", tap)
        got = totals(err)
        self.assertEqual(got["messages"], len(read), err)
        self.assertEqual(got["lost by sequence"], 0)
        if shutil.which("tshark") is None:
            return
        code, out, err = run("tshark", "-r", tap, "-o",
                             "udp.check_checksum:TRUE", "-d", "udp.port==%d,"
                             "cflow" % read[0][1][1], "-T", "fields", "-e",
                             "cflow.version", "-e", "udp.payload", "-e",
                             "udp.checksum.status")
        self.assertEqual(code, 0, err)
        rows = [line.split("\t") for line in out.splitlines()]
        self.assertEqual([bytes.fromhex(r[1]) for r in rows],
                         [f[2] for f in read])
        self.assertEqual({(r[0], r[2]) for r in rows}, {(str(version), "1")})

    def test_files_are_bounded_and_used_in_turn(self):
        _, path = self.capture(1500)
        receiver = Receiver(self, "127.0.0.1")
        tap = self.path("tap")
        conf = "source \"pcap:%s\" active 0\npflow0 dst 127.0.0.1:%d proto " \
            "10 mtu 600 tap %s tap-size 128K tap-files 3 rate 0\n" % (
                path, receiver.port, tap)
        service = self.service(conf)
        service.wait_for("read to its end")
        self.wait_sent(service, "pflow0")
        count, transport = self.sent(service, "pflow0")
        self.assertEqual(transport["tapped_messages"], count)
        self.assertGreaterEqual(transport["tap_files"], 4)
        self.assertEqual(service.end(), 0)
        names = [tap, tap + ".1", tap + ".2"]
        self.assertEqual(sorted(n for n in os.listdir(self.dir.name)
                                if n.startswith("tap")),
                         ["tap", "tap.1", "tap.2"])
        at = (transport["tap_files"] - 1) % 3
        order = names[at + 1:] + names[:at + 1]
        kept = []
        for name in order:
            self.assertLessEqual(os.stat(name).st_size, 128 << 10)
            kept += [f[2] for f in frames(name)]
        self.assertGreater(len(kept), 350)
        # The last ones, in order, down to the very last.
        self.assertEqual(kept[-1], self.wait_last(receiver, count))
        self.assertEqual(kept, receiver.got[-len(kept):])

    def wait_last(self, receiver, count):
        end = time.time() + TIMEOUT
        while len(receiver.got) < count and time.time() < end:
            time.sleep(0.05)
        return receiver.got[-1]

    def test_a_change_and_a_restart_go_on_behind_the_last_frame(self):
        _, path = self.capture(50)
        receiver = Receiver(self, "127.0.0.1")
        tap = self.path("tap")
        conf = "source \"pcap:%s\" active 0\npflow0 dst 127.0.0.1:%d proto " \
            "10 tap %s\n" % (path, receiver.port, tap)
        service = self.service(conf)
        service.wait_for("read to its end")
        # The old road sends what it holds after the new one was opened.
        self.said(service, "-s", "0", "mtu", "700")
        self.assertEqual(service.end(), 0)
        first = frames(tap)
        self.assertGreater(len(first), 3)
        # Half a frame, as a crash leaves it.
        with open(tap, "ab") as file:
            file.write(b"\0" * 11)
        service = self.service(conf)
        service.wait_for("read to its end")
        self.assertEqual(service.end(), 0)
        both = frames(tap)
        self.assertEqual(both[:len(first)], first)
        self.wait_last(receiver, len(both))
        self.assertEqual([f[2] for f in both], receiver.got)

    def test_what_can_not_be_opened_is_told(self):
        for path, why in ((self.path("no/where"), "No such file"),
                          ("/dev/null", "is no regular file")):
            conf = self.path("c", b"pflow0 dst 127.0.0.1:9 tap " +
                             path.encode() + b"\nsandbox no\n")
            code, _, err = run(PFLOWD, "-d", "-f", conf, "-S",
                               self.path("s"))
            self.assertEqual(code, 1)
            self.assert_one_line(err)
            self.assertIn("c:1: tap %s: %s" % (path, why), err)


main()
