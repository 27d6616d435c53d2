/* SPDX-License-Identifier: ISC */
/*
 * The table of FreeBSD's pf. First the netlink family "pfctl" is asked (14.1
 * and later), then DIOCGETSTATESV2, then DIOCGETSTATES, whose states are those
 * of pfsync's message version 1301. All that is used of the kernel is declared
 * here: an older system's headers do not have it, a newer kernel may.
 */
#include <sys/types.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sources/pf_fetch.h"
#include "sources/pf_live.h"
#include "sources/pf_netlink.h"
#include "sources/pf_nlmsg.h"

#define NETLINK_FAMILY 38 /* AF_NETLINK */
#define GENERIC 16	  /* NETLINK_GENERIC */

/** A kernel that does not answer is not waited for longer. */
#define WAIT_S 10

/** struct pfioc_states_v2. */
struct states_v2_request {
	int len;
	uint64_t version;
	void *buf;
};

/** struct pfioc_states. */
struct states_request {
	int len;
	void *buf;
};

#define GET_STATES_V2 _IOWR('D', 93, struct states_v2_request)
#define GET_STATES _IOWR('D', 25, struct states_request)
#define V2_VERSION 20230404u

struct pflowi_pf_live {
	int netlink; /**< -1: there is none */
	int dev;     /**< /dev/pf, -1: not opened */
	bool v2;     /**< which of the two requests */
	struct pflowi_pf_nlmsg nl;
	struct pflowi_pf_fetch fetch;
};

const bool pflowi_pf_live_available = true;

/** One request over netlink. */
static bool
nl_send(struct pflowi_pf_live *live, const uint8_t *p, size_t len)
{
	return send(live->netlink, p, len, 0) == (ssize_t)len;
}

/** The next datagram whole, in a buffer that grows to it. */
static int
nl_receive(struct pflowi_pf_live *live)
{
	for (;;) {
		struct iovec v = { live->nl.buf, live->nl.room };
		struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };
		ssize_t n = recvmsg(live->netlink, &m, MSG_PEEK);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return PFLOW_ERR_SYSTEM;
		if ((m.msg_flags & MSG_TRUNC) != 0 ||
		    (size_t)n == live->nl.room) {
			if (pflowi_pf_nlmsg_grow(&live->nl) != PFLOW_OK) {
				errno = ENOBUFS;
				return PFLOW_ERR_SYSTEM;
			}
			continue;
		}
		n = recv(live->netlink, live->nl.buf, live->nl.room, 0);
		if (n == -1)
			return PFLOW_ERR_SYSTEM;
		pflowi_pf_nlmsg_set(&live->nl, (size_t)n);
		return PFLOW_OK;
	}
}

/** The next message of what was asked. errno is set if it fails. */
static int
nl_next(struct pflowi_pf_live *live, struct pflowi_pf_nlpart *out)
{
	int rc;

	while ((rc = pflowi_pf_nlmsg_next(&live->nl, out)) == PFLOW_ERR_AGAIN) {
		rc = nl_receive(live);
		if (rc != PFLOW_OK)
			return rc;
	}
	if (rc == PFLOW_ERR_SYSTEM)
		errno = live->nl.error;
	else if (rc == PFLOW_ERR_MALFORMED)
		errno = EBADMSG;
	return rc;
}

/** The number of the family "pfctl"; 0: this kernel has none. */
static bool
nl_resolve(struct pflowi_pf_live *live)
{
	struct pflowi_pf_nlpart part;
	uint8_t msg[PFLOWI_PF_NLMSG_MAX];
	size_t len = pflowi_pf_nlmsg_family(&live->nl, msg);

	if (!nl_send(live, msg, len))
		return false;
	while (live->nl.family == 0 && nl_next(live, &part) == PFLOW_OK)
		pflowi_pf_nlmsg_family_of(&live->nl, &part);
	return live->nl.family != 0;
}

static void
nl_close(struct pflowi_pf_live *live)
{
	if (live->netlink != -1)
		close(live->netlink);
	live->netlink = -1;
}

static void
nl_open(struct pflowi_pf_live *live)
{
	struct timeval wait = { WAIT_S, 0 };

	live->netlink = socket(NETLINK_FAMILY, SOCK_RAW | SOCK_CLOEXEC, GENERIC);
	if (live->netlink == -1)
		return;
	(void)setsockopt(live->netlink, SOL_SOCKET, SO_RCVTIMEO, &wait,
	    sizeof(wait));
	if (!nl_resolve(live))
		nl_close(live);
}

static int
dev_open(struct pflowi_pf_live *live, char *err, size_t err_len)
{
	if (live->dev == -1)
		live->dev = open("/dev/pf", O_RDONLY | O_CLOEXEC);
	if (live->dev != -1)
		return PFLOW_OK;
	snprintf(err, err_len, "/dev/pf: %s", strerror(errno));
	return PFLOW_ERR_SYSTEM;
}

int
pflowi_pf_live_open(struct pflowi_pf_live **out, size_t memory_limit, char *err,
    size_t err_len)
{
	struct pflowi_pf_live *live = calloc(1, sizeof(*live));
	int rc;

	*out = NULL;
	if (live == NULL ||
	    pflowi_pf_nlmsg_init(&live->nl, memory_limit) != PFLOW_OK) {
		free(live);
		snprintf(err, err_len, "pf: out of memory");
		return PFLOW_ERR_NOMEM;
	}
	live->dev = -1;
	live->v2 = true;
	live->fetch.order = pflowi_pf_nlmsg_order();
	live->fetch.limit = memory_limit;
	nl_open(live);
	if (live->netlink == -1) {
		rc = dev_open(live, err, err_len);
		if (rc != PFLOW_OK) {
			pflowi_pf_live_close(live);
			return rc;
		}
	}
	*out = live;
	return PFLOW_OK;
}

static int
ask_v2(void *arg, void *buf, size_t room, size_t *len)
{
	const struct pflowi_pf_live *live = arg;
	struct states_v2_request req;

	memset(&req, 0, sizeof(req));
	req.len = room > INT32_MAX ? INT32_MAX : (int)room;
	req.version = V2_VERSION;
	req.buf = buf;
	if (ioctl(live->dev, GET_STATES_V2, &req) == -1 || req.len < 0)
		return PFLOW_ERR_SYSTEM;
	*len = (size_t)req.len;
	return PFLOW_OK;
}

static int
ask_v1(void *arg, void *buf, size_t room, size_t *len)
{
	const struct pflowi_pf_live *live = arg;
	struct states_request req;

	memset(&req, 0, sizeof(req));
	req.len = room > INT32_MAX ? INT32_MAX : (int)room;
	req.buf = buf;
	if (ioctl(live->dev, GET_STATES, &req) == -1 || req.len < 0)
		return PFLOW_ERR_SYSTEM;
	*len = (size_t)req.len;
	return PFLOW_OK;
}

static int
dev_begin(struct pflowi_pf_live *live, char *err, size_t err_len)
{
	int rc = dev_open(live, err, err_len);

	if (rc != PFLOW_OK)
		return rc;
	if (live->v2) {
		live->fetch.layout = PFLOWI_PF_LAYOUT_freebsd_v2;
		rc = pflowi_pf_fetch(&live->fetch, ask_v2, live,
		    "/dev/pf: DIOCGETSTATESV2", err, err_len);
		if (rc != PFLOW_ERR_SYSTEM || (errno != ENOTTY &&
		    errno != ENODEV && errno != EOPNOTSUPP && errno != EINVAL))
			return rc;
		live->v2 = false;
	}
	live->fetch.layout = PFLOWI_PF_LAYOUT_freebsd_1301;
	return pflowi_pf_fetch(&live->fetch, ask_v1, live,
	    "/dev/pf: DIOCGETSTATES", err, err_len);
}

int
pflowi_pf_live_begin(struct pflowi_pf_live *live, char *err, size_t err_len)
{
	uint8_t msg[PFLOWI_PF_NLMSG_MAX];
	size_t len;

	if (live->netlink == -1)
		return dev_begin(live, err, err_len);
	len = pflowi_pf_nlmsg_states(&live->nl, msg);
	if (nl_send(live, msg, len))
		return PFLOW_OK;
	snprintf(err, err_len, "pf: netlink: %s", strerror(errno));
	return PFLOW_ERR_SYSTEM;
}

int
pflowi_pf_live_next(struct pflowi_pf_live *live, struct pflowi_pf_raw *raw,
    char *err, size_t err_len)
{
	struct pflowi_pf_nlpart part;
	int rc;

	if (live->netlink == -1)
		return pflowi_pf_fetch_next(&live->fetch, raw);
	rc = nl_next(live, &part);
	if (rc == PFLOW_OK)
		return pflowi_pf_netlink_state(part.p, part.len,
		    pflowi_pf_nlmsg_order(), raw);
	if (rc == PFLOW_EOF)
		return rc;
	snprintf(err, err_len, "pf: netlink: %s", strerror(errno));
	/* A family that does not know the command: the older way, next time. */
	if (rc == PFLOW_ERR_SYSTEM && (errno == EOPNOTSUPP || errno == ENOENT))
		nl_close(live);
	return PFLOW_ERR_SYSTEM;
}

void
pflowi_pf_live_close(struct pflowi_pf_live *live)
{
	if (live == NULL)
		return;
	nl_close(live);
	if (live->dev != -1)
		close(live->dev);
	pflowi_pf_nlmsg_fini(&live->nl);
	pflowi_pf_fetch_fini(&live->fetch);
	free(live);
}
