# SPDX-License-Identifier: ISC
# pfsync streams; pf's tables: saved, as text, over netlink.
if(TARGET pflow_sources_static)
  pflow_fuzz(pfsync SOURCES fuzz_pfsync.c LIBS pflow::sources_static
    MAX_LEN 8192)
  pflow_fuzz(pf_table SOURCES fuzz_pf_table.c LIBS pflow::sources_static)
  pflow_fuzz(pf_text SOURCES fuzz_pf_text.c LIBS pflow::sources_static)
  pflow_fuzz(pf_netlink SOURCES fuzz_pf_netlink.c LIBS pflow::sources_static)
endif()
