# SPDX-License-Identifier: ISC
# pflow_find(NAME MODULES a b>=1 [LIBRARY x HEADER x/x.h]): a library we may
# use, found by pkg-config or, where its base system has no .pc file, by
# header and name. Gives the target PkgConfig::PFLOW_DEP_NAME and sets
# PFLOW_DEP_NAME_FOUND, PFLOW_DEP_NAME_VERSION in the caller's scope.
#
# Used by the build and, installed, by the CMake package; the prefix keeps
# clear of the names a surrounding project may give to the same libraries.
function(pflow_find name)
  cmake_parse_arguments(arg "" "LIBRARY;HEADER" "MODULES" ${ARGN})
  set(dep PFLOW_DEP_${name})
  set(found OFF)
  set(version "")
  find_package(PkgConfig QUIET)
  if(PKG_CONFIG_FOUND)
    pkg_check_modules(${dep} QUIET IMPORTED_TARGET GLOBAL ${arg_MODULES})
    if(${dep}_FOUND)
      set(found ON)
      list(GET arg_MODULES 0 first)
      string(REGEX REPLACE "[<>=].*" "" first "${first}")
      set(version "${${dep}_VERSION}${${dep}_${first}_VERSION}")
    endif()
  endif()
  if(NOT found AND arg_LIBRARY)
    find_library(${dep}_LIBRARY NAMES ${arg_LIBRARY})
    find_path(${dep}_INCLUDE NAMES ${arg_HEADER})
    mark_as_advanced(${dep}_LIBRARY ${dep}_INCLUDE)
    if(${dep}_LIBRARY AND ${dep}_INCLUDE)
      set(found ON)
      if(NOT TARGET PkgConfig::${dep})
        add_library(PkgConfig::${dep} INTERFACE IMPORTED GLOBAL)
        set_target_properties(PkgConfig::${dep} PROPERTIES
          INTERFACE_INCLUDE_DIRECTORIES "${${dep}_INCLUDE}"
          INTERFACE_LINK_LIBRARIES "${${dep}_LIBRARY}")
      endif()
    endif()
  endif()
  set(${dep}_FOUND ${found} PARENT_SCOPE)
  set(${dep}_VERSION "${version}" PARENT_SCOPE)
endfunction()
