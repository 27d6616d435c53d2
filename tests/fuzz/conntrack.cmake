# SPDX-License-Identifier: ISC
if(TARGET pflow_sources_static)
  pflow_fuzz(ctnetlink SOURCES fuzz_ctnetlink.c LIBS pflow::sources_static)
endif()
