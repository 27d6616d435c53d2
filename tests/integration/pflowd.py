# SPDX-License-Identifier: ISC
"""pflowd and pflowctl: a service with two receivers, as people run it."""
import stat

from service import *


class Pflowd(ServiceCase):
    def test_two_receivers_get_the_same_and_the_sums_agree(self):
        capture, path = self.capture()
        a, b = Listener("-c", "-t", "1"), Listener("-c", "-t", "1")
        service = self.service(
            "source \"pcap:%s\" active 0\npflow0 dst %s\n"
            "pflow1 dst %s proto 10 domain 7\n" % (path, a.dest, b.dest))
        service.wait_for("read to its end")
        for listener, proto in ((a, 5), (b, 10)):
            _, _, err = listener.end()
            got = totals(err)
            self.assertEqual(got["packets"],
                             capture.total(capture.packets, proto))
            self.assertEqual(got["octets"],
                             capture.total(capture.octets, proto))
            self.assertEqual(got["lost by sequence"], 0)
        self.assertEqual(service.end(), 0)
        self.assertNotIn("do not agree", service.log())

    def test_a_dead_receiver_takes_nothing_from_a_living_one(self):
        # More messages than a queue holds, so that the dead one discards.
        capture, path = self.capture(1500)
        sink = socket.socket()
        self.addCleanup(sink.close)
        sink.bind(("127.0.0.1", 0))
        port = sink.getsockname()[1]  # bound, but nobody listens
        live = Listener("-c", "-t", "2")
        service = self.service(
            "source \"pcap:%s\" active 0\npflow0 dst tcp:127.0.0.1:%d proto "
            "10 mtu 600\npflow1 dst %s proto 10\n" % (path, port, live.dest))
        service.wait_for("read to its end")
        _, _, err = live.end()
        got = totals(err)
        self.assertEqual(got["packets"], capture.total(capture.packets, 10))
        self.assertEqual(got["lost by sequence"], 0)
        out = self.said(service, "-j", "stats", "pflow0")
        counters = json.loads(out)["counters"]
        exporter = counters["exporter"]
        self.assertGreater(exporter["dropped_discarded_records"], 0)
        self.assertEqual(exporter["records"], exporter["records_sent"] +
                         exporter["records_waiting"] +
                         exporter["dropped_discarded_records"])
        self.assertEqual(counters["interface"]["overflow_states"], 0)
        self.assertEqual(service.end(), 0)
        self.assertRegex(service.log(), r"pflow0: \d+ states, (\d+) records, "
                         r"0 sent, \1 discarded, 0 states overflowed")

    def test_commands_of_the_manual_page_work_as_printed(self):
        service = self.service()
        self.assertEqual(self.said(service, "-l"), "")
        self.assertEqual(self.said(service, "-c"), "pflow0\n")
        self.assertEqual(self.said(service, "-l"),
                         "pflow0: version 5 domain 42\n")
        self.assertEqual(self.said(service, "-v", "-l"),
                         "pflow0: version 5 domain 42\n"
                         "\tsocket: disconnected\n")
        # The address of the page, but one that this machine has.
        self.assertEqual(self.said(service, "-s", "pflow0", "src",
                                   "127.0.0.1", "dst", "127.0.0.2:1234"), "")
        self.assertEqual(self.said(service, "-lv"),
                         "pflow0: version 5 domain 42 src 127.0.0.1 "
                         "dst 127.0.0.2:1234\n\tsocket: connected\n")
        self.assertEqual(self.said(service, "-s", "pflow0", "proto", "10"),
                         "")
        self.assertEqual(self.said(service, "-s", "0", "domain", "7"), "")
        self.assertEqual(self.said(service, "-c"), "pflow1\n")
        self.assertEqual(self.said(service, "-l"),
                         "pflow0: version 10 domain 7 src 127.0.0.1 "
                         "dst 127.0.0.2:1234\npflow1: version 5 domain 42\n")
        row = json.loads(self.said(service, "-jl").splitlines()[0])
        self.assertEqual((row["interface"], row["version"], row["domain"],
                          row["connected"]), ("pflow0", 10, 7, True))
        self.assertEqual(self.said(service, "-d", "pflow0"), "")
        self.assertEqual(self.said(service, "-l"),
                         "pflow1: version 5 domain 42\n")
        self.assertEqual(self.said(service, "-c"), "pflow0\n")

    def test_a_version_may_change_while_the_port_is_kept(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        service = self.service("pflow0 src 127.0.0.1:%d dst 127.0.0.1:9\n" %
                               port)
        self.said(service, "-s", "pflow0", "proto", "10")
        self.assertEqual(self.said(service, "-l"),
                         "pflow0: version 10 domain 42 src 127.0.0.1:%d dst "
                         "127.0.0.1:9\n" % port)

    def test_what_cannot_be_is_refused_as_pflowctl_does(self):
        service = self.service("pflow0\n")
        none = "No such file or directory"
        self.refused(service, "pflowctl: failed to delete: " + none, "-d",
                     "pflow9")
        self.refused(service, "pflowctl: failed to set: " + none, "-s", "9",
                     "proto", "10")
        self.refused(service, "pflowctl: failed to get: " + none, "stats",
                     "pflow9")
        for args in ([], ["-l", "-c"], ["-x"], ["-l", "pflow0"], ["what"],
                     ["-s", "pflow0"], ["-d"]):
            code, out, err = service.ctl(*args)
            self.assertEqual((code, out), (1, ""))
            self.assertTrue(err.startswith(
                "usage: pflowctl [-lc] [-d id] [-s id ...] [-v]\n"), err)
        for args in (["proto", "abc"], ["proto", "65541"], ["domain", "-1"],
                     ["mtu"], ["colour", "blue"], ["src", "10.0.0.1:x:y"]):
            code, out, err = service.ctl("-s", "pflow0", *args)
            self.assertEqual((code, out), (1, ""))
            self.assert_one_line(err)
            self.assertIn(args[0], err)
        # Half of it may not be done.
        code, _, err = service.ctl("-s", "pflow0", "proto", "10", "src",
                                   "192.0.2.77", "dst", "127.0.0.1:9")
        self.assertEqual(code, 1)
        self.assertTrue(err.startswith("pflowctl: failed to set: "), err)
        self.assertEqual(self.said(service, "-l"),
                         "pflow0: version 5 domain 42\n")

    def test_nobody_answers_is_said(self):
        path = self.path("nothing")
        code, out, err = run(PFLOWCTL, "-S", path, "-l")
        self.assertEqual((code, out), (1, ""))
        self.assertEqual(err, "pflowctl: %s: No such file or directory: is "
                         "pflowd running?\n" % path)

    def test_a_broken_file_leaves_the_old_configuration(self):
        service = self.service("pflow0 dst 127.0.0.1:9 proto 10\npflow1\n")
        before = self.said(service, "-l")
        service.reload("pflow0 dst 127.0.0.1:10\n\npflow2 mtu lots\n")
        service.wait_for("%s:3: mtu 'lots': not understood, expected 68 to "
                         "65535" % service.conf)
        service.wait_for("the old configuration goes on")
        self.assertEqual(self.said(service, "-l"), before)
        # Well written, but it cannot be opened.
        service.reload("pflow0 dst 127.0.0.1:10\npflow5 src 192.0.2.77 dst "
                       "127.0.0.1:9\n")
        service.wait_for("%s:2: " % service.conf)
        self.assertEqual(self.said(service, "-l"), before)

    def test_a_reload_keeps_what_is_the_same(self):
        _, path = self.capture()
        old, new = Listener("-c", "-t", "2"), Listener("-c", "-t", "2")
        same = "source \"pcap:%s\" active 0\npflow0 dst %s proto 10\n" % (
            path, old.dest)
        service = self.service(same + "pflow1\n")
        service.wait_for("read to its end")
        self.said(service, "-c")  # pflow2, which no file names
        before = self.said(service, "-j", "stats", "pflow0")
        service.reload("# other words\n" + same + "pflow3 dst " + new.dest)
        service.wait_for("reloaded")
        self.assertEqual(service.log().count("read to its end"), 1)
        self.assertEqual(self.said(service, "-l"),
                         "pflow0: version 10 domain 42 dst %s\n"
                         "pflow2: version 5 domain 42\n"
                         "pflow3: version 5 domain 42 dst %s\n" %
                         (old.dest[4:], new.dest[4:]))
        exporter = json.loads(before)["counters"]["exporter"]
        self.assertEqual(service.end(), 0)
        self.assertIn("pflow0: %d states, %d records, %d sent" % (
            exporter["states"], exporter["records"], exporter["records"]),
            service.log())
        _, _, err = old.end()
        self.assertEqual(totals(err)["flows"], exporter["records"])
        self.assertEqual(totals(err)["lost by sequence"], 0)
        new.end(signal.SIGTERM)

    def test_templates_go_again_when_asked(self):
        _, path = self.capture(5)
        service = self.service("source \"pcap:%s\"\npflow0 dst 127.0.0.1:9 "
                               "proto 10\n" % path)
        service.wait_for("read to its end")

        def templates():
            out = self.said(service, "-j", "stats", "pflow0")
            return json.loads(out)["counters"]["exporter"][
                "template_messages"]

        before = templates()
        self.said(service, "flush")
        self.said(service, "send-template", "pflow0")
        end = time.time() + TIMEOUT
        while templates() == before and time.time() < end:
            time.sleep(0.05)
        self.assertGreater(templates(), before)

    def test_statistics_are_printed_for_people(self):
        _, path = self.capture(5)
        service = self.service("source \"pcap:%s\"\npflow0\n" % path)
        service.wait_for("read to its end")
        out = self.said(service, "stats")
        self.assertIn("pflow0: ", out)
        self.assertIn("unrouted_states", out)
        self.assertIn("source pcap:%s: ended" % path, out)

    def test_garbage_on_the_socket_is_answered_or_dropped(self):
        service = self.service("pflow0\n")
        for data in (b"\n", b"\0\0\n", b"x" * 100 + b"\n", b"set pflow0 \"\n",
                     b"\xff\xfe list\n", b"y" * 100000, b"list"):
            with socket.socket(socket.AF_UNIX) as s:
                s.settimeout(TIMEOUT)
                s.connect(service.socket)
                try:
                    s.sendall(data)
                    s.shutdown(socket.SHUT_WR)
                    answer = s.recv(1000)
                except (BrokenPipeError, ConnectionResetError):
                    answer = b""
            self.assertTrue(answer == b"" or answer.startswith(b"error "),
                            answer)
        self.assertEqual(self.said(service, "-l"),
                         "pflow0: version 5 domain 42\n")

    def test_only_user_and_group_may_control(self):
        service = self.service()
        mode = os.stat(service.socket).st_mode
        self.assertTrue(stat.S_ISSOCK(mode))
        self.assertEqual(stat.S_IMODE(mode), 0o660)
        code, _, err = run(PFLOWD, "-d", "-f", service.conf, "-S",
                           service.socket)
        self.assertEqual(code, 1)
        self.assertIn("another pflowd answers there", err)
        self.assertEqual(service.end(), 0)
        self.assertFalse(os.path.exists(service.socket))

    def test_the_file_is_checked_and_printed(self):
        path = self.path("c", b"source  pcap:x   idle 15s # a\n\n"
                         b"pflow1 proto 10 dst 127.0.0.1\n")
        self.assertEqual(run(PFLOWD, "-n", "-f", path), (0, "", ""))
        code, out, err = run(PFLOWD, "-nv", "-f", path)
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(out, "source pcap:x idle 15s\n"
                         "pflow1 dst udp:127.0.0.1 proto 10\n")
        again = self.path("again", out.encode())
        self.assertEqual(run(PFLOWD, "-nv", "-f", again), (0, out, ""))
        path = self.path("bad", b"pflow0\nsource nothing:x\n")
        code, out, err = run(PFLOWD, "-n", "-f", path)
        self.assertEqual((code, out), (3, ""))
        self.assert_one_line(err)
        self.assertTrue(err.startswith("pflowd: %s:2: " % path), err)


main()
