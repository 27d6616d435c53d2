/* SPDX-License-Identifier: ISC */
#define _DEFAULT_SOURCE /* mkdtemp() */
/* A capture in parts, as one thread sees it that pumps them in turns. */
#include <check.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sources/pcap_spread.h"

Suite *suite_pcap_part(void);

#define PARTS 3

static char dir[] = "/tmp/pflow-part-XXXXXX";
static char path[64];
static FILE *file;
static struct pflow_source *part[PARTS];
static struct pflow_now zero;
static char err[300];

static struct {
	uint64_t packets[PARTS];
	size_t states[PARTS];
	uint32_t client[PARTS]; /**< of the last state */
} got;

static void
put_le32(uint32_t v)
{
	unsigned i;

	for (i = 0; i < 4; i++)
		ck_assert_int_ne(putc((int)(v >> 8 * i & 0xff), file), EOF);
}

static void
set_up(void)
{
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "pcap:%s/f", dir);
	file = fopen(path + 5, "wb");
	ck_assert_ptr_nonnull(file);
	put_le32(0xa1b2c3d4);
	put_le32(4 << 16 | 2);
	put_le32(0);
	put_le32(0);
	put_le32(65535);
	put_le32(PFLOWI_LINK_IPV4);
	memset(part, 0, sizeof(part));
	memset(&got, 0, sizeof(got));
}

static void
tear_down(void)
{
	size_t i;

	for (i = 0; i < PARTS; i++)
		if (part[i] != NULL)
			part[i]->ops->close(part[i]);
	unlink(path + 5);
	rmdir(dir);
}

/** A UDP packet of 28 octets between 10.0.0.client and 192.0.2.1. */
static void
put(unsigned client, bool back, uint32_t ms)
{
	uint8_t p[28] = { 0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17 };
	const uint8_t host[2][4] = { { 10, 0, 0, (uint8_t)client },
		{ 192, 0, 2, 1 } };

	memcpy(p + 12, host[back], 4);
	memcpy(p + 16, host[!back], 4);
	p[20 + back * 2] = 8;
	p[22 - back * 2 + 1] = 53;
	p[25] = 8;
	put_le32(1700000000 + ms / 1000);
	put_le32(ms % 1000 * 1000);
	put_le32(sizeof(p));
	put_le32(sizeof(p));
	ck_assert_uint_eq(fwrite(p, sizeof(p), 1, file), 1);
}

static void
open_all(void)
{
	struct pflow_source_config cfg;
	size_t i;

	ck_assert_int_eq(fclose(file), 0);
	pflow_source_config_init(&cfg);
	cfg.memory_limit = 4 << 20;
	ck_assert_int_eq(pflow_source_create_parts(path, &cfg, part, PARTS,
	    err, sizeof(err)), PFLOW_OK);
	for (i = 0; i < PARTS; i++)
		ck_assert_int_eq(part[i]->ops->open(part[i], zero), PFLOW_OK);
}

static int
take(void *arg, const struct pflow_state *states, size_t count,
    struct pflow_now now, size_t *taken)
{
	size_t i, k = *(size_t *)arg;

	(void)now;
	for (i = 0; i < count; i++) {
		got.packets[k] += states[i].packets[0] + states[i].packets[1];
		got.client[k] = states[i].key[0].addr[0][3];
	}
	got.states[k] += count;
	*taken = count;
	return PFLOW_OK;
}

static int
pump(size_t k)
{
	return part[k]->ops->pump(part[k], zero, 1000, take, &k);
}

/** In turns, until all have ended; PFLOW_EOF, or what one said else. */
static int
pump_all(void)
{
	int rc, end = PFLOW_EOF, ended[PARTS] = { 0 };
	size_t k, left = PARTS, turns = 0;

	while (left > 0) {
		ck_assert_uint_lt(turns++, 10000);
		for (k = 0; k < PARTS; k++) {
			if (ended[k])
				continue;
			rc = pump(k);
			if (rc == PFLOW_OK || rc == PFLOW_MORE)
				continue;
			ended[k] = 1;
			left--;
			if (rc == PFLOW_EOF)
				continue;
			ck_assert_int_eq(end, PFLOW_EOF);
			end = rc;
		}
	}
	return end;
}

struct sum {
	const char *name;
	uint64_t value;
};

static void
add(void *arg, const struct pflow_counter *c)
{
	struct sum *sum = arg;

	if (strcmp(c->name, sum->name) == 0)
		sum->value += c->value;
}

static uint64_t
counter(const char *name)
{
	struct sum sum = { name, 0 };
	size_t k;

	for (k = 0; k < PARTS; k++)
		part[k]->ops->counters(part[k], add, &sum);
	return sum.value;
}

START_TEST(test_parts_have_each_flow_once_and_whole)
{
	unsigned i;
	size_t k;

	for (i = 0; i < 400; i++)
		put(i % 100, i >= 200, i);
	open_all();
	ck_assert_int_eq(pump_all(), PFLOW_EOF);
	ck_assert_uint_eq(got.states[0] + got.states[1] + got.states[2], 100);
	for (k = 0; k < PARTS; k++) {
		/* Both directions of all of its flows. */
		ck_assert_uint_eq(got.packets[k], 4 * got.states[k]);
		ck_assert_uint_gt(got.states[k], 0);
	}
	ck_assert_uint_eq(counter("read_packets"), 400);
	ck_assert_uint_eq(counter("ip_packets"), 400);
	ck_assert_uint_eq(counter("created_flows"), 100);
}
END_TEST

START_TEST(test_addresses_in_either_order_are_of_one_part)
{
	const uint64_t seed[2] = { 1, 2 };
	struct pflowi_packet a, b;
	unsigned i, seen[4] = { 0 };

	for (i = 0; i < 1000; i++) {
		memset(&a, 0, sizeof(a));
		a.af = i % 2 ? PFLOW_AF_IPV4 : PFLOW_AF_IPV6;
		a.addr[0][i % 3] = (uint8_t)i;
		a.addr[1][i % 4] = (uint8_t)(i >> 3);
		a.port[0] = (uint16_t)i;
		b = a;
		memcpy(b.addr[0], a.addr[1], sizeof(a.addr[1]));
		memcpy(b.addr[1], a.addr[0], sizeof(a.addr[0]));
		b.port[1] = 7;
		ck_assert_uint_eq(pflowi_spread_part(&a, seed, 4),
		    pflowi_spread_part(&b, seed, 4));
		seen[pflowi_spread_part(&a, seed, 4)]++;
	}
	for (i = 0; i < 4; i++)
		ck_assert_uint_gt(seen[i], 100);
}
END_TEST

START_TEST(test_a_full_ring_waits_for_its_part_which_wakes_the_others)
{
	struct pollfd fd = { .fd = -1, .events = POLLIN };
	struct pflow_want want;
	unsigned i;

	/* All of one part; more than its ring holds. */
	for (i = 0; i < 3 * PFLOWI_SPREAD_RING; i++)
		put(9, false, i);
	open_all();
	/* Whose they are is not foreseeable: two times of three not part 0's. */
	if (pump(0) == PFLOW_OK && counter("created_flows") == 0) {
		part[0]->ops->want(part[0], &want);
		fd.fd = want.fd;
		ck_assert_int_ne(fd.fd, -1);
		ck_assert_uint_lt(counter("read_packets"),
		    3 * PFLOWI_SPREAD_RING);
		ck_assert_int_eq(poll(&fd, 1, 0), 0);
		(void)pump(1);
		(void)pump(2);
		ck_assert_int_eq(poll(&fd, 1, 0), 1);
	}
	ck_assert_int_eq(pump_all(), PFLOW_EOF);
	ck_assert_uint_eq(counter("read_packets"), 3 * PFLOWI_SPREAD_RING);
	ck_assert_uint_eq(got.packets[0] + got.packets[1] + got.packets[2],
	    3 * PFLOWI_SPREAD_RING);
}
END_TEST

START_TEST(test_finish_of_one_ends_all_and_loses_nothing_that_was_read)
{
	unsigned i;

	for (i = 0; i < 50000; i++)
		put(i % 100, false, i / 100);
	open_all();
	(void)pump(0);
	part[1]->ops->finish(part[1], zero);
	ck_assert_int_eq(pump_all(), PFLOW_EOF);
	ck_assert_uint_lt(counter("read_packets"), 50000);
	ck_assert_uint_eq(got.packets[0] + got.packets[1] + got.packets[2],
	    counter("ip_packets"));
}
END_TEST

START_TEST(test_damage_is_told_by_one_part)
{
	size_t k, told = 0;
	unsigned i;

	for (i = 0; i < 100; i++)
		put(i, false, i);
	for (i = 0; i < 8; i++)
		put_le32(0xffffffff);
	open_all();
	ck_assert_int_eq(pump_all(), PFLOW_ERR_MALFORMED);
	for (k = 0; k < PARTS; k++)
		told += strstr(part[k]->ops->error_text(part[k]), "damaged") !=
		    NULL;
	ck_assert_uint_eq(told, 1);
	ck_assert_uint_eq(got.packets[0] + got.packets[1] + got.packets[2],
	    100);
}
END_TEST

START_TEST(test_a_clock_set_back_is_counted_once)
{
	unsigned i;

	for (i = 0; i < 100; i++)
		put(i, false, 100000 + i);
	for (i = 0; i < 100; i++)
		put(i, false, i);
	open_all();
	ck_assert_int_eq(pump_all(), PFLOW_EOF);
	ck_assert_uint_eq(counter("clock_steps"), 1);
	ck_assert_uint_eq(got.states[0] + got.states[1] + got.states[2], 200);
}
END_TEST

START_TEST(test_what_has_no_parts_is_refused)
{
	struct pflow_source *out[PFLOW_SOURCE_PARTS_MAX + 1];

	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(pflow_source_create_parts("pfsync:x", NULL, out, 2,
	    err, sizeof(err)), PFLOW_ERR_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(err, "pfsync:x: cannot be read in parts"));
	ck_assert_ptr_null(out[0]);
	ck_assert_int_eq(pflow_source_create_parts(path, NULL, out, 0, err,
	    sizeof(err)), PFLOW_ERR_RANGE);
	ck_assert_int_eq(pflow_source_create_parts(path, NULL, out,
	    PFLOW_SOURCE_PARTS_MAX + 1, err, sizeof(err)), PFLOW_ERR_RANGE);
	ck_assert_ptr_nonnull(strstr(err, "65 parts, expected 1 to 64"));
	ck_assert_int_eq(pflow_source_create_parts("none:x", NULL, out, 2, err,
	    sizeof(err)), PFLOW_ERR_INVALID);
	ck_assert_int_eq(pflow_source_create_parts("pcap:", NULL, out, 2, err,
	    sizeof(err)), PFLOW_ERR_INVALID);
	ck_assert_ptr_null(out[1]);
}
END_TEST

Suite *
suite_pcap_part(void)
{
	Suite *s = suite_create("sources/pcap_part");
	TCase *t = tcase_create("parts");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, test_parts_have_each_flow_once_and_whole);
	tcase_add_test(t, test_addresses_in_either_order_are_of_one_part);
	tcase_add_test(t,
	    test_a_full_ring_waits_for_its_part_which_wakes_the_others);
	tcase_add_test(t,
	    test_finish_of_one_ends_all_and_loses_nothing_that_was_read);
	tcase_add_test(t, test_damage_is_told_by_one_part);
	tcase_add_test(t, test_a_clock_set_back_is_counted_once);
	tcase_add_test(t, test_what_has_no_parts_is_refused);
	suite_add_tcase(s, t);
	return s;
}
