/* SPDX-License-Identifier: ISC */
/*
 * Contracts of what the writer and the reader call. Those with bodies are
 * proven where bytes.c is; memcpy and memset are taken at their word.
 */
#ifndef PFLOW_PROOFS_BYTES_H
#define PFLOW_PROOFS_BYTES_H

#include "core/bytes.h"

/*@ requires \valid((uint8_t *)to + (0 .. n - 1));
  @ requires \valid_read((uint8_t *)from + (0 .. n - 1));
  @ requires \separated((uint8_t *)to + (0 .. n - 1),
  @     (uint8_t *)from + (0 .. n - 1));
  @ assigns ((uint8_t *)to)[0 .. n - 1] \from
  @     ((uint8_t *)from)[0 .. n - 1];
  @ assigns \result \from to;
  @ ensures \result == to;
  @*/
void *memcpy(void *restrict to, const void *restrict from, size_t n);

/*@ requires \valid((uint8_t *)to + (0 .. n - 1));
  @ assigns ((uint8_t *)to)[0 .. n - 1] \from c;
  @ assigns \result \from to;
  @ ensures \result == to;
  @*/
void *memset(void *to, int c, size_t n);


/*@ requires \valid(p + (0 .. 1));
  @ assigns p[0 .. 1];
  @*/
PFLOWI_INLINE void pflowi_put_be16_portable(uint8_t *p, uint16_t v);

/*@ requires \valid(p + (0 .. 3));
  @ assigns p[0 .. 3];
  @*/
PFLOWI_INLINE void pflowi_put_be32_portable(uint8_t *p, uint32_t v);

/*@ requires \valid(p + (0 .. 7));
  @ assigns p[0 .. 7];
  @*/
PFLOWI_INLINE void pflowi_put_be64_portable(uint8_t *p, uint64_t v);

/*@ requires \valid(p + (0 .. 1));
  @ assigns p[0 .. 1];
  @*/
PFLOWI_INLINE void pflowi_put_be16(uint8_t *p, uint16_t v);

/*@ requires \valid(p + (0 .. 3));
  @ assigns p[0 .. 3];
  @*/
PFLOWI_INLINE void pflowi_put_be32(uint8_t *p, uint32_t v);

/*@ requires \valid(p + (0 .. 7));
  @ assigns p[0 .. 7];
  @*/
PFLOWI_INLINE void pflowi_put_be64(uint8_t *p, uint64_t v);

/*@ requires octets <= 8;
  @ requires \valid(p + (0 .. octets - 1));
  @ assigns p[0 .. octets - 1];
  @*/
PFLOWI_INLINE void pflowi_put_be(uint8_t *p, size_t octets, uint64_t v);

/*@ requires \valid_read(p + (0 .. 1));
  @ assigns \nothing;
  @*/
PFLOWI_INLINE uint16_t pflowi_get_be16_portable(const uint8_t *p);

/*@ requires \valid_read(p + (0 .. 3));
  @ assigns \nothing;
  @*/
PFLOWI_INLINE uint32_t pflowi_get_be32_portable(const uint8_t *p);

/*@ requires \valid_read(p + (0 .. 7));
  @ assigns \nothing;
  @*/
PFLOWI_INLINE uint64_t pflowi_get_be64_portable(const uint8_t *p);

/*@ requires \valid_read(p + (0 .. 1));
  @ assigns \nothing;
  @*/
PFLOWI_INLINE uint16_t pflowi_get_be16(const uint8_t *p);

/*@ requires \valid_read(p + (0 .. 3));
  @ assigns \nothing;
  @*/
PFLOWI_INLINE uint32_t pflowi_get_be32(const uint8_t *p);

/*@ requires \valid_read(p + (0 .. 7));
  @ assigns \nothing;
  @*/
PFLOWI_INLINE uint64_t pflowi_get_be64(const uint8_t *p);

/*@ requires \valid_read(p + (0 .. 1));
  @ assigns \nothing;
  @*/
PFLOWI_INLINE uint16_t pflowi_get_le16(const uint8_t *p);

/*@ requires \valid_read(p + (0 .. 3));
  @ assigns \nothing;
  @*/
PFLOWI_INLINE uint32_t pflowi_get_le32(const uint8_t *p);

/*@ requires \valid_read(p + (0 .. 7));
  @ assigns \nothing;
  @*/
PFLOWI_INLINE uint64_t pflowi_get_le64(const uint8_t *p);

#endif /* PFLOW_PROOFS_BYTES_H */
