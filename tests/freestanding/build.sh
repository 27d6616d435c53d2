#!/bin/sh
# SPDX-License-Identifier: ISC
# build.sh TOP GENERATED-INCLUDE CC AR WORK: compile the lower floors as a
# kernel would (-ffreestanding, no frame over 1 KiB, no floating point where
# the machine can refuse it), link them with -nostdlib and four functions of
# our own into a program, and run it where its first instruction is known.
set -eu

top=$1 generated=$2 cc=$3 ar=$4 work=$5
here=$top/tests/freestanding
flags="-std=c11 -ffreestanding -fno-stack-protector -Wall -Wextra -Werror
    -Wframe-larger-than=1024 -Wvla -I$top/include -I$generated -I$top/src"

# Code that needs no vector register has no floating point either.
if echo 'int x;' |
    "$cc" -mgeneral-regs-only -x c -c - -o /dev/null 2>/dev/null; then
	flags="$flags -mgeneral-regs-only"
fi
start=$here/start-$(uname -m).S
entry=_start
if [ ! -f "$start" ] || [ "$(uname -s)" != Linux ]; then
	start=
	entry=program
fi

rm -rf "$work"
mkdir -p "$work"
for level in -Os -O2; do
	rm -f "$work"/*
	for room in core encoder decoder exporter; do
		for file in "$top/src/$room"/*.c; do
			[ -f "$file" ] || continue
			# shellcheck disable=SC2086
			"$cc" $flags $level -c "$file" \
			    -o "$work/$room-${file##*/}.o"
		done
	done
	"$ar" rcs "$work/libpflow.a" "$work"/*.o
	# shellcheck disable=SC2086
	"$cc" $flags $level -nostdlib -static -Wl,-e,$entry \
	    ${start:+"$start"} "$here/main.c" "$here/four.c" \
	    -Wl,--whole-archive "$work/libpflow.a" -Wl,--no-whole-archive \
	    -o "$work/program"
	if [ -z "$start" ]; then
		echo "$level: linked; not run, no start file for $(uname -sm)"
		continue
	fi
	"$work/program" || { echo "$level: stopped at step $?"; exit 1; }
	echo "$level: linked and run, $(wc -c <"$work/libpflow.a") octets"
done
