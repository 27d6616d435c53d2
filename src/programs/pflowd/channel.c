/* SPDX-License-Identifier: ISC */
#include "programs/pflowd/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <pflow/status.h>

#define PASSED_MAX 8 /* all are taken, so that none is left behind */

/** Room for control data, aligned as it must be. */
union control {
	struct cmsghdr head;
	char octets[CMSG_SPACE(PASSED_MAX * sizeof(int))];
};

bool
pflowd_channel_pair(int fds[2])
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds) == -1)
		return false;
	(void)fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	return true;
}

void
pflowd_channel_never_wait(int fd)
{
	(void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

static void
attach(struct msghdr *hdr, union control *control, int pass)
{
	struct cmsghdr *c;

	memset(control, 0, sizeof(*control));
	hdr->msg_control = control->octets;
	hdr->msg_controllen = CMSG_SPACE(sizeof(int));
	c = CMSG_FIRSTHDR(hdr);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &pass, sizeof(pass));
}

int
pflowd_channel_send(int fd, const struct pflowd_message *m, int pass)
{
	uint8_t octets[PFLOWD_MESSAGE_MAX];
	struct iovec iov = { octets, 0 };
	union control control;
	struct msghdr hdr;
	ssize_t n;

	memset(&hdr, 0, sizeof(hdr));
	iov.iov_len = pflowd_message_put(m, octets, sizeof(octets));
	if (iov.iov_len == 0)
		return PFLOW_ERR_INVALID;
	hdr.msg_iov = &iov;
	hdr.msg_iovlen = 1;
	if (pass != -1)
		attach(&hdr, &control, pass);
	do
		n = sendmsg(fd, &hdr, MSG_NOSIGNAL);
	while (n == -1 && errno == EINTR);
	if (n != -1)
		return PFLOW_OK;
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		return PFLOW_ERR_AGAIN;
	return errno == EPIPE || errno == ECONNRESET ? PFLOW_ERR_CLOSED
						     : PFLOW_ERR_SYSTEM;
}

/** Take all descriptors. @return how many; the first is kept */
static size_t
take_passed(struct msghdr *hdr, int *passed)
{
	struct cmsghdr *c;
	size_t count = 0;

	*passed = -1;
	for (c = CMSG_FIRSTHDR(hdr); c != NULL; c = CMSG_NXTHDR(hdr, c)) {
		size_t i, fds;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		fds = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (i = 0; i < fds; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(fd), sizeof(fd));
			(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
			if (count++ == 0)
				*passed = fd;
			else
				(void)close(fd);
		}
	}
	return count;
}

int
pflowd_channel_receive(int fd, uint8_t buf[PFLOWD_MESSAGE_MAX + 1],
    struct pflowd_message *m, int *passed)
{
	struct iovec iov = { buf, PFLOWD_MESSAGE_MAX + 1 };
	union control control;
	struct msghdr hdr;
	size_t fds;
	ssize_t n;

	*passed = -1;
	memset(&hdr, 0, sizeof(hdr));
	hdr.msg_iov = &iov;
	hdr.msg_iovlen = 1;
	hdr.msg_control = control.octets;
	hdr.msg_controllen = sizeof(control.octets);
	do
		n = recvmsg(fd, &hdr, 0);
	while (n == -1 && errno == EINTR);
	if (n == -1 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return PFLOW_ERR_AGAIN;
	if (n <= 0)
		return PFLOW_ERR_CLOSED;
	fds = take_passed(&hdr, passed);
	if ((hdr.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0 &&
	    pflowd_message_get(buf, (size_t)n, m) == PFLOW_OK &&
	    (fds == (pflowd_message_has_fd(m->kind) ? 1u : 0u) ||
		(m->kind == PFLOWD_ANSWER && fds == 1)))
		return PFLOW_OK;
	if (*passed != -1)
		(void)close(*passed);
	*passed = -1;
	return PFLOW_ERR_MALFORMED;
}
