/* SPDX-License-Identifier: ISC */
/*
 * Getting connected, again and again: names, addresses, attempts, back-off
 * (RFC 7011, 10.4.4). What goes over the socket is not known here.
 */
#ifndef PFLOWI_CONN_H
#define PFLOWI_CONN_H

#include "core/time.h"
#include "transport/socket.h"

#define PFLOWI_RETRY_NS (UINT64_C(60) * PFLOWI_NS_PER_SEC)
#define PFLOWI_CONNECT_TIMEOUT_NS (UINT64_C(30) * PFLOWI_NS_PER_SEC)
#define PFLOWI_PEER_TIMEOUT_NS (UINT64_C(180) * PFLOWI_NS_PER_SEC)
/** While a session is up its name is asked anew this often. */
#define PFLOWI_CONN_RESOLVE_NS (UINT64_C(300) * PFLOWI_NS_PER_SEC)

enum pflowi_conn_state {
	PFLOWI_CONN_WAITING, /**< until due_ns */
	PFLOWI_CONN_RESOLVING,
	PFLOWI_CONN_CONNECTING, /**< at most until due_ns */
	PFLOWI_CONN_UP
};

struct pflowi_conn {
	struct pflowi_peer peer;
	struct pflowi_resolver resolver;
	struct pflowi_addrs addrs; /**< the last answer */
	struct pflowi_addr at;	   /**< the one in use */
	size_t next_addr;
	enum pflowi_conn_state state;
	int fd;		   /**< -1 but in CONNECTING and UP */
	unsigned failures; /**< since a session was up */
	uint64_t due_ns;
	uint64_t attempt_ns; /**< when the last attempt began */
	uint64_t resolve_ns; /**< UP: when to ask again */
	uint64_t retry_ns;
	uint64_t retry_max_ns;
	uint64_t timeout_ns;
	uint64_t peer_timeout_ns;
	uint64_t n_attempts;
	uint64_t n_failures;
	uint64_t n_resolve_failures;
	char error[PFLOWI_ERROR_MAX];
};

int pflowi_conn_init(struct pflowi_conn *c, const char *kind, int socktype,
    const char *argument, const char *default_port,
    const struct pflow_transport_config *cfg, char *err, size_t err_len);

/** Begin at once. @return as pflowi_peer_check() */
int pflowi_conn_open(struct pflowi_conn *c, struct pflow_now now);

/** Go on. @return PFLOW_OK: fd is connected; PFLOW_ERR_AGAIN: not yet */
int pflowi_conn_service(struct pflowi_conn *c, struct pflow_now now);

/** The session works: the next failure is the first one again. */
void pflowi_conn_success(struct pflowi_conn *c);

/**
 * The session ended or never came to be: close it, say why, try again when
 * it is time.
 */
void pflowi_conn_lost(
    struct pflowi_conn *c, struct pflow_now now, const char *why);

/** After pflowi_conn_lost(): nothing failed, begin as soon as it may be. */
void pflowi_conn_renew(struct pflowi_conn *c, struct pflow_now now);

/** What a connection that is not up waits for; its timers if it is. */
void pflowi_conn_want(const struct pflowi_conn *c, struct pflow_want *out);

void pflowi_conn_fini(struct pflowi_conn *c);

#endif /* PFLOWI_CONN_H */
