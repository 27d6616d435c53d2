#!/bin/sh
# SPDX-License-Identifier: ISC
# run.sh [-q]: prove with Frama-C what docs/proofs.md lists; exits 1 if a goal
# is open that is not in open.txt, 77 where there is no Frama-C or no prover.
#
#   -q  only what takes seconds: the abstract interpretation
#
# Debian: apt-get install frama-c-base why3 cvc4, then why3 config detect.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
if ! command -v frama-c >/dev/null 2>&1; then
	echo "proofs: left out, there is no frama-c (docs/proofs.md)"
	exit 77
fi
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT INT TERM
cd "$top"
mkdir -p "$out/pflow"
version=$(sed -n 's/^project.*VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
sed -e "s/@PROJECT_VERSION@/$version/" -e 's/@[A-Z_]*@/0/' \
    include/pflow/version.h.in >"$out/pflow/version.h"
# Neither GNU C nor its builtins: the forms of port.h for any compiler.
flags="-U__GNUC__ -DPFLOWI_STRING_HEADER='<string.h>' -I$out -Iinclude -Isrc
    -Itests"
flags=$(echo $flags)
failed=0

# eva NAME SOURCE...: no alarm in any run of the harness. $apart names the
# functions whose paths are kept apart.
eva()
{
	name=$1
	shift
	# shellcheck disable=SC2086
	frama-c -eva -eva-precision 3 -eva-split-return full -eva-no-print \
	    $apart -main prove -c11 \
	    -machdep gcc_x86_64 -cpp-extra-args="$flags" \
	    "tests/proofs/$name.c" "$@" >"$out/$name" 2>&1 ||
	    { cat "$out/$name"; exit 1; }
	alarms=$(sed -n 's/^ *\([0-9]*\) alarms* generated.*/\1/p' "$out/$name")
	echo "$name: EVA, ${alarms:-?} alarms"
	if [ "${alarms:-1}" -ne 0 ]; then
		grep -A1 'eva:alarm' "$out/$name"
		failed=1
	fi
}

# wp NAME FUNCTION...: the contracts of these, and no run-time error in them.
wp()
{
	name=$1
	shift
	functions=$(echo "$*" | tr ' ' ,)
	frama-c -wp -wp-rte -wp-prover cvc4 -wp-timeout "${PFLOW_WP_SECONDS:-20}" \
	    -wp-par 2 -wp-model Typed+Cast -wp-fct "$functions" -c11 \
	    -machdep gcc_x86_64 \
	    -cpp-extra-args="-U__GNUC__ -I$out -Iinclude -Isrc -Itests" \
	    "tests/proofs/$name.c" >"$out/$name" 2>&1 ||
	    { cat "$out/$name"; exit 1; }
	echo "$name: WP,$(sed -n 's/.*Proved goals: *//p' "$out/$name") goals"
	sed -n 's/.*Goal \([a-z0-9_]*\) : \(Unknown\|Timeout\|Failed\).*/\1/p' \
	    "$out/$name" | sort >"$out/goals"
	grep -v '^#' "$here/open.txt" | sort | comm -13 - "$out/goals" >"$out/new"
	if [ -s "$out/new" ]; then
		sed 's/^/  open: /' "$out/new"
		failed=1
	fi
}

echo "Frama-C $(frama-c -version)"
apart=
eva eva_bytes
apart='-eva-slevel 500'
eva eva_records src/encoder/record.c
apart='-eva-slevel-function pflow_element_by_id:3000'
eva eva_template src/encoder/plan.c src/encoder/lists.c src/encoder/value.c \
    src/core/element.c
[ "${1:-}" != -q ] || exit "$failed"
if ! command -v cvc4 >/dev/null 2>&1; then
	echo "proofs: the rest is left out, there is no cvc4 (docs/proofs.md)"
	exit "$failed"
fi
why3 config detect >/dev/null 2>&1 || true
wp writer pflowi_w_init pflowi_w_take pflowi_w_u8 pflowi_w_u16 pflowi_w_u32 \
    pflowi_w_u64 pflowi_w_uint pflowi_w_bytes pflowi_w_zero pflowi_w_hole16 \
    pflowi_w_fill16 pflowi_w_rewind
wp reader pflowi_r_init pflowi_r_left pflowi_r_take pflowi_r_u8 pflowi_r_u16 \
    pflowi_r_u32 pflowi_r_u64 pflowi_r_sub
wp v5 pflow_v5_begin pflow_v5_add pflow_v5_end pflowi_w_v5_header \
    pflowi_v5_bound_duration
wp ipfix pflow_ipfix_begin writer_at_end close_set pflow_ipfix_add \
    pflow_ipfix_end pflowi_w_ipfix_header
exit "$failed"
