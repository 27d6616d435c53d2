# SPDX-License-Identifier: ISC
"""Certificates, by openssl(1): DIR/ca.pem, and for each name NAME.pem (with
its key), signed by it."""
import subprocess

KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


def openssl(*args):
    done = subprocess.run(("openssl",) + args, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=60)
    if done.returncode != 0:
        raise RuntimeError("openssl %s: %s" % (" ".join(args),
                                               done.stdout.decode()))


def authority(directory, name="ca"):
    openssl("req", "-x509", *KEY, "-keyout", "%s/%s.key" % (directory, name),
            "-out", "%s/%s.pem" % (directory, name), "-days", "2", "-subj",
            "/CN=" + name)


def issue(directory, name, host, ca="ca", days=2):
    """host: an address, or a name."""
    path = "%s/%s" % (directory, name)
    kind = "IP" if host[0].isdigit() else "DNS"
    openssl("req", *KEY, "-keyout", path + ".key", "-out", path + ".csr",
            "-subj", "/CN=" + name)
    with open(path + ".ext", "w") as file:
        file.write("subjectAltName=%s:%s\n" % (kind, host))
    openssl("x509", "-req", "-in", path + ".csr", "-CA",
            "%s/%s.pem" % (directory, ca), "-CAkey",
            "%s/%s.key" % (directory, ca), "-CAcreateserial", "-days",
            str(days), "-extfile", path + ".ext", "-out", path + ".crt")
    with open(path + ".pem", "wb") as file:
        for end in (".crt", ".key"):
            with open(path + end, "rb") as part:
                file.write(part.read())


def make(directory, host):
    """A CA, the collector's certificate and the exporter's."""
    authority(directory)
    issue(directory, "server", host)
    issue(directory, "client", host)
