/* SPDX-License-Identifier: ISC */
#include "transport/transport.h"

PFLOWI_UNAVAILABLE(sctp, "HOST:PORT", "SCTP (RFC 7011, 10.2)",
    PFLOW_TRANSPORT_STREAM, "it needs SCTP in the system or libusrsctp");
