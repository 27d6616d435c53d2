/* SPDX-License-Identifier: ISC */
#include "encoder/program.h"

PFLOW_STATIC_ASSERT(sizeof(struct pflowi_block) <= UINT8_MAX,
    "places in a block have one octet");

/** Elements that are in a block, in these octets: P(element, octets, place).
 *  IPv4 addresses stand side by side in the first one's place. */
#define PLACES(P)                                                              \
	P(8, 4, SRC, 0)                                                        \
	P(12, 4, SRC, 4)                                                       \
	P(27, 16, SRC, 0)                                                      \
	P(28, 16, DST, 0)                                                      \
	P(7, 2, SRC_PORT, 0)                                                   \
	P(11, 2, DST_PORT, 0)                                                  \
	P(180, 2, SRC_PORT, 0)                                                 \
	P(181, 2, DST_PORT, 0)                                                 \
	P(182, 2, SRC_PORT, 0)                                                 \
	P(183, 2, DST_PORT, 0)                                                 \
	P(4, 1, PROTOCOL, 0)                                                   \
	P(60, 1, VERSION, 0)                                                   \
	P(6, 1, FLAGS, 0)                                                      \
	P(6, 2, FLAGS_WIDE, 0)                                                 \
	P(5, 1, TOS, 0)                                                        \
	P(136, 1, END_REASON, 0)                                               \
	P(152, 8, START, 0)                                                    \
	P(153, 8, END, 0)                                                      \
	P(1, 8, OCTETS, 0)                                                     \
	P(2, 8, PACKETS, 0)                                                    \
	P(10, 4, IN, 0)                                                        \
	P(14, 4, OUT, 0)                                                       \
	P(61, 1, DIRECTION, 0)                                                 \
	P(58, 2, VLAN, 0)                                                      \
	P(243, 2, VLAN, 0)                                                     \
	P(148, 8, FLOW_ID, 0)                                                  \
	P(32, 2, ICMP, 0)                                                      \
	P(139, 2, ICMP, 0)                                                     \
	P(22, 4, START_UPTIME, 0)                                              \
	P(21, 4, END_UPTIME, 0)                                                \
	P(225, 4, POST_SRC, 0)                                                 \
	P(226, 4, POST_SRC, 4)                                                 \
	P(281, 16, POST_SRC, 0)                                                \
	P(282, 16, POST_DST, 0)                                                \
	P(227, 2, POST_SRC_PORT, 0)                                            \
	P(228, 2, POST_DST_PORT, 0)

struct place {
	uint16_t element;
	uint8_t octets;
	uint8_t from;
};

#define PLACE(element, octets, member, at)                                     \
	{ element, octets, offsetof(struct pflowi_block, member) + (at) },
static const struct place places[] = { PLACES(PLACE) };
#undef PLACE

/** Octets behind which nothing comes but translations. */
#define POST offsetof(struct pflowi_block, POST_SRC)

static const struct place *
find_place(const struct pflow_field *field)
{
	size_t i;

	for (i = 0; i < PFLOWI_ARRAY_LEN(places) && field->enterprise == 0;
	    i++) {
		if (places[i].element == field->element &&
		    places[i].octets == field->length)
			return &places[i];
	}
	return NULL;
}

/** One field more: longer by it, or a copy more. */
static int
add_move(struct pflowi_program *g, const struct place *place, uint32_t to,
    unsigned *open)
{
	const struct pflowi_move *last =
	    &g->move[g->moves > 0 ? g->moves - 1u : 0];

	if (*open > 0 && last->from + *open == place->from &&
	    last->to + *open == to &&
	    *open + place->octets <= PFLOWI_MOVE_LEN) {
		*open += place->octets;
		return PFLOW_OK;
	}
	if (g->moves == PFLOWI_PROGRAM_MOVES)
		return PFLOW_ERR_UNSUPPORTED;
	g->move[g->moves].from = place->from;
	g->move[g->moves].to = (uint16_t)to;
	g->moves++;
	*open = place->octets;
	g->post |= place->from >= POST;
	return PFLOW_OK;
}

int
pflowi_program_compile(struct pflowi_program *g, const struct pflowi_op *ops,
    const struct pflow_field *fields, uint64_t mask)
{
	uint32_t to = 0;
	unsigned open = 0;
	int rc = PFLOW_OK;

	memset(g, 0, sizeof(*g));
	for (; mask != 0 && rc == PFLOW_OK; mask &= mask - 1) {
		unsigned i = PFLOWI_LOWEST_BIT(mask);
		const struct place *place = find_place(&fields[i]);

		if (fields[i].length == PFLOW_WIRE_VARIABLE_LENGTH ||
		    to > UINT16_MAX)
			return PFLOW_ERR_UNSUPPORTED;
		if (place != NULL) {
			rc = add_move(g, place, to, &open);
		} else if (g->lates == PFLOWI_PROGRAM_LATES) {
			rc = PFLOW_ERR_UNSUPPORTED;
		} else {
			g->late[g->lates].op = (uint8_t)i;
			g->late[g->lates++].to = (uint16_t)to;
			open = 0;
		}
		to += ops[i].octets;
	}
	return rc;
}

void
pflowi_program_late(const struct pflowi_program *g, uint8_t *record,
    const struct pflowi_op *ops, const struct pflow_field *fields,
    const struct pflowi_values *v, pflow_value_fn *fn, void *arg)
{
	unsigned i;

	for (i = 0; i < g->lates; i++)
		(void)pflowi_put_planned(record + g->late[i].to, ops, fields,
		    UINT64_C(1) << g->late[i].op, v, fn, arg);
}
