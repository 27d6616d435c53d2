/* SPDX-License-Identifier: ISC */
/* Message checksums, with a digest that is easy to know: a sum. */
#include "rig.h"

Suite *suite_checksum(void);

/** Every octet of all parts, added up where it stands. */
static void
sum_digest(void *arg, const struct pflow_octets *parts, size_t count,
    uint8_t digest[PFLOW_DIGEST_LEN])
{
	size_t i, j, at = 0;

	++*(unsigned *)arg;
	memset(digest, 0, PFLOW_DIGEST_LEN);
	for (i = 0; i < count; i++) {
		for (j = 0; j < parts[i].len; j++, at++)
			digest[at % PFLOW_DIGEST_LEN] = (uint8_t)(
			    digest[at % PFLOW_DIGEST_LEN] + parts[i].data[j]);
	}
}

static unsigned digests;

static int
ignore(void *arg, const struct pflow_state *st,
    const struct pflow_decoded_header *hdr)
{
	(void)st;
	(void)hdr;
	++*(unsigned *)arg;
	return 0;
}

static void
begin(struct rig *rig, enum pflow_transport_nature nature)
{
	rig_config(rig, 10);
	rig->cfg.nature = nature;
	rig->cfg.digest_fn = sum_digest;
	rig->cfg.digest_arg = &digests;
	rig->cfg.nat_events = 1;
	rig->cfg.options = 1;
	rig_start(rig, 8);
}

/** Decode what waits; every message must have a right checksum. */
static struct pflow_decoder_stats
decode(const struct rig *rig, unsigned *flows)
{
	static uint8_t store[8192];
	struct pflow_decoder dec;
	size_t i, n = rig_pending(rig);

	*flows = 0;
	pflow_decoder_init(&dec, store, sizeof(store));
	pflow_decoder_set_digest(&dec, sum_digest, &digests);
	for (i = 0; i < n; i++) {
		struct pflow_message m = rig_message(rig, i);

		ck_assert_int_eq(pflow_decoder_message(&dec, m.data, m.len,
		    ignore, flows), PFLOW_OK);
		ck_assert_uint_eq(dec.stats.checksums_right, i + 1);
	}
	ck_assert_uint_eq(dec.stats.checksums_wrong, 0);
	ck_assert_uint_eq(dec.stats.sequence_gaps, 0);
	ck_assert_uint_eq(dec.stats.malformed_sets, 0);
	ck_assert_uint_eq(dec.stats.unknown_template_sets, 0);
	return dec.stats;
}

START_TEST(test_every_message_carries_its_checksum_as_a_record)
{
	struct rig rig;
	struct pflow_state st, st6;
	unsigned flows, i;

	begin(&rig, PFLOW_TRANSPORT_FILE);
	test_state4(&st);
	test_state6(&st6);
	for (i = 0; i < 20; i++) {
		rig_feed(&rig, &st);
		rig_feed(&rig, &st6);
	}
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	rig_check_messages(&rig);
	rig_check_sums(&rig);
	(void)decode(&rig, &flows);
	ck_assert_uint_eq(flows, 60);
	for (i = 0; i < rig_pending(&rig); i++)
		ck_assert_uint_le(rig_message(&rig, i).len,
		    1500 - PFLOW_OVERHEAD_UDP_IPV4);
	/* A new session numbers the messages anew: other octets. */
	pflow_exporter_session_restart(&rig.ex, rig_now(&rig));
	(void)decode(&rig, &flows);
	ck_assert_uint_eq(flows, 60);
	rig_check_sums(&rig);
	rig_stop(&rig);
}
END_TEST

START_TEST(test_checksum_that_is_wrong_is_counted_once_a_message)
{
	static uint8_t store[8192];
	struct pflow_decoder dec;
	struct pflow_message m;
	struct pflow_state st;
	uint8_t copy[1500];
	struct rig rig;
	unsigned flows = 0;
	size_t i;

	begin(&rig, PFLOW_TRANSPORT_FILE);
	test_state4(&st);
	rig_feed(&rig, &st);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	pflow_decoder_init(&dec, store, sizeof(store));
	for (i = 0; i < 2; i++) {
		m = rig_message(&rig, i);
		/* Without a digest nothing is compared. */
		pflow_decoder_set_digest(&dec, i == 0 ? NULL : sum_digest,
		    &digests);
		memcpy(copy, m.data, m.len);
		if (i == 1)
			copy[30] ^= 1;
		ck_assert_int_eq(pflow_decoder_message(&dec, copy, m.len,
		    ignore, &flows), PFLOW_OK);
	}
	ck_assert_uint_eq(dec.stats.checksums_right, 0);
	ck_assert_uint_eq(dec.stats.checksums_wrong, 1);
	rig_stop(&rig);
}
END_TEST

START_TEST(test_checksums_are_compared_in_linear_time)
{
	static uint8_t store[8192], message[65535];
	struct pflow_decoder dec;
	struct pflow_message m;
	struct pflow_state st;
	struct rig rig;
	unsigned flows = 0;
	size_t len, set_len;

	begin(&rig, PFLOW_TRANSPORT_FILE);
	test_state4(&st);
	rig_feed(&rig, &st);
	pflow_exporter_flush(&rig.ex, rig_now(&rig));
	pflow_decoder_init(&dec, store, sizeof(store));
	m = rig_message(&rig, 0);
	(void)pflow_decoder_message(&dec, m.data, m.len, ignore, &flows);
	/* A message of nothing but checksums. */
	memset(message, 0, sizeof(message));
	memcpy(message, m.data, 16);
	set_len = 4 + (sizeof(message) - 20) / 17 * 17;
	len = 16 + set_len;
	message[2] = (uint8_t)(len >> 8);
	message[3] = (uint8_t)len;
	message[16] = 277 >> 8;
	message[17] = 277 & 0xff;
	message[18] = (uint8_t)(set_len >> 8);
	message[19] = (uint8_t)set_len;
	digests = 0;
	pflow_decoder_set_digest(&dec, sum_digest, &digests);
	ck_assert_int_eq(pflow_decoder_message(&dec, message, len, ignore,
	    &flows), PFLOW_OK);
	ck_assert_uint_eq(digests, 1);
	ck_assert_uint_eq(dec.stats.checksums_wrong, 1);
	rig_stop(&rig);
}
END_TEST

START_TEST(test_only_ipfix_has_checksums)
{
	struct pflow_exporter_config cfg;
	static uint8_t block[16384];
	const struct pflow_now now = { 1, 1 };
	struct pflow_exporter ex;

	pflow_exporter_config_init(&cfg);
	cfg.digest_fn = sum_digest;
	cfg.digest_arg = &digests;
	cfg.version = 5;
	ck_assert_int_eq(pflow_exporter_init(&ex, &cfg, block, sizeof(block),
	    now), PFLOW_ERR_UNSUPPORTED);
	cfg.version = 9;
	ck_assert_int_eq(pflow_exporter_init(&ex, &cfg, block, sizeof(block),
	    now), PFLOW_ERR_UNSUPPORTED);
	cfg.version = 10;
	ck_assert_int_eq(pflow_exporter_init(&ex, &cfg, block, sizeof(block),
	    now), PFLOW_OK);
	/* The shortest message holds the checksum, too. */
	cfg.mtu = 100;
	ck_assert_int_eq(pflow_exporter_init(&ex, &cfg, block, sizeof(block),
	    now), PFLOW_ERR_RANGE);
}
END_TEST

Suite *
suite_checksum(void)
{
	Suite *s = suite_create("checksum");
	TCase *tc = tcase_create("checksum");

	tcase_add_test(tc, test_every_message_carries_its_checksum_as_a_record);
	tcase_add_test(tc,
	    test_checksum_that_is_wrong_is_counted_once_a_message);
	tcase_add_test(tc, test_checksums_are_compared_in_linear_time);
	tcase_add_test(tc, test_only_ipfix_has_checksums);
	suite_add_tcase(s, tc);
	return s;
}
