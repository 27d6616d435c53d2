# SPDX-License-Identifier: ISC
"""Wrong words: exit codes, and one line that names the word and its place."""
from harness import *

CONFIG = [
    (["foo:x", "dst", "127.0.0.1"], "argument 1: foo:x"),
    (["pcap:"], "argument 1: pcap"),
    (["pcap:x"], "dst is missing"),
    (["pcap:x", "dst"], "argument 2: dst has no value"),
    (["pcap:x", "dst", ""], "argument 3: dst ''"),
    (["pcap:x", "dst", "1.2.3.400"], "argument 3: dst '1.2.3.400'"),
    (["pcap:x", "dst", "::1"], "argument 3: dst '::1'"),
    (["pcap:x", "dst", "h:99999"], "argument 3: dst 'h:99999'"),
    (["pcap:x", "dst", "ftp://h"], "argument 3: dst 'ftp://h'"),
    (["pcap:x", "dst", "h", "mtu", "1e3"], "argument 5: mtu '1e3'"),
    (["pcap:x", "dst", "h", "mtu", "70000"], "argument 5: mtu '70000'"),
    (["pcap:x", "dst", "h", "mtu", "80"], "argument 5: mtu '80'"),
    (["pcap:x", "dst", "h", "proto", "7"], "argument 5: proto '7'"),
    (["pcap:x", "dst", "h", "domain", "-1"], "argument 5: domain '-1'"),
    (["pcap:x", "dst", "h", "hold", "1y"], "argument 5: hold '1y'"),
    (["pcap:x", "dst", "h", "dst", "h"], "argument 3: dst 'h' is given tw"),
    (["pcap:x", "mtu", "99", "mtu", "99"], "argument 4: mtu is given twice"),
    (["pcap:x", "dst", "h", "failover"], "argument 4: failover: of no use"),
    (["pcap:x", "dst", "h", "dst", "::1"], "argument 5: dst '::1'"),
    (["pcap:x", "dst", "h", "dst", "g", "all", "balance"],
     "argument 7: 'balance' is one word too many"),
    (["pcap:x", "dst", "tcp:h", "spool", ""], "argument 5: spool ''"),
    (["pcap:x", "dst", "h", "retry", "9"], "argument 5: retry: of no use"),
    (["pcap:x", "dst", "h", "colour", "red"], "argument 4: 'colour' is not"),
    (["pcap:x", "dst", "h", "spool", "d"], "argument 5: spool"),
    (["pcap:x", "dst", "h", "nat", "yes"], "argument 5: nat: of no use"),
    (["pcap:x", "dst", "h", "biflow", "half"], "argument 5: biflow 'half'"),
    (["pcap:x", "dst", "h", "tls-ca", "f"], "argument 5: tls-ca"),
    (["pcap:x", "dst", "10.0.0.1", "src", "[::1]"], "argument 5: src"),
    (["pcap:x", "dst", "h", "filter", "tcp ("], "filter"),
    (["pcap:x", "dst", "h", "memory", "1"], "argument 5: memory '1'"),
]

NORMAL = [
    (["dst", "10.0.0.2:1234"], "dst udp:10.0.0.2:1234"),
    (["proto", "10", "dst", "udp://h", "hold", "90"],
     "dst udp:h proto 10 hold 1m30s"),
    (["dst", "file:a b", "filter", "tcp or udp"],
     'dst "file:a b" filter "tcp or udp"'),
    (["failover", "spool", "d", "dst", "tcp:a", "spool-size", "1024M", "dst",
      "tls:b:1"], "dst tcp:a dst tls:b:1 failover spool d spool-size 1G"),
    (["dst", "a", "balance", "dst", "b"], "dst udp:a dst udp:b balance"),
    (["dst", "[2001:db8::1]", "memory", "1048576K"],
     "dst udp:[2001:db8::1] memory 1G"),
]


class Words(Case):
    def test_wrong_settings_are_refused_by_name_and_place(self):
        for args, text in CONFIG:
            with self.subTest(args=args):
                code, out, err = run(PFLOWEXPORT, *args)
                self.assertEqual((code, out), (3, ""), err)
                self.assert_one_line(err)
                self.assertIn(text, err)
                # Arguments are counted as the shell does.
                code, _, err = run(PFLOWEXPORT, "-n", *args)
                self.assertEqual(code, 3)
                place = re.match(r"argument (\d+)", text)
                if place:
                    self.assertIn("argument %d:" % (int(place[1]) + 1), err)

    def test_wrong_options_are_refused_as_usage(self):
        for program, args in ((PFLOWEXPORT, []), (PFLOWEXPORT, ["-x"]),
                              (PFLOWEXPORT, ["--json"]), (PFLOWDUMP, []),
                              (PFLOWDUMP, ["-x"]), (PFLOWDUMP, ["a", "b"]),
                              (PFLOWDUMP, ["-n", "0", "x"]),
                              (PFLOWDUMP, ["-n", "x", "x"]),
                              (PFLOWDUMP, ["-t", "soon", "x"]),
                              (PFLOWDUMP, ["-n"])):
            with self.subTest(program=program, args=args):
                code, out, err = run(program, *args)
                self.assertEqual((code, out), (2, ""))
                self.assert_one_line(err)

    def test_wrong_addresses_to_listen_on_are_refused(self):
        for word in ("udp:", "udp:127.0.0.1", "udp:127.0.0.1:99999", "tcp:h:1",
                     "udp:::1:2055", "udp:" + "h" * 2000):
            with self.subTest(word=word):
                code, out, err = run(PFLOWDUMP, word)
                self.assertEqual((code, out), (3, ""))
                self.assert_one_line(err)
        code, _, err = run(PFLOWDUMP, "-q", "udp:192.0.2.1:2055")
        self.assertEqual(code, 1)
        self.assert_one_line(err)

    def test_standard_input_that_is_closed_is_an_error(self):
        for program, args in (
                (PFLOWEXPORT, ["-q", "pcap:-", "dst", "file:/dev/null"]),
                (PFLOWEXPORT, ["-q", "pfsync:-", "dst", "file:/dev/null"]),
                (PFLOWEXPORT, ["-q", "pf:-", "dst", "file:/dev/null"]),
                (PFLOWDUMP, ["-q", "-"])):
            with self.subTest(program=program, args=args):
                code, out, err = run(program, *args,
                                     preexec_fn=lambda: os.close(0))
                self.assertEqual((code, out), (1, ""))
                self.assert_one_line(err)
                self.assertIn("Bad file descriptor", err)

    def test_standard_output_that_is_closed_is_an_error(self):
        code, _, err = run(PFLOWEXPORT, "-V", preexec_fn=lambda: os.close(1))
        self.assertEqual(code, 1)
        self.assert_one_line(err)
        self.assertIn("standard output", err)

    def test_check_alone_touches_nothing(self):
        code, out, err = run(PFLOWEXPORT, "-n", "pcap:/no/such/file", "dst",
                             "file:" + self.path("out"))
        self.assertEqual((code, out, err), (0, "", ""))
        self.assertFalse(os.path.exists(self.path("out")))

    def test_normal_form_means_the_same(self):
        for args, normal in NORMAL:
            code, out, err = run(PFLOWEXPORT, "-nv", "pcap:x", *args)
            self.assertEqual((code, err), (0, ""))
            self.assertEqual(out, "pcap:x " + normal + "\n")

    def test_control_characters_never_reach_the_terminal(self):
        code, _, err = run(PFLOWEXPORT, "pcap:\033[2Jx", "dst", "h\033[2J")
        self.assertEqual(code, 3)
        self.assertNotIn("\033", err)
        code, _, err = run(PFLOWEXPORT, "pcap:\033[2Jx", "dst", "h")
        self.assertNotIn("\033", err)

    def test_versions_name_what_the_build_has(self):
        code, out, _ = run(PFLOWEXPORT, "-V")
        self.assertEqual(code, 0)
        for word in ("libpflow", "pcap:", "pfsync:", "conntrack:", "udp:",
                     "tls:", "file:"):
            self.assertIn(word, out)
        code, out, _ = run(PFLOWDUMP, "-V")
        self.assertEqual(code, 0)
        self.assertIn("libpflow", out)


main()
