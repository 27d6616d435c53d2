# SPDX-License-Identifier: ISC
# What people write to pflowd: its configuration and its control socket.
if(TARGET pflowi_service)
  pflow_fuzz(pflowd_conf SOURCES fuzz_pflowd_conf.c LIBS pflowi_service
    MAX_LEN 2048)
  pflow_fuzz(pflowd_request SOURCES fuzz_pflowd_request.c LIBS pflowi_service
    MAX_LEN 1024)
endif()
# What its processes say to each other.
if(TARGET pflowi_service)
  pflow_fuzz(pflowd_message SOURCES fuzz_pflowd_message.c LIBS pflowi_service
    MAX_LEN 1024)
endif()
