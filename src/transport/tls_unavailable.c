/* SPDX-License-Identifier: ISC */
#include "transport/transport.h"

PFLOWI_UNAVAILABLE(tls, "HOST:PORT", "TLS over TCP (RFC 7011, 11)",
    PFLOW_TRANSPORT_STREAM, "it needs OpenSSL 3");
