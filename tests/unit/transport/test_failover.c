/* SPDX-License-Identifier: ISC */
#include <pflow/failover.h>

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conformance.h"
#include "loopback.h"

Suite *suite_failover(void);

#define SEC UINT64_C(1000000000)

static struct pflow_now now;
static char err[256];

/** A receiver that does what the test says. */
struct puppet {
	struct pflow_transport base;
	bool up, down, closes;
	size_t got;
	unsigned restarts;
};

static struct puppet *
puppet(struct pflow_transport *t)
{
	return (struct puppet *)t;
}

static int
p_open(struct pflow_transport *t, struct pflow_now at)
{
	(void)t;
	(void)at;
	return PFLOW_OK;
}

static int
p_send(struct pflow_transport *t, const struct pflow_message *msgs,
    size_t count, size_t *sent, struct pflow_now at)
{
	(void)msgs;
	(void)at;
	*sent = 0;
	if (puppet(t)->closes) {
		puppet(t)->up = puppet(t)->closes = false;
		return PFLOW_ERR_CLOSED;
	}
	ck_assert(puppet(t)->up);
	puppet(t)->got += count;
	*sent = count;
	return PFLOW_OK;
}

static int
p_service(struct pflow_transport *t, struct pflow_now at)
{
	(void)at;
	if (puppet(t)->up && t->generation == 0)
		t->generation = 1;
	return puppet(t)->up ? PFLOW_OK : PFLOW_ERR_AGAIN;
}

static void
p_want(const struct pflow_transport *t, struct pflow_want *out)
{
	(void)t;
	out->fd = -1;
	out->events = 0;
	out->deadline_ns = PFLOW_NEVER;
}

static void
p_counters(const struct pflow_transport *t, pflow_counter_fn *fn, void *arg)
{
	struct pflow_counter c = {"sent_messages", "",
	    ((const struct puppet *)t)->got, PFLOW_COUNTER_INFO};

	fn(arg, &c);
}

static const char *
p_error_text(const struct pflow_transport *t)
{
	(void)t;
	return "puppet: out";
}

static void
p_close(struct pflow_transport *t)
{
	free(t);
}

static void
p_progress(struct pflow_transport *t, struct pflow_progress *out)
{
	out->confirmed = puppet(t)->got;
	out->in_order = true;
	out->down = puppet(t)->down;
}

static void
p_restart(struct pflow_transport *t, struct pflow_now at)
{
	(void)at;
	puppet(t)->restarts++;
	t->generation++;
}

static struct pflow_transport_ops puppet_ops = {
    .name = "puppet",
    .nature = PFLOW_TRANSPORT_STREAM,
    .open = p_open,
    .send = p_send,
    .service = p_service,
    .want = p_want,
    .counters = p_counters,
    .error_text = p_error_text,
    .close = p_close,
    .progress = p_progress,
    .restart = p_restart,
};

static struct pflow_transport *child[2], *t;

static void
setup(void)
{
	int i;

	now.mono_ns = 1000 * SEC;
	now.wall_ns = SEC;
	for (i = 0; i < 2; i++) {
		child[i] = calloc(1, sizeof(struct puppet));
		ck_assert_ptr_nonnull(child[i]);
		child[i]->ops = &puppet_ops;
	}
	ck_assert_int_eq(
	    pflow_failover_create(child, 2, NULL, &t, err, sizeof(err)),
	    PFLOW_OK);
}

static void
teardown(void)
{
	t->ops->close(t);
}

static int
send_one(void)
{
	struct pflow_message m = {(const uint8_t *)"x", 1, 1};
	size_t sent = 7;
	int rc = t->ops->send(t, &m, 1, &sent, now);

	ck_assert_uint_eq(sent, rc == PFLOW_OK ? 1 : 0);
	return rc;
}

static int
service_after(uint64_t ns)
{
	now.mono_ns += ns;
	return t->ops->service(t, now);
}

START_TEST(test_failover_gives_everything_to_the_first_that_is_up)
{
	puppet(child[0])->up = puppet(child[1])->up = true;
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	ck_assert_int_eq(service_after(0), PFLOW_OK);
	ck_assert_uint_eq(t->generation, 1);
	ck_assert_int_eq(send_one(), PFLOW_OK);
	ck_assert_uint_eq(puppet(child[0])->got, 1);
	ck_assert_uint_eq(puppet(child[1])->got, 0);
	ck_assert_uint_eq(pflow_failover_active(t), 0);
}
END_TEST

START_TEST(test_failover_waits_a_while_for_a_better_one_that_is_connecting)
{
	puppet(child[1])->up = true;
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	ck_assert_int_eq(service_after(2 * SEC), PFLOW_ERR_AGAIN);
	ck_assert_int_eq(send_one(), PFLOW_ERR_AGAIN);
	ck_assert_int_eq(service_after(SEC), PFLOW_OK);
	ck_assert_uint_eq(pflow_failover_active(t), 1);
}
END_TEST

START_TEST(test_failover_does_not_wait_for_one_that_is_known_to_be_down)
{
	puppet(child[1])->up = true;
	puppet(child[0])->down = true;
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	ck_assert_int_eq(service_after(0), PFLOW_OK);
	ck_assert_uint_eq(pflow_failover_active(t), 1);
}
END_TEST

START_TEST(test_failover_next_one_takes_over_at_once_and_the_first_returns)
{
	puppet(child[0])->up = puppet(child[1])->up = true;
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	puppet(child[0])->closes = puppet(child[0])->down = true;
	ck_assert_int_eq(send_one(), PFLOW_ERR_CLOSED);
	ck_assert_str_eq(
	    t->ops->error_text(t), "receiver 1 of 2 is down: puppet: out");
	ck_assert_int_eq(service_after(0), PFLOW_OK);
	ck_assert_uint_eq(t->generation, 2);
	ck_assert_int_eq(send_one(), PFLOW_OK);
	ck_assert_uint_eq(puppet(child[1])->got, 1);
	/* Back, but not at its first sign of life. */
	puppet(child[0])->up = true;
	puppet(child[0])->down = false;
	child[0]->generation = 2;
	ck_assert_int_eq(service_after(0), PFLOW_OK);
	ck_assert_int_eq(service_after(4 * SEC), PFLOW_OK);
	ck_assert_uint_eq(pflow_failover_active(t), 1);
	ck_assert_int_eq(service_after(SEC), PFLOW_OK);
	ck_assert_uint_eq(pflow_failover_active(t), 0);
	ck_assert_uint_eq(t->generation, 3);
	/* The one that is left gets a new session for the next time. */
	ck_assert_uint_eq(puppet(child[1])->restarts, 1);
	ck_assert_int_eq(send_one(), PFLOW_OK);
	ck_assert_uint_eq(puppet(child[0])->got, 1);
	ck_assert_uint_eq(conformance_counter(t, "failover_returns"), 1);
	ck_assert_uint_eq(conformance_counter(t, "sent_messages"), 2);
}
END_TEST

START_TEST(test_failover_without_any_receiver_says_closed_once_then_again)
{
	struct pflow_progress progress;

	puppet(child[0])->up = true;
	puppet(child[1])->down = true;
	ck_assert_int_eq(t->ops->open(t, now), PFLOW_OK);
	puppet(child[0])->up = false;
	puppet(child[0])->down = true;
	ck_assert_int_eq(service_after(0), PFLOW_ERR_AGAIN);
	t->ops->progress(t, &progress);
	ck_assert(progress.down);
	ck_assert_int_eq(send_one(), PFLOW_ERR_CLOSED);
	ck_assert_int_eq(send_one(), PFLOW_ERR_AGAIN);
}
END_TEST

START_TEST(test_failover_takes_nature_and_overhead_of_the_worst)
{
	struct pflow_transport *mixed[2], *both;

	mixed[0] = loopback_make("tcp", "127.0.0.1", 9, NULL);
	mixed[1] = loopback_make("udp", "[::1]", 9, NULL);
	ck_assert_int_eq(
	    pflow_failover_create(mixed, 2, NULL, &both, err, sizeof(err)),
	    PFLOW_OK);
	ck_assert_int_eq(both->ops->nature, PFLOW_TRANSPORT_DATAGRAM);
	ck_assert_int_eq(both->ops->open(both, now), PFLOW_OK);
	ck_assert_uint_eq(both->overhead, 48);
	both->ops->close(both);
	ck_assert_int_eq(
	    pflow_failover_create(mixed, 0, NULL, &both, err, sizeof(err)),
	    PFLOW_ERR_INVALID);
	ck_assert_ptr_null(both);
}
END_TEST

/** Service and wait, so many times. */
static void
turns(struct pflow_transport *f, int n)
{
	for (; n > 0; n--) {
		(void)f->ops->service(f, now);
		conformance_wait(f, &now, 2);
	}
}

START_TEST(test_failover_of_udp_sees_refusals_and_the_return)
{
	struct pflow_message m = {(const uint8_t *)"x", 1, 1};
	struct pflow_transport *udp[2], *f;
	unsigned port[2];
	char octet[4];
	int fd[2], again, on = 1, i;
	struct sockaddr_storage here;
	socklen_t len = sizeof(here);
	size_t sent;

	for (i = 0; i < 2; i++) {
		fd[i] = loopback_listen(SOCK_DGRAM, "127.0.0.1", &port[i]);
		udp[i] = loopback_make("udp", "127.0.0.1", port[i], NULL);
	}
	ck_assert_int_eq(
	    pflow_failover_create(udp, 2, NULL, &f, err, sizeof(err)),
	    PFLOW_OK);
	ck_assert_int_eq(f->ops->open(f, now), PFLOW_OK);
	getsockname(fd[0], (struct sockaddr *)&here, &len);
	close(fd[0]);
	ck_assert_int_eq(f->ops->send(f, &m, 1, &sent, now), PFLOW_OK);
	turns(f, 1);
	ck_assert_uint_eq(pflow_failover_active(f), 1);
	ck_assert_int_eq(f->ops->send(f, &m, 1, &sent, now), PFLOW_OK);
	ck_assert_int_eq(recv(fd[1], octet, 4, 0), 1);
	/* It stays known as dead as long as it refuses. */
	for (i = 0; i < 40; i++) {
		now.mono_ns += SEC / 4;
		turns(f, 1);
		ck_assert_uint_eq(pflow_failover_active(f), 1);
	}
	again = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	(void)setsockopt(again, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	ck_assert_int_eq(bind(again, (struct sockaddr *)&here, len), 0);
	for (i = 0; i < 40; i++) {
		now.mono_ns += SEC / 4;
		turns(f, 1);
	}
	ck_assert_uint_eq(pflow_failover_active(f), 0);
	ck_assert_uint_eq(f->generation, 3);
	f->ops->close(f);
	close(fd[1]);
	close(again);
}
END_TEST

/* The contract, with tcp below it. */

struct two {
	int listener, fd;
};

static struct pflow_transport *
begin(struct conformance_peer *p)
{
	struct two *own = calloc(1, sizeof(*own));
	struct pflow_transport_config cfg;
	struct pflow_transport *two[2], *f;
	unsigned port, none;

	ck_assert_ptr_nonnull(own);
	p->arg = own;
	own->fd = -1;
	pflow_transport_config_init(&cfg);
	cfg.retry_ns = SEC;
	close(loopback_listen(SOCK_STREAM, "127.0.0.1", &none));
	own->listener = loopback_listen(SOCK_STREAM, "127.0.0.1", &port);
	two[0] = loopback_make("tcp", "127.0.0.1", none, &cfg);
	two[1] = loopback_make("tcp", "127.0.0.1", port, &cfg);
	ck_assert_int_eq(
	    pflow_failover_create(two, 2, NULL, &f, err, sizeof(err)),
	    PFLOW_OK);
	return f;
}

static void
step(struct conformance_peer *p, size_t octets)
{
	struct two *own = p->arg;
	uint8_t buf[65536];

	if (own->fd == -1) {
		own->fd = loopback_accept(own->listener);
		if (own->fd == -1)
			return;
		conformance_log_session(p);
	}
	while (octets > 0) {
		ssize_t n = recv(own->fd, buf,
		    octets < sizeof(buf) ? octets : sizeof(buf), 0);

		if (n == 0) {
			close(own->fd);
			own->fd = -1;
		}
		if (n <= 0)
			return;
		conformance_log_add(p, buf, (size_t)n);
		octets -= (size_t)n;
	}
}

static void
reset(struct conformance_peer *p)
{
	struct two *own = p->arg;

	loopback_reset_on_close(own->fd);
	close(own->fd);
	own->fd = -1;
}

static void
end(struct conformance_peer *p)
{
	struct two *own = p->arg;

	if (own->fd != -1)
		close(own->fd);
	close(own->listener);
	free(own);
}

static const struct conformance_adapter adapter = {
    .name = "failover",
    .message_max = 65535,
    .can_stall = true,
    .can_reset = true,
    .reconnects = true,
    .restarts = true,
    .begin = begin,
    .step = step,
    .reset = reset,
    .end = end,
};

START_TEST(test_failover_keeps_the_contract)
{
	conformance_case(&adapter, _i);
}
END_TEST

Suite *
suite_failover(void)
{
	Suite *s = suite_create("failover");
	TCase *tc = tcase_create("puppets"), *real = tcase_create("sockets");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(
	    tc, test_failover_gives_everything_to_the_first_that_is_up);
	tcase_add_test(tc,
	    test_failover_waits_a_while_for_a_better_one_that_is_connecting);
	tcase_add_test(
	    tc, test_failover_does_not_wait_for_one_that_is_known_to_be_down);
	tcase_add_test(tc,
	    test_failover_next_one_takes_over_at_once_and_the_first_returns);
	tcase_add_test(
	    tc, test_failover_without_any_receiver_says_closed_once_then_again);
	tcase_add_test(
	    tc, test_failover_takes_nature_and_overhead_of_the_worst);
	suite_add_tcase(s, tc);
	tcase_set_timeout(real, 60);
	tcase_add_test(real, test_failover_of_udp_sees_refusals_and_the_return);
	tcase_add_loop_test(
	    real, test_failover_keeps_the_contract, 0, conformance_cases);
	suite_add_tcase(s, real);
	return s;
}
