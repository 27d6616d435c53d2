/* SPDX-License-Identifier: ISC */
/*
 * Datagrams in bulk: sendmmsg(2), and in it runs of messages of one length as
 * one buffer that the kernel, or the card, cuts (UDP_SEGMENT, Linux 4.18).
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "transport/net.h"

/** Messages in one sendmmsg(2); 46 of 1.4 KB fill a run. */
#define BATCH_MAX 128
/** UDP_MAX_SEGMENTS of the kernels before 6.8. */
#define SEGMENTS_MAX 64
/** What one buffer with all headers may hold: IPv6 takes more than IPv4. */
#define RUN_OCTETS_MAX (65535 - 40 - 8)

union control {
	char octets[CMSG_SPACE(sizeof(uint16_t))];
	size_t align;
};

/** Everything one call needs; lives on the stack of one call. */
struct vectors {
	struct mmsghdr hdr[BATCH_MAX];
	struct iovec iov[BATCH_MAX];
	union control control[BATCH_MAX];
};

/** How many of the first messages can go as one: all of one length, but the
 *  last, which may be shorter. */
static size_t
run_length(const struct pflow_message *msgs, size_t count)
{
	uint32_t size = msgs[0].len, octets = size;
	size_t n = 1;

	while (n < count && n < SEGMENTS_MAX && msgs[n].len <= size &&
	    msgs[n].len <= RUN_OCTETS_MAX - octets) {
		octets += msgs[n].len;
		if (msgs[n++].len < size)
			break;
	}
	return octets > RUN_OCTETS_MAX ? 1 : n;
}

static void
set_segment(struct msghdr *hdr, union control *control, uint32_t size)
{
	uint16_t segment = (uint16_t)size;
	struct cmsghdr *cmsg;

	memset(control, 0, sizeof(*control));
	hdr->msg_control = control->octets;
	hdr->msg_controllen = sizeof(control->octets);
	cmsg = CMSG_FIRSTHDR(hdr);
	cmsg->cmsg_level = IPPROTO_UDP;
	cmsg->cmsg_type = UDP_SEGMENT;
	cmsg->cmsg_len = CMSG_LEN(sizeof(segment));
	memcpy(CMSG_DATA(cmsg), &segment, sizeof(segment));
}

/** Fill vectors; how many headers. */
static unsigned
prepare(struct vectors *v, const struct pflow_message *msgs, size_t count,
    bool segments)
{
	unsigned hdrs = 0;
	size_t i = 0, n, j;

	while (i < count) {
		struct msghdr *hdr = &v->hdr[hdrs].msg_hdr;

		n = segments ? run_length(msgs + i, count - i) : 1;
		memset(&v->hdr[hdrs], 0, sizeof(v->hdr[hdrs]));
		for (j = i; j < i + n; j++) {
			/* sendmsg(2) only reads what iov_base points at. */
			memcpy(
			    &v->iov[j].iov_base, &msgs[j].data, sizeof(void *));
			v->iov[j].iov_len = msgs[j].len;
		}
		hdr->msg_iov = &v->iov[i];
		hdr->msg_iovlen = n;
		if (n > 1)
			set_segment(hdr, &v->control[hdrs], msgs[i].len);
		hdrs++;
		i += n;
	}
	return hdrs;
}

static int
send_plain(int fd, struct pflowi_net_batch *batch,
    const struct pflow_message *msgs, size_t count)
{
	struct vectors v;
	unsigned hdrs = prepare(&v, msgs, count, false);

	batch->calls++;
	return sendmmsg(fd, v.hdr, hdrs, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/** Errors that are about this way of sending, not about the road. */
static bool
is_about_segments(int error)
{
	return error == EIO || error == EINVAL || error == EMSGSIZE ||
	    error == ENOPROTOOPT || error == EOPNOTSUPP;
}

/**
 * The first run was refused. One message of it alone: if that is taken, the
 * run was at fault. EIO is a device without checksum offload, EINVAL an old
 * kernel; both will not change.
 */
static int
send_first(int fd, struct pflowi_net_batch *batch,
    const struct pflow_message *msgs, int error)
{
	int n = send_plain(fd, batch, msgs, 1);

	if (n == 1 && error != EMSGSIZE)
		batch->no_segments = true;
	return n;
}

int
pflowi_net_send_many(int fd, struct pflowi_net_batch *batch,
    const struct pflow_message *msgs, size_t count)
{
	struct vectors v;
	unsigned hdrs;
	int n, i, sent = 0;

	if (count > BATCH_MAX)
		count = BATCH_MAX;
	if (batch->no_segments)
		return send_plain(fd, batch, msgs, count);
	hdrs = prepare(&v, msgs, count, true);
	batch->calls++;
	n = sendmmsg(fd, v.hdr, hdrs, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n == -1 && v.hdr[0].msg_hdr.msg_iovlen > 1 &&
	    is_about_segments(errno))
		return send_first(fd, batch, msgs, errno);
	for (i = 0; i < n; i++) {
		sent += (int)v.hdr[i].msg_hdr.msg_iovlen;
		if (v.hdr[i].msg_hdr.msg_iovlen > 1)
			batch->segmented += v.hdr[i].msg_hdr.msg_iovlen;
	}
	return n == -1 ? -1 : sent;
}
