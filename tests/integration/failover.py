# SPDX-License-Identifier: ISC
"""Several receivers: how long it takes until the next one takes over, and
what one that is dead or stuck costs the others. The figures are printed; the
bounds are wide, for slow machines. PFLOW_FAILOVER_SECONDS=20 for better ones.
"""
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import unittest

PROGRAMS = dict(arg.split("=", 1) for arg in sys.argv[2:] if "=" in arg)
SECONDS = float(os.environ.get("PFLOW_FAILOVER_SECONDS", "2"))
RATE = 20000
FAST = 200000  # more than the buffers of a connection hold


class Collector:
    """Notes when which numbers came."""

    def __init__(self, port=0, reads=True):
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if not reads:
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.listener.bind(("127.0.0.1", port))
        self.listener.listen(8)
        self.port = self.listener.getsockname()[1]
        self.came = []  # (monotonic ns, number of the first, how many)
        self.all, self.numbers = False, []
        self.open = []
        self.reads = reads
        self.dead = False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        try:
            while True:
                peer, _ = self.listener.accept()
                self.open.append(peer)
                if self.reads:
                    threading.Thread(target=self.read, args=(peer,),
                                     daemon=True).start()
        except OSError:
            return

    def read(self, peer):
        data = b""
        try:
            while not self.dead:
                more = peer.recv(65536)
                if not more:
                    return
                now = time.monotonic_ns()
                data += more
                while len(data) >= 16:
                    length = struct.unpack_from("!H", data, 2)[0]
                    if len(data) < length:
                        break
                    self.note(now, data[:length])
                    data = data[length:]
        except OSError:
            return

    def note(self, now, message):
        at = 16
        while at < len(message):
            what, length = struct.unpack_from("!HH", message, at)
            if what >= 256:
                first = struct.unpack_from("!Q", message, at + 4)[0] - 1
                self.came.append((now, first, (length - 4) // 8))
                if self.all:
                    body = message[at + 4:at + length]
                    self.numbers += [number - 1 for number, in
                                     struct.iter_unpack("!Q", body)]
            at += length

    def kill(self):
        """As the end of a process with unread octets: a reset."""
        self.dead = True
        # accept(2) goes on until it is woken up.
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        for peer in self.open:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                            struct.pack("ii", 1, 0))
            try:
                peer.shutdown(socket.SHUT_RD)
            except OSError:
                pass
            peer.close()
        return time.monotonic_ns()


class Feeder:
    def __init__(self, separator, *ports, rate=RATE):
        self.rate = rate
        self.process = subprocess.Popen(
            [PROGRAMS["chaos_feed"], separator.join(
                "tcp:127.0.0.1:%d" % port for port in ports), "-", "0",
             str(rate)], stdout=subprocess.PIPE, text=True)
        self.begun = int(self.process.stdout.readline().split()[1])

    def late_ms(self, came):
        """How late the oldest records of messages came, in milliseconds."""
        return sorted((when - self.begun - first * 1000000000 // self.rate) /
                      1e6 for when, first, _ in came)

    def end(self):
        """What it counted of the first receiver."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            time.sleep(.3)
            self.process.send_signal(signal.SIGTERM)
        if self.process.stdout.closed:
            return {}
        out, _ = self.process.communicate(timeout=30)
        return {name: int(value) for name, value in
                (line.split() for line in out.splitlines())}


def part(values, fraction):
    return round(values[min(int(len(values) * fraction), len(values) - 1)], 1)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def say(**facts):
    print(json.dumps(facts), file=sys.stderr)


class Failover(unittest.TestCase):
    def test_the_next_one_takes_over_and_the_first_returns(self):
        first, second = Collector(), Collector()
        feeder = Feeder("|", first.port, second.port)
        self.addCleanup(feeder.end)
        time.sleep(1)
        self.assertFalse(second.came)
        killed = first.kill()
        time.sleep(SECONDS)
        self.assertTrue(second.came)
        over = (second.came[0][0] - killed) / 1e6
        # Numbers go on: what is missing was with the first one.
        missing = second.came[0][1] - sum(first.came[-1][1:])
        again = Collector(first.port)
        back = time.monotonic_ns()
        until = time.monotonic() + 30
        while not again.came and time.monotonic() < until:
            time.sleep(.05)
        self.assertTrue(again.came)
        returned = (again.came[0][0] - back) / 1e6
        say(failover_ms=round(over, 1), records_missing=missing,
            return_ms=round(returned, 1))
        self.assertLess(over, 2000)
        # It must have been up for 5 seconds.
        self.assertGreater(returned, 4900)
        self.assertLess(returned, 20000)

    def lateness(self, *others):
        """Of the records of one that is well, beside others."""
        well = Collector()
        feeder = Feeder("+", *others, well.port, rate=FAST)
        time.sleep(SECONDS)
        counted = feeder.end()
        late = feeder.late_ms(well.came)
        at = 0
        for _, first, count in well.came:
            self.assertEqual(first, at)
            at += count
        self.assertGreater(at, FAST * SECONDS / 8)
        return {"records": at, "p50": part(late, .5), "p99": part(late, .99),
                "max": round(late[-1], 1)}, counted

    def test_one_that_is_dead_or_stuck_costs_the_others_nothing(self):
        alone, _ = self.lateness()
        refused, counted = self.lateness(free_port())
        self.assertGreater(counted["discarded"], 0)
        deaf = Collector(reads=False)
        stuck, counted = self.lateness(deaf.port)
        deaf.kill()
        self.assertGreater(counted["full_waits"], 0)
        self.assertGreater(counted["discarded"], 0)
        say(alone_ms=alone, beside_refused_ms=refused, beside_stuck_ms=stuck)
        for late in (refused, stuck):
            self.assertLess(late["p50"], alone["p50"] + 200)
            self.assertLess(late["p99"], alone["p99"] + 1000)

    def test_balance_keeps_sequences_and_flows_whole(self):
        collectors = [Collector() for _ in range(3)]
        for collector in collectors:
            collector.all = True
        feeder = Feeder("%", *(c.port for c in collectors))
        time.sleep(SECONDS)
        feeder.end()
        time.sleep(.2)
        numbers = sorted(n for c in collectors for n in c.numbers)
        self.assertEqual(numbers, list(range(len(numbers))))
        share = [len(c.numbers) for c in collectors]
        say(balance=share)
        for count in share:
            self.assertGreater(count, len(numbers) / 5)


unittest.main(argv=sys.argv[:1], verbosity=2)
