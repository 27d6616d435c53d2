/* SPDX-License-Identifier: ISC */
/* States and clocks that many tests use. */
#ifndef PFLOW_TEST_STATES_H
#define PFLOW_TEST_STATES_H

#include <string.h>

#include <pflow/pflow.h>

#define TEST_SEC UINT64_C(1000000000)
/** 2023-11-14 22:13:20 UTC, the time of the vectors. */
#define TEST_WALL_SECS UINT64_C(1700000000)

/** The clock `secs` after the machine came up at 1699999000. */
static inline struct pflow_now
test_now(uint64_t secs)
{
	struct pflow_now now;

	now.mono_ns = secs * TEST_SEC;
	now.wall_ns = (TEST_WALL_SECS - 1000 + secs) * TEST_SEC;
	return now;
}

/** 192.0.2.1:49152 -> 198.51.100.2:443, TCP, 10/1500 and 8/9000. */
static inline void
test_state4(struct pflow_state *st)
{
	static const uint8_t src[4] = { 192, 0, 2, 1 };
	static const uint8_t dst[4] = { 198, 51, 100, 2 };

	pflow_state_init(st);
	(void)pflow_state_set_key(st, PFLOW_AF_IPV4, src, 49152, dst, 443);
	st->protocol = 6;
	st->present = PFLOW_HAS_IFINDEX | PFLOW_HAS_TCP_FLAGS;
	st->ifindex[0] = 1;
	st->ifindex[1] = 2;
	st->tcp_flags[0] = 0x1b;
	st->tcp_flags[1] = 0x12;
	st->packets[0] = 10;
	st->octets[0] = 1500;
	st->packets[1] = 8;
	st->octets[1] = 9000;
	st->start_ns = (TEST_WALL_SECS - 5) * TEST_SEC;
	st->last_ns = (TEST_WALL_SECS - 1) * TEST_SEC;
}

/** 2001:db8:1::9 port 5353 -> 2001:db8::53 port 53, UDP, one way: 1/72. */
static inline void
test_state6(struct pflow_state *st)
{
	static const uint8_t src[16] = { 0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 9 };
	static const uint8_t dst[16] = { 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0x53 };

	pflow_state_init(st);
	(void)pflow_state_set_key(st, PFLOW_AF_IPV6, src, 5353, dst, 53);
	st->protocol = 17;
	st->packets[0] = 1;
	st->octets[0] = 72;
	st->start_ns = (TEST_WALL_SECS - 3) * TEST_SEC;
	st->last_ns = (TEST_WALL_SECS - 3) * TEST_SEC;
}

/** Octets of a hex string without blanks; gives their number. */
static inline size_t
test_unhex(const char *hex, uint8_t *out, size_t max)
{
	size_t n;

	for (n = 0; n < max && hex[2 * n] != '\0' && hex[2 * n + 1] != '\0';
	    n++) {
		unsigned i, v = 0;

		for (i = 0; i < 2; i++) {
			char c = hex[2 * n + i];

			v = v * 16 + (unsigned)(c <= '9' ? c - '0'
							 : (c | 32) - 'a' + 10);
		}
		out[n] = (uint8_t)v;
	}
	return n;
}

#endif /* PFLOW_TEST_STATES_H */
