# SPDX-License-Identifier: ISC
"""pflowexport -T: many threads give what one gives.

Clean under ThreadSanitizer too: build with -DPFLOW_SANITIZE=thread and run
ctest -R integration-threads."""
import collections

from harness import *

BENCH_CAPTURE = PROGRAMS["capture"]
# What tells the threads apart, and not the flows.
OF_THREADS = ("domain", "engine", "engine_type", "engine_id", "exporter",
              "flow_id")


def fragments(src, dst, ident, pieces, size=800):
    """An UDP datagram in pieces; only the first has ports."""
    payload = udp(4000 + ident % 100, 53, b"x" * (size * pieces - 8))
    for i in range(pieces):
        part = payload[i * size:(i + 1) * size]
        more = 0x2000 if i + 1 < pieces else 0
        packet = bytearray(ipv4(src, dst, 17, part))
        packet[4:8] = struct.pack("!HH", ident, more | i * size // 8)
        yield bytes(packet)


def hard_capture():
    """Fragments, flows that outlive active and idle timeouts, TCP that ends,
    packets out of order, IPv6, a clock that is set back."""
    c = mixed_capture(60)
    for i in range(400):
        t = 1 + i * 0.05
        host = "10.9.%d.%d" % (i % 7, i % 11 + 1)
        for k, packet in enumerate(fragments(host, "192.0.2.9", i, 3)):
            c.add(t + k * 1e-4, packet)
        c.add(t, ipv4("10.8.0.%d" % (i % 40), "192.0.2.8", 17,
                      udp(5000, 53, b"q" * i)))
        c.add(t - 0.3, ipv6("2001:db8::%x" % (i % 9), "2001:db8:2::1", 6,
                            tcp(7000, 80, 0x18, b"z")))
        if i % 10 == 0:
            flags = (2, 0x10, 0x11, 4)[i // 10 % 4]
            c.add(t, ipv4("10.7.0.1", "192.0.2.7", 6,
                          tcp(8000 + i % 30, 80, flags)))
    # A silence, another time, and a clock that is set back.
    for t in (60, 60.5, 75, 20, 20.1, 50):
        for i in range(20):
            c.add(t + i * 1e-3, ipv4("10.6.0.%d" % i, "192.0.2.6", 17,
                                     udp(6000, 53, b"")))
    return c.data


class Threads(Case):
    def export(self, path, threads, *settings):
        """(summary, records as a multiset, domains)"""
        listener = Listener("-j", "-t", "1")
        code, out, err = run(PFLOWEXPORT, "-jT", str(threads), "pcap:" + path,
                             "dst", listener.dest, *settings)
        _, flows, said = listener.end()
        self.assertEqual(code, 0, err)
        self.assertEqual(totals(said)["lost by sequence"], 0)
        records, domains = collections.Counter(), set()
        for line in flows.splitlines():
            flow = json.loads(line)
            domains.add(flow.get("domain", flow.get("engine_id")))
            for name in OF_THREADS:
                flow.pop(name, None)
            records[json.dumps(flow, sort_keys=True)] += 1
        return json.loads(out), records, domains

    def same(self, path, threads, *settings):
        """Each number of threads; the domains of the last."""
        one, records, _ = self.export(path, 1, *settings)
        self.assertGreater(sum(records.values()), 0)
        for count in threads:
            many, spread, domains = self.export(path, count, *settings)
            self.assertEqual(records - spread, collections.Counter())
            self.assertEqual(spread - records, collections.Counter())
            self.assertTrue(many["sums_agree"])
            self.assertEqual(many["threads"], count)
            for name in ("packets", "octets", "states", "records"):
                self.assertEqual(many[name], one[name], name)
            self.assertEqual(many["counters"]["source"],
                             one["counters"]["source"])
        return domains

    def generated(self, kind, packets, flows):
        path = self.path(kind)
        subprocess.run([BENCH_CAPTURE, kind, str(packets), str(flows), path],
                       check=True)
        return path

    def test_the_shipped_capture(self):
        path = os.path.join(TOP, "examples/data/talk.pcap")
        for proto in ("5", "9", "10"):
            with self.subTest(proto=proto):
                self.same(path, (4,), "proto", proto)

    def test_fragments_timeouts_and_clocks(self):
        path = self.path("hard", hard_capture())
        for settings in (("proto", "5"), ("proto", "10"),
                         ("proto", "10", "active", "1", "idle", "2",
                          "template", "extended"),
                         ("proto", "10", "active", "0", "biflow", "yes",
                          "filter", "udp")):
            with self.subTest(settings=settings):
                self.same(path, (2, 5), *settings)

    def test_generated_captures(self):
        for kind, packets, flows in (("mix", 100000, 4000),
                                     ("worst", 60000, 20000)):
            path = self.generated(kind, packets, flows)
            for proto in ("5", "10"):
                with self.subTest(kind=kind, proto=proto):
                    domains = self.same(path, (4,), "proto", proto,
                                        "active", "300ms", "rate", "1000")
                    if proto == "10":
                        self.assertEqual(domains, {42, 43, 44, 45})

    def test_a_pipe_is_read_as_it_comes(self):
        data = hard_capture()
        listener = Listener("-c", "-t", "1")
        source = subprocess.Popen(
            [PFLOWEXPORT, "-jT", "3", "pcap:-", "dst", listener.dest],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        for at in range(0, len(data), 50000):
            source.stdin.write(data[at:at + 50000])
            source.stdin.flush()
            time.sleep(0.02)
        out, err = source.communicate(timeout=TIMEOUT)
        listener.end()
        self.assertEqual(source.returncode, 0, err)
        path = self.path("hard", data)
        one, _, _ = self.export(path, 1)
        many = json.loads(out)
        self.assertTrue(many["sums_agree"])
        self.assertEqual(many["states"], one["states"])

    def test_a_signal_ends_all_in_good_order(self):
        reader, writer = os.pipe()
        listener = Listener("-c", "-t", "1")
        source = subprocess.Popen(
            [PFLOWEXPORT, "-jT", "4", "pcap:-", "dst", listener.dest],
            stdin=reader, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        os.close(reader)
        capture = mixed_capture(100)
        os.write(writer, capture.data)
        time.sleep(0.5)
        source.send_signal(signal.SIGINT)
        out, err = source.communicate(timeout=TIMEOUT)
        os.close(writer)
        _, _, said = listener.end()
        self.assertEqual(source.returncode, 0, err)
        summary = json.loads(out)
        self.assertTrue(summary["interrupted"])
        self.assertTrue(summary["sums_agree"])
        self.assertEqual(summary["packets"],
                         summary["counters"]["source"]["ip_packets"] -
                         summary["counters"]["exporter"]
                         ["dropped_ipv6_in_v5_packets"])
        self.assertEqual(totals(said)["flows"], summary["records"])

    def test_damage_is_told_once_after_what_was_read(self):
        good = mixed_capture(200)
        path = self.path("bad", good.data + b"\xff" * 40)
        listener = Listener("-c", "-t", "1")
        code, out, err = run(PFLOWEXPORT, "-jqT", "4", "pcap:" + path, "dst",
                             listener.dest, "proto", "10")
        listener.end()
        self.assertEqual(code, 1)
        self.assert_one_line(err)
        self.assertIn(path + ": damaged", err)
        self.assertEqual(json.loads(out)["packets"],
                         sum(good.packets.values()))

    def test_a_session_that_fails_ends_all(self):
        path = self.generated("worst", 30000, 30000)
        with socket.create_server(("127.0.0.1", 0)) as server:
            source = subprocess.Popen(
                [PFLOWEXPORT, "-jT", "2", "pcap:" + path, "dst",
                 "tcp:127.0.0.1:%d" % server.getsockname()[1], "rate", "50"],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            server.accept()[0].close()
            server.accept()[0].close()
            time.sleep(0.5)
        source.send_signal(signal.SIGINT)
        out, err = source.communicate(timeout=TIMEOUT)
        self.assertEqual(source.returncode, 1, err)
        self.assertTrue(json.loads(out)["sums_agree"])

    def test_what_cannot_be_shared_is_refused(self):
        path = os.path.join(TOP, "examples/data/talk.pcap")
        states = os.path.join(TOP, "examples/data/pfsync.pcap")
        here = ["dst", "127.0.0.1"]
        for args, code, said in (
                (["-T", "0"], 2, "-T '0': expected a number from 1 to 64"),
                (["-T", "x"], 2, "-T 'x': expected"),
                (["-T", "2", "pfsync:" + states] + here, 3,
                 "cannot be read in parts, expected pcap:PATH"),
                (["-T", "2", "pcap:" + path, "dst", "file:x"], 3,
                 "dst: file: has one writer"),
                (["-T", "2", "pcap:" + path, "dst", "tcp:127.0.0.1", "spool",
                  self.dir.name], 3, "spool: it has one writer"),
                (["-T", "2", "pcap:" + path] + here +
                 ["tap", self.path("tap")], 3, "tap: it has one writer"),
                (["-T", "2", "pcap:" + path] + here +
                 ["src", "127.0.0.1:4000"], 3, "src: a port has one socket"),
                (["-T", "9", "pcap:" + path] + here + ["engine", "1:250"], 3,
                 "engine: ID 250 leaves no numbers for -T 9, expected at "
                 "most 247"),
                (["-T", "2", "pcap:" + path] + here +
                 ["proto", "10", "domain", "4294967295"], 3,
                 "expected at most 4294967294")):
            with self.subTest(args=args):
                got, out, err = run(PFLOWEXPORT, "-n", *args)
                self.assertEqual((got, out), (code, ""))
                self.assert_one_line(err)
                self.assertIn(said, err)


main()
