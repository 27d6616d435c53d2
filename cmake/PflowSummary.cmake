# SPDX-License-Identifier: ISC
# What was found and what will be built.
if(PFLOW_TOP_LEVEL)
  message(STATUS "libpflow ${PROJECT_VERSION}, ${CMAKE_BUILD_TYPE}, "
    "${CMAKE_C_COMPILER_ID} ${CMAKE_C_COMPILER_VERSION}")
  foreach(feature IN LISTS PFLOW_FEATURES)
    if(PFLOW_HAVE_${feature})
      message(STATUS "  ${feature} ${PFLOW_VERSION_${feature}}: "
        "${PFLOW_HELP_${feature}}")
    else()
      message(STATUS "  ${feature} not used (PFLOW_WITH_${feature}="
        "${PFLOW_WITH_${feature}}): without ${PFLOW_HELP_${feature}}")
    endif()
  endforeach()
endif()
