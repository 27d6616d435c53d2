# SPDX-License-Identifier: ISC
"""Every file: its licence line, its length, its white space."""
import re

import tree

SOURCE = (".c", ".h", ".h.in", ".c.in", ".cmake", ".cmake.in", ".py", ".sh",
          ".awk", ".dict")
NAMED = {"CMakeLists.txt", "run"}
MANUAL = re.compile(r"\.[1-9]$")
LICENCE = "SPDX-License-Identifier: ISC"
MAX_LINES = 900
MAX_COLUMNS = 80


def is_source(path):
    name = path.split("/")[-1]
    return name.endswith(SOURCE) or name in NAMED or MANUAL.search(name)


def columns(line):
    return len(line.expandtabs(8))


def check(lint, path):
    text = lint.text(path)
    rows = text.split("\n")
    if not any(LICENCE in row for row in rows[:3]):
        lint.say(path, 1, "no line " + LICENCE + " at the head")
    if len(rows) > MAX_LINES:
        lint.say(path, MAX_LINES, "%d lines, at most %d: split the file"
                 % (len(rows), MAX_LINES))
    if not text.endswith("\n"):
        lint.say(path, len(rows), "no newline at the end")
    for number, row in enumerate(rows, 1):
        if row != row.rstrip():
            lint.say(path, number, "white space at the end of the line")
        if path.endswith((".c", ".h")) and columns(row) > MAX_COLUMNS + 20:
            lint.say(path, number, "%d columns, 80 are the aim, 100 the end"
                     % columns(row))


def main():
    lint = tree.Lint()
    for path in lint.files():
        if is_source(path):
            check(lint, path)
    lint.end()


main()
