/* SPDX-License-Identifier: ISC */
/* Files and sources of the tests that go from a file to states. */
#ifndef PFLOW_TESTS_PF_RUN_H
#define PFLOW_TESTS_PF_RUN_H

#include <check.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pflow/sources.h>

#include "gen/gen.h"
#include "pf_sink.h"

#define PF_SECOND UINT64_C(1000000000)

/** Octets into a new file; path: at least 40 octets. */
static inline void
pf_write_file(char *path, const void *p, size_t len)
{
	int fd;

	strcpy(path, "/tmp/pflow-test-XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, p, len), len);
	close(fd);
}

/** To its end. */
static inline int
pf_run(struct pflow_source *src, struct pf_sink *sink, unsigned budget,
    struct pflow_now now)
{
	int rc;

	do {
		size_t before = sink->count;

		rc = src->ops->pump(src, now, budget, pf_sink_take, sink);
		ck_assert_uint_le(sink->count - before, budget);
	} while (rc == PFLOW_MORE);
	return rc;
}

struct pf_wanted {
	const char *name;
	uint64_t value;
	bool found;
};

static inline void
pf_look(void *arg, const struct pflow_counter *c)
{
	struct pf_wanted *w = arg;

	ck_assert_ptr_nonnull(c->help);
	if (strcmp(c->name, w->name) != 0)
		return;
	ck_assert(!w->found); /* a name stands once */
	w->found = true;
	w->value = c->value;
}

static inline uint64_t
pf_counter(const struct pflow_source *src, const char *name)
{
	struct pf_wanted w = { name, 0, false };

	src->ops->counters(src, pf_look, &w);
	ck_assert_msg(w.found, "no counter %s", name);
	return w.value;
}

#endif /* PFLOW_TESTS_PF_RUN_H */
