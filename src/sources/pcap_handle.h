/* SPDX-License-Identifier: ISC */
/*
 * An interface that libpcap listens to, without ever waiting for it; and what
 * the system dropped before it got here.
 */
#ifndef PFLOWI_PCAP_HANDLE_H
#define PFLOWI_PCAP_HANDLE_H

#include <stddef.h>
#include <stdint.h>

#include <pcap/pcap.h>

#include <pflow/counter.h>
#include <pflow/source.h>

#include "sources/pcap_reader.h"

/** Takes a frame, borrowed for the call. */
typedef void pflowi_handle_fn(void *arg,
    const struct pflowi_capture_frame *frame);

/** All zero: closed. */
struct pflowi_handle {
	pcap_t *pcap;
	uint32_t linktype;
	uint64_t stats_due_ns;
	struct pcap_stat stat; /**< as last told; 32 bits that wrap */
	uint64_t kernel_dropped;
	uint64_t interface_dropped;
	pflowi_handle_fn *fn; /**< during a read */
	void *arg;
	char text[2 * PCAP_ERRBUF_SIZE + 300]; /**< the last error, one line */
};

/**
 * Listen.
 *
 * @param snaplen  octets of each frame
 * @return PFLOW_OK; PFLOW_ERR_SYSTEM: text says why
 */
int pflowi_handle_open(struct pflowi_handle *h, const char *interface,
    int snaplen);

void pflowi_handle_close(struct pflowi_handle *h);

/** Let the kernel pass by what does not match. @return PFLOW_OK or INVALID */
int pflowi_handle_filter(struct pflowi_handle *h, const char *expression);

/**
 * What to wait for.
 *
 * @param mono_ns  now
 * @param due_ns   when something else is due, PFLOW_NEVER
 */
void pflowi_handle_want(const struct pflowi_handle *h, uint64_t mono_ns,
    uint64_t due_ns, struct pflow_want *out);

/**
 * Frames that are there, at most `max`.
 *
 * @return how many; PFLOW_ERR_SYSTEM: text says why
 */
int pflowi_handle_read(struct pflowi_handle *h, int max, pflowi_handle_fn *fn,
    void *arg);

/** Ask what was dropped, if it is time to. */
void pflowi_handle_stats(struct pflowi_handle *h, uint64_t mono_ns);

void pflowi_handle_counters(const struct pflowi_handle *h,
    pflow_counter_fn *fn, void *arg);

#endif /* PFLOWI_PCAP_HANDLE_H */
