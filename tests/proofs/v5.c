/* SPDX-License-Identifier: ISC */
/*
 * NetFlow v5 messages, by contracts: a datagram that was begun holds its
 * records within the caller's buffer, whatever is added and in which order.
 */
#include "proofs/records.h"

#include "encoder/v5.c"

/*@ predicate v5_held(struct pflow_v5_msg *msg) =
  @   \valid(msg) && 72 <= msg->cap <= 1464 &&
  @   msg->count <= 30 && 24 + msg->count * 48 <= msg->cap &&
  @   \valid(msg->buf + (0 .. msg->cap - 1)) &&
  @   \separated(msg, msg->buf + (0 .. msg->cap - 1));
  @*/

/*@ requires \valid(msg);
  @ requires \valid((uint8_t *)buf + (0 .. len - 1));
  @ requires \separated(msg, (uint8_t *)buf + (0 .. len - 1));
  @ assigns *msg;
  @ ensures \result == PFLOW_OK ==> v5_held(msg) && msg->count == 0;
  @*/
int pflow_v5_begin(struct pflow_v5_msg *msg, void *buf, size_t len,
    uint64_t boot_ms);

/*@ requires v5_held(msg);
  @ requires \valid_read(rec);
  @ requires rec->af == PFLOW_AF_IPV4 ==>
  @     readable((struct pflow_record *)rec, 4);
  @ assigns msg->count, msg->buf[0 .. msg->cap - 1];
  @ ensures v5_held(msg);
  @ ensures \result == PFLOW_OK ==> msg->count == \old(msg->count) + 1;
  @ ensures \result != PFLOW_OK ==> msg->count == \old(msg->count);
  @*/
int pflow_v5_add(struct pflow_v5_msg *msg, const struct pflow_record *rec);

/*@ requires v5_held(msg);
  @ requires \valid_read(hdr) && \valid(len);
  @ requires \separated(len, msg, hdr, msg->buf + (0 .. msg->cap - 1));
  @ requires \separated(hdr, msg->buf + (0 .. msg->cap - 1));
  @ assigns *len, msg->buf[0 .. 23];
  @ ensures \result == PFLOW_OK ==> *len == 24 + msg->count * 48;
  @*/
int pflow_v5_end(struct pflow_v5_msg *msg,
    const struct pflow_v5_header_values *hdr, size_t *len);

/*@ requires writer_held(w);
  @ requires \valid_read(hdr) && \separated(hdr, w);
  @ requires w->buf == \null ||
  @     \separated(hdr, w->buf + (0 .. w->cap - 1));
  @ assigns w->len, w->status, w->buf[w->len .. w->len + 23];
  @ ensures writer_held(w);
  @*/
PFLOWI_INLINE void pflowi_w_v5_header(struct pflowi_writer *w,
    uint32_t count, uint64_t boot_ms,
    const struct pflow_v5_header_values *hdr);

/*@ requires \valid(rec);
  @ assigns rec->start_ms;
  @*/
PFLOWI_INLINE unsigned pflowi_v5_bound_duration(struct pflow_record *rec);
