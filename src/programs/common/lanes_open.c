/* SPDX-License-Identifier: ISC */
/* From settings to transports: one for each dst, or one that fails over, with
 * a spool in front where it is wanted. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <pflow/failover.h>
#include <pflow/spool.h>
#include <pflow/transports.h>

#include "programs/common/lanes.h"

#define PATH_LEN 2400

struct made {
	struct pflow_transport *t[PFLOWI_DESTS_MAX];
	size_t count;
	char *err;
	size_t err_len;
};

static void
release(struct made *m)
{
	while (m->count > 0) {
		m->count--;
		m->t[m->count]->ops->close(m->t[m->count]);
	}
}

static int
make_all(const struct pflowi_interface *in, struct made *m)
{
	int status = PFLOW_OK;

	while (m->count < in->count && status == PFLOW_OK) {
		status = pflow_transport_create(in->to[m->count].word,
		    &in->transport, &m->t[m->count], m->err, m->err_len);
		if (status == PFLOW_OK)
			m->count++;
	}
	return status;
}

/** All of them become one. */
static int
make_failover(struct made *m)
{
	struct pflow_transport *one;
	int status = pflow_failover_create(m->t, m->count, NULL, &one, m->err,
	    m->err_len);

	if (status != PFLOW_OK)
		return status;
	m->t[0] = one;
	m->count = 1;
	return status;
}

/** What is sent, as it is sent: behind a spool. There is only one. */
static int
make_tap(const struct pflowi_interface *in, struct made *m)
{
	struct pflowi_tap_config cfg = in->tap;
	struct pflow_transport *tap;
	int status;

	cfg.system = in->transport.system;
	status = pflowi_tap_create(&cfg, m->t[0], &tap, m->err, m->err_len);
	if (status == PFLOW_OK)
		m->t[0] = tap;
	return status;
}

/** DIR for one, a directory in DIR for each of several. */
static int
spool_dir(const struct pflowi_interface *in, const struct made *m, size_t i,
    char *path, size_t len)
{
	if (m->count == 1) {
		(void)snprintf(path, len, "%s", in->spool);
		return PFLOW_OK;
	}
	(void)snprintf(path, len, "%s/%s", in->spool, in->to[i].word);
	if (mkdir(in->spool, S_IRWXU) == 0 || errno == EEXIST)
		return PFLOW_OK;
	(void)snprintf(m->err, m->err_len, "spool %s: can not be made: %s",
	    in->spool, strerror(errno));
	return PFLOW_ERR_SYSTEM;
}

static int
make_spools(const struct pflowi_interface *in, struct made *m)
{
	struct pflow_spool_config cfg;
	struct pflow_transport *spool;
	char path[PATH_LEN];
	int status;
	size_t i;

	for (i = 0; i < m->count; i++) {
		status = spool_dir(in, m, i, path, sizeof(path));
		if (status != PFLOW_OK)
			return status;
		pflow_spool_config_init(&cfg);
		cfg.dir = path;
		cfg.max_octets = in->spool_octets;
		status = pflow_spool_create(&cfg, m->t[i], &spool, m->err,
		    m->err_len);
		if (status != PFLOW_OK)
			return status;
		m->t[i] = spool;
	}
	return PFLOW_OK;
}

int
pflowi_lanes_open(struct pflowi_lanes *l, const struct pflowi_interface *in,
    uint32_t rate_pps, struct pflow_now now, char *err, size_t err_len)
{
	struct made m = { .count = 0, .err = err, .err_len = err_len };
	int status = make_all(in, &m);
	size_t i;

	memset(l, 0, sizeof(*l));
	if (status == PFLOW_OK && in->share == PFLOWI_SHARE_FAILOVER)
		status = make_failover(&m);
	if (status == PFLOW_OK && in->tap.path != NULL)
		status = make_tap(in, &m);
	if (status == PFLOW_OK && in->spool != NULL)
		status = make_spools(in, &m);
	if (status != PFLOW_OK) {
		release(&m);
		return status;
	}
	status = pflowi_lanes_init(l, m.t, m.count, &in->exporter,
	    PFLOWI_OUTLET_MESSAGES, rate_pps, now, err, err_len);
	l->balance = in->share == PFLOWI_SHARE_BALANCE;
	for (i = 0; i < l->count; i++) {
		if (in->spool != NULL && status == PFLOW_OK)
			l->lane[i].spool = m.t[i];
		memcpy(l->lane[i].word, in->to[i].word,
		    sizeof(l->lane[i].word));
	}
	return status;
}
