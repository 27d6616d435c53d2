/* SPDX-License-Identifier: ISC */
#include "spool_rig.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipfix_maker.h"

struct collector collector;
struct sink *inner;
struct pflow_transport *spool;
struct pflow_spool_config cfg;
struct pflow_now now;
char dir[64], err[256];
uint64_t fed;
uint32_t life_sequence;
uint32_t seed;

static struct sink *
sink(struct pflow_transport *t)
{
	return (struct sink *)t;
}

/** The collector reads one message. */
static void
collect(const uint8_t *msg, uint32_t len)
{
	uint32_t sequence = pflowi_get_be32(msg + 8), n, i;
	uint64_t first;

	ck_assert(pflowi_ipfix_is_message(msg, len));
	if (collector.begun)
		ck_assert_uint_ge(sequence, collector.expected);
	collector.begun = true;
	if (pflowi_get_be16(msg + 16) == 2) {
		collector.knows = true;
		collector.width = pflowi_get_be16(msg + 26);
		collector.expected = sequence;
		return;
	}
	ck_assert_msg(collector.knows, "data before its template");
	n = (pflowi_get_be16(msg + 18) - 4u) / collector.width;
	collector.expected = sequence + n;
	first = pflowi_get_be64(msg + 20);
	/* The tests number records as they are to be sequenced. */
	ck_assert_uint_eq((uint32_t)first, sequence);
	for (i = 0; i < n && collector.width == 8; i++)
		if (pflowi_get_be64(msg + 20 + 8 * i) != first + i)
			ck_abort_msg("record %u of message %u", i, sequence);
	if (first + n <= collector.next) {
		collector.repeated++;
		return;
	}
	ck_assert_uint_ge(first, collector.next);
	collector.gaps += first - collector.next;
	collector.next = first + n;
}

void
drop_front(struct sink *k, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		free(k->flight[i].data);
	k->flying -= n;
	memmove(&k->flight[0], &k->flight[n], k->flying * sizeof(k->flight[0]));
}

/** The collector's system acknowledges n, as far as its buffer goes. */
void
acknowledge(struct sink *k, size_t n)
{
	for (; n > 0 && k->acked < k->flying; n--) {
		size_t len = k->flight[k->acked].len;

		if (k->acked_octets + len > cfg.replay_octets)
			return;
		k->acked_octets += len;
		k->acked++;
		k->confirmed++;
	}
}

void
read_messages(struct sink *k, size_t n)
{
	size_t i;

	if (n > k->acked)
		n = k->acked;
	for (i = 0; i < n; i++) {
		collect(k->flight[i].data, k->flight[i].len);
		k->acked_octets -= k->flight[i].len;
	}
	k->acked -= n;
	drop_front(k, n);
}

void
break_session(struct sink *k, bool in_order)
{
	if (in_order)
		read_messages(k, k->acked);
	k->acked = k->acked_octets = 0;
	drop_front(k, k->flying);
	k->in_order = in_order;
	k->up = k->told = false;
}

static int
k_open(struct pflow_transport *t, struct pflow_now at)
{
	(void)t;
	(void)at;
	return PFLOW_OK;
}

static int
k_service(struct pflow_transport *t, struct pflow_now at)
{
	struct sink *k = sink(t);

	(void)at;
	if (k->back && !k->up) {
		k->back = false;
		k->up = true;
		k->confirmed = 0;
		t->generation++;
		collector.sessions++;
		collector.knows = collector.begun = false;
	}
	return k->up ? PFLOW_OK : PFLOW_ERR_AGAIN;
}

static int
k_send(struct pflow_transport *t, const struct pflow_message *msgs,
    size_t count, size_t *sent, struct pflow_now at)
{
	struct sink *k = sink(t);

	(void)at;
	*sent = 0;
	if (!k->up) {
		int rc = k->told ? PFLOW_ERR_AGAIN : PFLOW_ERR_CLOSED;

		k->told = true;
		return rc;
	}
	while (*sent < count && k->room > 0 && k->flying < FLIGHT_MAX) {
		k->flight[k->flying].data = malloc(msgs[*sent].len);
		memcpy(k->flight[k->flying].data, msgs[*sent].data,
		    msgs[*sent].len);
		k->flight[k->flying++].len = msgs[*sent].len;
		++*sent;
		k->room--;
	}
	return *sent == count ? PFLOW_OK : PFLOW_ERR_AGAIN;
}

static void
k_want(const struct pflow_transport *t, struct pflow_want *out)
{
	(void)t;
	out->fd = -1;
	out->events = 0;
	out->deadline_ns = PFLOW_NEVER;
}

static const char *
k_error_text(const struct pflow_transport *t)
{
	(void)t;
	return "";
}

static void
k_close(struct pflow_transport *t)
{
	/* What the process wrote goes on to the system, if that lives. */
	acknowledge(sink(t), FLIGHT_MAX);
	read_messages(sink(t), FLIGHT_MAX);
	drop_front(sink(t), sink(t)->flying);
	free(t);
}

static void
k_progress(struct pflow_transport *t, struct pflow_progress *out)
{
	out->confirmed = sink(t)->confirmed;
	out->in_order = sink(t)->in_order;
	out->down = !sink(t)->up;
}

/** As the contract says: a session begins in service(). */
void
bring_up(struct sink *k)
{
	k->back = true;
}

static void
k_restart(struct pflow_transport *t, struct pflow_now at)
{
	(void)at;
	sink(t)->restarts++;
	acknowledge(sink(t), FLIGHT_MAX);
	break_session(sink(t), true);
}

static struct sink *
sink_new(void)
{
	struct sink *k = calloc(1, sizeof(*k));

	ck_assert_ptr_nonnull(k);
	k->ops = (struct pflow_transport_ops){.name = "sink",
	    .nature = PFLOW_TRANSPORT_STREAM,
	    .open = k_open,
	    .send = k_send,
	    .service = k_service,
	    .want = k_want,
	    .error_text = k_error_text,
	    .close = k_close,
	    .progress = k_progress,
	    .restart = k_restart};
	k->base.ops = &k->ops;
	k->room = SIZE_MAX;
	return k;
}

void
setup(void)
{
	now.mono_ns = 1000 * SEC;
	now.wall_ns = 1700000000 * SEC;
	strcpy(dir, "/tmp/pflow-unit-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	memset(&collector, 0, sizeof(collector));
	fed = 0;
	spool = NULL;
	pflow_spool_config_init(&cfg);
	cfg.dir = dir;
	cfg.max_octets = 1 << 20;
	cfg.segment_octets = 8192;
	cfg.replay_octets = 4096;
}

void
clean(void)
{
	struct dirent *entry;
	char path[512];
	DIR *d = opendir(dir);

	while (d != NULL && (entry = readdir(d)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		(void)unlink(path);
	}
	if (d != NULL)
		closedir(d);
	(void)rmdir(dir);
}

void
teardown(void)
{
	if (spool != NULL)
		spool->ops->close(spool);
	clean();
}

/** A process begins: a spool on dir, an exporter that counts from 0. */
int
start(void)
{
	int rc;

	inner = sink_new();
	ck_assert_msg(pflow_spool_create(&cfg, &inner->base, &spool, err,
			  sizeof(err)) == PFLOW_OK,
	    "%s", err);
	rc = spool->ops->open(spool, now);
	life_sequence = 0;
	return rc;
}

int
feed(const uint8_t *msg, size_t len, uint32_t records)
{
	struct pflow_message m = {msg, (uint32_t)len, records};
	size_t sent = 9;
	int rc = spool->ops->send(spool, &m, 1, &sent, now);

	ck_assert_uint_eq(sent, rc == PFLOW_OK ? 1 : 0);
	return rc;
}

uint32_t
secs(void)
{
	return (uint32_t)(now.wall_ns / SEC);
}

void
feed_template(void)
{
	uint8_t msg[64];

	ck_assert_int_eq(
	    feed(msg, maker_template(msg, secs(), life_sequence, 8), 0),
	    PFLOW_OK);
}

void
feed_data(uint32_t records)
{
	static uint8_t msg[65535];

	ck_assert_int_eq(
	    feed(msg, maker_data(msg, secs(), life_sequence, fed, records),
		records),
	    PFLOW_OK);
	life_sequence += records;
	fed += records;
}

/** Go on until everything has arrived. */
void
drain(void)
{
	struct pflow_spool_backlog backlog;
	int turns;

	for (turns = 0; turns < 100000; turns++) {
		if (!inner->up)
			bring_up(inner);
		inner->room = SIZE_MAX;
		now.mono_ns += SEC / 10;
		ck_assert_int_eq(spool->ops->service(spool, now), PFLOW_OK);
		acknowledge(inner, FLIGHT_MAX);
		read_messages(inner, FLIGHT_MAX);
		pflow_spool_backlog(spool, &backlog);
		if (backlog.empty)
			return;
	}
	ck_abort_msg(
	    "%llu octets are left", (unsigned long long)backlog.octets);
}

uint32_t
chance(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}
