/* SPDX-License-Identifier: ISC */
#include "transport/udp.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conformance.h"
#include "loopback.h"

Suite *suite_udp(void);

#define SEC UINT64_C(1000000000)

static struct pflow_now now = {UINT64_C(5000000000), UINT64_C(1700000000)};

static void
send_one(struct pflow_transport *t, const char *text)
{
	struct pflow_message m = {
	    (const uint8_t *)text, (uint32_t)strlen(text), 3};
	size_t sent = 9;

	ck_assert_int_eq(t->ops->send(t, &m, 1, &sent, now), PFLOW_OK);
	ck_assert_uint_eq(sent, 1);
}

static void
expect(int fd, const char *text)
{
	char got[256];
	ssize_t n = recv(fd, got, sizeof(got), 0);

	ck_assert_int_eq(n, (ssize_t)strlen(text));
	ck_assert_mem_eq(got, text, (size_t)n);
}

struct peer {
	int fd;
};

static struct pflow_transport *
begin_on(struct conformance_peer *p, const char *addr, const char *host)
{
	struct peer *own = calloc(1, sizeof(*own));
	unsigned port;

	ck_assert_ptr_nonnull(own);
	p->arg = own;
	own->fd = loopback_listen(SOCK_DGRAM, addr, &port);
	conformance_log_session(p);
	return loopback_make("udp", host, port, NULL);
}

static struct pflow_transport *
begin4(struct conformance_peer *p)
{
	return begin_on(p, "127.0.0.1", "127.0.0.1");
}

static struct pflow_transport *
begin6(struct conformance_peer *p)
{
	return begin_on(p, "::1", "[::1]");
}

static void
step(struct conformance_peer *p, size_t octets)
{
	struct peer *own = p->arg;
	static uint8_t buf[65536];
	ssize_t n;

	if (octets == 0)
		return;
	while ((n = recv(own->fd, buf, sizeof(buf), 0)) >= 0)
		conformance_log_add(p, buf, (size_t)n);
}

static void
end(struct conformance_peer *p)
{
	struct peer *own = p->arg;

	close(own->fd);
	free(own);
}

static const struct conformance_adapter adapters[] = {
    {.name = "udp over IPv4",
	.message_max = 65507,
	.begin = begin4,
	.step = step,
	.end = end},
    {.name = "udp over IPv6",
	.message_max = 65487,
	.begin = begin6,
	.step = step,
	.end = end},
};

START_TEST(test_udp_over_ipv4_keeps_the_contract)
{
	conformance_case(&adapters[0], _i);
}
END_TEST

START_TEST(test_udp_over_ipv6_keeps_the_contract)
{
	conformance_case(&adapters[1], _i);
}
END_TEST

START_TEST(test_udp_overhead_is_that_of_the_family)
{
	struct pflow_transport *t = loopback_make("udp", "127.0.0.1", 9, NULL);

	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	ck_assert_uint_eq(t->overhead, 28);
	t->ops->close(t);
	t = loopback_make("udp", "[::1]", 9, NULL);
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	ck_assert_uint_eq(t->overhead, 48);
	t->ops->close(t);
}
END_TEST

START_TEST(test_udp_sends_from_the_chosen_source_address_and_port)
{
	struct pflow_transport_config cfg;
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	unsigned port, free_port;
	char source[64], octet;
	int fd = loopback_listen(SOCK_DGRAM, "127.0.0.1", &port);
	struct pflow_transport *t;

	close(loopback_listen(SOCK_DGRAM, "127.0.0.2", &free_port));
	snprintf(source, sizeof(source), "127.0.0.2:%u", free_port);
	pflow_transport_config_init(&cfg);
	cfg.source = source;
	t = loopback_make("udp", "127.0.0.1", port, &cfg);
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	send_one(t, "x");
	ck_assert_int_eq(
	    recvfrom(fd, &octet, 1, 0, (struct sockaddr *)&from, &len), 1);
	ck_assert_uint_eq(ntohl(from.sin_addr.s_addr), 0x7f000002);
	ck_assert_uint_eq(ntohs(from.sin_port), free_port);
	t->ops->close(t);
	close(fd);
}
END_TEST

START_TEST(test_udp_two_may_share_a_source_port)
{
	struct pflow_transport_config cfg;
	unsigned port, free_port;
	char source[64];
	int fd = loopback_listen(SOCK_DGRAM, "127.0.0.1", &port);
	struct pflow_transport *a, *b;

	close(loopback_listen(SOCK_DGRAM, "127.0.0.2", &free_port));
	snprintf(source, sizeof(source), "127.0.0.2:%u", free_port);
	pflow_transport_config_init(&cfg);
	cfg.source = source;
	a = loopback_make("udp", "127.0.0.1", port, &cfg);
	b = loopback_make("udp", "127.0.0.1", port, &cfg);
	ck_assert_int_eq(a->ops->open(a, now), PFLOW_OK);
	ck_assert_int_eq(b->ops->open(b, now), PFLOW_OK);
	send_one(a, "a");
	send_one(b, "b");
	expect(fd, "a");
	expect(fd, "b");
	a->ops->close(a);
	b->ops->close(b);
	close(fd);
}
END_TEST

START_TEST(test_udp_open_refuses_a_source_that_is_not_local)
{
	struct pflow_transport_config cfg;
	struct pflow_transport *t;

	pflow_transport_config_init(&cfg);
	cfg.source = "192.0.2.77";
	t = loopback_make("udp", "127.0.0.1", 9, &cfg);
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_ERR_INVALID);
	ck_assert_str_eq(t->ops->error_text(t),
	    "udp:127.0.0.1:9: source "
	    "192.0.2.77:0: is not an address of this machine");
	t->ops->close(t);
}
END_TEST

START_TEST(test_udp_survives_a_closed_port_counts_it_and_asks_for_templates)
{
	struct pflow_want want;
	struct pflow_now t0 = now;
	struct pflow_transport *t;
	unsigned port;
	int fd = loopback_listen(SOCK_DGRAM, "127.0.0.1", &port), i;

	t = loopback_make("udp", "127.0.0.1", port, NULL);
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	send_one(t, "one");
	close(fd);
	for (i = 0; i < 5; i++)
		send_one(t, "two");
	ck_assert_int_eq(t->ops->service(t, now), PFLOW_OK);
	ck_assert_uint_eq(conformance_counter(t, "refused_datagrams"), 5);
	ck_assert_uint_eq(conformance_counter(t, "sent_messages"), 6);
	ck_assert_uint_eq(conformance_counter(t, "sent_records"), 18);
	ck_assert_uint_eq(conformance_counter(t, "sent_octets"), 18);
	ck_assert_ptr_nonnull(
	    strstr(t->ops->error_text(t), "nobody listens there"));
	ck_assert_uint_eq(t->generation, 1);
	/* Quiet for a second: it may be back, without our templates. */
	ck_assert_uint_eq(t->refreshes, 0);
	t->ops->want(t, &want);
	ck_assert_uint_eq(want.deadline_ns, now.mono_ns + SEC);
	t0.mono_ns += SEC;
	ck_assert_int_eq(t->ops->service(t, t0), PFLOW_OK);
	ck_assert_uint_eq(t->refreshes, 1);
	ck_assert_int_eq(t->ops->service(t, t0), PFLOW_OK);
	ck_assert_uint_eq(t->refreshes, 1);
	t->ops->close(t);
}
END_TEST

START_TEST(test_udp_message_too_large_is_lost_counted_and_lowers_the_limit)
{
	static uint8_t big[65535];
	struct pflow_message m[3] = {
	    {big, 100, 1}, {big, 65535, 7}, {big, 200, 1}};
	struct pflow_transport *t;
	struct pflow_now later = now;
	unsigned port;
	size_t sent;
	int fd = loopback_listen(SOCK_DGRAM, "127.0.0.1", &port);

	t = loopback_make("udp", "127.0.0.1", port, NULL);
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	ck_assert_int_eq(t->ops->send(t, m, 3, &sent, now), PFLOW_OK);
	ck_assert_uint_eq(sent, 3);
	ck_assert_uint_eq(conformance_counter(t, "too_large_messages"), 1);
	ck_assert_uint_eq(conformance_counter(t, "too_large_records"), 7);
	ck_assert_uint_eq(conformance_counter(t, "sent_messages"), 2);
	ck_assert_uint_gt(t->message_limit, 500);
	ck_assert_uint_lt(t->message_limit, 65508);
	/* A path may widen again. */
	later.mono_ns += 600 * SEC;
	ck_assert_int_eq(t->ops->service(t, later), PFLOW_OK);
	ck_assert_uint_eq(t->message_limit, 0);
	t->ops->close(t);
	close(fd);
}
END_TEST

/** A resolver that answers what the test says. */
struct answers {
	const char *addr; /* NULL: does not resolve */
	unsigned asked;
	int family;
	char port[8];
};

static int
lookup(void *arg, const struct pflowi_endpoint *ep, int family,
    struct pflowi_addrs *out, char *text, size_t text_len)
{
	struct answers *a = arg;

	a->asked++;
	a->family = family;
	if (a->addr == NULL) {
		snprintf(text, text_len, "%s does not resolve", ep->host);
		return PFLOW_ERR_NOTFOUND;
	}
	out->count = 1;
	ck_assert(pflowi_addr_literal(a->addr, ep->port, &out->addr[0]));
	return PFLOW_OK;
}

static struct pflow_transport *
make_named(
    struct answers *a, unsigned port, const struct pflow_transport_config *cfg)
{
	struct pflow_transport *t =
	    loopback_make("udp", "collector.example", port, cfg);

	((struct pflowi_udp *)t)->resolver.lookup = lookup;
	((struct pflowi_udp *)t)->resolver.lookup_arg = a;
	return t;
}

START_TEST(test_udp_starts_before_its_name_resolves)
{
	struct answers a = {.addr = NULL};
	struct pflow_message m = {(const uint8_t *)"late", 4, 1};
	struct pflow_now t0 = now;
	struct pflow_transport *t;
	struct pflow_want want;
	unsigned port;
	size_t sent = 5;
	int fd = loopback_listen(SOCK_DGRAM, "127.0.0.1", &port);

	t = make_named(&a, port, NULL);
	ck_assert_int_eq(t->ops->open(t, t0), PFLOW_OK);
	ck_assert_uint_eq(t->overhead, 48); /* the larger, until known */
	ck_assert_uint_eq(t->generation, 0);
	ck_assert_int_eq(t->ops->service(t, t0), PFLOW_ERR_AGAIN);
	ck_assert_int_eq(t->ops->send(t, &m, 1, &sent, t0), PFLOW_ERR_AGAIN);
	ck_assert_uint_eq(sent, 0);
	/* Whose name it is, too: nothing else tells it in a line of a log. */
	ck_assert_int_eq(strncmp(t->ops->error_text(t),
			     "udp:collector.example:", 22), 0);
	ck_assert_ptr_nonnull(strstr(t->ops->error_text(t),
	    ": collector.example does not resolve"));
	ck_assert_uint_eq(conformance_counter(t, "resolve_failures"), 1);
	t->ops->want(t, &want);
	ck_assert_int_eq(want.fd, -1);
	ck_assert_uint_eq(want.deadline_ns, t0.mono_ns + 5 * SEC);
	a.addr = "127.0.0.1";
	t0.mono_ns += 5 * SEC;
	ck_assert_int_eq(t->ops->service(t, t0), PFLOW_OK);
	ck_assert_uint_eq(t->generation, 1);
	ck_assert_uint_eq(t->overhead, 28);
	ck_assert_int_eq(t->ops->send(t, &m, 1, &sent, t0), PFLOW_OK);
	expect(fd, "late");
	t->ops->close(t);
	close(fd);
}
END_TEST

START_TEST(test_udp_asks_its_name_every_five_minutes_and_follows_it)
{
	struct answers a = {.addr = "127.0.0.1"};
	struct pflow_now t0 = now;
	struct pflow_transport *t;
	struct pflow_want want;
	unsigned port;
	int fd = loopback_listen(SOCK_DGRAM, "0.0.0.0", &port);

	t = make_named(&a, port, NULL);
	ck_assert_int_eq(t->ops->open(t, t0), PFLOW_OK);
	ck_assert_uint_eq(a.asked, 1);
	t->ops->want(t, &want);
	ck_assert_uint_eq(want.deadline_ns, t0.mono_ns + 300 * SEC);
	/* The same address: the same session. */
	t0.mono_ns += 300 * SEC;
	ck_assert_int_eq(t->ops->service(t, t0), PFLOW_OK);
	ck_assert_uint_eq(a.asked, 2);
	ck_assert_uint_eq(t->generation, 1);
	/* It does not resolve: the old address is kept. */
	a.addr = NULL;
	t0.mono_ns += 300 * SEC;
	ck_assert_int_eq(t->ops->service(t, t0), PFLOW_OK);
	ck_assert_uint_eq(t->generation, 1);
	send_one(t, "kept");
	expect(fd, "kept");
	/* Another one: another session. */
	a.addr = "127.0.0.3";
	t0.mono_ns += 30 * SEC;
	ck_assert_int_eq(t->ops->service(t, t0), PFLOW_OK);
	ck_assert_uint_eq(a.asked, 4);
	ck_assert_uint_eq(t->generation, 2);
	send_one(t, "moved");
	expect(fd, "moved");
	t->ops->close(t);
	close(fd);
}
END_TEST

START_TEST(test_udp_asks_its_name_soon_after_a_refusal)
{
	struct answers a = {.addr = "127.0.0.1"};
	struct pflow_now t0 = now;
	struct pflow_transport *t;
	unsigned port;

	close(loopback_listen(SOCK_DGRAM, "127.0.0.1", &port));
	t = make_named(&a, port, NULL);
	ck_assert_int_eq(t->ops->open(t, t0), PFLOW_OK);
	send_one(t, "x");
	ck_assert_int_eq(t->ops->service(t, t0), PFLOW_OK);
	t0.mono_ns += 29 * SEC;
	ck_assert_int_eq(t->ops->service(t, t0), PFLOW_OK);
	ck_assert_uint_eq(a.asked, 1);
	t0.mono_ns += SEC;
	ck_assert_int_eq(t->ops->service(t, t0), PFLOW_OK);
	ck_assert_uint_eq(a.asked, 2);
	ck_assert_uint_eq(t->generation, 1);
	t->ops->close(t);
}
END_TEST

START_TEST(test_udp_asks_only_for_the_family_of_its_source)
{
	struct answers a = {.addr = "::1"};
	struct pflow_transport_config cfg;
	struct pflow_transport *t;

	pflow_transport_config_init(&cfg);
	cfg.source = "::1";
	t = make_named(&a, 9, &cfg);
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	ck_assert_int_eq(a.family, AF_INET6);
	t->ops->close(t);
}
END_TEST

/* A machine without /etc/hosts and name servers knows no names at all. */
static int
localhost_is_known(void)
{
	struct addrinfo *res;

	if (getaddrinfo("localhost", NULL, NULL, &res) != 0)
		return 0;
	freeaddrinfo(res);
	return 1;
}

START_TEST(test_udp_resolves_a_real_name_in_a_thread)
{
	struct pflow_transport *t = loopback_make("udp", "localhost", 9, NULL);
	struct pflow_now t0 = now;
	int i;

	if (!localhost_is_known()) {
		t->ops->close(t);
		return;
	}
	ck_assert_int_eq(t->ops->open(t, t0), PFLOW_OK);
	for (i = 0; i < 5000 && t->generation == 0; i++) {
		conformance_wait(t, &t0, 1);
		(void)t->ops->service(t, t0);
	}
	ck_assert_msg(t->generation == 1, "%s", t->ops->error_text(t));
	t->ops->close(t);
	/* One that is dropped while its thread is asking. */
	t = loopback_make("udp", "localhost", 9, NULL);
	ck_assert_int_eq(t->ops->open(t, t0), PFLOW_OK);
	t->ops->close(t);
}
END_TEST

START_TEST(test_udp_waits_for_a_full_queue_then_counts_what_it_gives_up)
{
	struct pflow_transport *t = loopback_make("udp", "127.0.0.1", 9, NULL);
	struct pflowi_udp *u = (struct pflowi_udp *)t;
	struct pflow_message m = {(const uint8_t *)"x", 1, 4};

	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	pflowi_udp_lose(u, &m, ENOBUFS, now);
	pflowi_udp_lose(u, &m, EAGAIN, now);
	pflowi_udp_lose(u, &m, ENETUNREACH, now);
	pflowi_udp_lose(u, &m, ECONNREFUSED, now);
	pflowi_udp_lose(u, &m, EPERM, now);
	ck_assert_uint_eq(conformance_counter(t, "no_buffer_records"), 8);
	ck_assert_uint_eq(conformance_counter(t, "unreachable_records"), 4);
	ck_assert_uint_eq(conformance_counter(t, "refused_records"), 4);
	ck_assert_uint_eq(conformance_counter(t, "failed_records"), 4);
	t->ops->close(t);
}
END_TEST

/** Lengths that make runs, and lengths that do not. */
START_TEST(test_udp_keeps_messages_apart_however_they_are_sent)
{
	static uint8_t octets[64][1400], got[65536];
	static const uint32_t lens[] = {1400, 1400, 1400, 200, 1400, 1400, 100,
	    300, 300, 300, 301, 1, 1, 1400};
	struct pflow_message m[64];
	struct pflow_transport *t;
	unsigned port, i;
	size_t sent;
	int fd = loopback_listen(SOCK_DGRAM, "127.0.0.1", &port);

	for (i = 0; i < 64; i++) {
		m[i].data = octets[i];
		m[i].len = lens[i % (sizeof(lens) / sizeof(lens[0]))];
		m[i].records = 1;
		memset(octets[i], (int)i, sizeof(octets[i]));
	}
	t = loopback_make("udp", "127.0.0.1", port, NULL);
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	ck_assert_int_eq(t->ops->send(t, m, 64, &sent, now), PFLOW_OK);
	for (i = 0; i < 64; i++) {
		ck_assert_int_eq(recv(fd, got, sizeof(got), 0), m[i].len);
		ck_assert_uint_eq(got[0], i);
		ck_assert_uint_eq(got[m[i].len - 1], i);
	}
	ck_assert_int_eq(recv(fd, got, sizeof(got), 0), -1);
	ck_assert_uint_le(conformance_counter(t, "send_calls"), 64);
	t->ops->close(t);
	close(fd);
}
END_TEST

START_TEST(test_udp_keeps_the_rate)
{
	static const uint8_t octet = 1;
	struct pflow_transport_config cfg;
	struct pflow_message m[64];
	struct pflow_now t0 = now;
	struct pflow_transport *t;
	struct pflow_want want;
	unsigned port, i;
	size_t sent;
	int fd = loopback_listen(SOCK_DGRAM, "127.0.0.1", &port);

	for (i = 0; i < 64; i++)
		m[i] = (struct pflow_message){&octet, 1, 1};
	pflow_transport_config_init(&cfg);
	cfg.rate_pps = 1000;
	t = loopback_make("udp", "127.0.0.1", port, &cfg);
	ck_assert_int_eq(t->ops->open(t, t0), PFLOW_OK);
	ck_assert_int_eq(t->ops->send(t, m, 64, &sent, t0), PFLOW_ERR_AGAIN);
	ck_assert_uint_eq(sent, 16);
	ck_assert_uint_eq(conformance_counter(t, "paced_waits"), 1);
	t->ops->want(t, &want);
	ck_assert_uint_eq(want.deadline_ns, t0.mono_ns + SEC / 1000);
	ck_assert_uint_eq(want.events, PFLOW_WANT_READ);
	t0.mono_ns += 10 * SEC / 1000;
	ck_assert_int_eq(t->ops->service(t, t0), PFLOW_OK);
	ck_assert_int_eq(t->ops->send(t, m, 64, &sent, t0), PFLOW_ERR_AGAIN);
	ck_assert_uint_eq(sent, 10);
	t->ops->close(t);
	close(fd);
}
END_TEST

/** What a datagram came with: TTL or hop limit, and ToS. */
static void
marks(const char *addr, const char *host, int level, int want_ttl, int ttl_type,
    int want_tos, int tos_type)
{
	struct pflow_transport_config cfg;
	struct pflow_transport *t;
	union {
		char octets[256];
		size_t align;
	} control;
	char octet;
	struct iovec iov = {&octet, 1};
	struct msghdr hdr = {.msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = control.octets,
	    .msg_controllen = sizeof(control.octets)};
	struct cmsghdr *c;
	unsigned port, seen = 0;
	int fd = loopback_listen(SOCK_DGRAM, addr, &port), on = 1;

	setsockopt(fd, level, want_ttl, &on, sizeof(on));
	setsockopt(fd, level, want_tos, &on, sizeof(on));
	pflow_transport_config_init(&cfg);
	cfg.ttl = 77;
	cfg.dscp = 46;
	cfg.socket_buffer = 100000;
	t = loopback_make("udp", host, port, &cfg);
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	send_one(t, "x");
	ck_assert_int_eq(recvmsg(fd, &hdr, 0), 1);
	for (c = CMSG_FIRSTHDR(&hdr); c != NULL; c = CMSG_NXTHDR(&hdr, c)) {
		seen += c->cmsg_type == ttl_type && CMSG_DATA(c)[0] == 77;
		seen += c->cmsg_type == tos_type && CMSG_DATA(c)[0] == 46 << 2;
	}
	ck_assert_uint_eq(seen, 2);
	t->ops->close(t);
	close(fd);
}

START_TEST(test_udp_sets_ttl_and_dscp)
{
	marks("127.0.0.1", "127.0.0.1", IPPROTO_IP, IP_RECVTTL, IP_TTL,
	    IP_RECVTOS, IP_TOS);
	marks("::1", "[::1]", IPPROTO_IPV6, IPV6_RECVHOPLIMIT, IPV6_HOPLIMIT,
	    IPV6_RECVTCLASS, IPV6_TCLASS);
}
END_TEST

START_TEST(test_udp_reaches_multicast_receivers)
{
	struct pflow_transport_config cfg;
	struct pflow_transport *t;
	struct ip_mreq group;
	unsigned port;
	int fd = loopback_listen(SOCK_DGRAM, "0.0.0.0", &port);

	group.imr_multiaddr.s_addr = htonl(0xeffffe01); /* 239.255.254.1 */
	group.imr_interface.s_addr = htonl(INADDR_LOOPBACK);
	if (setsockopt(
		fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof(group)) == -1)
		return; /* a machine whose loopback has no multicast */
	pflow_transport_config_init(&cfg);
	cfg.source = "127.0.0.1";
	cfg.ttl = 3;
	t = loopback_make("udp", "239.255.254.1", port, &cfg);
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	send_one(t, "to all");
	expect(fd, "to all");
	t->ops->close(t);
	close(fd);
}
END_TEST

START_TEST(test_udp_open_refuses_a_device_that_is_not_there)
{
	struct pflow_transport_config cfg;
	struct pflow_transport *t;

	pflow_transport_config_init(&cfg);
	cfg.device = "nosuchif0";
	t = loopback_make("udp", "127.0.0.1", 9, &cfg);
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_ERR_INVALID);
	ck_assert_ptr_nonnull(
	    strstr(t->ops->error_text(t), "device nosuchif0: "));
	t->ops->close(t);
}
END_TEST

START_TEST(test_udp_takes_a_new_socket_when_there_is_no_way)
{
	struct pflow_transport *t = loopback_make("udp", "127.0.0.1", 9, NULL);
	struct pflow_now t0 = now;

	ck_assert_int_eq(t->ops->open(t, t0), PFLOW_OK);
	pflowi_udp_note((struct pflowi_udp *)t, EADDRNOTAVAIL, t0);
	t0.mono_ns += 5 * SEC;
	ck_assert_int_eq(t->ops->service(t, t0), PFLOW_OK);
	ck_assert_uint_eq(t->generation, 2);
	t->ops->close(t);
}
END_TEST

Suite *
suite_udp(void)
{
	Suite *s = suite_create("udp");
	TCase *tc = tcase_create("udp");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(
	    tc, test_udp_over_ipv4_keeps_the_contract, 0, conformance_cases);
	tcase_add_loop_test(
	    tc, test_udp_over_ipv6_keeps_the_contract, 0, conformance_cases);
	tcase_add_test(tc, test_udp_overhead_is_that_of_the_family);
	tcase_add_test(
	    tc, test_udp_sends_from_the_chosen_source_address_and_port);
	tcase_add_test(tc, test_udp_two_may_share_a_source_port);
	tcase_add_test(tc, test_udp_open_refuses_a_source_that_is_not_local);
	tcase_add_test(tc,
	    test_udp_survives_a_closed_port_counts_it_and_asks_for_templates);
	tcase_add_test(tc,
	    test_udp_message_too_large_is_lost_counted_and_lowers_the_limit);
	tcase_add_test(tc, test_udp_starts_before_its_name_resolves);
	tcase_add_test(
	    tc, test_udp_asks_its_name_every_five_minutes_and_follows_it);
	tcase_add_test(tc, test_udp_asks_its_name_soon_after_a_refusal);
	tcase_add_test(tc, test_udp_asks_only_for_the_family_of_its_source);
	tcase_add_test(tc, test_udp_resolves_a_real_name_in_a_thread);
	tcase_add_test(
	    tc, test_udp_waits_for_a_full_queue_then_counts_what_it_gives_up);
	tcase_add_test(tc, test_udp_keeps_messages_apart_however_they_are_sent);
	tcase_add_test(tc, test_udp_keeps_the_rate);
	tcase_add_test(tc, test_udp_sets_ttl_and_dscp);
	tcase_add_test(tc, test_udp_reaches_multicast_receivers);
	tcase_add_test(tc, test_udp_open_refuses_a_device_that_is_not_there);
	tcase_add_test(tc, test_udp_takes_a_new_socket_when_there_is_no_way);
	suite_add_tcase(s, tc);
	return s;
}
