# SPDX-License-Identifier: ISC
"""tcp:, tls: and dtls: against peers that are not ours: openssl s_server, with
tshark looking on if it may, socat, libfixbuf's ipfixDump, and peers that do
wrong. Each wrong has an explanation in the log and the right counters."""
import concurrent.futures
import contextlib
import shutil
import threading

import pki
from harness import *

FLOWS = 40
RETRY = ["retry", "200ms"]


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def records_of(octets):
    """Data Records, by libfixbuf if it is there, else by pflowdump."""
    with tempfile.NamedTemporaryFile(suffix=".ipfix") as file:
        file.write(octets)
        file.flush()
        if shutil.which("ipfixDump"):
            code, out, err = run("ipfixDump", "-i", file.name)
            if code != 0 or err:
                raise AssertionError("ipfixDump: " + err)
            return len(re.findall(r"^--- data record \d+", out, re.M))
        code, _, err = run(PFLOWDUMP, "-c", file.name)
        if code != 0:
            raise AssertionError(err)
        return totals(err)["flows"]


class Server:
    """A TCP server in a thread: handle(connection, nth)."""

    def __init__(self, handle, buffer=None):
        self.listener = socket.socket()
        if buffer is not None:
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF,
                                     buffer)
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(8)
        self.listener.settimeout(TIMEOUT)
        self.port = self.listener.getsockname()[1]
        self.handle = handle
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        nth = 0
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                connection.settimeout(TIMEOUT)
                with contextlib.suppress(OSError):
                    self.handle(connection, nth)
                connection.close()
                nth += 1

    def close(self):
        # What is in the backlog is answered with a reset.
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(TIMEOUT)


def read_all(connection):
    data = b""
    while True:
        more = connection.recv(65536)
        if not more:
            return data
        data += more


def may_capture():
    """Has tshark the rights to look at the loopback?"""
    if not shutil.which("tshark"):
        return False
    done = subprocess.run(["tshark", "-q", "-i", "lo", "-a", "duration:0",
                           "-w", os.devnull], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, timeout=TIMEOUT)
    return done.returncode == 0


class Look:
    """tshark on the loopback."""

    def __init__(self, path, expression):
        self.path = path
        self.process = subprocess.Popen(
            ["tshark", "-i", "lo", "-f", expression, "-w", path],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for line in self.process.stderr:
            if b"Capturing on" in line:
                break
        time.sleep(.5)

    def end(self):
        time.sleep(1)
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=TIMEOUT)

    def plain(self, keys, protocol, port):
        """What was said under TLS or DTLS to the server."""
        under = {"tls": "tcp", "dtls": "udp"}[protocol]
        code, out, err = run(
            "tshark", "-r", self.path, "-o", "tls.keylog_file:" + keys, "-d",
            "%s.port==%d,%s" % (under, port, protocol), *(
                ["-q", "-z", "follow,tls,raw,0"] if protocol == "tls"
                else ["-x"]))
        if code != 0:
            raise AssertionError(err)
        if protocol == "tls":
            return b"".join(bytes.fromhex(line) for line in
                            re.findall(r"^\t?([0-9a-f]+)$", out, re.M))
        data = b""
        for block in re.findall(
                r"^Decrypted DTLS .*\n((?:[0-9a-f]{4}  .*\n)*)", out, re.M):
            said = b"".join(bytes.fromhex(line[6:53])
                            for line in block.splitlines())
            # Ends of handshakes are under DTLS too.
            if said[:4] == struct.pack("!HH", 10, len(said)):
                data += said
        return data


class Peers(Case):
    @classmethod
    def setUpClass(cls):
        cls.pem = tempfile.TemporaryDirectory()
        pki.make(cls.pem.name, "127.0.0.1")
        pki.authority(cls.pem.name, "other")
        pki.issue(cls.pem.name, "elsewhere", "collector.example")
        pki.issue(cls.pem.name, "late", "127.0.0.1", days=-1)
        pki.issue(cls.pem.name, "stranger", "127.0.0.1", ca="other")

    @classmethod
    def tearDownClass(cls):
        cls.pem.cleanup()

    def setUp(self):
        super().setUp()
        self.capture = self.path("flows.pcap", mixed_capture(FLOWS).data)

    def pem_of(self, name):
        return os.path.join(self.pem.name, name + ".pem")

    def export(self, *settings, capture=None):
        """(code, JSON, log)"""
        code, out, err = run(PFLOWEXPORT, "-j", "pcap:" + (capture or
                                                           self.capture),
                             *settings)
        return code, json.loads(out), err

    def secure(self, cert="client", ca="ca"):
        return ["tls-ca", self.pem_of(ca), "tls-cert", self.pem_of(cert)]

    def s_server(self, *args, cert="server", ca="ca", datagrams=False,
                 name=""):
        """(process, port, file of what it reads, file of keys)"""
        port = free_port(socket.SOCK_DGRAM if datagrams
                         else socket.SOCK_STREAM)
        got = self.path("got" + name)
        words = ["openssl", "s_server", "-accept", "127.0.0.1:%d" % port,
                 "-cert", self.pem_of(cert), "-CAfile", self.pem_of(ca),
                 "-quiet", "-keylogfile", self.path("keys"), "-Verify", "2",
                 "-verify_return_error"] + list(args)
        with open(got, "wb") as out:
            process = subprocess.Popen(words, stdin=subprocess.PIPE,
                                       stdout=out, stderr=subprocess.PIPE)

        def end():
            process.kill()
            process.communicate(timeout=TIMEOUT)

        self.addCleanup(end)
        time.sleep(.5)
        self.assertIsNone(process.poll())
        return process, port, got, self.path("keys")

    def wait_for_octets(self, path, octets):
        until = time.monotonic() + 10
        while time.monotonic() < until and os.path.getsize(path) < octets:
            time.sleep(.05)
        with open(path, "rb") as file:
            return file.read()

    def assert_all_went(self, code, said, log):
        self.assertEqual(code, 0, log)
        self.assertTrue(said["sums_agree"])
        self.assertEqual(said["records_lost"], 0)

    def meets_s_server(self, kind, *args):
        _, port, got, keys = self.s_server(*args,
                                           datagrams=kind == "dtls")
        look = None
        if may_capture():
            look = Look(self.path("look.pcapng"), "port %d" % port)
        code, said, log = self.export("dst", "%s:127.0.0.1:%d" % (kind, port),
                                      *self.secure(), *RETRY)
        self.assert_all_went(code, said, log)
        counters = said["counters"]["transport"]
        self.assertEqual(counters["sessions"], 1)
        data = self.wait_for_octets(got, counters["sent_octets"])
        self.assertEqual(records_of(data), said["records"])
        if look is not None:
            look.end()
            self.assertEqual(look.plain(keys, kind, port), data)
            code, out, _ = run("tshark", "-r", self.path("plain.ipfix", data),
                               "-T", "fields", "-e", "_ws.expert.message")
            self.assertEqual((code, out.strip()), (0, ""))

    def test_s_server_of_tls_1_3(self):
        self.meets_s_server("tls", "-tls1_3")

    def test_s_server_of_tls_1_2(self):
        self.meets_s_server("tls", "-tls1_2")

    def test_s_server_of_dtls(self):
        self.meets_s_server("dtls", "-dtls")

    def meets_socat(self, kind, listen, *settings):
        if not shutil.which("socat"):
            self.skipTest("socat was not found")
        port, got = free_port(), self.path("got")
        with open(got, "wb") as out:
            process = subprocess.Popen(["socat", "-u", listen % port, "-"],
                                       stdout=out)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        time.sleep(.5)
        code, said, log = self.export("dst", "%s:127.0.0.1:%d" % (kind, port),
                                      *settings, *RETRY)
        self.assert_all_went(code, said, log)
        process.wait(timeout=TIMEOUT)
        with open(got, "rb") as file:
            self.assertEqual(records_of(file.read()), said["records"])

    def test_socat_over_tcp(self):
        self.meets_socat("tcp", "TCP-LISTEN:%d,bind=127.0.0.1")

    def test_socat_over_tls(self):
        self.meets_socat(
            "tls", "OPENSSL-LISTEN:%%d,bind=127.0.0.1,cert=%s,cafile=%s,"
            "verify=1" % (self.pem_of("server"), self.pem_of("ca")),
            *self.secure())

    def nothing_went(self, words, code, said, log):
        """All is lost, counted, and explained."""
        self.assertEqual(code, 1)
        self.assertTrue(said["sums_agree"])
        self.assertEqual(said["records_lost"], said["records"])
        self.assertGreater(said["records"], 0)
        counters = said["counters"]["transport"]
        self.assertEqual(counters["sessions"], 0)
        self.assertEqual(counters["sent_records"], 0)
        self.assertGreater(counters["handshake_failures"], 0)
        self.assertIn("%d records could not be sent" % said["records"], log)
        for word in words:
            self.assertIn(word, log)

    def refuses(self, what, server, words, *args, **kwargs):
        _, port, _, _ = self.s_server(*args, cert=server, name=what)
        return what, ["dst", "tls:127.0.0.1:%d" % port] + self.secure(
            **kwargs), words

    def test_who_is_not_to_be_trusted_gets_nothing(self):
        """Each waits for ten seconds: all at once."""
        def handle(connection, _):
            connection.recv(4096)
            connection.sendall(b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03")

        server = Server(handle)
        self.addCleanup(server.close)
        cases = [
            self.refuses("another CA", "stranger", ["CN = stranger",
                                                    "issuer"]),
            self.refuses("another name", "elsewhere", ["127.0.0.1",
                                                       "collector.example"]),
            self.refuses("expired", "late", ["CN = late", "expired"]),
            self.refuses("downgrade", "server", ["version"], "-tls1_1",
                         "-cipher", "ALL:@SECLEVEL=0"),
            self.refuses("we are refused", "server", ["refuse"],
                         cert="stranger"),
            ("truncated", ["dst", "tls:127.0.0.1:%d" % server.port] +
             self.secure(), ["cut off"])]
        with concurrent.futures.ThreadPoolExecutor(len(cases)) as pool:
            runs = [(what, words, pool.submit(self.export, *settings, *RETRY,
                                              "timeout", "2"))
                    for what, settings, words in cases]
            for what, words, done in runs:
                with self.subTest(what):
                    self.nothing_went(words, *done.result())

    def test_a_peer_that_stops_reading_loses_nothing(self):
        got = []

        def handle(connection, _):
            connection.recv(1000, socket.MSG_PEEK)
            time.sleep(5)
            got.append(read_all(connection))

        server = Server(handle, buffer=4096)
        self.addCleanup(server.close)
        flows = self.path("many.pcap", many_flows(120000))
        code, said, log = self.export("dst", "tcp:127.0.0.1:%d" % server.port,
                                      capture=flows)
        self.assert_all_went(code, said, log)
        self.assertGreater(said["counters"]["transport"]["full_waits"], 0)
        self.assertIn("waiting for tcp:127.0.0.1:%d" % server.port, log)
        server.close()
        self.assertEqual(records_of(b"".join(got)), said["records"])

    def test_a_reset_in_a_message_is_counted_and_survived(self):
        got, unread = [], []

        def handle(connection, nth):
            if nth == 0:
                read = len(connection.recv(1000, socket.MSG_WAITALL))
                time.sleep(1)
                unread.append(read + len(connection.recv(1 << 20,
                                                         socket.MSG_PEEK)))
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                      struct.pack("ii", 1, 0))
            else:
                got.append(read_all(connection))

        server = Server(handle, buffer=4096)
        self.addCleanup(server.close)
        flows = self.path("many.pcap", many_flows(120000))
        code, said, log = self.export("dst", "tcp:127.0.0.1:%d" % server.port,
                                      *RETRY, capture=flows)
        counters = said["counters"]["transport"]
        self.assertEqual((counters["broken_sessions"], counters["sessions"]),
                         (1, 2), log)
        self.assertEqual(said["records_lost"],
                         counters["unconfirmed_records"])
        self.assertTrue(said["sums_agree"])
        self.assertIn("the session broke: Connection reset by peer", log)
        server.close()
        delivered = records_of(b"".join(got))
        self.assertGreater(delivered, 0)
        # The peer's system had acknowledged what it did not read: that is
        # what TCP can not tell, and what a spool is for.
        size = counters["sent_octets"] // counters["sent_records"]
        missing = said["records"] - delivered - said["records_lost"]
        self.assertGreaterEqual(missing, 0)
        self.assertLessEqual(missing, unread[0] // size)

    def test_a_peer_that_half_closes_ends_the_session(self):
        got = []

        def handle(connection, nth):
            if nth == 0:
                connection.shutdown(socket.SHUT_WR)
            got.append(read_all(connection))

        server = Server(handle)
        self.addCleanup(server.close)
        code, said, log = self.export(
            "dst", "tcp:127.0.0.1:%d" % server.port, *RETRY, "hold", "0",
            capture=self.path("many.pcap", many_flows(20000)))
        counters = said["counters"]["transport"]
        self.assertEqual(counters["ended_by_peer"], 1, log)
        self.assertEqual(counters["sessions"], 2)
        server.close()
        delivered = sum(records_of(part) for part in got if part)
        self.assertGreaterEqual(delivered + said["records_lost"],
                                said["records"])


def many_flows(count):
    """A packet each, of 64 bits of time and address."""
    data = [pcap_header()]
    payload = udp(1, 2, b"")
    for i in range(count):
        data.append(pcap_packet(i * 1e-4, ipv4(
            "10.%d.%d.%d" % (i >> 16 & 255, i >> 8 & 255, i & 255),
            "192.0.2.1", 17, payload)))
    return b"".join(data)


main()
