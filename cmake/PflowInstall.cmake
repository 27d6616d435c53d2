# SPDX-License-Identifier: ISC
# Install of headers, libraries, CMake package, pkg-config files.
if(NOT PFLOW_INSTALL)
  return()
endif()
