/* SPDX-License-Identifier: ISC */
/*
 * A flow table under any traffic: settings, then a list of steps. What goes in
 * is counted a second time, by conversation and direction; every state that
 * comes out is taken off. At the end nothing may be left, on either side.
 */
#include <string.h>

#include "fuzz/fuzz.h"
#include "sources/flow_entry.h"

#define SEC UINT64_C(1000000000)
#define HOSTS 8u
#define PORTS 4u
#define VLANS 2u

/** By source, destination, their ports, VLAN: packets and octets. */
struct sum {
	uint64_t packets, octets;
};
static struct sum sums[HOSTS][HOSTS][PORTS][PORTS][VLANS];

struct run {
	struct pflowi_flow_table *ft;
	uint64_t active_ns;
	uint64_t time_ns;
	uint64_t before_ns; /**< no packet was earlier */
};

static struct sum *
sum_of(const uint8_t src[16], const uint8_t dst[16], unsigned sport,
    unsigned dport, unsigned vlan)
{
	FUZZ_CHECK(src[3] < HOSTS && dst[3] < HOSTS);
	FUZZ_CHECK(sport < PORTS && dport < PORTS && vlan < VLANS);
	return &sums[src[3]][dst[3]][sport][dport][vlan];
}

static void
take_off(struct run *run, const struct pflow_state *st)
{
	const struct pflow_key *k = &st->key[PFLOW_WIRE];
	unsigned dir;

	FUZZ_CHECK(st->packets[0] + st->packets[1] != 0);
	FUZZ_CHECK(st->start_ns <= st->last_ns);
	FUZZ_CHECK(st->start_ns >= run->before_ns);
	FUZZ_CHECK(st->last_ns <= run->ft->latest_ns);
	if (run->active_ns != 0)
		FUZZ_CHECK(st->last_ns - st->start_ns < run->active_ns);
	FUZZ_CHECK(st->end_reason >= PFLOW_END_IDLE &&
	    st->end_reason <= PFLOW_END_RESOURCES);
	FUZZ_CHECK(memcmp(k, &st->key[PFLOW_STACK], sizeof(*k)) == 0);
	for (dir = 0; dir < 2; dir++) {
		struct sum *sum = sum_of(k->addr[dir], k->addr[!dir],
		    k->port[dir], k->port[!dir], st->vlan);

		FUZZ_CHECK(sum->packets >= st->packets[dir]);
		FUZZ_CHECK(sum->octets >= st->octets[dir]);
		FUZZ_CHECK((st->packets[dir] == 0) == (st->octets[dir] == 0));
		sum->packets -= st->packets[dir];
		sum->octets -= st->octets[dir];
	}
}

/** Take some of what waits, at least one. */
static void
take(struct run *run, size_t most)
{
	size_t count, i;
	const struct pflow_state *st =
	    pflowi_flow_table_ready(run->ft, &count);

	if (count > most)
		count = most;
	for (i = 0; i < count; i++)
		take_off(run, &st[i]);
	pflowi_flow_table_taken(run->ft, count);
}

static void
make_packet(struct fuzz_input *in, struct run *run, struct pflowi_packet *pk)
{
	static const uint8_t protocols[] = { 6, 6, 17, 47 };
	uint8_t hosts = fuzz_u8(in), ports = fuzz_u8(in), what = fuzz_u8(in);
	unsigned protocol = (what >> 1) & 3;

	memset(pk, 0, sizeof(*pk));
	pk->af = what & 8 ? PFLOW_AF_IPV6 : PFLOW_AF_IPV4;
	pk->addr[0][3] = hosts & 7;
	pk->addr[1][3] = hosts >> 4 & 7;
	pk->vlan = what & 1 ? PFLOWI_VLAN_PRESENT | 1 : 0;
	pk->protocol = protocols[protocol];
	pk->octets = 40u + what;
	pk->time_ns = run->time_ns;
	if (protocol == 3)
		return;
	pk->port[0] = ports & 3;
	pk->port[1] = ports >> 2 & 3;
	pk->facts = PFLOWI_HAS_PORTS;
	if (pk->protocol == 6) {
		pk->tcp_flags = ports >> 4;
		if (what & 16)
			pk->tcp_flags |= PFLOWI_TCP_ACK;
	}
}

static void
add(struct fuzz_input *in, struct run *run, unsigned count)
{
	struct pflowi_packet pk[40];
	size_t done = 0, i;

	for (i = 0; i < count; i++) {
		struct sum *sum;

		make_packet(in, run, &pk[i]);
		run->time_ns += (uint64_t)fuzz_u8(in) << 22;
		sum = sum_of(pk[i].addr[0], pk[i].addr[1], pk[i].port[0],
		    pk[i].port[1], pk[i].vlan != 0);
		sum->packets++;
		sum->octets += pk[i].octets;
	}
	for (;;) {
		done += pflowi_flow_table_add(run->ft, pk + done,
		    count - done);
		if (done == count)
			break;
		take(run, 1 + done % 7);
	}
}

/** Time passes, forwards or backwards. */
static void
step_time(struct fuzz_input *in, struct run *run)
{
	uint64_t by = fuzz_uint(in, 2) << (fuzz_u8(in) & 31);

	if (by & 1)
		run->time_ns += by;
	else
		run->time_ns -= by < run->time_ns ? by : run->time_ns;
	if (run->time_ns < run->before_ns)
		run->before_ns = run->time_ns;
}

static void
step(struct fuzz_input *in, struct run *run)
{
	uint8_t what = fuzz_u8(in);

	switch (what & 7) {
	case 0:
		step_time(in, run);
		break;
	case 1:
		while (!pflowi_flow_table_advance(run->ft, run->time_ns))
			take(run, 5);
		break;
	case 2:
		take(run, what);
		break;
	case 3:
		FUZZ_CHECK(pflowi_flow_table_due(run->ft) == PFLOW_NEVER ||
		    run->ft->live != 0 || run->ft->out_tail != 0);
		break;
	default:
		add(in, run, 1 + what % 40u);
		break;
	}
	FUZZ_CHECK(run->ft->live <= run->ft->max);
}

static void
check_empty(const struct run *run)
{
	static const struct sum none;
	const struct sum *sum = &sums[0][0][0][0][0];
	size_t i;

	FUZZ_CHECK(run->ft->live == 0);
	FUZZ_CHECK(pflowi_flow_table_due(run->ft) == PFLOW_NEVER);
	for (i = 0; i < sizeof(sums) / sizeof(*sum); i++)
		FUZZ_CHECK(memcmp(&sum[i], &none, sizeof(none)) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct pflowi_flow_config cfg = { .seed = { 1, 2 } };
	struct run run = { .before_ns = 100000 * SEC };

	run.ft = malloc(sizeof(*run.ft));
	if (run.ft == NULL)
		abort();
	cfg.active_ns = fuzz_u8(&in) * SEC;
	cfg.idle_ns = fuzz_u8(&in) * SEC;
	cfg.memory_limit = sizeof(*run.ft) + 130u * (70u + fuzz_u8(&in));
	FUZZ_CHECK(pflowi_flow_table_init(run.ft, &cfg) == PFLOW_OK);
	run.active_ns = cfg.active_ns;
	run.time_ns = run.before_ns;
	memset(sums, 0, sizeof(sums));
	while (in.left != 0)
		step(&in, &run);
	while (!pflowi_flow_table_flush(run.ft))
		take(&run, 3);
	take(&run, SIZE_MAX);
	check_empty(&run);
	pflowi_flow_table_fini(run.ft);
	free(run.ft);
	return 0;
}
