/* SPDX-License-Identifier: ISC */
/* pf_openbsd.c as it is, its system calls led to pf_fake.c. */
#define _DEFAULT_SOURCE
#define open fake_open
#define close fake_close
#define ioctl fake_ioctl
#define pflowi_pf_live_available fake_openbsd_available
#define pflowi_pf_live_open fake_openbsd_open
#define pflowi_pf_live_begin fake_openbsd_begin
#define pflowi_pf_live_next fake_openbsd_next
#define pflowi_pf_live_close fake_openbsd_close

#include "sources/pf_openbsd.c"

#undef open
#undef close
#include "pf_fake.h"

/* On machines with 64-bit pointers: what the kernel expects. */
_Static_assert(sizeof(void *) != 8 || GET_STATES == 0xC0104419ul,
    "DIOCGETSTATES has another number");

const struct pf_system pf_fake_openbsd = {
	.name = "openbsd",
	.open = pflowi_pf_live_open,
	.begin = pflowi_pf_live_begin,
	.next = pflowi_pf_live_next,
	.close = pflowi_pf_live_close,
	.available = &pflowi_pf_live_available,
};
