# SPDX-License-Identifier: ISC
"""pflowd as a service: in the background, its manager, its control socket."""
import pwd
import stat

from service import *

NOBODY = 4242  # nor is there a name for it
# What becomes root's /dev/log is a socket of the test, in a namespace where
# the rest of /dev is as it was.
BEHIND_LOG = """
set -e
mount --make-rprivate /
mount -t tmpfs none "$1"
mkdir "$1/dev"
for f in null zero random urandom; do
    : >"$1/dev/$f"
    mount --bind "/dev/$f" "$1/dev/$f"
done
ln "$2" "$1/dev/log" 2>/dev/null || { : >"$1/dev/log";
    mount --bind "$2" "$1/dev/log"; }
mount --rbind "$1/dev" /dev
shift 2
exec "$@"
"""


def as_user(uid, gid):
    def change():
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    return change


def needs_root(function):
    return unittest.skipUnless(os.geteuid() == 0, "wants root")(function)


class Manager:
    """The socket of a service manager."""

    def __init__(self, case):
        self.path = case.path("notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        case.addCleanup(self.socket.close)
        self.socket.settimeout(TIMEOUT)
        self.socket.bind(self.path)

    def hear(self):
        return self.socket.recv(4096).decode()


class Notify(ServiceCase):
    def test_a_service_manager_is_told_each_step(self):
        manager = Manager(self)
        service = self.service("pflow0\n", env=dict(
            os.environ, NOTIFY_SOCKET=manager.path))
        self.assertEqual(manager.hear(),
                         "READY=1\nSTATUS=0 sources, 1 interfaces")
        service.reload("pflow0\npflow1\n")
        self.assertRegex(manager.hear(),
                         r"\ARELOADING=1\nMONOTONIC_USEC=\d+\n\Z")
        self.assertEqual(manager.hear(),
                         "READY=1\nSTATUS=0 sources, 2 interfaces")
        service.reload("nonsense\n")
        self.assertTrue(manager.hear().startswith("RELOADING=1\n"))
        self.assertEqual(manager.hear(),
                         "READY=1\nSTATUS=0 sources, 2 interfaces")
        self.assertEqual(service.end(), 0)
        self.assertEqual(manager.hear(), "STOPPING=1\n")

    def test_a_manager_that_is_gone_stops_nothing(self):
        service = self.service("", env=dict(
            os.environ, NOTIFY_SOCKET=self.path("gone")))
        self.assertEqual(self.said(service, "-l"), "")
        service.wait_for("NOTIFY_SOCKET")
        self.assertEqual(service.end(), 0)


class Background(ServiceCase):
    def start(self, conf, *command):
        self.conf = self.path("pflowd.conf", with_user(conf).encode())
        self.socket = self.path("control")
        self.pid_file = self.path("pid")
        # Relative, as people type it.
        done = subprocess.run(
            list(command) + [PFLOWD, "-f", "pflowd.conf", "-S", "control",
                             "-p", "pid"], cwd=self.dir.name,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, timeout=TIMEOUT)
        return done.returncode, done.stderr.decode()

    def running(self):
        with open(self.pid_file) as file:
            pid = int(file.read())
        self.addCleanup(self.kill, pid)
        return pid

    def kill(self, pid):
        try:
            with open("/proc/%d/cmdline" % pid, "rb") as file:
                if PFLOWD.encode() in file.read():
                    os.kill(pid, signal.SIGKILL)
        except OSError:
            pass

    def wait_until_gone(self, pid):
        end = time.time() + TIMEOUT
        while os.path.exists("/proc/%d" % pid) and time.time() < end:
            with open("/proc/%d/stat" % pid) as file:
                if ") Z " in file.read():
                    return
            time.sleep(0.02)
        self.assertFalse(os.path.exists("/proc/%d" % pid))

    def test_the_starter_ends_when_the_service_answers(self):
        code, err = self.start("pflow3\n")
        self.assertEqual(code, 0, err)
        pid = self.running()
        self.assertEqual(run(PFLOWCTL, "-S", self.socket, "-l"),
                         (0, "pflow3: version 5 domain 42\n", ""))
        self.assertEqual(os.readlink("/proc/%d/cwd" % pid), "/")
        self.assertEqual(os.getsid(pid), pid)
        for fd in range(3):
            self.assertEqual(os.readlink("/proc/%d/fd/%d" % (pid, fd)),
                             "/dev/null")
        code, err = self.start("pflow3\n")
        self.assertEqual(code, 1)
        self.assertIn("process %d holds it" % pid, err)
        os.kill(pid, signal.SIGTERM)
        self.wait_until_gone(pid)
        self.assertFalse(os.path.exists(self.pid_file))
        self.assertFalse(os.path.exists(self.socket))

    def test_what_fails_at_the_start_is_said_and_is_the_exit_code(self):
        code, err = self.start("pflow3 colour blue\n")
        self.assertEqual(code, 3)
        self.assert_one_line(err)
        self.assertIn("pflowd.conf:1: 'colour' is not a setting", err)
        code, err = self.start("source pcap:/nonexistent\n")
        self.assertEqual(code, 1)
        self.assertIn("/nonexistent", err)
        self.assertFalse(os.path.exists(self.path("pid")))

    @needs_root
    def test_lines_go_to_the_log_of_the_system(self):
        path = self.path("log")
        log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(log.close)
        log.settimeout(TIMEOUT)
        log.bind(path)
        os.mkdir(self.path("mnt"))
        command = ["unshare", "-m", "sh", "-c", BEHIND_LOG, "sh",
                   self.path("mnt"), path]
        if subprocess.run(command + ["true"], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).returncode != 0:
            self.skipTest("no mount namespaces here")
        code, err = self.start("pflow0\n", *command)
        self.assertEqual(code, 0, err)
        pid = self.running()
        # <daemon.notice> ... pflowd[PID]: LINE
        line = log.recv(4096).decode()
        self.assertIn("sandbox: user nobody", line)
        line = log.recv(4096).decode()
        self.assertRegex(line, r"\A<29>.* pflowd\[%d\]: .*0 sources, "
                         "1 interfaces" % pid)
        with open(self.conf, "w") as file:
            file.write("nonsense\n")
        os.kill(pid, signal.SIGHUP)
        line = log.recv(4096).decode()
        self.assertIn("pflowd.conf:1: 'nonsense' begins no line", line)
        os.kill(pid, signal.SIGTERM)
        self.wait_until_gone(pid)


class Control(ServiceCase):
    def setUp(self):
        super().setUp()
        os.chmod(self.dir.name, 0o755)

    def as_nobody(self, service, *args, group=NOBODY):
        copy, env = for_others(self, PFLOWCTL)
        return run(copy, "-S", service.socket, *args, env=env,
                   preexec_fn=as_user(NOBODY, group))

    def test_mode_is_settable_and_follows_a_reload(self):
        service = self.service("control mode 0600\n")

        def mode():
            return stat.S_IMODE(os.stat(service.socket).st_mode)

        self.assertEqual(mode(), 0o600)
        service.reload("control mode 0666\n")
        service.wait_for("reloaded")
        self.assertEqual(mode(), 0o666)

    def test_what_is_wrong_with_it_is_said(self):
        for conf, says in (
                ("control mode 999\n", "mode '999': expected octal digits"),
                ("control group no-such-group\n", "groupadd --system "
                 "no-such-group makes it"),
                ("control owner no-such-user\n", "no such user"),
                ("control colour blue\n", "'colour' is not a setting of "
                 "control"),
                ("user a\nuser b\n", ":2: user stands in line 1 already")):
            path = self.path("c", conf.encode())
            code, _, err = run(PFLOWD, "-d", "-f", path, "-S",
                               self.path("s"))
            self.assertIn(code, (1, 3))
            self.assert_one_line(err)
            self.assertIn(says, err)

    def test_the_normal_form_has_these_lines_too(self):
        path = self.path("c", b"pflow1\nsandbox  yes\ncontrol group root\n"
                         b"user nobody # who\n")
        out = ("user nobody\ncontrol mode 0660 group root\nsandbox yes\n"
               "pflow1\n")
        self.assertEqual(run(PFLOWD, "-nv", "-f", path), (0, out, ""))
        again = self.path("again", out.encode())
        self.assertEqual(run(PFLOWD, "-nv", "-f", again), (0, out, ""))

    @needs_root
    def test_owner_and_group_are_settable(self):
        service = self.service("control owner nobody group daemon\n")
        st = os.stat(service.socket)
        self.assertEqual((st.st_uid, st.st_gid),
                         (pwd.getpwnam("nobody").pw_uid, 1))

    @needs_root
    def test_another_user_may_look_and_is_refused_changes(self):
        service = self.service("control mode 0666\npflow0\n")
        code, out, err = self.as_nobody(service, "-l")
        self.assertEqual((code, out, err),
                         (0, "pflow0: version 5 domain 42\n", ""))
        code, _, err = self.as_nobody(service, "stats")
        self.assertEqual((code, err), (0, ""))
        for args in (["-c"], ["-d", "pflow0"], ["-s", "pflow0", "proto",
                     "10"], ["flush"], ["send-template"]):
            code, out, err = self.as_nobody(service, *args)
            self.assertEqual((code, out), (1, ""))
            self.assert_one_line(err)
            self.assertIn("only root, pflowd's own user and the group", err)
        self.assertEqual(self.said(service, "-l"),
                         "pflow0: version 5 domain 42\n")

    @needs_root
    def test_the_group_may_change_but_name_no_files(self):
        service = self.service("control mode 0660 group daemon\npflow0\n")
        code, _, err = self.as_nobody(service, "-l")
        self.assertEqual(code, 1)
        self.assertIn("Permission denied", err)
        self.assertEqual(self.as_nobody(service, "-s", "pflow0", "proto",
                                        "10", group=1), (0, "", ""))
        victim = self.path("victim", b"precious")
        for args in (["dst", "file:" + victim], ["tls-key", victim],
                     ["tls-ca", victim]):
            code, _, err = self.as_nobody(service, "-s", "pflow0", *args,
                                          group=1)
            self.assertEqual(code, 1)
            self.assertIn("may name files", err)
        with open(victim, "rb") as file:
            self.assertEqual(file.read(), b"precious")
        self.assertEqual(self.said(service, "-l"),
                         "pflow0: version 10 domain 42\n")


main()
