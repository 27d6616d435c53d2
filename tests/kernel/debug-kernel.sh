#!/bin/sh
# SPDX-License-Identifier: ISC
# Read by run.sh: a kernel from Debian's sources (package linux-source-6.1,
# fetched, not installed) with KASAN, lockdep, kmemleak and their like, which
# no kernel of Debian has. Sets headers, kernel and modules.
for tool in flex bison bc xz; do
	need "$tool" "$tool"
done
source=$work/linux
if [ ! -e "$source/Makefile" ]; then
	rm -rf "$work/fetch"
	mkdir -p "$work/fetch" "$source"
	(cd "$work/fetch" && apt-get -q download linux-source-6.1) \
	    >"$work/fetch.log" 2>&1 ||
	    skip "linux-source-6.1 can not be fetched: $(tail -n 1 \
	    "$work/fetch.log")"
	dpkg-deb -x "$work"/fetch/*.deb "$work/fetch"
	tar -C "$source" --strip-components=1 \
	    -xf "$work/fetch/usr/src/linux-source-6.1.tar.xz"
	rm -rf "$work/fetch"
fi
headers=$work/linux-debug
mkdir -p "$headers"
if ! cmp -s "$here/debug.config" "$headers/made-from"; then
	make -C "$source" O="$headers" KCONFIG_ALLCONFIG="$here/debug.config" \
	    allnoconfig >"$work/kernel.log" 2>&1 ||
	    { tail "$work/kernel.log"; exit 1; }
	for option in KASAN PROVE_LOCKING DEBUG_ATOMIC_SLEEP DEBUG_KMEMLEAK; do
		grep -q "^CONFIG_$option=y" "$headers/.config" ||
		    { echo "the configuration has no $option"; exit 1; }
	done
	nice make -C "$headers" -j "${PFLOW_JOBS:-2}" bzImage modules \
	    >"$work/kernel.log" 2>&1 || { tail "$work/kernel.log"; exit 1; }
	cp "$here/debug.config" "$headers/made-from"
fi
kernel=$headers/arch/x86/boot/bzImage
modules=$headers
