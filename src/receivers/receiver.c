/* SPDX-License-Identifier: ISC */
#include "receivers/receiver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/time.h"

/** Messages offered in one send(); two full runs of segmentation offload. */
#define BATCH 92

int
pflowi_receiver_open(struct pflowi_receiver *r, struct pflow_transport *t,
    const struct pflow_exporter_config *cfg, size_t messages,
    struct pflow_now now, char *err, size_t err_len)
{
	struct pflow_exporter_config own = *cfg;
	size_t len;
	int rc;

	memset(r, 0, sizeof(*r));
	r->transport = t;
	rc = t->ops->open(t, now);
	if (rc != PFLOW_OK) {
		(void)snprintf(err, err_len, "%s", t->ops->error_text(t));
		return rc;
	}
	own.overhead = t->overhead;
	own.nature = t->ops->nature;
	r->mtu = own.mtu;
	r->overhead = own.overhead;
	len = pflow_exporter_block_size(&own, messages);
	r->block = len == 0 ? NULL : malloc(len);
	if (len != 0 && r->block == NULL) {
		(void)snprintf(err, err_len, "out of memory: %zu octets", len);
		return PFLOW_ERR_NOMEM;
	}
	/* With len 0 it says what is wrong with the settings. */
	rc = pflow_exporter_init(&r->exporter, &own, r->block, len, now);
	if (rc == PFLOW_OK)
		return rc;
	(void)snprintf(err, err_len,
	    "exporter settings: %s (version %u, mtu %u, %u octets around a "
	    "message, %zu messages)",
	    pflow_status_text(rc), (unsigned)own.version, (unsigned)own.mtu,
	    (unsigned)own.overhead, messages);
	return rc;
}

void
pflowi_receiver_close(struct pflowi_receiver *r)
{
	if (r->transport != NULL)
		r->transport->ops->close(r->transport);
	free(r->block);
	memset(r, 0, sizeof(*r));
}

/** Messages must fit what the transport knows of its path. */
static void
follow_size(struct pflowi_receiver *r, struct pflow_now now)
{
	const struct pflow_transport *t = r->transport;
	uint32_t max = r->mtu > t->overhead ? r->mtu - t->overhead : 0;

	if (t->message_limit != 0 && t->message_limit < max)
		max = t->message_limit;
	if (max == r->message_max)
		return;
	r->message_max = max;
	/* Refused if no record would fit: then messages stay as they are and
	 * the transport counts what it can not send. */
	(void)pflow_exporter_set_mtu(&r->exporter, max + r->overhead, now);
}

/** What the transport learned is told to the exporter. */
static void
follow(struct pflowi_receiver *r, struct pflow_now now)
{
	const struct pflow_transport *t = r->transport;

	if (t->generation != r->generation) {
		r->half_out = false;
		/* The exporter is born with its first session begun. */
		if (r->generation != 0)
			pflow_exporter_session_restart(&r->exporter, now);
		r->generation = t->generation;
	}
	if (t->refreshes != r->refreshes) {
		r->refreshes = t->refreshes;
		pflow_exporter_refresh(&r->exporter);
	}
	follow_size(r, now);
}

/** Hand over what the transport takes. @return PFLOW_OK: nothing waits */
static int
send_pending(struct pflowi_receiver *r, struct pflow_now now, size_t *moved)
{
	struct pflow_message msgs[BATCH];
	size_t count, sent;
	int rc;

	for (*moved = 0;; *moved += sent) {
		follow(r, now);
		count = pflow_exporter_pending(&r->exporter, msgs, BATCH);
		if (count == 0)
			return PFLOW_OK;
		sent = 0;
		rc = r->transport->ops->send(
		    r->transport, msgs, count, &sent, now);
		pflow_exporter_ack(&r->exporter, sent);
		r->half_out = rc == PFLOW_ERR_AGAIN &&
		    r->transport->ops->nature != PFLOW_TRANSPORT_DATAGRAM;
		if (rc == PFLOW_OK)
			continue;
		*moved += sent;
		return PFLOW_ERR_AGAIN;
	}
}

/** The oldest message has to go, if there is one that may. */
static bool
drop_oldest(struct pflowi_receiver *r, struct pflow_now now)
{
	size_t keep = r->half_out ? 1 : 0;

	if (pflow_exporter_discard_behind(&r->exporter, keep, 1) == 1)
		return true;
	(void)pflow_exporter_flush(&r->exporter, now);
	return pflow_exporter_discard_behind(&r->exporter, keep, 1) == 1;
}

int
pflowi_receiver_feed(struct pflowi_receiver *r,
    const struct pflow_state *states, size_t count, bool wait,
    struct pflow_now now, size_t *taken)
{
	size_t n, moved;

	for (*taken = 0;;) {
		int rc = pflow_exporter_feed_many(
		    &r->exporter, states + *taken, count - *taken, now, &n);

		*taken += n;
		if (rc != PFLOW_ERR_AGAIN)
			return rc;
		(void)send_pending(r, now, &moved);
		if (moved == 0 && (wait || !drop_oldest(r, now)))
			return PFLOW_ERR_AGAIN;
	}
}

int
pflowi_receiver_service(struct pflowi_receiver *r, struct pflow_now now)
{
	int rc = r->transport->ops->service(r->transport, now);
	size_t moved;

	r->hopeless = rc == PFLOW_ERR_SYSTEM;
	follow(r, now);
	if (now.mono_ns >= pflow_exporter_deadline(&r->exporter))
		(void)pflow_exporter_tick(&r->exporter, now);
	rc = send_pending(r, now, &moved);
	return r->hopeless ? PFLOW_ERR_SYSTEM : rc;
}
