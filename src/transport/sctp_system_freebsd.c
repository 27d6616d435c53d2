/* SPDX-License-Identifier: ISC */
#include "transport/sctp_system.h"

#include <sys/types.h>
#include <sys/filio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/sctp.h>
#include <string.h>

#include "core/time.h"

#define RTO_MAX_MS 10000u
#define HEARTBEAT_MS 30000u

static void
set(int fd, int option, const void *value, size_t len)
{
	(void)setsockopt(fd, IPPROTO_SCTP, option, value, (socklen_t)len);
}

void
pflowi_sctp_system_tune(int fd, uint64_t timeout_ns)
{
	uint64_t ms = timeout_ns / PFLOWI_NS_PER_MS;
	/* 1, 2, 4, 8 seconds, then RTO_MAX_MS each. */
	uint16_t tries = (uint16_t)pflowi_min_u64(4 + ms / RTO_MAX_MS, 1000);
	struct sctp_rtoinfo rto;
	struct sctp_assocparams assoc;
	struct sctp_paddrparams path;
	int on = 1;

	memset(&rto, 0, sizeof(rto));
	memset(&assoc, 0, sizeof(assoc));
	memset(&path, 0, sizeof(path));
	rto.srto_max = RTO_MAX_MS;
	assoc.sasoc_asocmaxrxt = tries;
	path.spp_flags = SPP_HB_ENABLE;
	path.spp_hbinterval =
	    (uint32_t)pflowi_min_u64(HEARTBEAT_MS, ms / 4 + 1);
	path.spp_pathmaxrxt = tries;
	set(fd, SCTP_NODELAY, &on, sizeof(on));
	set(fd, SCTP_RTOINFO, &rto, sizeof(rto));
	set(fd, SCTP_PEER_ADDR_PARAMS, &path, sizeof(path));
	set(fd, SCTP_ASSOCINFO, &assoc, sizeof(assoc));
}

bool
pflowi_sctp_system_is_idle(int fd)
{
	int waiting = 0;

	return ioctl(fd, FIONWRITE, &waiting) == 0 && waiting == 0;
}
