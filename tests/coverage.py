# SPDX-License-Identifier: ISC
"""coverage.py TOP WORK BRANCHES: adds up what gcov says of the objects of the
library in WORK; a header counts once, with what any of its users reached."""
import collections
import glob
import json
import os
import subprocess
import sys

ROOMS = ("src/core/", "src/encoder/", "src/decoder/", "src/exporter/")


def reports(work):
    for note in glob.glob(work + "/**/*.gcda", recursive=True):
        out = subprocess.run(["gcov", "--json-format", "--stdout",
                              "--branch-probabilities", note],
                             stdout=subprocess.PIPE, check=True,
                             stderr=subprocess.DEVNULL, cwd=work).stdout
        for row in out.decode().splitlines():
            yield json.loads(row)


def gather(top, work):
    """{file: ({line: count}, {(line, branch): count})}"""
    found = collections.defaultdict(lambda: ({}, {}))
    for report in reports(work):
        for entry in report["files"]:
            path = os.path.join(report["current_working_directory"],
                                entry["file"])
            path = os.path.relpath(os.path.realpath(path), top)
            if not path.startswith(ROOMS):
                continue
            lines, branches = found[path]
            for line in entry["lines"]:
                at = line["line_number"]
                lines[at] = lines.get(at, 0) + line["count"]
                for n, branch in enumerate(line["branches"]):
                    key = (at, n)
                    branches[key] = branches.get(key, 0) + branch["count"]
    return found


def percent(part, whole):
    return "%5.1f %%" % (100.0 * part / whole) if whole else "      -"


def main(top, work, want_branches):
    found = gather(os.path.realpath(top), work)
    total = [0, 0, 0, 0]
    print("%-28s %17s %19s" % ("", "lines", "branches"))
    for path in sorted(found):
        lines, branches = found[path]
        row = [sum(c > 0 for c in lines.values()), len(lines),
               sum(c > 0 for c in branches.values()), len(branches)]
        total = [a + b for a, b in zip(total, row)]
        print("%-28s %4d/%4d %s  %4d/%4d %s" % (
            path, row[0], row[1], percent(row[0], row[1]), row[2], row[3],
            percent(row[2], row[3])))
    print("%-28s %4d/%4d %s  %4d/%4d %s" % (
        "all", total[0], total[1], percent(total[0], total[1]), total[2],
        total[3], percent(total[2], total[3])))
    if not want_branches:
        return
    for path in sorted(found):
        with open(os.path.join(top, path)) as f:
            text = f.read().split("\n")
        for at in sorted({at for (at, n), c in found[path][1].items()
                          if c == 0}):
            print("%s:%d: %s" % (path, at, text[at - 1].strip()))


main(sys.argv[1], sys.argv[2], sys.argv[3] == "1")
