// SPDX-License-Identifier: ISC
/* A connected UDP socket in the kernel. */
#include <linux/net.h>
#include <linux/uio.h>
#include <net/inet_sock.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "pflow_ct.h"

static int
length_of(const struct sockaddr_storage *ss)
{
	return ss->ss_family == AF_INET ? sizeof(struct sockaddr_in)
					: sizeof(struct sockaddr_in6);
}

static int
bind_and_connect(struct socket *sock, const struct pflow_ct_settings *set)
{
	struct sockaddr_storage receiver = set->receiver, source = set->source;
	int rc;

	if (source.ss_family != 0) {
		/* The socket of the settings before still has the port. */
		sock_set_reuseaddr(sock->sk);
		rc = kernel_bind(sock, (struct sockaddr *)&source,
		    length_of(&source));
		if (rc != 0)
			return rc;
	}
	return kernel_connect(sock, (struct sockaddr *)&receiver,
	    length_of(&receiver), 0);
}

int
pflow_ct_socket_open(const struct pflow_ct_settings *set, struct socket **out)
{
	struct socket *sock;
	int rc;

	if (set->source.ss_family != 0 &&
	    set->source.ss_family != set->receiver.ss_family)
		return -EAFNOSUPPORT;
	rc = sock_create_kern(&init_net, set->receiver.ss_family, SOCK_DGRAM,
	    IPPROTO_UDP, &sock);
	if (rc != 0)
		return rc;
	/* Memory for sending is taken without going back into file systems. */
	sock->sk->sk_allocation = GFP_NOIO;
	rc = bind_and_connect(sock, set);
	if (rc != 0) {
		sock_release(sock);
		return rc;
	}
	*out = sock;
	return 0;
}

int
pflow_ct_socket_send(struct socket *sock, const struct pflow_message *m)
{
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL };
	struct kvec vec = { (void *)m->data, m->len };
	int rc = kernel_sendmsg(sock, &msg, &vec, 1, m->len);

	/* A "port unreachable" that an earlier datagram brought back. */
	if (rc == -ECONNREFUSED) {
		memset(&msg, 0, sizeof(msg));
		msg.msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL;
		rc = kernel_sendmsg(sock, &msg, &vec, 1, m->len);
	}
	return rc < 0 ? rc : 0;
}

void
pflow_ct_socket_close(struct socket *sock)
{
	sock_release(sock);
}

uint16_t
pflow_ct_socket_port(const struct socket *sock)
{
	return ntohs(inet_sk(sock->sk)->inet_sport);
}
