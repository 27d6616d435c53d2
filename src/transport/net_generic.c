/* SPDX-License-Identifier: ISC */
/* POSIX alone: no device, no DF, one datagram a call. */
#include "transport/net.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

int
pflowi_net_socket(int family, int type, int protocol)
{
	int fd = socket(family, type, protocol), saved;

	if (fd == -1)
		return -1;
	if (fcntl(fd, F_SETFL, O_NONBLOCK) == -1 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) == -1) {
		saved = errno;
		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

int
pflowi_net_device(int fd, const char *device)
{
	(void)fd;
	(void)device;
	errno = ENOTSUP;
	return -1;
}

int
pflowi_net_dont_fragment(int fd, int family)
{
	(void)fd;
	(void)family;
	errno = ENOTSUP;
	return -1;
}

uint32_t
pflowi_net_path_mtu(int fd, int family)
{
	(void)fd;
	(void)family;
	return 0;
}

void
pflowi_net_watch_peer(int fd, uint64_t timeout_ns)
{
	int on = 1;

	(void)timeout_ns;
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
}

int
pflowi_net_unacknowledged(int fd, uint64_t *octets)
{
	(void)fd;
	(void)octets;
	errno = ENOTSUP;
	return -1;
}

/** The type of msg_iovlen is not the same everywhere: one buffer a call. */
ssize_t
pflowi_net_send_vector(int fd, struct iovec *iov, int count)
{
	return count < 1
	    ? 0
	    : send(fd, iov[0].iov_base, iov[0].iov_len, MSG_NOSIGNAL);
}

int
pflowi_net_send_many(int fd, struct pflowi_net_batch *batch,
    const struct pflow_message *msgs, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		batch->calls++;
		if (send(fd, msgs[i].data, msgs[i].len, MSG_NOSIGNAL) == -1)
			return i == 0 ? -1 : (int)i;
	}
	return (int)count;
}
