# SPDX-License-Identifier: ISC
"""mutate.py [-j JOBS] [-n COUNT] [-s SEED] [-o PATH] [-l] WORK

Breaks the codec in small ways, one at a time, and counts the breaks that no
test notices. A break is a place of src/core, src/encoder, src/exporter or
src/decoder that a rule of rules.py turns into something else; it is built into
a shared object that the unit tests of these rooms, the replays of their fuzz
seeds and a day's soak run with, the likeliest first. What none of them notices is tried
with AddressSanitizer and UndefinedBehaviorSanitizer, as tests/run.sh has them.

  -j  at a time (2)            -n  how many, picked by SEED (all)
  -s  another choice (1)       -o  only places in files whose path has this
  -l  list them, run nothing   -q  no sanitizers
  -f  only those that survived in this file, an earlier output

Survivors that are told in equivalent.txt change nothing that could be seen;
each has its reason there. Exits 1 if there are others, which are printed.
"""
import argparse
import concurrent.futures
import glob
import hashlib
import os
import re
import resource
import shutil
import subprocess
import sys
import threading
import time

import rules

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
ROOMS = [room.split("/")[1] for room in rules.ROOMS]
REPLAYS = {"decoder": ["fuzz_decoder.c"], "v5": ["fuzz_v5.c"],
           "frame": ["fuzz_frame.c"], "roundtrip": ["fuzz_roundtrip.c"],
           "planned": ["fuzz_planned.c", "planned_expect.c"]}
# Random inputs besides, as tests/fuzz/decoder.cmake has them.
RANDOM = {"roundtrip": ["20000"], "planned": ["10000"]}
FLAGS = ["-std=c11", "-D_POSIX_C_SOURCE=200809L", "-O0", "-g0", "-w", "-fPIC",
         "-pipe", "-include", os.path.join(HERE, "swapped.h"),
         '-DPFLOW_TEST_DIR="%s/tests"' % TOP]
SANITIZE = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
SECONDS = 60
ROOM_OF = {"core": ["core", "encoder", "decoder", "exporter"],
           "encoder": ["encoder", "exporter", "core", "decoder"],
           "exporter": ["exporter", "encoder", "core", "decoder"],
           "decoder": ["decoder", "core", "encoder", "exporter"]}


def run(words, env=None, limit=None, seconds=300):
    """The exit code; 124 when it did not end."""
    try:
        done = subprocess.run(words, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, env=env,
                              preexec_fn=limit, timeout=seconds)
        return done.returncode, done.stdout.decode("utf-8", "replace")
    except subprocess.TimeoutExpired:
        return 124, "no end"


def must(words):
    rc, out = run(words)
    if rc != 0:
        sys.exit("mutate.py: %s\n%s" % (" ".join(words), out))
    return out


def small():
    resource.setrlimit(resource.RLIMIT_AS, (1 << 31, 1 << 31))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Build:
    """Objects of the sources and of the tests, for one set of flags."""

    def __init__(self, work, name, extra):
        self.dir = os.path.join(work, name)
        self.extra = extra
        self.limit = None if extra else small
        os.makedirs(os.path.join(self.dir, "obj"), exist_ok=True)
        self.include = ["-I", os.path.join(work, "include"), "-I",
                        TOP + "/include", "-I", TOP + "/src", "-I",
                        TOP + "/tests", "-I", TOP + "/tests/unit/exporter",
                        "-I", TOP + "/tests/unit/decoder"]
        check = must(["pkg-config", "--cflags", "--libs", "check"]).split()
        self.check = [word for word in check if not word.startswith("-L")]
        self.units = {}  # program: its objects
        self.needs = {}  # object: headers of the rooms that it reads
        self.sources = {}
        for room in ROOMS:
            for path in sorted(glob.glob("%s/src/%s/*.c" % (TOP, room))):
                obj = self.object(path)
                self.sources[os.path.relpath(path, TOP)] = obj
        for room in ROOMS:
            self.units["unit-" + room] = self.unit(work, room)
        for name, files in REPLAYS.items():
            self.units["replay-" + name] = [
                self.object("%s/tests/fuzz/%s" % (TOP, f))
                for f in ["replay.c"] + files]
        self.units["soak"] = [self.object(TOP + "/tests/soak/soak.c")]
        self.link_codec(list(self.sources.values()), self.dir)
        for name, objs in self.units.items():
            self.link_program(name, objs, self.dir, self.dir)

    def unit(self, work, room):
        files = sorted(glob.glob("%s/tests/unit/%s/*.c" % (TOP, room)))
        suites = [re.sub(r".*/test_(.*)\.c$", r"suite_\1", f) for f in files
                  if "/test_" in f]
        with open("%s/tests/unit/main.c.in" % TOP) as f:
            text = f.read()
        text = text.replace("@declare@", "".join(
            "Suite *%s(void);\n" % s for s in suites))
        text = text.replace("@run@", "".join(
            "\tsrunner_add_suite(runner, %s());\n" % s for s in suites))
        main = os.path.join(work, "main-%s.c" % room)
        with open(main, "w") as f:
            f.write(text)
        return [self.object(f) for f in files + [main]]

    def object(self, path):
        name = os.path.relpath(path, TOP).replace("/", "-").lstrip(".-")
        obj = os.path.join(self.dir, "obj", name + ".o")
        flags = list(FLAGS)
        if "/src/" not in path:
            flags[flags.index("-O0")] = "-O1"
        dep = obj + ".d"
        must(["gcc", *flags, *self.extra, *self.include,
              "-MMD", "-MF", dep, "-c", path, "-o", obj])
        with open(dep) as f:
            words = f.read().replace("\\\n", " ").split()
        self.needs[obj] = (path, {os.path.relpath(w, TOP) for w in words[1:]})
        return obj

    def link_codec(self, objs, to):
        return run(["gcc", *self.extra, "-shared", "-o",
                    to + "/libcodec.so", *objs])

    def link_program(self, name, objs, lib, to):
        return run(["gcc", *self.extra, "-o", os.path.join(to, name), *objs,
                    "-L", lib, "-lcodec", *self.check])

    def test(self, name, own):
        """Run one program with the objects in `own`."""
        env = dict(os.environ, CK_FORK="no", LD_LIBRARY_PATH=own,
                   ASAN_OPTIONS="detect_leaks=0")
        program = os.path.join(own, name)
        if not os.path.exists(program):
            program = os.path.join(self.dir, name)
        words = [program] + (["1"] if name == "soak" else [])
        if name.startswith("replay-"):
            words.append("%s/tests/fuzz/seeds/%s" % (TOP, name[7:]))
            words += RANDOM.get(name[7:], [])
        return run(words, env, self.limit, SECONDS)[0] == 0

    def order(self, mutant):
        room = mutant.path.split("/")[1]
        first = ["unit-" + r for r in ROOM_OF[room]]
        return first[:1] + list("replay-" + r for r in REPLAYS) + \
            ["soak"] + first[1:]

    def judge(self, mutant, own):
        """'builds not', 'noticed' or 'survives'."""
        shutil.rmtree(own, ignore_errors=True)
        path = os.path.join(own, "src", mutant.path[4:])
        os.makedirs(os.path.dirname(path))
        with open(os.path.join(TOP, mutant.path)) as f:
            rows = f.read().split("\n")
        rows[mutant.line - 1] = mutant.after
        with open(path, "w") as f:
            f.write("\n".join(rows))
        fresh = {}
        for obj, (source, needs) in self.needs.items():
            if mutant.path not in needs:
                continue
            to = os.path.join(own, os.path.basename(obj))
            source = path if source.endswith(mutant.path) else source
            rc, _ = run(["gcc", *FLAGS, *self.extra, "-I", own + "/src",
                         *self.include, "-c", source, "-o", to])
            if rc != 0:
                return "builds not"
            fresh[obj] = to
        objs = [fresh.get(o, o) for o in self.sources.values()]
        if self.link_codec(objs, own)[0] != 0:
            return "builds not"
        for name, parts in self.units.items():
            if any(o in fresh for o in parts) and self.link_program(
                    name, [fresh.get(o, o) for o in parts], own, own)[0] != 0:
                return "builds not"
        for name in self.order(mutant):
            if not self.test(name, own):
                return "noticed"
        return "survives"


def version_header(work):
    """What CMake makes of version.h.in."""
    with open(TOP + "/CMakeLists.txt") as f:
        version = re.search(r"VERSION (\d+)\.(\d+)\.(\d+)", f.read())
    with open(TOP + "/include/pflow/version.h.in") as f:
        text = f.read()
    for name, value in zip(("_MAJOR", "_MINOR", "_PATCH"), version.groups()):
        text = text.replace("@PROJECT_VERSION%s@" % name, value)
    text = text.replace("@PROJECT_VERSION@", ".".join(version.groups()))
    os.makedirs(work + "/include/pflow", exist_ok=True)
    with open(work + "/include/pflow/version.h", "w") as f:
        f.write(text)


def all_mutants():
    out = []
    for room in rules.ROOMS:
        for path in sorted(glob.glob("%s/%s/*.[ch]" % (TOP, room))):
            with open(path) as f:
                out += rules.of_file(os.path.relpath(path, TOP), f.read())
    return out


def choose(mutants, count, seed):
    """An even choice that stays the same while the places do."""
    if count is None or count >= len(mutants):
        return mutants
    key = {m: hashlib.sha256(("%d %s" % (seed, (m,))).encode()).digest()
           for m in mutants}
    return sorted(sorted(mutants, key=key.get)[:count])


def listed(name):
    """The breaks of a list: (path, function, before, after)."""
    out, path, function, before = set(), "", "", ""
    with open(name) as f:
        for row in f:
            row = row.rstrip("\n")
            if row.startswith("@ "):
                path, _, function = row[2:].partition(" ")
            elif row.startswith("- "):
                before = row[2:]
            elif row.startswith("+ "):
                out.add((path, function, before, row[2:]))
    return out


def key_of(m):
    return (m.path, m.function, m.before.strip(), m.after.strip())


def show(m, verdict):
    print("%s: %s\n@ %s %s\n- %s\n+ %s\n" %
          (verdict, "%s:%d %s" % (m.path, m.line, m.rule), m.path, m.function,
           m.before.strip(), m.after.strip()), flush=True)


def options():
    p = argparse.ArgumentParser(add_help=False)
    for flag, default, kind in (("-j", 2, int), ("-n", None, int),
                                ("-s", 1, int), ("-o", "", str),
                                ("-f", None, str)):
        p.add_argument(flag, default=default, type=kind)
    p.add_argument("-l", action="store_true")
    p.add_argument("-q", action="store_true")
    p.add_argument("work", nargs="?")
    try:
        args = p.parse_args()
    except SystemExit:
        sys.exit(__doc__)
    if not args.l and not args.work:
        sys.exit(__doc__)
    return args


def main():
    args = options()
    mutants = [m for m in all_mutants() if args.o in m.path]
    if args.f:
        again = listed(args.f)
        mutants = [m for m in mutants if key_of(m) in again]
    mutants = choose(mutants, args.n, args.s)
    if args.l:
        for m in mutants:
            show(m, "break")
        return
    for tool in ("gcc", "pkg-config"):
        if not shutil.which(tool):
            print("mutate.py: left out, there is no " + tool)
            sys.exit(77)
    begin = time.time()
    work = os.path.abspath(args.work)
    os.makedirs(work, exist_ok=True)
    version_header(work)
    plain = Build(work, "plain", [])
    strict = None if args.q else Build(work, "strict", SANITIZE)
    for build in filter(None, (plain, strict)):
        for name in build.units:
            if not build.test(name, build.dir):
                sys.exit("mutate.py: %s fails with nothing broken" % name)
    known = listed(os.path.join(HERE, "equivalent.txt"))
    counts = {"builds not": 0, "noticed": 0, "equivalent": 0, "survives": 0}
    lock, names = threading.Lock(), threading.local()
    free = list(range(args.j))

    def one(m):
        with lock:
            if not hasattr(names, "own"):
                names.own = os.path.join(work, "job%d" % free.pop())
        if key_of(m) in known:
            verdict = "equivalent"
        else:
            verdict = plain.judge(m, names.own)
            if verdict == "survives" and strict is not None:
                verdict = strict.judge(m, names.own)
        with lock:
            counts[verdict] += 1
            if verdict == "survives":
                show(m, verdict)

    with concurrent.futures.ThreadPoolExecutor(args.j) as pool:
        for done in [pool.submit(one, m) for m in mutants]:
            done.result()
    made = len(mutants) - counts["builds not"]
    print("%d breaks: %d noticed, %d equivalent, %d survive; %d more do not "
          "build; %d s" % (made, counts["noticed"], counts["equivalent"],
                           counts["survives"], counts["builds not"],
                           time.time() - begin))
    sys.exit(1 if counts["survives"] else 0)


main()
