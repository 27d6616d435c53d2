# SPDX-License-Identifier: ISC
# Packets: capture files, frames, flows.
pflow_fuzz(capture_reader SOURCES fuzz_capture_reader.c
  LIBS pflow::sources_static MAX_LEN 4096)
pflow_fuzz(dissect SOURCES fuzz_dissect.c LIBS pflow::sources_static
  MAX_LEN 512)
pflow_fuzz(flow_table SOURCES fuzz_flow_table.c LIBS pflow::sources_static
  MAX_LEN 4096)
