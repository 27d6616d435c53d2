/* SPDX-License-Identifier: ISC */
/*
 * ctnetlink datagrams, and what is remembered between them.
 *
 * Input: settings (1: reports, 2: label=5, 4: nat-events), then pieces of
 * OP LENGTH16 OCTETS: a datagram of events (0), a datagram of a dump (1), a
 * dump begins (2: OCTETS say which), a dump ends (3).  Time goes on by a
 * second with every piece.
 */
#include <string.h>

#include "fuzz/fuzz.h"
#include "sources/conntrack_track.h"

#define NS_PER_SEC UINT64_C(1000000000)
#define WALL (UINT64_C(1700000000) * NS_PER_SEC)

static void
check_state(const struct pflowi_ct_flow *f, const struct pflow_state *st)
{
	unsigned d;

	FUZZ_CHECK(st->start_ns <= st->last_ns);
	FUZZ_CHECK(((st->flags & PFLOW_STATE_TRANSLATED) != 0) ==
	    (memcmp(&st->key[0], &st->key[1], sizeof(st->key[0])) != 0));
	for (d = 0; d < 2; d++) {
		FUZZ_CHECK(st->key[d].af == PFLOW_AF_IPV4 ||
		    st->key[d].af == PFLOW_AF_IPV6);
		FUZZ_CHECK(st->packets[d] <= f->st.packets[d]);
		FUZZ_CHECK(st->octets[d] <= f->st.octets[d]);
	}
}

static void
take_datagram(struct pflowi_ct_tracker *tr, const uint8_t *data, size_t len,
    struct pflow_now now, int of_dump)
{
	struct pflowi_nl_msg msg;
	size_t pos = 0;

	while (pflowi_nl_next(data, len, &pos, &msg) == PFLOW_OK) {
		struct pflowi_ct_flow flow;
		struct pflow_state out;
		int error = pflowi_nl_errno(&msg);

		FUZZ_CHECK(pos <= len);
		FUZZ_CHECK(msg.data + msg.len <= data + len);
		FUZZ_CHECK(error >= 0 && error <= 4095);
		if (pflowi_ct_decode(&msg, &flow) != PFLOW_OK)
			continue;
		(void)pflowi_ct_label(&flow, 127);
		if (of_dump ? pflowi_ct_on_entry(tr, &flow, now, &out)
			    : pflowi_ct_on_event(tr, &flow, now, &out))
			check_state(&flow, &out);
	}
	FUZZ_CHECK(pos <= len);
}

static void
set_up(struct pflowi_ct_tracker *tr, uint8_t settings)
{
	static const uint64_t seed[2] = { 1, 2 };
	unsigned i;

	memset(tr, 0, sizeof(*tr));
	tr->recent = calloc(1, sizeof(*tr->recent));
	FUZZ_CHECK(tr->recent != NULL);
	tr->active_ns = settings & 1 ? 4 * NS_PER_SEC : 0;
	tr->set.by_label = (settings & 2) != 0;
	tr->set.label = 5;
	tr->set.nat_events = (settings & 4) != 0;
	tr->since_ns = WALL;
	for (i = 0; i < PFLOWI_CT_T_COUNT; i++)
		tr->timeouts.s[i] = 30 + i;
	pflowi_ct_table_init(&tr->table, 1 << 17, seed);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct pflow_now now = { NS_PER_SEC, WALL };
	struct pflowi_ct_tracker tr;

	set_up(&tr, fuzz_u8(&in));
	while (in.left > 0) {
		uint8_t op = fuzz_u8(&in);
		size_t len = (size_t)fuzz_uint(&in, 2);

		if (len > in.left)
			len = in.left;
		now.mono_ns += NS_PER_SEC;
		now.wall_ns += NS_PER_SEC;
		switch (op & 3) {
		case 0:
			take_datagram(&tr, in.data, len, now, 0);
			break;
		case 1:
			take_datagram(&tr, in.data, len, now, 1);
			break;
		case 2:
			pflowi_ct_dump_begin(&tr, len == 0
				? PFLOWI_CT_DUMP_REPORT
				: (enum pflowi_ct_dump)(1 + in.data[0] % 3));
			break;
		default:
			pflowi_ct_dump_end(&tr, len == 0);
			break;
		}
		in.data += len;
		in.left -= len;
	}
	FUZZ_CHECK(tr.table.used <= tr.table.capacity);
	pflowi_ct_table_fini(&tr.table);
	free(tr.recent);
	return 0;
}
