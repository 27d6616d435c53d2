#!/bin/sh
# SPDX-License-Identifier: ISC
# archive.sh NM SIZE ARCHIVE: what the archive of the codec may ask of its
# surroundings is memcpy, memmove, memset and memcmp, and it keeps no state:
# no member has data that can be written.
set -eu

nm=$1 size=$2 archive=$3
bad=0

defined=$("$nm" --defined-only "$archive" | awk 'NF == 3 { print $3 }' | sort -u)
undefined=$("$nm" --undefined-only "$archive" |
    awk 'NF == 2 && $1 ~ /^[Uuvw]$/ { print $2 }' | sort -u)
[ -n "$defined" ] || { echo "$archive: no symbol"; exit 1; }
for name in $undefined; do
	case $name in
	memcpy | memmove | memset | memcmp) continue ;;
	esac
	# One member may use another one.
	echo "$defined" | grep -qx "$name" && continue
	echo "$archive: needs $name"
	bad=1
done

# .data.rel.ro is written by the loader only.
"$size" -A "$archive" | awk '
	/:$/ || /\(ex / { member = $1 }
	$1 ~ /^\.(data|bss|tdata|tbss)(\.|$)/ && $1 !~ /^\.data\.rel\.ro/ &&
	    $2 > 0 {
		print member ": " $2 " octets in " $1
		bad = 1
	}
	$1 == "COMMON" && $2 > 0 { print member ": COMMON"; bad = 1 }
	END { exit bad }' || bad=1

echo "needs:" $(echo "$undefined" | grep -x 'mem[a-z]*')
exit $bad
