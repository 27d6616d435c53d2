#!/bin/sh
# SPDX-License-Identifier: ISC
# run.sh WORK [short|long|build|debug]: build examples/kernel-linux against Debian's
# cloud kernel, boot that kernel in qemu (plain emulation), make connections
# inside and compare what pflow_ct exported with conntrack's own counters.
#
#   short  the module is loaded, set and unloaded; under the debug options of
#          the stock kernel
#   long   also the default hold of 30 s
#   (none) both
#   build  only build the module
#   debug  a kernel of our own from Debian's sources, with the checks that the
#          stock kernel leaves out (debug-kernel.sh); takes long
#
# Exits 77 with a sentence where packages are missing.
set -eu

work=$1 what=${2:-all}
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
# What the stock kernel has in the way of checks, and preemption everywhere.
debug="slub_debug=FZPU slab_nomerge init_on_free=1 preempt=full"

skip()
{
	echo "skipped: $*"
	exit 77
}

need()
{
	command -v "$1" >/dev/null 2>&1 || skip "there is no $1 (package $2)"
}

find_headers()
{
	headers=$(find /usr/src -maxdepth 1 -name 'linux-headers-*-cloud-*' |
	    sort -V | tail -n 1)
	[ -n "$headers" ] ||
	    skip "no kernel headers (package linux-headers-cloud-amd64)"
	release=${headers##*/linux-headers-}
}

build_module()
{
	make -C "$top/examples/kernel-linux" KDIR="$headers" \
	    OUT="$work/module" >"$work/module.log" 2>&1 ||
	    { tail -n 30 "$work/module.log"; exit 1; }
}

# The image is only looked into, never installed: its scripts would make this
# machine boot it.
find_image()
{
	root=$work/image-$release
	[ ! -e "/boot/vmlinuz-$release" ] || root=/
	[ ! -e "$root/boot/vmlinuz-$release" ] || return 0
	rm -rf "$work/fetch"
	mkdir -p "$work/fetch"
	(cd "$work/fetch" && apt-get -q download "linux-image-$release") \
	    >"$work/fetch.log" 2>&1 ||
	    skip "linux-image-$release can not be fetched: $(tail -n 1 \
	    "$work/fetch.log")"
	dpkg-deb -x "$work"/fetch/*.deb "$root"
	rm -rf "$work/fetch"
}

# The modules that a module needs, each before those that need it.
order()
{
	file=$(find "$modules" -name "$1.ko" | head -n 1)
	[ -n "$file" ] || return 0 # it is part of the kernel
	case " $ordered " in
	*" $1 "*) return 0 ;;
	esac
	ordered="$ordered $1"
	for need in $(tr '\0' '\n' <"$file" | sed -n 's/^depends=//p' |
	    tr ',' ' '); do
		order "$need"
	done
	file=$(find "$modules" -name "$1.ko" | head -n 1)
	cp "$file" "$tree/modules/"
	echo "$1.ko" >>"$tree/modules/order"
}

# A program of this machine with the libraries it asks for.
put_program()
{
	path=$(PATH=$PATH:/usr/sbin:/sbin command -v "$1")
	cp -L "$path" "$tree/bin/$1"
	ldd "$path" | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p; s/^\t\(\/[^ ]*\).*/\1/p' |
	while read -r lib; do
		mkdir -p "$tree${lib%/*}"
		cp -L "$lib" "$tree$lib"
	done
}

make_initramfs()
{
	tree=$work/tree
	rm -rf "$tree"
	mkdir -p "$tree/bin" "$tree/modules" "$tree/proc" "$tree/sys" \
	    "$tree/dev" "$tree/etc"
	for applet in $(busybox --list); do
		ln -s busybox "$tree/bin/$applet"
	done
	cp --remove-destination "$(command -v busybox)" "$tree/bin/busybox"
	: >"$tree/modules/order"
	ordered=
	for module in crc32c_generic nf_conntrack nf_conntrack_netlink \
	    nf_tables nft_chain_nat nft_nat nft_ct; do
		order $module
	done
	put_program conntrack
	put_program nft
	cc -std=c11 -O2 -Wall -Wextra -static "$here/udp.c" \
	    -o "$tree/bin/udp"
	cp "$here/init.sh" "$tree/init"
	chmod +x "$tree/init"
	cp "$work/module/pflow_ct.ko" "$tree/"
	(cd "$tree" && find . | cpio -o -H newc --quiet | gzip -1) \
	    >"$work/initramfs"
}

# boot NAME ARGUMENTS: run the machine until it powers off, then judge.
boot()
{
	name=$1 arguments=$2
	rm -f "$work/$name".*
	timeout "$limit" qemu-system-x86_64 -accel tcg,thread=multi -cpu max \
	    -smp 2 -m 768 -nodefaults -nographic -no-reboot \
	    -kernel "$kernel" -initrd "$work/initramfs" \
	    -append "console=ttyS0 quiet loglevel=4 panic=-1 oops=panic \
	    mitigations=off $arguments" \
	    -serial "file:$work/$name.console" -serial "file:$work/$name.data" ||
	    { tail -n 30 "$work/$name.console"; echo "$name: qemu: $?"; exit 1; }
	grep -a -q '^== end' "$work/$name.data" ||
	    { tail -n 30 "$work/$name.console"
	    echo "$name: the machine did not come to its end"; exit 1; }
	echo "$name: $arguments"
	python3 -B "$here/compare.py" "$work/$name.data"
}

[ "$(uname -m)" = x86_64 ] || skip "this machine is not x86-64"
PATH=$PATH:/usr/sbin:/sbin
need make make
mkdir -p "$work"
work=$(cd "$work" && pwd)
if [ "$what" = build ]; then
	find_headers
	build_module
	echo "built for $release"
	exit 0
fi
need qemu-system-x86_64 qemu-system-x86
need busybox busybox-static
need cpio cpio
need python3 python3
need nft nftables
need conntrack conntrack
limit=240
if [ "$what" = debug ]; then
	limit=1200
	. "$here/debug-kernel.sh"
else
	find_headers
	find_image
	kernel=$root/boot/vmlinuz-$release
	modules=$root/lib/modules/$release
fi
build_module
make_initramfs
case $what in
short | all) boot short "pflow.short $debug" ;;
esac
case $what in
long | all) boot long "" ;;
debug) boot debug "pflow.short $debug" ;;
esac
