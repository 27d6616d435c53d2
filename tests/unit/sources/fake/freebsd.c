/* SPDX-License-Identifier: ISC */
/* pf_freebsd.c as it is, its system calls led to pf_fake.c. */
#define _DEFAULT_SOURCE
#define open fake_open
#define close fake_close
#define ioctl fake_ioctl
#define socket fake_socket
#define send fake_send
#define recv fake_recv
#define recvmsg fake_recvmsg
#define pflowi_pf_live_available fake_freebsd_available
#define pflowi_pf_live_open fake_freebsd_open
#define pflowi_pf_live_begin fake_freebsd_begin
#define pflowi_pf_live_next fake_freebsd_next
#define pflowi_pf_live_close fake_freebsd_close

#include "sources/pf_freebsd.c"

#undef open
#undef close
#include "pf_fake.h"

_Static_assert(sizeof(void *) != 8 || GET_STATES == 0xC0104419ul,
    "DIOCGETSTATES has another number");
_Static_assert(sizeof(void *) != 8 || GET_STATES_V2 == 0xC018445Dul,
    "DIOCGETSTATESV2 has another number");

const struct pf_system pf_fake_freebsd = {
	.name = "freebsd",
	.open = pflowi_pf_live_open,
	.begin = pflowi_pf_live_begin,
	.next = pflowi_pf_live_next,
	.close = pflowi_pf_live_close,
	.available = &pflowi_pf_live_available,
};
