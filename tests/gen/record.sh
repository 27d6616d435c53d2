#!/bin/sh
# SPDX-License-Identifier: ISC
# record.sh FILE: record real programs that talk to each other in two network
# namespaces: examples/data/talk.pcap was made this way. As root, on Linux,
# with iproute2, ethtool, tcpdump, python3, curl and ping (iputils).
#
#   192.0.2.1, 2001:db8::1       the client
#   192.0.2.2, 2001:db8::2       the server
#   198.51.100.1, .2, 2001:db8:64::1, ::2   the same two on VLAN 100
#
# Frames are cut at 112 octets: headers and what the protocols begin with.
# What the lengths of the headers say is more than what is in the file.
set -eu

[ $# -eq 1 ] || { echo "usage: sh tests/gen/record.sh file" >&2; exit 2; }
if [ "$(id -u)" -ne 0 ]; then
	echo "record.sh: only root makes namespaces" >&2
	exit 1
fi
file=$1
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
client=pflow-client-$$ server=pflow-server-$$
pids=

end()
{
	for pid in $pids; do
		kill "$pid" 2>/dev/null || true
	done
	ip netns del $client 2>/dev/null || true
	ip netns del $server 2>/dev/null || true
	rm -rf "$dir"
}
trap end EXIT

on_client() { ip netns exec $client "$@"; }

# One host: link, addresses, VLAN. No offload: packets as on a wire.
host_up()
{
	ns=$1 link=$2 n=$3
	ip -n "$ns" link set "$link" name eth0
	ip netns exec "$ns" ethtool -K eth0 tso off gso off gro off \
	    tx off >/dev/null 2>&1 || true
	ip -n "$ns" link set eth0 up
	if ! ip -n "$ns" link add link eth0 name eth0.100 type vlan id 100 \
	    2>/dev/null; then
		ip netns exec "$ns" python3 "$here/talk.py" tag eth0.100 100 &
		pids="$pids $!"
		sleep 1
		ip -n "$ns" link set eth0.100 mtu 1496
	fi
	ip -n "$ns" addr add "192.0.2.$n/24" dev eth0
	ip -n "$ns" addr add "2001:db8::$n/64" dev eth0 nodad
	ip -n "$ns" addr add "198.51.100.$n/24" dev eth0.100
	ip -n "$ns" addr add "2001:db8:64::$n/64" dev eth0.100 nodad
	ip -n "$ns" link set lo up
	ip -n "$ns" link set eth0.100 up
}

ip netns add $client
ip netns add $server
ip link add "pfc$$" netns $client type veth peer name "pfs$$" netns $server
host_up $client "pfc$$" 1
host_up $server "pfs$$" 2
sleep 1

ip netns exec $server tcpdump --immediate-mode -i eth0 -s 112 -U \
    -w "$dir/talk.pcap" 2>"$dir/tcpdump" &
recorder=$!
pids="$pids $recorder"

head -c 120000 /dev/urandom >"$dir/picture.bin"
echo "<p>a page</p>" >"$dir/index.html"
(cd "$dir" && exec ip netns exec $server python3 -m http.server 80 \
    --bind ::) >/dev/null 2>&1 &
pids="$pids $!"
ip netns exec $server python3 "$here/talk.py" serve &
pids="$pids $!"
sleep 2

# Pages and a download, both families, and over the VLAN.
on_client curl -s -o /dev/null http://192.0.2.2/
on_client curl -s -o /dev/null http://192.0.2.2/picture.bin
on_client curl -s -o /dev/null "http://[2001:db8::2]/picture.bin"
on_client curl -s -o /dev/null http://198.51.100.2/index.html
on_client curl -s -o /dev/null "http://[2001:db8:64::2]/nothing" || true
# A port where nobody listens: a reset, and an ICMP error.
on_client curl -s -o /dev/null http://192.0.2.2:81/ || true
on_client python3 "$here/talk.py" knock 192.0.2.2 9
# Questions and answers, a stream, a burst.
on_client python3 "$here/talk.py" ask 192.0.2.2 2001:db8::2 198.51.100.2
on_client python3 "$here/talk.py" pour 192.0.2.2 2001:db8::2
on_client python3 "$here/talk.py" burst 192.0.2.2 2001:db8:64::2
# Echoes; 3000 octets go in fragments.
on_client ping -q -c 3 -i 0.2 192.0.2.2 >/dev/null
on_client ping -q -c 3 -i 0.2 2001:db8::2 >/dev/null
on_client ping -q -c 2 -i 0.2 -s 3000 192.0.2.2 >/dev/null
on_client ping -q -c 2 -i 0.2 -s 3000 2001:db8::2 >/dev/null
on_client ping -q -c 2 -i 0.2 198.51.100.2 >/dev/null
sleep 1

# The recorder ends first, so that the file is whole.
kill "$recorder"
wait "$recorder" || true
cp "$dir/talk.pcap" "$file"
tail -n 3 "$dir/tcpdump"
