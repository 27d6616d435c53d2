#!/bin/sh
# SPDX-License-Identifier: ISC
# build.sh TOP GENERATED-INCLUDE CC AR WORK: compile the lower floors as a
# kernel would (-ffreestanding, no frame over 1 KiB, no floating point where
# the machine can refuse it) and link them with -nostdlib and four functions
# of our own into a program, then run it.
set -eu

top=$1 generated=$2 cc=$3 ar=$4 work=$5
here=$top/tests/freestanding
flags="-std=c11 -ffreestanding -fno-stack-protector -Wall -Wextra -Werror
    -Wframe-larger-than=1024 -Wvla -I$top/include -I$generated -I$top/src"

# x86: code that needs no vector register has no floating point either.
if echo 'int x;' | "$cc" -mgeneral-regs-only -x c -c - -o /dev/null 2>/dev/null
then
	flags="$flags -mgeneral-regs-only"
fi

rm -rf "$work"
mkdir -p "$work"
for level in -O0 -Os -O2; do
	rm -f "$work"/*.o "$work"/*.a
	for room in core encoder decoder exporter; do
		for file in "$top/src/$room"/*.c; do
			[ -f "$file" ] || continue
			name=$room-$(basename "$file" .c)
			# shellcheck disable=SC2086
			"$cc" $flags $level -c "$file" -o "$work/$name.o"
		done
	done
	"$ar" rcs "$work/libpflow.a" "$work"/*.o
	# shellcheck disable=SC2086
	"$cc" $flags $level -c "$here/four.c" -o "$work/four.o"
	"$cc" $flags $level -c "$here/main.c" -o "$work/main.o"
	# The start-up files belong to the host; nothing else does.
	"$cc" -nostdlib -nodefaultlibs -static -Wl,-e,_start "$work/main.o" \
	    "$work/four.o" -Wl,--whole-archive "$work/libpflow.a" \
	    -Wl,--no-whole-archive -o "$work/program"
	"$work/program" || { echo "$level: the program said $?"; exit 1; }
	echo "$level: built and run"
done
