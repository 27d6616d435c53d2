// SPDX-License-Identifier: ISC
/*
 * The exporter inside the kernel: fed from any context, drained by one work
 * item. Two locks, taken in this order (README.md, "Locks"):
 *
 *   sender     mutex: the socket, and which session is the present one
 *   feed_lock  raw spinlock, interrupts off: everything in struct session
 *              that the exporter touches, and the counters here
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "pflow_ct.h"

#define MESSAGES 128	/* open and waiting: 190 KB at an mtu of 1500 */
#define BATCH 8		/* messages looked at under one hold of feed_lock */
#define RETRY_MS 10	/* the socket buffer was full */
#define FINISH_TRIES 50 /* of RETRY_MS each, before messages are given up */

/** One receiver and its exporter. */
struct session {
	struct pflow_exporter ex;
	struct pflow_key own; /**< our datagrams: source port, receiver */
	struct socket *sock;
	void *block;
};

/* What happened outside of any exporter; feed_lock. */
#define COUNTERS(C)                                                            \
	C(other_netns)      /* connections of other network namespaces */     \
	C(unaccounted)      /* older than accounting: no counters */          \
	C(untimed)          /* exported, but their start is not known */      \
	C(own)              /* our own datagrams */                           \
	C(no_receiver)      /* nowhere to send to */                          \
	C(no_room)          /* states lost: messages wait, none is free */    \
	C(no_room_packets)                                                     \
	C(no_room_octets)                                                      \
	C(send_errors)      /* messages that the system would not take */     \
	C(unsent_messages)  /* given up when a session ended */

static struct {
#define MEMBER(name) uint64_t name;
	COUNTERS(MEMBER)
#undef MEMBER
} counters;

static DEFINE_MUTEX(sender);
static DEFINE_RAW_SPINLOCK(feed_lock);
static struct session *session; /* written under both locks */
static uint64_t armed_ns = PFLOW_NEVER; /* feed_lock: the work's next turn */
static bool stalled; /* feed_lock: the work comes back by itself */
static struct workqueue_struct *queue;

static void turn(struct work_struct *unused);
static DECLARE_DELAYED_WORK(work, turn);

static void
arm_at(uint64_t due_ns, uint64_t now_ns)
{
	uint64_t wait = due_ns > now_ns ? due_ns - now_ns : 0;

	armed_ns = due_ns;
	/* One jiffy more: a turn before its time would come for nothing. */
	wait = wait == 0 ? 0 : nsecs_to_jiffies64(wait) + 1;
	mod_delayed_work(queue, &work,
	    (unsigned long)min_t(uint64_t, wait, MAX_JIFFY_OFFSET));
}

/** See to it that the work runs when something is due. feed_lock. */
static void
arm(const struct session *s, uint64_t now_ns)
{
	struct pflow_message oldest;
	uint64_t due_ns = pflow_exporter_deadline(&s->ex);

	if (pflow_exporter_pending(&s->ex, &oldest, 1) != 0)
		due_ns = 0;
	if (due_ns < armed_ns && !stalled)
		arm_at(due_ns, now_ns);
}

/** What leaves by our own socket would feed itself for ever. */
static bool
is_own(const struct session *s, const struct pflow_state *st)
{
	const struct pflow_key *key = &st->key[PFLOW_WIRE];

	return st->protocol == IPPROTO_UDP && key->af == s->own.af &&
	    key->port[0] == s->own.port[0] && key->port[1] == s->own.port[1] &&
	    memcmp(key->addr[1], s->own.addr[1], sizeof(key->addr[1])) == 0;
}

static void
feed(struct session *s, const struct pflow_state *st, struct pflow_now now)
{
	if (pflow_exporter_feed(&s->ex, st, now) != PFLOW_OK) {
		/* A connection ends once: it can not be fed again later. */
		counters.no_room++;
		counters.no_room_packets += st->packets[0] + st->packets[1];
		counters.no_room_octets += st->octets[0] + st->octets[1];
	}
	arm(s, now.mono_ns);
}

void
pflow_ct_export_feed(const struct pflow_state *st, struct pflow_now now,
    enum pflow_ct_skip how)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&feed_lock, flags);
	counters.untimed += how == PFLOW_CT_UNTIMED;
	if (session == NULL)
		counters.no_receiver++;
	else if (is_own(session, st))
		counters.own++;
	else
		feed(session, st, now);
	raw_spin_unlock_irqrestore(&feed_lock, flags);
}

void
pflow_ct_export_skip(enum pflow_ct_skip why)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&feed_lock, flags);
	counters.other_netns += why == PFLOW_CT_OTHER_NETNS;
	counters.unaccounted += why == PFLOW_CT_UNACCOUNTED;
	raw_spin_unlock_irqrestore(&feed_lock, flags);
}

static size_t
look(struct session *s, struct pflow_message *msgs)
{
	unsigned long flags;
	size_t n;

	raw_spin_lock_irqsave(&feed_lock, flags);
	n = pflow_exporter_pending(&s->ex, msgs, BATCH);
	raw_spin_unlock_irqrestore(&feed_lock, flags);
	return n;
}

/** The oldest message left, or never will. */
static void
done_with_oldest(struct session *s, int rc)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&feed_lock, flags);
	if (rc == 0) {
		pflow_exporter_ack(&s->ex, 1);
	} else {
		pflow_exporter_discard(&s->ex, 1);
		counters.send_errors++;
	}
	raw_spin_unlock_irqrestore(&feed_lock, flags);
}

/**
 * Send all that waits. sender is held: nobody else acknowledges, so messages
 * stay where they are while feed_lock is free.
 *
 * @return 0; -EAGAIN: the socket takes no more now
 */
static int
drain(struct session *s)
{
	struct pflow_message msgs[BATCH];
	size_t i, n;

	while ((n = look(s, msgs)) > 0) {
		for (i = 0; i < n; i++) {
			int rc = pflow_ct_socket_send(s->sock, &msgs[i]);

			if (rc == -EAGAIN || rc == -ENOBUFS || rc == -ENOMEM)
				return -EAGAIN;
			done_with_oldest(s, rc);
		}
		cond_resched();
	}
	return 0;
}

/** The one work item: deadlines, then datagrams. Process context. */
static void
turn(struct work_struct *unused)
{
	struct pflow_now now = pflow_ct_now();
	unsigned long flags;
	int rc;

	(void)unused;
	mutex_lock(&sender);
	if (session != NULL) {
		raw_spin_lock_irqsave(&feed_lock, flags);
		armed_ns = PFLOW_NEVER;
		stalled = false;
		(void)pflow_exporter_tick(&session->ex, now);
		raw_spin_unlock_irqrestore(&feed_lock, flags);

		rc = drain(session);

		now = pflow_ct_now();
		raw_spin_lock_irqsave(&feed_lock, flags);
		if (rc == 0) {
			arm(session, now.mono_ns);
		} else {
			stalled = true;
			arm_at(now.mono_ns + RETRY_MS * NSEC_PER_MSEC,
			    now.mono_ns);
		}
		raw_spin_unlock_irqrestore(&feed_lock, flags);
	}
	mutex_unlock(&sender);
}

static void
session_free(struct session *s)
{
	if (s->sock != NULL)
		pflow_ct_socket_close(s->sock);
	kvfree(s->block);
	kfree(s);
}

/** s is no longer the present session: nothing feeds it. sender. */
static void
session_finish(struct session *s)
{
	struct pflow_now now = pflow_ct_now();
	struct pflow_message oldest;
	unsigned long flags;
	unsigned int tries;

	raw_spin_lock_irqsave(&feed_lock, flags);
	(void)pflow_exporter_flush(&s->ex, now);
	raw_spin_unlock_irqrestore(&feed_lock, flags);
	for (tries = 0; drain(s) != 0 && tries < FINISH_TRIES; tries++)
		msleep(RETRY_MS);
	raw_spin_lock_irqsave(&feed_lock, flags);
	while (pflow_exporter_pending(&s->ex, &oldest, 1) != 0) {
		pflow_exporter_discard(&s->ex, 1);
		counters.unsent_messages++;
	}
	raw_spin_unlock_irqrestore(&feed_lock, flags);
	session_free(s);
}

static void
config_of(const struct pflow_ct_settings *set,
    struct pflow_exporter_config *cfg)
{
	pflow_exporter_config_init(cfg);
	cfg->version = (uint16_t)set->version;
	cfg->domain_id = set->domain;
	cfg->engine_type = (uint8_t)(set->domain >> 8);
	cfg->engine_id = (uint8_t)set->domain;
	cfg->hold_ns = set->hold * (uint64_t)NSEC_PER_SEC;
	cfg->mtu = set->mtu;
	cfg->select = PFLOW_SELECT_ALL;
	cfg->nat_events = set->nat != 0;
	if (set->extended)
		cfg->fields = pflow_template_named(
		    set->version == 9 ? "extended-v9" : "extended",
		    &cfg->field_count);
	if (set->receiver.ss_family == AF_INET6)
		cfg->overhead = PFLOW_OVERHEAD_UDP_IPV6;
}

static void
set_own(struct session *s, const struct sockaddr_storage *receiver)
{
	const struct sockaddr_in *in = (const void *)receiver;
	const struct sockaddr_in6 *in6 = (const void *)receiver;

	s->own.port[0] = pflow_ct_socket_port(s->sock);
	if (receiver->ss_family == AF_INET) {
		s->own.af = PFLOW_AF_IPV4;
		s->own.port[1] = ntohs(in->sin_port);
		memcpy(s->own.addr[1], &in->sin_addr, 4);
	} else {
		s->own.af = PFLOW_AF_IPV6;
		s->own.port[1] = ntohs(in6->sin6_port);
		memcpy(s->own.addr[1], &in6->sin6_addr, 16);
	}
}

static int
session_new(const struct pflow_ct_settings *set, struct session **out)
{
	struct pflow_exporter_config cfg;
	struct session *s = kzalloc(sizeof(*s), GFP_KERNEL);
	size_t len;
	int rc = -ENOMEM;

	if (s == NULL)
		return rc;
	config_of(set, &cfg);
	len = pflow_exporter_block_size(&cfg, MESSAGES);
	if (len == 0)
		rc = -EINVAL;
	else
		s->block = kvmalloc(len, GFP_KERNEL);
	if (s->block == NULL)
		goto fail;
	rc = -EINVAL;
	if (pflow_exporter_init(&s->ex, &cfg, s->block, len, pflow_ct_now()) !=
	    PFLOW_OK)
		goto fail;
	rc = pflow_ct_socket_open(set, &s->sock);
	if (rc != 0)
		goto fail;
	set_own(s, &set->receiver);
	*out = s;
	return 0;
fail:
	session_free(s);
	return rc;
}

int
pflow_ct_export_set(const struct pflow_ct_settings *set)
{
	struct session *old, *s = NULL;
	unsigned long flags;
	int rc;

	if (set != NULL && set->receiver.ss_family != 0) {
		rc = session_new(set, &s);
		if (rc != 0)
			return rc;
	}
	mutex_lock(&sender);
	raw_spin_lock_irqsave(&feed_lock, flags);
	old = session;
	session = s;
	armed_ns = PFLOW_NEVER;
	stalled = false;
	if (s != NULL)
		arm(s, pflow_ct_now().mono_ns);
	raw_spin_unlock_irqrestore(&feed_lock, flags);
	if (old != NULL)
		session_finish(old);
	mutex_unlock(&sender);
	return 0;
}

int
pflow_ct_export_init(void)
{
	queue = alloc_workqueue("pflow_ct", WQ_UNBOUND | WQ_FREEZABLE, 1);
	return queue == NULL ? -ENOMEM : 0;
}

void
pflow_ct_export_exit(void)
{
	cancel_delayed_work_sync(&work);
	(void)pflow_ct_export_set(NULL);
	/* A turn may have been armed before the session went. */
	cancel_delayed_work_sync(&work);
	destroy_workqueue(queue);
}

struct lines {
	char *buf;
	size_t len, at;
};

static void
print_counter(void *arg, const struct pflow_counter *c)
{
	struct lines *out = arg;

	out->at += scnprintf(out->buf + out->at, out->len - out->at,
	    "%s %llu\n", c->name, (unsigned long long)c->value);
}

int
pflow_ct_export_stats(char *buf, size_t len)
{
	struct lines out = { buf, len, 0 };
	struct pflow_exporter *copy = kmalloc(sizeof(*copy), GFP_KERNEL);
	struct pflow_counter c = { .name = "missed" };
	unsigned long flags;
	bool known = false;

	if (copy == NULL)
		return -ENOMEM;
	c.value = pflow_ct_missed();
	print_counter(&out, &c);
	raw_spin_lock_irqsave(&feed_lock, flags);
	if (session != NULL) {
		memcpy(copy, &session->ex, sizeof(*copy));
		known = true;
	}
	raw_spin_unlock_irqrestore(&feed_lock, flags);
#define PRINT(member)                                                          \
	c.name = #member;                                                      \
	c.value = READ_ONCE(counters.member);                                  \
	print_counter(&out, &c);
	COUNTERS(PRINT)
#undef PRINT
	if (known)
		pflow_exporter_counters(copy, print_counter, &out);
	kfree(copy);
	return (int)out.at;
}
