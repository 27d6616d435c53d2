/* SPDX-License-Identifier: ISC */
/*
 * The one place for compiler conditionals (docs/architecture.md).
 */
#ifndef PFLOWI_PORT_H
#define PFLOWI_PORT_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define PFLOWI_INLINE static inline __attribute__((always_inline, unused))
#define PFLOWI_NOINLINE __attribute__((noinline))
#define PFLOWI_LIKELY(x) __builtin_expect(!!(x), 1)
#define PFLOWI_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define PFLOWI_PREFETCH(p) __builtin_prefetch(p)
#define PFLOWI_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define PFLOWI_UNUSED __attribute__((unused))
#else
#define PFLOWI_INLINE static inline
#define PFLOWI_NOINLINE
#define PFLOWI_LIKELY(x) (x)
#define PFLOWI_UNLIKELY(x) (x)
#define PFLOWI_PREFETCH(p) ((void)(p))
#define PFLOWI_PRINTF(fmt, args)
#define PFLOWI_UNUSED
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

#define PFLOWI_ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif /* PFLOWI_PORT_H */
