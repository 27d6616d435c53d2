/* SPDX-License-Identifier: ISC */
/* Seeds from /dev/urandom, where there is no getentropy(). */
#include <stdio.h>

#include "sources/pcap_account.h"

int
pflowi_seed(void *to, size_t len)
{
	FILE *f = fopen("/dev/urandom", "rb");
	size_t n;

	if (f == NULL)
		return PFLOW_ERR_SYSTEM;
	n = fread(to, 1, len, f);
	fclose(f);
	return n == len ? PFLOW_OK : PFLOW_ERR_SYSTEM;
}
