/* SPDX-License-Identifier: ISC */
/*
 * IPFIX messages, by contracts: a message that was begun stays within the
 * caller's buffer and within 65535 octets, whatever is added and in which
 * order.
 */
#include "proofs/records.h"

#include "encoder/ipfix.c"

/*@ predicate ipfix_held(struct pflow_ipfix_msg *msg) =
  @   \valid(msg) && 20 <= msg->cap <= 65535 && 16 <= msg->len <= msg->cap &&
  @   (msg->set_at == 0 || 16 <= msg->set_at <= msg->len - 4) &&
  @   \valid(msg->buf + (0 .. msg->cap - 1)) &&
  @   \separated(msg, msg->buf + (0 .. msg->cap - 1));
  @*/

/*@ requires \valid(msg);
  @ requires \valid((uint8_t *)buf + (0 .. len - 1));
  @ requires \separated(msg, (uint8_t *)buf + (0 .. len - 1));
  @ assigns *msg;
  @ ensures \result == PFLOW_OK ==> ipfix_held(msg);
  @*/
int pflow_ipfix_begin(struct pflow_ipfix_msg *msg, void *buf, size_t len);

/*@ requires ipfix_held((struct pflow_ipfix_msg *)msg);
  @ assigns \nothing;
  @ ensures \result.buf == msg->buf && \result.cap == msg->cap &&
  @     \result.len == msg->len && \result.status == PFLOW_OK;
  @*/
static struct pflowi_writer writer_at_end(const struct pflow_ipfix_msg *msg);

/*@ requires ipfix_held(msg);
  @ assigns msg->buf[0 .. msg->cap - 1];
  @ ensures ipfix_held(msg);
  @*/
static void close_set(struct pflow_ipfix_msg *msg);

/*@ requires ipfix_held(msg);
  @ requires \valid_read(rec);
  @ requires rec->af == PFLOW_AF_IPV4 ==>
  @     readable((struct pflow_record *)rec, 4);
  @ requires rec->af != PFLOW_AF_IPV4 ==>
  @     readable((struct pflow_record *)rec, 16);
  @ requires \separated(rec, msg, msg->buf + (0 .. msg->cap - 1));
  @ requires \separated(rec->src + (0 .. 15), msg,
  @     msg->buf + (0 .. msg->cap - 1));
  @ requires \separated(rec->dst + (0 .. 15), msg,
  @     msg->buf + (0 .. msg->cap - 1));
  @ assigns msg->len, msg->set_at, msg->set_id, msg->records,
  @     msg->buf[0 .. msg->cap - 1];
  @ ensures ipfix_held(msg);
  @*/
int pflow_ipfix_add(struct pflow_ipfix_msg *msg,
    const struct pflow_record *rec);

/*@ requires writer_held(w);
  @ assigns w->len, w->status, w->buf[w->len .. w->len + 15];
  @ ensures writer_held(w);
  @*/
PFLOWI_INLINE void pflowi_w_ipfix_header(struct pflowi_writer *w,
    size_t message_len, uint32_t export_secs, uint32_t sequence,
    uint32_t domain_id);

/*@ requires ipfix_held(msg);
  @ requires \valid(len) && (records == \null || \valid(records));
  @ requires \separated(len, records, msg, msg->buf + (0 .. msg->cap - 1));
  @ assigns *len, *records, msg->buf[0 .. msg->cap - 1];
  @ ensures ipfix_held(msg);
  @*/
int pflow_ipfix_end(struct pflow_ipfix_msg *msg, uint32_t export_secs,
    uint32_t sequence, uint32_t domain_id, size_t *len, uint32_t *records);
