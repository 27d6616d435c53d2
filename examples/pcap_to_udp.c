/* SPDX-License-Identifier: ISC */
/*
 * The whole way in one page: packets of a capture file become flows, flows
 * become IPFIX Messages, messages go to a collector over UDP. pflowexport
 * does the same with every source, transport and setting.
 *
 *	pcap_to_udp FILE 127.0.0.1:4739
 *
 * Build: cc pcap_to_udp.c $(pkg-config --cflags --libs libpflow-sources
 *     libpflow-transport)
 */
#include <poll.h>
#include <stdio.h>
#include <time.h>

#include <pflow/pflow.h>
#include <pflow/sources.h>
#include <pflow/transports.h>

#define NS_PER_SEC UINT64_C(1000000000)
#define NS_PER_MS UINT64_C(1000000)

static struct pflow_exporter exporter;
static uint8_t block[64 * 1500];
static struct pflow_now last; /* the time of the recording, as far as read */

static uint64_t
clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_SEC + (uint64_t)ts.tv_nsec;
}

static struct pflow_now
sample(void)
{
	struct pflow_now now = { clock_ns(CLOCK_MONOTONIC),
		clock_ns(CLOCK_REALTIME) };

	return now;
}

/* A refused state stays in the source: nothing is lost for want of room. */
static int
sink(void *arg, const struct pflow_state *states, size_t count,
    struct pflow_now now, size_t *taken)
{
	(void)arg;
	last = now;
	return pflow_exporter_feed_many(&exporter, states, count, now, taken);
}

/* Wait until the transport can go on. */
static void
wait_for(const struct pflow_transport *t)
{
	struct pflow_want want;
	struct pollfd pfd;
	uint64_t now = clock_ns(CLOCK_MONOTONIC);
	int ms = 1000;

	t->ops->want(t, &want);
	if (want.deadline_ns <= now)
		ms = 0;
	else if (want.deadline_ns - now < 1000 * NS_PER_MS)
		ms = (int)((want.deadline_ns - now) / NS_PER_MS) + 1;
	pfd.fd = want.fd;
	pfd.events = (short)((want.events & PFLOW_WANT_READ ? POLLIN : 0) |
	    (want.events & PFLOW_WANT_WRITE ? POLLOUT : 0));
	(void)poll(&pfd, 1, ms);
}

/* Hand over every sealed message; 0, or what cannot be mended. */
static int
drain(struct pflow_transport *t)
{
	struct pflow_message msgs[32];
	size_t count, sent;
	int rc;

	while ((count = pflow_exporter_pending(&exporter, msgs, 32)) > 0) {
		rc = t->ops->send(t, msgs, count, &sent, sample());
		pflow_exporter_ack(&exporter, sent);
		if (rc == PFLOW_OK)
			continue;
		if (rc != PFLOW_ERR_AGAIN)
			return rc;
		wait_for(t);
		rc = t->ops->service(t, sample());
		if (rc != PFLOW_OK && rc != PFLOW_ERR_AGAIN)
			return rc;
	}
	return PFLOW_OK;
}

static int
run(struct pflow_source *src, struct pflow_transport *t)
{
	struct pflow_exporter_config cfg;
	int rc;

	if (src->ops->open(src, sample()) != PFLOW_OK) {
		fprintf(stderr, "%s\n", src->ops->error_text(src));
		return 1;
	}
	if (t->ops->open(t, sample()) != PFLOW_OK) {
		fprintf(stderr, "%s\n", t->ops->error_text(t));
		return 1;
	}
	pflow_exporter_config_init(&cfg);
	cfg.version = 10;
	cfg.overhead = t->overhead;
	rc = pflow_exporter_init(&exporter, &cfg, block, sizeof(block),
	    sample());
	if (rc != PFLOW_OK) {
		fprintf(stderr, "exporter: %s\n", pflow_status_text(rc));
		return 1;
	}
	do {
		rc = src->ops->pump(src, sample(), 256, sink, NULL);
		if (rc == PFLOW_EOF)
			pflow_exporter_flush(&exporter, last);
		if (drain(t) != PFLOW_OK) {
			fprintf(stderr, "%s\n", t->ops->error_text(t));
			return 1;
		}
	} while (rc == PFLOW_MORE || rc == PFLOW_OK || rc == PFLOW_ERR_AGAIN);
	if (rc != PFLOW_EOF)
		fprintf(stderr, "%s\n", src->ops->error_text(src));
	printf("%llu packets in %llu records, %llu messages\n",
	    (unsigned long long)pflow_exporter_stats(&exporter)->packets,
	    (unsigned long long)pflow_exporter_stats(&exporter)->records,
	    (unsigned long long)pflow_exporter_stats(&exporter)->messages_sent);
	return rc == PFLOW_EOF ? 0 : 1;
}

int
main(int argc, char **argv)
{
	struct pflow_transport *t = NULL;
	struct pflow_source *src = NULL;
	char spec[4096], err[256];
	int status = 1;

	if (argc != 3) {
		fprintf(stderr, "usage: pcap_to_udp file host:port\n");
		return 2;
	}
	snprintf(spec, sizeof(spec), "pcap:%s", argv[1]);
	if (pflow_source_create(spec, NULL, &src, err, sizeof(err)) != PFLOW_OK ||
	    pflow_transport_create(argv[2], NULL, &t, err, sizeof(err)) !=
	    PFLOW_OK)
		fprintf(stderr, "%s\n", err);
	else
		status = run(src, t);
	if (t != NULL)
		t->ops->close(t);
	if (src != NULL)
		src->ops->close(src);
	return status;
}
