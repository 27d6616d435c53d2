/* SPDX-License-Identifier: ISC */
#include "loopback.h"

#include <check.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conformance.h"
#include "transport/endpoint.h"

int
loopback_listen(int type, const char *addr, unsigned *port)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct pflowi_addr a;
	int fd, room = 1 << 20;

	ck_assert(pflowi_addr_literal(addr, "0", &a));
	fd = socket(a.sa.ss_family, type | SOCK_NONBLOCK, 0);
	ck_assert_int_ne(fd, -1);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&a.sa, a.len), 0);
	if (type == SOCK_STREAM)
		ck_assert_int_eq(listen(fd, 8), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&ss, &len), 0);
	*port = ntohs(((struct sockaddr_in *)&ss)->sin_port);
	return fd;
}

struct pflow_transport *
loopback_make(const char *kind, const char *host, unsigned port,
    const struct pflow_transport_config *cfg)
{
	struct pflow_transport *t;
	char dest[128], err[256];

	snprintf(dest, sizeof(dest), "%s:%s:%u", kind, host, port);
	ck_assert_msg(
	    pflow_transport_create(dest, cfg, &t, err, sizeof(err)) == PFLOW_OK,
	    "%s", err);
	return t;
}

void
loopback_reset_on_close(int fd)
{
	struct linger now = {.l_onoff = 1, .l_linger = 0};

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

int
loopback_accept(int fd)
{
	return accept4(fd, NULL, NULL, SOCK_NONBLOCK);
}

bool
loopback_bring_up(struct pflow_transport *t, struct pflow_now *now, int turns)
{
	for (; turns > 0; turns--) {
		if (t->ops->service(t, *now) == PFLOW_OK)
			return true;
		conformance_wait(t, now, 5);
	}
	return false;
}
