/* SPDX-License-Identifier: ISC */
/*
 * The words of pfctl's text. Each function takes what it names from where the
 * scan stands and moves on, or answers false and stays.
 */
#ifndef PFLOWI_PF_TEXT_SCAN_H
#define PFLOWI_PF_TEXT_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "sources/pf_state.h"

/** What is left of a line. Valid: p <= end. */
struct pflowi_pf_scan {
	const char *p;
	const char *end;
};

/** An address and a port; af as OpenBSD numbers it. */
struct pflowi_pf_address {
	uint8_t addr[16];
	uint16_t port;
	uint8_t af;
};

/** Exactly these characters. */
bool pflowi_pf_scan_word(struct pflowi_pf_scan *s, const char *word);

/** These characters, and then a comma or the end of the line. */
bool pflowi_pf_scan_whole(struct pflowi_pf_scan *s, const char *word);

/** Digits of a base, 10 or 16, that fit 64 bits. */
bool pflowi_pf_scan_number(struct pflowi_pf_scan *s, unsigned base,
    uint64_t *out);

/** 1 to 15 printable characters up to a blank, padded with NUL. */
bool pflowi_pf_scan_name(struct pflowi_pf_scan *s,
    char out[PFLOWI_PF_IFNAME_LEN]);

/** A protocol by the name it has in /etc/protocols, or a number. */
bool pflowi_pf_scan_proto(struct pflowi_pf_scan *s, uint8_t *out);

/** a.b.c.d[:port] or addr[%scope][[port]]; no port: 0. */
bool pflowi_pf_scan_address(struct pflowi_pf_scan *s,
    struct pflowi_pf_address *out);

/** "       A:B" after the hosts; a name that is not known is 0. */
bool pflowi_pf_scan_peers(struct pflowi_pf_scan *s, uint8_t out[2]);

/** To the comma that ends a flag; commas in parentheses are part of it. */
void pflowi_pf_scan_past_flag(struct pflowi_pf_scan *s);

#endif /* PFLOWI_PF_TEXT_SCAN_H */
