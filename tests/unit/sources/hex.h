/* SPDX-License-Identifier: ISC */
/* Octets as people write them: "4500 0014 ...". */
#ifndef PFLOW_TEST_SOURCES_HEX_H
#define PFLOW_TEST_SOURCES_HEX_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static inline int
hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c == '\0' ? NULL : strchr(digits, c);

	return at == NULL ? -1 : (int)(at - digits);
}

/** Append what a string says to buf; everything but digits is passed over. */
static inline size_t
hex_put(uint8_t *buf, size_t at, size_t room, const char *hex)
{
	int high = -1;

	for (; *hex != '\0'; hex++) {
		int d = hex_digit(*hex);

		if (d < 0)
			continue;
		if (high < 0) {
			high = d;
			continue;
		}
		if (at == room)
			abort();
		buf[at++] = (uint8_t)(high << 4 | d);
		high = -1;
	}
	return at;
}

#endif /* PFLOW_TEST_SOURCES_HEX_H */
