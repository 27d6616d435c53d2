#!/bin/sh
# SPDX-License-Identifier: ISC
# format.sh [FILE...]: where a file differs from .clang-format. Advice, no test:
# a table that is aligned by hand may stay so. Needs clang-format.
set -eu

cd "$(dirname "$0")/../.."
[ $# -gt 0 ] || set -- $(find include src examples tests -name '*.[ch]')
for file; do
	clang-format "$file" | diff -u --label "$file" --label formatted \
	    "$file" - || true
done
