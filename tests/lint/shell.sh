#!/bin/sh
# SPDX-License-Identifier: ISC
# shell.sh TOP: every shell script parses, under sh (dash, where it is) as its
# first line says.
set -eu

cd "$1"
bad=0
count=0
for script in $(find . \( -name .git -o -name 'build*' \) -prune -o \
    \( -name '*.sh' -o -path './.ci/run' \) -type f -print); do
	case $(head -n 1 "$script") in
	'#!/bin/sh' | '#!/usr/bin/env sh') shell=sh ;;
	'#!/usr/bin/env bash' | '#!/bin/bash') shell=bash ;;
	*) echo "$script: first line names no shell" && bad=1 && continue ;;
	esac
	"$shell" -n "$script" || bad=1
	count=$((count + 1))
done
[ "$count" -gt 0 ] || { echo "no script"; exit 1; }
echo "$count scripts"
exit $bad
