# SPDX-License-Identifier: ISC
"""NetFlow v5 and IPFIX, read by RFC 7011 alone: shares nothing with src/."""
import ipaddress
import struct


def address(octets):
    return str(ipaddress.ip_address(octets))


class Record:
    """key: protocol, source, destination, ports, packets, octets."""

    def __init__(self, protocol, src, dst, sport, dport, packets, octets,
                 start_ms, end_ms):
        self.key = (protocol, address(src), address(dst), sport, dport,
                    packets, octets)
        self.start_ms, self.end_ms = start_ms, end_ms
        self.post = self.flow_id = None


class NatEvent:
    """The end of a translation: the flow's ends before and after it."""

    def __init__(self, value, number):
        self.kind = number[230]
        self.ends = (address(value.get(8) or value[27]),
                     address(value.get(12) or value[28]), number.get(7, 0),
                     number.get(11, 0))
        self.post = post_of(value, number)
        self.at_ms = number[323]


def post_of(value, number):
    src, dst = value.get(225) or value.get(281), \
        value.get(226) or value.get(282)
    if src is None:
        return None
    return (address(src), address(dst), number.get(227, 0),
            number.get(228, 0))


class Decoder:
    """One collector: templates, sequence numbers, what was wrong."""

    def __init__(self):
        self.templates = {}
        self.sequence = None
        self.sessions = 0
        self.domains = set()
        self.errors = []

    def check_sequence(self, sequence, records):
        if self.sequence is None or sequence != self.sequence:
            if sequence != 0:
                self.errors.append("sequence %d, expected %s" %
                                   (sequence, self.sequence))
            self.sessions += 1
        self.sequence = sequence + records

    def message(self, data):
        version = struct.unpack_from(">H", data)[0]
        if version == 5:
            return self.v5(data)
        if version == 10:
            return self.ipfix(data)
        self.errors.append("version %d" % version)
        return []

    def v5(self, data):
        _, count, uptime, secs, nsecs, sequence, engine, _ = \
            struct.unpack_from(">HHIIIIHH", data)
        if len(data) != 24 + 48 * count or not 1 <= count <= 30:
            self.errors.append("v5: %d octets, %d records" %
                               (len(data), count))
            return []
        self.domains.add(engine)
        self.check_sequence(sequence, count)
        now_ms = secs * 1000 + nsecs // 1000000
        out = []
        for n in range(count):
            (src, dst, _, _, _, packets, octets, first, last, sport, dport, _,
             _, protocol, _, _, _, _, _, _) = struct.unpack_from(
                 ">4s4s4sHHIIIIHHBBBBHHBBH", data, 24 + 48 * n)
            out.append(Record(protocol, src, dst, sport, dport, packets,
                              octets, now_ms - (uptime - first) % 2**32,
                              now_ms - (uptime - last) % 2**32))
        return out

    def ipfix(self, data):
        _, length, _, sequence, domain = struct.unpack_from(">HHIII", data)
        if length != len(data):
            self.errors.append("IPFIX: %d octets, says %d" %
                               (len(data), length))
            return []
        self.domains.add(domain)
        at, out = 16, []
        while at < length:
            set_id, set_len = struct.unpack_from(">HH", data, at)
            if set_len < 4 or at + set_len > length:
                self.errors.append("IPFIX: a set of %d octets" % set_len)
                break
            body = data[at + 4:at + set_len]
            if set_id == 2:
                self.learn(body)
            elif set_id in self.templates:
                out += self.records(self.templates[set_id], body)
            else:
                self.errors.append("IPFIX: no template %d" % set_id)
            at += set_len
        self.check_sequence(sequence, len(out))
        return out

    def learn(self, body):
        at = 0
        while at + 4 <= len(body):
            template, count = struct.unpack_from(">HH", body, at)
            fields = [struct.unpack_from(">HH", body, at + 4 + 4 * n)
                      for n in range(count)]
            self.templates[template] = fields
            at += 4 + 4 * count

    def records(self, fields, body):
        size = sum(length for _, length in fields)
        out, at = [], 0
        while at + size <= len(body):
            value = {}
            for element, length in fields:
                value[element] = body[at:at + length]
                at += length
            number = {k: int.from_bytes(v, "big") for k, v in value.items()}
            if 230 in value:
                out.append(NatEvent(value, number))
                continue
            # Without ports, the ICMP type says what the record is about.
            icmp = number.get(32, number.get(139, 0))
            record = Record(number[4], value.get(8) or value[27],
                            value.get(12) or value[28], number.get(7, 0),
                            number.get(11, icmp), number[2], number[1],
                            number[152], number[153])
            record.post = post_of(value, number)
            record.flow_id = number.get(148)
            out.append(record)
        return out
