// SPDX-License-Identifier: ISC
/* Ended connections: the probe, and struct nf_conn as struct pflow_state. */
#include <linux/kprobes.h>
#include <linux/spinlock.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_acct.h>
#include <net/netfilter/nf_conntrack_core.h>
#include <net/netfilter/nf_conntrack_l4proto.h>
#include <net/netfilter/nf_conntrack_timeout.h>
#include <net/netfilter/nf_conntrack_timestamp.h>

#include "pflow_ct.h"

#define TUPLE(ct, dir) (&(ct)->tuplehash[IP_CT_DIR_##dir].tuple)

static uint16_t
port_of(uint8_t protocol, const union nf_conntrack_man_proto *u)
{
	switch (protocol) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
		return ntohs(u->all);
	default:
		return 0; /* an ICMP id or a GRE key is no port */
	}
}

/** A tuple as a key: from its source to its destination. */
static void
key_of(const struct nf_conntrack_tuple *t, struct pflow_key *key)
{
	union nf_conntrack_man_proto dst = { .all = t->dst.u.all };
	size_t len = t->src.l3num == NFPROTO_IPV4 ? 4 : 16;

	memset(key, 0, sizeof(*key));
	memcpy(key->addr[0], &t->src.u3, len);
	memcpy(key->addr[1], &t->dst.u3, len);
	key->port[0] = port_of(t->dst.protonum, &t->src.u);
	key->port[1] = port_of(t->dst.protonum, &dst);
	key->af = len == 4 ? PFLOW_AF_IPV4 : PFLOW_AF_IPV6;
}

/** Before translation: the original tuple. After it: the reply, reversed. */
static void
set_keys(const struct nf_conn *ct, struct pflow_state *st)
{
	struct pflow_key *pre = &st->key[PFLOW_WIRE];
	struct pflow_key *post = &st->key[PFLOW_STACK];
	struct pflow_key reply;

	key_of(TUPLE(ct, ORIGINAL), pre);
	key_of(TUPLE(ct, REPLY), &reply);
	*post = reply;
	memcpy(post->addr[0], reply.addr[1], sizeof(post->addr[0]));
	memcpy(post->addr[1], reply.addr[0], sizeof(post->addr[1]));
	post->port[0] = reply.port[1];
	post->port[1] = reply.port[0];
	if (memcmp(pre, post, sizeof(*pre)) != 0)
		st->flags |= PFLOW_STATE_TRANSLATED;
}

static void
set_icmp(const struct nf_conn *ct, struct pflow_state *st)
{
	const struct nf_conntrack_tuple *t = TUPLE(ct, ORIGINAL);

	if (st->protocol != IPPROTO_ICMP && st->protocol != IPPROTO_ICMPV6)
		return;
	st->icmp[0] = (uint16_t)(t->dst.u.icmp.type << 8 | t->dst.u.icmp.code);
	st->icmp[1] = pflow_icmp_reply(st->protocol, st->icmp[0]);
	st->present |= PFLOW_HAS_ICMP;
}

/** What nf_conntrack_proto_tcp.c renewed the timeout with at last (6.1). */
static unsigned int
tcp_timeout(const struct nf_conn *ct, const struct nf_tcp_net *tn,
    const unsigned int *t)
{
	const struct ip_ct_tcp *tcp = &ct->proto.tcp;
	unsigned int timeout = t[tcp->state];
	unsigned int unacked = (tcp->seen[0].flags | tcp->seen[1].flags) &
	    IP_CT_TCP_FLAG_DATA_UNACKNOWLEDGED;

	if (tcp->retrans >= tn->tcp_max_retrans || tcp->last_win == 0)
		return min(timeout, t[TCP_CONNTRACK_RETRANS]);
	return unacked ? min(timeout, t[TCP_CONNTRACK_UNACK]) : timeout;
}

/** Jiffies that the last packet gave the connection; 0: not known. */
static unsigned int
timeout_of(const struct nf_conn *ct)
{
	struct net *net = nf_ct_net(ct);
	const unsigned int *own = nf_ct_timeout_lookup(ct);
	int assured = test_bit(IPS_ASSURED_BIT, &ct->status);

	if (test_bit(IPS_FIXED_TIMEOUT_BIT, &ct->status) ||
	    test_bit(IPS_OFFLOAD_BIT, &ct->status))
		return 0;
	switch (nf_ct_protonum(ct)) {
	case IPPROTO_TCP:
		return tcp_timeout(ct, nf_tcp_pernet(net),
		    own != NULL ? own : nf_tcp_pernet(net)->timeouts);
	case IPPROTO_UDP:
		if (own == NULL)
			own = nf_udp_pernet(net)->timeouts;
		return own[assured ? UDP_CT_REPLIED : UDP_CT_UNREPLIED];
	case IPPROTO_ICMP:
		return own != NULL ? *own : nf_icmp_pernet(net)->timeout;
	case IPPROTO_ICMPV6:
		return own != NULL ? *own : nf_icmpv6_pernet(net)->timeout;
	default:
		return 0;
	}
}

/**
 * When the last packet came. conntrack keeps no such time; it keeps when the
 * connection would expire, which is that time and the timeout.
 */
static uint64_t
last_ns_of(const struct nf_conn *ct, uint64_t stop_ns, uint64_t wall_ns)
{
	unsigned int timeout = timeout_of(ct);
	s32 left = (s32)(READ_ONCE(ct->timeout) - nfct_time_stamp);
	s64 idle = (s64)timeout - left;

	if (timeout == 0 || idle < 0)
		return stop_ns;
	return min(stop_ns, wall_ns - jiffies64_to_nsecs((u64)idle));
}

static enum pflow_ct_skip
set_times(const struct nf_conn *ct, uint64_t wall_ns, struct pflow_state *st)
{
	const struct nf_conn_tstamp *ts = nf_conn_tstamp_find(ct);
	uint64_t stop_ns = wall_ns;

	if (ts != NULL && ts->stop != 0)
		stop_ns = ts->stop;
	st->last_ns = last_ns_of(ct, stop_ns, wall_ns);
	if (ts == NULL || ts->start == 0) {
		st->start_ns = st->last_ns;
		return PFLOW_CT_UNTIMED;
	}
	st->start_ns = ts->start;
	/* Timeouts are whole jiffies, and may have been set anew since. */
	st->last_ns = max(st->last_ns, st->start_ns);
	return PFLOW_CT_TAKEN;
}

static void
set_end_reason(const struct nf_conn *ct, struct pflow_state *st)
{
	if (st->protocol == IPPROTO_TCP &&
	    ct->proto.tcp.state >= TCP_CONNTRACK_FIN_WAIT &&
	    ct->proto.tcp.state <= TCP_CONNTRACK_CLOSE)
		st->end_reason = PFLOW_END_DETECTED;
	else if (nf_ct_is_expired(ct))
		st->end_reason = PFLOW_END_IDLE;
	else
		st->end_reason = PFLOW_END_FORCED;
	st->present |= PFLOW_HAS_END_REASON;
}

enum pflow_ct_skip
pflow_ct_state_of(const struct nf_conn *ct, uint64_t wall_ns,
    struct pflow_state *st)
{
	const struct nf_conn_acct *acct;
	unsigned int dir;

	if (nf_ct_is_template(ct) || !nf_ct_is_confirmed(ct))
		return PFLOW_CT_NOT_TRACKED;
	if (!net_eq(nf_ct_net(ct), &init_net))
		return PFLOW_CT_OTHER_NETNS;
	acct = nf_conn_acct_find(ct);
	if (acct == NULL)
		return PFLOW_CT_UNACCOUNTED;
	pflow_state_init(st);
	st->protocol = nf_ct_protonum(ct);
	/* The id of ctnetlink, whose octets are the machine's as they lie. */
	st->flow_id = ntohl((__force __be32)nf_ct_get_id(ct));
	st->present |= PFLOW_HAS_FLOW_ID;
	set_keys(ct, st);
	set_icmp(ct, st);
	for (dir = 0; dir < 2; dir++) {
		st->packets[dir] = atomic64_read(&acct->counter[dir].packets);
		st->octets[dir] = atomic64_read(&acct->counter[dir].bytes);
	}
	set_end_reason(ct, st);
	return set_times(ct, wall_ns, st);
}

/** nf_ct_destroy(struct nf_conntrack *): the last reference is gone. */
static int
on_destroy(struct kprobe *probe, struct pt_regs *regs)
{
	struct nf_conntrack *nfct = (void *)regs_get_kernel_argument(regs, 0);
	struct pflow_now now = pflow_ct_now();
	struct pflow_state st;
	enum pflow_ct_skip how;

	how = pflow_ct_state_of(nf_ct_to_nf_conn(nfct), now.wall_ns, &st);
	if (how == PFLOW_CT_TAKEN || how == PFLOW_CT_UNTIMED)
		pflow_ct_export_feed(&st, now, how);
	else
		pflow_ct_export_skip(how);
	return 0;
}

static struct kprobe probe = {
	.symbol_name = "nf_ct_destroy",
	.pre_handler = on_destroy,
};

int
pflow_ct_watch(void)
{
	int rc = nf_ct_netns_get(&init_net, NFPROTO_INET);

	if (rc != 0)
		return rc;
	/* For connections from now on; README.md, "What it changes". */
	nf_ct_set_acct(&init_net, true);
	init_net.ct.sysctl_tstamp = 1;
	rc = register_kprobe(&probe);
	if (rc != 0) {
		pr_err("pflow_ct: no probe at %s: %d\n", probe.symbol_name, rc);
		nf_ct_netns_put(&init_net, NFPROTO_INET);
	}
	return rc;
}

void
pflow_ct_unwatch(void)
{
	unregister_kprobe(&probe);
	nf_ct_netns_put(&init_net, NFPROTO_INET);
}

unsigned long
pflow_ct_missed(void)
{
	return probe.nmissed;
}
