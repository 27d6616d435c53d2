/* SPDX-License-Identifier: ISC */
#include "programs/common/about.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/time.h"

void
pflowi_about_fini(struct pflowi_about *a)
{
	free(a->names);
	free(a->interfaces);
	memset(a, 0, sizeof(*a));
}

void
pflowi_about_begin(struct pflowi_about *a, struct pflow_now now)
{
	a->count = 0;
	a->ignored_packets = 0;
	a->ignored_octets = 0;
	a->due_ns = pflowi_time_add(now.mono_ns, PFLOWI_ABOUT_NS);
}

static bool
make_room(struct pflowi_about *a)
{
	size_t room = a->room == 0 ? 16 : 2 * a->room;
	struct pflowi_about_name *names;
	struct pflow_interface *interfaces;

	if (a->count < a->room)
		return true;
	names = realloc(a->names, room * sizeof(*names));
	if (names == NULL)
		return false;
	a->names = names;
	interfaces = realloc(a->interfaces, room * sizeof(*interfaces));
	if (interfaces == NULL)
		return false;
	a->interfaces = interfaces;
	a->room = room;
	return true;
}

/** Sources of one machine tell the same interfaces: the first counts. */
static void
take_name(void *arg, uint32_t index, const char *name)
{
	struct pflowi_about *a = arg;
	size_t at = a->count;

	while (at > 0 && a->names[at - 1].index > index)
		at--;
	if ((at > 0 && a->names[at - 1].index == index) || !make_room(a))
		return;
	memmove(&a->names[at + 1], &a->names[at],
	    (a->count - at) * sizeof(a->names[0]));
	a->names[at].index = index;
	(void)snprintf(a->names[at].text, sizeof(a->names[at].text), "%s",
	    name);
	a->count++;
}

static bool
ends_in(const char *name, const char *end)
{
	size_t len = strlen(name), end_len = strlen(end);

	return len > end_len && strcmp(name + len - end_len, end) == 0;
}

/** ignoredPacketTotalCount (164) is of IP packets. */
static void
take_counter(void *arg, const struct pflow_counter *c)
{
	struct pflowi_about *a = arg;

	if (c->kind != PFLOW_COUNTER_DROP ||
	    strncmp(c->name, "not_ip_", 7) == 0)
		return;
	if (ends_in(c->name, "_packets"))
		a->ignored_packets += c->value;
	else if (ends_in(c->name, "_octets"))
		a->ignored_octets += c->value;
}

void
pflowi_about_source(struct pflowi_about *a, const struct pflow_source *src)
{
	if (src->ops->interfaces != NULL)
		src->ops->interfaces(src, take_name, a);
	if (src->ops->counters != NULL)
		src->ops->counters(src, take_counter, a);
}

void
pflowi_about_end(struct pflowi_about *a)
{
	size_t i;

	for (i = 0; i < a->count; i++) {
		a->interfaces[i].index = a->names[i].index;
		a->interfaces[i].name = a->names[i].text;
	}
}
