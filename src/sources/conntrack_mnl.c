/* SPDX-License-Identifier: ISC */
/*
 * The sockets of conntrack:, by libmnl.  One listens to events, one asks for
 * the table (its answers must not take the room of events), one asks for
 * routes.  All are opened here; later nothing but send and receive is done.
 */
#define _GNU_SOURCE /* SOCK_CLOEXEC, SO_RCVBUFFORCE */
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/sock_diag.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <time.h>

#include "core/bytes.h"
#include "sources/conntrack_route.h"
#include "sources/sources.h"

#define PROC "/proc/sys/net/netfilter"

struct mnl_link {
	struct pflowi_ct_link base;
	struct mnl_socket *sock[2]; /* by enum pflowi_ct_channel */
	struct mnl_socket *route;   /* NULL: not asked for */
	uint32_t route_seq;
};

static struct mnl_link *
mine(struct pflowi_ct_link *link)
{
	return (struct mnl_link *)link;
}

static int
link_receive(struct pflowi_ct_link *link, enum pflowi_ct_channel channel,
    uint8_t *buf, size_t cap, size_t *len, int *error)
{
	int status;
	ssize_t n = pflowi_ct_from_kernel(mine(link)->sock[channel], buf, cap,
	    &status);

	*len = status == PFLOW_OK ? (size_t)n : 0;
	if (n >= 0)
		return status;
	*error = errno;
	if (errno == EAGAIN)
		return PFLOW_ERR_AGAIN;
	return errno == ENOBUFS ? PFLOW_ERR_NOSPACE : PFLOW_ERR_SYSTEM;
}

/** A request of ctnetlink without attributes. */
union request {
	uint8_t octets[64];
	struct nlmsghdr head;
};

static void
put_request(union request *req, unsigned type, unsigned flags, uint32_t seq)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(req->octets);
	struct nfgenmsg *nfg;

	nlh->nlmsg_type = (uint16_t)(NFNL_SUBSYS_CTNETLINK << 8 | type);
	nlh->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	nlh->nlmsg_seq = seq;
	nfg = mnl_nlmsg_put_extra_header(nlh, sizeof(*nfg));
	nfg->nfgen_family = AF_UNSPEC; /* IPv4 and IPv6 */
	nfg->version = NFNETLINK_V0;
	nfg->res_id = 0;
}

static int
link_request(struct pflowi_ct_link *link, uint32_t seq, int *error)
{
	const struct mnl_socket *s = mine(link)->sock[PFLOWI_CT_DUMP];
	union request req;

	put_request(&req, IPCTNL_MSG_CT_GET, NLM_F_DUMP, seq);
	if (link->ask != NULL)
		*error = link->ask(link->ask_arg, mnl_socket_get_fd(s),
		    req.octets, req.head.nlmsg_len);
	else if (mnl_socket_sendto(s, &req, req.head.nlmsg_len) < 0)
		*error = errno;
	else
		*error = 0;
	return *error == 0 ? PFLOW_OK : PFLOW_ERR_SYSTEM;
}

static bool
link_drops(const struct pflowi_ct_link *link, uint32_t *drops)
{
	const struct mnl_link *l = (const struct mnl_link *)link;
	uint32_t info[SK_MEMINFO_VARS];
	socklen_t len = sizeof(info);

	/* Linux 4.12 */
	if (getsockopt(mnl_socket_get_fd(l->sock[PFLOWI_CT_EVENTS]),
		SOL_SOCKET, SO_MEMINFO, info, &len) != 0 ||
	    len <= SK_MEMINFO_DROPS * sizeof(info[0]))
		return false;
	*drops = info[SK_MEMINFO_DROPS];
	return true;
}

static uint32_t
link_route(struct pflowi_ct_link *link, uint8_t af, const uint8_t *addr)
{
	struct mnl_link *l = mine(link);

	return l->route == NULL
	    ? 0 : pflowi_ct_ask_route(l->route, ++l->route_seq, af, addr);
}

static void
link_name(struct pflowi_ct_link *link, uint32_t index,
    char name[PFLOWI_CT_IFNAME])
{
	struct mnl_link *l = mine(link);

	memset(name, 0, PFLOWI_CT_IFNAME);
	if (l->route != NULL)
		pflowi_ct_ask_name(l->route, ++l->route_seq, index, name);
}

static void
link_close(struct pflowi_ct_link *link)
{
	struct mnl_link *l = mine(link);

	if (l->sock[PFLOWI_CT_EVENTS] != NULL)
		mnl_socket_close(l->sock[PFLOWI_CT_EVENTS]);
	if (l->sock[PFLOWI_CT_DUMP] != NULL)
		mnl_socket_close(l->sock[PFLOWI_CT_DUMP]);
	if (l->route != NULL)
		mnl_socket_close(l->route);
	free(l);
}

static const struct pflowi_ct_link_ops link_ops = {
	.receive = link_receive,
	.request = link_request,
	.drops = link_drops,
	.route = link_route,
	.name = link_name,
	.close = link_close,
};

/* --- opening --- */

static struct mnl_socket *
open_socket(int bus)
{
	struct mnl_socket *s = mnl_socket_open2(bus,
	    SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (s == NULL)
		return NULL;
	if (mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) != 0) {
		int error = errno;

		mnl_socket_close(s);
		errno = error;
		return NULL;
	}
	return s;
}

/** SO_RCVBUFFORCE goes beyond net.core.rmem_max; it wants CAP_NET_ADMIN. */
static void
set_buffer(const struct mnl_socket *s, uint32_t octets, char *notes,
    size_t notes_len)
{
	int fd = mnl_socket_get_fd(s), want = (int)octets, got = 0;
	socklen_t len = sizeof(got);

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &want,
		sizeof(want)) == 0)
		return;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &want, sizeof(want));
	(void)getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &got, &len);
	/* The kernel tells twice what is asked, for its own bookkeeping. */
	if (got / 2 < want)
		snprintf(notes, notes_len, "conntrack: receive buffer is %d "
		    "octets instead of %d: sysctl -w net.core.rmem_max=%d",
		    got / 2, want, want);
}

static int
join(const struct mnl_socket *s, int group)
{
	return mnl_socket_setsockopt(s, NETLINK_ADD_MEMBERSHIP, &group,
	    sizeof(group));
}

static int
subscribe(const struct mnl_socket *s, const struct pflowi_ct_settings *set)
{
	int on = 1;

	/*
	 * A reliable listener is told of every end: the kernel keeps what it
	 * can not deliver, and full buffers are then no news.
	 */
	if (set->reliable &&
	    (mnl_socket_setsockopt(s, NETLINK_BROADCAST_ERROR, &on,
		 sizeof(on)) != 0 ||
		mnl_socket_setsockopt(s, NETLINK_NO_ENOBUFS, &on,
		    sizeof(on)) != 0))
		return -1;
	if (join(s, NFNLGRP_CONNTRACK_DESTROY) != 0)
		return -1;
	if ((set->nat_events || set->by_label) &&
	    join(s, NFNLGRP_CONNTRACK_NEW) != 0)
		return -1;
	return set->by_label ? join(s, NFNLGRP_CONNTRACK_UPDATE) : 0;
}

static int
on_stats_attr(const struct nlattr *attr, void *data)
{
	uint64_t *entries = data;

	if (mnl_attr_get_type(attr) == CTA_STATS_GLOBAL_ENTRIES &&
	    mnl_attr_validate(attr, MNL_TYPE_U32) == 0)
		*entries = ntohl(mnl_attr_get_u32(attr));
	return MNL_CB_OK;
}

/** What IPCTNL_MSG_CT_GET_STATS answers. @return 0, or an errno */
static int
parse_stats(const struct nlmsghdr *nlh, uint64_t *entries)
{
	if (nlh->nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);

		return mnl_nlmsg_get_payload_len(nlh) < sizeof(*e)
		    ? EPROTO
		    : -e->error;
	}
	(void)mnl_attr_parse(nlh, sizeof(struct nfgenmsg), on_stats_attr,
	    entries);
	return 0;
}

/** Ask for a number, to hear whether ctnetlink is there and answers us. */
static int
greet(struct mnl_link *l)
{
	const struct mnl_socket *s = l->sock[PFLOWI_CT_DUMP];
	union {
		uint8_t octets[4096];
		struct nlmsghdr head;
	} buf;
	union request req;
	int status;
	ssize_t n;

	put_request(&req, IPCTNL_MSG_CT_GET_STATS, 0, 0);
	if (mnl_socket_sendto(s, &req, req.head.nlmsg_len) < 0)
		return errno;
	n = pflowi_ct_from_kernel(s, buf.octets, sizeof(buf.octets), &status);
	if (n < 0)
		return errno;
	if (status != PFLOW_OK || !mnl_nlmsg_ok(&buf.head, (int)n))
		return EPROTO;
	return parse_stats(&buf.head, &l->base.entries);
}

static void
random_seed(uint64_t seed[2])
{
	struct timespec ts;

	if (getrandom(seed, 2 * sizeof(seed[0]), GRND_NONBLOCK) ==
	    (ssize_t)(2 * sizeof(seed[0])))
		return;
	/* Before the pool is ready, at boot: better than a constant. */
	clock_gettime(CLOCK_MONOTONIC, &ts);
	seed[0] = (uint64_t)ts.tv_nsec;
	seed[1] = (uint64_t)ts.tv_sec ^ (uint64_t)(uintptr_t)seed;
}

/** State and timeout of what ended are told since Linux 5.11 or 5.12. */
static bool
tells_state_at_end(void)
{
	unsigned major = 0, minor = 0;
	struct utsname name;

	return uname(&name) == 0 &&
	    sscanf(name.release, "%u.%u", &major, &minor) == 2 &&
	    (major > 5 || (major == 5 && minor >= 12));
}

static const char *
hint(int error)
{
	switch (error) {
	case EPERM:
		return " (needs root or CAP_NET_ADMIN)";
	case EPROTONOSUPPORT:
	case EINVAL:
	case EOPNOTSUPP:
		return " (modprobe nf_conntrack_netlink)";
	default:
		return "";
	}
}

/** @return what failed, errno says why; NULL: nothing */
static const char *
open_all(struct mnl_link *l, const struct pflowi_ct_settings *set, char *notes,
    size_t notes_len)
{
	l->sock[PFLOWI_CT_EVENTS] = open_socket(NETLINK_NETFILTER);
	l->sock[PFLOWI_CT_DUMP] = open_socket(NETLINK_NETFILTER);
	if (l->sock[0] == NULL || l->sock[1] == NULL)
		return "opening a netlink socket";
	set_buffer(l->sock[PFLOWI_CT_EVENTS], set->buffer, notes, notes_len);
	errno = greet(l);
	if (errno != 0)
		return "asking for the connection table";
	if (subscribe(l->sock[PFLOWI_CT_EVENTS], set) != 0)
		return "listening to events";
	if (!set->interfaces)
		return NULL;
	l->route = open_socket(NETLINK_ROUTE);
	return l->route == NULL ? "opening a route socket" : NULL;
}

static int
open_link(void *arg, const struct pflowi_ct_settings *set,
    struct pflowi_ct_link **out, char *notes, size_t notes_len)
{
	struct mnl_link *l = calloc(1, sizeof(*l));
	const char *failed;

	(void)arg;
	notes[0] = '\0';
	if (l == NULL) {
		snprintf(notes, notes_len, "conntrack: out of memory");
		return PFLOW_ERR_NOMEM;
	}
	l->base.ops = &link_ops;
	l->base.proc = PROC;
	l->base.tells = tells_state_at_end();
	random_seed(l->base.seed);
	failed = open_all(l, set, notes, notes_len);
	if (failed != NULL) {
		int error = errno;

		snprintf(notes, notes_len, "conntrack: %s: %s%s", failed,
		    strerror(error), hint(error));
		link_close(&l->base);
		return PFLOW_ERR_SYSTEM;
	}
	l->base.fd = mnl_socket_get_fd(l->sock[PFLOWI_CT_EVENTS]);
	*out = &l->base;
	return PFLOW_OK;
}

static int
create(const char *argument, const struct pflow_source_config *cfg,
    struct pflow_source **out, char *err, size_t err_len)
{
	return pflowi_ct_create(argument, cfg, open_link, NULL, out, err,
	    err_len);
}

const struct pflow_source_kind pflowi_source_conntrack = {
	.name = "conntrack",
	.argument = PFLOWI_CT_ARGUMENT,
	.help = "connection tracking of Linux",
	.available = true,
	.active_default_ns = UINT64_C(60) * 1000000000u,
	.create = create,
};
