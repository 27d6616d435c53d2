/* SPDX-License-Identifier: ISC */
/* What an exporter has sent, decoded again. */
#ifndef PFLOW_TEST_GOT_H
#define PFLOW_TEST_GOT_H

#include "rig.h"

struct got {
	struct pflow_state st[256];
	struct pflow_decoded_header hdr[256];
	size_t n;
	struct pflow_decoder_stats stats;
};

static inline int
take(void *arg, const struct pflow_state *st,
    const struct pflow_decoded_header *hdr)
{
	struct got *got = arg;

	ck_assert_uint_lt(got->n, 256);
	got->st[got->n] = *st;
	got->hdr[got->n++] = *hdr;
	return 0;
}

/** Everything that is pending, decoded. */
static inline void
decode_all(const struct rig *rig, struct got *got)
{
	static uint8_t store[8192];
	struct pflow_decoder dec;
	size_t i, n = rig_pending(rig);

	memset(got, 0, sizeof(*got));
	pflow_decoder_init(&dec, store, sizeof(store));
	for (i = 0; i < n; i++) {
		struct pflow_message m = rig_message(rig, i);

		ck_assert_int_eq(pflow_decoder_message(&dec, m.data, m.len,
		    take, got), PFLOW_OK);
	}
	got->stats = dec.stats;
	ck_assert_uint_eq(dec.stats.malformed_sets, 0);
	ck_assert_uint_eq(dec.stats.malformed_templates, 0);
	ck_assert_uint_eq(dec.stats.unknown_template_sets, 0);
	ck_assert_uint_eq(dec.stats.sequence_gaps, 0);
}

static inline void
finish(struct rig *rig, struct got *got)
{
	pflow_exporter_flush(&rig->ex, rig_now(rig));
	decode_all(rig, got);
	rig_check_sums(rig);
}

static inline void
rig_free(struct rig *rig)
{
	pflow_exporter_ack(&rig->ex, 999);
	rig_stop(rig);
}

static inline void
use_list(struct rig *rig, const char *name)
{
	rig->cfg.fields = pflow_template_named(name, &rig->cfg.field_count);
	ck_assert_ptr_nonnull(rig->cfg.fields);
}

#endif /* PFLOW_TEST_GOT_H */
