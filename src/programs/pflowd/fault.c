/* SPDX-License-Identifier: ISC */
#include "programs/pflowd/fault.h"

#include <stdio.h>
#include <string.h>

#include "core/port.h"
#include "core/time.h"

bool
pflowd_fault_is_due(struct pflowd_fault *f, struct pflow_now now)
{
	if (now.mono_ns < f->look_ns)
		return false;
	f->look_ns = pflowi_time_add(now.mono_ns, PFLOWI_NS_PER_SEC);
	return true;
}

void
pflowd_fault_look(struct pflowd_fault *f, const char *text, uint64_t losses,
    struct pflow_now now)
{
	char cut[PFLOWD_FAULT_LEN];
	bool more = losses > f->losses;

	f->losses = losses;
	if (*text == '\0')
		return;
	(void)snprintf(cut, sizeof(cut), "%s", text);
	if (!more && strcmp(cut, f->text) == 0)
		return;
	memcpy(f->text, cut, sizeof(f->text));
	f->at_ns = now.wall_ns;
}

static bool
is_error(const struct pflow_counter *c)
{
	static const char *const ends[] = { "_failures", "_errors" };
	size_t len = strlen(c->name), i;

	if (c->kind == PFLOW_COUNTER_DROP ||
	    strncmp(c->name, "refused_", sizeof("refused_") - 1) == 0)
		return true;
	for (i = 0; i < PFLOWI_ARRAY_LEN(ends); i++)
		if (len > strlen(ends[i]) &&
		    strcmp(c->name + len - strlen(ends[i]), ends[i]) == 0)
			return true;
	return false;
}

void
pflowd_fault_add(void *arg, const struct pflow_counter *c)
{
	uint64_t *sum = arg;

	if (is_error(c))
		*sum += c->value;
}
