/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include <pflow/wire.h>

Suite *suite_wire(void);

START_TEST(test_wire_accessors_are_big_endian_and_inverse)
{
	uint8_t p[8];

	pflow_wire_set_u16(p, 0x0102);
	ck_assert_uint_eq(p[0], 1);
	ck_assert_uint_eq(pflow_wire_u16(p), 0x0102);
	pflow_wire_set_u32(p, 0xfedcba98);
	ck_assert_uint_eq(p[0], 0xfe);
	ck_assert_uint_eq(pflow_wire_u32(p), 0xfedcba98);
	pflow_wire_set_u64(p, UINT64_C(0xfedcba9876543210));
	ck_assert_uint_eq(p[7], 0x10);
	ck_assert_uint_eq(pflow_wire_u64(p), UINT64_C(0xfedcba9876543210));
}
END_TEST

START_TEST(test_wire_structs_lie_over_any_octet)
{
	uint8_t datagram[1 + sizeof(struct pflow_wire_v5_header)];
	const struct pflow_wire_v5_header *h = (const void *)(datagram + 1);

	memset(datagram, 0, sizeof(datagram));
	datagram[2] = 5;
	datagram[4] = 30;
	datagram[20] = 7;
	ck_assert_uint_eq(pflow_wire_u16(h->version), 5);
	ck_assert_uint_eq(pflow_wire_u16(h->count), 30);
	ck_assert_uint_eq(pflow_wire_u32(h->flow_sequence), 7);
}
END_TEST

Suite *
suite_wire(void)
{
	Suite *s = suite_create("wire");
	TCase *tc = tcase_create("wire");

	tcase_add_test(tc, test_wire_accessors_are_big_endian_and_inverse);
	tcase_add_test(tc, test_wire_structs_lie_over_any_octet);
	suite_add_tcase(s, tc);
	return s;
}
