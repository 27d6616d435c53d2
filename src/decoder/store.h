/* SPDX-License-Identifier: ISC */
/*
 * The store: templates and domains in the caller's memory, any alignment, so
 * everything in it is big-endian octets. Its layout:
 *
 *	bucket[N]   4 each   offset of a chain's first entry, 0: none
 *	entries, one behind the other, up to store_used
 *
 * An entry begins with the octets below. Offset 0 is a bucket, so it never
 * names an entry. Removed entries stay as waste until they are a quarter of
 * the store and their room is wanted: then the others move together. That
 * bounds the work of an octet of input: whoever causes a move of the whole
 * store has sent a quarter of it. A chain has at most STORE_CHAIN_MAX entries
 * for the same reason.
 */
#ifndef PFLOWI_DECODER_STORE_H
#define PFLOWI_DECODER_STORE_H

#include <pflow/decoder.h>

#include "core/bytes.h"

enum pflowi_entry_kind {
	PFLOWI_ENTRY_NONE, /**< removed */
	PFLOWI_ENTRY_DOMAIN,
	PFLOWI_ENTRY_TEMPLATE,
	PFLOWI_ENTRY_OPTIONS
};

/* Every entry. */
#define PFLOWI_E_NEXT 0	    /**< 4: offset of the next of its chain, 0: none */
#define PFLOWI_E_SIZE 4	    /**< 4: octets of the entry */
#define PFLOWI_E_DOMAIN 8   /**< 4: Observation Domain ID, source id */
#define PFLOWI_E_ID 12	    /**< 2: Template ID; 0: of a domain */
#define PFLOWI_E_VERSION 14 /**< 1: 5, 9 or 10 */
#define PFLOWI_E_KIND 15    /**< 1: enum pflowi_entry_kind */
#define PFLOWI_E_COMMON 16

/* A domain. */
#define PFLOWI_D_EXPECTED 16 /**< 4: next sequence number */
#define PFLOWI_D_KNOWN 20    /**< 1: 1 if it is known */
#define PFLOWI_D_HAS_BOOT 21 /**< 1: 1 if boot_ms is known */
#define PFLOWI_D_BOOT_MS 22  /**< 8: systemInitTimeMilliseconds */
#define PFLOWI_D_LEN 30u

/* A template, options or not. */
#define PFLOWI_T_FIELDS 16  /**< 2: field count, at least 1 */
#define PFLOWI_T_SCOPES 18  /**< 2: how many of them are scopes */
#define PFLOWI_T_MIN_LEN 20 /**< 2: octets of the shortest record, >= fields */
#define PFLOWI_T_PLAN 22    /**< 1: enum pflowi_plan */
#define PFLOWI_T_LEN 23u    /**< its fields follow */

/* A field of a template. */
#define PFLOWI_F_TARGET 0     /**< 1: enum pflowi_target */
#define PFLOWI_F_CLASS 1      /**< 1: enum pflowi_class */
#define PFLOWI_F_ELEMENT 2    /**< 2: without the enterprise bit */
#define PFLOWI_F_LENGTH 4     /**< 2: octets, never 0; 65535: variable */
#define PFLOWI_F_ENTERPRISE 6 /**< 4: 0: IANA */
#define PFLOWI_F_LEN 10u

/** What an entry is found by. */
struct pflowi_store_key {
	uint32_t domain;
	uint16_t id; /**< 0: the domain itself */
	uint8_t version;
};

void pflowi_store_clear(struct pflow_decoder *dec);

/** @return offset of the entry; 0: there is none */
size_t pflowi_store_find(const struct pflow_decoder *dec,
    struct pflowi_store_key key);

/**
 * Add an entry; its common octets are set, the others are not.
 *
 * Offsets taken before are void.
 *
 * @param size  octets of the whole entry
 * @return its offset; 0: there is no room
 */
size_t pflowi_store_add(struct pflow_decoder *dec, struct pflowi_store_key key,
    enum pflowi_entry_kind kind, size_t size);

/** @param at  an entry; void from now on */
void pflowi_store_remove(struct pflow_decoder *dec, size_t at);

/** Remove all entries of a kind in a domain; offsets are void. @return how
 *  many */
unsigned pflowi_store_remove_all(struct pflow_decoder *dec,
    struct pflowi_store_key domain, enum pflowi_entry_kind kind);

#endif /* PFLOWI_DECODER_STORE_H */
