#!/bin/sh
# SPDX-License-Identifier: ISC
# run.sh: builds a release, runs every bench, prints their tables with ratios
# and draws the plots into the build folder. Not a part of the suite: it wants
# a quiet machine for some minutes.
#
#   PFLOW_BENCH_BUILD    where to build (build-bench)
#   PFLOW_BENCH_PACKETS  packets of the generated captures (4000000)
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
build=${PFLOW_BENCH_BUILD:-$top/build-bench}
packets=${PFLOW_BENCH_PACKETS:-4000000}

. "$top/tests/packages.sh"
pflow_need_packages $PFLOW_BUILD_PACKAGES check python3 softflowd nfdump \
    libfixbuf-dev gnuplot-nox valgrind

cmake -S "$top" -B "$build" -DCMAKE_BUILD_TYPE=Release >/dev/null
cmake --build "$build" -j 2 >/dev/null
out=$build/bench
mkdir -p "$out"

echo "== encode: states to messages"
"$build/tests/bench/bench_encode" | tee "$out/encode.txt"
echo "== decode: messages to states"
"$build/tests/bench/bench_decode" | tee "$out/decode.txt"
if [ -x "$build/tests/bench/bench_fixbuf" ]; then
	echo "== libfixbuf, through its public API"
	"$build/tests/bench/bench_fixbuf" | tee "$out/fixbuf.txt"
fi
echo "== flow table: begin, meet, end; octets a flow"
"$build/tests/bench/bench_flow_table" | tee "$out/flow_table.txt"
if [ -x "$build/tests/bench/bench_pfsync" ]; then
	echo "== pfsync streams and saved tables; octets a state"
	"$build/tests/bench/bench_pfsync" | tee "$out/pfsync.txt"
fi
echo "== sending on loopback"
"$build/tests/bench/bench_send" | tee "$out/send.txt"
echo "== capture files, whole-process CPU"
python3 "$top/tests/bench/pcap.py" "$build" "$out/work" "$packets" |
    tee "$out/pcap.txt"
echo "== two threads against one, wall clock"
python3 "$top/tests/bench/threads.py" "$build" "$out/work" "$packets" |
    tee "$out/threads.txt"
echo "== growth: cost a packet from few to many flows"
python3 "$top/tests/bench/growth.py" "$build" "$out" | tee "$out/growth.txt"
echo "run.sh: tables and plots are in $out"
