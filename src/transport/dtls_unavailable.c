/* SPDX-License-Identifier: ISC */
#include "transport/transport.h"

PFLOWI_UNAVAILABLE(dtls, "HOST:PORT", "DTLS over UDP (RFC 7011, 11)",
    PFLOW_TRANSPORT_DATAGRAM, "it needs OpenSSL 3");
