/* SPDX-License-Identifier: ISC */
#include "transport/tally.h"

#include <string.h>

static void
add(void *arg, const struct pflow_counter *c)
{
	struct pflowi_tally *tally = arg;
	size_t i;

	for (i = 0; i < tally->count; i++)
		if (strcmp(tally->counter[i].name, c->name) == 0) {
			tally->counter[i].value += c->value;
			return;
		}
	if (tally->count < PFLOWI_TALLY_MAX)
		tally->counter[tally->count++] = *c;
}

void
pflowi_tally_add(struct pflowi_tally *tally, const struct pflow_transport *t)
{
	if (t->ops->counters != NULL)
		t->ops->counters(t, add, tally);
}

void
pflowi_tally_tell(
    const struct pflowi_tally *tally, pflow_counter_fn *fn, void *arg)
{
	size_t i;

	for (i = 0; i < tally->count; i++)
		fn(arg, &tally->counter[i]);
}
