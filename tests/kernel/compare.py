# SPDX-License-Identifier: ISC
"""What the machine of run.sh sent: every connection that conntrack told of
must have been exported with conntrack's own counters, and nothing else."""
import ipaddress
import re
import sys

from decode import Decoder, NatEvent

PROTOCOLS = {"tcp": 6, "udp": 17, "icmp": 1, "icmpv6": 58}
PORTS = {2055, 4739, 4740}
# Counters of which each would be a connection lost, or an error.
ZERO = ("missed", "unaccounted", "no_room", "send_errors", "unsent_messages",
        "other_netns", "untimed", "no_receiver",
        "dropped_discarded_records", "dropped_invalid_states",
        "dropped_not_selected_states", "dropped_too_large_states")
ALARM = re.compile(r"BUG|WARNING|Oops|Call Trace|INFO:|general protection|"
                   r"Kernel panic|suspicious|corrupt|Poison|Redzone|leaked")
TIMEOUT = 2.0  # of UDP and ICMP connections, as init.sh sets it
SLACK = 5.0    # s: an emulated machine takes its time

failures = []


def expect(cond, what):
    if not cond:
        failures.append(what)


def sections(path):
    out, name = {}, None
    with open(path, encoding="utf-8", errors="replace", newline="\n") as f:
        for line in f:
            line = line.rstrip("\r\n")
            if line.startswith("== "):
                name = line[3:]
                out[name] = []
            elif name:
                out[name].append(line)
    return out


class Event:
    """One connection, as conntrack -E told its end."""

    def __init__(self, line):
        self.at = float(re.match(r"\[([\d.]+)", line).group(1))
        name = re.search(r"\[DESTROY\]\s+(?:ipv[46]\s+\d+\s+)?(\w+)",
                         line).group(1)
        self.protocol = PROTOCOLS[name]
        pairs = re.findall(r"\b(\w+)=(\S+)", line)
        self.way = ({}, {})
        n = -1
        for key, value in pairs:
            n += key == "src"
            if 0 <= n < 2:
                self.way[n].setdefault(key, value)
        first = self.way[0]
        self.ends = (str(ipaddress.ip_address(first["src"])),
                     str(ipaddress.ip_address(first["dst"])))
        self.ipv6 = ":" in self.ends[0]
        self.id = int(re.search(r"\bid=(\d+)$", line).group(1))
        self.translated = (first["src"], first["dst"], first.get("sport")) != \
            (self.way[1]["dst"], self.way[1]["src"], self.way[1].get("dport"))

    def ours(self):
        return self.protocol == 17 and int(self.way[0]["dport"]) in PORTS

    def ports(self, way):
        if self.protocol in (1, 58):
            w = self.way[way]
            return 0, int(w["type"]) * 256 + int(w["code"])
        return int(self.way[0]["sport"]), int(self.way[0]["dport"])

    def post(self):
        """The initiator's way after translation."""
        back = self.way[1]
        icmp = self.protocol in (1, 58)
        return (str(ipaddress.ip_address(back["dst"])),
                str(ipaddress.ip_address(back["src"])),
                0 if icmp else int(back["dport"]),
                0 if icmp else int(back["sport"]))

    def records(self):
        out = []
        for n in (0, 1):
            packets = int(self.way[n]["packets"])
            octets = int(self.way[n]["bytes"])
            if octets == 0:
                continue
            src, dst = self.ends if n == 0 else self.ends[::-1]
            sport, dport = self.ports(n)
            if n == 1 and self.protocol not in (1, 58):
                sport, dport = dport, sport
            out.append((self.protocol, src, dst, sport, dport, packets,
                        octets))
        return out


class Phase:
    """One part of init.sh: where it exported to, and when it was loaded."""

    def __init__(self, name, port):
        self.name, self.port = name, int(port)
        self.loaded = []  # [from, to]
        self.end = None

    def must(self, at):
        return any(a + 0.5 <= at <= b for a, b in self.loaded)


def read_marks(rows):
    phases = []
    for row in rows:
        at, word, *rest = row.split(" ")
        at = int(at) / 1e9
        if word == "phase":
            phases.append(Phase(*rest))
            phases[-1].begin = at
        elif word == "load":
            phases[-1].loaded.append([at, None])
        elif word in ("unload", "end"):
            spans = phases[-1].loaded
            if spans and spans[-1][1] is None:
                spans[-1][1] = at
            if word == "end":
                phases[-1].end = at
        elif word == "check":
            expect(rest[0] == "ok", "inside: " + row)
    return phases


def read_stats(rows):
    return {name: int(value) for name, value in (r.split() for r in rows)}


def check_times(record, event, arrived):
    """The last packet came a timeout before the end of the connection."""
    start, end = record.start_ms / 1e3, record.end_ms / 1e3
    expect(start <= end <= event.at + 0.01,
           "times %f %f of a connection that ended at %f" %
           (start, end, event.at))
    if event.protocol != 6:
        expect(event.at - end >= TIMEOUT - 0.1,
               "last packet %.3f s before the end, less than the timeout" %
               (event.at - end))
    return arrived - event.at


def take(record, must, may):
    """The event of a record: of several alike, the next after its end."""
    best = None
    for events in (must.get(record.key, []), may.get(record.key, [])):
        for event in events:
            if event.at >= record.end_ms / 1e3 and \
                    (best is None or event.at < best[0].at):
                best = event, events
    if best is None:
        return None
    best[1].remove(best[0])
    return best[0]


def check_extended(record, event):
    """What conntrack knows besides pflow(4)'s fields."""
    expect(record.flow_id == event.id, "flow id %s of connection %d" %
           (record.flow_id, event.id))
    post = event.post()
    if event.translated and record.key[1:3] == event.ends and \
            record.key[3:5] == event.ports(0):
        expect(record.post == post, "after translation %s, not %s" %
               (post, record.post))
    if not event.translated:
        expect(record.post is None, "no translation, but %s" % (record.post,))


def check_nat(ends, events):
    """One NAT event for each translated connection, and no other."""
    due = sorted((e.ends + e.ports(0), e.post()) for e in events)
    told = sorted((n.ends, n.post) for n in ends)
    expect(due == told, "%d NAT events of %d" % (len(told), len(due)))
    expect(all(n.kind == 5 for n in ends), "NAT events of other kinds")
    print("  %d NAT events, %d due" % (len(told), len(due)))


def judge(phase, events, messages, hold):
    decoder = Decoder()
    must, may = {}, {}
    v5 = phase.name == "v5"
    ipv6 = 0
    for event in events:
        if not phase.begin <= event.at <= phase.end:
            continue
        # The export's own way must not be exported; what flowed to the
        # receiver of an earlier session may be.
        if event.ours() and phase.name != "unload" and \
                int(event.way[0]["dport"]) == phase.port:
            continue
        sure = phase.must(event.at) and not event.ours()
        ipv6 += event.ipv6 and sure
        for record in event.records():
            if not (v5 and event.ipv6):
                (must if sure else may).setdefault(record, []).append(event)
    due = sum(map(len, must.values()))
    waits, records, nat, found = [], 0, [], set()
    for arrived, sender, data in messages:
        for record in decoder.message(data):
            if isinstance(record, NatEvent):
                nat.append(record)
                continue
            records += 1
            event = take(record, must, may)
            if event is None:
                failures.append("%s: conntrack knows nothing of %s" %
                                (phase.name, record.key))
                continue
            waits.append(check_times(record, event, arrived))
            found.add(event)
            if phase.name == "unload":
                check_extended(record, event)
        if v5:
            expect(sender.endswith(":192.0.2.1"), "sent from " + sender)
    if phase.name == "unload":
        check_nat(nat, [e for e in found if e.translated])
    left = [key for key, some in must.items() for _ in some]
    for key in left[:10]:
        failures.append("%s: not exported: %s" % (phase.name, key))
    expect(due > 10, "%s: only %d records were due" % (phase.name, due))
    expect(max(waits, default=99) <= hold + SLACK,
           "%s: waited %s s" % (phase.name, max(waits, default=None)))
    # Each load of the module is a session of its own.
    expect(decoder.sessions <= len(phase.loaded), "%s: %d sessions" %
           (phase.name, decoder.sessions))
    failures.extend("%s: %s" % (phase.name, e) for e in decoder.errors)
    print("  %s: %d records in %d messages, %d of them due, %d missing; "
          "waited %.1f to %.1f s" % (phase.name, records, len(messages), due,
                                     len(left), min(waits or [0]),
                                     max(waits or [0])))
    return ipv6, waits, decoder


def main():
    said = sections(sys.argv[1])
    events = [Event(row) for row in said["events"] if "[DESTROY]" in row]
    messages = {}
    for row in said["datagrams"]:
        at, port, sender, data = row.split(" ")
        messages.setdefault(int(port), []).append(
            (int(at) / 1e9, sender, bytes.fromhex(data)))
    phases = read_marks(said["marks"])
    expect(any(e.translated for e in events), "nothing was translated")
    for protocol in PROTOCOLS.values():
        expect(any(e.protocol == protocol for e in events),
               "no connection of protocol %d" % protocol)
    for phase in phases:
        hold = 30 if phase.name == "hold" else 1
        # After its end, a phase's receiver may see the next settings begin.
        sent = [m for m in messages.get(phase.port, []) if m[0] <= phase.end]
        ipv6, waits, decoder = judge(phase, events, sent, hold)
        stats = read_stats(said["stats." + phase.name])
        for name in ZERO:
            expect(stats[name] == 0, "%s: %s is %d" %
                   (phase.name, name, stats[name]))
        expect(stats["records"] == stats["records_sent"],
               "%s: records made and sent differ" % phase.name)
        if phase.name == "v5":
            expect(stats["dropped_ipv6_in_v5_states"] == ipv6 > 0,
                   "v5: %d of %d IPv6 connections counted" %
                   (stats["dropped_ipv6_in_v5_states"], ipv6))
        if phase.name == "hold":
            expect(max(waits) >= hold - 1, "hold: left early")
            expect(stats["own"] > 0, "hold: the export's own way never ended")
        expect(decoder.domains == {7 if phase.name == "hold" else 258},
               "%s: domains %s" % (phase.name, decoder.domains))
    # What the kernel lost while it came up is not ours.
    leaks = [block for block in
             "\n".join(said["leaks"]).split("unreferenced object")[1:]
             if 'comm "swapper' not in block]
    failures.extend("leak: " + block for block in leaks)
    alarms = [row for row in said["dmesg"] if ALARM.search(row)]
    failures.extend("dmesg: " + row for row in alarms)
    print("  %d connections, %d translated, %d lines of dmesg, %d alarms" %
          (len(events), sum(e.translated for e in events),
           len(said["dmesg"]), len(alarms)))
    if any("leaks looked for" in row for row in said["marks"]):
        print("  kmemleak: %d leaks" % len(leaks))
    for failure in failures[:40]:
        print("  " + failure)
    sys.exit("  %d failures" % len(failures) if failures else 0)


main()
