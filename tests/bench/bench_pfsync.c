/* SPDX-License-Identifier: ISC */
/*
 * pfsync captures and saved state tables, from file to sealed messages: full
 * states per CPU second, and octets of memory for each state that is followed.
 *
 *	bench_pfsync [STATES]		1,000,000 unless told otherwise
 *	bench_pfsync -c KIND STATES	one run without a clock, for counting
 *					instructions; KIND: as in the table
 */
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <pflow/sources.h>

#include "bench.h"
#include "gen/gen.h"

#define SLOTS 64u
#define RUNS 5
#define PER_PACKET 5u /* what fits the usual MTU */
#define LIVING 50000u /* states alive at a time, where they end */
#define CREATOR 0xa1b2c3d4u

/* Actions of version 6. */
#define DEL_C 7
#define INS 13
#define UPD 14

enum shape { ANNOUNCED, ENDED, UPDATED, TABLE, TABLES };

static const struct kind {
	const char *name;
	const char *help;
	enum shape shape;
	unsigned full; /* full states for each state */
} kinds[] = {
	{ "announced", "pfsync: inserted, all alive at the end", ANNOUNCED, 1 },
	{ "ended", "pfsync: inserted, deleted 50,000 states later", ENDED, 1 },
	{ "updated", "pfsync: inserted, all updated in bulk", UPDATED, 2 },
	{ "table", "pf: one saved table", TABLE, 1 },
	{ "tables", "pf: two saved tables, the same states", TABLES, 2 },
};

struct output {
	FILE *f;
	struct gen_buf packet, frame;
	uint64_t ns;
};

static void
put(struct output *o, struct gen_buf *b)
{
	if (fwrite(b->p, 1, b->len, o->f) != b->len) {
		perror("bench_pfsync");
		exit(1);
	}
	b->len = 0;
}

/** The i-th state: half of them translated, a tenth of them IPv6. */
static void
put_state(struct gen_buf *b, uint32_t i, uint64_t octets)
{
	char src[40], nat[40];
	struct gen_state st = {
		.id = UINT64_C(0x6000000000000000) + i,
		.creatorid = CREATOR,
		.ifname = "em0",
		.direction = i % 4 == 3 ? GEN_OUT : GEN_IN,
		.proto = i % 3 == 0 ? 17 : 6,
		.src = { src, (uint16_t)(1024 + i % 60000) },
		.dst = { i % 10 == 9 ? "2001:db8::53" : "198.51.100.7", 443 },
		.age = i % 3600,
		.expire = i % 3 == 0 ? 60 : 86400,
		.packets = { octets / 60, octets / 50 },
		.bytes = { octets, octets * 20 },
		.rule = 7,
		.anchor = GEN_NONE,
		.timeout = i % 3 == 0 ? 8 : 2,
		.flags = GEN_PFLOW,
	};

	snprintf(src, sizeof(src), i % 10 == 9 ? "2001:db8::%x:%x"
					       : "10.%u.%u.9",
	    i >> 8 & 255, i & 255);
	if (i % 10 != 9 && i % 2 == 0) {
		snprintf(nat, sizeof(nat), "203.0.113.%u", i % 250);
		st.nat_src.addr = nat;
		st.nat_src.port = (uint16_t)(50000 + i % 10000);
	}
	gen_state(b, GEN_OPENBSD, &st);
}

static void
put_packet(struct output *o)
{
	gen_packet_end(&o->packet);
	gen_pcap_frame(&o->frame, o->ns, &o->packet);
	put(o, &o->frame);
	o->packet.len = 0;
	o->ns += 100000;
}

static void
put_full(struct output *o, int action, uint32_t first, uint32_t count)
{
	uint32_t i;

	gen_packet_begin(&o->packet, 6);
	gen_section(&o->packet, action, 264, count);
	for (i = first; i < first + count; i++)
		put_state(&o->packet, i, action == INS ? 60 : 1000 + i % 1000);
	put_packet(o);
}

static void
put_ends(struct output *o, uint32_t first, uint32_t count)
{
	uint32_t i;

	gen_packet_begin(&o->packet, 6);
	gen_section(&o->packet, DEL_C, 12, count);
	for (i = first; i < first + count; i++)
		gen_del_c(&o->packet, 0, UINT64_C(0x6000000000000000) + i,
		    CREATOR);
	put_packet(o);
}

static void
put_stream(struct output *o, enum shape shape, uint32_t states)
{
	uint32_t i;

	gen_pcap_head(&o->frame, 246);
	put(o, &o->frame);
	for (i = 0; i < states; i += PER_PACKET) {
		put_full(o, INS, i, PER_PACKET);
		if (shape == ENDED && i >= LIVING)
			put_ends(o, i - LIVING, PER_PACKET);
	}
	for (i = 0; shape == UPDATED && i < states; i += PER_PACKET)
		put_full(o, UPD, i, PER_PACKET);
}

/** The input of a kind, as a file in `path`. */
static void
make_file(const struct kind *kind, uint32_t states, char *path)
{
	struct output o = { .ns = BENCH_WALL_NS };
	uint32_t i;
	int fd;

	strcpy(path, "/tmp/bench-pfsync-XXXXXX");
	fd = mkstemp(path);
	o.f = fd == -1 ? NULL : fdopen(fd, "wb");
	if (o.f == NULL) {
		perror(path);
		exit(1);
	}
	if (kind->shape < TABLE)
		put_stream(&o, kind->shape, states);
	for (i = 0; kind->shape >= TABLE && i < states; i++) {
		put_state(&o.packet, i, 1000 + i % 1000);
		put(&o, &o.packet);
	}
	if (fclose(o.f) != 0) {
		perror(path);
		exit(1);
	}
	gen_free(&o.packet);
	gen_free(&o.frame);
}

struct run {
	struct pflow_exporter ex;
	uint64_t given;
	size_t heap; /* most that was ever in use */
	bool measure;
};

static size_t
heap_in_use(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

static int
take(void *arg, const struct pflow_state *states, size_t count,
    struct pflow_now now, size_t *taken)
{
	struct run *r = arg;

	*taken = 0;
	while (*taken < count) {
		size_t n;

		(void)pflow_exporter_feed_many(&r->ex, states + *taken,
		    count - *taken, now, &n);
		*taken += n;
		pflow_exporter_ack(&r->ex, SLOTS);
	}
	if (r->given == 0 && r->measure)
		r->heap = heap_in_use();
	r->given += count;
	return PFLOW_OK;
}

static double
cpu_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

static void
check(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "bench_pfsync: %s\n", what);
	exit(1);
}

/** File to sealed messages; CPU seconds of it all. */
static double
run_once(const char *spec, struct run *r, uint32_t states)
{
	struct pflow_now now = { UINT64_C(1000000000000), BENCH_WALL_NS };
	struct pflow_exporter_config ecfg;
	struct pflow_source_config scfg;
	struct pflow_source *src;
	double t = cpu_seconds();
	char err[400];
	uint8_t *block;
	size_t len;
	int rc;

	pflow_exporter_config_init(&ecfg);
	ecfg.version = 10;
	len = pflow_exporter_block_size(&ecfg, SLOTS);
	block = malloc(len);
	check(block != NULL && pflow_exporter_init(&r->ex, &ecfg, block, len,
	    now) == PFLOW_OK, "exporter");
	pflow_source_config_init(&scfg);
	scfg.active_ns = 0;
	scfg.memory_limit = (size_t)4 << 30;
	r->given = 0;
	check(pflow_source_create(spec, &scfg, &src, err, sizeof(err)) ==
	    PFLOW_OK, err);
	rc = src->ops->open(src, now);
	while (rc == PFLOW_OK || rc == PFLOW_MORE)
		rc = src->ops->pump(src, now, 65536, take, r);
	check(rc == PFLOW_EOF, src->ops->error_text(src));
	check(r->given == states, "not every state was given once");
	src->ops->close(src);
	(void)pflow_exporter_flush(&r->ex, now);
	pflow_exporter_ack(&r->ex, SLOTS);
	free(block);
	return cpu_seconds() - t;
}

/** Octets a followed state, where all are followed before any is given. */
static double
octets_of(const char *spec, uint32_t states)
{
	struct run r = { .measure = true };
	size_t before = heap_in_use();

	(void)run_once(spec, &r, states);
	return (double)(r.heap - before) / states;
}

static void
bench(const struct kind *kind, uint32_t states)
{
	char path[64], spec[160], octets[32] = "-";
	double taken[RUNS];
	struct run r = { .measure = false };
	unsigned i;

	make_file(kind, states, path);
	if (kind->shape < TABLE)
		snprintf(spec, sizeof(spec), "pfsync:%s", path);
	else
		snprintf(spec, sizeof(spec), kind->shape == TABLE
		    ? "pf:%s" : "pf:%s,%s", path, path);
	for (i = 0; i < RUNS; i++)
		taken[i] = run_once(spec, &r, states);
	if (kind->shape != ENDED && kind->shape != TABLE)
		snprintf(octets, sizeof(octets), "%.0f",
		    octets_of(spec, states));
	printf("%-10s %-46s %8.2f M full states/CPU s %6s octets a state\n",
	    kind->name, kind->help,
	    (double)states * kind->full / bench_median(taken, RUNS) * 1e-6,
	    octets);
	fflush(stdout);
	unlink(path);
}

/** One run, and how many full states it reads. */
static int
count_one(const struct kind *kind, uint32_t states)
{
	struct run r = { .measure = false };
	char path[64], spec[80];

	make_file(kind, states, path);
	snprintf(spec, sizeof(spec), "%s:%s",
	    kind->shape < TABLE ? "pfsync" : "pf", path);
	(void)run_once(spec, &r, states);
	printf("%u\n", states * kind->full);
	unlink(path);
	return 0;
}

int
main(int argc, char **argv)
{
	bool count = argc == 4 && strcmp(argv[1], "-c") == 0;
	unsigned long states = 1000000;
	size_t i;

	if (argc == 2 || count)
		states = strtoul(argv[argc - 1], NULL, 10);
	states -= states % PER_PACKET;
	if (argc > 4 || states == 0 || states > 100000000)
		return 2;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!count)
			bench(&kinds[i], (uint32_t)states);
		else if (strcmp(kinds[i].name, argv[2]) == 0)
			return count_one(&kinds[i], (uint32_t)states);
	}
	return count ? 2 : 0;
}
