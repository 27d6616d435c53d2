/* SPDX-License-Identifier: ISC */
/*
 * pflow_ct: ended connections of nf_conntrack, exported by the codec of
 * libpflow from inside the kernel. README.md has the rules of locks, contexts
 * and memory that the comments here refer to.
 */
#ifndef PFLOW_CT_H
#define PFLOW_CT_H

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/socket.h>
#include <linux/timekeeping.h>

#include <pflow/exporter.h>
#include <pflow/state.h>

struct nf_conn;

/* --- conntrack.c: from struct nf_conn to struct pflow_state ------------- */

/** Why a connection gave no state. */
enum pflow_ct_skip {
	PFLOW_CT_TAKEN,
	PFLOW_CT_NOT_TRACKED,  /**< a template, or never confirmed: no loss */
	PFLOW_CT_OTHER_NETNS,  /**< not of the namespace that is exported */
	PFLOW_CT_UNACCOUNTED,  /**< older than nf_conntrack_acct */
	PFLOW_CT_UNTIMED,      /**< taken; its start is not known */
	PFLOW_CT_SKIP_COUNT
};

/**
 * Any context; ct is alive for the call and changes no more.
 *
 * @return PFLOW_CT_TAKEN or PFLOW_CT_UNTIMED: st was made; else why not
 */
enum pflow_ct_skip pflow_ct_state_of(const struct nf_conn *ct,
    uint64_t wall_ns, struct pflow_state *st);

/** Begin to be told of ended connections. Process context. */
int pflow_ct_watch(void);
/** When it returns no handler runs any more. Process context. */
void pflow_ct_unwatch(void);
/** Connections that the probe could not look at. */
unsigned long pflow_ct_missed(void);

/* --- export.c: the exporter, its lock, its deadlines --------------------- */

/** What can be set at run time; the words of pflowctl(8). */
struct pflow_ct_settings {
	struct sockaddr_storage receiver; /**< ss_family 0: none */
	struct sockaddr_storage source;	  /**< ss_family 0: any */
	unsigned int version;		  /**< 5, 9 or 10 */
	unsigned int domain;
	unsigned int hold;		  /**< seconds */
	unsigned int mtu;
	unsigned int extended;		  /**< 1: all fields that are known */
	unsigned int nat;		  /**< 1: NAT session records too */
};

int pflow_ct_export_init(void);
/** Sends what is left. No feed may run any more. Process context. */
void pflow_ct_export_exit(void);

/**
 * Export by these settings from now on; what the old ones had collected is
 * sent by the old ones. On failure the old ones stay. Process context.
 *
 * @return 0 or a negative errno
 */
int pflow_ct_export_set(const struct pflow_ct_settings *set);

/** One ended connection. Any context but NMI; never sleeps. */
void pflow_ct_export_feed(const struct pflow_state *st, struct pflow_now now,
    enum pflow_ct_skip how);
/** A connection that gave no state. Any context but NMI. */
void pflow_ct_export_skip(enum pflow_ct_skip why);

/** All counters as "name value" lines. Process context. */
int pflow_ct_export_stats(char *buf, size_t len);

static inline struct pflow_now
pflow_ct_now(void)
{
	struct pflow_now now;

	/* Boot time goes on while the machine sleeps: wall - mono is always
	 * the moment when it came up, which v5 times count from. */
	now.mono_ns = ktime_get_boottime_ns();
	now.wall_ns = ktime_get_real_ns();
	return now;
}

/* --- socket.c: UDP from the kernel; process context ---------------------- */

struct socket;

/** @return 0 or a negative errno; *out is the caller's to close */
int pflow_ct_socket_open(const struct pflow_ct_settings *set,
    struct socket **out);
/** @return 0: sent; -EAGAIN, -ENOBUFS: try later; else it can not be sent */
int pflow_ct_socket_send(struct socket *sock, const struct pflow_message *m);
void pflow_ct_socket_close(struct socket *sock);
/** The port that datagrams leave from, host order. */
uint16_t pflow_ct_socket_port(const struct socket *sock);

/* --- settings.c: module parameters --------------------------------------- */

/** Put into force what was given at load. Process context. */
int pflow_ct_settings_begin(void);

#endif /* PFLOW_CT_H */
