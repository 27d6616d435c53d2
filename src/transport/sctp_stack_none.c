/* SPDX-License-Identifier: ISC */
/* A build without libusrsctp: the system's SCTP or none. */
#include "transport/sctp.h"

const struct pflowi_layer *const pflowi_sctp_stack_layer = NULL;

void
pflowi_sctp_stack_open(void)
{
}
