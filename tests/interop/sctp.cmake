# SPDX-License-Identifier: ISC
# SCTP to others: to a collector of ours, over UDP and, as root, over IP; to
# the SCTP of the system, as root, where there is one; and to the npm package `sctp`, where there is node. PFLOW_NODE_MODULES is the
# directory node_modules that has it, if node does not find it by itself:
#   npm install --ignore-scripts --omit=optional sctp
set(PFLOW_NODE_MODULES "" CACHE PATH "node_modules with the package sctp")
find_program(PFLOW_NODE node)
mark_as_advanced(PFLOW_NODE)

add_executable(sctp_collector sctp_collector.c
  ${PROJECT_SOURCE_DIR}/tests/common/sctp_peer.c)
pflow_compile(sctp_collector)
target_include_directories(sctp_collector PRIVATE
  ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests
  ${PROJECT_SOURCE_DIR}/include ${PFLOW_BINARY_INCLUDE})
target_compile_definitions(sctp_collector PRIVATE _GNU_SOURCE)

foreach(family IN LISTS families)
  pflow_interop(sctp-udp-ipv${family} sctp ${talk} ${family} udp
    $<TARGET_FILE:sctp_collector>)
  pflow_interop(sctp-ip-ipv${family} sctp ${talk} ${family} ip
    $<TARGET_FILE:sctp_collector>)
  pflow_interop(sctp-system-ipv${family} sctp ${talk} ${family} system)
  set_tests_properties(interop-sctp-ip-ipv${family}
    interop-sctp-system-ipv${family} PROPERTIES SKIP_RETURN_CODE 77)
endforeach()
pflow_interop(sctp-small-mtu sctp ${talk} 4 udp $<TARGET_FILE:sctp_collector>
  -- mtu 600 template extended lifetime 10)
if(PFLOW_NODE)
  pflow_interop(sctp-node sctp ${talk} 4 udp
    ${CMAKE_CURRENT_SOURCE_DIR}/sctp_collector.js)
  set_tests_properties(interop-sctp-node PROPERTIES SKIP_RETURN_CODE 77)
  if(PFLOW_NODE_MODULES)
    set_property(TEST interop-sctp-node APPEND PROPERTY ENVIRONMENT
      NODE_PATH=${PFLOW_NODE_MODULES})
  endif()
endif()
