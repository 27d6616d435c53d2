# SPDX-License-Identifier: ISC
"""Small servers and clients for record.sh, over plain sockets.

serve            a name server on port 53, a sink of streams and datagrams on 5001
ask HOST...      three questions to each name server
pour HOST...     200 000 octets over TCP to each
burst HOST...    60 datagrams to each
knock HOST PORT  one datagram to a port where nobody listens
tag NAME ID      a device NAME whose frames pass through eth0 with this VLAN
                 tag, for kernels without VLAN devices
"""
import fcntl
import os
import selectors
import socket
import struct
import sys
import time

DNS_PORT = 53
SINK_PORT = 5001


def question(number, name):
    labels = b"".join(bytes([len(part)]) + part.encode()
                      for part in name.split("."))
    return (struct.pack("!6H", number, 0x0100, 1, 0, 0, 0) + labels + b"\0" +
            struct.pack("!2H", 1, 1))


def answer(packet):
    """The same question back, and 192.0.2.80 for an hour."""
    return (packet[:2] + struct.pack("!5H", 0x8180, 1, 1, 0, 0) +
            packet[12:] + struct.pack("!3HIH4B", 0xc00c, 1, 1, 3600, 4,
                                      192, 0, 2, 80))


def bound(kind, port):
    s = socket.socket(socket.AF_INET6, kind)
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("::", port))
    if kind == socket.SOCK_STREAM:
        s.listen(8)
    return s


def serve():
    names = bound(socket.SOCK_DGRAM, DNS_PORT)
    datagrams = bound(socket.SOCK_DGRAM, SINK_PORT)
    streams = bound(socket.SOCK_STREAM, SINK_PORT)
    ready = selectors.DefaultSelector()
    for s in (names, datagrams, streams):
        ready.register(s, selectors.EVENT_READ)
    while True:
        for key, _ in ready.select():
            s = key.fileobj
            if s is names:
                packet, who = s.recvfrom(512)
                s.sendto(answer(packet), who)
            elif s is datagrams:
                s.recvfrom(2048)
            elif s is streams:
                ready.register(s.accept()[0], selectors.EVENT_READ)
            elif not s.recv(65536):
                ready.unregister(s)
                s.close()


def ask(hosts):
    for host in hosts:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        for number in range(3):
            with socket.socket(family, socket.SOCK_DGRAM) as s:
                s.settimeout(2)
                s.connect((host, DNS_PORT))
                s.send(question(number + 1, "host%d.example" % number))
                s.recv(512)


def pour(hosts):
    for host in hosts:
        with socket.create_connection((host, SINK_PORT)) as s:
            for _ in range(50):
                s.sendall(b"." * 4000)


def burst(hosts):
    for host in hosts:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as s:
            s.connect((host, SINK_PORT))
            for number in range(60):
                s.send(b"%04d" % number * 200)
                time.sleep(0.01)


def knock(host, port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.sendto(b"anyone?", (host, int(port)))


# <linux/if_tun.h>, <linux/if_packet.h>
TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454ca, 0x0002, 0x1000
SOL_PACKET, PACKET_AUXDATA, PACKET_OUTGOING = 263, 8, 4
ETH_P_ALL = 3


def vlan_of(ancillary):
    """The tag that the kernel took off a received frame, or None."""
    for level, kind, data in ancillary:
        if level == SOL_PACKET and kind == PACKET_AUXDATA:
            status, _, _, _, _, tci, _ = struct.unpack("=3I4H", data[:20])
            if status & 0x10:  # TP_STATUS_VLAN_VALID
                return tci & 0x0fff
    return None


def tag(name, vlan):
    tap = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack(
        "16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                         socket.htons(ETH_P_ALL))
    wire.bind(("eth0", ETH_P_ALL))
    wire.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    ready = selectors.DefaultSelector()
    ready.register(tap, selectors.EVENT_READ)
    ready.register(wire, selectors.EVENT_READ)
    while True:
        for key, _ in ready.select():
            if key.fileobj is wire:
                frame, more, _, where = wire.recvmsg(2048, 64)
                if where[2] != PACKET_OUTGOING and vlan_of(more) == vlan:
                    try:
                        os.write(tap, frame)
                    except OSError:
                        pass  # not up yet: lost, as on a wire
            else:
                frame = os.read(tap, 2048)
                wire.send(frame[:12] + struct.pack("!2H", 0x8100, vlan) +
                          frame[12:])


def main():
    words = sys.argv[1:]
    deeds = {"serve": serve, "ask": lambda: ask(words[1:]),
             "pour": lambda: pour(words[1:]),
             "burst": lambda: burst(words[1:]),
             "knock": lambda: knock(*words[1:3]),
             "tag": lambda: tag(words[1], int(words[2]))}
    if not words or words[0] not in deeds:
        sys.exit(__doc__)
    deeds[words[0]]()


main()
