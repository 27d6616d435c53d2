/* SPDX-License-Identifier: ISC */
/*
 * What eva_records.c shows of the record encoders, as contracts for those
 * that call them: their length is written and nothing else.
 */
#ifndef PFLOW_PROOFS_RECORDS_H
#define PFLOW_PROOFS_RECORDS_H

#include "encoder/field.h"

#include "proofs/writer.h"

PFLOW_STATIC_ASSERT(PFLOWI_SHAPE_LEN(PFLOWI_SHAPE_FLOW4) == 54 &&
    PFLOWI_SHAPE_LEN(PFLOWI_SHAPE_FLOW6) == 78 &&
    PFLOWI_SHAPE_LEN(PFLOWI_SHAPE_V5) == 48, "lengths below");

/*@ predicate readable(struct pflow_record *rec, integer n) =
  @   \valid_read(rec) && \valid_read(rec->src + (0 .. n - 1)) &&
  @   \valid_read(rec->dst + (0 .. n - 1));
  @*/

/*@ requires \valid(p + (0 .. 53));
  @ requires readable((struct pflow_record *)rec, 4);
  @ assigns p[0 .. 53];
  @*/
PFLOWI_INLINE void pflowi_put_flow4(uint8_t *p,
    const struct pflow_record *rec);

/*@ requires \valid(p + (0 .. 77));
  @ requires readable((struct pflow_record *)rec, 16);
  @ assigns p[0 .. 77];
  @*/
PFLOWI_INLINE void pflowi_put_flow6(uint8_t *p,
    const struct pflow_record *rec);

/*@ requires \valid(p + (0 .. 47));
  @ requires readable((struct pflow_record *)rec, 4);
  @ assigns p[0 .. 47];
  @*/
PFLOWI_INLINE void pflowi_put_v5(uint8_t *p, const struct pflow_record *rec,
    uint64_t boot_ms);

#endif /* PFLOW_PROOFS_RECORDS_H */
