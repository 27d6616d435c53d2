#!/bin/sh
# SPDX-License-Identifier: ISC
# run.sh MINUTES [TARGET ...]: build the fuzz targets with clang and give each
# its share of MINUTES; then print what was done. Exits 1 on a finding.
#
# PFLOW_FUZZ_DIR   where it builds and keeps its corpora (build-fuzz)
# PFLOW_FUZZ_JOBS  how many targets run at a time (1)
#
# A finding becomes a seed: give the file of artifacts/TARGET a name that says
# what it does, put it into tests/fuzz/seeds/TARGET, and mend.
set -eu

usage()
{
	echo "usage: sh tests/fuzz/run.sh minutes [target ...]" >&2
	exit 2
}

fuzz_one()
{
	name=$1 max_len=$2 seconds=$3
	corpus=$build/corpus/$name art=$build/artifacts/$name log=$build/$name.log
	mkdir -p "$corpus" "$art"
	set --
	[ -f "$here/$name.dict" ] && set -- -dict="$here/$name.dict"
	"$bin/fuzz-$name" -max_total_time="$seconds" -max_len="$max_len" \
	    -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
	    -artifact_prefix="$art/" "$@" "$corpus" "$here/seeds/$name" \
	    >"$log" 2>&1 || echo "$name: stopped, see $log" >&2
}

report()
{
	printf '%-20s %12s %8s %6s %7s %7s %9s\n' \
	    target execs execs/s edges corpus peak_mb findings
	bad=0
	while read -r name _; do
		wanted "$name" || continue
		log=$build/$name.log
		execs=$(stat_of number_of_executed_units)
		rate=$(stat_of average_exec_per_sec)
		peak=$(stat_of peak_rss_mb)
		edges=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
		corpus=$(find "$build/corpus/$name" -type f | wc -l)
		found=$(find "$build/artifacts/$name" -type f | wc -l)
		# A target that never came to its statistics did not run.
		[ -n "$execs" ] && [ "$found" -eq 0 ] || bad=1
		printf '%-20s %12s %8s %6s %7s %7s %9s\n' "$name" \
		    "${execs:--}" "${rate:--}" "${edges:--}" "$corpus" \
		    "${peak:--}" "$found"
	done <"$list"
	return $bad
}

stat_of()
{
	sed -n "s/^stat::$1: *//p" "$log" | tail -n 1
}

wanted()
{
	[ -z "$targets" ] && return 0
	case " $targets " in
	*" $1 "*) return 0 ;;
	esac
	return 1
}

[ $# -ge 1 ] || usage
minutes=$1
case $minutes in
'' | *[!0-9]*) usage ;;
esac
shift
targets=$*
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=${PFLOW_FUZZ_DIR:-$top/build-fuzz}
jobs=${PFLOW_FUZZ_JOBS:-1}
list=$build/tests/fuzz/targets.txt
bin=$build/tests/fuzz
log=$build/build.log
mkdir -p "$build"

cmake -S "$top" -B "$build" -G Ninja -DCMAKE_C_COMPILER=clang \
    -DCMAKE_BUILD_TYPE=RelWithDebInfo -DPFLOW_BUILD_FUZZERS=ON \
    -DPFLOW_BUILD_EXAMPLES=OFF >"$log" 2>&1 ||
    { cat "$log"; exit 1; }
ninja -C "$build" -j2 fuzzers >"$log" 2>&1 || { cat "$log"; exit 1; }

count=0
while read -r name _; do
	wanted "$name" && count=$((count + 1))
done <"$list"
[ "$count" -gt 0 ] || { echo "run.sh: no such target" >&2; exit 1; }
seconds=$((minutes * 60 * jobs / count))
[ "$seconds" -ge 5 ] || seconds=5
echo "$count targets, $seconds s each, $jobs at a time"

running=0
while read -r name max_len; do
	wanted "$name" || continue
	fuzz_one "$name" "$max_len" "$seconds" &
	running=$((running + 1))
	if [ "$running" -ge "$jobs" ]; then
		wait
		running=0
	fi
done <"$list"
wait
report
