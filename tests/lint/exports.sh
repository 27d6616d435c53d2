#!/bin/sh
# SPDX-License-Identifier: ISC
# exports.sh NM LIBRARY...: what a shared library exports begins with pflow_;
# pflowi_ is for inside.
set -eu

nm=$1
shift
bad=0
for library; do
	names=$("$nm" -D --defined-only "$library" | awk '$2 != "A" { print $NF }')
	[ -n "$names" ] || { echo "$library: exports nothing"; exit 1; }
	for name in $names; do
		case $name in
		pflow_*) ;;
		*) echo "$library: exports $name" && bad=1 ;;
		esac
	done
	echo "$library: $(echo "$names" | wc -l) names"
done
exit $bad
