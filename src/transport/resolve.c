/* SPDX-License-Identifier: ISC */
#include "transport/resolve.h"

#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "core/time.h"
#include "transport/transport.h"

#define LOOK_FIRST_NS (2u * PFLOWI_NS_PER_MS)
#define LOOK_MAX_NS (200u * PFLOWI_NS_PER_MS)
/** A thread that only calls getaddrinfo(3). */
#define STACK_OCTETS ((size_t)256 << 10)

/** Owned by two, the transport and the thread; the last one frees it. */
struct pflowi_resolve_job {
	atomic_int owners;
	atomic_bool done;
	struct pflowi_endpoint ep;
	int family;
	int status;
	const struct pflow_system *system;
	struct pflowi_addrs addrs;
	char err[PFLOWI_ERROR_MAX];
};

static int
ask_system(void *arg, const struct pflowi_endpoint *ep, int family,
    struct pflowi_addrs *out, char *err, size_t err_len)
{
	struct addrinfo hints, *res, *ai;
	int rc;

	(void)arg;
	out->count = 0;
	memset(&hints, 0, sizeof(hints));
	hints.ai_family = family;
	hints.ai_flags = AI_NUMERICSERV;
	hints.ai_socktype = SOCK_DGRAM;
	rc = getaddrinfo(ep->host, ep->port, &hints, &res);
	if (rc != 0) {
		pflowi_say(err, err_len, "%s does not resolve%s%s: %s",
		    ep->host, family == AF_UNSPEC ? "" : " to ",
		    family == AF_UNSPEC ? "" : pflowi_family_text(family),
		    gai_strerror(rc));
		return PFLOW_ERR_NOTFOUND;
	}
	for (ai = res; ai != NULL && out->count < PFLOWI_ADDRS_MAX;
	     ai = ai->ai_next) {
		struct pflowi_addr *a = &out->addr[out->count];

		if (ai->ai_family != AF_INET && ai->ai_family != AF_INET6)
			continue;
		memset(a, 0, sizeof(*a));
		memcpy(&a->sa, ai->ai_addr, ai->ai_addrlen);
		a->len = ai->ai_addrlen;
		out->count++;
	}
	freeaddrinfo(res);
	if (out->count > 0)
		return PFLOW_OK;
	pflowi_say(err, err_len, "%s has no IP address", ep->host);
	return PFLOW_ERR_NOTFOUND;
}

/** A pflowi_lookup_fn; arg is a struct pflow_system. */
static int
ask_helper(void *arg, const struct pflowi_endpoint *ep, int family,
    struct pflowi_addrs *out, char *err, size_t err_len)
{
	const struct pflow_system *sys = arg;
	struct pflow_address found[PFLOWI_ADDRS_MAX];
	unsigned version =
	    family == AF_INET ? 4 : family == AF_INET6 ? 6 : 0;
	struct pflowi_addr port;
	size_t i;

	if (!pflowi_addr_literal("0.0.0.0", ep->port, &port)) {
		pflowi_say(err, err_len, "%s: not a port", ep->port);
		return PFLOW_ERR_NOTFOUND;
	}
	out->count = sys->lookup(sys->arg, ep->host, version, found,
	    PFLOWI_ADDRS_MAX, err, err_len);
	for (i = 0; i < out->count; i++)
		pflowi_addr_from(&found[i],
		    ntohs(((struct sockaddr_in *)&port.sa)->sin_port),
		    &out->addr[i]);
	return out->count > 0 ? PFLOW_OK : PFLOW_ERR_NOTFOUND;
}

static void
job_release(struct pflowi_resolve_job *job)
{
	if (atomic_fetch_sub(&job->owners, 1) == 1)
		free(job);
}

static void
job_run(struct pflowi_resolve_job *job, pflowi_lookup_fn *lookup, void *arg)
{
	job->status = lookup(arg, &job->ep, job->family, &job->addrs, job->err,
	    sizeof(job->err));
	atomic_store(&job->done, true);
}

static void *
thread_main(void *arg)
{
	struct pflowi_resolve_job *job = arg;

	union {
		const struct pflow_system *in;
		void *out;
	} sys = {job->system};

	if (job->system != NULL && job->system->lookup != NULL)
		job_run(job, ask_helper, sys.out);
	else
		job_run(job, ask_system, NULL);
	job_release(job);
	return NULL;
}

/** Signals are for the program's own threads. */
static int
thread_start(struct pflowi_resolve_job *job)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all, old;
	int rc;

	if (pthread_attr_init(&attr) != 0)
		return -1;
	(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	(void)pthread_attr_setstacksize(&attr, STACK_OCTETS);
	sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	atomic_store(&job->owners, 2);
	rc = pthread_create(&thread, &attr, thread_main, job);
	if (rc != 0)
		atomic_store(&job->owners, 1);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	(void)pthread_attr_destroy(&attr);
	return rc;
}

void
pflowi_resolver_ask(struct pflowi_resolver *r, const struct pflowi_endpoint *ep,
    int family, struct pflow_now now)
{
	struct pflowi_resolve_job *job;

	if (r->job != NULL)
		return;
	job = calloc(1, sizeof(*job));
	if (job == NULL)
		return;
	atomic_init(&job->owners, 1);
	atomic_init(&job->done, false);
	job->ep = *ep;
	job->family = ep->literal ? ep->family : family;
	job->system = r->system;
	r->job = job;
	r->step_ns = LOOK_FIRST_NS;
	r->look_ns = now.mono_ns;
	if (r->lookup != NULL)
		job_run(job, r->lookup, r->lookup_arg);
	else if (ep->literal)
		job_run(job, ask_system, NULL);
	else if (thread_start(job) != 0) {
		pflowi_say(job->err, sizeof(job->err),
		    "%s: no thread to resolve it", ep->host);
		job->status = PFLOW_ERR_NOTFOUND;
		atomic_store(&job->done, true);
	}
}

bool
pflowi_resolver_busy(const struct pflowi_resolver *r)
{
	return r->job != NULL;
}

int
pflowi_resolver_take(struct pflowi_resolver *r, struct pflow_now now,
    struct pflowi_addrs *out, char *err, size_t err_len)
{
	struct pflowi_resolve_job *job = r->job;
	int rc;

	if (job == NULL) {
		pflowi_say(err, err_len, "out of memory");
		return PFLOW_ERR_NOTFOUND;
	}
	if (!atomic_load(&job->done)) {
		r->look_ns = pflowi_time_add(now.mono_ns, r->step_ns);
		r->step_ns = pflowi_min_u64(r->step_ns * 2, LOOK_MAX_NS);
		return PFLOW_ERR_AGAIN;
	}
	rc = job->status;
	if (rc == PFLOW_OK)
		*out = job->addrs;
	else
		pflowi_say(err, err_len, "%s", job->err);
	pflowi_resolver_drop(r);
	return rc;
}

void
pflowi_resolver_drop(struct pflowi_resolver *r)
{
	if (r->job != NULL)
		job_release(r->job);
	r->job = NULL;
}
