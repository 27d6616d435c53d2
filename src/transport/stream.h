/* SPDX-License-Identifier: ISC */
/*
 * Whole messages over a road that takes any number of octets: how far into
 * the head message it is.
 */
#ifndef PFLOWI_STREAM_H
#define PFLOWI_STREAM_H

#include <pflow/message.h>

#include <stddef.h>
#include <sys/uio.h>

/** Buffers in one writev(2); POSIX gives at least 16, all systems 1024. */
#define PFLOWI_STREAM_IOV 64

/**
 * The octets of msgs from an offset in the first one.
 *
 * @param iov   room for PFLOWI_STREAM_IOV
 * @return how many were filled in, at least 1
 */
int pflowi_stream_iov(const struct pflow_message *msgs, size_t count,
    size_t offset, struct iovec *iov);

/**
 * octets were taken: step over whole messages.
 *
 * @param offset  in, out: how far into msgs[result]
 * @return how many messages are done
 */
size_t pflowi_stream_step(const struct pflow_message *msgs, size_t count,
    size_t *offset, size_t octets);

#endif /* PFLOWI_STREAM_H */
