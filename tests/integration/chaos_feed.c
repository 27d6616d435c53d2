/* SPDX-License-Identifier: ISC */
/*
 * chaos_feed DEST SPOOL|- FIRST RATE [CA CERT]: feeds states that are
 * numbered, RATE a second, until it is asked to end; then goes on until all is
 * delivered, or it is asked again, and tells what it counted of the first
 * receiver. The number is the one element of each record. DEST is one, or
 * several with "+" (all), "%" (balance) or "|" (failover) between them.
 */
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <pflow/failover.h>
#include <pflow/receivers.h>
#include <pflow/spool.h>
#include <pflow/transports.h>

#define SEC UINT64_C(1000000000)
#define MS UINT64_C(1000000)
#define HOLD (20 * MS)
#define RETRY (100 * MS)
/** A partition that lasts longer ends the session. */
#define DEAD (2 * SEC)
#define DRAIN (30 * SEC)
#define BATCH 4096
#define DESTS_MAX 8

static const struct pflow_field number[] = { { 1, 8, 0 } };
static volatile sig_atomic_t stopping;

static void
on_term(int sig)
{
	(void)sig;
	stopping = stopping + 1;
}

static struct pflow_now
now(void)
{
	struct pflow_now n;
	struct timespec mono, wall;

	clock_gettime(CLOCK_MONOTONIC, &mono);
	clock_gettime(CLOCK_REALTIME, &wall);
	n.mono_ns = (uint64_t)mono.tv_sec * SEC + (uint64_t)mono.tv_nsec;
	n.wall_ns = (uint64_t)wall.tv_sec * SEC + (uint64_t)wall.tv_nsec;
	return n;
}

static void
fail(const char *text)
{
	(void)fprintf(stderr, "chaos_feed: %s\n", text);
	exit(1);
}

static struct pflow_transport *
make(const char *dest, int socket_buffer, char **argv, int argc)
{
	struct pflow_transport_config cfg;
	struct pflow_transport *t;
	char err[512];

	pflow_transport_config_init(&cfg);
	cfg.retry_ns = RETRY;
	cfg.socket_buffer = socket_buffer;
	cfg.peer_timeout_ns = DEAD;
	cfg.connect_timeout_ns = DEAD;
	if (argc > 6) {
		cfg.tls_ca = argv[5];
		cfg.tls_cert = argv[6];
	}
	if (pflow_transport_create(dest, &cfg, &t, err, sizeof(err)) !=
	    PFLOW_OK)
		fail(err);
	return t;
}

/** @return how many */
static size_t
make_all(char **argv, int argc, struct pflow_transport **t)
{
	bool failover = strchr(argv[1], '|') != NULL;
	/* One that does not read is to be felt soon. */
	int socket_buffer = strchr(argv[1], '+') != NULL ? 65536 : 0;
	struct pflow_spool_config spool;
	char err[512], *dest;
	size_t count = 0;

	for (dest = strtok(argv[1], "+%|"); dest != NULL && count < DESTS_MAX;
	    dest = strtok(NULL, "+%|"))
		t[count++] = make(dest, socket_buffer, argv, argc);
	if (failover) {
		struct pflow_transport *one;

		if (pflow_failover_create(t, count, NULL, &one, err,
			sizeof(err)) != PFLOW_OK)
			fail(err);
		t[0] = one;
		count = 1;
	}
	if (strcmp(argv[2], "-") == 0)
		return count;
	pflow_spool_config_init(&spool);
	spool.dir = argv[2];
	if (pflow_spool_create(&spool, t[0], &t[0], err, sizeof(err)) !=
	    PFLOW_OK)
		fail(err);
	return count;
}

static struct pflow_receivers *
begin(char **argv, int argc)
{
	bool balance = strchr(argv[1], '%') != NULL;
	struct pflow_transport *t[DESTS_MAX];
	struct pflow_receivers_config cfg;
	struct pflow_receivers *r;
	size_t count = make_all(argv, argc, t);
	char err[512];

	pflow_receivers_config_init(&cfg);
	if (balance)
		cfg.mode = PFLOW_RECEIVERS_BALANCE;
	cfg.exporter.version = 10;
	cfg.exporter.select = PFLOW_SELECT_ALL;
	cfg.exporter.hold_ns = HOLD;
	cfg.exporter.fields = number;
	cfg.exporter.field_count = 1;
	if (pflow_receivers_open(&cfg, t, count, now(), &r, err,
		sizeof(err)) != PFLOW_OK)
		fail(err);
	return r;
}

/** As many as are due by the rate. */
static void
feed(struct pflow_receivers *r, uint64_t *next, uint64_t end,
    struct pflow_now at)
{
	static struct pflow_state states[BATCH];
	size_t n, taken;

	for (n = 0; n < BATCH && *next + n < end; n++) {
		uint64_t flow = *next + n;
		const uint8_t addr[4] = { 10, (uint8_t)(flow >> 16),
			(uint8_t)(flow >> 8), (uint8_t)flow };

		pflow_state_init(&states[n]);
		(void)pflow_state_set_key(&states[n], PFLOW_AF_IPV4, addr, 1,
		    addr, 2);
		states[n].packets[0] = 1;
		states[n].octets[0] = *next + n + 1;
	}
	if (n > 0 && pflow_receivers_feed(r, states, n, at, &taken) ==
	    PFLOW_OK)
		*next += n;
}

static void
wait_for(struct pflow_receivers *r, struct pflow_now at)
{
	size_t i, count = pflow_receivers_count(r);
	struct pollfd pfd[DESTS_MAX];
	struct pflow_want want;
	uint64_t wait = 5 * MS;

	for (i = 0; i < count; i++) {
		pflow_receivers_want(r, i, &want);
		pfd[i].fd = want.fd;
		pfd[i].events = 0;
		if ((want.events & PFLOW_WANT_READ) != 0)
			pfd[i].events |= POLLIN;
		if ((want.events & PFLOW_WANT_WRITE) != 0)
			pfd[i].events |= POLLOUT;
		if (want.deadline_ns < at.mono_ns + wait)
			wait = want.deadline_ns > at.mono_ns
			    ? want.deadline_ns - at.mono_ns : 0;
	}
	(void)poll(pfd, (nfds_t)count, (int)(wait / MS));
}

static void
print_counter(void *arg, const struct pflow_counter *c)
{
	(void)arg;
	(void)printf("%s %" PRIu64 "\n", c->name, c->value);
}

static void
waiting(void *arg, const struct pflow_counter *c)
{
	uint64_t *sum = arg;

	if (strcmp(c->name, "unacknowledged_messages") == 0 ||
	    strcmp(c->name, "spool_waiting_octets") == 0)
		*sum += c->value;
}

static bool
is_delivered(struct pflow_receivers *r, int status)
{
	struct pflow_transport *t = pflow_receivers_transport(r, 0);
	struct pflow_progress progress;
	uint64_t left = 0;

	t->ops->progress(t, &progress);
	t->ops->counters(t, waiting, &left);
	return status == PFLOW_OK && left == 0;
}

int
main(int argc, char **argv)
{
	uint64_t first, next, begun, over = PFLOW_NEVER, rate;
	struct pflow_receivers *r;
	const struct pflow_exporter_stats *stats;

	if (argc < 5)
		fail("usage: chaos_feed DEST SPOOL|- FIRST RATE [CA CERT]");
	(void)signal(SIGTERM, on_term);
	(void)signal(SIGPIPE, SIG_IGN);
	first = next = strtoull(argv[3], NULL, 10);
	rate = strtoull(argv[4], NULL, 10);
	r = begin(argv, argc);
	begun = now().mono_ns;
	(void)printf("begun_ns %" PRIu64 "\n", begun);
	(void)fflush(stdout);
	for (;;) {
		struct pflow_now at = now();
		int status;

		if (over == PFLOW_NEVER && !stopping)
			feed(r, &next, first +
			    (at.mono_ns - begun) / (SEC / rate), at);
		if (over == PFLOW_NEVER && stopping) {
			pflow_receivers_flush(r, at);
			over = at.mono_ns + DRAIN;
		}
		status = pflow_receivers_service(r, at);
		if (over != PFLOW_NEVER &&
		    (is_delivered(r, status) || at.mono_ns >= over ||
			stopping > 1))
			break;
		wait_for(r, at);
	}
	pflow_receivers_abandon(r, now());
	stats = pflow_receivers_stats(r, 0);
	(void)printf("next %" PRIu64 "\nrecords %" PRIu64 "\ndiscarded %" PRIu64
	    "\n", next, stats->records,
	    stats->drops[PFLOW_DROP_discarded].count);
	pflow_receivers_transport(r, 0)->ops->counters(
	    pflow_receivers_transport(r, 0), print_counter, NULL);
	pflow_receivers_close(r);
	return 0;
}
