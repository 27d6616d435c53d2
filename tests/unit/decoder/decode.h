/* SPDX-License-Identifier: ISC */
/* What the suites of the decoder share: vectors, a message maker, a sink. */
#ifndef PFLOW_TEST_DECODE_H
#define PFLOW_TEST_DECODE_H

#include <check.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pflow/decoder.h>

/** Keeps the first states of what was given out. */
struct sink {
	struct pflow_state st[64];
	struct pflow_decoded_header hdr[64];
	unsigned count;
	unsigned others;	/* records that are no flows */
	unsigned other_fields;	/* their values */
	struct pflow_decoded_field field[64];
	int stop_at;		/* say 77 to this record, from 1; 0: never */
};

static inline int
sink_state(void *arg, const struct pflow_state *st,
    const struct pflow_decoded_header *hdr)
{
	struct sink *s = arg;

	if (s->count < 64) {
		s->st[s->count] = *st;
		s->hdr[s->count] = *hdr;
	}
	s->count++;
	return (int)s->count == s->stop_at ? 77 : 0;
}

static inline int
sink_other(void *arg, const struct pflow_decoded_header *hdr)
{
	struct sink *s = arg;
	struct pflow_decoded_cursor at = { 0, 0 };
	struct pflow_decoded_field f;

	s->others++;
	while (pflow_decoded_field_next(&hdr->record, &at, &f) == PFLOW_OK)
		if (s->other_fields < 64)
			s->field[s->other_fields++] = f;
	return (int)s->others == s->stop_at ? 77 : 0;
}

/** Octets of tests/vectors/NAME.hex in memory of just their size. */
static inline uint8_t *
vector(const char *name, size_t *len)
{
	char path[512], line[256];
	uint8_t *buf = malloc(4096);
	FILE *f;

	snprintf(path, sizeof(path), "%s/vectors/%s.hex", PFLOW_TEST_DIR, name);
	f = fopen(path, "r");
	ck_assert_msg(f != NULL, "no %s", path);
	ck_assert_ptr_nonnull(buf);
	*len = 0;
	while (fgets(line, sizeof(line), f) != NULL) {
		unsigned v;
		char *p;

		for (p = line; line[0] != '#' && isxdigit((unsigned char)*p);
		    p += 2) {
			ck_assert_int_eq(sscanf(p, "%2x", &v), 1);
			buf[(*len)++] = (uint8_t)v;
		}
	}
	fclose(f);
	return realloc(buf, *len);
}

/** A message that is being made. */
struct maker {
	uint8_t buf[65536];
	size_t len;
	size_t set; /* of the open set, 0: none */
};

static inline void
put(struct maker *m, unsigned octets, uint64_t v)
{
	while (octets > 0) {
		octets--;
		ck_assert_uint_lt(m->len, sizeof(m->buf));
		m->buf[m->len++] = (uint8_t)(v >> (8 * octets));
	}
}

/** Octets as hex; blanks mean nothing. */
static inline void
put_hex(struct maker *m, const char *hex)
{
	unsigned v;

	for (; *hex != '\0'; hex++) {
		if (*hex == ' ')
			continue;
		ck_assert_int_eq(sscanf(hex, "%2x", &v), 1);
		put(m, 1, v);
		hex++;
	}
}

/** RFC 7011, 3.1; Export Time 1700000000, domain 7. */
static inline void
ipfix(struct maker *m, uint32_t sequence)
{
	memset(m, 0, sizeof(*m));
	put(m, 2, 10);
	put(m, 2, 0);
	put(m, 4, 1700000000);
	put(m, 4, sequence);
	put(m, 4, 7);
}

/** RFC 3954, 5.1; SysUptime 1000000, source id 7. */
static inline void
v9(struct maker *m, uint32_t sequence)
{
	memset(m, 0, sizeof(*m));
	put(m, 2, 9);
	put(m, 2, 1);
	put(m, 4, 1000000);
	put(m, 4, 1700000000);
	put(m, 4, sequence);
	put(m, 4, 7);
}

static inline void
end_set(struct maker *m)
{
	if (m->set == 0)
		return;
	m->buf[m->set + 2] = (uint8_t)((m->len - m->set) >> 8);
	m->buf[m->set + 3] = (uint8_t)(m->len - m->set);
	m->set = 0;
}

static inline void
set(struct maker *m, uint16_t id)
{
	end_set(m);
	m->set = m->len;
	put(m, 2, id);
	put(m, 2, 0);
}

/** A whole set. */
static inline void
put_set(struct maker *m, uint16_t id, const char *hex)
{
	set(m, id);
	put_hex(m, hex);
	end_set(m);
}

/** Decode len octets from memory of just that size. */
static inline int
decode_octets(struct pflow_decoder *dec, const uint8_t *buf, size_t len,
    struct sink *s)
{
	uint8_t *copy = malloc(len == 0 ? 1 : len);
	int rc;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, buf, len);
	rc = pflow_decoder_message(dec, copy, len, sink_state, s);
	free(copy);
	return rc;
}

/** Fill the lengths in and decode. */
static inline int
decode(struct pflow_decoder *dec, struct maker *m, struct sink *s)
{
	end_set(m);
	if (m->buf[1] == 10) {
		m->buf[2] = (uint8_t)(m->len >> 8);
		m->buf[3] = (uint8_t)m->len;
	}
	return decode_octets(dec, m->buf, m->len, s);
}

static inline int
decode_vector(struct pflow_decoder *dec, const char *name, struct sink *s)
{
	size_t len;
	uint8_t *buf = vector(name, &len);
	int rc = pflow_decoder_message(dec, buf, len, sink_state, s);

	free(buf);
	return rc;
}

/** pflow(4)'s template 256 as a Template Record. */
#define FLOW4_TEMPLATE                                                         \
	"0100000c 00080004 000c0004 000a0004 000e0004 00020008 00010008"       \
	"00980008 00990008 00070002 000b0002 00050001 00040001"

/** A Data Record of it: 192.0.2.1:49152 > 198.51.100.2:443 TCP, 10/1500. */
#define FLOW4_RECORD                                                           \
	"c0000201 c6336402 00000001 00000002 000000000000000a"                 \
	"00000000000005dc 0000018bcfe55478 0000018bcfe56418 c000 01bb 00 06"

#endif /* PFLOW_TEST_DECODE_H */
