# SPDX-License-Identifier: ISC
"""What an administrator sees of a pflowd that runs."""
from service import *

IDLE = "pflow0 dst 127.0.0.1:9 proto 10\npflow1 dst 127.0.0.1:9\npflow2\n"


class Watch(ServiceCase):
    def watch(self, service, *args):
        watcher = subprocess.Popen(
            [PFLOWCTL, "-S", service.socket] + list(args),
            stdout=subprocess.PIPE)
        self.addCleanup(watcher.stdout.close)
        self.addCleanup(watcher.wait)
        self.addCleanup(watcher.kill)
        return watcher

    def rows(self, watcher, last):
        """JSON lines, until `last` says it is enough."""
        end = time.time() + TIMEOUT
        while time.time() < end:
            row = json.loads(watcher.stdout.readline())
            yield row
            if last(row):
                return
        self.fail("nothing came")

    def test_what_came_between_two_answers_adds_up_to_all_of_it(self):
        capture, path = self.capture()
        service = self.service(IDLE)
        watcher = self.watch(service, "-j", "-w", "300ms")
        quiet = [json.loads(watcher.stdout.readline()) for _ in range(3)]
        self.assertEqual([r["interface"] for r in quiet],
                         ["pflow0", "pflow1", "pflow2"])
        for row in quiet:
            self.assertEqual((row["flows_per_second"], row["drops"]), (0, 0))
            self.assertNotIn("dropped_now", row["counters"])
        service.reload("source \"pcap:%s\" active 0\n" % path + IDLE)
        sums = {}
        last = {}
        drops = {}

        def is_over(row):
            return row.get("status") == "ended" and \
                row["packets_per_second"] == 0 and \
                last["pflow0"]["messages_per_second"] == 0

        for row in self.rows(watcher, is_over):
            name = row.get("interface", "source")
            last[name] = row
            for what in ("flows", "packets", "octets"):
                key = (name, what)
                sums[key] = sums.get(key, 0) + row["seconds"] * \
                    row[what + "_per_second"]
            drops[name] = drops.get(name, 0) + row["drops"]
        packets = capture.total(capture.packets, 10)
        octets = capture.total(capture.octets, 10)
        exporter = last["pflow0"]["counters"]["exporter"]
        for name in ("pflow0", "source"):
            self.assertAlmostEqual(sums[name, "packets"], packets,
                                   delta=1 + packets / 1000)
            self.assertAlmostEqual(sums[name, "octets"], octets,
                                   delta=1 + octets / 1000)
        self.assertAlmostEqual(sums["pflow0", "flows"], exporter["records"],
                               delta=1 + exporter["records"] / 1000)
        self.assertEqual((last["source"]["packets"],
                          last["source"]["octets"]), (packets, octets))
        self.assertEqual(drops["pflow0"], 0)
        self.assertEqual(drops["pflow1"], last["pflow1"]["counters"][
            "exporter"]["dropped_ipv6_in_v5_states"])
        self.assertEqual(drops["pflow2"], last["source"]["states"])

    def test_a_table_names_reasons_for_drops_and_errors(self):
        _, path = self.capture(20)
        service = self.service(IDLE)
        watcher = self.watch(service, "-w", "300ms")
        lines = [watcher.stdout.readline().decode() for _ in range(4)]
        self.assertEqual(lines[0].split(), [
            "time", "name", "flows/s", "packets/s", "octets/s", "messages/s",
            "drops", "queue"])
        for line, name in zip(lines[1:], ("pflow0", "pflow1", "pflow2")):
            self.assertRegex(line, r"^\d\d:\d\d:\d\d  %s +0\.0 +0\.0 +0\.0 "
                             r"+0\.0 +0 +0  " % name)
            self.assertEqual(line[:len(lines[0]) - 1].rstrip()[-1], "0")
        service.reload("source \"pcap:%s\" active 0\n" % path + IDLE)
        text = ""
        end = time.time() + TIMEOUT
        while not ("port unreachable" in text and "unrouted" in text):
            text += watcher.stdout.readline().decode()
            self.assertLess(time.time(), end, text)
        self.assertRegex(text, r"(?m)^\S+  pflow2 +! unrouted_states (\d+) "
                         r"\(\1 in all\): no destination was set$")
        self.assertRegex(text, r"(?m)^\S+  pflow[01] +! error at "
                         r"\d\d:\d\d:\d\d: udp:127.0.0.1:9: ")

    def test_statistics_are_printed_for_people(self):
        _, path = self.capture(5)
        service = self.service("source \"pcap:%s\"\npflow0\npflow1 dst "
                               "127.0.0.1:9\n" % path)
        service.wait_for("read to its end")
        self.said(service, "flush")
        end = time.time() + TIMEOUT
        out = ""
        while "last error" not in out and time.time() < end:
            out = self.said(service, "stats")
        self.assertIn("pflow0: ", out)
        self.assertIn("unrouted_states", out)
        self.assertIn("source pcap:%s: ended" % path, out)
        self.assertRegex(out, r"(?m)^last error: udp:127.0.0.1:9: .* "
                         r"\(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\)$")

    def test_watching_ends_with_the_service(self):
        service = self.service("pflow0\n")
        watcher = self.watch(service, "-w", "100ms", "stats", "pflow0")
        watcher.stdout.readline()
        self.assertEqual(service.end(), 0)
        self.assertEqual(watcher.wait(timeout=TIMEOUT), 1)
        self.assertEqual(service.ctl("-w", "1", "-l")[0], 1)
        self.assertEqual(service.ctl("-w", "0", "stats")[0], 1)


main()
