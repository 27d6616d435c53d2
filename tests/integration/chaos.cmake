# SPDX-License-Identifier: ISC
# What becomes of records while receivers are stopped, killed and cut off.
if(TARGET pflow_transport_static)
  add_executable(chaos_feed chaos_feed.c)
  pflow_compile(chaos_feed)
  target_link_libraries(chaos_feed PRIVATE pflow::transport_static)
  target_compile_definitions(chaos_feed PRIVATE _GNU_SOURCE)
  pflow_integration(chaos chaos_feed)
  pflow_integration(failover chaos_feed)
endif()
if(PFLOW_HAVE_OPENSSL AND PFLOW_HAVE_PCAP)
  pflow_integration(peers pflowexport pflowdump)
endif()
