/* SPDX-License-Identifier: ISC */
/*
 * Values of information elements onto the wire (RFC 7011, 6.1), for those who
 * supply values of their own: one function an abstract type.  Each writes
 * exactly the octets of the field, big-endian, into the caller's buffer.
 */
#ifndef PFLOW_VALUE_H
#define PFLOW_VALUE_H

#include <stddef.h>
#include <stdint.h>

#include <pflow/export.h>
#include <pflow/status.h>

PFLOW_BEGIN_DECLS

/**
 * An unsigned integer; fewer octets than its type are reduced size.
 *
 * @param octets  1..8
 * @return PFLOW_OK; PFLOW_ERR_RANGE: the value needs more octets, or octets
 *         is not 1..8; nothing was written
 */
PFLOW_API int pflow_value_unsigned(uint8_t *out, size_t octets, uint64_t v);

/**
 * A signed integer, two's complement.
 *
 * @return as pflow_value_unsigned()
 */
PFLOW_API int pflow_value_signed(uint8_t *out, size_t octets, int64_t v);

/** A boolean, 1 octet: 1 is true, 2 is false (RFC 7011, 6.1.5). */
PFLOW_API void pflow_value_boolean(uint8_t *out, int truth);

/** float32, 4 octets, from the bits of an IEEE 754 binary32. */
PFLOW_API void pflow_value_float32(uint8_t *out, uint32_t bits);

/** float64, 8 octets, from the bits of an IEEE 754 binary64. */
PFLOW_API void pflow_value_float64(uint8_t *out, uint64_t bits);

/** dateTimeSeconds, 4 octets, modulo 2^32 (RFC 7011, 5.2). */
PFLOW_API void pflow_value_seconds(uint8_t *out, uint64_t wall_ns);

/** dateTimeMilliseconds, 8 octets. */
PFLOW_API void pflow_value_milliseconds(uint8_t *out, uint64_t wall_ns);

/**
 * dateTimeMicroseconds, 8 octets: NTP era seconds and fraction, low 11 bits
 * zero. The fraction is rounded up, so that every microsecond survives both a
 * flooring and a rounding receiver.
 */
PFLOW_API void pflow_value_microseconds(uint8_t *out, uint64_t wall_ns);

/** dateTimeNanoseconds, 8 octets: NTP, rounded up as above. */
PFLOW_API void pflow_value_nanoseconds(uint8_t *out, uint64_t wall_ns);

/**
 * How much of a string may be sent in so many octets: never half a character
 * (RFC 7011, 6.1.6), never ill-formed UTF-8: it ends before the first
 * malformed sequence.
 *
 * @param s    not necessarily terminated
 * @param len  octets of s
 * @param max  octets of room
 * @return octets to send, <= len and <= max
 */
PFLOW_API size_t pflow_value_string_len(const char *s, size_t len, size_t max);

/** A string in a field of fixed length, padded with zero octets. */
PFLOW_API void pflow_value_string(uint8_t *out, size_t octets, const char *s,
    size_t len);

PFLOW_END_DECLS

#endif /* PFLOW_VALUE_H */
