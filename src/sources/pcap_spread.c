/* SPDX-License-Identifier: ISC */
/* Who reads, who gets what, who sleeps. */
#include "sources/pcap_spread.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/bytes.h"
#include "core/time.h"

#define MASK (PFLOWI_SPREAD_RING - 1)

/** Chunks that one holder of the lock reads. */
#define CHUNKS 8

/** A frame is a packet for one part, and at most two times for each. */
#define CHUNK_ROOM (3 * PFLOWI_SPREAD_CHUNK)

#define NOBODY UINT32_MAX

/* Parts. */

unsigned
pflowi_spread_part(const struct pflowi_packet *pk, const uint64_t seed[2],
    unsigned parts)
{
	uint64_t word[4];
	uint32_t hash;

	if (PFLOWI_LIKELY(pk->af == PFLOW_AF_IPV4)) {
		uint64_t a = pflowi_get_be32(pk->addr[0]);
		uint64_t b = pflowi_get_be32(pk->addr[1]);

		word[0] = a < b ? a << 32 | b : b << 32 | a;
		hash = pflowi_flow_hash(word, 1, seed);
	} else {
		int greater = memcmp(pk->addr[0], pk->addr[1],
		    sizeof(pk->addr[0])) > 0;

		word[0] = pflowi_get_be64(pk->addr[greater]);
		word[1] = pflowi_get_be64(pk->addr[greater] + 8);
		word[2] = pflowi_get_be64(pk->addr[!greater]);
		word[3] = pflowi_get_be64(pk->addr[!greater] + 8);
		hash = pflowi_flow_hash(word, 4, seed);
	}
	return (unsigned)((uint64_t)hash * parts >> 32);
}

/* Sleep. */

static void
wake_one(struct pflowi_spread_ring *ring)
{
	ssize_t n;

	if (!atomic_load(&ring->asleep) ||
	    !atomic_exchange(&ring->asleep, false))
		return;
	/* Full means that a wake-up is waiting already. */
	n = write(ring->wake[1], "", 1);
	(void)n;
}

void
pflowi_spread_wake(struct pflowi_spread *sp)
{
	unsigned i;

	for (i = 0; i < sp->count; i++)
		wake_one(&sp->ring[i]);
}

void
pflowi_spread_awake(struct pflowi_spread *sp, unsigned part)
{
	struct pflowi_spread_ring *ring = &sp->ring[part];
	char drop[16];

	if (atomic_load(&sp->watcher) == part)
		atomic_store(&sp->watcher, NOBODY);
	/* Who took the flag away has written, or is about to. */
	if (atomic_exchange(&ring->asleep, false))
		return;
	while (read(ring->wake[0], drop, sizeof(drop)) == sizeof(drop))
		continue;
}

static unsigned
used(struct pflowi_spread_ring *ring)
{
	return atomic_load(&ring->head) - atomic_load(&ring->tail);
}

/** Only while nobody reads: a watcher is not woken by its pipe. */
static bool
watch(struct pflowi_spread *sp, unsigned part)
{
	bool alone;

	if (atomic_flag_test_and_set_explicit(&sp->lock,
	    memory_order_acquire))
		return false;
	alone = atomic_load(&sp->watcher) == NOBODY;
	if (alone)
		atomic_store(&sp->watcher, part);
	pflowi_spread_unlock(sp);
	return alone;
}

bool
pflowi_spread_sleep(struct pflowi_spread *sp, unsigned part,
    struct pflow_want *want)
{
	struct pflowi_spread_ring *ring = &sp->ring[part];

	if (want->fd == -1 || !watch(sp, part)) {
		want->fd = ring->wake[0];
		want->events = PFLOW_WANT_READ;
	}
	atomic_store(&ring->asleep, true);
	if (used(ring) == 0 && !atomic_load(&sp->ended))
		return true;
	pflowi_spread_awake(sp, part);
	return false;
}

/* The part's side. */

struct pflowi_packet *
pflowi_spread_ready(struct pflowi_spread *sp, unsigned part, size_t *count)
{
	struct pflowi_spread_ring *ring = &sp->ring[part];
	unsigned tail = atomic_load_explicit(&ring->tail,
	    memory_order_relaxed);
	unsigned n = atomic_load_explicit(&ring->head, memory_order_acquire) -
	    tail;
	unsigned straight = PFLOWI_SPREAD_RING - (tail & MASK);

	*count = n < straight ? n : straight;
	return &ring->slot[tail & MASK];
}

void
pflowi_spread_taken(struct pflowi_spread *sp, unsigned part, size_t n)
{
	struct pflowi_spread_ring *ring = &sp->ring[part];

	atomic_fetch_add(&ring->tail, (unsigned)n);
	if (PFLOWI_UNLIKELY(atomic_load(&sp->hungry)) &&
	    used(ring) <= PFLOWI_SPREAD_RING / 2 &&
	    atomic_exchange(&sp->hungry, false))
		pflowi_spread_wake(sp);
}

/* The reader's side. */

void
pflowi_spread_lock(struct pflowi_spread *sp)
{
	while (atomic_flag_test_and_set_explicit(&sp->lock,
	    memory_order_acquire))
		(void)sched_yield();
}

void
pflowi_spread_unlock(struct pflowi_spread *sp)
{
	atomic_flag_clear_explicit(&sp->lock, memory_order_release);
}

static bool
all_have_room(struct pflowi_spread *sp)
{
	unsigned i;

	for (i = 0; i < sp->count; i++)
		if (PFLOWI_SPREAD_RING - used(&sp->ring[i]) < CHUNK_ROOM)
			return false;
	return true;
}

/** Is there room, now or as soon as somebody is told to make it? */
static bool
wait_for_room(struct pflowi_spread *sp)
{
	if (PFLOWI_LIKELY(all_have_room(sp)))
		return true;
	atomic_store(&sp->hungry, true);
	return all_have_room(sp);
}

static void
put(struct pflowi_spread_ring *ring, const struct pflowi_packet *pk)
{
	ring->slot[ring->next++ & MASK] = *pk;
}

static void
put_time(struct pflowi_spread_ring *ring, uint64_t time_ns)
{
	struct pflowi_packet at = { .time_ns = time_ns };

	put(ring, &at);
	ring->told_ns = time_ns;
}

/** The clock is set back: all parts see where. */
static void
step_back(struct pflowi_spread *sp, uint64_t time_ns)
{
	unsigned i;

	for (i = 0; i < sp->count; i++) {
		if (sp->ring[i].told_ns != sp->clock_ns)
			put_time(&sp->ring[i], sp->clock_ns);
		put_time(&sp->ring[i], time_ns);
	}
	sp->clock_ns = time_ns;
}

/** The clock goes on: all parts see each turn of the wheel. */
static void
go_on(struct pflowi_spread *sp, uint64_t time_ns)
{
	unsigned i;

	if (time_ns >> PFLOWI_FLOW_TICK_SHIFT !=
	    sp->clock_ns >> PFLOWI_FLOW_TICK_SHIFT)
		for (i = 0; i < sp->count; i++)
			put_time(&sp->ring[i], time_ns);
	sp->clock_ns = time_ns;
}

/** A packet, and before it what its part must know of the clock, so that it
 *  does with it what one table for all would do. */
static void
put_packet(struct pflowi_spread *sp, const struct pflowi_packet *pk)
{
	struct pflowi_spread_ring *ring = &sp->ring[pflowi_spread_part(pk,
	    sp->seed, sp->count)];

	if (pk->time_ns > sp->clock_ns)
		go_on(sp, pk->time_ns);
	else if (PFLOWI_UNLIKELY(sp->clock_ns - pk->time_ns > sp->slack_ns))
		step_back(sp, pk->time_ns);
	else if (pk->time_ns != sp->clock_ns && ring->told_ns != sp->clock_ns)
		put_time(ring, sp->clock_ns);
	put(ring, pk);
	ring->told_ns = sp->clock_ns;
}

/** What the lock's holder needs for a frame. */
struct reading {
	struct pflowi_spread *sp;
	struct pflowi_account *account;
	char *text;
	size_t text_len;
	bool refused; /**< text says why */
};

static int
take_frame(void *arg, const struct pflowi_capture_frame *frame)
{
	struct reading *r = arg;
	struct pflowi_spread *sp = r->sp;
	struct pflowi_packet pk;
	int rc;

	if (PFLOWI_UNLIKELY(!sp->begun)) {
		sp->begun = true;
		sp->first_ns = frame->time_ns;
	}
	rc = pflowi_account_look(r->account, frame, &pk, r->text,
	    r->text_len);
	if (rc <= 0) {
		r->refused = rc < 0;
		return rc;
	}
	put_packet(sp, &pk);
	return PFLOW_OK;
}

/** What was put in becomes visible. */
static void
publish(struct pflowi_spread *sp)
{
	unsigned i;

	for (i = 0; i < sp->count; i++) {
		struct pflowi_spread_ring *ring = &sp->ring[i];

		if (ring->next == atomic_load_explicit(&ring->head,
		    memory_order_relaxed))
			continue;
		atomic_store(&ring->head, ring->next);
		wake_one(ring);
	}
}

static void
end(struct pflowi_spread *sp, struct reading *r)
{
	if (!r->refused)
		snprintf(r->text, r->text_len, "%s",
		    sp->reader->ops->error_text(sp->reader));
	atomic_store(&sp->ended, true);
	pflowi_spread_wake(sp);
}

/** With the lock. */
static int
read_chunks(struct pflowi_spread *sp, struct reading *r, struct pflow_now now,
    struct pflow_want *want)
{
	int i, rc = PFLOW_ERR_AGAIN;

	for (i = 0; i < CHUNKS; i++) {
		if (atomic_load(&sp->ended) || !wait_for_room(sp))
			break;
		rc = sp->ops->frames(sp->reader, now, PFLOWI_SPREAD_CHUNK,
		    take_frame, r);
		publish(sp);
		if (rc == PFLOW_ERR_AGAIN)
			sp->reader->ops->want(sp->reader, want);
		if (rc != PFLOW_OK)
			break;
	}
	atomic_store_explicit(&sp->permille,
	    sp->reader->ops->progress(sp->reader), memory_order_relaxed);
	if (i != 0 && rc == PFLOW_ERR_AGAIN)
		return PFLOW_OK;
	if (rc != PFLOW_OK && rc != PFLOW_ERR_AGAIN)
		end(sp, r);
	return rc;
}

/** With the lock: may this part read? */
static bool
may_read(struct pflowi_spread *sp, unsigned part)
{
	unsigned watcher = atomic_load(&sp->watcher);

	if (watcher == part)
		atomic_store(&sp->watcher, NOBODY);
	return watcher == part || watcher == NOBODY;
}

int
pflowi_spread_read(struct pflowi_spread *sp, unsigned part,
    struct pflowi_account *a, struct pflow_now now, struct pflow_want *want,
    char *text, size_t text_len)
{
	struct reading r = { .sp = sp, .account = a, .text = text,
		.text_len = text_len };
	int rc = PFLOW_ERR_AGAIN;

	want->fd = -1;
	want->deadline_ns = PFLOW_NEVER;
	if (atomic_load(&sp->ended) || !wait_for_room(sp) ||
	    atomic_flag_test_and_set_explicit(&sp->lock, memory_order_acquire))
		return PFLOW_ERR_AGAIN;
	if (may_read(sp, part))
		rc = read_chunks(sp, &r, now, want);
	pflowi_spread_unlock(sp);
	return rc;
}

void
pflowi_spread_stop(struct pflowi_spread *sp)
{
	pflowi_spread_lock(sp);
	if (!atomic_load(&sp->ended) && sp->ops->end != NULL)
		sp->ops->end(sp->reader);
	atomic_store(&sp->ended, true);
	pflowi_spread_unlock(sp);
	pflowi_spread_wake(sp);
}

/* Life. */

static int
make_ring(struct pflowi_spread_ring *ring)
{
	int i;

	atomic_init(&ring->head, 0);
	atomic_init(&ring->tail, 0);
	atomic_init(&ring->asleep, false);
	ring->slot = aligned_alloc(64,
	    PFLOWI_SPREAD_RING * sizeof(*ring->slot));
	if (ring->slot == NULL)
		return PFLOW_ERR_NOMEM;
	if (pipe(ring->wake) == -1) {
		ring->wake[0] = ring->wake[1] = -1;
		return PFLOW_ERR_SYSTEM;
	}
	for (i = 0; i < 2; i++)
		if (fcntl(ring->wake[i], F_SETFL, O_NONBLOCK) == -1 ||
		    fcntl(ring->wake[i], F_SETFD, FD_CLOEXEC) == -1)
			return PFLOW_ERR_SYSTEM;
	return PFLOW_OK;
}

static void
destroy(struct pflowi_spread *sp)
{
	unsigned i;
	int k;

	for (i = 0; i < sp->count; i++) {
		for (k = 0; k < 2; k++)
			if (sp->ring[i].wake[k] != -1)
				(void)close(sp->ring[i].wake[k]);
		free(sp->ring[i].slot);
	}
	sp->reader->ops->close(sp->reader);
	free(sp);
}

void
pflowi_spread_release(struct pflowi_spread *sp)
{
	if (--sp->open == 0)
		destroy(sp);
}

int
pflowi_spread_new(struct pflowi_spread **out,
    const struct pflowi_spread_ops *ops, struct pflow_source *reader,
    unsigned parts, uint64_t idle_ns, char *err, size_t err_len)
{
	struct pflowi_spread *sp = calloc(1,
	    sizeof(*sp) + parts * sizeof(sp->ring[0]));
	int status = PFLOW_OK;
	unsigned i;

	*out = NULL;
	if (sp == NULL) {
		reader->ops->close(reader);
		snprintf(err, err_len, "out of memory");
		return PFLOW_ERR_NOMEM;
	}
	sp->ops = ops;
	sp->reader = reader;
	sp->opened = PFLOW_MORE;
	sp->slack_ns = pflowi_flow_slack(idle_ns);
	sp->count = sp->open = parts;
	atomic_flag_clear(&sp->lock);
	atomic_init(&sp->ended, false);
	atomic_init(&sp->hungry, false);
	atomic_init(&sp->watcher, NOBODY);
	atomic_init(&sp->permille, -1);
	for (i = 0; i < parts; i++)
		sp->ring[i].wake[0] = sp->ring[i].wake[1] = -1;
	for (i = 0; i < parts && status == PFLOW_OK; i++)
		status = make_ring(&sp->ring[i]);
	if (status == PFLOW_OK)
		status = pflowi_seed(sp->seed, sizeof(sp->seed));
	if (status == PFLOW_OK) {
		*out = sp;
		return status;
	}
	destroy(sp);
	snprintf(err, err_len, "no memory, pipes or random octets for %u parts",
	    parts);
	return status;
}
