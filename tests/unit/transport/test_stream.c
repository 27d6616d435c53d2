/* SPDX-License-Identifier: ISC */
#include "transport/stream.h"

#include <check.h>

Suite *suite_stream(void);

static const uint8_t octets[16] = {0, 1, 2, 3, 4, 5, 6, 7};
static const struct pflow_message msgs[3] = {
    {octets, 4, 1}, {octets + 4, 6, 1}, {octets, 2, 1}};

START_TEST(test_stream_iov_begins_inside_the_head_message)
{
	struct iovec iov[PFLOWI_STREAM_IOV];

	ck_assert_int_eq(pflowi_stream_iov(msgs, 3, 3, iov), 3);
	ck_assert_ptr_eq(iov[0].iov_base, octets + 3);
	ck_assert_uint_eq(iov[0].iov_len, 1);
	ck_assert_ptr_eq(iov[1].iov_base, octets + 4);
	ck_assert_uint_eq(iov[1].iov_len, 6);
	ck_assert_uint_eq(iov[2].iov_len, 2);
}
END_TEST

START_TEST(test_stream_iov_takes_no_more_than_one_call_can)
{
	struct pflow_message many[PFLOWI_STREAM_IOV + 5];
	struct iovec iov[PFLOWI_STREAM_IOV];
	size_t i;

	for (i = 0; i < PFLOWI_STREAM_IOV + 5; i++)
		many[i] = msgs[0];
	ck_assert_int_eq(pflowi_stream_iov(many, PFLOWI_STREAM_IOV + 5, 0, iov),
	    PFLOWI_STREAM_IOV);
}
END_TEST

START_TEST(test_stream_step_counts_whole_messages_for_every_split)
{
	size_t first, second;

	for (first = 0; first <= 12; first++)
		for (second = 0; first + second <= 12; second++) {
			size_t offset = 0, done, total = first + second;

			done = pflowi_stream_step(msgs, 3, &offset, first);
			done += pflowi_stream_step(
			    msgs + done, 3 - done, &offset, second);
			ck_assert_uint_eq(done,
			    total >= 12	      ? 3
				: total >= 10 ? 2
				: total >= 4  ? 1
					      : 0);
			ck_assert_uint_eq(offset,
			    total >= 12	      ? total - 12
				: total >= 10 ? total - 10
				: total >= 4  ? total - 4
					      : total);
		}
}
END_TEST

Suite *
suite_stream(void)
{
	Suite *s = suite_create("stream");
	TCase *tc = tcase_create("stream");

	tcase_add_test(tc, test_stream_iov_begins_inside_the_head_message);
	tcase_add_test(tc, test_stream_iov_takes_no_more_than_one_call_can);
	tcase_add_test(
	    tc, test_stream_step_counts_whole_messages_for_every_split);
	suite_add_tcase(s, tc);
	return s;
}
