# SPDX-License-Identifier: ISC
"""A system is a file, not an #ifdef: conditionals live in src/core/port.h and
include/pflow/export.h, elsewhere only the guard of a header."""
import re

import tree

ALLOWED = {"src/core/port.h", "include/pflow/export.h"}
CONDITIONAL = re.compile(r"^\s*#\s*(if|ifdef|ifndef|elif)\b\s*(.*)$")


def guard_of(path):
    name = path.split("/")[-1].replace(".in", "")
    return re.sub(r"[^A-Z0-9]", "_", name.upper())


def main():
    lint = tree.Lint()
    for top in ("src", "include"):
        for path in lint.files(top, tree.C_FILES):
            text = tree.without_comments(lint.text(path))
            if path in ALLOWED:
                continue
            seen = []
            for number, line in tree.lines(text):
                found = CONDITIONAL.match(line)
                if found:
                    seen.append((number, found.group(1), found.group(2)))
            if ".h" in path:
                guard = guard_of(path)
                if not seen or seen[0][1] != "ifndef" or \
                        not seen[0][2].strip().endswith(guard):
                    lint.say(path, 1, "no guard PFLOW..._%s" % guard)
                seen = seen[1:]
            for number, word, rest in seen:
                lint.say(path, number, "#%s %s: give the system a file of its "
                         "own, the compiler a line in src/core/port.h" %
                         (word, rest.strip()))
    lint.end()


main()
