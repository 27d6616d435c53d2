#!/bin/sh
# SPDX-License-Identifier: ISC
# run.sh STEP: one way to use libpflow from outside. The surroundings come in
# the environment: CMAKE, BUILD, TOP, WORK, GENERATOR, CC, FLAGS, PKG_CONFIG.
#
#   install              into WORK/prefix, and look at what is there
#   cmake shared|static  a project with find_package()
#   pkgconfig shared|static
#   nested HOW           a project with the source inside
#   without OPTION       a build with this option off, installed
set -eu

prefix=$WORK/prefix

fail()
{
	echo "run.sh: $*"
	exit 1
}

use_cmake()
{
	dir=$WORK/$1
	shift
	rm -rf "$dir"
	"$CMAKE" -S "$1" -B "$dir" -G "$GENERATOR" -DCMAKE_C_COMPILER="$CC" \
	    -DCMAKE_C_FLAGS="$FLAGS" "$@"
	"$CMAKE" --build "$dir" -j 2
	"$dir/consumer"
}

our_archives()
{
	sed 's/-lpflow\([a-z-]*\)/-l:libpflow\1.a/g'
}

libpflow_of()
{
	ldd "$1" | grep -c libpflow || true
}

step_install()
{
	rm -rf "$prefix" "$WORK/moved"
	"$CMAKE" --install "$BUILD" --prefix "$WORK/first" >/dev/null
	# An installed tree can be moved.
	mv "$WORK/first" "$prefix"
	for header in "$TOP"/include/pflow/*.h; do
		[ -f "$prefix/include/pflow/${header##*/}" ] ||
		    fail "${header##*/} is not installed"
	done
	[ -f "$prefix/include/pflow/version.h" ] || fail "no version.h"
	static=$(find "$prefix" -name '*.a' | wc -l)
	shared=$(find "$prefix" -name '*.so' | wc -l)
	[ "$static" -eq "$STATIC" ] || fail "$static static libraries, not $STATIC"
	[ "$shared" -eq "$SHARED" ] || fail "$shared shared libraries, not $SHARED"
	for program in $PROGRAMS; do
		"$prefix/bin/$program" -V >/dev/null || fail "$program does not run"
		find "$prefix" -name "$program.[18]" | grep -q . ||
		    fail "$program has no manual page"
	done
	if grep -rlI "$BUILD" "$prefix"; then
		fail "these name the build directory"
	fi
}

step_cmake()
{
	suffix=
	[ "$1" = shared ] || suffix=_static
	use_cmake "cmake-$1" "$TOP/tests/install/consumer" \
	    -DCMAKE_PREFIX_PATH="$prefix" -DSUFFIX="$suffix"
	check_kind "$1" "$WORK/cmake-$1/consumer"
}

step_pkgconfig()
{
	PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name libpflow.pc)")
	export PKG_CONFIG_PATH
	names="libpflow-transport libpflow-sources libpflow"
	program=$WORK/pkgconfig-$1
	"$PKG_CONFIG" --atleast-version=0.1 $names || fail "version is not 0.1"
	if [ "$1" = shared ]; then
		flags=$("$PKG_CONFIG" --cflags --libs $names)
		libdir=$("$PKG_CONFIG" --variable=libdir libpflow)
		flags="$flags -Wl,-rpath,$libdir"
	else
		# What our own .pc files ask for privately; what those libraries
		# ask for in their turn they bring along, being shared.
		private=$("$PKG_CONFIG" --print-requires-private $names)
		flags="$("$PKG_CONFIG" --cflags $names)
		    $("$PKG_CONFIG" --libs $names | our_archives)
		    ${private:+$("$PKG_CONFIG" --libs $private)}
		    $(sed -n 's/^Libs.private://p' "$PKG_CONFIG_PATH"/libpflow*.pc)"
	fi
	# shellcheck disable=SC2086
	"$CC" $FLAGS "$TOP/tests/install/consumer/main.c" $flags -o "$program"
	"$program"
	check_kind "$1" "$program"
}

check_kind()
{
	count=$(libpflow_of "$2")
	if [ "$1" = shared ]; then
		[ "$count" -ge 3 ] || fail "$2 is not linked with the shared ones"
	else
		[ "$count" -eq 0 ] || fail "$2 wants a shared libpflow"
	fi
}

step_nested()
{
	use_cmake "nested-$1" "$TOP/tests/install/nested" \
	    -DPFLOW_DIR="$TOP" -DHOW="$1" -DCMAKE_BUILD_TYPE=Debug
	# One test and one installed file, its own: none of ours came along.
	tests=$(cd "$WORK/nested-$1" && ctest -N | sed -n 's/Total Tests: //p')
	[ "$tests" -eq 1 ] || fail "$tests tests, 1 is its own"
	"$CMAKE" --install "$WORK/nested-$1" --prefix "$WORK/nested-$1/out" \
	    >/dev/null
	files=$(find "$WORK/nested-$1/out" -type f | wc -l)
	[ "$files" -eq 1 ] || fail "$files files installed, 1 is its own"
}

# Every option as it is by default: the directory remembers others.
all_options()
{
	echo "$OPTIONS" | sed 's/[A-Z_]*/-D&=AUTO/g
	    s/\(-DPFLOW_BUILD[A-Z_]*=\)AUTO/\1ON/g'
}

# One build directory for all of them: most of it stays as it was.
step_without()
{
	dir=$WORK/without
	option=$1
	settings=$(all_options)
	# The unit tests want static libraries, which are not to be installed.
	tests=OFF
	[ "$option" != PFLOW_BUILD_STATIC ] || tests=ON
	# shellcheck disable=SC2086
	"$CMAKE" -S "$TOP" -B "$dir" -G "$GENERATOR" -DCMAKE_C_COMPILER="$CC" \
	    -DCMAKE_BUILD_TYPE=Debug -DPFLOW_WERROR=ON $settings \
	    -DPFLOW_BUILD_TESTS=$tests -DPFLOW_WITH_CHECK=OFF "-D$option=OFF"
	"$CMAKE" --build "$dir" -j 2
	rm -rf "$dir/out"
	"$CMAKE" --install "$dir" --prefix "$dir/out" >/dev/null
	case $option in
	*_STATIC) ending=a ;;
	*_SHARED) ending=so ;;
	*) ending=none ;;
	esac
	if find "$dir/out" -name "*.$ending" | grep .; then
		fail "installed in spite of $option=OFF"
	fi
	for program in "$dir"/out/bin/*; do
		[ ! -x "$program" ] || "$program" -V >/dev/null ||
		    fail "${program##*/} does not run"
	done
}

# Where the base system has a pflowctl, ours is called otherwise, and nothing
# of it takes the other's place.
step_renamed()
{
	dir=$WORK/without
	# shellcheck disable=SC2046
	"$CMAKE" -S "$TOP" -B "$dir" -G "$GENERATOR" -DCMAKE_C_COMPILER="$CC" \
	    -DCMAKE_BUILD_TYPE=Debug $(all_options) -DPFLOW_BUILD_TESTS=OFF \
	    -DPFLOW_CTL_NAME=pflowdctl
	"$CMAKE" --build "$dir" -j 2
	rm -rf "$dir/out"
	"$CMAKE" --install "$dir" --prefix "$dir/out" >/dev/null
	"$CMAKE" -DPFLOW_CTL_NAME=pflowctl "$dir" >/dev/null
	find "$dir/out" -name 'pflowctl*' | grep . && fail "installed as pflowctl"
	program=$dir/out/bin/pflowdctl
	"$program" -V | grep -q '^pflowdctl ' || fail "it does not know its name"
	"$program" 2>&1 | grep -q '^usage: pflowdctl ' || fail "usage differs"
	for page in pflowdctl.8 pflowd.8 pflowd.conf.5; do
		file=$(find "$dir/out" -name "$page")
		[ -n "$file" ] || fail "no $page"
		grep -q pflowdctl "$file" || fail "$page does not name it"
		! grep -qi 'pflowctl' "$file" || fail "$page names pflowctl"
	done
}

mkdir -p "$WORK"
step=$1
shift
"step_$step" "$@"
