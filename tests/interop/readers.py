# SPDX-License-Identifier: ISC
"""What a file or a collector says, as rows that can be compared: dicts with
"key" (addresses, ports, protocol), "packets", "octets", and, where there are
such, "flags", "back" (packets and octets of the way back) and "nat" (event,
addresses and ports behind the translation)."""
import ipaddress
import json
import os
import re
import signal
import subprocess
import tempfile
import time
import xml.etree.ElementTree as ElementTree

import collector
import interop

PROTOCOLS = {"icmp": 1, "tcp": 6, "udp": 17, "gre": 47, "ipv6-icmp": 58}


def pflowdump(path):
    """Rows of flows, and those of options as they are."""
    out, _ = interop.run(os.environ["PFLOWDUMP"], "-j", "-q", path)
    rows, options = [], []
    for line in out.splitlines():
        row = json.loads(line)
        if "options" in row:
            options.append(row["options"])
            continue
        rows.append(one(
            (row["source"], row["destination"], row.get("source_port", 0),
             row.get("destination_port", 0), row["protocol"]),
            row["packets"], row["octets"], row.get("tcp_flags", 0),
            (row["reverse_packets"], row["reverse_octets"])
            if "reverse_octets" in row else None,
            (row["nat_event"], row["translated_source"],
             row["translated_destination"],
             row.get("translated_source_port", 0),
             row.get("translated_destination_port", 0))
            if row.get("nat_event") else None))
    return rows, options


def one(key, packets, octets, flags=0, back=None, nat=None):
    return {"key": key, "packets": int(packets), "octets": int(octets),
            "flags": int(flags), "back": back, "nat": nat}


def by_names(fields, names):
    """A record of named values as a row; None: it is no flow."""
    src = fields.get(names["src4"], fields.get(names["src6"]))
    if src is None:
        return None
    dst = fields.get(names["dst4"], fields.get(names["dst6"]))
    src, dst = (str(ipaddress.ip_address(text)) for text in (src, dst))
    number = {name: int(fields.get(names[name], 0)) for name in (
        "sport", "dport", "protocol", "packets", "octets", "flags", "event",
        "psport", "pdport")}
    back = None
    if names["back_octets"] in fields:
        back = (int(fields[names["back_packets"]]),
                int(fields[names["back_octets"]]))
    nat = None
    if number["event"]:
        nat = (number["event"], fields[names["psrc"]], fields[names["pdst"]],
               number["psport"], number["pdport"])
    return one((src, dst, number["sport"], number["dport"],
                number["protocol"]), number["packets"], number["octets"],
               number["flags"], back, nat)


FIXBUF = {
    "src4": "sourceIPv4Address", "src6": "sourceIPv6Address",
    "dst4": "destinationIPv4Address", "dst6": "destinationIPv6Address",
    "sport": "sourceTransportPort", "dport": "destinationTransportPort",
    "protocol": "protocolIdentifier", "packets": "packetDeltaCount",
    "octets": "octetDeltaCount", "flags": "tcpControlBits",
    "event": "natEvent", "psrc": "postNATSourceIPv4Address",
    "pdst": "postNATDestinationIPv4Address",
    "psport": "postNAPTSourceTransportPort",
    "pdport": "postNAPTDestinationTransportPort",
    "back_packets": "reversePacketDeltaCount",
    "back_octets": "reverseOctetDeltaCount",
}


def ipfixdump(path):
    out, said = interop.run("ipfixDump", "-i", path)
    interop.must_equal("ipfixDump says", said, "")
    rows, options = [], []
    for text in re.split(r"^--- data record \d+ ---$", out, flags=re.M)[1:]:
        text = text.split("\n--- ")[0]
        fields = {name: value.strip() for name, value in re.findall(
            r"^\t\(\S+\)(?: \(S\))? +(\w+) : (?:\(len: \d+\) )?(.*)$", text,
            re.M)}
        if "tcpControlBits" in fields:
            fields["tcpControlBits"] = int(fields["tcpControlBits"], 0)
        row = by_names(fields, FIXBUF)
        if row is None:
            options.append(fields)
        else:
            rows.append(row)
    return rows, options


WIRESHARK = {
    "src4": "cflow.srcaddr", "src6": "cflow.srcaddrv6",
    "dst4": "cflow.dstaddr", "dst6": "cflow.dstaddrv6",
    "sport": "cflow.srcport", "dport": "cflow.dstport",
    "protocol": "cflow.protocol", "packets": "cflow.packets",
    "octets": "cflow.octets", "flags": "cflow.tcpflags",
    "event": "cflow.nat_event", "psrc": "cflow.post_natsource_ipv4_address",
    "pdst": "cflow.post_natdestination_ipv4_address",
    "psport": "cflow.post_naptsource_transport_port",
    "pdport": "cflow.post_naptdestination_transport_port",
    "back_packets": "reverse cflow.packets",
    "back_octets": "reverse cflow.octets",
}


def tshark(path):
    """Every flow of the tree that Wireshark makes of a file."""
    out, _ = interop.run("tshark", "-n", "-r", path, "-T", "pdml")
    interop.must_equal("strange to tshark", interop.experts(path), [])
    rows, options = [], []
    for flow in ElementTree.fromstring(out).iter("field"):
        if not flow.get("show", "").startswith("Flow "):
            continue
        fields = {}
        for field in flow.iter("field"):
            name, show = field.get("name"), field.get("show", "")
            if "(Reverse Type" in field.get("showname", ""):
                name = "reverse " + name
            if name == "cflow.tcpflags":
                show = int(show, 16)
            fields.setdefault(name, show)
        row = by_names(fields, WIRESHARK)
        if row is None:
            options.append(fields)
        else:
            rows.append(row)
    return rows, options


FORMAT = "fmt:%sa,%da,%sp,%dp,%pr,%ipkt,%ibyt,%opkt,%obyt,%flg"


def nfdump(path):
    """Flows by a format, events by what is printed raw."""
    out, _ = interop.run("nfdump", "-r", path, "-q", "-6", "-N", "-o", FORMAT)
    raw, _ = interop.run("nfdump", "-r", path, "-q", "-6", "-N", "-o", "raw")
    events = [dict(re.findall(r"^  ([a-z][a-zA-Z ]*?) += +(.*)$", text, re.M))
              for text in raw.split("Flow Record:")[1:]]
    rows = []
    for line, event in zip(out.splitlines(), events):
        (src, dst, sport, dport, protocol, packets, octets, back_packets,
         back_octets, flags) = [word.strip() for word in line.split(",")]
        nat = None
        if "nat event" in event:
            nat = (int(event["nat event"].split(":")[0]),
                   event["src xlt ip"], event["dst xlt ip"],
                   int(event["src xlt port"]), int(event["dst xlt port"]))
        back = (int(back_packets), int(back_octets))
        rows.append(one(
            (src, dst, int(sport), int(float(dport)), int(protocol)), packets,
            octets, sum(bit << n for n, bit in enumerate(
                mark != "." for mark in reversed(flags))),
            back if back[1] else None, nat))
    return rows


class Nfdump(collector.Nfcapd):
    """nfcapd, and what nfdump tells of it."""

    def rows(self, _):
        return nfdump(self.finish())


class Nfacctd:
    """pmacct's nfacctd with two tables in memory."""
    KEY = "src_host,dst_host,src_port,dst_port,proto"
    NAT = "nat_event,post_nat_src_host,post_nat_dst_host," \
        "post_nat_src_port,post_nat_dst_port,timestamp_start"

    def __init__(self, family):
        self.work = tempfile.TemporaryDirectory()
        self.port = interop.free_port(family)
        self.log = os.path.join(self.work.name, "log")
        conf = os.path.join(self.work.name, "conf")
        with open(conf, "w", encoding="ascii") as f:
            f.write("daemonize: false\nnfacctd_ip: %s\nnfacctd_port: %d\n"
                    "plugins: memory[flows], memory[nat]\n" % (
                        interop.LOOPBACK[family], self.port))
            # An event and a flow of the same key would be one entry.
            for name, more in (("flows", "tcpflags,nat_event"), ("nat", self.NAT)):
                f.write("imt_path[%s]: %s\naggregate[%s]: %s,%s\n" % (
                    name, self.pipe(name), name, self.KEY, more))
        self.conf = conf

    def pipe(self, name):
        return os.path.join(self.work.name, name)

    def __enter__(self):
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(["nfacctd", "-f", self.conf],
                                            stdout=log, stderr=log)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with open(self.log, encoding="utf-8") as log:
                if "waiting for NetFlow/IPFIX data" in log.read() and \
                        all(os.path.exists(self.pipe(name))
                            for name in ("flows", "nat")):
                    return self
            time.sleep(0.1)
        self.__exit__()
        interop.fail("nfacctd does not start")

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.work.cleanup()

    def ask(self, name):
        out, _ = interop.run("pmacct", "-s", "-p", self.pipe(name), "-O",
                             "json")
        rows = [json.loads(line) for line in out.splitlines()]
        # Now and then the client of 1.7.7 prints a row that is nothing: no
        # addresses, an unknown protocol.
        return [row for row in rows if row["ip_src"]]

    @staticmethod
    def key(row):
        return (row["ip_src"], row["ip_dst"], row["port_src"],
                row["port_dst"], PROTOCOLS.get(row["ip_proto"], row["ip_proto"]))

    def rows(self, enough):
        """What it says as soon as that is enough, or after a while: it hands
        records to its tables when it likes."""
        deadline = time.monotonic() + 20
        rows = self.ask_all()
        while not enough(rows) and time.monotonic() < deadline:
            time.sleep(0.3)
            rows = self.ask_all()
        with open(self.log, encoding="utf-8") as log:
            bad = [line for line in log if re.match("WARN|ERROR", line)]
        interop.must_equal("nfacctd complains", bad, [])
        return rows

    def ask_all(self):
        rows = [one(self.key(row), row["packets"], row["bytes"],
                    int(row["tcp_flags"]))
                for row in self.ask("flows") if not row["nat_event"]]
        for row in self.ask("nat"):
            if row["nat_event"]:
                rows.append(one(self.key(row), 0, 0, 0, None, (
                    row["nat_event"], row["post_nat_ip_src"],
                    row["post_nat_ip_dst"], row["post_nat_port_src"],
                    row["post_nat_port_dst"])))
        return rows
