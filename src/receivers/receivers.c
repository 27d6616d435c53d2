/* SPDX-License-Identifier: ISC */
#include <pflow/receivers.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/time.h"
#include "receivers/receiver.h"

#define MESSAGES 512
/** Open messages, one half out, and one to drop. */
#define MESSAGES_MIN 8

struct pflow_receivers {
	struct pflow_receivers_config cfg;
	size_t count;
	size_t skip[PFLOW_RECEIVERS_MAX]; /**< `all`, `wait`: states that this
					       receiver has taken already */
	struct pflowi_receiver receiver[PFLOW_RECEIVERS_MAX];
};

void
pflow_receivers_config_init(struct pflow_receivers_config *cfg)
{
	memset(cfg, 0, sizeof(*cfg));
	cfg->struct_size = sizeof(*cfg);
	cfg->mode = PFLOW_RECEIVERS_ALL;
	cfg->messages = MESSAGES;
	pflow_exporter_config_init(&cfg->exporter);
}

static int
check(const struct pflow_receivers_config *cfg, size_t count, char *err,
    size_t err_len)
{
	if (cfg->struct_size != sizeof(*cfg))
		(void)snprintf(err, err_len,
		    "receivers: settings of %zu octets, begin with "
		    "pflow_receivers_config_init()",
		    cfg->struct_size);
	else if (count < 1 || count > PFLOW_RECEIVERS_MAX)
		(void)snprintf(err, err_len, "%zu receivers, expected 1 to %d",
		    count, PFLOW_RECEIVERS_MAX);
	else if (cfg->mode != PFLOW_RECEIVERS_ALL &&
	    cfg->mode != PFLOW_RECEIVERS_BALANCE)
		(void)snprintf(err, err_len,
		    "receivers: mode %d, expected all or balance",
		    (int)cfg->mode);
	else if (cfg->messages < MESSAGES_MIN)
		(void)snprintf(err, err_len,
		    "receivers: %zu messages may wait, expected at least %d",
		    cfg->messages, MESSAGES_MIN);
	else
		return PFLOW_OK;
	return PFLOW_ERR_INVALID;
}

int
pflow_receivers_open(const struct pflow_receivers_config *cfg,
    struct pflow_transport *const *transports, size_t count,
    struct pflow_now now, struct pflow_receivers **out, char *err,
    size_t err_len)
{
	struct pflow_receivers *r = NULL;
	int rc = check(cfg, count, err, err_len);
	size_t i;

	*out = NULL;
	if (rc == PFLOW_OK && (r = calloc(1, sizeof(*r))) == NULL) {
		(void)snprintf(err, err_len, "receivers: out of memory");
		rc = PFLOW_ERR_NOMEM;
	}
	if (rc != PFLOW_OK) {
		for (i = 0; i < count; i++)
			transports[i]->ops->close(transports[i]);
		return rc;
	}
	r->cfg = *cfg;
	r->count = count;
	/* All of them, so that all are released. */
	for (i = 0; i < count; i++) {
		if (rc == PFLOW_OK)
			rc = pflowi_receiver_open(&r->receiver[i],
			    transports[i], &cfg->exporter, cfg->messages, now,
			    err, err_len);
		else
			r->receiver[i].transport = transports[i];
	}
	if (rc == PFLOW_OK)
		*out = r;
	else
		pflow_receivers_close(r);
	return rc;
}

/** Every receiver gets all; one that refuses gets the rest next time. */
static int
feed_all(struct pflow_receivers *r, const struct pflow_state *states,
    size_t count, struct pflow_now now, size_t *taken)
{
	size_t i, n;

	*taken = count;
	for (i = 0; i < r->count; i++) {
		size_t skip = r->skip[i] < count ? r->skip[i] : count;

		(void)pflowi_receiver_feed(&r->receiver[i], states + skip,
		    count - skip, r->cfg.wait, now, &n);
		r->skip[i] += n;
		if (skip + n < *taken)
			*taken = skip + n;
	}
	for (i = 0; i < r->count; i++)
		r->skip[i] -= *taken;
	return *taken == count ? PFLOW_OK : PFLOW_ERR_AGAIN;
}

static int
feed_balanced(struct pflow_receivers *r, const struct pflow_state *states,
    size_t count, struct pflow_now now, size_t *taken)
{
	size_t n;

	for (*taken = 0; *taken < count; ++*taken) {
		const struct pflow_state *st = &states[*taken];
		size_t i = pflow_receivers_pick(st, r->count);

		if (pflowi_receiver_feed(&r->receiver[i], st, 1, r->cfg.wait,
			now, &n) != PFLOW_OK)
			return PFLOW_ERR_AGAIN;
	}
	return PFLOW_OK;
}

int
pflow_receivers_feed(struct pflow_receivers *r,
    const struct pflow_state *states, size_t count, struct pflow_now now,
    size_t *taken)
{
	if (r->cfg.mode == PFLOW_RECEIVERS_BALANCE)
		return feed_balanced(r, states, count, now, taken);
	return feed_all(r, states, count, now, taken);
}

int
pflow_receivers_service(struct pflow_receivers *r, struct pflow_now now)
{
	size_t i, hopeless = 0;
	int rc = PFLOW_OK;

	for (i = 0; i < r->count; i++) {
		int one = pflowi_receiver_service(&r->receiver[i], now);

		hopeless += one == PFLOW_ERR_SYSTEM;
		if (one != PFLOW_OK)
			rc = PFLOW_ERR_AGAIN;
	}
	return hopeless == r->count ? PFLOW_ERR_SYSTEM : rc;
}

void
pflow_receivers_want(
    const struct pflow_receivers *r, size_t i, struct pflow_want *out)
{
	const struct pflowi_receiver *one = &r->receiver[i];

	one->transport->ops->want(one->transport, out);
	out->deadline_ns = pflowi_min_u64(
	    out->deadline_ns, pflow_exporter_deadline(&one->exporter));
}

void
pflow_receivers_flush(struct pflow_receivers *r, struct pflow_now now)
{
	size_t i;

	for (i = 0; i < r->count; i++)
		(void)pflow_exporter_flush(&r->receiver[i].exporter, now);
}

void
pflow_receivers_refresh(struct pflow_receivers *r)
{
	size_t i;

	for (i = 0; i < r->count; i++)
		pflow_exporter_refresh(&r->receiver[i].exporter);
}

size_t
pflow_receivers_count(const struct pflow_receivers *r)
{
	return r->count;
}

struct pflow_transport *
pflow_receivers_transport(struct pflow_receivers *r, size_t i)
{
	return r->receiver[i].transport;
}

const struct pflow_exporter_stats *
pflow_receivers_stats(const struct pflow_receivers *r, size_t i)
{
	return pflow_exporter_stats(&r->receiver[i].exporter);
}

void
pflow_receivers_abandon(struct pflow_receivers *r, struct pflow_now now)
{
	size_t i;

	pflow_receivers_flush(r, now);
	for (i = 0; i < r->count; i++)
		pflow_exporter_discard(&r->receiver[i].exporter, SIZE_MAX);
}

void
pflow_receivers_close(struct pflow_receivers *r)
{
	size_t i;

	for (i = 0; i < r->count; i++)
		pflowi_receiver_close(&r->receiver[i]);
	free(r);
}
