/* SPDX-License-Identifier: ISC */
/*
 * Writes pf state tables and pfsync streams from states that are told in
 * plain terms. Its offsets are typed from the description of the formats and
 * share nothing with the decoders that read them: it is their judge.
 */
#ifndef PFLOW_TESTS_GEN_H
#define PFLOW_TESTS_GEN_H

#include <stddef.h>
#include <stdint.h>

/** Octets that grow. All zero: empty. */
struct gen_buf {
	uint8_t *p;
	size_t len, cap;
};

void gen_bytes(struct gen_buf *b, const void *p, size_t n);
void gen_free(struct gen_buf *b);

#define GEN_IN 1
#define GEN_OUT 2

#define GEN_NONE 0xffffffffu
#define GEN_PFLOW 0x0004u

/** One end of a connection. */
struct gen_end {
	const char *addr; /**< text; a colon makes it IPv6 */
	uint16_t port;	  /**< for ICMP: id at the source, type at the other */
};

/** A state, as a person would tell it. */
struct gen_state {
	uint64_t id;
	uint32_t creatorid;
	const char *ifname;
	const char *orig_ifname; /**< NULL: none */
	int direction;
	uint8_t proto;
	struct gen_end src, dst;	 /**< as the initiator sent it */
	struct gen_end nat_src, nat_dst; /**< after translation; addr NULL:
					      the same */
	uint32_t age, expire;
	uint64_t packets[2], bytes[2];	 /**< initiator's way, and back */
	uint32_t rule, anchor;
	uint8_t timeout;
	uint16_t flags;
	uint8_t peer[2];
};

enum gen_layout {
	GEN_OPENBSD,	 /* 264 */
	GEN_1301,	 /* 242 */
	GEN_1400,	 /* 277 */
	GEN_1500,	 /* 360 */
	GEN_V2_LITTLE,	 /* 384, pf_state_export */
	GEN_V2_BIG,
	GEN_MACOS_LITTLE, /* 297 */
	GEN_MACOS_BIG,
	GEN_PFSYNC5,	 /* 240 */
	GEN_PFSYNC4,	 /* 240 */
	GEN_PFSYNC3,	 /* 240 */
	GEN_PFSYNC2,	 /* 224 */
	GEN_LAYOUTS
};

size_t gen_state_size(enum gen_layout layout);

/** Append one record. */
void gen_state(struct gen_buf *b, enum gen_layout layout,
    const struct gen_state *st);

/**
 * The attributes of one state in FreeBSD's netlink family, in the order of a
 * machine that is big- or little-endian.
 */
void gen_netlink(struct gen_buf *b, const struct gen_state *st, int big);

/** Is this machine big-endian? */
int gen_is_big(void);

/* pfsync packets: begin, sections, end. */

/** Versions 5 and 6. */
void gen_packet_begin(struct gen_buf *b, int version);
/** size: octets of one message, which only version 6 tells. */
void gen_section(struct gen_buf *b, int action, size_t size, unsigned count);
/** Fills the length in; version 5 gets its EOF. */
void gen_packet_end(struct gen_buf *b);
/** Versions 2 to 4. */
void gen_old_packet(struct gen_buf *b, int version, int action, unsigned count);

/* Message bodies of versions 5 and 6, and with `old` of 2 to 4. */
void gen_upd_c(struct gen_buf *b, int old, uint64_t id, uint32_t creatorid,
    uint8_t timeout);
void gen_del_c(struct gen_buf *b, int old, uint64_t id, uint32_t creatorid);
void gen_clr(struct gen_buf *b, int old, const char *ifname,
    uint32_t creatorid);
void gen_bus(struct gen_buf *b, int old, uint32_t creatorid, uint8_t status);

/** An IPv4 or IPv6 packet with protocol 240 around a pfsync packet. */
void gen_ip(struct gen_buf *b, const char *src, const struct gen_buf *packet);

/** A capture file: its head, and one frame after the other. */
void gen_pcap_head(struct gen_buf *b, uint32_t linktype);
void gen_pcap_frame(struct gen_buf *b, uint64_t ns, const struct gen_buf *frame);

/** Address text to 16 octets; IPv4 in the first 4. Returns 4 or 6. */
int gen_addr(const char *text, uint8_t out[16]);

/* The shipped example: its states, and its capture (example.c). */

/** How a state of the example ends. */
enum gen_fate { GEN_DELETED, GEN_CLEARED, GEN_ALIVE };

struct gen_example {
	struct gen_state st; /**< as last told in full */
	enum gen_fate fate;
};

extern const struct gen_example gen_example[];
extern const size_t gen_example_count;

/** The whole capture file. */
void gen_example_capture(struct gen_buf *b);

#endif /* PFLOW_TESTS_GEN_H */
