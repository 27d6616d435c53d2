/* SPDX-License-Identifier: ISC */
/* One message on its way through the decoder. */
#ifndef PFLOWI_DECODER_INTERNAL_H
#define PFLOWI_DECODER_INTERNAL_H

#include <pflow/decoder.h>
#include <pflow/wire.h>

#include "core/port.h"
#include "core/reader.h"

#define PFLOWI_V9_VERSION 9
#define PFLOWI_V9_HEADER_LEN 20u

/** What makes uptimes absolute. */
struct pflowi_boot {
	uint64_t now_ms;    /**< wall clock at ... */
	uint32_t uptime_ms; /**< ... this uptime, modulo 2^32 */
	uint8_t known;
};

/** Valid: fn and dec are not NULL, hdr is that of the message. */
struct pflowi_message {
	struct pflow_decoder *dec;
	pflow_decoded_fn *fn;
	void *arg;
	struct pflow_decoded_header hdr;
	uint32_t data_records; /**< seen so far, those of options included */
	uint8_t uncounted;     /**< 1: there were more, nobody knows how many */
	uint8_t late;	       /**< 1: its sequence is behind its successors' */
	uint8_t accepted;      /**< 1: its header is sound */
	uint8_t withdrawn_all; /**< bit N: all templates of Set ID N, already */
	uint8_t checked;       /**< records looked at for a checksum */
	struct pflowi_boot boot;
	const uint8_t *octets; /**< all that was offered */
};

int pflowi_v5_message(struct pflowi_message *m, struct pflowi_reader *r);
int pflowi_v9_message(struct pflowi_message *m, struct pflowi_reader *r);
int pflowi_ipfix_message(struct pflowi_message *m, struct pflowi_reader *r);

/** The sets of a message, v9's and IPFIX's. @return 0, or what fn said */
int pflowi_sets(struct pflowi_message *m, struct pflowi_reader *r);

/** The Data Records of one set. @return 0, or what fn said */
int pflowi_data_set(struct pflowi_message *m, struct pflowi_reader *set,
    uint16_t id);

/** Compare the checksum that an options record may carry. */
void pflowi_checksum_check(struct pflowi_message *m);

/** Template Records of one set; options: of an Options Template Set. */
void pflowi_template_set(struct pflowi_message *m, struct pflowi_reader *set,
    unsigned options);

/** Accept a message: compare its sequence number with what was expected. */
void pflowi_sequence_check(struct pflowi_message *m);

/**
 * Say what the next message of the domain must carry.
 *
 * @param units  what this message adds: records; v9: 1
 * @param sure   0: what it adds is not known, the next number is taken as is
 */
void pflowi_sequence_advance(struct pflowi_message *m, uint32_t units,
    unsigned sure);

/** Count, and give out if somebody wants them. @return 0, or what fn said */
PFLOWI_INLINE int
pflowi_give(struct pflowi_message *m, const struct pflow_state *st)
{
	m->dec->stats.records++;
	return m->fn(m->arg, st, &m->hdr);
}

PFLOWI_INLINE int
pflowi_give_other(struct pflowi_message *m)
{
	if (m->dec->other == NULL)
		return PFLOW_OK;
	return m->dec->other(m->arg, &m->hdr);
}

#endif /* PFLOWI_DECODER_INTERNAL_H */
