/* SPDX-License-Identifier: ISC */
#include <pflow/v5.h>

#include "encoder/field.h"
#include "encoder/message.h"

#define V5_MAX_LEN                                                             \
	(PFLOWI_V5_HEADER_LEN + PFLOW_WIRE_V5_MAX_RECORDS * PFLOWI_V5_LEN)

int
pflow_v5_begin(struct pflow_v5_msg *msg, void *buf, size_t len,
    uint64_t boot_ms)
{
	if (len < PFLOWI_V5_HEADER_LEN + PFLOWI_V5_LEN)
		return PFLOW_ERR_NOSPACE;
	msg->buf = buf;
	msg->cap = len < V5_MAX_LEN ? len : V5_MAX_LEN;
	msg->boot_ms = boot_ms;
	msg->count = 0;
	return PFLOW_OK;
}

int
pflow_v5_add(struct pflow_v5_msg *msg, const struct pflow_record *rec)
{
	struct pflow_record bounded;
	struct pflowi_writer w;
	uint8_t *p;

	if (rec->af != PFLOW_AF_IPV4)
		return PFLOW_ERR_UNSUPPORTED;
	if (rec->packets > UINT32_MAX || rec->octets > UINT32_MAX)
		return PFLOW_ERR_RANGE;
	pflowi_w_init(&w, msg->buf, msg->cap);
	w.len = PFLOWI_V5_HEADER_LEN + msg->count * PFLOWI_V5_LEN;
	p = pflowi_w_take(&w, PFLOWI_V5_LEN);
	if (p == NULL)
		return PFLOW_ERR_NOSPACE;
	bounded = *rec;
	(void)pflowi_v5_bound_duration(&bounded);
	pflowi_put_v5(p, &bounded, msg->boot_ms);
	msg->count++;
	return PFLOW_OK;
}

int
pflow_v5_end(struct pflow_v5_msg *msg,
    const struct pflow_v5_header_values *hdr, size_t *len)
{
	struct pflowi_writer w;

	if (msg->count == 0)
		return PFLOW_ERR_INVALID;
	pflowi_w_init(&w, msg->buf, msg->cap);
	pflowi_w_v5_header(&w, msg->count, msg->boot_ms, hdr);
	*len = PFLOWI_V5_HEADER_LEN + msg->count * PFLOWI_V5_LEN;
	return w.status;
}

static uint64_t
parts_of(uint64_t whole)
{
	return whole / UINT32_MAX + (whole % UINT32_MAX != 0);
}

uint64_t
pflow_v5_split_count(uint64_t packets, uint64_t octets)
{
	uint64_t p = parts_of(packets), o = parts_of(octets);

	if (p == 0 && o == 0)
		return 1;
	return p > o ? p : o;
}

/** Part `index` of `whole` in `count` parts that differ by at most one. */
static uint32_t
even_part(uint64_t whole, uint64_t count, uint64_t index)
{
	return (uint32_t)(whole / count + (index < whole % count));
}

void
pflow_v5_split(uint64_t packets, uint64_t octets, uint64_t index,
    uint32_t *part_packets, uint32_t *part_octets)
{
	uint64_t count = pflow_v5_split_count(packets, octets);

	*part_packets = even_part(packets, count, index);
	*part_octets = even_part(octets, count, index);
}
