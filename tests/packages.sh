#!/bin/sh
# SPDX-License-Identifier: ISC
# Read by run.sh and examples/quickstart.sh: which packages are needed, and
# how to get those that are missing.

# To build everything.
PFLOW_BUILD_PACKAGES="gcc libc6-dev cmake ninja-build pkg-config
    libpcap-dev libxxhash-dev libjansson-dev libssl-dev libmnl-dev
    libusrsctp-dev"
# To test everything: another compiler, unit tests, lints, and the collectors
# that our messages are shown to.
PFLOW_TEST_PACKAGES="netbase g++ clang libclang-rt-dev binutils check python3
    valgrind mandoc libevent-dev libseccomp-dev tshark nfdump libfixbuf-tools pmacct"
# The codec in a kernel, in an emulator (tests/kernel).
PFLOW_TEST_PACKAGES="$PFLOW_TEST_PACKAGES make linux-headers-cloud-amd64
    qemu-system-x86 busybox-static cpio nftables conntrack"
# Another byte order and word size, another libc (tests/cross).
PFLOW_TEST_PACKAGES="$PFLOW_TEST_PACKAGES gcc-powerpc-linux-gnu
    libc6-dev-powerpc-cross qemu-user musl-tools"
# conntrack: in network namespaces (tests/integration).
PFLOW_TEST_PACKAGES="$PFLOW_TEST_PACKAGES iproute2 iputils-ping procps"
# Peers of tcp: and tls: that are not ours (tests/integration).
PFLOW_TEST_PACKAGES="$PFLOW_TEST_PACKAGES openssl socat"
# Metrics of pflowd, as people look at them (tests/integration).
PFLOW_TEST_PACKAGES="$PFLOW_TEST_PACKAGES curl iperf3"

# The packages of the arguments that are not installed, on Debian.
pflow_missing_packages()
{
	for package; do
		case $(dpkg-query -W -f '${db:Status-Status}' "$package" \
		    2>/dev/null) in
		installed) ;;
		*) echo "$package" ;;
		esac
	done
}

# Those that this release of the system has; the others are told.
pflow_known_packages()
{
	for package; do
		if apt-cache show "$package" >/dev/null 2>&1; then
			echo "$package"
		else
			echo "not known here: $package" >&2
		fi
	done
}

pflow_as_root()
{
	if [ "$(id -u)" -eq 0 ]; then
		env DEBIAN_FRONTEND=noninteractive "$@"
	else
		sudo env DEBIAN_FRONTEND=noninteractive "$@"
	fi
}

# Install what is missing of the arguments; elsewhere than on Debian and its
# kin, say what is needed and go on if there is a compiler and CMake.
pflow_need_packages()
{
	if ! command -v apt-get >/dev/null 2>&1; then
		echo "This is no Debian: please see to it yourself that these are"
		echo "installed, under the names your system gives them: $*"
		for tool in cmake cc pkg-config; do
			command -v "$tool" >/dev/null 2>&1 ||
			    { echo "Without $tool it goes no further."; exit 1; }
		done
		return 0
	fi
	missing=$(pflow_missing_packages "$@")
	[ -n "$missing" ] || { echo "nothing is missing"; return 0; }
	echo "installing:" $missing
	if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null 2>&1; then
		echo "There is no sudo here. As root, please run:"
		echo "apt-get install" $missing
		exit 1
	fi
	log=$(mktemp)
	pflow_as_root apt-get -q update </dev/null >"$log" 2>&1 ||
	    echo "apt-get update failed, going on with the lists at hand"
	missing=$(pflow_known_packages $missing)
	# shellcheck disable=SC2086
	if pflow_as_root apt-get -q -y --no-install-recommends install \
	    $missing </dev/null >>"$log" 2>&1; then
		rm -f "$log"
		return 0
	fi
	tail -n 20 "$log"
	rm -f "$log"
	echo "apt-get could not install them."
	exit 1
}
