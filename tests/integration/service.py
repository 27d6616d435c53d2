# SPDX-License-Identifier: ISC
"""A pflowd that tests start, and pflowctl."""
from harness import *

PFLOWD = PROGRAMS["pflowd"]
PFLOWCTL = PROGRAMS["pflowctl"]


def with_user(conf):
    """As root pflowd becomes another user, who is there on any machine."""
    if os.geteuid() != 0 or re.search(r"^(user|sandbox) ", conf, re.M):
        return conf
    line = "sandbox no" if " spool " in conf else "user nobody"
    return "%s\n%s\n" % (conf.rstrip("\n"), line)


class Service:
    """A pflowd in the foreground; its lines are kept in a file."""

    def __init__(self, case, conf, options=(), **kwargs):
        self.conf = case.path("pflowd.conf", with_user(conf).encode())
        self.socket = case.path("control")
        self.log_path = case.path("log")
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                [PFLOWD, "-d", "-f", self.conf, "-S", self.socket] +
                list(options), stdout=log, stderr=log, **kwargs)
        case.addCleanup(self.kill)
        self.wait_for("control socket")

    def log(self):
        with open(self.log_path) as file:
            return file.read()

    def wait_for(self, text):
        end = time.time() + TIMEOUT
        while text not in self.log():
            if time.time() > end or self.process.poll() is not None:
                raise AssertionError("no '%s' in: %s" % (text, self.log()))
            time.sleep(0.02)

    def reload(self, conf):
        with open(self.conf, "w") as file:
            file.write(with_user(conf))
        self.process.send_signal(signal.SIGHUP)

    def ctl(self, *args, **kwargs):
        return run(PFLOWCTL, "-S", self.socket, *args, **kwargs)

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=TIMEOUT)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class ServiceCase(Case):
    def service(self, conf="", *options, **kwargs):
        return Service(self, conf, options, **kwargs)

    def capture(self, flows=300):
        capture = mixed_capture(flows)
        return capture, self.path("in.pcap", capture.data)

    def said(self, service, *args):
        code, out, err = service.ctl(*args)
        self.assertEqual((code, err), (0, ""))
        return out

    def refused(self, service, text, *args):
        self.assertEqual(service.ctl(*args), (1, "", text + "\n"))


__all__ = [name for name in dir() if not name.startswith("_")]
