/* SPDX-License-Identifier: ISC */
/* Seeds from getentropy(). */
#include <unistd.h>

#include "sources/pcap_account.h"

int
pflowi_seed(void *to, size_t len)
{
	return getentropy(to, len) == 0 ? PFLOW_OK : PFLOW_ERR_SYSTEM;
}
