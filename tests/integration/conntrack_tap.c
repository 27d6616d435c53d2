/* SPDX-License-Identifier: ISC */
/*
 * Prints what a conntrack: source gives, for the integration tests:
 *
 *   conntrack_tap SPEC ACTIVE_SECONDS [summary | drop | ask]
 *
 * With `drop` it becomes another user once the source is open; with `ask`, a
 * child that stays what it was sends the requests for it.
 *
 * One JSON object a line: {"state":...} for each state (not with `summary`),
 * {"ready":...} when it listens, and at SIGTERM or SIGINT, when the source
 * has given the rest, {"counters":...}.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <pflow/sources.h>

#define NS_PER_SEC UINT64_C(1000000000)

static volatile sig_atomic_t ending;
static bool quiet;
static uint64_t totals[6]; /* states, marked, packets[2], octets[2] */

static void
on_signal(int sig)
{
	(void)sig;
	ending = 1;
}

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

static void
print_key(const char *name, const struct pflow_key *key)
{
	char src[INET6_ADDRSTRLEN], dst[INET6_ADDRSTRLEN];
	int family = key->af == PFLOW_AF_IPV4 ? AF_INET : AF_INET6;

	inet_ntop(family, key->addr[0], src, sizeof(src));
	inet_ntop(family, key->addr[1], dst, sizeof(dst));
	printf("\"%s\":[\"%s\",%u,\"%s\",%u],", name, src, key->port[0], dst,
	    key->port[1]);
}

static void
print_state(const struct pflow_state *st)
{
	printf("{\"state\":{");
	print_key("pre", pflow_state_pre(st));
	print_key("post", pflow_state_post(st));
	printf("\"proto\":%u,\"packets\":[%" PRIu64 ",%" PRIu64 "],"
	       "\"octets\":[%" PRIu64 ",%" PRIu64 "],\"start\":%" PRIu64
	       ",\"last\":%" PRIu64 ",\"id\":%" PRIu64 ",\"flags\":%" PRIu32
	       ",\"present\":%" PRIu32 ",\"icmp\":[%u,%u],\"end\":%u,"
	       "\"ifindex\":[%" PRIu32 ",%" PRIu32 "]}}\n",
	    st->protocol, st->packets[0], st->packets[1], st->octets[0],
	    st->octets[1], st->start_ns, st->last_ns, st->flow_id, st->flags,
	    st->present, st->icmp[0], st->icmp[1], st->end_reason,
	    st->ifindex[0], st->ifindex[1]);
}

static int
sink(void *arg, const struct pflow_state *states, size_t count,
    struct pflow_now now, size_t *taken)
{
	size_t i;

	(void)arg;
	(void)now;
	for (i = 0; i < count; i++) {
		unsigned d;

		totals[0]++;
		totals[1] += (states[i].flags & PFLOW_STATE_EXPORT) != 0;
		for (d = 0; d < 2; d++) {
			totals[2 + d] += states[i].packets[d];
			totals[4 + d] += states[i].octets[d];
		}
		if (!quiet)
			print_state(&states[i]);
	}
	*taken = count;
	return PFLOW_OK;
}

static void
on_counter(void *arg, const struct pflow_counter *c)
{
	(void)arg;
	printf("\"%s\":%" PRIu64 ",", c->name, c->value);
}

static void
print_counters(const struct pflow_source *src)
{
	printf("{\"counters\":{");
	src->ops->counters(src, on_counter, NULL);
	printf("\"sum_states\":%" PRIu64 ",\"sum_marked\":%" PRIu64
	       ",\"sum_packets\":[%" PRIu64 ",%" PRIu64 "],"
	       "\"sum_octets\":[%" PRIu64 ",%" PRIu64 "]}}\n",
	    totals[0], totals[1], totals[2], totals[3], totals[4], totals[5]);
}

static void
wait_for(const struct pflow_source *src)
{
	struct pflow_want want;
	struct pollfd pfd;
	uint64_t now = clock_ns(CLOCK_MONOTONIC);
	int ms = 1000;

	src->ops->want(src, &want);
	if (want.deadline_ns <= now)
		return;
	if (want.deadline_ns - now < NS_PER_SEC)
		ms = (int)((want.deadline_ns - now) / 1000000) + 1;
	pfd.fd = want.fd;
	pfd.events = POLLIN;
	(void)poll(&pfd, 1, ms);
}

static int
run(struct pflow_source *src)
{
	bool finishing = false;
	int rc;

	for (;;) {
		if (ending && !finishing) {
			finishing = true;
			src->ops->finish(src, sample());
		}
		rc = src->ops->pump(src, sample(), 1024, sink, NULL);
		if (rc < 0)
			return rc;
		if (rc == PFLOW_OK) {
			fflush(stdout);
			wait_for(src);
		}
	}
}

/* --- one that has the right to ask, and one that has not --- */

static int channel[2];

/** What a requester of a service would check: a dump of conntrack, no more. */
static bool
is_dump_request(const uint8_t *msg, size_t len)
{
	struct {
		uint32_t len;
		uint16_t type, flags;
	} head;

	if (len != 20)
		return false;
	memcpy(&head, msg, sizeof(head));
	return head.len == 20 && head.type == 0x101 && head.flags == 0x301;
}

/** Requests are DESCRIPTOR MESSAGE; the answer is an errno. */
static void
serve_requests(void)
{
	uint8_t buf[256];
	ssize_t n;

	while ((n = read(channel[1], buf, sizeof(buf))) > (ssize_t)sizeof(int)) {
		const uint8_t *msg = buf + sizeof(int);
		size_t len = (size_t)n - sizeof(int);
		int fd, error = EPERM;

		memcpy(&fd, buf, sizeof(fd));
		if (is_dump_request(msg, len))
			error = send(fd, msg, len, 0) < 0 ? errno : 0;
		if (write(channel[1], &error, sizeof(error)) < 0)
			break;
	}
	_exit(0);
}

static int
ask(void *arg, int fd, const void *data, size_t len)
{
	uint8_t buf[256];
	int error;

	(void)arg;
	memcpy(buf, &fd, sizeof(fd));
	memcpy(buf + sizeof(fd), data, len);
	if (write(channel[0], buf, sizeof(fd) + len) < 0 ||
	    read(channel[0], &error, sizeof(error)) != sizeof(error))
		return EIO;
	return error;
}

static void
drop(bool with_requester)
{
	if (with_requester && fork() == 0) {
		close(channel[0]);
		serve_requests();
	}
	close(channel[1]);
	if (setresgid(65534, 65534, 65534) != 0 ||
	    setresuid(65534, 65534, 65534) != 0)
		exit(1);
}

int
main(int argc, char **argv)
{
	const char *mode = argc > 3 ? argv[3] : "";
	struct pflow_source_config cfg;
	struct pflow_source *src;
	char err[512];
	int rc;

	if (argc < 3) {
		fprintf(stderr, "usage: conntrack_tap spec active [summary]\n");
		return 2;
	}
	quiet = strcmp(mode, "summary") == 0;
	pflow_source_config_init(&cfg);
	cfg.active_ns = strtoull(argv[2], NULL, 10) * NS_PER_SEC;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, channel) != 0)
		return 1;
	if (strcmp(mode, "ask") == 0)
		cfg.request = ask;
	if (pflow_source_create(argv[1], &cfg, &src, err, sizeof(err)) !=
	    PFLOW_OK) {
		fprintf(stderr, "%s\n", err);
		return 3;
	}
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	rc = src->ops->open(src, sample());
	if (rc != PFLOW_OK) {
		fprintf(stderr, "%s\n", src->ops->error_text(src));
		src->ops->close(src);
		return 1;
	}
	if (strcmp(mode, "drop") == 0 || strcmp(mode, "ask") == 0)
		drop(cfg.request != NULL);
	printf("{\"ready\":\"%s\"}\n", src->ops->error_text(src));
	fflush(stdout);
	rc = run(src);
	fprintf(stderr, "%s\n", src->ops->error_text(src));
	print_counters(src);
	src->ops->close(src);
	return rc == PFLOW_EOF ? 0 : 1;
}
