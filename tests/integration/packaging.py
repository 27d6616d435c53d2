# SPDX-License-Identifier: ISC
"""What makes pflowd a service: the example, the unit, the scripts."""
import shutil

from service import *

PACKAGING = TOP + "/packaging/"


def text_of(name):
    with open(PACKAGING + name) as file:
        return file.read()


class Packaging(ServiceCase):
    def test_the_example_is_taken_as_it_stands_and_does_nothing(self):
        self.assertEqual(run(PFLOWD, "-nv", "-f", PACKAGING + "pflowd.conf"),
                         (0, "", ""))

    def test_every_example_in_it_is_taken(self):
        lines = [line[1:] for line in text_of("pflowd.conf").splitlines()
                 if re.match(r"#(source|pflow\d|control|metrics) ", line)]
        self.assertGreater(len(lines), 8)
        for line in lines:
            # A user's group; a file of another system's.
            line = line.replace("group adm", "group root")
            path = self.path("c", line.encode() + b"\n")
            code, out, err = run(PFLOWD, "-nv", "-f", path)
            if re.search("not in this build|is not built|this system has no",
                         err):
                continue
            self.assertEqual((code, err), (0, ""), line)
            self.assertNotEqual(out, "")

    def test_scripts_are_of_a_shell(self):
        for name in ("rc.d/freebsd.in", "rc.d/openbsd.in", "deb/postinst",
                     "deb/prerm", "deb/postrm", "deb/build.sh",
                     "deb/try.sh"):
            code, _, err = run("sh", "-n", PACKAGING + name)
            self.assertEqual((code, err), (0, ""), name)
        with open(PACKAGING + "deb/conffiles") as file:
            self.assertEqual(file.read(), "/etc/pflowd.conf\n")

    def unit(self):
        text = text_of("systemd/pflowd.service.in")
        for name, value in (("PFLOW_BIN", os.path.dirname(PFLOWD)),
                            ("PFLOW_CONF", self.path(
                                "conf", b"sandbox no\n")),
                            ("PFLOW_CONTROL_SOCKET", "/run/pflowd/s")):
            text = text.replace("@%s@" % name, value)
        self.assertNotIn("@PFLOW", text)
        return self.path("pflowd.service", text.encode())

    def test_the_unit_is_one_that_systemd_takes(self):
        if shutil.which("systemd-analyze") is None:
            self.skipTest("no systemd-analyze here")
        path = self.unit()
        code, out, err = run("systemd-analyze", "verify", "--man=no", path)
        self.assertEqual((code, out, err), (0, "", ""))
        code, out, _ = run("systemd-analyze", "security", "--offline=true",
                           "--no-pager", "--threshold=45", path)
        self.assertEqual(code, 0, out)

    def test_what_the_unit_starts_tells_its_manager(self):
        with open(self.unit()) as file:
            start = re.search(r"^ExecStart=(.*)$", file.read(), re.M).group(1)
        words = start.split()
        self.assertEqual(words[0], PFLOWD)
        words[words.index("-S") + 1] = self.path("s")
        manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(manager.close)
        manager.settimeout(TIMEOUT)
        manager.bind(self.path("notify"))
        env = dict(os.environ, NOTIFY_SOCKET=self.path("notify"))
        process = subprocess.Popen(words, env=env, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.assertIn("READY=1", manager.recv(4096).decode())
        self.assertEqual(run(PFLOWCTL, "-S", self.path("s"), "-l"),
                         (0, "", ""))
        process.terminate()
        self.assertIn("STOPPING=1", manager.recv(4096).decode())
        self.assertEqual(process.wait(timeout=TIMEOUT), 0)


main()
