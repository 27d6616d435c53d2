/* SPDX-License-Identifier: ISC */
/*
 * Calls that a break of byte order puts in place of the right ones; included
 * in front of every file. Macros, so that the right ones need no declaration.
 */
#ifndef PFLOW_TESTS_SWAPPED_H
#define PFLOW_TESTS_SWAPPED_H

#define mutant_pflowi_put_be16(p, v)                                           \
	pflowi_put_be16(p, __builtin_bswap16((uint16_t)(v)))
#define mutant_pflowi_put_be32(p, v)                                           \
	pflowi_put_be32(p, __builtin_bswap32((uint32_t)(v)))
#define mutant_pflowi_put_be64(p, v)                                           \
	pflowi_put_be64(p, __builtin_bswap64(v))
#define mutant_pflowi_get_be16(p) __builtin_bswap16(pflowi_get_be16(p))
#define mutant_pflowi_get_be32(p) __builtin_bswap32(pflowi_get_be32(p))
#define mutant_pflowi_get_be64(p) __builtin_bswap64(pflowi_get_be64(p))
#define mutant_pflowi_w_u16(w, v)                                              \
	pflowi_w_u16(w, __builtin_bswap16((uint16_t)(v)))
#define mutant_pflowi_w_u32(w, v)                                              \
	pflowi_w_u32(w, __builtin_bswap32((uint32_t)(v)))
#define mutant_pflowi_w_u64(w, v) pflowi_w_u64(w, __builtin_bswap64(v))
#define mutant_pflowi_r_u16(r) __builtin_bswap16(pflowi_r_u16(r))
#define mutant_pflowi_r_u32(r) __builtin_bswap32(pflowi_r_u32(r))
#define mutant_pflowi_r_u64(r) __builtin_bswap64(pflowi_r_u64(r))

#endif /* PFLOW_TESTS_SWAPPED_H */
