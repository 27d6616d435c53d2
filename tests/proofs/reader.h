/* SPDX-License-Identifier: ISC */
/*
 * The bounded reader, by contracts: nothing is read outside of the octets it
 * was given, and a cursor that was within them stays there.
 */
#ifndef PFLOW_PROOFS_READER_H
#define PFLOW_PROOFS_READER_H

#include "core/reader.h"

#include "proofs/bytes.h"

/*@ predicate reader_held(struct pflowi_reader *r) =
  @   \valid(r) && r->pos <= r->len &&
  @   (r->status == PFLOW_OK ==> \valid_read(r->buf + (0 .. r->len - 1))) &&
  @   \separated(r, r->buf + (0 .. r->len - 1));
  @*/

/*@ requires \valid(r);
  @ requires \valid_read((const uint8_t *)buf + (0 .. len - 1));
  @ requires \separated(r, (const uint8_t *)buf + (0 .. len - 1));
  @ assigns *r;
  @ ensures r->buf == buf && r->len == len && r->pos == 0;
  @ ensures r->status == PFLOW_OK;
  @ ensures reader_held(r);
  @*/
PFLOWI_INLINE void pflowi_r_init(struct pflowi_reader *r, const void *buf,
    size_t len);

/*@ requires reader_held(r);
  @ assigns \nothing;
  @ ensures \result <= r->len;
  @ ensures r->status == PFLOW_OK ==> \result == r->len - r->pos;
  @ ensures r->status != PFLOW_OK ==> \result == 0;
  @*/
PFLOWI_INLINE size_t pflowi_r_left(const struct pflowi_reader *r);

/*@ requires reader_held(r);
  @ assigns r->pos, r->status;
  @ assigns \result \from r->buf, r->pos, r->len, r->status, n;
  @ ensures reader_held(r);
  @ ensures \old(r->status) == PFLOW_OK && n <= r->len - \old(r->pos) ==>
  @     \result == r->buf + \old(r->pos) && r->pos == \old(r->pos) + n &&
  @     r->status == PFLOW_OK && \valid_read(\result + (0 .. n - 1)) &&
  @     \separated(r, \result + (0 .. n - 1));
  @ ensures \old(r->status) != PFLOW_OK || n > r->len - \old(r->pos) ==>
  @     \result == \null && r->pos == \old(r->pos) &&
  @     r->status != PFLOW_OK;
  @*/
PFLOWI_INLINE const uint8_t *pflowi_r_take(struct pflowi_reader *r, size_t n);

/*@ requires reader_held(r);
  @ assigns r->pos, r->status;
  @ ensures reader_held(r);
  @*/
PFLOWI_INLINE uint8_t pflowi_r_u8(struct pflowi_reader *r);

/*@ requires reader_held(r);
  @ assigns r->pos, r->status;
  @ ensures reader_held(r);
  @*/
PFLOWI_INLINE uint16_t pflowi_r_u16(struct pflowi_reader *r);

/*@ requires reader_held(r);
  @ assigns r->pos, r->status;
  @ ensures reader_held(r);
  @*/
PFLOWI_INLINE uint32_t pflowi_r_u32(struct pflowi_reader *r);

/*@ requires reader_held(r);
  @ assigns r->pos, r->status;
  @ ensures reader_held(r);
  @*/
PFLOWI_INLINE uint64_t pflowi_r_u64(struct pflowi_reader *r);

/*@ requires reader_held(r);
  @ assigns r->pos, r->status;
  @ ensures reader_held(r);
  @ ensures \result.pos == 0;
  @ ensures \result.status == PFLOW_OK ==> \result.len == n &&
  @     \valid_read(\result.buf + (0 .. n - 1)) &&
  @     \result.buf == r->buf + \old(r->pos) && r->pos == \old(r->pos) + n;
  @ ensures \result.status != PFLOW_OK ==> \result.len == 0;
  @*/
PFLOWI_INLINE struct pflowi_reader pflowi_r_sub(struct pflowi_reader *r,
    size_t n);

#endif /* PFLOW_PROOFS_READER_H */
