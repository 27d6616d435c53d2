/* SPDX-License-Identifier: ISC */
/* All that the lower floors may ask of their surroundings. */
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *restrict dst, const void *restrict src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int value, size_t n);
int memcmp(const void *a, const void *b, size_t n);

/* volatile: or the compiler makes these loops into calls of themselves. */
void *
memcpy(void *restrict dst, const void *restrict src, size_t n)
{
	volatile uint8_t *d = dst;
	const uint8_t *s = src;

	while (n-- > 0)
		*d++ = *s++;
	return dst;
}

void *
memmove(void *dst, const void *src, size_t n)
{
	volatile uint8_t *d = dst;
	const uint8_t *s = src;
	size_t i;

	if ((uintptr_t)dst <= (uintptr_t)src)
		return memcpy(dst, src, n);
	for (i = n; i > 0; i--)
		d[i - 1] = s[i - 1];
	return dst;
}

void *
memset(void *dst, int value, size_t n)
{
	volatile uint8_t *d = dst;

	while (n-- > 0)
		*d++ = (uint8_t)value;
	return dst;
}

int
memcmp(const void *a, const void *b, size_t n)
{
	const volatile uint8_t *x = a, *y = b;

	for (; n > 0; n--, x++, y++) {
		if (*x != *y)
			return *x < *y ? -1 : 1;
	}
	return 0;
}
