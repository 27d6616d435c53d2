# SPDX-License-Identifier: ISC
"""conntrack: on a gateway between two network namespaces.

Programs that know what they send talk through NAT; what conntrack: gives is
compared with that, and with what conntrack -E tells of the same flows.

With PFLOW_CONNTRACK_SECONDS=60 the floods last that long.
"""
import json
import os
import re
import select
import socket
import subprocess
import sys
import tempfile
import time
import unittest

SKIP = 77
ME = os.path.abspath(__file__)
PROGRAMS = dict(arg.split("=", 1) for arg in sys.argv[2:] if "=" in arg)
FLOOD_SECONDS = int(os.environ.get("PFLOW_CONNTRACK_SECONDS", "2"))
WAIT = 30 + FLOOD_SECONDS

TCP, UDP, ICMP, ICMP6 = 6, 17, 1, 58
EXPORT, TRANSLATED, CREATED = 0x1, 0x2, 0x10
HAS_ICMP, HAS_IFINDEX, HAS_END = 0x1, 0x8, 0x20
IDLE, ACTIVE, DETECTED, FORCED = 1, 2, 3, 4
CLIENT4, GATE4, OUT4, SERVER4 = ("10.77.1.2", "10.77.1.1", "198.51.100.1",
                                 "198.51.100.2")
CLIENT6, GATE6, OUT6, SERVER6 = ("fd77:1::2", "fd77:1::1", "2001:db8:77::1",
                                 "2001:db8:77::2")
RULES = """
table inet nat {
    chain post { type nat hook postrouting priority srcnat;
        oifname "out" masquerade; }
    chain pre { type nat hook prerouting priority dstnat;
        ip daddr %s tcp dport 8080 dnat ip to %s:7000; }
}
table inet select {
    chain forward { type filter hook forward priority filter;
        udp dport 7001 ct mark set 0x10
        tcp dport 7000 ct label set 5; }
}
""" % (GATE4, SERVER4)
# Short, so that flows end while the test looks on.
TIMEOUTS = {"udp_timeout": 2, "udp_timeout_stream": 3, "icmp_timeout": 2,
            "icmpv6_timeout": 2, "tcp_timeout_time_wait": 2,
            "tcp_timeout_close": 1, "tcp_timeout_fin_wait": 2,
            "tcp_timeout_close_wait": 2, "tcp_timeout_last_ack": 2}


def sh(*args, check=True):
    done = subprocess.run(args, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=WAIT)
    if check and done.returncode != 0:
        raise RuntimeError("%s: %s" % (" ".join(args), done.stdout.decode()))
    return done.stdout.decode()


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


# --- what runs inside the namespaces ---

def serve(host, answer):
    """TCP on 7000, UDP on 7001: `answer` octets for all that comes."""
    tcp = socket.create_server((host, 7000), family=family(host))
    udp = socket.socket(family(host), socket.SOCK_DGRAM)
    udp.bind((host, 7001))
    print("ready", flush=True)
    while True:
        for s in select.select([tcp, udp], [], [])[0]:
            if s is udp:
                _, peer = udp.recvfrom(65536)
                udp.sendto(b"a" * answer, peer)
                continue
            peer, _ = tcp.accept()
            while peer.recv(65536):
                pass
            peer.sendall(b"a" * answer)
            peer.close()


def talk_tcp(host, port, octets):
    """Send, end, read to the end. Prints [local port, octets read]."""
    s = socket.create_connection((host, port))
    name = s.getsockname()[1]
    s.sendall(b"q" * octets)
    s.shutdown(socket.SHUT_WR)
    got = 0
    while True:
        data = s.recv(65536)
        if not data:
            break
        got += len(data)
    s.close()
    print(json.dumps([name, got]), flush=True)


def talk_udp(host, port, octets, count, gap):
    """Send `count` datagrams. Prints [local port, octets read, last time]."""
    s = socket.socket(family(host), socket.SOCK_DGRAM)
    s.connect((host, port))
    got = 0
    for _ in range(count):
        s.send(b"q" * octets)
        got += len(s.recv(65536))
        last = time.time()
        time.sleep(gap)
    print(json.dumps([s.getsockname()[1], got, last]), flush=True)


def hang(seconds):
    """A reliable listener that never reads."""
    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    s.bind((0, 0))
    for option, value in ((4, 1), (5, 1), (1, 3)):
        s.setsockopt(270, option, value)
    print("ready", flush=True)
    time.sleep(seconds)


INSIDE = {"serve": (serve, str, int), "tcp": (talk_tcp, str, int, int),
          "udp": (talk_udp, str, int, int, int, float), "hang": (hang, float)}


# --- the namespaces ---

class Net:
    """client -- gateway (NAT, conntrack) -- server"""

    def __init__(self):
        self.names = ["pflow-%s-%d" % (n, os.getpid())
                      for n in ("client", "gate", "server")]
        self.client, self.gate, self.server = self.names

    def build(self):
        for name in self.names:
            sh("ip", "netns", "add", name)
            self.sysctl(name, "net.ipv6.conf.default.accept_dad", 0)
            sh("ip", "-n", name, "link", "set", "lo", "up")
        self.link(self.client, "eth", "in", CLIENT4, GATE4, CLIENT6, GATE6)
        self.link(self.server, "eth", "out", SERVER4, OUT4, SERVER6, OUT6)
        for four_or_six in ("-4", "-6"):
            gate = GATE4 if four_or_six == "-4" else GATE6
            sh("ip", "-n", self.client, four_or_six, "route", "add",
               "default", "via", gate)
        self.sysctl(self.gate, "net.ipv4.ip_forward", 1)
        self.sysctl(self.gate, "net.ipv6.conf.all.forwarding", 1)
        for name in ("acct", "timestamp", "events"):
            self.ct("", name, 1)
        for name, seconds in TIMEOUTS.items():
            self.ct("", name, seconds)
        self.nft(RULES)

    def link(self, peer, name, gate_name, a4, b4, a6, b6):
        sh("ip", "-n", peer, "link", "add", name, "type", "veth", "peer",
           "name", gate_name, "netns", self.gate)
        for ns, dev, four, six in ((peer, name, a4, a6),
                                   (self.gate, gate_name, b4, b6)):
            sh("ip", "-n", ns, "address", "add", four + "/24", "dev", dev)
            sh("ip", "-n", ns, "address", "add", six + "/64", "dev", dev,
               "nodad")
            sh("ip", "-n", ns, "link", "set", dev, "up")

    def nft(self, rules):
        subprocess.run(["ip", "netns", "exec", self.gate, "nft", "-f", "-"],
                       input=rules.encode(), check=True, timeout=WAIT)

    def sysctl(self, ns, name, value):
        sh("ip", "netns", "exec", ns, "sysctl", "-qw",
           "%s=%s" % (name, value))

    def ct(self, prefix, name, value):
        self.sysctl(self.gate, "net.netfilter.nf_conntrack_%s%s" %
                    (prefix, name), value)

    def ifindex(self, dev):
        links = json.loads(sh("ip", "-n", self.gate, "-j", "link"))
        return [l["ifindex"] for l in links if l["ifname"] == dev][0]

    def start(self, ns, *args, **kwargs):
        return subprocess.Popen(["ip", "netns", "exec", ns] + list(args),
                                **kwargs)

    def inside(self, ns, *args):
        """Run one of INSIDE to its end: what it printed."""
        return json.loads(sh("ip", "netns", "exec", ns, sys.executable, "-B",
                             ME, "--inside", *[str(a) for a in args]))

    def begin(self, ns, *args):
        """Start one of INSIDE."""
        return self.start(ns, sys.executable, "-B", ME, "--inside",
                          *[str(a) for a in args], stdout=subprocess.PIPE)

    def evict(self):
        """A dump makes the kernel drop what has expired."""
        return sh("ip", "netns", "exec", self.gate, "conntrack", "-L")

    def flush(self):
        sh("ip", "netns", "exec", self.gate, "conntrack", "-F")

    def tear_down(self):
        for name in self.names:
            sh("ip", "netns", "del", name, check=False)


def why_not():
    """None if the tests can run, else a sentence."""
    if not sys.platform.startswith("linux"):
        return "conntrack is of Linux"
    if os.geteuid() != 0:
        return "network namespaces want root"
    for tool in ("ip", "nft", "conntrack", "ping", "sysctl"):
        if not any(os.access(os.path.join(d, tool), os.X_OK)
                   for d in os.environ["PATH"].split(":")):
            return "there is no %s here" % tool
    net = Net()
    try:
        net.build()
        sh("ip", "netns", "exec", net.gate, "conntrack", "-C")
    except (RuntimeError, subprocess.SubprocessError) as e:
        return "this kernel or these rights do not do: %s" % e
    finally:
        net.tear_down()
    return None


class Tap:
    """conntrack_tap, its states as they come."""

    def __init__(self, net, spec, active=0, *args):
        self.out = tempfile.TemporaryFile("w+")
        self.err = tempfile.TemporaryFile("w+")
        self.process = net.start(net.gate, PROGRAMS["conntrack_tap"], spec,
                                 str(active), *args, stdout=self.out,
                                 stderr=self.err)
        self.wait_for(lambda lines: len(lines) > 0)
        self.notes = self.lines()[0]["ready"]

    def lines(self):
        with open("/proc/self/fd/%d" % self.out.fileno()) as f:
            return [json.loads(l) for l in f if l.endswith("\n")]

    def errors(self):
        self.err.seek(0)
        return self.err.read()

    def states(self):
        return [l["state"] for l in self.lines() if "state" in l]

    def wait_for(self, enough, meanwhile=None):
        end = time.time() + WAIT
        while not enough(self.lines()):
            if time.time() > end or self.process.poll() is not None:
                raise RuntimeError("waited in vain: %s" % self.lines())
            if meanwhile is not None:
                meanwhile()
            time.sleep(0.1)

    def wait_states(self, count, meanwhile=None):
        self.wait_for(lambda lines: sum("state" in l for l in lines) >= count,
                      meanwhile)

    def end(self):
        """Stop it: its counters."""
        self.process.terminate()
        if self.process.wait(timeout=WAIT) != 0:
            raise RuntimeError("conntrack_tap failed")
        return self.lines()[-1]["counters"]

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.out.close()
        self.err.close()


def parse_event(line):
    """A line of conntrack -E -e DESTROY -o id,ktimestamp."""
    pairs = re.findall(r"(\w+)=([^\s\]]+)", line)
    sides = [{}, {}]
    other = {}
    for key, value in pairs:
        if key in ("src", "dst", "sport", "dport", "packets", "bytes"):
            sides[key in sides[0]][key] = value
        else:
            other[key] = value
    return int(other["id"]), sides


def total(states, member, direction):
    return sum(s[member][direction] for s in states)


class Conntrack(unittest.TestCase):
    def setUp(self):
        self.net = Net()
        self.addCleanup(self.net.tear_down)
        self.net.build()

    def tap(self, *args):
        tap = Tap(self.net, *args)
        self.addCleanup(tap.kill)
        return tap

    def background(self, ns, *args, ready=True):
        process = self.net.begin(ns, *args)
        self.addCleanup(lambda: (process.kill(), process.wait(),
                                 process.stdout.close()))
        if ready:
            self.assertEqual(process.stdout.readline(), b"ready\n")
        return process

    def server(self, host, answer):
        return self.background(self.net.server, "serve", host, answer)

    def ping(self, host):
        sh("ip", "netns", "exec", self.net.client, "ping", "-c", "3", "-i",
           "0.2", "-s", "100", host)

    def flood(self, rate, seconds):
        out = sh("ip", "netns", "exec", self.net.gate,
                 PROGRAMS["conntrack_flood"], str(rate), str(seconds))
        made, ms = [int(w) for w in out.split()]
        self.assertEqual(made, rate * seconds)
        return made, made * 1000 // max(ms, 1)

    def one(self, states, proto, src=None, sport=None):
        found = [s for s in states if s["proto"] == proto and
                 (src is None or s["pre"][0] == src) and
                 (sport is None or s["pre"][1] == sport)]
        self.assertEqual(len(found), 1, states)
        return found[0]

    def check_udp(self, s, sport, octets, answers, count, head):
        self.assertEqual(s["packets"], [count, count])
        self.assertEqual(s["octets"], [count * (octets + head),
                                       answers + count * head])
        self.assertEqual(s["pre"][1], sport)

    def check_tcp(self, s, sent, read, ip_head):
        for way, payload in ((0, sent), (1, read)):
            heads = s["octets"][way] - payload
            self.assertGreaterEqual(heads, (ip_head + 20) * s["packets"][way])
            self.assertLessEqual(heads, (ip_head + 60) * s["packets"][way])
        self.assertEqual(s["end"], DETECTED)

    def check_translation(self, s, public):
        """Source NAT: the far end sees the gateway."""
        self.assertTrue(s["flags"] & TRANSLATED)
        self.assertEqual(s["post"][0], public)
        self.assertEqual(s["post"][2:], s["pre"][2:])

    def compare_with_events(self, states, text):
        """Packet for packet and octet for octet."""
        events = dict(parse_event(l) for l in text.splitlines()
                      if "[DESTROY]" in l)
        self.assertEqual(sorted(events), sorted(s["id"] for s in states))
        for s in states:
            sides = events[s["id"]]
            for d in (0, 1):
                self.assertEqual(int(sides[d]["packets"]), s["packets"][d])
                self.assertEqual(int(sides[d]["bytes"]), s["octets"][d])
            self.assertEqual(s["pre"][0], sides[0]["src"])
            self.assertEqual(s["pre"][2], sides[0]["dst"])
            self.assertEqual(s["post"][0], sides[1]["dst"])
            self.assertEqual(s["post"][2], sides[1]["src"])
            if s["proto"] in (TCP, UDP):
                self.assertEqual([s["pre"][1], s["pre"][3]],
                                 [int(sides[0]["sport"]),
                                  int(sides[0]["dport"])])
                self.assertEqual([s["post"][1], s["post"][3]],
                                 [int(sides[1]["dport"]),
                                  int(sides[1]["sport"])])

    def run_family(self, client, gate_out, server, icmp, ip_head):
        net = self.net
        self.server(server, 5000)
        # The machine's own chatter (neighbour discovery) is no flow here.
        events = tempfile.TemporaryFile("w+")
        self.addCleanup(events.close)
        listener = net.start(net.gate, "conntrack", "-E", "-e", "DESTROY",
                             "-o", "id,ktimestamp", "-b", "8388608",
                             stdout=events, stderr=subprocess.DEVNULL)
        self.addCleanup(listener.kill)
        tap = self.tap("conntrack:interfaces")
        self.assertEqual(tap.notes, "")
        before = time.time()
        tcp_port, read = net.inside(net.client, "tcp", server, 7000, 30000)
        udp_port, answers, last = net.inside(net.client, "udp", server, 7001,
                                             100, 5, 0.05)
        self.ping(server)
        tap.wait_states(3, net.evict)
        listener.terminate()
        listener.wait()
        tap.end()
        states = tap.states()

        t = self.one(states, TCP, client, tcp_port)
        self.check_tcp(t, 30000, read, ip_head)
        u = self.one(states, UDP, client, udp_port)
        self.check_udp(u, udp_port, 100, answers, 5, ip_head + 8)
        # The last packet, not the end of the timeout after it.
        self.assertAlmostEqual(u["last"] / 1e9, last, delta=0.5)
        self.assertEqual(u["end"], IDLE)
        i = self.one(states, icmp, client)
        self.assertEqual(i["packets"], [3, 3])
        self.assertEqual(i["octets"], [3 * (ip_head + 108)] * 2)
        self.assertEqual([i["pre"][1], i["pre"][3]], [0, 0])
        self.assertEqual(i["icmp"], [0x0800, 0] if icmp == ICMP else
                         [0x8000, 0x8100])
        ways = [net.ifindex("in"), net.ifindex("out")]
        for s in (t, u, i):
            self.check_translation(s, gate_out)
            self.assertTrue(s["flags"] & EXPORT)
            self.assertEqual(s["ifindex"], ways)
            self.assertGreaterEqual(s["start"] / 1e9, before - 0.1)
            self.assertLessEqual(s["start"], s["last"])
        events.seek(0)
        self.compare_with_events(states, events.read())

    def test_ipv4_through_nat44_is_what_was_sent(self):
        self.run_family(CLIENT4, OUT4, SERVER4, ICMP, 20)

    def test_ipv6_through_nat66_is_what_was_sent(self):
        self.run_family(CLIENT6, OUT6, SERVER6, ICMP6, 40)

    def test_destination_nat_shows_both_sides(self):
        self.server(SERVER4, 10)
        tap = self.tap("conntrack:nat-events")
        port, read = self.net.inside(self.net.client, "tcp", GATE4, 8080, 500)
        tap.wait_states(2, self.net.evict)
        tap.end()
        created, ended = tap.states()
        self.assertTrue(created["flags"] & CREATED)
        self.assertEqual(created["packets"], [0, 0])
        self.assertAlmostEqual(created["start"], ended["start"], delta=1e8)
        self.assertFalse(ended["flags"] & CREATED)
        self.check_tcp(ended, 500, read, 20)
        for s in (created, ended):
            self.assertEqual(s["pre"], [CLIENT4, port, GATE4, 8080])
            self.assertEqual(s["post"][0], OUT4)
            self.assertEqual(s["post"][2:], [SERVER4, 7000])

    def test_mark_and_label_select(self):
        self.server(SERVER4, 10)
        for spec, proto in (("conntrack:mark=0x10/0x10", UDP),
                            ("conntrack:label=5", TCP)):
            tap = self.tap(spec)
            self.net.inside(self.net.client, "tcp", SERVER4, 7000, 100)
            self.net.inside(self.net.client, "udp", SERVER4, 7001, 10, 1, 0)
            tap.wait_states(2, self.net.evict)
            tap.end()
            for s in tap.states():
                self.assertEqual(bool(s["flags"] & EXPORT),
                                 s["proto"] == proto, (spec, s))

    def test_living_flow_is_reported_in_differences_that_add_up(self):
        """Over a restart, too: nothing twice, nothing lost but the gap."""
        net = self.net
        self.server(SERVER4, 40)
        talker = self.background(net.client, "udp", SERVER4, 7001, 60, 80,
                                 0.1, ready=False)
        time.sleep(1)
        taps = []
        for _ in range(2):
            tap = self.tap("conntrack:", 2)
            taps.append(tap)
            time.sleep(4.5)
            if len(taps) == 1:
                tap.end()
        out, _ = talker.communicate(timeout=WAIT)
        taps[1].wait_for(lambda lines: sum(
            s["packets"][0] for s in taps[1].states()) > 0)
        time.sleep(2)
        counters = taps[1].end()
        self.assertEqual(json.loads(out)[1], 80 * 40)
        states = taps[0].states() + taps[1].states()
        self.assertGreaterEqual(len(states), 4)
        at = 0
        for s in states:
            self.assertGreaterEqual(s["start"], at)
            self.assertLessEqual(s["last"] - s["start"], 3.2e9)
            self.assertEqual(s["octets"], [88 * s["packets"][0],
                                           68 * s["packets"][1]])
            at = s["last"]
        self.assertIn(ACTIVE, [s["end"] for s in states])
        self.assertEqual(taps[0].states()[-1]["end"], FORCED)
        # It began a second before us; stopping and starting took a while.
        sent = total(states, "packets", 0)
        self.assertLessEqual(sent, 80 - 8)
        self.assertGreaterEqual(sent, 80 - 25)
        self.assertEqual(counters["vanished_flows"], 0)

    def test_flood_with_a_small_buffer_is_given_or_counted_to_the_last(self):
        for active in (0, 2):
            tap = self.tap("conntrack:buffer=16K", active, "summary")
            made, rate = self.flood(10000, FLOOD_SECONDS)
            self.net.flush()
            time.sleep(1)
            c = tap.end()
            print("flood, active %d: %d made at %d/s, %d ends told, %d lost,"
                  " %d overruns, %d dumps" %
                  (active, made, rate, c["end_events"], c["lost_events"],
                   c["overruns"], c["dumps"]))
            self.assertEqual(c["end_events"] + c["lost_events"], made)
            self.assertEqual(c["malformed_messages"], 0)
            if active == 0:
                self.assertEqual(c["sum_states"] + c["lost_events"], made)

    def test_flood_with_reports_gives_every_packet_once(self):
        tap = self.tap("conntrack:", 2, "summary")
        made, rate = self.flood(10000, FLOOD_SECONDS)
        self.net.flush()
        time.sleep(1)
        c = tap.end()
        print("flood with reports: %d made at %d/s, %d states, %d lost" %
              (made, rate, c["sum_states"], c["lost_events"]))
        self.assertEqual(c["lost_events"], 0)
        self.assertEqual(c["sum_packets"], [3 * made, made])

    def test_reliable_listener_loses_nothing_in_a_small_buffer(self):
        tap = self.tap("conntrack:buffer=64K,reliable", 0, "summary")
        made, rate = self.flood(5000, 1)
        self.net.flush()
        self.wait_until_empty()
        c = tap.end()
        print("reliable: %d made at %d/s, %d given, held %d times" %
              (made, rate, c["sum_states"], c["held_events"]))
        self.assertEqual(c["sum_states"], made)
        self.assertEqual(c["lost_events"], 0)

    def wait_until_empty(self):
        for _ in range(WAIT * 10):
            if int(sh("ip", "netns", "exec", self.net.gate, "conntrack",
                      "-C")) == 0:
                break
            time.sleep(0.1)
        time.sleep(0.5)

    def test_events_told_again_for_another_listener_are_given_once(self):
        tap = self.tap("conntrack:", 0, "summary")
        self.background(self.net.gate, "hang", 3)
        made, _ = self.flood(1000, 1)
        self.net.flush()
        self.wait_until_empty()
        time.sleep(3)
        c = tap.end()
        self.assertEqual(c["sum_states"], made)
        self.assertGreater(c["repeated_events"], 0)

    def test_what_is_switched_off_is_told_with_its_sysctl(self):
        for name in ("acct", "timestamp", "events"):
            self.net.ct("", name, 0)
        tap = self.tap("conntrack:")
        for name in ("acct", "timestamp", "events"):
            self.assertIn("sysctl -w net.netfilter.nf_conntrack_%s=1" % name,
                          tap.notes)
        tap.end()

    def test_flows_older_than_the_listener_are_told_of(self):
        self.net.ct("", "events", 2)
        self.server(SERVER4, 10)
        self.net.inside(self.net.client, "udp", SERVER4, 7001, 10, 1, 0)
        tap = self.tap("conntrack:")
        self.assertIn("sysctl -w net.netfilter.nf_conntrack_events=1",
                      tap.notes)
        tap.end()

    def test_rights_may_be_given_up_if_another_asks_for_the_table(self):
        self.server(SERVER4, 10)
        for mode in ("ask", "drop"):
            tap = self.tap("conntrack:", 2, mode)
            self.net.inside(self.net.client, "udp", SERVER4, 7001, 10, 30,
                            0.1)
            time.sleep(1)
            c = tap.end()
            if mode == "ask":
                self.assertEqual(c["dump_errors"], 0)
                self.assertGreaterEqual(c["dumps"], 3)
                self.assertEqual(total(tap.states(), "packets", 0), 30)
            else:
                self.assertGreaterEqual(c["dump_errors"], 1)
                self.assertIn("Operation not permitted", tap.errors())

    def test_without_rights_it_fails_with_one_line(self):
        done = subprocess.run(
            ["ip", "netns", "exec", self.net.gate, "setpriv", "--reuid",
             "65534", "--clear-groups", PROGRAMS["conntrack_tap"],
             "conntrack:", "0"], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, timeout=WAIT)
        self.assertEqual(done.returncode, 1)
        lines = done.stderr.decode().splitlines()
        self.assertEqual(len(lines), 1)
        self.assertIn("needs root or CAP_NET_ADMIN", lines[0])


def main():
    if sys.argv[1] == "--inside":
        fn, *types = INSIDE[sys.argv[2]]
        return fn(*[t(a) for t, a in zip(types, sys.argv[3:])])
    reason = why_not()
    if reason is not None:
        print("skipped: %s" % reason)
        sys.exit(SKIP)
    names = [a for a in sys.argv[2:] if "=" not in a]
    unittest.main(argv=["conntrack"] + names, verbosity=2)


if __name__ == "__main__":
    main()
