/* SPDX-License-Identifier: ISC */
#include <pflow/ipfix.h>

#include "encoder/field.h"
#include "encoder/message.h"

#define PUT_SPECIFIER(element, octets)                                         \
	pflowi_w_u16(w, element);                                              \
	pflowi_w_u16(w, octets);

void
pflowi_w_template_set(struct pflowi_writer *w)
{
	size_t start = w->len, len_at;

	pflowi_w_u16(w, PFLOW_WIRE_SET_TEMPLATE);
	len_at = pflowi_w_hole16(w);
	pflowi_w_u16(w, PFLOW_WIRE_TEMPLATE_FLOW4);
	pflowi_w_u16(w, PFLOWI_SHAPE_FIELDS(PFLOWI_SHAPE_FLOW4));
	PFLOWI_SHAPE_FLOW4(PUT_SPECIFIER)
	pflowi_w_u16(w, PFLOW_WIRE_TEMPLATE_FLOW6);
	pflowi_w_u16(w, PFLOWI_SHAPE_FIELDS(PFLOWI_SHAPE_FLOW6));
	PFLOWI_SHAPE_FLOW6(PUT_SPECIFIER)
	pflowi_w_fill16(w, len_at, w->len - start);
}

int
pflow_ipfix_begin(struct pflow_ipfix_msg *msg, void *buf, size_t len)
{
	if (len < PFLOWI_IPFIX_HEADER_LEN + PFLOWI_SET_HEADER_LEN)
		return PFLOW_ERR_NOSPACE;
	msg->buf = buf;
	msg->cap = len < UINT16_MAX ? len : UINT16_MAX;
	msg->len = PFLOWI_IPFIX_HEADER_LEN;
	msg->set_at = 0;
	msg->set_id = 0;
	msg->reserved = 0;
	msg->records = 0;
	return PFLOW_OK;
}

static struct pflowi_writer
writer_at_end(const struct pflow_ipfix_msg *msg)
{
	struct pflowi_writer w;

	pflowi_w_init(&w, msg->buf, msg->cap);
	w.len = msg->len;
	return w;
}

int
pflow_ipfix_add_templates(struct pflow_ipfix_msg *msg)
{
	struct pflowi_writer w = writer_at_end(msg);

	if (msg->records != 0)
		return PFLOW_ERR_INVALID;
	if (PFLOWI_TEMPLATE_SET_LEN > w.cap - w.len)
		return PFLOW_ERR_NOSPACE;
	pflowi_w_template_set(&w);
	msg->len = w.len;
	return w.status;
}

/** Write the length of the open set now that it is known. */
static void
close_set(struct pflow_ipfix_msg *msg)
{
	if (msg->set_at != 0)
		pflowi_put_be16(msg->buf + msg->set_at + 2,
		    (uint16_t)(msg->len - msg->set_at));
}

int
pflow_ipfix_add(struct pflow_ipfix_msg *msg, const struct pflow_record *rec)
{
	struct pflowi_writer w = writer_at_end(msg);
	int ipv4 = rec->af == PFLOW_AF_IPV4;
	uint16_t id = ipv4 ? PFLOW_WIRE_TEMPLATE_FLOW4
			   : PFLOW_WIRE_TEMPLATE_FLOW6;
	size_t record_len = ipv4 ? PFLOWI_FLOW4_LEN : PFLOWI_FLOW6_LEN;
	int fresh = msg->set_at == 0 || msg->set_id != id;
	uint8_t *p;

	if (record_len + (fresh ? PFLOWI_SET_HEADER_LEN : 0) > w.cap - w.len)
		return PFLOW_ERR_NOSPACE;
	if (fresh) {
		close_set(msg);
		msg->set_at = w.len;
		msg->set_id = id;
		pflowi_w_u16(&w, id);
		(void)pflowi_w_hole16(&w);
	}
	p = pflowi_w_take(&w, record_len);
	if (ipv4)
		pflowi_put_flow4(p, rec);
	else
		pflowi_put_flow6(p, rec);
	msg->len = w.len;
	msg->records++;
	return w.status;
}

int
pflow_ipfix_end(struct pflow_ipfix_msg *msg, uint32_t export_secs,
    uint32_t sequence, uint32_t domain_id, size_t *len, uint32_t *records)
{
	struct pflowi_writer w;

	if (msg->len == PFLOWI_IPFIX_HEADER_LEN)
		return PFLOW_ERR_INVALID;
	close_set(msg);
	pflowi_w_init(&w, msg->buf, msg->cap);
	pflowi_w_ipfix_header(&w, msg->len, export_secs, sequence, domain_id);
	*len = msg->len;
	if (records != NULL)
		*records = msg->records;
	return w.status;
}
