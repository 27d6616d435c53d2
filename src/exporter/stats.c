/* SPDX-License-Identifier: ISC */
/* The exporter's statistics by name. */
#include "exporter/exporter.h"

/** One description of each counter: C(member, kind, "help"). */
#define COUNTERS(C)                                                            \
	C(states, INFO, "states fed")                                          \
	C(states_exported, INFO, "states that gave records")                   \
	C(records, INFO, "data records made")                                  \
	C(records_sent, INFO, "data records handed to the transport")          \
	C(records_waiting, GAUGE, "data records not yet handed over")          \
	C(packets, INFO, "packets in the records made")                        \
	C(octets, INFO, "octets in the records made")                          \
	C(messages, INFO, "messages sealed")                                   \
	C(message_octets, INFO, "octets of the messages sealed")               \
	C(template_messages, INFO, "of these, template messages")              \
	C(messages_sent, INFO, "messages handed to the transport")             \
	C(refused, INFO, "feeds answered: no room")                            \
	C(times_clamped, INFO, "states whose times were clamped")              \
	C(splits, INFO, "extra v5 records for counters over 32 bits")          \
	C(nat_events, INFO, "of the records, NAT session events")              \
	C(options_records, INFO, "of the records, options")

static void
tell(pflow_counter_fn *fn, void *arg, const char *name, const char *help,
    uint64_t value, enum pflow_counter_kind kind)
{
	struct pflow_counter c;

	c.name = name;
	c.help = help;
	c.value = value;
	c.kind = kind;
	fn(arg, &c);
}

const struct pflow_exporter_stats *
pflow_exporter_stats(const struct pflow_exporter *ex)
{
	return &ex->stats;
}

void
pflow_exporter_counters(const struct pflow_exporter *ex, pflow_counter_fn *fn,
    void *arg)
{
	const struct pflow_exporter_stats *s = &ex->stats;

#define TELL(member, kind, help)                                               \
	tell(fn, arg, #member, help, s->member, PFLOW_COUNTER_##kind);
	COUNTERS(TELL)
#undef TELL
#define TELL_DROP(reason, help)                                                \
	tell(fn, arg,                                                          \
	    PFLOW_DROP_##reason == PFLOW_DROP_discarded                        \
		? "dropped_" #reason "_records"                                \
		: "dropped_" #reason "_states",                                \
	    help, s->drops[PFLOW_DROP_##reason].count, PFLOW_COUNTER_DROP);    \
	tell(fn, arg, "dropped_" #reason "_packets", help,                     \
	    s->drops[PFLOW_DROP_##reason].packets, PFLOW_COUNTER_DROP);        \
	tell(fn, arg, "dropped_" #reason "_octets", help,                      \
	    s->drops[PFLOW_DROP_##reason].octets, PFLOW_COUNTER_DROP);
	PFLOW_DROP_LIST(TELL_DROP)
#undef TELL_DROP
}
