# SPDX-License-Identifier: ISC
# The words that people write, and captures of datagrams.
if(TARGET pflowi_programs)
  pflow_fuzz(grammar SOURCES fuzz_grammar.c LIBS pflowi_programs MAX_LEN 2048)
  pflow_fuzz(payload SOURCES fuzz_payload.c
    ${PROJECT_SOURCE_DIR}/src/programs/pflowdump/payload.c LIBS pflow::pflow_static
    MAX_LEN 512)
endif()
