/* SPDX-License-Identifier: ISC */
/*
 * The bounded writer, by contracts: whatever the caller asks for, nothing is
 * written outside of the buffer, and the writer stays valid.
 */
#ifndef PFLOW_PROOFS_WRITER_H
#define PFLOW_PROOFS_WRITER_H

#include "core/writer.h"

#include "proofs/bytes.h"

/*@ predicate writer_held(struct pflowi_writer *w) =
  @   \valid(w) && w->len <= w->cap &&
  @   (w->buf == \null ||
  @    (\valid(w->buf + (0 .. w->cap - 1)) &&
  @     \separated(w, w->buf + (0 .. w->cap - 1))));
  @*/

/*@ requires \valid(w);
  @ requires buf == \null || (\valid(buf + (0 .. cap - 1)) &&
  @     \separated(w, buf + (0 .. cap - 1)));
  @ assigns *w;
  @ ensures writer_held(w) && w->len == 0 && w->cap == cap && w->buf == buf;
  @ ensures w->status == PFLOW_OK;
  @*/
PFLOWI_INLINE void pflowi_w_init(struct pflowi_writer *w, uint8_t *buf,
    size_t cap);

/*@ requires writer_held(w);
  @ assigns w->len, w->status;
  @ assigns \result \from w->buf, w->cap, w->len, w->status, n;
  @ ensures writer_held(w);
  @ ensures \result == \null || (w->status == PFLOW_OK &&
  @     \result == w->buf + \old(w->len) && w->len == \old(w->len) + n &&
  @     \valid(\result + (0 .. n - 1)) &&
  @     \separated(w, \result + (0 .. n - 1)));
  @ ensures w->status != PFLOW_OK ==> w->len == \old(w->len);
  @ ensures w->status == PFLOW_OK ==> w->len == \old(w->len) + n;
  @ ensures w->buf == \null ==> \result == \null;
  @ ensures \old(w->status) != PFLOW_OK ==> w->status == \old(w->status);
  @*/
PFLOWI_INLINE uint8_t *pflowi_w_take(struct pflowi_writer *w, size_t n);

/*@ requires writer_held(w);
  @ assigns w->len, w->status, w->buf[w->len];
  @ ensures writer_held(w);
  @ ensures w->status == PFLOW_OK ==> w->len == \old(w->len) + 1;
  @ ensures w->status != PFLOW_OK ==> w->len == \old(w->len);
  @*/
PFLOWI_INLINE void pflowi_w_u8(struct pflowi_writer *w, uint8_t v);

/*@ requires writer_held(w);
  @ assigns w->len, w->status, w->buf[w->len .. w->len + 1];
  @ ensures writer_held(w);
  @ ensures w->status == PFLOW_OK ==> w->len == \old(w->len) + 2;
  @ ensures w->status != PFLOW_OK ==> w->len == \old(w->len);
  @*/
PFLOWI_INLINE void pflowi_w_u16(struct pflowi_writer *w, uint16_t v);

/*@ requires writer_held(w);
  @ assigns w->len, w->status, w->buf[w->len .. w->len + 3];
  @ ensures writer_held(w);
  @ ensures w->status == PFLOW_OK ==> w->len == \old(w->len) + 4;
  @ ensures w->status != PFLOW_OK ==> w->len == \old(w->len);
  @*/
PFLOWI_INLINE void pflowi_w_u32(struct pflowi_writer *w, uint32_t v);

/*@ requires writer_held(w);
  @ assigns w->len, w->status, w->buf[w->len .. w->len + 7];
  @ ensures writer_held(w);
  @ ensures w->status == PFLOW_OK ==> w->len == \old(w->len) + 8;
  @ ensures w->status != PFLOW_OK ==> w->len == \old(w->len);
  @*/
PFLOWI_INLINE void pflowi_w_u64(struct pflowi_writer *w, uint64_t v);

/*@ requires writer_held(w);
  @ assigns w->len, w->status, w->buf[w->len .. w->len + octets - 1];
  @ ensures writer_held(w);
  @ ensures w->status == PFLOW_OK ==> w->len == \old(w->len) + octets;
  @ ensures w->status != PFLOW_OK ==> w->len == \old(w->len);
  @ ensures octets == 0 || octets > 8 ==> w->status != PFLOW_OK;
  @*/
PFLOWI_INLINE void pflowi_w_uint(struct pflowi_writer *w, size_t octets,
    uint64_t v);

/*@ requires writer_held(w);
  @ requires \valid_read((const uint8_t *)src + (0 .. n - 1));
  @ requires \separated(w, (const uint8_t *)src + (0 .. n - 1));
  @ requires w->buf == \null || \separated(w->buf + (0 .. w->cap - 1),
  @     (const uint8_t *)src + (0 .. n - 1));
  @ assigns w->len, w->status, w->buf[w->len .. w->len + n - 1];
  @ ensures writer_held(w);
  @ ensures w->status == PFLOW_OK ==> w->len == \old(w->len) + n;
  @ ensures w->status != PFLOW_OK ==> w->len == \old(w->len);
  @*/
PFLOWI_INLINE void pflowi_w_bytes(struct pflowi_writer *w, const void *src,
    size_t n);

/*@ requires writer_held(w);
  @ assigns w->len, w->status, w->buf[w->len .. w->len + n - 1];
  @ ensures writer_held(w);
  @ ensures w->status == PFLOW_OK ==> w->len == \old(w->len) + n;
  @ ensures w->status != PFLOW_OK ==> w->len == \old(w->len);
  @*/
PFLOWI_INLINE void pflowi_w_zero(struct pflowi_writer *w, size_t n);

/*@ requires writer_held(w);
  @ assigns w->len, w->status, w->buf[w->len .. w->len + 1];
  @ ensures writer_held(w);
  @ ensures \result == \old(w->len);
  @ ensures w->status == PFLOW_OK ==> w->len == \result + 2;
  @*/
PFLOWI_INLINE size_t pflowi_w_hole16(struct pflowi_writer *w);

/*@ requires writer_held(w);
  @ requires w->status == PFLOW_OK ==> at + 2 <= w->len;
  @ assigns w->status, w->buf[at .. at + 1];
  @ ensures writer_held(w);
  @*/
PFLOWI_INLINE void pflowi_w_fill16(struct pflowi_writer *w, size_t at,
    size_t v);

/*@ requires writer_held(w);
  @ requires len <= w->len;
  @ assigns w->len, w->status;
  @ ensures writer_held(w);
  @*/
PFLOWI_INLINE void pflowi_w_rewind(struct pflowi_writer *w, size_t len);

#endif /* PFLOW_PROOFS_WRITER_H */
