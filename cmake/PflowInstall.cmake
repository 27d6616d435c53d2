# SPDX-License-Identifier: ISC
# Install of headers, libraries, programs, manual pages, CMake package and
# pkg-config files. Components: runtime (shared libraries, programs, their
# manual pages) and development (the rest).
if(NOT PFLOW_INSTALL)
  return()
endif()
include(CMakePackageConfigHelpers)

set(PFLOW_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/pflow)

# Where a .pc file finds the prefix: its own place may be moved.
file(RELATIVE_PATH pc_prefix ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig
  ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" pc_prefix "${pc_prefix}")

# A directory as a .pc file names it.
function(pflow_pc_directory dir out)
  if(IS_ABSOLUTE "${dir}")
    set(${out} "${dir}" PARENT_SCOPE)
  else()
    set(${out} "\${prefix}/${dir}" PARENT_SCOPE)
  endif()
endfunction()

function(pflow_install_library name)
  pflow_target_of(${name} base)
  set(kinds "")
  if(PFLOW_BUILD_SHARED)
    list(APPEND kinds ${base})
  endif()
  if(PFLOW_BUILD_STATIC)
    list(APPEND kinds ${base}_static)
  endif()
  install(TARGETS ${kinds} EXPORT pflow-${name}-targets
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
      COMPONENT runtime NAMELINK_COMPONENT development
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
  install(EXPORT pflow-${name}-targets NAMESPACE pflow::
    DESTINATION ${PFLOW_PACKAGE_DIR} COMPONENT development)
endfunction()

# What a static link of NAME needs besides its sisters: modules of pkg-config,
# flags where a base system has no .pc file, calls for the CMake package.
function(pflow_needs_of name requires libs finds)
  get_property(needs GLOBAL PROPERTY PFLOW_NEEDS_${name})
  set(modules "")
  set(flags "")
  set(calls "")
  foreach(need IN LISTS needs)
    set(dep PFLOW_DEP_${need})
    if(DEFINED ${dep}_ARGUMENTS)
      string(REPLACE ";" " " call "${${dep}_ARGUMENTS}")
      string(APPEND calls "    pflow_need(${need} ${call})\n")
      if(${dep}_LIBRARY)
        cmake_parse_arguments(arg "" "LIBRARY;HEADER" "MODULES"
          ${${dep}_ARGUMENTS})
        list(APPEND flags -l${arg_LIBRARY})
      else()
        list(APPEND modules ${${dep}_MODULES})
      endif()
    else()
      list(APPEND flags -l${need})
    endif()
  endforeach()
  string(REPLACE ";" ", " modules "${modules}")
  string(REGEX REPLACE "(>=|=|<=)" " \\1 " modules "${modules}")
  string(REPLACE ";" " " flags "${flags}")
  set(${requires} "${modules}" PARENT_SCOPE)
  set(${libs} "${flags}" PARENT_SCOPE)
  set(${finds} "${calls}" PARENT_SCOPE)
endfunction()

function(pflow_install_pc name description)
  pflow_target_of(${name} base)
  string(REPLACE "_" "-" pc_output ${base})
  set(pc_description "${description}")
  set(pc_requires "")
  if(NOT name STREQUAL "pflow")
    set(pc_requires "libpflow = ${PROJECT_VERSION}")
  endif()
  pflow_needs_of(${name} pc_requires_private pc_libs_private unused)
  pflow_pc_directory("${CMAKE_INSTALL_LIBDIR}" pc_libdir)
  pflow_pc_directory("${CMAKE_INSTALL_INCLUDEDIR}" pc_includedir)
  configure_file(${PFLOW_SOURCE_ROOT}/cmake/libpflow.pc.in
    ${CMAKE_CURRENT_BINARY_DIR}/lib${pc_output}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/lib${pc_output}.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
endfunction()

set(PFLOW_PACKAGE_NEEDS "")
foreach(name IN LISTS PFLOW_LIBRARIES)
  pflow_install_library(${name})
  pflow_needs_of(${name} unused unused finds)
  if(finds)
    string(APPEND PFLOW_PACKAGE_NEEDS
      "  if(pflow_name STREQUAL \"${name}\")\n${finds}  endif()\n")
  endif()
endforeach()
pflow_install_pc(pflow "NetFlow v5 and IPFIX codec and exporter, freestanding")
if(PFLOW_BUILD_SOURCES)
  pflow_install_pc(sources "where states come from, for libpflow")
endif()
if(PFLOW_BUILD_TRANSPORT)
  pflow_install_pc(transport "where messages go, for libpflow")
endif()

configure_package_config_file(${PFLOW_SOURCE_ROOT}/cmake/pflow-config.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/pflow-config.cmake
  INSTALL_DESTINATION ${PFLOW_PACKAGE_DIR}
  NO_SET_AND_CHECK_MACRO)
# Until 1.0 a minor version may change the API.
if(PROJECT_VERSION_MAJOR EQUAL 0)
  set(compatible SameMinorVersion)
else()
  set(compatible SameMajorVersion)
endif()
write_basic_package_version_file(
  ${CMAKE_CURRENT_BINARY_DIR}/pflow-config-version.cmake
  COMPATIBILITY ${compatible})
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/pflow-config.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/pflow-config-version.cmake
  ${PFLOW_SOURCE_ROOT}/cmake/PflowFind.cmake
  DESTINATION ${PFLOW_PACKAGE_DIR} COMPONENT development)

set(left_out "")
if(NOT PFLOW_BUILD_SOURCES)
  list(APPEND left_out PATTERN sources.h EXCLUDE)
endif()
if(NOT PFLOW_BUILD_TRANSPORT)
  list(APPEND left_out PATTERN transports.h EXCLUDE)
endif()
install(DIRECTORY ${PFLOW_SOURCE_ROOT}/include/pflow
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development
  FILES_MATCHING PATTERN *.h ${left_out})
install(FILES ${PFLOW_BINARY_INCLUDE}/pflow/version.h
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/pflow COMPONENT development)

# The pages of a program are installed with it, the others always.
get_property(programs GLOBAL PROPERTY PFLOW_PROGRAMS)
if(programs)
  install(TARGETS ${programs} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
    COMPONENT runtime)
endif()
file(GLOB pages CONFIGURE_DEPENDS ${PFLOW_SOURCE_ROOT}/docs/man/*.[1-9])
foreach(page IN LISTS pages)
  get_filename_component(title ${page} NAME)
  string(REGEX MATCH "^(.*)\\.([1-9])$" unused ${title})
  set(program ${CMAKE_MATCH_1})
  set(section ${CMAKE_MATCH_2})
  if(section MATCHES "[18]" AND NOT program IN_LIST programs)
    continue()
  endif()
  # Pages call pflowctl by the name that it is installed by.
  if(DEFINED PFLOW_CTL_NAME AND NOT PFLOW_CTL_NAME STREQUAL "pflowctl")
    file(READ ${page} text)
    string(TOUPPER ${PFLOW_CTL_NAME} upper)
    string(REPLACE PFLOWCTL ${upper} text "${text}")
    string(REPLACE pflowctl ${PFLOW_CTL_NAME} text "${text}")
    string(REPLACE pflowctl ${PFLOW_CTL_NAME} title ${title})
    set(page ${CMAKE_CURRENT_BINARY_DIR}/man/${title})
    file(WRITE ${page} "${text}")
  endif()
  install(FILES ${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section}
    COMPONENT runtime)
endforeach()
