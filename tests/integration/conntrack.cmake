# SPDX-License-Identifier: ISC
# conntrack: in network namespaces; skipped where the kernel or the rights for
# them are missing.
if(TARGET pflow_sources_static AND PFLOW_HAVE_LIBMNL)
  foreach(program conntrack_tap conntrack_flood)
    add_executable(${program} ${program}.c)
    pflow_compile(${program})
    target_link_libraries(${program} PRIVATE pflow::sources_static)
  endforeach()
  pflow_integration(conntrack conntrack_tap conntrack_flood)
  if(TEST integration-conntrack)
    set_tests_properties(integration-conntrack PROPERTIES
      SKIP_RETURN_CODE 77)
  endif()
endif()

if(TEST integration-conntrack)
  pflow_integration(live pflowexport pflowdump pflowd pflowctl
    conntrack_flood)
endif()
if(TEST integration-live)
  set_tests_properties(integration-live PROPERTIES SKIP_RETURN_CODE 77)
endif()
