# SPDX-License-Identifier: ISC
"""pflowexport and pflowdump at work: totals agree on every road."""
import fcntl
import pty
import select

from harness import *


class Export(Case):
    def export(self, capture, dest, proto, *settings):
        """Export as JSON, check the summary against the capture."""
        path = self.path("in.pcap", capture.data)
        code, out, err = run(PFLOWEXPORT, "-j", "pcap:" + path, "dst", dest,
                             "proto", str(proto), *settings)
        self.assertEqual(code, 0, err)
        summary = json.loads(out)
        self.assertTrue(summary["sums_agree"])
        self.assertEqual(summary["packets"],
                         capture.total(capture.packets, proto))
        self.assertEqual(summary["octets"],
                         capture.total(capture.octets, proto))
        if proto == 5:
            counters = summary["counters"]["exporter"]
            self.assertEqual(counters["dropped_ipv6_in_v5_packets"],
                             capture.packets[6])
            self.assertEqual(counters["dropped_ipv6_in_v5_octets"],
                             capture.octets[6])
        self.assertIn("%s: %s" % (dest, {5: "NetFlow v5, engine 42:42",
                                         9: "NetFlow v9, domain 42",
                                         10: "IPFIX, domain 42"}[proto]), err)
        return summary

    def agree(self, summary, totals_of_dump):
        exporter = summary["counters"]["exporter"]
        self.assertEqual(totals_of_dump["flows"],
                         summary["records"] - exporter["options_records"])
        self.assertEqual(totals_of_dump["packets"], summary["packets"])
        self.assertEqual(totals_of_dump["octets"], summary["octets"])
        self.assertEqual(totals_of_dump["messages"], summary["messages"])
        self.assertEqual(totals_of_dump["lost by sequence"], 0)
        self.assertEqual(totals_of_dump["unreadable"], 0)

    def test_datagrams_arrive_with_the_same_totals(self):
        capture = mixed_capture(300)
        for proto in (5, 9, 10):
            for host in ("127.0.0.1", "[::1]"):
                with self.subTest(proto=proto, host=host):
                    listener = Listener("-j", "-t", "1", host=host)
                    summary = self.export(capture, listener.dest, proto)
                    code, out, err = listener.end()
                    self.assertEqual(code, 0)
                    self.agree(summary, totals(err))
                    flows = [json.loads(line) for line in out.splitlines()]
                    self.assertEqual(len(flows), summary["records"])
                    self.assertEqual(sum(f["octets"] for f in flows),
                                     summary["octets"])
                    self.assertEqual({f["version"] for f in flows}, {proto})

    def test_every_shape_of_record_holds_the_same_totals(self):
        capture = mixed_capture(100)
        for settings in (["template", "extended"], ["options", "yes"],
                         ["biflow", "yes"], ["nat", "yes"],
                         ["biflow", "full", "template", "extended"],
                         ["template", "extended", "options", "yes", "mtu",
                          "600"]):
            with self.subTest(settings=settings):
                path = self.path("out")
                summary = self.export(capture, "file:" + path, 10, *settings)
                code, _, err = run(PFLOWDUMP, "-c", path)
                self.assertEqual(code, 0)
                self.agree(summary, totals(err))
        listener = Listener("-c", "-t", "1")
        summary = self.export(capture, listener.dest, 9, "template",
                              "extended", "options", "yes")
        _, _, err = listener.end()
        self.agree(summary, totals(err))

    def test_a_burst_of_flows_is_paced_so_that_none_is_lost(self):
        capture = Capture()
        for i in range(20000):
            capture.add(i * 1e-5, ipv4("10.0.%d.%d" % (i >> 8, i & 255),
                                       "192.0.2.1", 17, udp(i + 1, 53, b"")))
        listener = Listener("-c", "-t", "2")
        summary = self.export(capture, listener.dest, 5)
        code, _, err = listener.end()
        self.assertEqual(code, 0)
        self.assertEqual(summary["records"], 20000)
        self.agree(summary, totals(err))

    def test_files_hold_the_same_totals(self):
        capture = mixed_capture(100)
        for proto in (5, 10):
            with self.subTest(proto=proto):
                path = self.path("out")
                summary = self.export(capture, "file:" + path, proto)
                code, out, err = run(PFLOWDUMP, "-c", path)
                self.assertEqual(code, 0, err)
                self.agree(summary, totals(err))
                self.assertEqual(len(out.splitlines()),
                                 summary["records"] + 1)
                code, again, _ = run(PFLOWDUMP, "-c", "file:" + path)
                self.assertEqual((code, again), (0, out))
                with open(path, "rb") as file:
                    code, again, _ = run(PFLOWDUMP, "-c", "-", stdin=file)
                self.assertEqual((code, again), (0, out))

    def test_the_same_capture_gives_the_same_file(self):
        capture = mixed_capture(20)
        for proto in (5, 10):
            files = []
            for name in ("a", "b"):
                self.export(capture, "file:" + self.path(name), proto)
                with open(self.path(name), "rb") as file:
                    files.append(file.read())
            self.assertEqual(files[0], files[1])

    def test_messages_flow_through_a_pipe(self):
        path = self.path("in.pcap", mixed_capture(50).data)
        for proto in ("5", "10"):
            source = subprocess.Popen(
                [PFLOWEXPORT, "pcap:" + path, "dst", "file:-", "proto", proto],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            code, out, err = run(PFLOWDUMP, "-q", "-j", "-",
                                 stdin=source.stdout)
            source.stdout.close()
            summary = source.stderr.read().decode()
            source.stderr.close()
            self.assertEqual(source.wait(), 0)
            self.assertEqual((code, err), (0, ""))
            self.assertIn("sums agree", summary)
            # TCP both ways, UDP, ICMP; IPv6 where it can go.
            self.assertEqual(len(out.splitlines()),
                             200 if proto == "5" else 250)

    def messages(self, proto):
        """The messages of a file, one by one."""
        path = self.path("out")
        summary = self.export(mixed_capture(100), "file:" + path, proto)
        with open(path, "rb") as file:
            data = file.read()
        found = []
        while data:
            version, length = struct.unpack("!HH", data[:4])
            if version == 5:
                length = 24 + 48 * length
            found.append(data[:length])
            data = data[length:]
        return summary, found

    def test_captured_exports_hold_the_same_totals(self):
        frames = {
            101: lambda ip: ip,
            1: lambda ip: b"\0" * 12 + b"\x08\x00" + ip,
            113: lambda ip: b"\0" * 14 + b"\x08\x00" + ip,
            0: lambda ip: b"\x02\0\0\0" + ip,
        }
        for proto in (5, 10):
            summary, found = self.messages(proto)
            for linktype, frame in frames.items():
                with self.subTest(proto=proto, linktype=linktype):
                    data = pcap_header(linktype)
                    for message in found:
                        data += pcap_packet(0, frame(ipv4(
                            "192.0.2.1", "192.0.2.2", 17,
                            udp(1, 9995, message))))
                    data += pcap_packet(1, frame(ipv4(
                        "192.0.2.1", "192.0.2.2", 17, udp(1, 53, b"dns"))))
                    code, _, err = run(PFLOWDUMP, "-c",
                                       self.path("cap", data))
                    self.assertEqual(code, 0, err)
                    got = totals(err)
                    self.assertEqual(got.pop("unreadable"), 1)
                    self.agree(summary, dict(got, unreadable=0))

    def test_a_lost_message_shows_in_the_totals(self):
        for proto in (5, 10):
            _, found = self.messages(proto)
            data = b"".join(found[:2] + found[3:])
            code, _, err = run(PFLOWDUMP, self.path("cut", data))
            self.assertEqual(code, 0, err)
            self.assertGreater(totals(err)["lost by sequence"], 0)

    def test_icmp_shows_type_and_code(self):
        capture = Capture()
        capture.add(0, ipv4("10.0.0.1", "10.0.0.2", 1,
                            struct.pack("!BBHI", 3, 1, 0, 0) + b"\0" * 28))
        for proto in (5, 10):
            path = self.path("out")
            self.export(capture, "file:" + path, proto)
            _, out, _ = run(PFLOWDUMP, path)
            self.assertIn(" 10.0.0.2:3.1 ", out)
            self.assertIn("2026-01-01 00:00:00.000", out)

    def test_pflowdump_ends_after_count_flows(self):
        path = self.path("out")
        self.export(mixed_capture(50), "file:" + path, 10)
        code, out, err = run(PFLOWDUMP, "-c", "-n", "7", path)
        self.assertEqual(code, 0)
        self.assertEqual(len(out.splitlines()), 8)
        self.assertEqual(totals(err)["flows"], 7)
        listener = Listener("-c", "-n", "7")
        self.export(mixed_capture(50), listener.dest, 10)
        code, out, _ = listener.end()
        self.assertEqual((code, len(out.splitlines())), (0, 8))

    def test_pflowdump_ends_in_good_order_on_signals(self):
        for sig in (signal.SIGINT, signal.SIGTERM):
            listener = Listener("-c")
            summary = self.export(mixed_capture(100), listener.dest, 10)
            # What has arrived before the signal is not left in the socket.
            code, out, err = listener.end(sig)
            self.assertEqual(code, 0)
            self.assertEqual(totals(err)["flows"], len(out.splitlines()) - 1)
            self.agree(summary, totals(err))

    def open_pipe(self, capture):
        """A FIFO that holds a capture and does not end."""
        path = self.path("fifo")
        os.mkfifo(path)
        fd = os.open(path, os.O_RDWR)
        fcntl.fcntl(fd, 1031, 1 << 20)  # F_SETPIPE_SZ
        os.write(fd, capture.data)
        self.addCleanup(os.close, fd)
        return path

    def test_pflowexport_exports_what_is_open_on_signals(self):
        capture = mixed_capture(20)
        path = self.open_pipe(capture)
        for proto in (10,):
            out_path = self.path("out")
            process = subprocess.Popen(
                [PFLOWEXPORT, "-j", "pcap:" + path, "dst", "file:" + out_path,
                 "proto", str(proto)], stdout=subprocess.PIPE,
                stderr=subprocess.PIPE)
            time.sleep(0.5)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=TIMEOUT)
            self.assertEqual(process.returncode, 0, err)
            summary = json.loads(out)
            self.assertTrue(summary["interrupted"])
            self.assertEqual(summary["packets"],
                             capture.total(capture.packets, 10))
            code, _, err = run(PFLOWDUMP, "-c", out_path)
            self.assertEqual(code, 0)
            self.agree(summary, totals(err))

    def on_terminal(self, *args):
        """What pflowexport prints on a terminal while a pipe stays open."""
        path = self.open_pipe(mixed_capture(20))
        master, slave = pty.openpty()
        process = subprocess.Popen(
            [PFLOWEXPORT, *args, "pcap:" + path, "dst",
             "file:" + self.path("out")], stdout=subprocess.PIPE,
            stderr=slave)
        os.close(slave)
        end = time.monotonic() + 3
        seen = b""
        while time.monotonic() < end and b"states," not in seen:
            if select.select([master], [], [], 0.1)[0]:
                seen += os.read(master, 4096)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=TIMEOUT)
        os.close(master)
        os.unlink(path)
        return seen

    def test_progress_is_shown_on_a_terminal_alone(self):
        self.assertIn(b"\033[K", self.on_terminal())
        self.assertNotIn(b"\033", self.on_terminal("-q"))
        path = self.open_pipe(mixed_capture(20))
        process = subprocess.Popen(
            [PFLOWEXPORT, "pcap:" + path, "dst", "file:" + self.path("o")],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(1.5)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=TIMEOUT)
        self.assertNotIn(b"\033", err)
        self.assert_one_line(err.decode())

    def test_a_collector_that_is_away_stops_nothing(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        summary = self.export(mixed_capture(300), "udp:127.0.0.1:%d" % port, 5)
        transport = summary["counters"]["transport"]
        self.assertGreater(transport["refused_datagrams"], 0)
        code, _, err = run(PFLOWEXPORT, "pcap:" + self.path("in.pcap"), "dst",
                           "127.0.0.1:%d" % port)
        self.assertEqual(code, 0)
        self.assertIn("last error: udp:127.0.0.1:%d" % port, err)

    def test_what_kept_records_from_being_sent_is_told_with_their_number(self):
        path = self.path("in.pcap", mixed_capture(5).data)
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:
            s.bind(("127.0.0.1", 0))  # bound, and does not listen
            dest = "tcp:127.0.0.1:%d" % s.getsockname()[1]
            code, out, err = run(PFLOWEXPORT, "-q", "pcap:" + path, "dst", dest)
        self.assertEqual((code, out), (1, ""))
        self.assert_one_line(err)
        self.assertRegex(err, r"%s: [0-9]+ records could not be sent; "
                         "last error: .*refused" % re.escape(dest))

    def test_a_full_disk_is_told_and_counted(self):
        path = self.path("in.pcap", mixed_capture(50).data)
        code, out, err = run(PFLOWEXPORT, "-jq", "pcap:" + path, "dst",
                             "file:/dev/full")
        self.assertEqual(code, 1)
        self.assertIn("No space left on device", err)
        summary = json.loads(out)
        self.assertTrue(summary["sums_agree"])
        self.assertEqual(
            summary["counters"]["exporter"]["dropped_discarded_records"],
            summary["records"])
        with open("/dev/full", "wb") as full:
            done = subprocess.run([PFLOWDUMP, "-q", self.path("none", b"")],
                                  stdout=full, stderr=subprocess.PIPE)
            self.assertEqual(done.returncode, 0)
            self.export(mixed_capture(5), "file:" + self.path("out"), 10)
            done = subprocess.run([PFLOWDUMP, self.path("out")], stdout=full,
                                  stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 1)

    def test_nothing_but_errors_when_quiet(self):
        path = self.path("in.pcap", mixed_capture(5).data)
        self.assertEqual(run(PFLOWEXPORT, "-q", "pcap:" + path, "dst",
                             "file:" + self.path("out")), (0, "", ""))

    def test_an_empty_capture_gives_an_empty_file(self):
        path = self.path("in.pcap", pcap_header())
        code, out, _ = run(PFLOWEXPORT, "pcap:" + path, "dst",
                           "file:" + self.path("out"))
        self.assertEqual(code, 0)
        self.assertIn("0 states = 0 exported + 0 counted", out)
        code, _, err = run(PFLOWDUMP, self.path("out"))
        self.assertEqual((code, totals(err)["flows"]), (0, 0))


class Garbage(Case):
    """Whatever the octets: one line, exit 0 or 1, and in time."""

    def inputs(self):
        good = mixed_capture(20).data
        yield "zeros", b"\0" * 4096
        yield "ones", b"\xff" * 4096
        yield "text", b"this is no capture\n" * 10
        yield "one octet", b"\x05"
        yield "head of a capture", good[:10]
        yield "magic alone", good[:4]
        seed = 1
        for length in (100, 5000, 70000):
            octets = bytearray()
            for _ in range(length):
                seed = (seed * 1103515245 + 12345) & 0x7fffffff
                octets.append(seed >> 16 & 255)
            yield "noise %d" % length, bytes(octets)
            yield "capture of noise %d" % length, good[:24] + bytes(octets)
            yield "messages of noise %d" % length, \
                b"\x00\x0a" + bytes(octets)
            yield "v5 of noise %d" % length, \
                b"\x00\x05\x00\x03" + bytes(octets)

    def test_pflowexport_says_in_one_line_what_is_wrong(self):
        for name, data in self.inputs():
            for kind in ("pcap", "pfsync"):
                with self.subTest(name=name, kind=kind):
                    path = self.path("in", data)
                    code, out, err = run(PFLOWEXPORT, "-q", kind + ":" + path,
                                         "dst", "file:" + self.path("out"))
                    if "not in this build" in err:
                        continue
                    self.assertIn(code, (0, 1))
                    self.assertEqual(out, "")
                    if code == 1:
                        self.assert_one_line(err)
                        self.assertIn(path, err)

    def test_pflowdump_says_in_one_line_what_is_wrong(self):
        for name, data in self.inputs():
            with self.subTest(name=name):
                path = self.path("in", data)
                code, _, err = run(PFLOWDUMP, "-qc", path)
                self.assertIn(code, (0, 1))
                if code == 1:
                    self.assertTrue(err)
                    for line in err.splitlines():
                        self.assertIn(path, line)
                    self.assertLessEqual(err.count("\n"), 2)

    def test_files_that_cannot_be_read_are_named(self):
        for path, why in ((self.path("none"), "No such file or directory"),
                          (self.dir.name, "irectory")):
            code, out, err = run(PFLOWEXPORT, "-q", "pcap:" + path, "dst",
                                 "127.0.0.1")
            self.assertEqual((code, out), (1, ""))
            self.assert_one_line(err)
            self.assertIn(path, err)
            self.assertIn(why, err)
            code, out, err = run(PFLOWDUMP, "-q", path)
            self.assertEqual((code, out), (1, ""))
            self.assert_one_line(err)
            self.assertIn(path, err)
            self.assertIn(why, err)

    def test_a_message_cut_short_is_told_after_what_could_be_read(self):
        path = self.path("in.pcap", mixed_capture(20).data)
        out_path = self.path("out")
        run(PFLOWEXPORT, "pcap:" + path, "dst", "file:" + out_path)
        with open(out_path, "rb") as file:
            data = file.read()
        code, out, err = run(PFLOWDUMP, "-qc", self.path("cut", data[:-1]))
        self.assertEqual(code, 1)
        self.assertIn("the file ends inside this message", err)
        self.assertGreater(len(out.splitlines()), 0)

    def test_damage_in_a_file_is_stepped_over(self):
        path = self.path("in.pcap", mixed_capture(100).data)
        out_path = self.path("out")
        run(PFLOWEXPORT, "pcap:" + path, "dst", "file:" + out_path)
        with open(out_path, "rb") as file:
            data = file.read()
        _, whole, _ = run(PFLOWDUMP, "-qc", out_path)
        length = struct.unpack("!HH", data[:4])[1]
        damaged = data[:length] + b"\xee" * 13 + data[length:]
        code, out, err = run(PFLOWDUMP, "-qc", self.path("bad", damaged))
        self.assertEqual(code, 1)
        self.assertEqual(out, whole)
        self.assert_one_line(err)
        self.assertIn("octet %d: no NetFlow v5 or IPFIX message begins here"
                      % length, err)

    def test_datagrams_of_noise_are_counted(self):
        listener = Listener()
        host, port = listener.dest[4:].rsplit(":", 1)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            for data in (b"", b"\0", b"hello", b"\0\x05", b"\0\x0a\0\x10",
                         b"\xff" * 1400, b"\0\x05\0\x1e" + b"\0" * 20):
                s.sendto(data, (host, int(port)))
        time.sleep(0.3)
        code, _, err = listener.end(signal.SIGTERM)
        self.assertEqual(code, 0)
        self.assertEqual(totals(err)["flows"], 0)
        self.assertEqual(totals(err)["unreadable"], 7)


main()
