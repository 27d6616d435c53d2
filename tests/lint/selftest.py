# SPDX-License-Identifier: ISC
"""Each lint finds what it is for: one small wrong tree each."""
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SPDX = "/* SPDX-License-Identifier: ISC */\n"
GUARDED = SPDX + "/* Words. */\n#ifndef PFLOW_X_H\n#define PFLOW_X_H\n%s#endif\n"

# Lint, file, its text, a part of the finding that is due ("" for none).
CASES = [
    ("includes", "src/sources/a.c", '#include "encoder/b.h"\n', "sees only"),
    ("includes", "src/sources/a.c", "#include <pflow/v5.h>\n", "must not see"),
    ("includes", "src/transport/a.c", '#include "sources/b.h"\n', "sees only"),
    ("includes", "src/core/a.c", "#include <string.h>\n", "freestanding"),
    ("includes", "src/encoder/a.c", '#include "a.h"\n', "sees only"),
    ("includes", "src/cellar/a.c", "#include <stdio.h>\n", "is no room"),
    ("includes", "include/pflow/x.h", "#include <stdio.h>\n", "public header"),
    ("includes", "examples/a.c", '#include "core/a.h"\n', "installed headers"),
    ("includes", "src/exporter/a.c", '#include "encoder/b.h"\n', ""),
    ("includes", "src/core/a.c", "/* #include <string.h> */\n", ""),
    ("conditionals", "src/core/a.c", "#ifdef __linux__\n#endif\n", "#ifdef"),
    ("conditionals", "src/core/a.c", "#if 0\n#endif\n", "#if 0"),
    ("conditionals", "src/core/a.h", "int a;\n", "no guard"),
    ("conditionals", "src/core/port.h", "#ifdef __linux__\n#endif\n", ""),
    ("conditionals", "include/pflow/x.h", GUARDED % "", ""),
    ("reserved", "src/core/a.c", "struct pflow_header;\n", "pflow_header"),
    ("reserved", "src/core/a.c", "int PFLOW_IPFIX_NEW;\n", "PFLOW_IPFIX_NEW"),
    ("reserved", "src/core/a.c", 'char a[] = "pflow_header";\n', ""),
    ("reserved", "include/pflow/x.h", GUARDED % "", ""),
    ("files", "src/core/a.c", "int a;\n", "SPDX"),
    ("files", "src/core/a.c", SPDX + "\n" * 900, "at most 900"),
    ("files", "src/core/a.c", SPDX + "int a; \n", "white space"),
    ("files", "src/core/a.c", SPDX + "int a;", "no newline"),
    ("files", "src/core/a.c", SPDX + "int a;\n", ""),
    ("comments", "include/pflow/x.h",
     GUARDED % "PFLOW_API void pflow_a(void);\n", "no comment above"),
    ("comments", "include/pflow/x.h",
     GUARDED % "/** A. */\nPFLOW_API int pflow_a(int b);\n", "no @return"),
    ("comments", "include/pflow/x.h",
     GUARDED % "struct pflow_a {\n\tint b;\n};\n", "no comment above"),
    ("comments", "include/pflow/x.h",
     GUARDED % "/** A.\n * @return b */\nPFLOW_API int pflow_a(int b);\n", ""),
]


def run(lint, path, text):
    with tempfile.TemporaryDirectory() as top:
        full = os.path.join(top, path)
        os.makedirs(os.path.dirname(full))
        with open(full, "w", encoding="utf-8") as f:
            f.write(text)
        return subprocess.run(
            [sys.executable, os.path.join(HERE, lint + ".py"), top],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False)


def main():
    failed = 0
    for lint, path, text, due in CASES:
        done = run(lint, path, text)
        right = (done.returncode != 0 and due in done.stdout) if due \
            else done.returncode == 0
        if not right:
            failed += 1
            print("%s on %s:\n%sexpected: %s\ngot %d: %s" % (
                lint, path, text, due or "no finding", done.returncode,
                done.stdout))
    if failed:
        sys.exit("%d of %d cases" % (failed, len(CASES)))
    print("%d cases" % len(CASES))


main()
