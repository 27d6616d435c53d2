# SPDX-License-Identifier: ISC
"""count.py [-r] BENCH_DIR COMPILER: instructions per record of the codec,
counted by callgrind, against those in recorded.json; more than 5 % over is a
failure. -r records them anew. Counts are of one compiler: with another one
the test says so and is skipped (77)."""
import json
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
RECORDED = os.path.join(HERE, "recorded.json")
KINDS = (("bench_encode", "v5"), ("bench_encode", "flow4"),
         ("bench_encode", "flow6"), ("bench_encode", "v9"),
         ("bench_encode", "extended"))
SLACK = 1.05


def instructions(program, kind, passes):
    """Instructions of a run, and records of one pass."""
    run = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
         program, "-c", kind, str(passes)],
        capture_output=True, text=True, check=True)
    return (int(re.search(r"Collected\s*:\s*(\d+)", run.stderr)[1]),
            int(run.stdout))


def per_record(program, kind):
    """Two runs of different length: what is left is the passes alone."""
    short, records = instructions(program, kind, 2)
    long, _ = instructions(program, kind, 12)
    return (long - short) / (10 * records)


def main(arguments):
    record = arguments[:1] == ["-r"]
    directory, compiler = arguments[record:]
    if not shutil.which("valgrind"):
        print("skipped: valgrind is not installed")
        return 77
    known = {}
    if os.path.exists(RECORDED):
        with open(RECORDED) as f:
            known = json.load(f)
    if not record and compiler not in known:
        print("skipped: nothing recorded for", compiler)
        return 77
    counts, worse = {}, []
    for program, kind in KINDS:
        name = "%s %s" % (program, kind)
        counts[name] = round(per_record(os.path.join(directory, program),
                                        kind), 1)
        before = known.get(compiler, {}).get(name)
        print("%-24s %7.1f instructions a record, recorded %s" %
              (name, counts[name], before))
        if not record and counts[name] > before * SLACK:
            worse.append(name)
    if record:
        known[compiler] = counts
        with open(RECORDED, "w") as f:
            json.dump(known, f, indent=2, sort_keys=True)
            f.write("\n")
    for name in worse:
        print("more than 5 % over what is recorded:", name)
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
