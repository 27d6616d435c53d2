/* SPDX-License-Identifier: ISC */
/*
 * The one place for compiler conditionals (docs/architecture.md).
 */
#ifndef PFLOWI_PORT_H
#define PFLOWI_PORT_H

#include <stddef.h>
#include <stdint.h>

/* Reserved spellings: in a kernel, "noinline" and its like are macros. */
#if defined(__GNUC__)
#define PFLOWI_INLINE                                                          \
	static inline __attribute__((__always_inline__, __unused__))
#define PFLOWI_NOINLINE __attribute__((__noinline__))
#define PFLOWI_LIKELY(x) __builtin_expect(!!(x), 1)
#define PFLOWI_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define PFLOWI_PREFETCH(p) __builtin_prefetch(p)
#define PFLOWI_PRINTF(fmt, args)                                               \
	__attribute__((__format__(__printf__, fmt, args)))
#define PFLOWI_UNUSED __attribute__((__unused__))
#else
#define PFLOWI_INLINE static inline
#define PFLOWI_NOINLINE
#define PFLOWI_LIKELY(x) (x)
#define PFLOWI_UNLIKELY(x) (x)
#define PFLOWI_PREFETCH(p) ((void)(p))
#define PFLOWI_PRINTF(fmt, args)
#define PFLOWI_UNUSED
#endif

/* The number of the lowest bit that is set; v is not 0. */
#if defined(__GNUC__)
#define PFLOWI_LOWEST_BIT(v) ((unsigned)__builtin_ctzll(v))
#else
static inline unsigned
pflowi_lowest_bit(uint64_t v)
{
	unsigned n = 0;

	for (; (v & 1) == 0; v >>= 1)
		n++;
	return n;
}
#define PFLOWI_LOWEST_BIT(v) pflowi_lowest_bit(v)
#endif

/*
 * Byte order: PFLOWI_SWAPn(v) turns host into network order and back, where
 * the compiler tells the machine's order. bytes.h has a twin that needs to
 * know nothing; tests hold both to the same octets.
 */
#if defined(__BYTE_ORDER__) && defined(__GNUC__)
#define PFLOWI_KNOWS_ORDER 1
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define PFLOWI_SWAP16(v) __builtin_bswap16(v)
#define PFLOWI_SWAP32(v) __builtin_bswap32(v)
#define PFLOWI_SWAP64(v) __builtin_bswap64(v)
#else
#define PFLOWI_SWAP16(v) (v)
#define PFLOWI_SWAP32(v) (v)
#define PFLOWI_SWAP64(v) (v)
#endif
#else
#define PFLOWI_KNOWS_ORDER 0
#define PFLOWI_SWAP16(v) (v)
#define PFLOWI_SWAP32(v) (v)
#define PFLOWI_SWAP64(v) (v)
#endif

/*
 * The four functions that the lower floors may link against. A kernel gives
 * them through its own header: it defines PFLOWI_STRING_HEADER.
 */
#if defined(PFLOWI_STRING_HEADER)
#include PFLOWI_STRING_HEADER
#else
void *memcpy(void *restrict, const void *restrict, size_t);
void *memmove(void *, const void *, size_t);
void *memset(void *, int, size_t);
int memcmp(const void *, const void *, size_t);
#endif

/* A copy of a known small length: a load and a store, even freestanding. */
#if defined(__GNUC__)
#define pflowi_copy(to, from, n) __builtin_memcpy(to, from, n)
#else
#define pflowi_copy(to, from, n) memcpy(to, from, n)
#endif

#define PFLOWI_ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif /* PFLOWI_PORT_H */
