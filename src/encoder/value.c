/* SPDX-License-Identifier: ISC */
#include <pflow/value.h>

#include "core/bytes.h"
#include "core/time.h"

/** 1900-01-01 to 1970-01-01 (RFC 7011, 6.1.9). */
#define NTP_OFFSET UINT64_C(2208988800)

int
pflow_value_unsigned(uint8_t *out, size_t octets, uint64_t v)
{
	if (octets == 0 || octets > 8 || (octets < 8 && v >> (8 * octets) != 0))
		return PFLOW_ERR_RANGE;
	pflowi_put_be(out, octets, v);
	return PFLOW_OK;
}

int
pflow_value_signed(uint8_t *out, size_t octets, int64_t v)
{
	int64_t bound;

	if (octets == 0 || octets > 8)
		return PFLOW_ERR_RANGE;
	if (octets < 8) {
		bound = INT64_C(1) << (8 * octets - 1);
		if (v < -bound || v >= bound)
			return PFLOW_ERR_RANGE;
	}
	pflowi_put_be(out, octets, (uint64_t)v);
	return PFLOW_OK;
}

void
pflow_value_boolean(uint8_t *out, int truth)
{
	*out = truth ? 1 : 2;
}

void
pflow_value_float32(uint8_t *out, uint32_t bits)
{
	pflowi_put_be32(out, bits);
}

void
pflow_value_float64(uint8_t *out, uint64_t bits)
{
	pflowi_put_be64(out, bits);
}

void
pflow_value_seconds(uint8_t *out, uint64_t wall_ns)
{
	pflowi_put_be32(out, (uint32_t)(wall_ns / PFLOWI_NS_PER_SEC));
}

void
pflow_value_milliseconds(uint8_t *out, uint64_t wall_ns)
{
	pflowi_put_be64(out, wall_ns / PFLOWI_NS_PER_MS);
}

/** ceil(part * 2^32 / whole) for part < whole <= 10^9: fits in 64 bits. */
static uint32_t
fraction(uint64_t part, uint64_t whole)
{
	return (uint32_t)(((part << 32) + whole - 1) / whole);
}

void
pflow_value_microseconds(uint8_t *out, uint64_t wall_ns)
{
	uint64_t us = wall_ns % PFLOWI_NS_PER_SEC / 1000;
	uint32_t f = fraction(us, 1000000);

	/* Up to a multiple of 2048; 999999 us give 0xfffff000. */
	f = (f + 0x7ff) & ~(uint32_t)0x7ff;
	pflowi_put_be32(out,
	    (uint32_t)(wall_ns / PFLOWI_NS_PER_SEC + NTP_OFFSET));
	pflowi_put_be32(out + 4, f);
}

void
pflow_value_nanoseconds(uint8_t *out, uint64_t wall_ns)
{
	pflowi_put_be32(out,
	    (uint32_t)(wall_ns / PFLOWI_NS_PER_SEC + NTP_OFFSET));
	pflowi_put_be32(out + 4,
	    fraction(wall_ns % PFLOWI_NS_PER_SEC, PFLOWI_NS_PER_SEC));
}

/** Octets of the well-formed character at s (RFC 3629, 4), 0: none. */
static size_t
utf8_len(const uint8_t *s, size_t len)
{
	uint8_t low = 0x80, high = 0xbf;
	size_t n, i;

	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		n = 2;
	else if (s[0] >= 0xe0 && s[0] <= 0xef)
		n = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		n = 4;
	else
		return 0;
	if (n > len)
		return 0;
	if (s[0] == 0xe0)
		low = 0xa0; /* not overlong */
	else if (s[0] == 0xed)
		high = 0x9f; /* no surrogates */
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f; /* U+10FFFF is the last */
	for (i = 1; i < n; i++) {
		if (s[i] < low || s[i] > high)
			return 0;
		low = 0x80;
		high = 0xbf;
	}
	return n;
}

size_t
pflow_value_string_len(const char *s, size_t len, size_t max)
{
	const uint8_t *p = (const uint8_t *)s;
	size_t at = 0, n;

	while (at < len) {
		n = utf8_len(p + at, len - at);
		if (n == 0 || n > max - at)
			break;
		at += n;
	}
	return at;
}

void
pflow_value_string(uint8_t *out, size_t octets, const char *s, size_t len)
{
	size_t n = pflow_value_string_len(s, len, octets);

	if (n > 0)
		memcpy(out, s, n);
	if (n < octets)
		memset(out + n, 0, octets - n);
}
