# SPDX-License-Identifier: ISC
"""What becomes of records while receivers are stopped, killed, cut off and
slow, and while the exporting process is killed.

With a spool every record arrives, each once after messages of the same
Sequence Number are taken as one. Without one, what does not arrive is counted.

PFLOW_CHAOS_SECONDS=600 lets each kind of chaos last that long;
PFLOW_CHAOS_SEED=N repeats one.
"""
import array
import fcntl
import json
import os
import random
import re
import select
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest

import pki

ME = os.path.abspath(__file__)
PROGRAMS = dict(arg.split("=", 1) for arg in sys.argv[2:] if "=" in arg)
SECONDS = float(os.environ.get("PFLOW_CHAOS_SECONDS", "6"))
SEED = int(os.environ.get("PFLOW_CHAOS_SEED", str(os.getpid())))
RATE = 20000
PORT = 4739
ENDS = ("10.79.0.1", "10.79.0.2")
HEADER = struct.Struct("!HHIII")
OCTETS = 8  # of a record


# --- the receiver: writes what it reads, a file for each connection ---

class Receiver:
    def __init__(self, directory, host, port, pem):
        self.directory = directory
        self.context = None
        if pem != "-":
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(pem + "/server.pem")
            self.context.load_verify_locations(pem + "/ca.pem")
            self.context.verify_mode = ssl.CERT_REQUIRED
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        self.listener.bind((host, port))
        self.listener.listen(8)
        self.open = {}
        self.told = False
        signal.signal(signal.SIGUSR1, self.tell)

    def tell(self, *_):
        self.told = True

    def accept(self):
        peer, _ = self.listener.accept()
        peer.settimeout(5)
        try:
            if self.context is not None:
                peer = self.context.wrap_socket(peer, server_side=True)
        except (OSError, ssl.SSLError):
            peer.close()
            return
        peer.setblocking(False)
        path = "%s/%06d" % (self.directory, len(os.listdir(self.directory)))
        self.open[peer] = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)

    def close(self, peer):
        os.close(self.open.pop(peer))
        peer.close()

    def read(self, peer):
        """What is read is written first: a kill leaves the rest unread."""
        while True:
            try:
                if self.context is None:
                    data = peer.recv(65536, socket.MSG_PEEK)
                    os.write(self.open[peer], data)
                    peer.recv(len(data))
                else:
                    data = peer.recv(65536)
                    os.write(self.open[peer], data)
            except (BlockingIOError, ssl.SSLWantReadError):
                return
            except OSError:
                data = b""
            if not data:
                self.close(peer)
                return

    def die(self):
        """kill -9, but how much was not read is written down."""
        unread, peers = 0, list(self.open)
        # Its system has taken octets for those that it has not accepted.
        self.listener.setblocking(False)
        while True:
            try:
                peers.append(self.listener.accept()[0])
            except OSError:
                break
        for peer in peers:
            size = fcntl.ioctl(peer.fileno(), termios.FIONREAD, b"\0" * 4)
            unread += struct.unpack("@i", size)[0]
        with open(self.directory + ".unread", "a") as file:
            file.write("%d\n" % unread)
        os.kill(os.getpid(), signal.SIGKILL)

    def run(self):
        print("ready", flush=True)
        while True:
            ready, _, _ = select.select([self.listener] + list(self.open), [],
                                        [], .05)
            if self.told:
                self.die()
            for s in ready:
                if s is self.listener:
                    self.accept()
                elif s in self.open:
                    self.read(s)


# --- what arrived ---

def messages(path):
    """(Sequence Number, octets) of whole messages; the last may be cut."""
    with open(path, "rb") as file:
        data = file.read()
    at = 0
    while len(data) - at >= HEADER.size:
        version, length, _, sequence, _ = HEADER.unpack_from(data, at)
        if version != 10 or length < HEADER.size:
            raise AssertionError("%s: no message at %d" % (path, at))
        if length > len(data) - at:
            return
        yield sequence, data[at:at + length]
        at += length


def numbers(message, known):
    """The records of a message; known: template ids of the session."""
    found = array.array("Q")
    at = HEADER.size
    while at < len(message):
        what, length = struct.unpack_from("!HH", message, at)
        if what == 2:
            known.update(struct.unpack_from("!H", message, at + 4))
        elif what >= 256:
            if what not in known:
                raise AssertionError("data before its template")
            body = message[at + 4:at + length]
            found.frombytes(body[:len(body) // OCTETS * OCTETS])
        at += length
    if sys.byteorder == "little":
        found.byteswap()
    return found


def next_number(spool):
    """How many records the spool was ever given, by its files."""
    found = 0
    for name in sorted(os.listdir(spool)):
        if not name.endswith(".ipfix"):
            continue
        for sequence, message in messages(os.path.join(spool, name)):
            records = 0
            at = HEADER.size
            while at < len(message):
                what, length = struct.unpack_from("!HH", message, at)
                records += (length - 4) // OCTETS if what >= 256 else 0
                at += length
            found = sequence + records
    return found


# --- the stage ---

def sh(*args, check=True):
    done = subprocess.run(args, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=60)
    if check and done.returncode != 0:
        raise RuntimeError("%s: %s" % (" ".join(args), done.stdout.decode()))
    return done.returncode == 0


class Loopback:
    """Without the rights for namespaces: nothing can be cut off."""
    host = "127.0.0.1"
    cuts = slows = False

    def __init__(self):
        with socket.socket() as s:
            s.bind((self.host, 0))
            self.port = s.getsockname()[1]

    def near(self):
        return []

    far = near

    def heal(self):
        pass

    close = heal


class Namespaces:
    """Two of them, and a cable."""
    host = ENDS[1]
    port = PORT
    cuts = True

    def __init__(self):
        self.names = ["pflow-chaos-%d-%s" % (os.getpid(), end)
                      for end in "ab"]
        try:
            self.begin()
        except (OSError, RuntimeError):
            self.close()
            raise

    def begin(self):
        for name in self.names:
            sh("ip", "netns", "add", name)
        sh("ip", "link", "add", "cable", "netns", self.names[0], "type",
           "veth", "peer", "name", "cable", "netns", self.names[1])
        for name, address in zip(self.names, ENDS):
            sh("ip", "-n", name, "addr", "add", address + "/24", "dev",
               "cable")
            sh("ip", "-n", name, "link", "set", "cable", "up")
            sh("ip", "-n", name, "link", "set", "lo", "up")
        sh(*self.far(), "nft", "add table inet t; add chain inet t in { type "
           "filter hook input priority 0; }")
        self.slows = sh(*self.far(), "tc", "qdisc", "add", "dev", "cable",
                        "root", "netem", check=False)

    def near(self):
        return ["ip", "netns", "exec", self.names[0]]

    def far(self):
        return ["ip", "netns", "exec", self.names[1]]

    def cut(self):
        sh(*self.far(), "nft", "add rule inet t in drop")

    def slow(self, delay):
        sh(*self.far(), "tc", "qdisc", "change", "dev", "cable", "root",
           "netem", "delay", delay)

    def heal(self):
        sh(*self.far(), "nft", "flush chain inet t in")
        if self.slows:
            self.slow("0ms")

    def close(self):
        for name in self.names:
            sh("ip", "netns", "del", name, check=False)


def stage():
    try:
        return Namespaces()
    except (OSError, RuntimeError) as error:
        print("loopback alone: %s" % error, file=sys.stderr)
        return Loopback()


class Play:
    """One run: a feeder, a receiver, and what is done to them."""

    def __init__(self, directory, where, kind, spool, kills, spare=False):
        self.where, self.kind, self.kills = where, kind, kills
        self.spare = None
        self.dest = "%s:%s:%d" % (kind, where.host, where.port)
        if spare:
            self.dest += "|%s:%s:%d" % (kind, where.host, where.port + 1)
        self.random = random.Random("%d %s %s" % (SEED, kind, spool))
        self.arrived = directory + "/arrived"
        os.mkdir(self.arrived)
        self.spool = directory + "/spool" if spool else "-"
        self.pem = "-"
        if kind == "tls":
            self.pem = directory
            pki.make(directory, where.host)
        self.done = {}
        self.feeder = self.receiver = None
        self.paused = False

    def receive(self, directory, port):
        process = subprocess.Popen(
            self.where.far() + [sys.executable, "-B", ME, "--receive",
                                directory, self.where.host, str(port),
                                self.pem], stdout=subprocess.PIPE)
        process.stdout.readline()
        process.stdout.close()
        return process

    def start_receiver(self):
        self.receiver = self.receive(self.arrived, self.where.port)

    def start_feeder(self):
        first = 0
        if os.path.isdir(self.spool):
            first = next_number(self.spool)
        tls = [self.pem + "/ca.pem", self.pem + "/client.pem"]
        self.feeder = subprocess.Popen(
            self.where.near() + [PROGRAMS["chaos_feed"], self.dest,
                                 self.spool, str(first), str(RATE)] +
            (tls if self.pem != "-" else []),
            stdout=subprocess.PIPE)

    def kill_receiver(self):
        if self.spool != "-":
            self.receiver.kill()
            self.receiver.wait(timeout=30)
            return
        # Nothing may come between its last look and its end.
        if self.where.cuts:
            self.where.cut()
        self.receiver.send_signal(signal.SIGUSR1)
        self.receiver.send_signal(signal.SIGCONT)
        self.receiver.wait(timeout=30)
        self.where.heal()

    def pause(self, low, high):
        time.sleep(self.random.uniform(low, high))

    def stop(self):
        self.receiver.send_signal(signal.SIGSTOP)
        self.pause(.1, 1)
        self.receiver.send_signal(signal.SIGCONT)

    def kill(self):
        self.kill_receiver()
        self.pause(0, .5)
        self.start_receiver()

    def kill_stopped(self):
        """With octets that it has not read."""
        self.receiver.send_signal(signal.SIGSTOP)
        self.pause(.1, .5)
        self.kill_receiver()
        self.start_receiver()

    def end(self):
        """In good order, as far as that goes."""
        if self.spool == "-":
            return self.kill()
        self.receiver.terminate()
        self.receiver.wait(timeout=30)
        self.pause(0, .3)
        self.start_receiver()

    def cut(self):
        self.where.cut()
        self.pause(.2, 3.5)
        self.where.heal()

    def slow(self):
        self.where.slow("%dms" % self.random.randint(5, 100))
        self.pause(.2, 1)
        self.where.heal()

    def kill_feeder(self):
        self.feeder.kill()
        self.feeder.wait(timeout=30)
        self.feeder.stdout.close()
        self.start_feeder()

    def run(self, seconds):
        """@return what the feeder counted"""
        events = [self.stop, self.kill, self.kill_stopped, self.end]
        if self.where.cuts:
            events.append(self.cut)
        if self.where.slows:
            events.append(self.slow)
        if self.kills:
            events += [self.kill_feeder] * 3
        until = time.monotonic() + seconds
        self.start_feeder()
        if "|" in self.dest:
            os.mkdir(self.arrived + ".spare")
            self.spare = self.receive(self.arrived + ".spare",
                                      self.where.port + 1)
        # Nobody is there yet.
        self.pause(.1, .5)
        self.start_receiver()
        # Each thing once, then as it comes.
        order = list(events)
        self.random.shuffle(order)
        while time.monotonic() < until:
            event = order.pop() if order else self.random.choice(events)
            self.done[event.__name__] = self.done.get(event.__name__, 0) + 1
            event()
            self.pause(0, .5)
        self.where.heal()
        self.feeder.terminate()
        out, _ = self.feeder.communicate(timeout=90)
        # What is on the way comes to its end.
        time.sleep(.3)
        return {name: int(value) for name, value in
                (line.split() for line in out.decode().splitlines())}

    def close(self):
        for process in (self.feeder, self.receiver, self.spare):
            if process is not None and process.poll() is None:
                process.kill()
                process.wait(timeout=30)

    def sessions(self):
        for directory in (self.arrived, self.arrived + ".spare"):
            if os.path.isdir(directory):
                for name in sorted(os.listdir(directory)):
                    yield os.path.join(directory, name)

    def unread(self):
        """Octets that were acknowledged and died with their receiver."""
        try:
            with open(self.arrived + ".unread") as file:
                return [int(line) for line in file]
        except FileNotFoundError:
            return []


class Chaos(unittest.TestCase):
    def play(self, kind, spool, kills, spare=False):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        where = stage()
        self.addCleanup(where.close)
        play = Play(directory.name, where, kind, spool, kills, spare)
        self.addCleanup(play.close)
        return play, play.run(SECONDS)

    def say(self, play, **facts):
        print(json.dumps(dict(facts, seed=SEED, events=play.done)),
              file=sys.stderr)

    def with_spool(self, kind, kills, spare=False):
        play, counted = self.play(kind, True, kills, spare)
        seen, sessions, repeated = {}, 0, 0
        for path in play.sessions():
            known, expected = set(), None
            for sequence, message in messages(path):
                found = numbers(message, known)
                # In order, and numbered through, in each session.
                if expected is not None:
                    self.assertEqual(sequence, expected, path)
                expected = sequence + len(found)
                if not found:
                    continue
                # A record's number is that of its place.
                self.assertEqual(found[0] - 1, sequence)
                self.assertEqual(found[-1] - found[0] + 1, len(found))
                if sequence in seen:
                    repeated += 1
                    self.assertEqual(seen[sequence], hash(message))
                seen[sequence] = hash(message)
                if sequence not in lengths(self):
                    lengths(self)[sequence] = len(found)
            sessions += 1
        at = 0
        for sequence in sorted(seen):
            self.assertEqual(sequence, at, "lost or twice")
            at += lengths(self)[sequence]
        self.say(play, fed=counted["next"], delivered=at, sessions=sessions,
                 messages=len(seen), repeated=repeated)
        self.assertEqual(at, counted["next"])
        self.assertEqual(counted["pushed_out_records"], 0)
        self.assertEqual(counted["spool_waiting_octets"], 0)
        self.assertGreater(at, RATE * SECONDS / 8)

    def test_tcp_with_a_spool_delivers_each_record_once(self):
        self.with_spool("tcp", False)

    def test_tcp_with_a_spool_survives_kill_9(self):
        self.with_spool("tcp", True)

    def test_tls_with_a_spool_survives_kill_9(self):
        self.with_spool("tls", True)

    def test_one_of_two_with_a_spool_has_each_record_once(self):
        self.with_spool("tcp", True, spare=True)

    def test_tcp_without_a_spool_counts_what_does_not_arrive(self):
        play, counted = self.play("tcp", False, False)
        seen = set()
        delivered = sessions = 0
        for path in play.sessions():
            known, expected = set(), 0
            for sequence, message in messages(path):
                found = numbers(message, known)
                # Numbers begin anew; what was dropped leaves a gap.
                self.assertGreaterEqual(sequence, expected)
                expected = sequence + len(found)
                delivered += len(found)
                seen.update(found)
            sessions += 1
        self.assertEqual(delivered, len(seen), "twice")
        lost = counted["discarded"] + counted["unconfirmed_records"]
        unread = play.unread()
        fed = counted["next"]
        # Acknowledged, then killed before it was read: TCP can not tell.
        # Of a message that was read in part nothing counts as delivered; and
        # where nothing can be cut off, a buffer may fill before the end.
        slack = 1500 if play.where.cuts else 1500 + 131072
        bound = (sum(unread) + slack * len(unread)) // OCTETS
        self.say(play, fed=fed, delivered=delivered, counted=lost,
                 unread_octets=sum(unread), sessions=sessions)
        self.assertEqual(counted["records"], fed)
        self.assertLessEqual(delivered, fed)
        self.assertGreaterEqual(delivered + lost + bound, fed)
        self.assertGreater(delivered, 0)


def lengths(case):
    if not hasattr(case, "lengths"):
        case.lengths = {}
    return case.lengths


if "--receive" in sys.argv:
    Receiver(sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5]).run()
else:
    unittest.main(argv=sys.argv[:1], verbosity=2)
