/* SPDX-License-Identifier: ISC */
/*
 * soak DAYS [SEED]: so many days of an exporter's clock and traffic, as fast
 * as the machine goes. Several exporters get the same states: uptime and
 * sequence wrap, the wall clock steps both ways, the machine sleeps, receivers
 * come and go, sessions begin anew. What receivers read back is added up.
 *
 * It must hold, at every hour of the simulation,
 *  - states = exported + dropped; records = sent + waiting + discarded;
 *  - packets and octets made = what receivers decoded + discarded + waiting;
 *  - no record waits longer than `hold` past a deadline that was served;
 *  - what receivers say was lost is what was discarded;
 *  - templates are told as often as the settings say;
 * and at the end that the process needs no more memory than after the first
 * hour.
 */
#define _POSIX_C_SOURCE 200809L
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <pflow/pflow.h>

#define SEC UINT64_C(1000000000)
#define HOUR (3600 * SEC)
#define SLOTS 16
#define HELD_MAX (SLOTS + 2)

#define HOLDS(lane, cond)                                                      \
	do {                                                                   \
		if (!(cond))                                                   \
			fail((lane)->name, __LINE__, #cond);                   \
	} while (0)

struct lane {
	const char *name;
	struct pflow_exporter_config cfg;
	struct pflow_exporter ex;
	struct pflow_decoder dec;
	uint8_t *block;
	uint8_t *store;
	size_t store_len;
	uint64_t up_ns;	     /**< when the receiver is there again */
	uint64_t fed[2];     /**< packets, octets of states that were taken */
	uint64_t got[2];     /**< as decoded */
	uint64_t lost_states;
	uint64_t sessions;
	uint64_t templates;  /**< template messages when last looked at */
};

static uint64_t rng;
static struct pflow_now now;

static uint64_t
any(uint64_t below)
{
	uint64_t z = rng += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (z ^ z >> 31) % below;
}

static void
fail(const char *lane, int line, const char *what)
{
	fprintf(stderr, "soak: %s, line %d, at %llu s: does not hold: %s\n",
	    lane, line, (unsigned long long)(now.mono_ns / SEC), what);
	abort();
}

/* ---- lanes ---- */

static void
begin_lane(struct lane *l, const char *name, uint16_t version)
{
	memset(l, 0, sizeof(*l));
	l->name = name;
	pflow_exporter_config_init(&l->cfg);
	l->cfg.version = version;
	l->cfg.select = PFLOW_SELECT_ALL;
	l->store_len = 65536;
}

static void
start_lane(struct lane *l)
{
	size_t len = pflow_exporter_block_size(&l->cfg, SLOTS);

	l->block = malloc(len);
	HOLDS(l, len > 0 && l->block != NULL);
	HOLDS(l, pflow_exporter_init(&l->ex, &l->cfg, l->block, len, now) ==
	    PFLOW_OK);
	/* Near the end of 32 bits, so that it wraps in a short run, too. */
	l->ex.sequence = UINT32_MAX - (uint32_t)any(5000);
	l->store = malloc(l->store_len);
	HOLDS(l, l->store != NULL);
	memset(l->store, 0xff, l->store_len); /* so that memory is flat */
	pflow_decoder_init(&l->dec, l->store, l->store_len);
}

static int
add_up(void *arg, const struct pflow_state *st,
    const struct pflow_decoded_header *hdr)
{
	struct lane *l = arg;

	(void)hdr;
	l->got[0] += st->packets[0] + st->packets[1];
	l->got[1] += st->octets[0] + st->octets[1];
	return 0;
}

/** The receiver takes what it can; a datagram may be lost on the way. */
static void
drain(struct lane *l)
{
	struct pflow_message m[4];
	size_t n, i;

	if (now.mono_ns < l->up_ns)
		return;
	while ((n = pflow_exporter_pending(&l->ex, m, 4)) > 0) {
		for (i = 0; i < n; i++)
			HOLDS(l, pflow_decoder_message(&l->dec, m[i].data,
			    m[i].len, add_up, l) == PFLOW_OK);
		pflow_exporter_ack(&l->ex, n);
	}
	HOLDS(l, l->dec.stats.unknown_template_sets == 0);
	HOLDS(l, l->dec.stats.malformed_sets == 0);
}

/** The receiver goes, or is there again: a stream has a new session. */
static void
come_and_go(struct lane *l)
{
	if (now.mono_ns < l->up_ns || any(3000) != 0)
		return;
	l->up_ns = now.mono_ns + (1 + any(600)) * SEC;
	if (l->cfg.nature == PFLOW_TRANSPORT_DATAGRAM)
		return;
	pflow_exporter_session_restart(&l->ex, now);
	pflow_decoder_session_restart(&l->dec);
	l->sessions++;
}

static void
feed(struct lane *l, const struct pflow_state *st)
{
	const struct pflow_exporter_stats *s = pflow_exporter_stats(&l->ex);
	uint64_t exported = s->states_exported;
	struct pflow_exporter before;
	int rc;

	memcpy(&before, &l->ex, sizeof(before));
	rc = pflow_exporter_feed(&l->ex, st, now);
	if (rc == PFLOW_ERR_AGAIN && any(4) == 0) {
		/* The driver makes room by force. */
		(void)pflow_exporter_discard_behind(&l->ex,
		    l->cfg.nature == PFLOW_TRANSPORT_STREAM, 1);
		rc = pflow_exporter_feed(&l->ex, st, now);
	}
	if (rc != PFLOW_OK) {
		HOLDS(l, rc == PFLOW_ERR_AGAIN);
		HOLDS(l, s->states == before.stats.states);
		HOLDS(l, pflow_exporter_pending(&l->ex,
		    &(struct pflow_message){ 0 }, 1) == 1);
		l->lost_states++;
		return;
	}
	if (s->states_exported == exported ||
	    (st->flags & PFLOW_STATE_CREATED) != 0)
		return;
	l->fed[0] += (st->octets[0] != 0 ? st->packets[0] : 0) +
	    (st->octets[1] != 0 ? st->packets[1] : 0);
	l->fed[1] += st->octets[0] + st->octets[1];
}

/* ---- sums ---- */

static void
check_sums(struct lane *l)
{
	const struct pflow_exporter_stats *s = pflow_exporter_stats(&l->ex);
	uint64_t dropped = 0;
	unsigned i;

	for (i = 0; i < PFLOW_DROP_COUNT; i++)
		dropped += i == PFLOW_DROP_discarded ? 0 : s->drops[i].count;
	HOLDS(l, s->states == s->states_exported + dropped);
	HOLDS(l, s->records == s->records_sent + s->records_waiting +
	    s->drops[PFLOW_DROP_discarded].count);
	HOLDS(l, s->packets == l->fed[0]);
	HOLDS(l, s->octets == l->fed[1]);
	HOLDS(l, s->messages - s->messages_sent <= 2 * HELD_MAX +
	    s->drops[PFLOW_DROP_discarded].count);
}

/** Everything is delivered: nothing may be missing. */
static void
check_delivered(struct lane *l)
{
	const struct pflow_exporter_stats *s = pflow_exporter_stats(&l->ex);

	l->up_ns = 0;
	(void)pflow_exporter_flush(&l->ex, now);
	drain(l);
	check_sums(l);
	HOLDS(l, s->records_waiting == 0);
	HOLDS(l, l->got[0] + s->drops[PFLOW_DROP_discarded].packets ==
	    l->fed[0]);
	HOLDS(l, l->got[1] + s->drops[PFLOW_DROP_discarded].octets ==
	    l->fed[1]);
	HOLDS(l, l->dec.stats.records + l->dec.stats.options_records ==
	    s->records_sent);
	if (l->sessions == 0 && l->cfg.version != 9)
		HOLDS(l, l->dec.stats.records_lost ==
		    s->drops[PFLOW_DROP_discarded].count);
}

/** Templates by time, on datagrams, while there is something to say. */
static void
check_templates(struct lane *l, uint64_t hours)
{
	uint64_t count = l->ex.stats.template_messages;

	if (l->cfg.version == 5 || l->cfg.nature != PFLOW_TRANSPORT_DATAGRAM)
		return;
	/* Away at most for ten minutes; and a message may wait meanwhile. */
	HOLDS(l, count - l->templates >= hours * 3600 /
	    (l->cfg.refresh_ns / SEC) / 4);
	l->templates = count;
}

/* ---- clock and traffic ---- */

static void
pass_time(void)
{
	uint64_t step = any(2 * SEC);

	now.mono_ns += step;
	now.wall_ns += step + any(200);
	if (any(20000) == 0)
		now.wall_ns += any(HOUR); /* set forward */
	if (any(20000) == 0)
		now.wall_ns -= any(HOUR); /* set back */
	if (any(40000) == 0)
		now.wall_ns += any(8 * HOUR); /* slept, its uptime did not */
	if (any(40000) == 0) {
		step = any(8 * HOUR); /* slept, its uptime went on */
		now.mono_ns += step;
		now.wall_ns += step;
	}
}

static void
make_state(struct pflow_state *st)
{
	static const uint8_t protocols[] = { 6, 6, 17, 17, 47 };
	uint8_t addr[2][16];
	unsigned i;

	for (i = 0; i < 32; i++)
		addr[i / 16][i % 16] = (uint8_t)any(256);
	pflow_state_init(st);
	(void)pflow_state_set_key(st, any(3) == 0 ? PFLOW_AF_IPV6
						  : PFLOW_AF_IPV4,
	    addr[0], (uint16_t)any(65536), addr[1], (uint16_t)any(65536));
	st->protocol = protocols[any(sizeof(protocols))];
	st->direction = (uint8_t)any(3);
	/* No more kinds than templates live at the same time. */
	st->present = any(2) == 0 ? 0x3ff : PFLOW_HAS_ICMP;
	if (any(5) == 0) {
		st->flags |= PFLOW_STATE_TRANSLATED;
		st->key[PFLOW_STACK].port[0] ^= 1;
		st->flags |= any(4) == 0 ? PFLOW_STATE_CREATED : 0;
	}
	for (i = 0; i < 2; i++) {
		st->packets[i] = any(4) == 0 ? 0 : 1 + any(1000);
		st->octets[i] = st->packets[i] * (40 + any(1400));
		if (any(500) == 0)
			st->octets[i] += any(UINT64_C(20000000000));
	}
	if (st->flags & PFLOW_STATE_CREATED)
		memset(st->octets, 0, sizeof(st->octets));
	st->end_reason = (uint8_t)(1 + any(5));
	st->last_ns = now.wall_ns - any(10 * SEC);
	st->start_ns = st->last_ns - any(HOUR);
	st->flow_id = any(UINT64_MAX);
}

static void
serve(struct lane *l)
{
	come_and_go(l);
	if (pflow_exporter_deadline(&l->ex) <= now.mono_ns)
		(void)pflow_exporter_tick(&l->ex, now);
	drain(l);
	if (now.mono_ns >= l->up_ns)
		HOLDS(l, pflow_exporter_deadline(&l->ex) > now.mono_ns ||
		    pflow_exporter_tick(&l->ex, now) == PFLOW_OK);
	/* Nothing is held longer, whoever is there. */
	if (l->ex.stats.records_waiting > 0 && l->ex.queue_len == 0)
		HOLDS(l, pflow_exporter_deadline(&l->ex) <=
		    now.mono_ns + l->cfg.hold_ns);
}

static long
memory(void)
{
	struct rusage usage;

	(void)getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

enum { V5, V9, STANDARD, STREAM, EXTENDED, BIFLOW, LANES };

static void
begin_lanes(struct lane *lanes)
{
	size_t n;
	unsigned i;

	begin_lane(&lanes[V5], "v5", 5);
	begin_lane(&lanes[V9], "v9", 9);
	begin_lane(&lanes[STANDARD], "ipfix", 10);
	begin_lane(&lanes[STREAM], "stream", 10);
	lanes[STREAM].cfg.nature = PFLOW_TRANSPORT_STREAM;
	lanes[STREAM].cfg.overhead = 0;
	begin_lane(&lanes[EXTENDED], "extended", 10);
	lanes[EXTENDED].cfg.fields = pflow_template_named("extended", &n);
	lanes[EXTENDED].cfg.field_count = n;
	lanes[EXTENDED].cfg.mtu = 9000;
	lanes[EXTENDED].cfg.options = 1;
	begin_lane(&lanes[BIFLOW], "biflow", 10);
	lanes[BIFLOW].cfg.biflow = PFLOW_BIFLOW_FULL;
	lanes[BIFLOW].cfg.nat_events = 1;
	lanes[BIFLOW].cfg.nature = PFLOW_TRANSPORT_STREAM;
	for (i = 0; i < LANES; i++)
		start_lane(&lanes[i]);
}

int
main(int argc, char **argv)
{
	static struct lane lanes[LANES];
	uint64_t days = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
	uint64_t begin, hour, states = 0, hours = 0;
	struct pflow_state st;
	long early = 0;
	unsigned i, n;

	rng = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	/* Uptime in 32-bit milliseconds wraps within the first hours. */
	begin = (UINT64_C(1) << 32) * 1000000 - 3 * HOUR;
	now.mono_ns = begin;
	now.wall_ns = UINT64_C(1700000000) * SEC;
	begin_lanes(lanes);
	for (hour = now.mono_ns + HOUR; now.mono_ns < begin + days * 24 * HOUR;) {
		pass_time();
		for (n = (unsigned)any(10); n > 0; n--, states++) {
			make_state(&st);
			for (i = 0; i < LANES; i++)
				feed(&lanes[i], &st);
		}
		for (i = 0; i < LANES; i++)
			serve(&lanes[i]);
		if (now.mono_ns < hour)
			continue;
		for (i = 0; i < LANES; i++)
			check_sums(&lanes[i]);
		hour = now.mono_ns + HOUR;
		hours++;
		if (hours % 24 == 0) {
			for (i = 0; i < LANES; i++)
				check_templates(&lanes[i], 12);
		}
		early = early == 0 ? memory() : early;
	}
	for (i = 0; i < LANES; i++) {
		check_delivered(&lanes[i]);
		printf("%-8s %10llu records %9llu messages %7llu of templates "
		    "%8llu discarded %6llu refused %5llu sessions\n",
		    lanes[i].name,
		    (unsigned long long)lanes[i].ex.stats.records,
		    (unsigned long long)lanes[i].ex.stats.messages,
		    (unsigned long long)lanes[i].ex.stats.template_messages,
		    (unsigned long long)
		    lanes[i].ex.stats.drops[PFLOW_DROP_discarded].count,
		    (unsigned long long)lanes[i].lost_states,
		    (unsigned long long)lanes[i].sessions);
		free(lanes[i].block);
		free(lanes[i].store);
	}
	printf("%llu days, %llu states; %ld kB after an hour, %ld at the end\n",
	    (unsigned long long)days, (unsigned long long)states, early,
	    memory());
	if (memory() > early + 1024)
		fail("all", __LINE__, "memory is flat");
	return EXIT_SUCCESS;
}
