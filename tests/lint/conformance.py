# SPDX-License-Identifier: ISC
"""conformance.py SOURCE [TEST...]: docs/conformance.md has every id of the
checklist, and every test it names exists: test_... in a source of tests/unit,
the others among the ctests of the arguments."""
import re
import sys

import tree

IDS = {
    "MSG": 7, "SEQ": 7, "SET": 5, "TPL": 5, "OPT": 4, "ENC": 17, "TM": 11,
    "UDP": 11, "TCP": 9, "SCTP": 8, "PORT": 1, "TLS": 11, "FILE": 8, "V5": 7,
    "V9": 9,
}
OTHER_IDS = ["STAT-41", "STAT-42", "STAT-43", "STAT-44"]
STATES = {"done", "so built", "not used", "later"}
DOCUMENT = "docs/conformance.md"
ROW = re.compile(r"^\| ([A-Z0-9]+-\d\d) \|(.*)\|$")
TEST = re.compile(r"`((?:test_|interop-|lint-|install-|freestanding-|replay-|"
                  r"integration-|example-)[A-Za-z0-9_-]+)`")


def unit_tests(lint):
    names = set()
    for path in lint.files("tests/unit", (".c",)):
        names.update(re.findall(r"START_TEST\((\w+)\)", lint.text(path)))
    return names


def all_ids():
    return {"%s-%02d" % (kind, n) for kind, count in IDS.items()
            for n in range(1, count + 1)} | set(OTHER_IDS)


def main():
    others = set(sys.argv[2:])
    del sys.argv[2:]
    lint = tree.Lint()
    known = unit_tests(lint) | others
    missing = all_ids()
    for number, row in enumerate(lint.text(DOCUMENT).split("\n"), 1):
        for name in TEST.findall(row):
            if name not in known:
                lint.say(DOCUMENT, number, "there is no test " + name)
        found = ROW.match(row)
        if not found:
            continue
        cells = [cell.strip() for cell in found.group(2).split("|")]
        if len(cells) != 4 or cells[2] not in STATES:
            lint.say(DOCUMENT, number, "not a row of the table")
        elif cells[2] == "done" and not TEST.search(cells[3]):
            lint.say(DOCUMENT, number, "done, and no test shows it")
        if found.group(1) not in missing:
            lint.say(DOCUMENT, number, "%s is twice here, or no id" %
                     found.group(1))
        missing.discard(found.group(1))
    for name in sorted(missing):
        lint.say(DOCUMENT, 1, "%s is missing" % name)
    lint.end()


main()
