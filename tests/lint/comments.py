# SPDX-License-Identifier: ISC
"""Headers are the manual: every function, type and ops member of a public
header stands under its comment, which says what an int return means."""
import re

import tree

# The head of a declaration of file scope.
FUNCTION = re.compile(r"^PFLOW_API\b")
STRUCT = re.compile(r"^(struct|enum|union)\s+(\w+)\s*\{")
TYPEDEF = re.compile(r"^typedef\b")
INLINE = re.compile(r"^static inline\b")


def comment_before(rows, index):
    """The comment that ends right above rows[index], or ""."""
    at = index - 1
    if at < 0 or not rows[at].rstrip().endswith("*/"):
        return ""
    end = at
    while at >= 0 and "/*" not in rows[at]:
        at -= 1
    return "\n".join(rows[max(at, 0):end + 1])


def declaration(rows, index):
    out = ""
    for row in rows[index:index + 12]:
        out += row + " "
        if ";" in row or "{" in row:
            break
    return re.sub(r"\s+", " ", out)


def main():
    lint = tree.Lint()
    for path in lint.files("include/pflow", (".h", ".h.in")):
        rows = lint.text(path).split("\n")
        if "/*" not in "\n".join(rows[1:3]) and "version" not in path \
                and "export" not in path:
            lint.say(path, 2, "no words about the header at its head")
        inline_group = False
        for index, row in enumerate(rows):
            number = index + 1
            if FUNCTION.match(row) or TYPEDEF.match(row) or STRUCT.match(row):
                above = comment_before(rows, index)
                text = declaration(rows, index)
                if "/*" not in above:
                    lint.say(path, number, "no comment above: " + text)
                elif FUNCTION.match(row) and re.match(
                        r"PFLOW_API int (?!.*\bvoid\))", text) and \
                        "@return" not in above:
                    lint.say(path, number, "no @return in the comment above: "
                             + text)
            elif INLINE.match(row):
                # A family of one-liners may share the comment of the first.
                if "/*" in comment_before(rows, index):
                    inline_group = True
                elif not inline_group:
                    lint.say(path, number, "no comment above: " +
                             declaration(rows, index))
            elif row.startswith(("#", "struct", "enum")):
                inline_group = False
    lint.end()


main()
