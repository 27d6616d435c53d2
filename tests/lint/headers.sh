#!/bin/sh
# SPDX-License-Identifier: ISC
# headers.sh INCLUDE-DIR GENERATED-DIR CC [CXX]: each public header compiles
# alone and twice, as C11 and as C++11, without a warning; then all together.
set -eu

include=$1 generated=$2 cc=$3 cxx=${4:-}
flags="-Wall -Wextra -Wpedantic -Wundef -Werror -fsyntax-only"
count=0

alone()
{
	{ printf '#include <%s>\n' "$@" "$1"; echo 'int x;'; } |
	    "$cc" -std=c11 -Wshadow -Wstrict-prototypes $flags -I"$include" \
	    -I"$generated" -x c - || { echo "$1: not as C11"; exit 1; }
	[ -n "$cxx" ] || return 0
	{ printf '#include <%s>\n' "$@" "$1"; echo 'int x;'; } |
	    "$cxx" -std=c++11 $flags -I"$include" -I"$generated" -x c++ - ||
	    { echo "$1: not as C++11"; exit 1; }
}

all=
for header in "$include"/pflow/*.h "$generated"/pflow/*.h; do
	name=pflow/${header##*/}
	alone "$name"
	all="$all $name"
	count=$((count + 1))
done
# shellcheck disable=SC2086
alone $all
echo "$count headers, C11${cxx:+ and C++11}"
