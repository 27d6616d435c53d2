# SPDX-License-Identifier: ISC
"""The manual pages name the options and settings that the programs have,
each with the same argument, and no others."""
from harness import *

def page_of(program):
    with open("%s/docs/man/%s.1" % (TOP, program)) as file:
        return file.read()


def section(page, head):
    """From a heading to the next."""
    found = re.search(r"^\.S[sh] %s\n(.*?)(?=^\.S[sh] )" % head, page,
                      re.M | re.S)
    return found.group(1)


def plain(macros):
    """What a line of mdoc macros prints, without its spaces."""
    out, close = "", ""
    for token in macros.split():
        if token in ("Op", "Brq"):
            out += "[" if token == "Op" else "{"
            close = ("]" if token == "Op" else "}") + close
        elif token in ("Oo", "Oc"):
            out += "[" if token == "Oo" else "]"
        elif token not in ("Ns", "Ar", "Cm"):
            out += token
    return out + close


def settings_of_page(page):
    """{"mtu": "OCTETS"}"""
    return {word: plain(argument) for word, argument in
            re.findall(r"^\.It Cm (\S+) ?(.*)$", section(page, "Settings"),
                       re.M)}


def settings_of_help(text):
    block = text.split("\nsettings:\n")[1]
    return {word: argument.replace(" ", "") for word, argument in
            re.findall(r"^  (\S+)(?: (\S.*?))?(?:  |$)", block, re.M)}


class Manual(Case):
    def test_settings_are_those_of_the_table(self):
        code, out, _ = run(PFLOWEXPORT, "--help")
        self.assertEqual(code, 0)
        table = settings_of_help(out)
        self.assertGreater(len(table), 20)
        self.assertEqual(settings_of_page(page_of("pflowexport")), table)

    def test_settings_stand_in_the_order_of_the_table(self):
        # active, idle and the like belong to sources, the rest before them.
        _, out, _ = run(PFLOWEXPORT, "--help")
        self.assertEqual(list(settings_of_page(page_of("pflowexport"))),
                         list(settings_of_help(out)))

    def test_options_are_those_of_the_program(self):
        for name in ("pflowexport", "pflowdump"):
            with self.subTest(program=name):
                _, out, _ = run(PROGRAMS[name], "--help")
                have = set(re.findall(r"^  -(\w)\b", out, re.M))
                page = set(re.findall(r"^\.It Fl (\w)\b", page_of(name), re.M))
                self.assertEqual(page, have)
                for letter in have - {"V"}:
                    _, _, err = run(PROGRAMS[name], "-" + letter)
                    self.assertNotIn("unknown option", err)

    def test_sources_are_those_of_the_build(self):
        _, out, _ = run(PFLOWEXPORT, "--help")
        block = out.split("\nsources:\n")[1].split("\n\n")[0]
        have = set(re.findall(r"^  ([\w-]+):", block, re.M))
        page = set(re.findall(r"^\.It Cm ([\w-]+) :",
                              section(page_of("pflowexport"), "Sources"),
                              re.M))
        self.assertEqual(page, have)

    def test_lines_of_the_readme_run_as_they_are_printed(self):
        with open(TOP + "/README.md") as file:
            lines = re.findall(r"^build/src/programs/pflowexport (pf.*)$",
                               file.read(), re.M)
        self.assertEqual(len(lines), 3)
        for line in lines:
            with self.subTest(line=line):
                listener = Listener()
                dest = listener.dest.split(":", 1)[1]
                self.assertIn(" dst 127.0.0.1:4739 ", line)
                done = subprocess.run(
                    "%s -j %s" % (PFLOWEXPORT,
                                  line.replace("127.0.0.1:4739", dest)),
                    shell=True, cwd=TOP, timeout=TIMEOUT,
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                self.assertEqual(done.returncode, 0, done.stderr)
                summary = json.loads(done.stdout)
                time.sleep(0.3)
                _, _, err = listener.end(signal.SIGINT)
                self.assertGreater(summary["packets"], 100)
                self.assertEqual(totals(err)["packets"], summary["packets"])

    def test_defaults_in_the_page_are_those_of_the_table(self):
        _, out, _ = run(PFLOWEXPORT, "--help")
        page = section(page_of("pflowexport"), "Settings")
        for word, default in (("domain", "42"), ("engine", "42:42"),
                              ("mtu", "1500"), ("hold", "30s"),
                              ("refresh", "1m"), ("idle", "15s"),
                              ("memory", "256M")):
            self.assertRegex(out, r"(?m)^  %s .*\(%s\)$" % (word, default))
            text = re.search(r"^\.It Cm %s\b.*?(?=^\.It|^\.El)" % word, page,
                             re.M | re.S).group(0)
            digits = "one minute" if default == "1m" else \
                default.rstrip("s")
            self.assertIn(digits, text)


main()
