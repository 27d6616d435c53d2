/* SPDX-License-Identifier: ISC */
#include "transport/tcp_stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "transport/net.h"

void
pflowi_tcp_prepare(struct pflowi_session *s)
{
	int on = 1;

	/* Messages are full or late already: no waiting for more. */
	(void)setsockopt(s->conn.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	pflowi_net_watch_peer(s->conn.fd, s->conn.peer_timeout_ns);
}

bool
pflowi_tcp_acknowledged(
    const struct pflowi_session *s, uint64_t written, uint64_t *octets)
{
	uint64_t waiting;

	if (pflowi_net_unacknowledged(s->conn.fd, &waiting) == -1)
		return false;
	*octets = waiting > written ? 0 : written - waiting;
	return true;
}
