/* SPDX-License-Identifier: ISC */
/* One receiver: an exporter with its memory, and its transport. */
#ifndef PFLOWI_RECEIVER_H
#define PFLOWI_RECEIVER_H

#include <pflow/receivers.h>

struct pflowi_receiver {
	struct pflow_transport *transport; /**< owned */
	struct pflow_exporter exporter;
	void *block; /**< owned */
	uint32_t mtu;
	uint32_t overhead; /**< as the exporter was told */
	uint32_t generation;
	uint32_t refreshes;
	uint32_t message_max; /**< as the transport told last */
	bool half_out;	      /**< the head may be out in part */
	bool hopeless;	      /**< PFLOW_ERR_SYSTEM */
};

/** @param t  owned from now on, also on failure */
int pflowi_receiver_open(struct pflowi_receiver *r, struct pflow_transport *t,
    const struct pflow_exporter_config *cfg, size_t messages,
    struct pflow_now now, char *err, size_t err_len);

void pflowi_receiver_close(struct pflowi_receiver *r);

/**
 * Feed; full queues are emptied into the transport, then, unless `wait`,
 * lose their oldest message.
 *
 * @return PFLOW_OK: all taken; PFLOW_ERR_AGAIN: *taken < count
 */
int pflowi_receiver_feed(struct pflowi_receiver *r,
    const struct pflow_state *states, size_t count, bool wait,
    struct pflow_now now, size_t *taken);

/** Service, tick, send. @return PFLOW_OK: nothing waits; PFLOW_ERR_AGAIN;
 *  PFLOW_ERR_SYSTEM */
int pflowi_receiver_service(struct pflowi_receiver *r, struct pflow_now now);

#endif /* PFLOWI_RECEIVER_H */
