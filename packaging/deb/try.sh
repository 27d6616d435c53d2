#!/bin/sh
# SPDX-License-Identifier: ISC
# try.sh PACKAGE ROOT: install, run and purge the package in the root directory
# of a Debian (debootstrap --variant=minbase); wants root. What is missing of
# its dependencies is fetched there. ROOT is left as it was but for those.
set -eu

deb=$1
root=$2

fail()
{
	echo "try.sh: $*"
	exit 1
}

inside()
{
	chroot "$root" env DEBIAN_FRONTEND=noninteractive LC_ALL=C "$@"
}

clean_up()
{
	[ -z "${pid:-}" ] || kill "$pid" 2>/dev/null || true
	umount "$root/proc" 2>/dev/null || true
	rm -f "$root/pflow.deb"
}

list_files()
{
	(cd "$root" && find etc usr lib run var/lib -xdev \
	    ! -path 'var/lib/dpkg/*' ! -path 'var/lib/apt/*' \
	    ! -path 'etc/ld.so.cache' ! -path 'etc/*-' ! -path 'var/lib/systemd*' |
	    sort)
}

trap clean_up EXIT
mount -t proc proc "$root/proc"
cp "$deb" "$root/pflow.deb"
# The dependencies first: what is compared is what the package itself leaves.
depends=$(dpkg-deb -f "$deb" Depends | sed 's/([^)]*)//g; s/|[^,]*//g; s/,/ /g')
# shellcheck disable=SC2086
inside dpkg-query -W $depends >/dev/null 2>&1 || {
	inside apt-get -q update >/dev/null 2>&1 || true
	inside apt-get -q -y --no-install-recommends install $depends >/dev/null
}
list_files >"$root.before"

echo "-- install"
inside dpkg -i /pflow.deb
inside getent passwd _pflowd || fail "no user"
inside pflowd -V | head -1
inside pflowd -n -f /etc/pflowd.conf || fail "the example is refused"

echo "-- start, as the unit does"
chroot "$root" pflowd -d -f /etc/pflowd.conf -S /run/pflowd/pflowd.sock &
pid=$!
n=0
until inside pflowctl -l >/dev/null 2>&1; do
	n=$((n + 1))
	[ "$n" -lt 100 ] || fail "pflowctl is not answered"
	sleep 0.1
done
[ "$(inside pflowctl -c)" = pflow0 ] || fail "no pflow0"
inside pflowctl -s pflow0 dst 127.0.0.1:9 proto 10
inside pflowctl -l
[ "$(inside pflowctl -l)" = \
    "pflow0: version 10 domain 42 dst 127.0.0.1:9" ] || fail "wrong list"
ps -o user:12,args --ppid "$pid" -p "$pid" || true
kill "$pid"
wait "$pid" || fail "it did not end in order"
pid=

echo "-- the configuration is the administrator's"
echo '# changed' >>"$root/etc/pflowd.conf"
inside dpkg -i /pflow.deb >/dev/null
grep -q '^# changed' "$root/etc/pflowd.conf" || fail "changes are lost"
inside dpkg -r pflow >/dev/null
[ -f "$root/etc/pflowd.conf" ] || fail "removed with the package"

echo "-- purge"
inside dpkg -P pflow
list_files >"$root.after"
diff "$root.before" "$root.after" || fail "something is left"
! inside getent passwd _pflowd || fail "the user is left"
rm -f "$root.before" "$root.after"
echo "installed, started, answered, purged: nothing is left"
