/* SPDX-License-Identifier: ISC */
#include "transport/stream.h"

#include <string.h>

int
pflowi_stream_iov(const struct pflow_message *msgs, size_t count, size_t offset,
    struct iovec *iov)
{
	size_t i;

	for (i = 0; i < count && i < PFLOWI_STREAM_IOV; i++) {
		const uint8_t *from = msgs[i].data + (i == 0 ? offset : 0);

		/* writev(2) only reads what iov_base points at. */
		memcpy(&iov[i].iov_base, &from, sizeof(void *));
		iov[i].iov_len = msgs[i].len - (i == 0 ? offset : 0);
	}
	return (int)i;
}

size_t
pflowi_stream_step(const struct pflow_message *msgs, size_t count,
    size_t *offset, size_t octets)
{
	size_t done = 0, left = octets;

	while (done < count && left >= msgs[done].len - *offset) {
		left -= msgs[done].len - *offset;
		*offset = 0;
		done++;
	}
	*offset += left;
	return done;
}
