/* SPDX-License-Identifier: ISC */
/*
 * Big- and little-endian integers in octets, of any alignment.  The _portable
 * forms go octet by octet and need to know nothing of the machine; where
 * port.h knows the byte order, the others are one load or store and a swap.
 */
#ifndef PFLOWI_BYTES_H
#define PFLOWI_BYTES_H

#include "core/port.h"

PFLOWI_INLINE void
pflowi_put_be16_portable(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

PFLOWI_INLINE void
pflowi_put_be32_portable(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

PFLOWI_INLINE void
pflowi_put_be64_portable(uint8_t *p, uint64_t v)
{
	p[0] = (uint8_t)(v >> 56);
	p[1] = (uint8_t)(v >> 48);
	p[2] = (uint8_t)(v >> 40);
	p[3] = (uint8_t)(v >> 32);
	p[4] = (uint8_t)(v >> 24);
	p[5] = (uint8_t)(v >> 16);
	p[6] = (uint8_t)(v >> 8);
	p[7] = (uint8_t)v;
}

PFLOWI_INLINE uint16_t
pflowi_get_be16_portable(const uint8_t *p)
{
	return (uint16_t)((uint16_t)p[0] << 8 | p[1]);
}

PFLOWI_INLINE uint32_t
pflowi_get_be32_portable(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | (uint32_t)p[3];
}

PFLOWI_INLINE uint64_t
pflowi_get_be64_portable(const uint8_t *p)
{
	return (uint64_t)p[0] << 56 | (uint64_t)p[1] << 48 |
	    (uint64_t)p[2] << 40 | (uint64_t)p[3] << 32 |
	    (uint64_t)p[4] << 24 | (uint64_t)p[5] << 16 |
	    (uint64_t)p[6] << 8 | (uint64_t)p[7];
}

PFLOWI_INLINE void
pflowi_put_be16(uint8_t *p, uint16_t v)
{
	uint16_t be = PFLOWI_SWAP16(v);

	if (PFLOWI_KNOWS_ORDER)
		pflowi_copy(p, &be, sizeof(be));
	else
		pflowi_put_be16_portable(p, v);
}

PFLOWI_INLINE uint16_t
pflowi_get_be16(const uint8_t *p)
{
	uint16_t be;

	if (!PFLOWI_KNOWS_ORDER)
		return pflowi_get_be16_portable(p);
	pflowi_copy(&be, p, sizeof(be));
	return PFLOWI_SWAP16(be);
}

PFLOWI_INLINE void
pflowi_put_be32(uint8_t *p, uint32_t v)
{
	uint32_t be = PFLOWI_SWAP32(v);

	if (PFLOWI_KNOWS_ORDER)
		pflowi_copy(p, &be, sizeof(be));
	else
		pflowi_put_be32_portable(p, v);
}

PFLOWI_INLINE uint32_t
pflowi_get_be32(const uint8_t *p)
{
	uint32_t be;

	if (!PFLOWI_KNOWS_ORDER)
		return pflowi_get_be32_portable(p);
	pflowi_copy(&be, p, sizeof(be));
	return PFLOWI_SWAP32(be);
}

PFLOWI_INLINE void
pflowi_put_be64(uint8_t *p, uint64_t v)
{
	uint64_t be = PFLOWI_SWAP64(v);

	if (PFLOWI_KNOWS_ORDER)
		pflowi_copy(p, &be, sizeof(be));
	else
		pflowi_put_be64_portable(p, v);
}

PFLOWI_INLINE uint64_t
pflowi_get_be64(const uint8_t *p)
{
	uint64_t be;

	if (!PFLOWI_KNOWS_ORDER)
		return pflowi_get_be64_portable(p);
	pflowi_copy(&be, p, sizeof(be));
	return PFLOWI_SWAP64(be);
}

PFLOWI_INLINE uint16_t
pflowi_get_le16(const uint8_t *p)
{
	return (uint16_t)((uint16_t)p[1] << 8 | p[0]);
}

PFLOWI_INLINE uint32_t
pflowi_get_le32(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[1] << 8 | (uint32_t)p[0];
}

PFLOWI_INLINE uint64_t
pflowi_get_le64(const uint8_t *p)
{
	return (uint64_t)pflowi_get_le32(p + 4) << 32 | pflowi_get_le32(p);
}

/** An unsigned integer of 1..8 octets (RFC 7011, 6.2: reduced size). */
PFLOWI_INLINE uint64_t
pflowi_get_be(const uint8_t *p, size_t octets)
{
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < octets; i++)
		v = v << 8 | p[i];
	return v;
}

PFLOWI_INLINE void
pflowi_put_be(uint8_t *p, size_t octets, uint64_t v)
{
	while (octets > 0) {
		p[--octets] = (uint8_t)v;
		v >>= 8;
	}
}

#endif /* PFLOWI_BYTES_H */
