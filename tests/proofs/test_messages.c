/* SPDX-License-Identifier: ISC */
/*
 * v5.c's and ipfix.c's contracts as a test: messages in buffers of any
 * length, made of any records, in any order.
 */
#include <stdlib.h>

#include <pflow/ipfix.h>
#include <pflow/v5.h>

#include "core/shapes.h"

#include "proofs/any.h"

#define MOST 2000

static int
any_record(struct pflow_record *rec, struct pflow_state *st)
{
	any_octets(st, sizeof(*st));
	st->key[0].af = (uint8_t)any_between(PFLOW_AF_IPV4 - 1,
	    PFLOW_AF_IPV6);
	st->key[1].af = st->key[0].af;
	return pflow_record_init(rec, st, (unsigned)any_between(0, 1),
	    any_u64()) == PFLOW_OK;
}

static void
prove_v5(uint8_t *buf, size_t cap)
{
	struct pflow_v5_header_values hdr;
	struct pflow_record rec;
	struct pflow_state st;
	struct pflow_v5_msg msg;
	size_t len;
	unsigned i;

	any_octets(&hdr, sizeof(hdr));
	if (pflow_v5_begin(&msg, buf, cap, any_u64()) != PFLOW_OK) {
		HOLDS(cap < 72);
		return;
	}
	for (i = 0; i < 40; i++) {
		uint16_t count = msg.count;

		if (!any_record(&rec, &st))
			continue;
		if (pflow_v5_add(&msg, &rec) == PFLOW_OK)
			count++;
		HOLDS(msg.count == count);
		HOLDS(24u + msg.count * 48u <= msg.cap && msg.cap <= cap);
	}
	if (pflow_v5_end(&msg, &hdr, &len) == PFLOW_OK)
		HOLDS(len == 24u + msg.count * 48u && msg.count <= 30);
	else
		HOLDS(msg.count == 0);
}

static void
prove_ipfix(uint8_t *buf, size_t cap)
{
	struct pflow_record rec;
	struct pflow_state st;
	struct pflow_ipfix_msg msg;
	uint32_t records;
	size_t len;
	unsigned i;

	if (pflow_ipfix_begin(&msg, buf, cap) != PFLOW_OK) {
		HOLDS(cap < 20);
		return;
	}
	if (any_between(0, 1) == 1)
		(void)pflow_ipfix_add_templates(&msg);
	for (i = 0; i < 40; i++) {
		size_t before = msg.len;

		if (!any_record(&rec, &st))
			continue;
		if (pflow_ipfix_add(&msg, &rec) != PFLOW_OK)
			HOLDS(msg.len == before);
		HOLDS(msg.len <= msg.cap && msg.cap <= cap);
	}
	if (pflow_ipfix_end(&msg, (uint32_t)any_u64(), (uint32_t)any_u64(),
	    (uint32_t)any_u64(), &len, &records) == PFLOW_OK)
		HOLDS(len <= cap && len == (size_t)(buf[2] << 8 | buf[3]));
}

void
prove(void)
{
	size_t cap = (size_t)any_between(0, MOST);
	uint8_t *buf = malloc(cap == 0 ? 1 : cap);

	HOLDS(buf != NULL);
	prove_v5(buf, cap);
	prove_ipfix(buf, cap);
	free(buf);
}
