# SPDX-License-Identifier: ISC
# The codec: what is read from the wire, and what is made for it.
pflow_fuzz(decoder SOURCES fuzz_decoder.c LIBS pflow::pflow_static MAX_LEN 4096)
pflow_fuzz(v5 SOURCES fuzz_v5.c LIBS pflow::pflow_static MAX_LEN 1600)
pflow_fuzz(frame SOURCES fuzz_frame.c LIBS pflow::pflow_static MAX_LEN 4096)
pflow_fuzz(roundtrip SOURCES fuzz_roundtrip.c LIBS pflow::pflow_static
  MAX_LEN 8192 RANDOM 20000)
pflow_fuzz(planned SOURCES fuzz_planned.c planned_expect.c
  LIBS pflow::pflow_static MAX_LEN 4096 RANDOM 10000)
