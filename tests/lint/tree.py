# SPDX-License-Identifier: ISC
"""What the lints share: the files of the tree, C without its comments, and
one way to tell what is wrong."""
import os
import re
import sys

SKIPPED = re.compile(r"^(\.git|build.*|\.cache|__pycache__)$")
C_FILES = (".c", ".h", ".h.in", ".c.in")

TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.S)


class Lint:
    """Findings are lines "file:line: what"; any of them fails the test."""

    def __init__(self):
        if len(sys.argv) != 2:
            sys.exit("usage: python3 %s source-directory" % sys.argv[0])
        self.top = os.path.abspath(sys.argv[1])
        self.findings = 0
        self.looked_at = 0

    def files(self, under="", ends=None):
        """Paths relative to the top, sorted."""
        for base, dirs, names in os.walk(os.path.join(self.top, under)):
            dirs[:] = sorted(d for d in dirs if not SKIPPED.match(d))
            for name in sorted(names):
                if ends is None or name.endswith(tuple(ends)):
                    path = os.path.join(base, name)
                    yield os.path.relpath(path, self.top)

    def text(self, path):
        self.looked_at += 1
        with open(os.path.join(self.top, path), encoding="utf-8") as f:
            return f.read()

    def say(self, path, line, what):
        self.findings += 1
        print("%s:%d: %s" % (path, line, what))

    def end(self):
        if self.looked_at == 0:
            sys.exit("nothing to look at under %s" % self.top)
        if self.findings:
            sys.exit("%d findings" % self.findings)
        print("%d files, no finding" % self.looked_at)


def without_comments(text, strings=True):
    """Comments become blanks, line numbers stay; strings=False: literals too."""

    def blank(match):
        token = match.group(0)
        if token[0] == "/" or not strings:
            return re.sub(r"[^\n]", " ", token)
        return token

    return TOKEN.sub(blank, text)


def lines(text):
    """Numbered lines; a line continued by a backslash is one."""
    number, held, first = 0, "", 0
    for line in text.split("\n"):
        number += 1
        if not held:
            first = number
        if line.endswith("\\"):
            held += line[:-1] + " "
            continue
        yield first, held + line
        held = ""
