/* SPDX-License-Identifier: ISC */
#include "transport/pace.h"

static uint64_t
burst(const struct pflowi_pace *p)
{
	uint64_t n = p->rate / PFLOWI_PACE_SLICE;

	if (n < PFLOWI_PACE_BURST)
		n = PFLOWI_PACE_BURST;
	return n < p->rate ? n : p->rate;
}

void
pflowi_pace_init(struct pflowi_pace *p, uint32_t rate)
{
	p->rate = rate;
	p->credit = burst(p) * PFLOWI_NS_PER_SEC;
	p->at_ns = 0;
}

/** What has come in since; the bucket holds no more than a burst. */
static void
fill(struct pflowi_pace *p, struct pflow_now now)
{
	uint64_t full = burst(p) * PFLOWI_NS_PER_SEC;
	uint64_t passed = pflowi_time_sub(now.mono_ns, p->at_ns);

	p->at_ns = now.mono_ns;
	if (passed >= (full - p->credit) / p->rate + 1)
		p->credit = full;
	else
		p->credit += passed * p->rate;
}

size_t
pflowi_pace_allow(struct pflowi_pace *p, size_t count, struct pflow_now now)
{
	uint64_t n;

	if (p->rate == 0)
		return count;
	fill(p, now);
	n = p->credit / PFLOWI_NS_PER_SEC;
	return n < count ? (size_t)n : count;
}

void
pflowi_pace_take(struct pflowi_pace *p, size_t count)
{
	if (p->rate != 0)
		p->credit = pflowi_time_sub(
		    p->credit, (uint64_t)count * PFLOWI_NS_PER_SEC);
}

uint64_t
pflowi_pace_due(const struct pflowi_pace *p)
{
	if (p->rate == 0 || p->credit >= PFLOWI_NS_PER_SEC)
		return 0;
	return pflowi_time_add(
	    p->at_ns, (PFLOWI_NS_PER_SEC - p->credit + p->rate - 1) / p->rate);
}
