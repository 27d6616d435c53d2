/* SPDX-License-Identifier: ISC */
/*
 * A stream of IPFIX Messages (a file, a TCP connection), perhaps damaged, at
 * once and in pieces: the first octet says how large they are. However it is
 * cut, the same messages are found in what is sound, and it ends.
 */
#include <string.h>

#include <pflow/decoder.h>

#include "fuzz/fuzz.h"

struct reader {
	const uint8_t *data;
	size_t len;	/* of the stream so far */
	size_t at;
	int searching;
	int damaged;
	uint64_t sum;	/* of the places of messages */
	uint64_t skipped;
};

/** Take what can be taken; gives 0 if more octets are wanted. */
static int
step(struct reader *r)
{
	const uint8_t *p = r->data + r->at;
	size_t left = r->len - r->at, n;
	int rc;

	if (r->searching) {
		rc = pflow_decoder_resync(p, left, &n);
		FUZZ_CHECK(n <= left);
		FUZZ_CHECK(rc == PFLOW_OK || rc == PFLOW_ERR_TRUNCATED);
		FUZZ_CHECK(rc == PFLOW_OK || left - n < 20);
		r->at += n;
		r->skipped += n;
		r->searching = rc != PFLOW_OK;
		return rc == PFLOW_OK;
	}
	rc = pflow_decoder_frame(p, left, &n);
	FUZZ_CHECK(rc != PFLOW_ERR_TRUNCATED || (n == 4 && left < 4));
	if (rc == PFLOW_ERR_MALFORMED) {
		r->searching = 1;
		r->damaged = 1;
		return 1;
	}
	if (rc != PFLOW_OK || n > left)
		return 0;
	FUZZ_CHECK(n >= 16);
	r->sum = r->sum * 31 + r->at;
	r->at += n;
	return 1;
}

static void
read_in_pieces(struct reader *r, const uint8_t *data, size_t size,
    size_t piece)
{
	size_t steps = 0;

	memset(r, 0, sizeof(*r));
	r->data = data;
	while (r->len < size) {
		r->len += piece < size - r->len ? piece : size - r->len;
		while (step(r))
			FUZZ_CHECK(++steps <= 3 * size + 3);
	}
	FUZZ_CHECK(r->at <= size);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader whole, cut;
	size_t piece;

	if (size < 1)
		return 0;
	piece = data[0];
	data++;
	size--;
	read_in_pieces(&whole, data, size, size == 0 ? 1 : size);
	read_in_pieces(&cut, data, size, piece == 0 ? 1 : piece);
	/* In a damaged stream a piece may end before the header that would
	 * have spoken against a place. */
	FUZZ_CHECK(cut.damaged == whole.damaged);
	FUZZ_CHECK(whole.damaged || cut.sum == whole.sum);
	return 0;
}
