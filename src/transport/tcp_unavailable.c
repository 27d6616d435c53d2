/* SPDX-License-Identifier: ISC */
#include "transport/transport.h"

PFLOWI_UNAVAILABLE(tcp, "HOST:PORT", "reliable stream (RFC 7011, 10.4)",
    PFLOW_TRANSPORT_STREAM, "it is to be built with sockets");
