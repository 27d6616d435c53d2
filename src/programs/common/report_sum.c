/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "programs/common/report.h"

/** Points in time do not add up: the latest is told. */
static bool
is_time(const char *name)
{
	static const char end[] = "_seconds";
	size_t len = strlen(name);

	return len >= sizeof(end) &&
	    strcmp(name + len - (sizeof(end) - 1), end) == 0;
}

void
pflowi_sum_add(void *arg, const struct pflow_counter *c)
{
	struct pflowi_sum *sum = arg;
	size_t i;

	for (i = 0; i < sum->count; i++) {
		struct pflow_counter *to = &sum->counter[i];

		if (strcmp(to->name, c->name) != 0)
			continue;
		if (!is_time(c->name))
			to->value += c->value;
		else if (c->value > to->value)
			to->value = c->value;
		return;
	}
	if (sum->count < PFLOWI_SUM_MAX)
		sum->counter[sum->count++] = *c;
}

void
pflowi_sum_tell(const struct pflowi_sum *sum, pflow_counter_fn *fn, void *arg)
{
	size_t i;

	for (i = 0; i < sum->count; i++)
		fn(arg, &sum->counter[i]);
}
