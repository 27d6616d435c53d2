/* SPDX-License-Identifier: ISC */
/* What the transports share inside the room. */
#ifndef PFLOWI_TRANSPORT_H
#define PFLOWI_TRANSPORT_H

#include <pflow/transports.h>

#include "core/port.h"

/** Every kind, in the order it is printed: K(symbol). */
#define PFLOWI_TRANSPORT_KINDS(K) \
	K(udp)                    \
	K(tcp)                    \
	K(tls)                    \
	K(dtls)                   \
	K(sctp)                   \
	K(file)

#define PFLOWI_TRANSPORT_DECLARE(symbol) \
	extern const struct pflow_transport_kind pflowi_transport_##symbol;
PFLOWI_TRANSPORT_KINDS(PFLOWI_TRANSPORT_DECLARE)
#undef PFLOWI_TRANSPORT_DECLARE

/** Room for one line about an error. */
#define PFLOWI_ERROR_MAX 512

/** snprintf that does not tell how much it left out. */
void pflowi_say(char *out, size_t len, const char *fmt, ...)
    PFLOWI_PRINTF(3, 4);

/** A configuration of this library's size: what a caller compiled against an
 *  older header does not know keeps its default. */
int pflowi_transport_config_take(struct pflow_transport_config *out,
    const struct pflow_transport_config *cfg, char *err, size_t err_len);

/** Tell one counter. */
PFLOWI_INLINE void
pflowi_tell(pflow_counter_fn *fn, void *arg, const char *name, const char *help,
    uint64_t value, enum pflow_counter_kind kind)
{
	struct pflow_counter c = {name, help, value, kind};

	fn(arg, &c);
}

/** The create() of a kind that is not in this build. */
int pflowi_unavailable(
    const char *name, const char *needs, char *err, size_t err_len);

/** A kind that exists, but not in this build. */
#define PFLOWI_UNAVAILABLE(symbol, arg_text, help_text, nature_, needs)  \
	static int create_unavailable(const char *argument,              \
	    const struct pflow_transport_config *cfg,                    \
	    struct pflow_transport **out, char *err, size_t err_len)     \
	{                                                                \
		(void)argument;                                          \
		(void)cfg;                                               \
		*out = NULL;                                             \
		return pflowi_unavailable(#symbol, needs, err, err_len); \
	}                                                                \
	const struct pflow_transport_kind pflowi_transport_##symbol = {  \
	    .name = #symbol,                                             \
	    .argument = arg_text,                                        \
	    .help = help_text,                                           \
	    .available = false,                                          \
	    .nature = nature_,                                           \
	    .create = create_unavailable,                                \
	}

#endif /* PFLOWI_TRANSPORT_H */
