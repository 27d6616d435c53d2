#!/bin/sh
# SPDX-License-Identifier: ISC
# expect.sh REGEX COMMAND [ARGUMENT...]: the command ends with 0 and says
# something that matches REGEX (grep -E).
set -eu

regex=$1
shift
if out=$("$@"); then
	printf '%s\n' "$out"
else
	status=$?
	printf '%s\n' "$out"
	echo "expect.sh: $1 ended with $status"
	exit 1
fi
printf '%s\n' "$out" | grep -Eq -e "$regex" ||
    { echo "expect.sh: nothing matches $regex"; exit 1; }
