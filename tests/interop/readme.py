# SPDX-License-Identifier: ISC
"""readme.py README PREFIX CC PKG_CONFIG [FLAG...]: the C example of the README
compiles as the README says, and its flow arrives at nfcapd."""
import os
import re
import subprocess
import sys
import tempfile

import collector
import interop


def example_of(path):
    with open(path, encoding="utf-8") as f:
        found = re.findall(r"^```c\n(.*?)^```", f.read(), re.M | re.S)
    interop.must_equal("C examples in the README", len(found), 1)
    return found[0]


def pkg_config(prefix, program, *words):
    for base, _, names in os.walk(prefix):
        if "libpflow.pc" in names:
            return subprocess.run(
                [program, *words], stdout=subprocess.PIPE, text=True,
                check=True, env=dict(os.environ, PKG_CONFIG_PATH=base)
            ).stdout.split()
    return interop.fail("no libpflow.pc under " + prefix)


def main():
    readme, prefix, cc, program = sys.argv[1:5]
    with tempfile.TemporaryDirectory() as work, \
            collector.Nfcapd(4) as nfcapd:
        text = example_of(readme)
        changed = text.replace("127.0.0.1:9995", "127.0.0.1:%d" % nfcapd.port)
        if changed == text:
            interop.fail("the example does not send to 127.0.0.1:9995")
        source, flow = os.path.join(work, "flow.c"), os.path.join(work, "flow")
        with open(source, "w", encoding="utf-8") as f:
            f.write(changed)
        libdir = pkg_config(prefix, program, "--variable=libdir", "libpflow")
        interop.run(cc, "-Wall", "-Wextra", "-Werror", source, "-o", flow,
                    *sys.argv[5:], *pkg_config(
                        prefix, program, "--cflags", "--libs",
                        "libpflow-transport"), "-Wl,-rpath," + libdir[0])
        out, _ = interop.run(flow)
        interop.must_equal("the example says", out,
                            "2 messages sent: a template, and the flow\n")
        got = nfcapd.totals(nfcapd.finish())
        interop.must_equal("nfdump's totals", got, {
            "records": 2, "packets": 18, "octets": 10500})
    print("compiled, sent, received")


main()
