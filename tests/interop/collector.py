# SPDX-License-Identifier: ISC
"""nfcapd as a collector: started on loopback, ended in good order, what it
kept read with nfdump."""
import glob
import os
import re
import signal
import subprocess
import tempfile
import time

import interop

TOTALS = {"records": "Flows", "packets": "Packets", "octets": "Bytes"}


class Nfcapd:
    """with Nfcapd(4) as collector: send to collector.port."""

    def __init__(self, family):
        self.family = family
        self.work = tempfile.TemporaryDirectory()
        self.port = interop.free_port(family)
        self.log = os.path.join(self.work.name, "log")
        self.flows = os.path.join(self.work.name, "flows")
        os.mkdir(self.flows)

    def __enter__(self):
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                ["nfcapd", "-b", interop.LOOPBACK[self.family], "-p",
                 str(self.port), "-w", self.flows, "-t", "3600"],
                stdout=log, stderr=log)
        for _ in range(100):
            with open(self.log, encoding="utf-8") as log:
                if "Startup" in log.read():
                    return self
            time.sleep(0.1)
        self.process.kill()
        interop.fail("nfcapd does not start")

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.work.cleanup()

    def finish(self):
        """Let it read what the kernel holds, then end it: the kept file."""
        deadline = time.monotonic() + 10
        while self.unread() and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.2)
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=20)
        files = glob.glob(os.path.join(self.flows, "nfcapd.2*"))
        interop.must_equal("files of nfcapd", len(files), 1)
        return files[0]

    def unread(self):
        """Octets in the socket's queue (Linux); 0 where none can tell."""
        try:
            with open("/proc/net/udp6" if self.family == 6 else
                      "/proc/net/udp", encoding="ascii") as table:
                for row in table.read().splitlines()[1:]:
                    words = row.split()
                    if int(words[1].rsplit(":", 1)[1], 16) == self.port:
                        return int(words[4].split(":")[1], 16)
        except OSError:
            time.sleep(1)
        return 0

    def totals(self, path):
        out, _ = interop.run("nfdump", "-r", path, "-I")
        got = {name: int(re.search(r"^%s: (\d+)$" % word, out, re.M).group(1))
               for name, word in TOTALS.items()}
        failures = re.search(r"^Sequence failures: (\d+)$", out, re.M)
        interop.must_equal("nfcapd's sequence failures",
                           int(failures.group(1)), 0)
        with open(self.log, encoding="utf-8") as log:
            bad = re.findall(r"Bad Packets: (\d+)", log.read())
        interop.must_equal("nfcapd's bad packets", bad, ["0"])
        return got
