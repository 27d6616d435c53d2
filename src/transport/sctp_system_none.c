/* SPDX-License-Identifier: ISC */
/* The system has no SCTP that we know how to ask for. */
#include "transport/sctp.h"

const struct pflowi_layer *const pflowi_sctp_system_layer = NULL;
