/* SPDX-License-Identifier: ISC */
/*
 * A spool, the exporter before it, and the collector behind it, in one test
 * process. What is sent is in flight, then in the collector's system
 * (acknowledged), then read. A session that breaks loses what was not read,
 * whatever was acknowledged.
 */
#ifndef SPOOL_RIG_H
#define SPOOL_RIG_H

#include "transport/spool.h"

#define SEC UINT64_C(1000000000)
#define FLIGHT_MAX 512

struct collector {
	uint64_t next;	   /* the number of the next record that is new */
	uint64_t gaps;	   /* records that never came */
	uint64_t repeated; /* messages that had come before */
	uint64_t sessions;
	bool knows; /* the template, in this session */
	bool begun; /* something came in this session */
	uint32_t
	    expected;	/* life_sequence of the next message of the session */
	uint16_t width; /* octets of a record */
};

struct sink {
	struct pflow_transport base;
	struct pflow_transport_ops ops;
	bool up, in_order, told;
	bool back;   /* service() may begin a session */
	size_t room; /* messages that one send takes */
	uint64_t confirmed;
	unsigned restarts;
	struct {
		uint8_t *data;
		uint32_t len;
	} flight[FLIGHT_MAX];
	size_t flying, acked; /* flight[0..acked) is in the system */
	size_t acked_octets;
};

extern struct collector collector;
extern struct sink *inner;
extern struct pflow_transport *spool;
extern struct pflow_spool_config cfg;
extern struct pflow_now now;
extern char dir[64], err[256];

/* What an exporter would say. */
extern uint64_t fed;	       /* number of the next record */
extern uint32_t life_sequence; /* of the exporter's life */

void setup(void);
void teardown(void);
/** Remove dir and what is in it. */
void clean(void);
/** A process begins: a spool on dir, an exporter that counts from 0. */
int start(void);

int feed(const uint8_t *msg, size_t len, uint32_t records);
uint32_t secs(void);
void feed_template(void);
void feed_data(uint32_t records);
/** Go on until everything has arrived. */
void drain(void);

void drop_front(struct sink *k, size_t n);
/** The collector's system acknowledges n, as far as its buffer goes. */
void acknowledge(struct sink *k, size_t n);
void read_messages(struct sink *k, size_t n);
void break_session(struct sink *k, bool in_order);
/** As the contract says: a session begins in service(). */
void bring_up(struct sink *k);

extern uint32_t seed;
uint32_t chance(uint32_t n);

#endif /* SPOOL_RIG_H */
