# SPDX-License-Identifier: ISC
"""kinds.py TOOL PACKETS STATES: records of every kind through a tool, with
the values that went in coming out. PACKETS is a capture with TCP flags,
STATES one of pfsync with translations."""
import collections
import os
import sys
import tempfile

import interop
import readers

# Name, settings, which capture.
KINDS = [
    ("v5", 5, [], 1),
    ("v9", 9, [], 1),
    ("standard", 10, [], 1),
    ("extended", 10, ["template", "extended"], 1),
    ("extended v9", 9, ["template", "extended"], 1),
    ("own list", 10, ["template", "{ sourceIPv4Address "
                      "destinationIPv4Address sourceIPv6Address "
                      "destinationIPv6Address sourceTransportPort "
                      "destinationTransportPort protocolIdentifier "
                      "octetDeltaCount/5 packetDeltaCount/3 }"], 1),
    ("NAT events", 10, ["nat", "yes"], 2),
    ("NAT events and fields", 10, ["nat", "yes", "template", "extended"], 2),
    ("options", 10, ["options", "yes"], 1),
    ("biflow", 10, ["biflow", "yes"], 1),
    ("everything", 10, ["options", "yes", "biflow", "yes", "nat", "yes",
                        "template", "extended"], 2),
]
# They read files of IPFIX.
READERS = {"tshark": readers.tshark, "ipfixdump": readers.ipfixdump}
COLLECTORS = {"nfdump": readers.Nfdump, "nfacctd": readers.Nfacctd}


def sums(rows, fields):
    """TCP and UDP flows by their key: what is to be added, and the rest."""
    total = collections.defaultdict(lambda: [0] * 5)
    for row in rows:
        if row["nat"] is not None or row["key"][4] not in (6, 17):
            continue
        entry = total[row["key"]]
        entry[0] += row["packets"]
        entry[1] += row["octets"]
        if "flags" in fields:
            entry[2] |= row["flags"]
        if "back" in fields and row["back"] is not None:
            entry[3] += row["back"][0]
            entry[4] += row["back"][1]
    return dict(total)


def events(rows):
    return sorted((row["key"], row["nat"]) for row in rows
                  if row["nat"] is not None and row["key"][4] in (6, 17))


def compare(what, got, due):
    for key in sorted(set(got) | set(due)):
        if got.get(key) != due.get(key):
            interop.fail("%s: %s: %s, expected %s" % (
                what, key, got.get(key), due.get(key)))


def read_file(tool, source, work, settings):
    path = os.path.join(work, "it.ipfix")
    interop.export(source, "file:" + path, 10, *settings)
    rows, options = READERS[tool](path)
    if "options" in settings and not options:
        interop.fail("%s reads no options" % tool)
    return rows


def collect(tool, source, proto, settings, enough):
    with COLLECTORS[tool](4) as it:
        interop.export(source, "udp:" + interop.endpoint(4, it.port), proto,
                       *settings)
        return it.rows(enough)


def check(tool, kind, work):
    name, proto, settings, which = kind
    source = ("pcap:" if which == 1 else "pfsync:") + sys.argv[which + 1]
    settings = ["select", "all"] + settings
    if tool == "nfacctd":
        # pmacct 1.7.7 reads integers of 1, 2, 4 and 8 octets alone.
        settings = [word.replace("/5", "/4").replace("/3", "/4")
                    for word in settings]
    path = os.path.join(work, "due.ipfix")
    fields = set()
    if "extended" in settings:
        fields.add("flags")
    if "biflow" in settings and tool != "nfacctd":
        fields.add("back") # pmacct knows no reverse elements
    # What v5 can not say is left out.
    interop.export(source, "file:" + path, 10, *settings)
    due, _ = readers.pflowdump(path)
    if proto == 5:
        due = [row for row in due if ":" not in row["key"][0]]
    if tool in READERS:
        rows = read_file(tool, source, work, settings)
    else:
        rows = collect(tool, source, proto, settings,
                       lambda some: sums(some, fields) == sums(due, fields)
                       and ("nat" not in settings or
                            events(some) == events(due)))
    compare("%s, %s" % (tool, name), sums(rows, fields), sums(due, fields))
    if "nat" in settings:
        interop.must_equal("%s, %s: events" % (tool, name), events(rows),
                           events(due))
    return len(sums(rows, fields)), len(events(rows))


def main():
    tool = sys.argv[1]
    flows, nat = 0, 0
    with tempfile.TemporaryDirectory() as work:
        for kind in KINDS:
            if tool in READERS and kind[1] != 10:
                continue
            some = check(tool, kind, work)
            flows += some[0]
            nat += some[1]
    if flows == 0 or nat == 0:
        interop.fail("nothing was compared")
    print("%d flows, %d NAT events" % (flows, nat))


main()
