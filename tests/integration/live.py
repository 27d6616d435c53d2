# SPDX-License-Identifier: ISC
"""pflowd on a gateway, on conntrack: and pcap-live: at once: what it exports
is what the programs sent, what conntrack says, and what arrived at the far
end. IPv4 and IPv6, through NAT44 and NAT66.

With PFLOW_CONNTRACK_SECONDS=60 the flood lasts that long."""
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

import conntrack as ct
from conntrack import CLIENT4, CLIENT6, OUT4, OUT6, SERVER4, SERVER6

if len(sys.argv) > 2 and sys.argv[1] == "--inside":
    ServiceCase = object
else:
    from service import *

ME = os.path.abspath(__file__)
DOWNLOAD = 123457
UPLOAD = 3 << 20
FAMILIES = ((CLIENT4, OUT4, SERVER4, 20, 1), (CLIENT6, OUT6, SERVER6, 40, 58))


# --- what runs inside the namespaces ---

def dns_server(host):
    """Answers every question for an address with one record."""
    s = socket.socket(ct.family(host), socket.SOCK_DGRAM)
    s.bind((host, 53))
    print("ready", flush=True)
    while True:
        question, peer = s.recvfrom(4096)
        head = question[:2] + struct.pack("!HHHHH", 0x8180, 1, 1, 0, 0)
        answer = struct.pack("!HHHIH4s", 0xc00c, 1, 1, 60, 4,
                             socket.inet_aton("192.0.2.80"))
        s.sendto(head + question[12:] + answer, peer)


def dns_query(host):
    """Prints [local port, octets asked, octets answered]."""
    s = socket.socket(ct.family(host), socket.SOCK_DGRAM)
    s.settimeout(10)
    s.connect((host, 53))
    question = struct.pack("!HHHHHH", 1, 0x100, 1, 0, 0, 0) + \
        b"\5pflow\7example\0" + struct.pack("!HH", 1, 1)
    s.send(question)
    print(json.dumps([s.getsockname()[1], len(question),
                      len(s.recv(4096))]), flush=True)


INSIDE = {"dns-server": dns_server, "dns-query": dns_query}


def key_of(row):
    return (row["protocol"], row["source"], row.get("source_port", 0),
            row["destination"], row.get("destination_port", 0))


def seconds(stamp):
    whole, part = stamp.rstrip("Z").split(".")
    return time.mktime(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) + \
        float("0." + part)


class Live(ServiceCase):
    def setUp(self):
        super().setUp()
        self.net = ct.Net()
        self.addCleanup(self.net.tear_down)
        self.net.build()

    def background(self, ns, *args, ready=None, **kwargs):
        process = self.net.start(ns, *args, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, **kwargs)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        line = b""
        while ready is not None and ready not in line:
            line = process.stdout.readline()
            self.assertNotEqual(line, b"", args)
        return process

    def client(self, *args):
        return ct.sh("ip", "netns", "exec", self.net.client, *args)

    def inside(self, *args):
        return json.loads(self.client(sys.executable, "-B", ME, "--inside",
                                      *args))

    def start_servers(self):
        www = self.path("www")
        os.mkdir(www)
        with open(www + "/file", "wb") as file:
            file.write(b"x" * DOWNLOAD)
        for host in (SERVER4, SERVER6):
            self.background(self.net.server, sys.executable, "-u", "-m",
                            "http.server", "--bind", host, "8000", cwd=www,
                            ready=b"Serving HTTP")
            self.background(self.net.server, sys.executable, "-B", ME,
                            "--inside", "dns-server", host, ready=b"ready")
            if shutil.which("iperf3") is not None:
                self.background(self.net.server, "iperf3", "-s", "-B", host,
                                "--forceflush", ready=b"Server listening")

    def start_pflowd(self):
        """The far end, and pflowd with two live sources."""
        self.flows = self.path("nfdump")
        os.mkdir(self.flows)
        self.collector = None
        far = ""
        if shutil.which("nfcapd") is not None:
            self.collector = self.background(
                self.net.server, "nfcapd", "-6", "-b", SERVER6, "-p", "9995",
                "-w", self.flows, ready=b"Startup")
            # A pipe that is full would stop it.
            threading.Thread(target=self.collector.stdout.read,
                             daemon=True).start()
            far = "pflow1 dst [%s]:9995 proto 10 template extended nat yes " \
                "hold 1\n" % SERVER6
        self.file = self.path("flows.ipfix")
        conf = self.path("pflowd.conf", (
            "user nobody\nsource conntrack:nat-events,interfaces active 0\n"
            "source pcap-live:out active 0 idle 1s\npflow0 dst file:%s "
            "template extended nat yes\n%s" % (self.file, far)).encode())
        self.control = self.path("control")
        self.pflowd = self.background(self.net.gate, PFLOWD, "-d", "-f", conf,
                                      "-S", self.control,
                                      ready=b"control socket")
        self.events = tempfile.TemporaryFile("w+")
        self.addCleanup(self.events.close)
        self.listener = self.net.start(
            self.net.gate, "conntrack", "-E", "-e", "DESTROY", "-o", "id",
            "-b", "8388608", stdout=self.events, stderr=subprocess.DEVNULL)
        self.addCleanup(self.listener.wait)
        self.addCleanup(self.listener.kill)

    def talk(self, host, ping):
        """What each program says of itself: {(protocol, client's port):
        (octets of payload sent and read, received, written at most)}"""
        said = {}
        url = "http://%s:8000/file" % ("[%s]" % host if ":" in host else host)
        if shutil.which("curl") is not None:
            out = self.client("curl", "-gsS", "-o", "/dev/null", "-w",
                              "%{local_port} %{size_request} %{size_header} "
                              "%{size_download}", url)
            port, asked, head, body = [int(w) for w in out.split()]
            self.assertEqual(body, DOWNLOAD)
            said[6, port] = (asked, head + body, asked)
        port, asked, answered = self.inside("dns-query", host)
        said[17, port] = (asked, answered, asked)
        if shutil.which("iperf3") is not None:
            out = json.loads(self.client("iperf3", "-J", "-c", host, "-n",
                                         str(UPLOAD)))
            port = out["start"]["connected"][0]["local_port"]
            said[6, port] = (out["end"]["sum_received"]["bytes"], 0,
                             out["end"]["sum_sent"]["bytes"])
        self.client("ping", "-c", "3", "-i", "0.2", "-s", "100", host)
        said[ping, 0] = (3 * 108, 3 * 108, 3 * 108)
        return said

    def wait_until_quiet(self):
        end = time.time() + ct.WAIT
        while time.time() < end:
            table = self.net.evict()
            if CLIENT4 not in table and CLIENT6 not in table:
                time.sleep(1.5)  # the idle timeout of pcap-live:
                return
            time.sleep(0.3)
        self.fail(table)

    def end_pflowd(self):
        self.listener.terminate()
        self.pflowd.terminate()
        log = self.pflowd.stdout.read().decode()
        self.assertEqual(self.pflowd.wait(timeout=TIMEOUT), 0, log)
        self.assertNotIn("do not agree", log)
        code, out, err = run(PFLOWDUMP, "-j", self.file)
        self.assertEqual(code, 0, err)
        return [json.loads(line) for line in out.splitlines()]

    def test_programs_conntrack_and_the_far_end_agree(self):
        self.start_servers()
        self.start_pflowd()
        said = [self.talk(f[2], f[4]) for f in FAMILIES]
        living = self.net.evict()
        self.wait_until_quiet()
        rows = self.end_pflowd()
        self.events.seek(0)
        told = dict(ct.parse_event(line) for line in self.events.read()
                    .splitlines() if "[DESTROY]" in line)
        flows = {}
        for row in rows:
            # The machines' own chatter (neighbour discovery) is no matter,
            # nor is what pflowd itself sends.
            if "nat_event" in row or row.get("destination_port") == 9995 or (
                    row["protocol"] == 58 and
                    row["icmp_type"] not in (128, 129)):
                continue
            self.assertFalse(key_of(row) in flows, row)
            flows[key_of(row)] = row
        for (client, out, server, head, ping), what in zip(FAMILIES, said):
            for (proto, port), payload in what.items():
                pair = self.pair(flows, proto, client, port, server)
                self.check_payload(pair, proto, payload, head)
                self.check_conntrack(pair, told, proto, client, port, server)
                self.check_capture(flows, pair, out)
                self.check_events(rows, pair, out)
        self.check_table(living, flows)
        with open(self.file, "rb") as file:
            # Template 258 as pflow(4) has it: natEvent and eleven fields.
            self.assertIn(bytes.fromhex("0102000b0143000800e60001"),
                          file.read())
        self.check_far_end(rows)

    def pair(self, flows, proto, client, port, server):
        """Records of conntrack:, there and back."""
        there = [r for k, r in flows.items() if k[:3] == (proto, client, port)
                 and k[3] == server]
        back = [r for k, r in flows.items() if k[0] == proto and
                k[1] == server and k[3:] == (client, port)]
        self.assertEqual((len(there), len(back)), (1, 1), (proto, port))
        return there[0], back[0]

    def check_payload(self, pair, proto, payload, head):
        for row, octets, most in zip(pair, payload[:2],
                                     (payload[2], payload[1])):
            rest = row["octets"] - octets
            if proto == 6:
                # 20 to 60 octets of each packet are TCP's own. iperf3 does
                # not wait until all that it wrote was read; a segment or two
                # may be sent again.
                self.assertGreaterEqual(rest, (head + 20) * row["packets"])
                self.assertLessEqual(rest, (head + 60) * row["packets"] +
                                     most - octets + 3000)
            elif proto == 17:
                self.assertEqual((row["packets"], rest), (1, head + 8))
            else:
                self.assertEqual((row["packets"], rest), (3, 3 * head))

    def check_conntrack(self, pair, told, proto, client, port, server):
        sides = [s for s in told.values() if s[0].get("src") == client and
                 s[0]["dst"] == server and int(s[0].get("sport", 0)) == port
                 and ("sport" in s[0]) == (proto in (6, 17))]
        sides = [s for s in sides if proto not in (6, 17) or
                 int(s[0]["dport"]) == pair[0]["destination_port"]]
        self.assertEqual(len(sides), 1, (proto, port))
        for row, side in zip(pair, sides[0]):
            self.assertEqual((row["packets"], row["octets"]),
                             (int(side["packets"]), int(side["bytes"])))
        self.assertEqual(pair[0]["in"], self.net.ifindex("in"))
        self.assertEqual(pair[0]["out"], self.net.ifindex("out"))

    def check_capture(self, flows, pair, out):
        """pcap-live: saw the same packets beyond the translation."""
        there, back = pair
        self.assertEqual(there["translated_source"], out)
        key = (there["protocol"], out, there.get("translated_source_port", 0),
               there["destination"], there.get("destination_port", 0))
        for row, seen in ((there, flows[key]),
                          (back, flows[key[:1] + key[3:] + key[1:3]])):
            self.assertEqual((row["packets"], row["octets"]),
                             (seen["packets"], seen["octets"]), key)

    def check_events(self, rows, pair, out):
        """One creation, one end, both sides named, each at its time."""
        there = pair[0]
        events = [r for r in rows if "nat_event" in r and
                  key_of(r)[:3] == key_of(there)[:3] and
                  r["destination"] == there["destination"] and
                  r.get("destination_port", 0) ==
                  (there.get("destination_port", 0))]
        six = ":" in out
        self.assertEqual([r["nat_event"] for r in events],
                         [1, 2] if six else [4, 5], there)
        for r in events:
            self.assertEqual(r["translated_source"], out)
            self.assertEqual(r["translated_destination"],
                             there["destination"])
            self.assertEqual(r.get("translated_source_port", 0),
                             there.get("translated_source_port", 0))
        begin, end = [seconds(r["start"]) for r in events]
        self.assertAlmostEqual(begin, seconds(there["start"]), delta=0.5)
        # The kernel's timeouts are two seconds and more.
        self.assertGreater(end, seconds(there["end"]) + 0.9)
        self.assertLess(end, seconds(there["end"]) + 30)

    def check_table(self, table, flows):
        """conntrack -L, of what was over but not yet forgotten."""
        seen = 0
        for line in table.splitlines():
            values = re.findall(r"(src|dst|sport|dport|packets|bytes)=(\S+)",
                                line)
            if "TIME_WAIT" not in line or len(values) != 12:
                continue
            v = [value for _, value in values]
            row = flows[6, v[0], int(v[2]), v[1], int(v[3])]
            self.assertEqual((row["packets"], row["octets"]),
                             (int(v[4]), int(v[5])))
            seen += 1
        print("conntrack -L: %d connections compared" % seen)

    def check_far_end(self, rows):
        if self.collector is None:
            print("no nfcapd here: the far end is left out")
            return
        self.collector.terminate()
        self.collector.wait(timeout=TIMEOUT)
        out = run("nfdump", "-R", self.flows, "-o", "json")[1]
        got = [self.of_nfdump(r) for r in json.loads(out)]
        want = [(r["protocol"], r["source"], r["destination"], r["packets"],
                 r["octets"], r.get("nat_event", 0), "" if ":" in r["source"]
                 else r.get("translated_source", "")) for r in rows]
        self.assertEqual(sorted(got), sorted(want))
        print("nfdump: %d records, the same" % len(got))

    def test_a_flood_is_exported_or_counted_to_the_last(self):
        """Many short TCP connections, a small netlink buffer."""
        conf = self.path("pflowd.conf", (
            "user nobody\nsource conntrack:buffer=16K active 0\npflow0 dst "
            "file:%s proto 10\n" % self.path("flood.ipfix")).encode())
        pflowd = self.background(self.net.gate, PFLOWD, "-d", "-f", conf,
                                 "-S", self.path("control"),
                                 ready=b"control socket")
        out = ct.sh("ip", "netns", "exec", self.net.gate,
                    PROGRAMS["conntrack_flood"], "10000",
                    str(ct.FLOOD_SECONDS))
        made, ms = [int(w) for w in out.split()]
        self.net.flush()
        time.sleep(1)
        code, out, err = run(PFLOWCTL, "-S", self.path("control"), "-j",
                             "stats")
        self.assertEqual((code, err), (0, ""))
        iface, source = [json.loads(line) for line in out.splitlines()]
        lost = source["counters"]["source"]["lost_events"]
        exporter = iface["counters"]["exporter"]
        self.assertEqual(source["states"] + lost, made)
        self.assertEqual(exporter["states"] +
                         iface["counters"]["interface"]["overflow_states"],
                         source["states"])
        pflowd.terminate()
        self.assertEqual(pflowd.wait(timeout=TIMEOUT), 0)
        err = subprocess.run([PFLOWDUMP, "-c", self.path("flood.ipfix")],
                             stdout=subprocess.DEVNULL, timeout=ct.WAIT,
                             stderr=subprocess.PIPE).stderr.decode()
        # Each has packets both ways: two records.
        self.assertEqual(totals(err)["flows"], 2 * exporter["states"])
        print("flood under pflowd: %d connections made at %d/s, %d exported,"
              " %d lost events counted" % (made, made * 1000 // max(ms, 1),
                                           exporter["states"], lost))

    def of_nfdump(self, r):
        def address(name):
            return r.get(name.replace("#", "4"), r.get(name.replace("#", "6"),
                                                       ""))
        return (r["proto"], address("src#_addr"), address("dst#_addr"),
                r["in_packets"], r["in_bytes"],
                int(r.get("nat_event_id", 0)),
                r.get("src4_xlt_ip", ""))  # nfdump 1.7.1 tells no IPv6 one


if len(sys.argv) > 2 and sys.argv[1] == "--inside":
    INSIDE[sys.argv[2]](*sys.argv[3:])
else:
    os.environ["TZ"] = "UTC"
    time.tzset()
    reason = ct.why_not()
    if reason is not None:
        print("skipped: %s" % reason)
        sys.exit(ct.SKIP)
    main()
