#!/bin/sh
# SPDX-License-Identifier: ISC
# coverage.sh [-b] [WORK]: lines and branches of core, encoder, decoder and
# exporter that their unit tests, replays, harnesses and a short soak reach, by
# gcc --coverage. Ends with the sum.
#
#   -b    then every branch that is not taken, as file:line: the line
#   WORK  where to build (build-coverage)
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
branches=0
[ "${1:-}" != -b ] || { branches=1; shift; }
work=${1:-$top/build-coverage}
for tool in gcc gcov cmake python3; do
	command -v "$tool" >/dev/null 2>&1 ||
	    { echo "coverage: left out, there is no $tool"; exit 77; }
done
generator="Unix Makefiles"
! command -v ninja >/dev/null 2>&1 || generator=Ninja

# An inline function counts once, not once a caller: nothing is forced inline.
mkdir -p "$work"
cmake -S "$top" -B "$work" -G "$generator" -DCMAKE_C_COMPILER=gcc \
    -DCMAKE_BUILD_TYPE=Debug \
    -DCMAKE_C_FLAGS="--coverage -O0 -D__always_inline__=__unused__" \
    -DPFLOW_BUILD_SHARED=OFF -DPFLOW_BUILD_SOURCES=OFF \
    -DPFLOW_BUILD_TRANSPORT=OFF -DPFLOW_BUILD_PROGRAMS=OFF \
    -DPFLOW_BUILD_EXAMPLES=OFF >"$work/log" 2>&1 &&
    cmake --build "$work" -j "${PFLOW_JOBS:-2}" >>"$work/log" 2>&1 ||
    { tail -n 20 "$work/log"; exit 1; }
find "$work" -name '*.gcda' -exec rm -f {} +
(cd "$work" && CK_FORK=no ctest -j "${PFLOW_JOBS:-2}" \
    -R '^(unit-.*|replay-.*|proof-.*|soak)$' >"$work/log" 2>&1) ||
    { tail -n 20 "$work/log"; exit 1; }
python3 -B "$top/tests/coverage.py" "$top" "$work" "$branches"
