# SPDX-License-Identifier: ISC
"""Names that <net/if_pflow.h> (OpenBSD) and <net/pflow.h> (FreeBSD) define: a
program may include them and ours together, so none of ours may be one."""
import re

import tree

NAMES = set("""
PFLOW_ID_LEN PFLOW_MAXFLOWS PFLOW_VERSION PFLOW_ENGINE_TYPE PFLOW_ENGINE_ID
PFLOW_MAXBYTES PFLOW_TIMEOUT PFLOW_TMPL_TIMEOUT PFLOW_HDRLEN PFLOW_SET_HDRLEN
PFLOWSTATS NET_PFLOW_STATS NET_PFLOW_MAXID CTL_NET_PFLOW_NAMES SIOCGETPFLOW
SIOCSETPFLOW
pflow_flow pflow_header pflow_v10_header pflow_set_header pflow_tmpl_hdr
pflow_tmpl_fspec pflow_softc pflow_ok pflowif pflowstats pflowreq pflow_protos
pflow_sysctl export_pflow sc_flowp pflow_flows pflow_packets pflow_onomem
pflow_oerrors pflow_list_type_t pflow_create_type_t pflow_del_type_t
pflow_addr_type_t pflow_get_type_t pflow_set_type_t pflow_tmpl pflow_data4
pflow_data6 pflow_v10_data
""".split())
# Families of names that have grown from release to release.
PREFIXES = ("PFLOW_IPFIX_", "PFLOW_PROTO", "PFLOW_MASK_", "PFLOW_NAT_",
            "PFLOWNL_", "__PFLOWNL_", "PFIX_", "pflow_ipfix_tmpl",
            "pflow_ipfix_flow", "pflow_ipfix_nat", "_NET_IF_PFLOW",
            "_NET_PFLOW")
WORD = re.compile(r"\b[A-Za-z_][A-Za-z0-9_]*\b")


def main():
    lint = tree.Lint()
    for top in ("include", "src", "examples"):
        for path in lint.files(top, tree.C_FILES):
            text = tree.without_comments(lint.text(path), strings=False)
            for number, line in enumerate(text.split("\n"), 1):
                for word in WORD.findall(line):
                    if word.endswith("_H"):
                        continue  # the guard of a header, ipfix.h
                    if word in NAMES or word.startswith(PREFIXES):
                        lint.say(path, number,
                                 "%s is a name of pflow(4)'s header" % word)
    lint.end()


main()
