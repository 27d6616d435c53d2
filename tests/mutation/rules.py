# SPDX-License-Identifier: ISC
"""What a small break is: rules that turn one place of a line into another."""
import collections
import re

ROOMS = ("src/core", "src/encoder", "src/exporter", "src/decoder")

# path, line (from 1), rule, the line before and after, function around it.
Mutant = collections.namedtuple("Mutant",
                                "path line rule before after function")

# Words that are another meaning of the same type.
TWINS = [("start_ms", "end_ms"), ("start_ns", "last_ns"),
         ("mono_ns", "wall_ns"), ("packets", "octets"),
         ("PFLOW_AF_IPV4", "PFLOW_AF_IPV6"),
         ("PFLOW_FORWARD", "PFLOW_REVERSE"),
         ("PFLOW_DIR_IN", "PFLOW_DIR_OUT"),
         ("PFLOWI_FLOW4_LEN", "PFLOWI_FLOW6_LEN"),
         ("PFLOWI_WHEN_IPV4", "PFLOWI_WHEN_IPV6"),
         ("src", "dst"), ("src_port", "dst_port"),
         ("post_src", "post_dst"), ("in_ifindex", "out_ifindex"),
         ("IN_IFINDEX", "OUT_IFINDEX"), ("slots_free", "slot_count"),
         ("queue_head", "queue_tail"), ("records", "messages"),
         ("pflowi_time_add", "pflowi_time_sub"),
         ("break", "continue"), ("export_secs", "sequence"),
         ("min_len", "fields"), ("PFLOW_OK", "PFLOW_ERR_INVALID")]

WORDS = {}
for one, other in TWINS:
    WORDS[one] = [other]
    WORDS[other] = [one]
WORDS.update({
    "PFLOW_NEVER": ["0"],
    "PFLOW_ERR_INVALID": ["PFLOW_OK", "PFLOW_ERR_RANGE"],
    "PFLOW_ERR_NOSPACE": ["PFLOW_OK", "PFLOW_ERR_AGAIN"],
    "PFLOW_ERR_RANGE": ["PFLOW_OK", "PFLOW_ERR_AGAIN"],
    "PFLOW_ERR_AGAIN": ["PFLOW_OK", "PFLOW_ERR_RANGE"],
    "PFLOW_ERR_TRUNCATED": ["PFLOW_OK", "PFLOW_ERR_MALFORMED"],
    "PFLOW_ERR_MALFORMED": ["PFLOW_OK", "PFLOW_ERR_TRUNCATED"],
    "PFLOW_ERR_UNSUPPORTED": ["PFLOW_OK", "PFLOW_ERR_INVALID"],
    "UINT32_MAX": ["UINT16_MAX", "(UINT32_MAX - 1)"],
    "UINT16_MAX": ["UINT8_MAX", "(UINT16_MAX - 1)"],
})
# Byte order: the same call, the octets the other way round.
for bits in (16, 32, 64):
    for call in ("pflowi_put_be%d", "pflowi_get_be%d", "pflowi_w_u%d",
                 "pflowi_r_u%d"):
        WORDS[call % bits] = ["mutant_" + call % bits]

OPERATORS = {
    "<": ["<="], "<=": ["<"], ">": [">="], ">=": [">"], "==": ["!="],
    "!=": ["=="], "&&": ["||"], "||": ["&&"], "+": ["-"], "-": ["+"],
    "*": ["/"], "/": ["*"], "%": ["/"], "+=": ["-="], "-=": ["+="],
    "<<": [">>"], ">>": ["<<"], "&": ["|"], "|": ["&"], "^": ["|"],
    "|=": ["&="], "&=": ["|="],
}
# An operator has a space before it, and after it a space or the line's end.
OPERATOR = re.compile(r"(?<= )(%s)(?= |$)" % "|".join(
    re.escape(op) for op in sorted(OPERATORS, key=len, reverse=True)))
STEP = re.compile(r"\+\+|--")
NUMBER = re.compile(r"(?<![\w.])(0x[0-9a-fA-F]+|\d+)(u?)(?![\w.])")
WORD = re.compile(r"(?<!\w)(%s)(?!\w)" % "|".join(WORDS))
NOT = re.compile(r"!(?=[\w(])")
STATEMENT = re.compile(
    r"^\t+((\(void\))?\w[\w.>\[\]-]*(\(.*\)| [-+|&]?= .*|\+\+|--));$")
DECLARES = re.compile(r"^\t+(return|break|continue|goto|case|default|struct|"
                      r"const|static|uint\d+_t|size_t|int|unsigned|enum)\b")
FUNCTION = re.compile(r"^(\w+)\(")
DEFINE = re.compile(r"^#define\s+\w+(\([^)]*\))?")
DIRECTIVE = re.compile(r"^#\s*(if|else|elif|endif|include|undef|error|ifdef)")


def blank(text):
    """The text with comments and strings as spaces, line by line."""
    pattern = re.compile(r"/\*.*?\*/|\"(\\.|[^\"\\])*\"|'(\\.|[^'\\])*'",
                         re.S)
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def replaced(row, match, text):
    return row[:match.start()] + text + row[match.end():]


def of_line(row, bare):
    """(rule, line) of every break of one line."""
    for m in OPERATOR.finditer(bare):
        if m.group() == "*" and not bare[m.end():].startswith(" "):
            continue
        for other in OPERATORS[m.group()]:
            yield "operator", replaced(row, m, other)
    for m in STEP.finditer(bare):
        yield "step", replaced(row, m, "--" if m.group() == "++" else "++")
    for m in NUMBER.finditer(bare):
        value = int(m.group(1), 0)
        yield "number", replaced(row, m, "%d%s" % (value + 1, m.group(2)))
        if value > 0:
            yield "number", replaced(row, m, "%d%s" % (value - 1, m.group(2)))
    for m in WORD.finditer(bare):
        for other in WORDS[m.group()]:
            yield "word", replaced(row, m, other)
    for m in NOT.finditer(bare):
        yield "not", replaced(row, m, "")
    m = STATEMENT.match(bare)
    if m and not DECLARES.match(bare):
        yield "statement", row[:len(row) - len(row.lstrip("\t"))] + ";"


def of_file(path, text):
    rows = text.split("\n")
    bare = blank(text).split("\n")
    function, continued = "", False
    for number, row in enumerate(rows):
        code = bare[number].rstrip("\\").rstrip()
        if FUNCTION.match(row):
            function = FUNCTION.match(row).group(1)
        elif row.startswith("}") or DEFINE.match(row):
            function = ""
        before, continued = continued, row.endswith("\\")
        if DIRECTIVE.match(row) or not code.strip():
            continue
        head = DEFINE.match(code)
        if head:
            code = " " * head.end() + code[head.end():]
        elif not before and not row.startswith(("\t", "}", "static")):
            continue
        for rule, after in of_line(row, code):
            yield Mutant(path, number + 1, rule, row, after, function)
