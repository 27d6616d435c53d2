# SPDX-License-Identifier: ISC
# pflow_library(NAME [USES pflow]): one installed library, shared and static,
# from one set of objects. Rooms add to it with pflow_room(); when all have,
# pflow_libraries_link() gives the libraries what their rooms asked for.
#
#   pflow::NAME         the shared library, or the static one if only that is built
#   pflow::NAME_static  the static library
#   pflowi_NAME_objects the objects; private
configure_file(include/pflow/version.h.in
  ${CMAKE_CURRENT_BINARY_DIR}/include/pflow/version.h @ONLY)
set(PFLOW_BINARY_INCLUDE ${CMAKE_CURRENT_BINARY_DIR}/include)
set(PFLOW_SOURCE_ROOT ${CMAKE_CURRENT_SOURCE_DIR})
set(PFLOW_LIBRARIES "")

# Until 1.0 a minor version may change the ABI.
if(PROJECT_VERSION_MAJOR EQUAL 0)
  set(PFLOW_SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
else()
  set(PFLOW_SOVERSION ${PROJECT_VERSION_MAJOR})
endif()

# An installed library or program finds its sisters wherever the prefix is
# moved to; CMAKE_SKIP_INSTALL_RPATH=ON leaves it out, as distributions want.
file(RELATIVE_PATH PFLOW_BIN_TO_LIB ${CMAKE_INSTALL_FULL_BINDIR}
  ${CMAKE_INSTALL_FULL_LIBDIR})

# The target of a library: pflow, pflow_sources, ...; its file: libpflow-sources
function(pflow_target_of name out)
  if(name STREQUAL "pflow")
    set(${out} pflow PARENT_SCOPE)
  else()
    set(${out} pflow_${name} PARENT_SCOPE)
  endif()
endfunction()

function(pflow_library name)
  cmake_parse_arguments(arg "" "USES" "" ${ARGN})
  pflow_target_of(${name} base)
  add_library(pflowi_${name}_objects OBJECT)
  pflow_compile(pflowi_${name}_objects)
  target_include_directories(pflowi_${name}_objects
    PUBLIC ${PFLOW_SOURCE_ROOT}/include ${PFLOW_BINARY_INCLUDE}
    PRIVATE ${PFLOW_SOURCE_ROOT}/src)
  set(kinds "")
  if(PFLOW_BUILD_SHARED)
    list(APPEND kinds SHARED)
  endif()
  # Unit tests and proofs look behind the export list.
  if(PFLOW_BUILD_STATIC OR PFLOW_BUILD_TESTS)
    list(APPEND kinds STATIC)
  endif()
  foreach(kind IN LISTS kinds)
    set(target ${base})
    set(suffix "")
    if(kind STREQUAL "STATIC")
      set(target ${base}_static)
      set(suffix _static)
    endif()
    add_library(${target} ${kind} $<TARGET_OBJECTS:pflowi_${name}_objects>)
    string(REPLACE "_" "-" output ${base})
    set_target_properties(${target} PROPERTIES
      OUTPUT_NAME ${output} EXPORT_NAME ${name}${suffix} LINKER_LANGUAGE C)
    if(kind STREQUAL "SHARED")
      set_target_properties(${target} PROPERTIES
        VERSION ${PROJECT_VERSION} SOVERSION ${PFLOW_SOVERSION}
        INSTALL_RPATH "$ORIGIN")
      if(PFLOW_SANITIZE_FLAGS)
        target_link_options(${target} PRIVATE ${PFLOW_SANITIZE_FLAGS})
      endif()
    endif()
    target_include_directories(${target} PUBLIC
      $<BUILD_INTERFACE:${PFLOW_SOURCE_ROOT}/include>
      $<BUILD_INTERFACE:${PFLOW_BINARY_INCLUDE}>
      $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
    if(arg_USES)
      target_link_libraries(${target} PUBLIC ${arg_USES}${suffix})
    endif()
    add_library(pflow::${name}${suffix} ALIAS ${target})
  endforeach()
  if(NOT PFLOW_BUILD_SHARED)
    add_library(pflow::${name} ALIAS ${base}_static)
  endif()
  set(PFLOW_LIBRARIES ${PFLOW_LIBRARIES} ${name} PARENT_SCOPE)
endfunction()

# pflow_room(LIBRARY FILES a.c b.c [LIBS PkgConfig::X ...] [DEFINES X=1 ...])
function(pflow_room library)
  cmake_parse_arguments(arg "" "" "FILES;LIBS;DEFINES" ${ARGN})
  set(files "")
  foreach(file IN LISTS arg_FILES)
    list(APPEND files ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  endforeach()
  target_sources(pflowi_${library}_objects PRIVATE ${files})
  target_compile_definitions(pflowi_${library}_objects PRIVATE ${arg_DEFINES})
  foreach(lib IN LISTS arg_LIBS)
    target_link_libraries(pflowi_${library}_objects PRIVATE ${lib})
    set_property(GLOBAL APPEND PROPERTY PFLOW_LIBS_${library} ${lib})
  endforeach()
endfunction()

# Linked here, in the directory of the targets: names are exported as they are.
function(pflow_libraries_link)
  foreach(name IN LISTS PFLOW_LIBRARIES)
    pflow_target_of(${name} base)
    get_property(libs GLOBAL PROPERTY PFLOW_LIBS_${name})
    if(libs)
      list(REMOVE_DUPLICATES libs)
    endif()
    list(TRANSFORM libs REPLACE "^PkgConfig::" "PkgConfig::PFLOW_DEP_")
    foreach(target ${base} ${base}_static)
      if(TARGET ${target})
        target_link_libraries(${target} PRIVATE ${libs})
      endif()
    endforeach()
    # For pkg-config and the CMake package.
    list(TRANSFORM libs REPLACE "^PkgConfig::PFLOW_DEP_" "")
    set_property(GLOBAL PROPERTY PFLOW_NEEDS_${name} "${libs}")
  endforeach()
endfunction()

# pflow_installed_program(TARGET): install it, and docs/man/TARGET.1 or .8.
function(pflow_installed_program name)
  set_target_properties(${name} PROPERTIES
    INSTALL_RPATH "$ORIGIN/${PFLOW_BIN_TO_LIB}")
  set_property(GLOBAL APPEND PROPERTY PFLOW_PROGRAMS ${name})
endfunction()
