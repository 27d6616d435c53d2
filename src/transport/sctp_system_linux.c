/* SPDX-License-Identifier: ISC */
#include "transport/sctp_system.h"

#include <sys/socket.h>

#include <linux/sctp.h> /* needs the names above */
#include <linux/sock_diag.h>
#include <netinet/in.h>
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

/** Chunks are charged to the socket until they are acknowledged. */
bool
pflowi_sctp_system_is_idle(int fd)
{
	uint32_t memory[SK_MEMINFO_VARS];
	socklen_t len = sizeof(memory);

	memset(memory, 0xff, sizeof(memory));
	return getsockopt(fd, SOL_SOCKET, SO_MEMINFO, memory, &len) == 0 &&
	    memory[SK_MEMINFO_WMEM_QUEUED] == 0;
}
