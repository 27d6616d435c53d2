/* SPDX-License-Identifier: ISC */
#include "programs/pflowdump/dump.h"
#include "programs/pflowdump/record.h"

/** Ends a message early; no status of the decoder is positive. */
#define STOP 1

struct context {
	struct pflowdump *dump;
	const struct pflowdump_peer *peer;
};

static int
on_flow(void *arg, const struct pflow_state *st,
    const struct pflow_decoded_header *hdr)
{
	const struct context *c = arg;
	struct pflowdump *d = c->dump;

	d->flows++;
	d->packets += st->packets[0] + st->packets[1];
	d->octets += st->octets[0] + st->octets[1];
	pflowdump_writer_flow(&d->writer, st, hdr, c->peer->text);
	if (--d->left != 0)
		return 0;
	d->done = true;
	return STOP;
}

static int
on_other(void *arg, const struct pflow_decoded_header *hdr)
{
	const struct context *c = arg;

	pflowdump_writer_record(&c->dump->writer, hdr, c->peer->text);
	return 0;
}

uint64_t
pflowdump_checksums_wrong(const struct pflowdump *d)
{
	struct pflow_decoder_stats sum;

	pflowdump_peers_sum(&d->peers, &sum);
	return sum.checksums_wrong;
}

int
pflowdump_message(struct pflowdump *d, const struct pflowdump_ends *ends,
    const uint8_t *buf, size_t len)
{
	struct pflowdump_peer *peer = pflowdump_peers_find(&d->peers, ends);
	struct context c;
	int status;

	if (peer == NULL) {
		d->no_memory++;
		return PFLOW_ERR_NOMEM;
	}
	c.dump = d;
	c.peer = peer;
	d->messages++;
	pflow_decoder_set_other(&peer->decoder, on_other);
	pflow_decoder_set_digest(&peer->decoder, d->digest, NULL);
	status = pflow_decoder_message(&peer->decoder, buf, len, on_flow, &c);
	if (status == PFLOW_ERR_UNSUPPORTED)
		d->not_netflow++;
	else if (status < 0)
		d->unreadable++;
	return status == STOP ? PFLOW_OK : status;
}
