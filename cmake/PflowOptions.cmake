# SPDX-License-Identifier: ISC
# What is built, and with which libraries. AUTO takes what is found and tells
# in the summary; ON fails without it; OFF does not look.
include(PflowFind)

# A surrounding project gets what its own BUILD_SHARED_LIBS asks for.
if(PFLOW_TOP_LEVEL OR BUILD_SHARED_LIBS)
  set(shared_default ON)
else()
  set(shared_default OFF)
endif()
option(PFLOW_BUILD_SHARED "build shared libraries" ${shared_default})
option(PFLOW_BUILD_STATIC "build static libraries" ON)
option(PFLOW_BUILD_SOURCES "build pflow::sources" ON)
option(PFLOW_BUILD_TRANSPORT "build pflow::transport" ON)
option(PFLOW_BUILD_PROGRAMS "build the programs" ${PFLOW_TOP_LEVEL})
option(PFLOW_BUILD_EXAMPLES "build the examples" ${PFLOW_TOP_LEVEL})
option(PFLOW_BUILD_TESTS "build the tests" ${PFLOW_TOP_LEVEL})
option(PFLOW_BUILD_FUZZERS "build libFuzzer targets (clang)" OFF)
option(PFLOW_INSTALL "make the install target" ${PFLOW_TOP_LEVEL})
option(PFLOW_WERROR "warnings are errors" OFF)
set(PFLOW_SANITIZE "" CACHE STRING
  "sanitizers for everything, e.g. address,undefined")

if(NOT PFLOW_BUILD_SHARED AND NOT PFLOW_BUILD_STATIC)
  message(FATAL_ERROR "PFLOW_BUILD_SHARED and PFLOW_BUILD_STATIC are both OFF: "
    "nothing would be built, set one of them ON")
endif()

# pflow_feature(NAME "what it gives" MODULES pkg-config-module...
#               [LIBRARY x HEADER x.h])
# defines PFLOW_WITH_NAME (AUTO, ON, OFF) and PFLOW_HAVE_NAME. Rooms name the
# library as PkgConfig::NAME, whichever way it was found.
set(PFLOW_FEATURES "")
function(pflow_feature name help)
  cmake_parse_arguments(arg "" "LIBRARY;HEADER" "MODULES" ${ARGN})
  set(PFLOW_WITH_${name} AUTO CACHE STRING "${help} (AUTO, ON, OFF)")
  set_property(CACHE PFLOW_WITH_${name} PROPERTY STRINGS AUTO ON OFF)
  set(have OFF)
  if(PFLOW_WITH_${name})
    pflow_find(${name} ${ARGN})
    if(PFLOW_DEP_${name}_FOUND)
      set(have ON)
      # Seen in this directory and below only.
      if(NOT TARGET PkgConfig::${name})
        add_library(PkgConfig::${name} INTERFACE IMPORTED)
        set_target_properties(PkgConfig::${name} PROPERTIES
          INTERFACE_LINK_LIBRARIES PkgConfig::PFLOW_DEP_${name})
      endif()
    elseif(NOT PFLOW_WITH_${name} STREQUAL "AUTO")
      string(REPLACE ";" " " modules "${arg_MODULES}")
      message(FATAL_ERROR
        "PFLOW_WITH_${name} is ON, but pkg-config does not find: ${modules}")
    endif()
  endif()
  set(PFLOW_HAVE_${name} ${have} PARENT_SCOPE)
  set(PFLOW_DEP_${name}_VERSION "${PFLOW_DEP_${name}_VERSION}" PARENT_SCOPE)
  set(PFLOW_DEP_${name}_MODULES "${arg_MODULES}" PARENT_SCOPE)
  set(PFLOW_DEP_${name}_ARGUMENTS "${ARGN}" PARENT_SCOPE)
  set(PFLOW_FEATURES ${PFLOW_FEATURES} ${name} PARENT_SCOPE)
  set(PFLOW_HELP_${name} "${help}" PARENT_SCOPE)
endfunction()

if(PFLOW_BUILD_SOURCES)
  pflow_feature(PCAP "capture files and interfaces" MODULES libpcap
    LIBRARY pcap HEADER pcap/pcap.h)
  pflow_feature(XXHASH "seeded hash of the flow tables" MODULES libxxhash)
  pflow_feature(LIBMNL "conntrack:" MODULES libmnl)
endif()
if(PFLOW_BUILD_TRANSPORT)
  pflow_feature(OPENSSL "tls: and dtls:" MODULES openssl>=3.0)
  pflow_feature(USRSCTP "sctp:" MODULES usrsctp)
endif()
if(PFLOW_BUILD_PROGRAMS)
  pflow_feature(JANSSON "JSON output of the programs" MODULES jansson)
  pflow_feature(LIBEVENT "pflowd" MODULES libevent_core libevent_extra)
  pflow_feature(SECCOMP "sandbox of pflowd on Linux" MODULES libseccomp)
endif()
if(PFLOW_BUILD_TESTS)
  pflow_feature(CHECK "unit tests" MODULES check)
endif()
