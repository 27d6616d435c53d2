#!/bin/sh
# SPDX-License-Identifier: ISC
# run.sh: the whole suite from nothing. Installs what is missing (Debian and
# its kin), configures, builds, and runs ctest; then everything again under
# AddressSanitizer and UndefinedBehaviorSanitizer, with gcc and with clang.
# Ends with ctest's own summary; exits 0 only if every test of every build
# passed.
#
#   PFLOW_TEST_BUILD  where to build (build-test)
#   PFLOW_JOBS        jobs at a time (as many as processors)
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
build=${PFLOW_TEST_BUILD:-$top/build-test}
jobs=${PFLOW_JOBS:-$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)}

. "$top/tests/packages.sh"

say()
{
	printf '\n== %s\n' "$*"
}

# An SCTP of others (tests/interop/sctp.cmake); without npm, or without the
# network, that test is skipped.
npm_modules=
get_npm_modules()
{
	command -v npm >/dev/null 2>&1 || return 0
	say "libpflow: npm's sctp"
	mkdir -p "$build/npm"
	timeout 120 npm install --prefix "$build/npm" --no-audit --no-fund \
	    --ignore-scripts --omit=optional sctp@1.0.0 || return 0
	npm_modules=$build/npm/node_modules
}

# run_suite NAME CC [OPTION...]: one build and its tests.
run_suite()
{
	name=$1 cc=$2
	shift 2
	say "$name: configure and build"
	cmake -S "$top" -B "$build/$name" -G "$generator" \
	    -DCMAKE_C_COMPILER="$cc" -DPFLOW_WERROR=ON \
	    -DPFLOW_NODE_MODULES="$npm_modules" "$@"
	cmake --build "$build/$name" -j "$jobs"
	say "$name: test"
	(cd "$build/$name" && ctest -j "$jobs" --output-on-failure)
}

# The sanitizers stop a test at the first finding and tell where it is.
ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
UBSAN_OPTIONS=print_stacktrace=1
export ASAN_OPTIONS UBSAN_OPTIONS

say "libpflow: packages"
pflow_need_packages $PFLOW_BUILD_PACKAGES $PFLOW_TEST_PACKAGES
get_npm_modules
generator="Unix Makefiles"
! command -v ninja >/dev/null 2>&1 || generator=Ninja

cc=cc
! command -v gcc >/dev/null 2>&1 || cc=gcc
run_suite plain "$cc" -DCMAKE_BUILD_TYPE=RelWithDebInfo
for cc in gcc clang; do
	if command -v "$cc" >/dev/null 2>&1; then
		run_suite "sanitize-$cc" "$cc" -DCMAKE_BUILD_TYPE=RelWithDebInfo \
		    -DPFLOW_SANITIZE=address,undefined
	else
		say "sanitize-$cc: left out, there is no $cc"
	fi
done
