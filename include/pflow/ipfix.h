/* SPDX-License-Identifier: ISC */
/*
 * IPFIX Messages over the caller's buffer, for those who want no scheduler:
 * begin, templates, add, add, ..., end (RFC 7011, 3).
 */
#ifndef PFLOW_IPFIX_H
#define PFLOW_IPFIX_H

#include <stddef.h>
#include <stdint.h>

#include <pflow/export.h>
#include <pflow/record.h>
#include <pflow/status.h>

PFLOW_BEGIN_DECLS

/** A message being built. Caller's storage, members are private. */
struct pflow_ipfix_msg {
	uint8_t *buf;
	size_t cap;
	size_t len;
	size_t set_at;	   /**< of the open Data Set; 0: none is open */
	uint16_t set_id;
	uint16_t reserved;
	uint32_t records;
};

/**
 * Begin a message.
 *
 * @param msg  caller's storage
 * @param buf  borrowed until pflow_ipfix_end(); any alignment
 * @param len  octets of buf; more than 65535 are not used
 * @return PFLOW_OK; PFLOW_ERR_NOSPACE: fewer than 20 octets
 */
PFLOW_API int pflow_ipfix_begin(struct pflow_ipfix_msg *msg, void *buf,
    size_t len);

/**
 * Append a Template Set with pflow(4)'s templates 256 and 257 (108 octets).
 *
 * All or nothing: on error the message is what it was before.
 *
 * @return PFLOW_OK; PFLOW_ERR_NOSPACE; PFLOW_ERR_INVALID: Data Records are
 *         already in the message (RFC 7011, 8.2: templates come first)
 */
PFLOW_API int pflow_ipfix_add_templates(struct pflow_ipfix_msg *msg);

/**
 * Append one Data Record of template 256 or 257, as its address family says.
 * The Data Set is opened and closed as needed.
 *
 * All or nothing: on error the message is what it was before.
 *
 * @param rec  pflow_record_init(); only read, and only during the call
 * @return PFLOW_OK; PFLOW_ERR_NOSPACE: end it and begin another
 */
PFLOW_API int pflow_ipfix_add(struct pflow_ipfix_msg *msg,
    const struct pflow_record *rec);

/**
 * Write the header.
 *
 * @param export_secs  seconds since 1970 at the moment of sending
 * @param sequence     Data Records sent before this message in this session
 *                     and domain; add *records for the next one
 * @param domain_id    Observation Domain ID
 * @param len          out: octets of the message
 * @param records      out: Data Records in it; may be NULL
 * @return PFLOW_OK; PFLOW_ERR_INVALID: neither template nor record, nothing
 *         was written
 */
PFLOW_API int pflow_ipfix_end(struct pflow_ipfix_msg *msg,
    uint32_t export_secs, uint32_t sequence, uint32_t domain_id, size_t *len,
    uint32_t *records);

PFLOW_END_DECLS

#endif /* PFLOW_IPFIX_H */
