/* SPDX-License-Identifier: ISC */
/*
 * Questions to NETLINK_ROUTE.  The kernel answers before send returns, and
 * asking wants no right: a program in a sandbox can go on asking.
 */
#include "sources/conntrack_route.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#define ANSWER 8192u

/** A question, then the answer to it. */
union exchange {
	uint8_t octets[ANSWER];
	struct nlmsghdr head;
};

ssize_t
pflowi_ct_from_kernel(const struct mnl_socket *sock, void *buf, size_t cap,
    int *status)
{
	struct sockaddr_nl from;
	struct iovec iov = { buf, cap };
	struct msghdr msg;
	ssize_t n;

	memset(&msg, 0, sizeof(msg));
	msg.msg_name = &from;
	msg.msg_namelen = sizeof(from);
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	do
		n = recvmsg(mnl_socket_get_fd(sock), &msg, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	*status = PFLOW_OK;
	if (n < 0)
		*status = PFLOW_ERR_SYSTEM;
	else if (msg.msg_namelen != sizeof(from) || from.nl_pid != 0)
		*status = PFLOW_ERR_INVALID;
	else if (msg.msg_flags & MSG_TRUNC)
		*status = PFLOW_ERR_TRUNCATED;
	return n;
}

/** @return false: no answer */
static bool
exchange(const struct mnl_socket *sock, union exchange *x)
{
	uint32_t seq = x->head.nlmsg_seq;
	int status;

	if (mnl_socket_sendto(sock, x, x->head.nlmsg_len) < 0)
		return false;
	for (;;) {
		ssize_t n = pflowi_ct_from_kernel(sock, x->octets,
		    sizeof(x->octets), &status);

		if (n < 0)
			return false;
		if (status == PFLOW_OK && mnl_nlmsg_ok(&x->head, (int)n) &&
		    x->head.nlmsg_seq == seq)
			return true;
	}
}

static struct nlmsghdr *
put_question(union exchange *x, uint16_t type, uint32_t seq)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(x->octets);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	nlh->nlmsg_seq = seq;
	return nlh;
}

static int
on_route_attr(const struct nlattr *attr, void *data)
{
	uint32_t *index = data;

	if (mnl_attr_get_type(attr) == RTA_OIF &&
	    mnl_attr_validate(attr, MNL_TYPE_U32) == 0)
		*index = mnl_attr_get_u32(attr);
	return MNL_CB_OK;
}

uint32_t
pflowi_ct_ask_route(const struct mnl_socket *sock, uint32_t seq, uint8_t af,
    const uint8_t *addr)
{
	size_t octets = af == PFLOW_AF_IPV4 ? 4 : 16;
	union exchange x;
	struct nlmsghdr *nlh = put_question(&x, RTM_GETROUTE, seq);
	struct rtmsg *rt = mnl_nlmsg_put_extra_header(nlh, sizeof(*rt));
	uint32_t index = 0;

	memset(rt, 0, sizeof(*rt));
	rt->rtm_family = af == PFLOW_AF_IPV4 ? AF_INET : AF_INET6;
	rt->rtm_dst_len = (unsigned char)(octets * 8);
	mnl_attr_put(nlh, RTA_DST, octets, addr);
	if (!exchange(sock, &x) || nlh->nlmsg_type != RTM_NEWROUTE ||
	    mnl_nlmsg_get_payload_len(nlh) < sizeof(*rt) ||
	    rt->rtm_type != RTN_UNICAST)
		return 0;
	(void)mnl_attr_parse(nlh, sizeof(*rt), on_route_attr, &index);
	return index;
}

static int
on_name_attr(const struct nlattr *attr, void *data)
{
	if (mnl_attr_get_type(attr) == IFLA_IFNAME &&
	    mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) == 0 &&
	    mnl_attr_get_payload_len(attr) <= PFLOWI_CT_IFNAME)
		memcpy(data, mnl_attr_get_payload(attr),
		    mnl_attr_get_payload_len(attr));
	return MNL_CB_OK;
}

void
pflowi_ct_ask_name(const struct mnl_socket *sock, uint32_t seq, uint32_t index,
    char name[PFLOWI_CT_IFNAME])
{
	union exchange x;
	struct nlmsghdr *nlh = put_question(&x, RTM_GETLINK, seq);
	struct ifinfomsg *info = mnl_nlmsg_put_extra_header(nlh,
	    sizeof(*info));

	memset(info, 0, sizeof(*info));
	info->ifi_index = (int)index;
	if (!exchange(sock, &x) || nlh->nlmsg_type != RTM_NEWLINK ||
	    mnl_nlmsg_get_payload_len(nlh) < sizeof(*info))
		return;
	(void)mnl_attr_parse(nlh, sizeof(*info), on_name_attr, name);
}
