#!/bin/sh
# SPDX-License-Identifier: ISC
# run.sh WORK [TARGET...]: build the libraries, their unit tests and the replay
# of fuzz seeds for machines of other byte orders and word sizes, run them in
# qemu's user emulation, and compare what the exporter says there with what it
# says here, octet for octet.
#
#   s390x    64 bits, big-endian        powerpc  32 bits, big-endian
#   i386     32 bits, little-endian     armhf    32 bits, little-endian
#   musl     this machine, another libc
#   (none)   all of them
#
# Exits 77 with a sentence where no target's compiler is installed, and fails
# where a named one's is not.
set -eu

work=$1
shift
named=$#
[ $# -gt 0 ] || set -- s390x powerpc i386 armhf musl
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
mkdir -p "$work"
work=$(cd "$work" && pwd)
jobs=${PFLOW_JOBS:-2}
generator="Unix Makefiles"
! command -v ninja >/dev/null 2>&1 || generator=Ninja
# What is tested: everything of the lower floors, and the sources' decoders.
tests='^(unit-(core|encoder|decoder|exporter|sources)|replay-.*|vectors.*)$'

# describe TARGET: compiler, processor, emulator, packages.
describe()
{
	emulator=
	case $1 in
	s390x)
		cc=s390x-linux-gnu-gcc machine=s390x
		emulator="qemu-s390x;-L;/usr/s390x-linux-gnu"
		packages="gcc-s390x-linux-gnu libc6-dev-s390x-cross qemu-user" ;;
	powerpc)
		cc=powerpc-linux-gnu-gcc machine=ppc
		emulator="qemu-ppc;-L;/usr/powerpc-linux-gnu"
		packages="gcc-powerpc-linux-gnu libc6-dev-powerpc-cross
		    qemu-user" ;;
	i386)
		cc=i686-linux-gnu-gcc machine=i686
		emulator="qemu-i386;-L;/usr/i686-linux-gnu"
		# The processor itself, where kernel and machine let it: qemu
		# 7.2 runs into loops when such a program forks.
		lib=/usr/i686-linux-gnu/lib
		! "$lib/ld-linux.so.2" --version >/dev/null 2>&1 ||
		    emulator="$lib/ld-linux.so.2;--library-path;$lib"
		packages="gcc-i686-linux-gnu libc6-dev-i386-cross qemu-user" ;;
	armhf)
		cc=arm-linux-gnueabihf-gcc machine=arm
		emulator="qemu-arm;-L;/usr/arm-linux-gnueabihf"
		packages="gcc-arm-linux-gnueabihf libc6-dev-armhf-cross
		    qemu-user" ;;
	musl)
		cc=musl-gcc machine=$(uname -m)
		packages="musl-tools" ;;
	*)
		echo "run.sh: no target $1" >&2
		exit 2 ;;
	esac
}

# Only Check is found, and that is ours: no library of this machine is meant
# for another.
configure()
{
	dir=$work/$1
	mkdir -p "$dir/check"
	"$cc" -std=c11 -O1 -D_POSIX_C_SOURCE=200809L -I"$here/check" \
	    -c "$here/check/check.c" -o "$dir/check/check.o"
	ar=${cc%gcc}ar
	command -v "$ar" >/dev/null 2>&1 || ar=ar
	rm -f "$dir/check/libcheck.a"
	"$ar" rcs "$dir/check/libcheck.a" "$dir/check/check.o"
	cat >"$dir/check/check.pc" <<-END
	Name: check
	Description: tests/cross/check
	Version: 0.15.2
	Cflags: -I$here/check
	Libs: -L$dir/check -lcheck
	END
	PKG_CONFIG_LIBDIR=$dir/check PKG_CONFIG_PATH='' \
	    cmake -S "$top" -B "$dir/build" -G "$generator" \
	    -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=$machine \
	    -DCMAKE_C_COMPILER=$cc -DCMAKE_BUILD_TYPE=Release \
	    "-DCMAKE_CROSSCOMPILING_EMULATOR=$emulator" \
	    -DPFLOW_WITH_PCAP=OFF -DPFLOW_WITH_XXHASH=OFF \
	    -DPFLOW_WITH_LIBMNL=OFF \
	    -DPFLOW_WERROR=ON -DPFLOW_BUILD_SHARED=OFF \
	    -DPFLOW_BUILD_TRANSPORT=OFF -DPFLOW_WITH_FIXBUF=OFF \
	    -DPFLOW_BUILD_PROGRAMS=OFF \
	    -DPFLOW_BUILD_EXAMPLES=OFF
}

# run_target TARGET: 0 passed; 1 failed; 77 no compiler.
run_target()
{
	describe "$1"
	for tool in "$cc" ${emulator:+"${emulator%%;*}"}; do
		if ! command -v "$tool" >/dev/null 2>&1; then
			echo "$1: left out, there is no $tool (packages:" \
			    $packages")"
			return 77
		fi
	done
	{ configure "$1" && cmake --build "$work/$1/build" -j "$jobs"; } \
	    >"$work/$1.log" 2>&1 ||
	    { grep -E 'error|FAILED|rror:' "$work/$1.log" | head -n 20
	    echo "$1: does not build, see $work/$1.log"; return 1; }
	(cd "$work/$1/build" && ctest -j "$jobs" -R "$tests" \
	    --output-on-failure) >"$work/$1.tests" 2>&1 ||
	    { tail -n 40 "$work/$1.tests"; echo "$1: tests failed"; return 1; }
	runner=$(echo "$emulator" | tr ';' ' ')
	# shellcheck disable=SC2086
	$runner "$work/$1/build/tests/cross/digest" >"$work/$1.digest"
	cmp "$work/native.digest" "$work/$1.digest" ||
	    { echo "$1: the exporter says something else there"; return 1; }
	echo "$1: $(grep -c ' Passed ' "$work/$1.tests") tests passed," \
	    "$(wc -l <"$work/$1.digest") digests are the same"
}

# The same program here, by this machine's compiler.
cmake -S "$top" -B "$work/native" -G "$generator" -DCMAKE_BUILD_TYPE=Release \
    -DPFLOW_BUILD_SHARED=OFF -DPFLOW_BUILD_SOURCES=OFF \
    -DPFLOW_BUILD_TRANSPORT=OFF -DPFLOW_BUILD_PROGRAMS=OFF \
    -DPFLOW_BUILD_EXAMPLES=OFF >"$work/native.log" 2>&1 &&
    cmake --build "$work/native" -j "$jobs" --target digest \
    >>"$work/native.log" 2>&1 || { tail "$work/native.log"; exit 1; }
"$work/native/tests/cross/digest" >"$work/native.digest"
passed=0
for target; do
	rc=0
	run_target "$target" || rc=$?
	case $rc in
	0) passed=$((passed + 1)) ;;
	77) [ "$named" -eq 0 ] || exit 77 ;;
	*) exit 1 ;;
	esac
done
[ "$passed" -gt 0 ] || exit 77
