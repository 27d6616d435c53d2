/* SPDX-License-Identifier: ISC */
#include "transport/net.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "core/time.h"

int
pflowi_net_socket(int family, int type, int protocol)
{
	return socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
}

int
pflowi_net_device(int fd, const char *device)
{
	return setsockopt(
	    fd, SOL_SOCKET, SO_BINDTODEVICE, device, (socklen_t)strlen(device));
}

int
pflowi_net_dont_fragment(int fd, int family)
{
	int v4 = IP_PMTUDISC_DO, v6 = IPV6_PMTUDISC_DO;

	if (family == AF_INET6)
		return setsockopt(
		    fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &v6, sizeof(v6));
	return setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &v4, sizeof(v4));
}

uint32_t
pflowi_net_path_mtu(int fd, int family)
{
	int mtu = 0, rc;
	socklen_t len = sizeof(mtu);

	if (family == AF_INET6)
		rc = getsockopt(fd, IPPROTO_IPV6, IPV6_MTU, &mtu, &len);
	else
		rc = getsockopt(fd, IPPROTO_IP, IP_MTU, &mtu, &len);
	return rc == 0 && mtu > 0 ? (uint32_t)mtu : 0;
}

static void
set_tcp(int fd, int option, uint64_t value)
{
	int v = value > INT32_MAX ? INT32_MAX : (int)value;

	(void)setsockopt(fd, IPPROTO_TCP, option, &v, sizeof(v));
}

void
pflowi_net_watch_peer(int fd, uint64_t timeout_ns)
{
	uint64_t ms = timeout_ns / PFLOWI_NS_PER_MS;
	int on = 1;

	/* A third of the time idle, then six probes. */
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	set_tcp(fd, TCP_KEEPIDLE, ms / 3000 + 1);
	set_tcp(fd, TCP_KEEPINTVL, ms / 9000 + 1);
	set_tcp(fd, TCP_KEEPCNT, 6);
	set_tcp(fd, TCP_USER_TIMEOUT, ms);
}

int
pflowi_net_unacknowledged(int fd, uint64_t *octets)
{
	int queued = 0;

	if (ioctl(fd, SIOCOUTQ, &queued) == -1)
		return -1;
	*octets = queued > 0 ? (uint64_t)queued : 0;
	return 0;
}

ssize_t
pflowi_net_send_vector(int fd, struct iovec *iov, int count)
{
	struct msghdr hdr;

	memset(&hdr, 0, sizeof(hdr));
	hdr.msg_iov = iov;
	hdr.msg_iovlen = (size_t)count;
	return sendmsg(fd, &hdr, MSG_NOSIGNAL);
}
