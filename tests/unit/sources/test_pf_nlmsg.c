/* SPDX-License-Identifier: ISC */
/* Netlink messages of FreeBSD, written and read without a socket. */
#include <check.h>
#include <string.h>

#include <pflow/status.h>

#include "sources/pf_nlmsg.h"

Suite *suite_pf_nlmsg(void);

static struct pflowi_pf_nlmsg nl;
static uint8_t request[PFLOWI_PF_NLMSG_MAX];

static void
begin(void)
{
	ck_assert_int_eq(pflowi_pf_nlmsg_init(&nl, 1 << 20), PFLOW_OK);
}

static uint32_t
get32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint16_t
get16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/** A message at the end of the datagram; `len` as its header says. */
static void
put(uint32_t len, uint16_t type, uint16_t flags, uint32_t sequence,
    const void *body, size_t body_len)
{
	uint8_t *p = nl.buf + nl.len;

	memset(p, 0, 16);
	memcpy(p, &len, 4);
	memcpy(p + 4, &type, 2);
	memcpy(p + 6, &flags, 2);
	memcpy(p + 8, &sequence, 4);
	memcpy(p + 16, body, body_len);
	nl.len += 16 + (body_len + 3) / 4 * 4;
}

START_TEST(test_requests_are_laid_out_as_netlink_wants_them)
{
	size_t len;

	begin();
	len = pflowi_pf_nlmsg_family(&nl, request);
	ck_assert_uint_eq(len, 32);
	ck_assert_uint_eq(get32(request), 32);
	ck_assert_uint_eq(get16(request + 4), 16); /* nlctrl */
	ck_assert_uint_eq(get16(request + 6), 0x5); /* request, ack */
	ck_assert_uint_eq(get32(request + 8), nl.sequence);
	ck_assert_uint_eq(request[16], 3); /* GETFAMILY */
	ck_assert_uint_eq(get16(request + 20), 10);
	ck_assert_uint_eq(get16(request + 22), 2); /* FAMILY_NAME */
	ck_assert_str_eq((const char *)request + 24, "pfctl");
	nl.family = 77;
	len = pflowi_pf_nlmsg_states(&nl, request);
	ck_assert_uint_eq(len, 20);
	ck_assert_uint_eq(get16(request + 4), 77);
	ck_assert_uint_eq(get16(request + 6), 0x305); /* and dump */
	ck_assert_uint_eq(request[16], 1); /* GETSTATES */
	pflowi_pf_nlmsg_fini(&nl);
}
END_TEST

START_TEST(test_every_request_has_a_sequence_of_its_own)
{
	uint32_t first;

	begin();
	(void)pflowi_pf_nlmsg_family(&nl, request);
	first = nl.sequence;
	(void)pflowi_pf_nlmsg_states(&nl, request);
	ck_assert_uint_ne(nl.sequence, first);
	pflowi_pf_nlmsg_fini(&nl);
}
END_TEST

START_TEST(test_the_family_is_taken_from_its_answer)
{
	/* generic header; name, then number 300 */
	uint8_t body[4 + 12 + 8] = { 1, 1, 0, 0 };
	struct pflowi_pf_nlpart part;
	uint16_t v;

	begin();
	(void)pflowi_pf_nlmsg_family(&nl, request);
	v = 10, memcpy(body + 4, &v, 2);
	v = 2, memcpy(body + 6, &v, 2);
	memcpy(body + 8, "pfctl", 6);
	v = 6, memcpy(body + 16, &v, 2);
	v = 1, memcpy(body + 18, &v, 2);
	v = 300, memcpy(body + 20, &v, 2);
	put(16 + sizeof(body), 16, 0, nl.sequence, body, sizeof(body));
	ck_assert_int_eq(pflowi_pf_nlmsg_next(&nl, &part), PFLOW_OK);
	pflowi_pf_nlmsg_family_of(&nl, &part);
	ck_assert_uint_eq(nl.family, 300);
	pflowi_pf_nlmsg_fini(&nl);
}
END_TEST

START_TEST(test_parts_come_until_done_and_strangers_are_passed_over)
{
	static const uint8_t body[12] = { 1, 1, 0, 0, 9, 9, 9, 9, 8, 8, 8, 8 };
	static const uint8_t zero[4];
	struct pflowi_pf_nlpart part;

	begin();
	(void)pflowi_pf_nlmsg_states(&nl, request);
	put(28, 77, 2, nl.sequence + 5, body, 12);
	put(28, 77, 2, nl.sequence, body, 12);
	put(20, 2, 0, nl.sequence, zero, 4); /* an ack does not end a dump */
	put(26, 77, 2, nl.sequence, body, 10);
	put(20, 3, 2, nl.sequence, zero, 4);
	ck_assert_int_eq(pflowi_pf_nlmsg_next(&nl, &part), PFLOW_OK);
	ck_assert_uint_eq(part.len, 8);
	ck_assert_uint_eq(part.p[0], 9);
	ck_assert_int_eq(pflowi_pf_nlmsg_next(&nl, &part), PFLOW_OK);
	ck_assert_uint_eq(part.len, 6);
	ck_assert_int_eq(pflowi_pf_nlmsg_next(&nl, &part), PFLOW_EOF);
	pflowi_pf_nlmsg_fini(&nl);
}
END_TEST

START_TEST(test_a_datagram_that_is_used_up_asks_for_the_next)
{
	static const uint8_t body[4] = { 1, 1 };
	struct pflowi_pf_nlpart part;

	begin();
	(void)pflowi_pf_nlmsg_states(&nl, request);
	ck_assert_int_eq(pflowi_pf_nlmsg_next(&nl, &part), PFLOW_ERR_AGAIN);
	put(20, 77, 2, nl.sequence, body, 4);
	ck_assert_int_eq(pflowi_pf_nlmsg_next(&nl, &part), PFLOW_OK);
	ck_assert_uint_eq(part.len, 0);
	ck_assert_int_eq(pflowi_pf_nlmsg_next(&nl, &part), PFLOW_ERR_AGAIN);
	pflowi_pf_nlmsg_fini(&nl);
}
END_TEST

START_TEST(test_errors_have_either_sign)
{
	static const int32_t errors[] = { 1, -1, INT32_MIN };
	static const int wanted[] = { 1, 1, INT32_MAX };
	struct pflowi_pf_nlpart part;
	size_t i;

	for (i = 0; i < 3; i++) {
		begin();
		(void)pflowi_pf_nlmsg_states(&nl, request);
		put(20, 2, 0, nl.sequence, &errors[i], 4);
		ck_assert_int_eq(pflowi_pf_nlmsg_next(&nl, &part),
		    PFLOW_ERR_SYSTEM);
		ck_assert_int_eq(nl.error, wanted[i]);
		pflowi_pf_nlmsg_fini(&nl);
	}
}
END_TEST

START_TEST(test_an_interrupted_dump_is_no_whole_table)
{
	static const uint8_t body[4] = { 1, 1 };
	struct pflowi_pf_nlpart part;

	begin();
	(void)pflowi_pf_nlmsg_states(&nl, request);
	put(20, 77, 0x12, nl.sequence, body, 4);
	ck_assert_int_eq(pflowi_pf_nlmsg_next(&nl, &part),
	    PFLOW_ERR_MALFORMED);
	pflowi_pf_nlmsg_fini(&nl);
}
END_TEST

/* Every length a header may claim, of a message that has 28 octets. */
START_TEST(test_lengths_that_do_not_fit_are_refused)
{
	static const uint8_t body[12] = { 1, 1 };
	struct pflowi_pf_nlpart part;
	uint32_t len;
	int rc;

	for (len = 0; len < 64; len++) {
		begin();
		(void)pflowi_pf_nlmsg_states(&nl, request);
		put(len, 77, 2, nl.sequence, body, 12);
		rc = pflowi_pf_nlmsg_next(&nl, &part);
		if (len < 20 || len > 28)
			ck_assert_int_eq(rc, PFLOW_ERR_MALFORMED);
		else
			ck_assert_int_eq(rc, PFLOW_OK);
		if (rc == PFLOW_OK)
			ck_assert_uint_eq(part.len, len - 20);
		pflowi_pf_nlmsg_fini(&nl);
	}
	begin();
	(void)pflowi_pf_nlmsg_states(&nl, request);
	put(UINT32_MAX, 77, 2, nl.sequence, body, 12);
	ck_assert_int_eq(pflowi_pf_nlmsg_next(&nl, &part),
	    PFLOW_ERR_MALFORMED);
	pflowi_pf_nlmsg_fini(&nl);
}
END_TEST

START_TEST(test_room_doubles_up_to_the_limit)
{
	size_t room;

	begin();
	room = nl.room;
	ck_assert_int_eq(pflowi_pf_nlmsg_grow(&nl), PFLOW_OK);
	ck_assert_uint_eq(nl.room, 2 * room);
	while (pflowi_pf_nlmsg_grow(&nl) == PFLOW_OK)
		ck_assert_uint_le(nl.room, 1 << 20);
	ck_assert_uint_eq(nl.room, 1 << 20);
	pflowi_pf_nlmsg_fini(&nl);
}
END_TEST

Suite *
suite_pf_nlmsg(void)
{
	Suite *s = suite_create("sources/pf_nlmsg");
	TCase *t = tcase_create("pf_nlmsg");

	tcase_add_test(t, test_requests_are_laid_out_as_netlink_wants_them);
	tcase_add_test(t, test_every_request_has_a_sequence_of_its_own);
	tcase_add_test(t, test_the_family_is_taken_from_its_answer);
	tcase_add_test(t,
	    test_parts_come_until_done_and_strangers_are_passed_over);
	tcase_add_test(t, test_a_datagram_that_is_used_up_asks_for_the_next);
	tcase_add_test(t, test_errors_have_either_sign);
	tcase_add_test(t, test_an_interrupted_dump_is_no_whole_table);
	tcase_add_test(t, test_lengths_that_do_not_fit_are_refused);
	tcase_add_test(t, test_room_doubles_up_to_the_limit);
	suite_add_tcase(s, t);
	return s;
}
