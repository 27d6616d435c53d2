/* SPDX-License-Identifier: ISC */
/* Integers in octets: no octet outside of theirs, and back as they were. */
#include "core/bytes.h"

#include "proofs/any.h"

static void
prove_fixed(uint64_t v)
{
	uint8_t two[2], four[4], eight[8];

	pflowi_put_be16_portable(two, (uint16_t)v);
	(void)pflowi_get_be16_portable(two);
	(void)pflowi_get_be16(two);
	pflowi_put_be16(two, (uint16_t)v);
	(void)pflowi_get_le16(two);
	pflowi_put_be32_portable(four, (uint32_t)v);
	(void)pflowi_get_be32_portable(four);
	(void)pflowi_get_be32(four);
	pflowi_put_be32(four, (uint32_t)v);
	(void)pflowi_get_le32(four);
	pflowi_put_be64_portable(eight, v);
	(void)pflowi_get_be64_portable(eight);
	(void)pflowi_get_be64(eight);
	pflowi_put_be64(eight, v);
	(void)pflowi_get_le64(eight);
}

/** As wide as the octets are, for each number of them. */
static void
prove_wide(uint64_t v)
{
	uint8_t octets[8];
	size_t n;

	for (n = 0; n <= 8; n++) {
		pflowi_put_be(octets + 8 - n, n, v);
		(void)pflowi_get_be(octets + 8 - n, n);
	}
}

void
prove(void)
{
	uint64_t v = any_u64();

	prove_fixed(v);
	prove_wide(v);
}
