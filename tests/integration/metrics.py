# SPDX-License-Identifier: ISC
"""Metrics: what Prometheus reads of a pflowd, and what hostile clients do."""
import shutil

from service import *

LINE = re.compile(r'([a-z_]+)\{((?:[a-z]+="(?:[^"\\\\]|\\\\.)*",?)+)\} '
                  r"(\d+(?:\.\d+)?)")
LABEL = re.compile(r'([a-z]+)="((?:[^"\\]|\\.)*)"')
PF_TEXT = """all tcp 203.0.113.7:51234 -> 198.51.100.9:443       ESTABLISHED:ESTABLISHED
   [1000 + 65535] wscale 7  [5000 + 65535] wscale 6
   age 00:00:01, expires in 23:59:59, 3:2 pkts, 180:120 bytes, rule 7, pflow
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


def ask(where, octets=b"GET /metrics HTTP/1.0\r\n\r\n"):
    """All that comes back, b"" if the connection breaks."""
    if isinstance(where, int):
        s = socket.create_connection(("127.0.0.1", where), timeout=TIMEOUT)
    else:
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(TIMEOUT)
        s.connect(where)
    answer = b""
    with s:
        try:
            s.sendall(octets)
            while True:
                data = s.recv(65536)
                if not data:
                    return answer
                answer += data
        except (BrokenPipeError, ConnectionResetError):
            return b""


def parse(text):
    """{(name, labels): value}; every line is what the format allows."""
    values, kinds, helps, last = {}, {}, set(), None
    for line in text.splitlines():
        if line.startswith("# HELP "):
            name, words = line.split(" ", 3)[2:]
            assert words and name not in helps, line
            helps.add(name)
        elif line.startswith("# TYPE "):
            name, kind = line.split(" ")[2:]
            assert name in helps and name not in kinds, line
            kinds[name] = kind
            last = name
        else:
            found = LINE.fullmatch(line)
            assert found, line
            assert found[1] == last, line
            key = (found[1], tuple(sorted(LABEL.findall(found[2]))))
            assert key not in values, line
            values[key] = float(found[3])
    return values, kinds


class Metrics(ServiceCase):
    def scrape(self, where):
        head, _, body = ask(where).partition(b"\r\n\r\n")
        self.assertTrue(head.startswith(b"HTTP/1.0 200 OK"), head)
        self.assertIn(b"text/plain; version=0.0.4; charset=utf-8", head)
        return parse(body.decode())

    def everything(self):
        """A configuration with all that this machine can do."""
        conf = ["source \"pcap:%s\"" % self.path("a \"b\".pcap".replace(
            "\"", "'"), mixed_capture(5).data)]
        conf.append("source pfsync:%s" % self.path("s.pcap",
                                                   pcap_header(246)))
        conf.append("source pf:%s" % self.path("t.txt", PF_TEXT.encode()))
        if os.geteuid() == 0 and sys.platform == "linux":
            conf += ["source conntrack:", "source pcap-live:lo"]
        for i, kind in enumerate(("udp", "tcp", "tls", "dtls", "sctp")):
            conf.append("pflow%d dst %s:127.0.0.1:9 proto 10" % (i, kind))
        conf.append("pflow9 dst file:%s proto 10 tap %s" % (
            self.path("out"), self.path("tap")))
        os.mkdir(self.path("spool"), 0o700)
        conf.append("pflow8 dst tcp:127.0.0.1:9 dst tcp:127.0.0.1:7 failover "
                    "spool %s" % self.path("spool"))
        # What this build or these rights do not have is left out.
        return [line for line in conf if self.works(line)]

    def works(self, line):
        code, _, err = run(PFLOWD, "-n", "-f", self.path("try",
                                                         line.encode() +
                                                         b"\nsandbox no\n"))
        if code == 0 and line.startswith("source"):
            # -n opens nothing.
            # What is cut off in its first steps is no matter of leaks.
            code, _, err = run("timeout", "-k", "5", "0.5", PFLOWD, "-d",
                               "-f", self.path("try"), "-S",
                               self.path("try.s"), env=dict(
                                   os.environ, ASAN_OPTIONS="detect_leaks=0"))
        return code in (0, 124)

    def test_every_name_is_on_the_page(self):
        service = self.service("\n".join(self.everything() + [
            "metrics " + self.path("m")]))
        values, kinds = self.scrape(self.path("m"))
        with open(TOP + "/docs/metrics.md") as file:
            page = file.read()
        rows = re.findall(r"^\| `(pflow_\w+)` \|(?: `(\w+)` \|)?", page, re.M)
        named = {(name, reason or None) for name, reason in rows}
        missing = {(name, dict(labels).get("reason"))
                   for name, labels in values} - named
        self.assertEqual(missing, set(), "not in docs/metrics.md; pflowctl -v"
                         " stats says what they are")
        self.assertGreater(len(kinds), 60)
        for name, kind in kinds.items():
            self.assertEqual(name.endswith("_total"), kind == "counter", name)
            self.assertNotIn("octets", name)
        self.assertEqual(service.end(), 0)

    def test_numbers_are_those_of_pflowctl(self):
        _, path = self.capture()
        port = free_port()
        service = self.service("source \"pcap:%s\" active 0\npflow0 dst "
                               "127.0.0.1:9\npflow3\nmetrics 127.0.0.1:%d\n" %
                               (path, port))
        service.wait_for("read to its end")
        time.sleep(0.5)
        values, _ = self.scrape(port)
        said = [json.loads(line) for line in
                self.said(service, "-j", "stats").splitlines()]

        def value(name, **labels):
            return values[name, tuple(sorted(labels.items()))]

        for row in said[:2]:
            name = row["interface"]
            exporter = row["counters"]["exporter"]
            for counter, metric in (("states", "states"),
                                    ("octets", "bytes"),
                                    ("records_sent", "records_sent")):
                self.assertEqual(value("pflow_%s_total" % metric,
                                       interface=name), exporter[counter])
            self.assertEqual(
                value("pflow_dropped_states_total", interface=name,
                      reason="ipv6_in_v5"),
                exporter["dropped_ipv6_in_v5_states"])
            self.assertEqual(
                value("pflow_dropped_states_total", interface=name,
                      reason="unrouted"),
                row["counters"]["interface"]["unrouted_states"])
        self.assertGreater(value("pflow_bytes_total", interface="pflow0"), 0)
        self.assertEqual(value("pflow_interface_info", interface="pflow0",
                               version="5", dst="udp:127.0.0.1:9"), 1)
        source = "pcap:" + path
        self.assertEqual(value("pflow_source_given_states_total",
                               source=source), said[2]["states"])
        self.assertEqual(value("pflow_source_running", source=source), 0)

    def test_curl_reads_them(self):
        if shutil.which("curl") is None:
            self.skipTest("no curl here")
        port = free_port()
        self.service("pflow0\nmetrics 127.0.0.1:%d\nmetrics %s\n" %
                     (port, self.path("m")))
        for where in (["http://127.0.0.1:%d/metrics" % port],
                      ["--unix-socket", self.path("m"),
                       "http://localhost/metrics"]):
            code, out, err = run("curl", "-fsS", *where)
            self.assertEqual((code, err), (0, ""))
            values, _ = parse(out)
            self.assertEqual(values["pflow_records_total",
                                    (("interface", "pflow0"),)], 0)
        code, out, _ = run("curl", "-s", "-I", where[0], where[1], where[2])
        self.assertIn("200 OK", out)
        code, _, _ = run("curl", "-fsS", "--unix-socket", self.path("m"),
                         "http://localhost/other")
        self.assertNotEqual(code, 0)

    def test_others_can_not_reach_them_unless_told_so(self):
        for word in ("0.0.0.0:9432", "[::]:9432", "192.0.2.1:9432"):
            path = self.path("c", ("metrics %s\n" % word).encode())
            code, _, err = run(PFLOWD, "-n", "-f", path)
            self.assertEqual(code, 3)
            self.assert_one_line(err)
            self.assertIn("c:1: '%s': others can reach it, expected a "
                          "loopback address, a path, or remote yes" % word,
                          err)
            path = self.path("c", ("metrics %s remote yes\n" % word).encode())
            self.assertEqual(run(PFLOWD, "-nv", "-f", path),
                             (0, "metrics %s remote yes\n" % word, ""))

    def test_a_reload_opens_and_closes_what_changed(self):
        a, b = free_port(), self.path("m")
        service = self.service("pflow0\nmetrics 127.0.0.1:%d\n" % a)
        self.scrape(a)
        service.reload("pflow0\nmetrics %s\n" % b)
        service.wait_for("reloaded")
        self.scrape(b)
        with self.assertRaises(ConnectionRefusedError):
            ask(a)
        service.reload("pflow0\nmetrics %s\nmetrics /nowhere/at/all\n" % b)
        service.wait_for(":3: metrics /nowhere/at/all: No such file")
        service.wait_for("the old configuration goes on")
        self.scrape(b)
        self.assertEqual(service.end(), 0)
        self.assertFalse(os.path.exists(b))

    def test_hostile_clients_do_no_harm(self):
        path = self.path("m")
        service = self.service("pflow0\nmetrics %s\n" % path)
        for octets in (b"\r\n\r\n", b"\0" * 1000, b"GET\r\n\r\n",
                       b"POST /metrics HTTP/1.0\r\nContent-Length: 9999999999"
                       b"\r\n\r\n", b"GET /" + b"a" * 100000 +
                       b" HTTP/1.1\r\n\r\n",
                       b"GET /metrics HTTP/1.1\r\n" + b"X: y\r\n" * 50000,
                       b"GET /%00%ff/../../etc/passwd HTTP/9.9\r\n\r\n",
                       b"DELETE /metrics HTTP/1.1\r\nHost: x\r\n\r\n"):
            answer = ask(path, octets + b"\r\n\r\n")
            self.assertNotIn(b"pflow_build_info", answer)
        # More than are served at once: none of them says a word.
        silent = []
        for _ in range(24):
            s = socket.socket(socket.AF_UNIX)
            self.addCleanup(s.close)
            s.settimeout(TIMEOUT)
            s.connect(path)
            silent.append(s)
        begin = time.time()
        while time.time() < begin + 1:
            self.assertEqual(self.said(service, "-l"),
                             "pflow0: version 5 domain 42\n")
        fds = len(os.listdir("/proc/%d/fd" % service.process.pid)) \
            if sys.platform == "linux" else 0
        self.assertLess(fds, 16 + 24)
        for s in silent:
            s.close()
        for _ in range(40):
            self.scrape(path)
        self.assertEqual(service.end(), 0)


main()
