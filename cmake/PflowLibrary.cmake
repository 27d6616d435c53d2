# SPDX-License-Identifier: ISC
# pflow_library(NAME [USES pflow]): one installed library, shared and static,
# from one set of objects. Rooms add to it with pflow_room().
#
#   pflow::NAME         the shared library, or the static one if only that is built
#   pflow::NAME_static  the static library
#   pflowi_NAME_objects the objects; private
configure_file(include/pflow/version.h.in
  ${CMAKE_CURRENT_BINARY_DIR}/include/pflow/version.h @ONLY)
set(PFLOW_BINARY_INCLUDE ${CMAKE_CURRENT_BINARY_DIR}/include)
set(PFLOW_SOURCE_ROOT ${CMAKE_CURRENT_SOURCE_DIR})
set(PFLOW_LIBRARIES "")

function(pflow_library name)
  cmake_parse_arguments(arg "" "USES" "" ${ARGN})
  set(base ${name})
  if(NOT name STREQUAL "pflow")
    set(base pflow_${name})
  endif()
  add_library(pflowi_${name}_objects OBJECT)
  pflow_compile(pflowi_${name}_objects)
  target_include_directories(pflowi_${name}_objects
    PUBLIC ${PFLOW_SOURCE_ROOT}/include ${PFLOW_BINARY_INCLUDE}
    PRIVATE ${PFLOW_SOURCE_ROOT}/src)
  set(kinds "")
  if(PFLOW_BUILD_SHARED)
    list(APPEND kinds SHARED)
  endif()
  if(PFLOW_BUILD_STATIC OR PFLOW_BUILD_TESTS OR NOT PFLOW_BUILD_SHARED)
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
        VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
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
  set(base ${library})
  if(NOT library STREQUAL "pflow")
    set(base pflow_${library})
  endif()
  foreach(lib IN LISTS arg_LIBS)
    target_link_libraries(pflowi_${library}_objects PRIVATE ${lib})
    foreach(target ${base} ${base}_static)
      if(TARGET ${target})
        target_link_libraries(${target} PRIVATE ${lib})
      endif()
    endforeach()
  endforeach()
endfunction()
