/* SPDX-License-Identifier: ISC */
/*
 * SipHash-1-3 (Aumasson, Bernstein) over whole 64-bit words: for tables whose
 * keys are chosen by whoever sends.
 */
#ifndef PFLOWI_SIPHASH_H
#define PFLOWI_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

#include "core/port.h"

PFLOWI_INLINE uint64_t
pflowi_sip_rotate(uint64_t v, unsigned bits)
{
	return v << bits | v >> (64 - bits);
}

PFLOWI_INLINE void
pflowi_sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = pflowi_sip_rotate(v[1], 13) ^ v[0];
	v[3] = pflowi_sip_rotate(v[3], 16) ^ v[2];
	v[0] = pflowi_sip_rotate(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = pflowi_sip_rotate(v[1], 17) ^ v[2];
	v[3] = pflowi_sip_rotate(v[3], 21) ^ v[0];
	v[2] = pflowi_sip_rotate(v[2], 32);
}

PFLOWI_INLINE void
pflowi_sip_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	pflowi_sip_round(v);
	v[0] ^= word;
}

/** @param key  secret */
PFLOWI_INLINE uint64_t
pflowi_siphash(const uint64_t *words, size_t count, const uint64_t key[2])
{
	uint64_t v[4] = {
		key[0] ^ UINT64_C(0x736f6d6570736575),
		key[1] ^ UINT64_C(0x646f72616e646f6d),
		key[0] ^ UINT64_C(0x6c7967656e657261),
		key[1] ^ UINT64_C(0x7465646279746573),
	};
	size_t i;

	for (i = 0; i < count; i++)
		pflowi_sip_word(v, words[i]);
	/* The last word of the method is the length in octets. */
	pflowi_sip_word(v, (uint64_t)(count * 8) << 56);
	v[2] ^= 0xff;
	for (i = 0; i < 3; i++)
		pflowi_sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

#endif /* PFLOWI_SIPHASH_H */
