# SPDX-License-Identifier: ISC
"""Includes point one way (docs/architecture.md): which room may see which."""
import os
import re

import tree

# Room: internal headers it may include, public headers it may not.
CODEC = {"pflow", "v5", "ipfix", "record", "exporter", "decoder"}
SOURCES = {"source", "sources"}
TRANSPORT = {"transport", "transports"}
ROOMS = {
    "core": ({"core"}, CODEC | SOURCES | TRANSPORT),
    "encoder": ({"encoder", "core"},
                {"pflow", "exporter", "decoder"} | SOURCES | TRANSPORT),
    "decoder": ({"decoder", "core"},
                (CODEC - {"decoder"}) | SOURCES | TRANSPORT),
    "exporter": ({"exporter", "encoder", "core"},
                 {"pflow", "decoder"} | SOURCES | TRANSPORT),
    "sources": ({"sources", "core"}, CODEC | TRANSPORT),
    "transport": ({"transport", "core"}, CODEC | SOURCES | {"state"}),
    "receivers": ({"receivers", "core"}, {"pflow", "decoder"} | SOURCES),
    "programs": ({"programs", "core"}, set()),
}
# The lower floors are freestanding: what C11 section 4 grants them.
LOWER = {"core", "encoder", "decoder", "exporter"}
FREESTANDING = {"stddef.h", "stdint.h", "stdbool.h", "limits.h", "stdarg.h"}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def check_room(lint, path, room, number, kind, name):
    own, closed = ROOMS[room]
    if kind == '"':
        if name.split("/")[0] not in own or "/" not in name:
            lint.say(path, number, '"%s": src/%s sees only %s' % (
                name, room, ", ".join(sorted(own))))
    elif name.startswith("pflow/"):
        if name[6:-2] in closed:
            lint.say(path, number, "src/%s must not see <%s>" % (room, name))
    elif room in LOWER and name not in FREESTANDING:
        lint.say(path, number,
                 "<%s>: src/%s is freestanding" % (name, room))


def check_public(lint, path, number, kind, name):
    if kind == '"':
        lint.say(path, number, "a public header includes <pflow/...> only")
    elif not name.startswith("pflow/") and name not in FREESTANDING:
        lint.say(path, number, "<%s> in a public header" % name)


def main():
    lint = tree.Lint()
    for top in ("src", "include", "examples"):
        for path in lint.files(top, tree.C_FILES):
            parts = path.split("/")
            for number, line in tree.lines(
                    tree.without_comments(lint.text(path))):
                found = INCLUDE.match(line)
                if not found:
                    continue
                kind, name = found.groups()
                if top == "include":
                    check_public(lint, path, number, kind, name)
                elif top == "examples":
                    beside = os.path.join(lint.top, os.path.dirname(path), name)
                    if kind == '"' and not os.path.exists(beside):
                        lint.say(path, number, "examples see the installed "
                                 "headers and their own only")
                elif parts[1] not in ROOMS:
                    lint.say(path, number, "src/%s is no room" % parts[1])
                else:
                    check_room(lint, path, parts[1], number, kind, name)
    lint.end()


main()
