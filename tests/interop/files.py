# SPDX-License-Identifier: ISC
"""files.py CAPTURE VECTORS: rotated files (RFC 5655). Every one of them is
read alone by pflowdump, tshark and ipfixDump, together they have every record
once, and every checksum is that of Python's MD5."""
import glob
import hashlib
import os
import re
import struct
import sys
import tempfile

import interop

LIMIT = 2048
CHECKSUM_TEMPLATE = 277


def messages_of(octets):
    at = 0
    while at < len(octets):
        version, length = struct.unpack_from("!HH", octets, at)
        interop.must_equal("version at %d" % at, version, 10)
        yield octets[at:at + length]
        at += length
    interop.must_equal("octets of whole messages", at, len(octets))


def check_checksum(message):
    """It is the last record of the message, in a set of its own."""
    set_id, length = struct.unpack_from("!HH", message, len(message) - 21)
    interop.must_equal("last set", (set_id, length), (CHECKSUM_TEMPLATE, 21))
    due = hashlib.md5(message[:-16] + bytes(16)).digest()
    interop.must_equal("checksum", message[-16:], due)


def dump(path, ok=(0,)):
    out, err = interop.run(os.environ["PFLOWDUMP"], "-c", "-v", path, ok=ok)
    numbers = {name: int(value) for name, value in re.findall(
        r"^([a-z_]+\.[a-z_]+) +(\d+)\b", err, re.M)}
    return [row for row in out.splitlines()[1:]], numbers, err


def check_file(path, fixbuf):
    """One file, as if there were no other. Its flows."""
    with open(path, "rb") as f:
        octets = f.read()
    if len(octets) > LIMIT:
        interop.fail("%s has %d octets" % (path, len(octets)))
    messages = list(messages_of(octets))
    interop.must_equal("sequence number of the first message",
                       struct.unpack_from("!I", messages[0], 8)[0], 0)
    for message in messages:
        check_checksum(message)
    rows, numbers, err = dump(path)
    for name, due in (("decoder.messages", len(messages)),
                      ("decoder.checksums_right", len(messages)),
                      ("decoder.checksums_wrong", 0),
                      ("decoder.unknown_template_sets", 0),
                      ("decoder.sequence_gaps", 0)):
        interop.must_equal("%s: %s" % (path, name), numbers[name], due)
    interop.must_equal("strange to tshark", interop.experts(path), [])
    if fixbuf:
        out, said = interop.run("ipfixDump", "-i", path)
        interop.must_equal("ipfixDump says", said, "")
        interop.must_equal(
            "ipfixDump's records",
            len(re.findall(r"^--- data record \d+", out, re.M)),
            numbers["decoder.records"] + numbers["decoder.options_records"])
    return rows, numbers, interop.sums_of(path)


def rotated(capture, work, fixbuf, *settings):
    """A capture into small files, and into a large one."""
    one = os.path.join(work, "one.ipfix")
    interop.export("pcap:" + capture, "file:" + one, 10, *settings)
    due = sorted(row for row in dump(one)[0] if "messageMD5" not in row)
    path = os.path.join(work, "many.ipfix")
    numbers = interop.export("pcap:" + capture, "file:" + path, 10, "rotate",
                             "2K", "mtu", "700", "checksum", "yes", *settings)
    files = sorted(glob.glob(os.path.join(work, "many.*ipfix")))
    interop.must_equal("files", len(files), numbers["transport.rotations"] + 1)
    if len(files) < 3:
        interop.fail("only %d files" % len(files))
    rows, records, packets, octets = [], 0, 0, 0
    for name in files:
        some, counts, sums = check_file(name, fixbuf)
        rows += [row for row in some if "messageMD5" not in row]
        records += counts["decoder.records"] + \
            counts["decoder.options_records"]
        packets += sums[1]
        octets += sums[2]
    interop.must_equal("records", records, numbers["records"])
    interop.must_equal("packets, octets, by tshark", (packets, octets),
                       (numbers["packets"], numbers["octets"]))
    interop.must_equal("what the files say", sorted(rows), due)
    for name in files[1:]:
        os.unlink(name)
    return files[0], len(files), len(due)


def check_damage(path):
    """One octet of a value: the message is named, the others are read."""
    with open(path, "r+b") as f:
        octets = bytearray(f.read())
        first = struct.unpack_from("!H", octets, 2)[0]
        octets[first + 40] ^= 1
        f.seek(0)
        f.write(octets)
    _, numbers, err = dump(path, ok=(1,))
    interop.must_equal("wrong checksums", numbers["decoder.checksums_wrong"],
                       1)
    if "octet %d: the checksum of this message is wrong" % first not in err:
        interop.fail("the place is not told: " + err)


def main():
    capture, vectors = sys.argv[1:3]
    fixbuf = sys.argv[3:] == ["fixbuf"]
    with tempfile.TemporaryDirectory() as work:
        first, files, rows = rotated(capture, work, fixbuf)
        check_damage(first)
        os.unlink(first)
        first, more, _ = rotated(capture, work, fixbuf, "template",
                                 "extended", "nat", "yes", "biflow", "yes")
        os.unlink(first)
        # A checksum that others made.
        path = os.path.join(work, "md5.ipfix")
        with open(os.path.join(vectors, "ipfix-md5.hex"),
                  encoding="ascii") as f, open(path, "wb") as out:
            out.write(bytes.fromhex("".join(
                row for row in f if not row.startswith("#"))))
        interop.must_equal("checksum of the vector",
                           dump(path)[1]["decoder.checksums_right"], 1)
    print("%d and %d files, %d rows" % (files, more, rows))


main()
