#!/bin/sh
# SPDX-License-Identifier: ISC
# manual.sh DIR: the manual pages are clean under mandoc. That a page they
# refer to is not installed here says nothing about them.
set -eu

dir=$1
count=0
bad=0
for page in "$dir"/*.[1-9]; do
	[ -f "$page" ] || continue
	count=$((count + 1))
	if mandoc -Tlint -Wstyle "$page" |
	    grep -v 'referenced manual not found'; then
		bad=1
	fi
done
[ "$count" -gt 0 ] || { echo "no manual page in $dir"; exit 1; }
echo "$count pages"
exit $bad
