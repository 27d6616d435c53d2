#!/bin/sh
# SPDX-License-Identifier: ISC
# quickstart.sh: from a clean clone to flows at a collector. Installs what is
# missing (Debian and its kin; elsewhere it says what), builds into build/,
# and for each capture in examples/data, as IPFIX and as NetFlow v5: starts
# pflowdump on loopback, lets pflowexport send to it, prints the flows that
# arrived and whether the totals of both sides agree. No root but for
# apt-get, no traffic but on 127.0.0.1.
#
#   PFLOW_BUILD  where to build (build)
set -eu

cd "$(dirname "$0")/.."
build=${PFLOW_BUILD:-build}
work=$(mktemp -d)
collector=
rows=12

. ./tests/packages.sh

fail()
{
	echo "quickstart: $*" >&2
	exit 1
}

end()
{
	status=$?
	[ -z "$collector" ] || kill "$collector" 2>/dev/null || true
	rm -rf "$work"
	[ "$status" -eq 0 ] ||
	    echo "quickstart: it did not work; the lines above say why." >&2
	exit "$status"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

build_programs()
{
	generator="Unix Makefiles"
	! command -v ninja >/dev/null 2>&1 || generator=Ninja
	# A build directory that is there already stays as it was set up.
	set -- -DPFLOW_BUILD_TESTS=OFF -DPFLOW_BUILD_EXAMPLES=OFF
	if [ -f "$build/CMakeCache.txt" ]; then
		set --
	else
		set -- -G "$generator" "$@"
	fi
	cmake -S . -B "$build" "$@" >"$work/log" 2>&1 &&
	    cmake --build "$build" -j "$(getconf _NPROCESSORS_ONLN || echo 2)" \
	    --target pflowexport pflowdump >"$work/log" 2>&1 || {
		tail -n 30 "$work/log"
		fail "libpflow was not built"
	}
	PATH=$(cd "$build" && pwd)/src/programs:$PATH
}

# The port that pflowdump chose: it says so once it listens.
port_of()
{
	tries=0
	while [ "$tries" -lt 50 ]; do
		port=$(sed -n 's/.*listening on udp:127\.0\.0\.1:\([0-9]*\).*/\1/p' \
		    "$1")
		[ -z "$port" ] || return 0
		kill -0 "$collector" 2>/dev/null || break
		sleep 0.1
		tries=$((tries + 1))
	done
	cat "$1"
	fail "pflowdump does not listen"
}

# number FILE BEFORE: the number that follows.
number()
{
	sed -n "s/^$2 *\([0-9][0-9]*\).*/\1/p" "$1" | head -n 1
}

show_table()
{
	head -n $((rows + 1)) "$1"
	more=$(($(wc -l <"$1") - rows - 1))
	[ "$more" -le 0 ] || echo "... and $more more"
}

# roundtrip SOURCE PROTO NAME
roundtrip()
{
	echo
	echo "== $1 as $3"
	: >"$work/dump"
	pflowdump -t 2 udp:127.0.0.1:0 >"$work/flows" 2>"$work/dump" &
	collector=$!
	port_of "$work/dump"
	pflowexport "$1" dst "udp:127.0.0.1:$port" proto "$2" \
	    >"$work/export" 2>"$work/said" || {
		cat "$work/said" "$work/export"
		fail "pflowexport could not export $1"
	}
	wait "$collector" || { cat "$work/dump"; fail "pflowdump failed"; }
	collector=
	show_table "$work/flows"
	cat "$work/export"
	compare "$3"
}

compare()
{
	sent="$(number "$work/export" records) records,"
	sent="$sent $(number "$work/export" packets) packets,"
	sent="$sent $(number "$work/export" octets) octets"
	came="$(number "$work/dump" '.* flows') records,"
	came="$came $(number "$work/dump" '.* packets') packets,"
	came="$came $(number "$work/dump" '.* octets') octets"
	[ "$sent" = "$came" ] || fail "sent $sent, but $came arrived"
	[ "$(number "$work/dump" '.* lost by sequence')" = 0 ] ||
	    fail "the sequence numbers have a gap"
	[ "$(number "$work/dump" '.* unreadable')" = 0 ] ||
	    fail "a message could not be read"
	echo "totals agree ($1): $sent, sent and received"
}

echo "== packages"
pflow_need_packages $PFLOW_BUILD_PACKAGES
echo "== build into $build/"
build_programs
count=0
for file in examples/data/*.pcap; do
	case ${file##*/} in
	pfsync*) source=pfsync:$file ;;
	*) source=pcap:$file ;;
	esac
	roundtrip "$source" 10 IPFIX
	roundtrip "$source" 5 "NetFlow v5"
	count=$((count + 2))
done
[ "$count" -gt 0 ] || fail "there is no capture in examples/data"
echo
echo "All $count totals agree. Next: README.md, or pflowexport --help."
