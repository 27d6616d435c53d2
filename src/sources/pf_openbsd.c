/* SPDX-License-Identifier: ISC */
/*
 * The table of OpenBSD's pf: DIOCGETSTATES on /dev/pf. The request is declared
 * here, for <net/pfvar.h> has changed around it more often than it has.
 */
#include <sys/types.h>
#include <sys/ioctl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sources/pf_fetch.h"
#include "sources/pf_live.h"

/** struct pfioc_states: octets that are there, or that there is room for. */
struct states_request {
	size_t len;
	void *buf;
};

#define GET_STATES _IOWR('D', 25, struct states_request)

struct pflowi_pf_live {
	int fd;
	struct pflowi_pf_fetch fetch;
};

const bool pflowi_pf_live_available = true;

int
pflowi_pf_live_open(struct pflowi_pf_live **out, size_t memory_limit, char *err,
    size_t err_len)
{
	struct pflowi_pf_live *live = calloc(1, sizeof(*live));

	*out = NULL;
	if (live == NULL) {
		snprintf(err, err_len, "pf: out of memory");
		return PFLOW_ERR_NOMEM;
	}
	live->fetch.layout = PFLOWI_PF_LAYOUT_openbsd;
	live->fetch.order = PFLOWI_PF_BIG;
	live->fetch.limit = memory_limit;
	live->fd = open("/dev/pf", O_RDONLY | O_CLOEXEC);
	if (live->fd == -1) {
		snprintf(err, err_len, "/dev/pf: %s", strerror(errno));
		free(live);
		return PFLOW_ERR_SYSTEM;
	}
	*out = live;
	return PFLOW_OK;
}

static int
ask(void *arg, void *buf, size_t room, size_t *len)
{
	const struct pflowi_pf_live *live = arg;
	struct states_request req;

	req.len = room;
	req.buf = buf;
	if (ioctl(live->fd, GET_STATES, &req) == -1)
		return PFLOW_ERR_SYSTEM;
	*len = req.len;
	return PFLOW_OK;
}

int
pflowi_pf_live_begin(struct pflowi_pf_live *live, char *err, size_t err_len)
{
	return pflowi_pf_fetch(&live->fetch, ask, live, "/dev/pf: DIOCGETSTATES",
	    err, err_len);
}

int
pflowi_pf_live_next(struct pflowi_pf_live *live, struct pflowi_pf_raw *raw,
    char *err, size_t err_len)
{
	(void)err;
	(void)err_len;
	return pflowi_pf_fetch_next(&live->fetch, raw);
}

void
pflowi_pf_live_close(struct pflowi_pf_live *live)
{
	if (live == NULL)
		return;
	close(live->fd);
	pflowi_pf_fetch_fini(&live->fetch);
	free(live);
}
