/* SPDX-License-Identifier: ISC */
/*
 * sctp_collector FILE ADDRESS udp|ip: write the messages of one association
 * to a file (RFC 5655). Says the UDP port first and, when the association is
 * over, what was wrong with it; 0 if nothing was.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "common/sctp_peer.h"

#define PORT 4739
#define SILENCE_MS 20000

static struct sctp_peer peer;
static uint8_t octets[65536];

static int
collect(FILE *out)
{
	struct pollfd pfd = {.fd = peer.fd, .events = POLLIN};
	size_t n;

	while (!peer.shut_down && !peer.aborted) {
		if (poll(&pfd, 1, SILENCE_MS) == 0) {
			fprintf(stderr, "sctp_collector: silence\n");
			return 1;
		}
		sctp_peer_turn(&peer);
		while ((n = sctp_peer_take(&peer, octets, sizeof(octets))) > 0)
			if (fwrite(octets, 1, n, out) != n)
				return 1;
	}
	return 0;
}

int
main(int argc, char **argv)
{
	FILE *out;
	int rc;

	if (argc != 4) {
		fprintf(stderr, "usage: sctp_collector FILE ADDRESS udp|ip\n");
		return 2;
	}
	out = fopen(argv[1], "wb");
	if (out == NULL ||
	    !sctp_peer_open(
		&peer, argv[2], 0, PORT, strcmp(argv[3], "ip") == 0)) {
		fprintf(stderr, "sctp_collector: %s\n", strerror(errno));
		return 1;
	}
	printf("port %u\n", (unsigned)peer.udp_port);
	fflush(stdout);
	rc = collect(out);
	if (fclose(out) != 0)
		rc = 1;
	printf("messages %u fragments %u checksums %u streams %u ppids %u "
	       "unordered %u stray %u aborted %u\n",
	    peer.messages, peer.fragments, peer.bad_checksums, peer.bad_streams,
	    peer.bad_ppids, peer.unordered, peer.stray, peer.aborted);
	sctp_peer_close(&peer);
	return rc != 0 ||
	    peer.bad_checksums + peer.bad_streams + peer.bad_ppids +
		peer.unordered + peer.stray + peer.aborted >
	    0;
}
