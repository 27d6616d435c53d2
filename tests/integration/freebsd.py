# SPDX-License-Identifier: ISC
"""The commands of pflow(4) and pflowctl(8), typed as they are printed there.

In namespaces of its own: with the addresses of the page, and the socket where
pflowctl looks by itself."""
from service import *

INSIDE = "PFLOW_INSIDE"
SET_UP = """
set -e
mount --make-rprivate /
mount -t tmpfs none /var/run/ 2>/dev/null || mount -t tmpfs none /run
ip link set lo up
ip address add 10.0.0.1/24 dev lo
ip address add 10.0.0.2/24 dev lo
ip address add fd00::1/64 dev lo nodad
exec "$@"
"""


class Commands(ServiceCase):
    def setUp(self):
        super().setUp()
        bin = self.path("bin")
        os.mkdir(bin)
        os.symlink(PFLOWCTL, bin + "/pflowctl")
        self.env = dict(os.environ, PATH=bin + ":" + os.environ["PATH"])
        conf = self.path("pflowd.conf", b"sandbox no\n")
        log = open(self.path("log"), "wb")
        self.addCleanup(log.close)
        self.process = subprocess.Popen([PFLOWD, "-d", "-f", conf],
                                        stdout=log, stderr=log)
        self.addCleanup(self.process.wait)
        self.addCleanup(self.process.kill)
        end = time.time() + TIMEOUT
        while self.typed("pflowctl -l")[0] != 0:
            self.assertLess(time.time(), end)
            time.sleep(0.05)

    def typed(self, line):
        """(code, stdout, stderr) of a shell that is given this line."""
        done = subprocess.run(["sh", "-c", line], env=self.env,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=TIMEOUT)
        return (done.returncode, done.stdout.decode(), done.stderr.decode())

    def session(self, *lines):
        """What a terminal shows: commands after '# ', what they print."""
        out = ""
        commands = [line for line in lines if line.startswith("# ")]
        for command in commands:
            code, stdout, stderr = self.typed(command[2:])
            self.assertEqual((code, stderr), (0, ""), command)
            out += command + "\n" + stdout
        self.assertEqual(out.splitlines(), list(lines))

    def test_the_examples_of_pflow_4(self):
        self.session(
            "# pflowctl -c",
            "pflow0",
            "# pflowctl -s pflow0 src 10.0.0.1 dst 10.0.0.2:1234",
            "# pflowctl -s pflow0 proto 10",
            "# pflowctl -l",
            "pflow0: version 10 domain 42 src 10.0.0.1 dst 10.0.0.2:1234",
            "# pflowctl -v -l",
            "pflow0: version 10 domain 42 src 10.0.0.1 dst 10.0.0.2:1234",
            "\tsocket: connected")

    def test_what_pflowctl_8_of_freebsd_prints(self):
        self.session(
            "# pflowctl -l",
            "# pflowctl -c",
            "pflow0",
            "# pflowctl -c",
            "pflow1",
            "# pflowctl -lv",
            "pflow0: version 5 domain 42",
            "\tsocket: disconnected",
            "pflow1: version 5 domain 42",
            "\tsocket: disconnected",
            "# pflowctl -s 1 domain 2300000000",
            "# pflowctl -s pflow1 dst [fd00::1]:2055 src [fd00::1] proto 10",
            "# pflowctl -s 0 src 10.0.0.1:4000",
            "# pflowctl -l",
            "pflow0: version 5 domain 42 src 10.0.0.1:4000",
            "pflow1: version 10 domain 2300000000 src [fd00::1] "
            "dst [fd00::1]:2055",
            "# pflowctl -d 0",
            "# pflowctl -l",
            "pflow1: version 10 domain 2300000000 src [fd00::1] "
            "dst [fd00::1]:2055",
            "# pflowctl -c",
            "pflow0",
            "# pflowctl -d pflow0",
            "# pflowctl -d pflow1",
            "# pflowctl -l")

    def test_what_it_says_of_errors(self):
        for line in ("pflowctl", "pflowctl -x", "pflowctl -s 0 src"):
            code, out, err = self.typed(line)
            self.assertEqual((code, out), (1, ""), line)
        usage = "usage: pflowctl [-lc] [-d id] [-s id ...] [-v]"
        self.assertEqual(self.typed("pflowctl")[2].splitlines()[0], usage)
        for action, what in (("-d 7", "delete"), ("-s 7 proto 10", "set")):
            self.assertEqual(self.typed("pflowctl " + action), (
                1, "", "pflowctl: failed to %s: No such file or directory\n" %
                what))
        # There it is taken as 0, here as what it is.
        self.assertEqual(self.typed("pflowctl -s 7 proto abc")[0], 1)
        self.process.terminate()
        self.process.wait(timeout=TIMEOUT)
        code, out, err = self.typed("pflowctl -l")
        self.assertEqual((code, out), (1, ""))
        self.assert_one_line(err)
        self.assertIn("is pflowd running?", err)


if INSIDE in os.environ:
    main()
command = ["unshare", "-n", "-m"] + ([] if os.geteuid() == 0 else ["-r"]) + \
    ["sh", "-c", SET_UP, "sh"]
try:
    done = subprocess.run(command + ["true"], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=TIMEOUT)
    reason = done.stdout.decode() if done.returncode != 0 else None
except OSError as e:
    reason = str(e)
if reason is not None:
    print("skipped: no namespaces with the page's addresses here: %s" % reason)
    sys.exit(77)
os.environ[INSIDE] = "yes"
os.execvp(command[0], command + [sys.executable, "-B"] + sys.argv)
