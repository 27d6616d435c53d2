# SPDX-License-Identifier: ISC
# pflow_compile(TARGET): language level, warnings and sanitizers for one target.
set(PFLOW_WARNINGS
  -Wall -Wextra -Wpedantic -Wshadow -Wpointer-arith -Wcast-align -Wcast-qual
  -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wvla
  -Wwrite-strings -Wundef -Wformat=2 -Wconversion -Wsign-conversion)
if(PFLOW_WERROR)
  list(APPEND PFLOW_WARNINGS -Werror)
endif()
set(PFLOW_SANITIZE_FLAGS "")
if(PFLOW_SANITIZE)
  set(PFLOW_SANITIZE_FLAGS -fsanitize=${PFLOW_SANITIZE}
    -fno-sanitize-recover=all -fno-omit-frame-pointer)
endif()
# The whole build carries the fuzzer's coverage: a target sees only the code
# that was compiled with it (tests/fuzz).
if(PFLOW_BUILD_FUZZERS)
  if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "PFLOW_BUILD_FUZZERS needs clang (CC=clang)")
  endif()
  set(PFLOW_SANITIZE_FLAGS -fsanitize=fuzzer-no-link,address,undefined
    -fno-sanitize-recover=all -fno-omit-frame-pointer)
endif()

function(pflow_compile target)
  set_target_properties(${target} PROPERTIES
    C_STANDARD 11 C_STANDARD_REQUIRED ON C_EXTENSIONS OFF
    C_VISIBILITY_PRESET hidden POSITION_INDEPENDENT_CODE ON)
  target_compile_options(${target} PRIVATE ${PFLOW_WARNINGS}
    ${PFLOW_SANITIZE_FLAGS})
  if(PFLOW_SANITIZE_FLAGS)
    target_link_options(${target} PRIVATE ${PFLOW_SANITIZE_FLAGS})
  endif()
endfunction()
