#!/bin/sh
# SPDX-License-Identifier: ISC
# The first process of the machine that run.sh boots. Makes connections over
# the loopback, lets pflow_ct export them and conntrack -E tell of them, and
# sends what both said over the second serial line. compare.py judges.
export PATH=/bin
P=/sys/module/pflow_ct/parameters

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
[ -c /dev/ttyS1 ] && stty -F /dev/ttyS1 raw

mark()
{
	echo "$(udp now) $*" >>/log/marks
	echo "mark: $*"
}

# check WORDS COMMAND...: tell whether it succeeded.
check()
{
	what=$1
	shift
	if "$@" >/log/last 2>&1; then
		mark "check ok $what"
	else
		mark "check FAILED $what: $(tr '\n' ' ' </log/last)"
	fi
}

refuses()
{
	before=$(cat "$P/$1")
	! echo "$2" >"$P/$1" && [ "$(cat "$P/$1")" = "$before" ]
}

set_to()
{
	echo "$2" >"$P/$1" && [ "$(cat "$P/$1")" = "$2" ]
}

network()
{
	ip link set lo up
	for addr in 192.0.2.1 192.0.2.7 198.51.100.2 203.0.113.80; do
		ip addr add $addr/32 dev lo
	done
	ip -6 addr add 2001:db8::1/128 dev lo
	while read -r module; do
		insmod /modules/$module || mark "check FAILED insmod $module"
	done </modules/order
	nft -f - <<-'RULES'
	table ip nat {
		chain output {
			type nat hook output priority -100;
			ip daddr 203.0.113.80 tcp dport 80 dnat to 127.0.0.1:8080
		}
		chain postrouting {
			type nat hook postrouting priority 100;
			ip daddr 198.51.100.2 udp dport 5353 snat to 192.0.2.7
		}
	}
	# Or the kernel would forget IPv6 connections whenever the module goes.
	table ip6 watch {
		chain output {
			type filter hook output priority 0;
			ct state established accept
		}
	}
	RULES
	# Connections come to their end while we wait.
	cd /proc/sys/net/netfilter
	for timeout in nf_conntrack_tcp_timeout_time_wait \
	    nf_conntrack_tcp_timeout_close nf_conntrack_udp_timeout \
	    nf_conntrack_udp_timeout_stream nf_conntrack_icmp_timeout \
	    nf_conntrack_icmpv6_timeout; do
		echo 2 >$timeout
	done
	cd /
}

serve()
{
	mkdir -p /www
	dd if=/dev/zero of=/www/small bs=1000 count=1 2>/dev/null
	dd if=/dev/zero of=/www/large bs=100k count=30 2>/dev/null
	httpd -p 8080 -h /www
	udp receive 2055 4739 4740 198.51.100.2/5353 >/log/datagrams &
	conntrack -E -b 4194304 -e DESTROY -o timestamp,id >/log/events \
	    2>/log/events.err &
	sleep 1
}

# traffic ROUNDS: TCP and UDP and ICMP, over IPv4 and IPv6, with and without
# translation, answered and not. Ends early, after a whole round, at /stop.
traffic()
{
	for round in $(seq "$1"); do
		[ ! -e /stop ] || break
		for url in 127.0.0.1:8080/small 192.0.2.1:8080/large \
		    203.0.113.80/small '[::1]:8080/small' \
		    '[2001:db8::1]:8080/large'; do
			wget -q -O /dev/null "http://$url" || mark "check FAILED wget $url"
		done
		wget -q -O /dev/null http://127.0.0.1:8099/ 2>/dev/null
		udp send 198.51.100.2 5353 || mark "check FAILED udp answer"
		udp send 127.0.0.1 5999
		size=$((size + 1)) # no two of them look alike
		ping -c 2 -i 0.2 -s $size 127.0.0.1 >/dev/null
		ping -c 1 -s $size ::1 >/dev/null
	done
}

# A look at the table takes out what has expired; the kernel by itself would
# do so once a minute.
look()
{
	while :; do
		cat /proc/net/nf_conntrack >/dev/null
		sleep 0.3
	done
}

# kmemleak, where the kernel has it: what was lost since leaks_clear.
leaks_clear()
{
	mount -t debugfs debug /sys/kernel/debug 2>/dev/null
	[ ! -e /sys/kernel/debug/kmemleak ] ||
	    echo clear >/sys/kernel/debug/kmemleak
}

leaks_scan()
{
	[ -e /sys/kernel/debug/kmemleak ] || return 0
	# What was freed but a moment ago is reported only if it stays.
	sleep 6
	echo scan >/sys/kernel/debug/kmemleak
	sleep 6
	echo scan >/sys/kernel/debug/kmemleak
	cat /sys/kernel/debug/kmemleak
	mark "leaks looked for"
}

# Every connection but our own has come to its end.
quiet()
{
	for try in $(seq 100); do
		grep -q -v -e 'dport=4739' -e 'dport=2055' -e 'dport=4740' \
		    /proc/net/nf_conntrack || return 0
		sleep 0.2
	done
	cat /proc/net/nf_conntrack
	return 1
}

# IPFIX at the default hold of 30 s.
phase_hold()
{
	mark "phase hold 4739"
	check "insmod" insmod /pflow_ct.ko receiver=127.0.0.1:4739 version=10 \
	    domain=7
	mark "load"
	check "receiver reads back" [ "$(cat $P/receiver)" = 127.0.0.1:4739 ]
	check "hold is 30 s" [ "$(cat $P/hold)" = 30 ]
	check "accounting is on" grep -q 1 \
	    /proc/sys/net/netfilter/nf_conntrack_acct
	check "version 7 is refused" refuses version 7
	check "no number is refused" refuses domain seven
	check "hold 0 is refused" refuses hold 0
	check "receiver without port is refused" refuses receiver 127.0.0.1
	check "receiver no address is refused" refuses receiver host:1
	check "source of the other family is refused" refuses source ::1
	traffic 2
	check "connections end" quiet
	sleep 33
	cat $P/stats >/log/stats.hold
	mark "end hold"
}

# NetFlow v5 from another address, set while it runs.
phase_v5()
{
	mark "phase v5 2055"
	check "set hold" set_to hold 1
	check "set domain" set_to domain 258
	check "set version" set_to version 5
	check "extended v5 is refused" refuses extended 1
	check "set source" set_to source 192.0.2.1:3055
	check "set receiver" set_to receiver 127.0.0.1:2055
	mark "load"
	traffic "$1"
	check "connections end" quiet
	sleep 2
	cat $P/stats >/log/stats.v5
	mark "end v5"
}

# IPFIX with every field and NAT events, over IPv6; the module goes and comes
# while connections do.
phase_unload()
{
	mark "phase unload 4740"
	echo "" >$P/receiver
	echo "" >$P/source
	echo 10 >$P/version
	echo 1 >$P/extended
	echo 1 >$P/nat
	check "set receiver" set_to receiver '[::1]:4740'
	mark "load"
	size=1000
	traffic 100 &
	pid=$!
	for round in $(seq "$1"); do
		sleep 4
		mark "unload"
		check "rmmod" rmmod pflow_ct
		mark "unloaded"
		sleep 0.3
		check "insmod" insmod /pflow_ct.ko receiver=[::1]:4740 \
		    version=10 hold=1 domain=258 extended=1 nat=1
		mark "load"
	done
	sleep 4
	touch /stop
	wait $pid
	check "connections end" quiet
	sleep 2
	cat $P/stats >/log/stats.unload
	mark "unload"
	check "rmmod" rmmod pflow_ct
	mark "end unload"
}

mkdir -p /log
leaks_clear
size=100
network
serve
look &
case $(cat /proc/cmdline) in
*pflow.short*)
	check "insmod" insmod /pflow_ct.ko receiver=127.0.0.1:4739
	phase_v5 1
	phase_unload 2
	;;
*)
	phase_hold
	phase_v5 2
	phase_unload 3
	;;
esac
leaks_scan >/log/leaks
dmesg >/log/dmesg
cd /log
for file in *; do
	echo "== $file"
	cat "$file"
done >/dev/ttyS1
echo "== end" >/dev/ttyS1
reboot -f
