/* SPDX-License-Identifier: ISC */
/* What the files of the exporter share. */
#ifndef PFLOWI_EXPORTER_H
#define PFLOWI_EXPORTER_H

#include <pflow/exporter.h>

#include "exporter/slots.h"

/** Record shapes: indexes of pflow_exporter.open[]. */
enum pflowi_shape { PFLOWI_FLOW4, PFLOWI_FLOW6, PFLOWI_V5 = PFLOWI_FLOW4 };

PFLOWI_INLINE int
pflowi_is_v5(const struct pflow_exporter *ex)
{
	return ex->cfg.version == PFLOW_WIRE_V5_VERSION;
}

PFLOWI_INLINE int
pflowi_is_datagram(const struct pflow_exporter *ex)
{
	return ex->cfg.nature == PFLOW_TRANSPORT_DATAGRAM;
}

PFLOWI_INLINE int
pflowi_is_open(const struct pflowi_open_message *m)
{
	return m->deadline_ns != PFLOW_NEVER;
}

/** Octets of one record of a shape. */
PFLOWI_INLINE uint32_t
pflowi_record_len(const struct pflow_exporter *ex, unsigned shape)
{
	if (pflowi_is_v5(ex))
		return PFLOWI_V5_LEN;
	return shape == PFLOWI_FLOW4 ? PFLOWI_FLOW4_LEN : PFLOWI_FLOW6_LEN;
}

/** Octets in front of the first record of a message. */
PFLOWI_INLINE uint32_t
pflowi_head_len(const struct pflow_exporter *ex)
{
	return pflowi_is_v5(ex) ? PFLOWI_V5_HEADER_LEN
				: PFLOWI_IPFIX_HEADER_LEN +
		PFLOWI_SET_HEADER_LEN;
}

/** Records that a fresh message of a shape holds. */
uint32_t pflowi_capacity(const struct pflow_exporter *ex, unsigned shape);

/** Begin a message; a slot must be free. */
void pflowi_open_begin(struct pflow_exporter *ex, unsigned shape,
    struct pflow_now now);

/** Seal an open message: headers, sequence, queue. Templates that are due go
 *  in front of it. */
void pflowi_open_seal(struct pflow_exporter *ex, unsigned shape,
    struct pflow_now now);

/** Recompute the earliest deadline. */
void pflowi_update_due(struct pflow_exporter *ex);

/** Queue a template message now, at the end or in front; not if one waits. */
void pflowi_emit_templates(struct pflow_exporter *ex, struct pflow_now now,
    int front);

#endif /* PFLOWI_EXPORTER_H */
