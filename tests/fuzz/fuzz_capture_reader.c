/* SPDX-License-Identifier: ISC */
/*
 * A capture file. Read whole and in pieces it must give the same frames and
 * the same end; each frame goes through dissection and flow table, and what
 * comes out must be what went in.
 */
#include <string.h>

#include "fuzz/fuzz.h"
#include "sources/flow_entry.h"
#include "sources/pcap_reader.h"

/** Of all frames together. */
struct digest {
	uint64_t frames;
	uint64_t hash;
	uint64_t used;
	int status;
};

static struct pflowi_capture capture;
static struct pflowi_flow_table table;
static uint64_t packets_in, octets_in, packets_out, octets_out;

static void
mix(struct digest *d, uint64_t v)
{
	d->hash = (d->hash ^ v) * UINT64_C(0x100000001b3);
}

static void
mix_frame(struct digest *d, const struct pflowi_capture_frame *f,
    const uint8_t *window, size_t used)
{
	uint32_t i;

	FUZZ_CHECK(f->caplen <= PFLOWI_CAPTURE_HEAD);
	FUZZ_CHECK(f->data >= window && f->data + f->caplen <= window + used);
	for (i = 0; i < f->caplen; i++)
		mix(d, f->data[i]);
	mix(d, f->caplen);
	mix(d, f->wirelen);
	mix(d, f->linktype);
	mix(d, f->time_ns);
	d->frames++;
}

static void
take(void)
{
	size_t count, i;
	const struct pflow_state *st =
	    pflowi_flow_table_ready(&table, &count);

	for (i = 0; i < count; i++) {
		packets_out += st[i].packets[0] + st[i].packets[1];
		octets_out += st[i].octets[0] + st[i].octets[1];
		FUZZ_CHECK(st[i].start_ns <= st[i].last_ns);
	}
	pflowi_flow_table_taken(&table, count);
}

static void
account(const struct pflowi_capture_frame *f)
{
	struct pflowi_packet pk;

	if (pflowi_dissect(f->linktype, f->data, f->caplen, f->wirelen, &pk) !=
	    PFLOWI_PACKET_IP)
		return;
	pk.time_ns = f->time_ns;
	packets_in++;
	octets_in += pk.octets;
	while (pflowi_flow_table_add(&table, &pk, 1) == 0)
		take();
}

/** Show `first` octets, then `step` more whenever there are too few. */
static struct digest
read_all(const uint8_t *data, size_t size, size_t first, size_t step,
    int with_flows)
{
	struct digest d = { 0 };
	size_t shown = first < size ? first : size;

	pflowi_capture_init(&capture);
	for (;;) {
		struct pflowi_capture_frame f;
		const uint8_t *window = data + d.used;
		size_t used;
		int rc = pflowi_capture_next(&capture, window,
		    shown - (size_t)d.used, &used, &f);

		FUZZ_CHECK(used <= shown - d.used);
		d.used += used;
		if (rc == PFLOW_OK) {
			mix_frame(&d, &f, window, used);
			if (with_flows)
				account(&f);
			continue;
		}
		FUZZ_CHECK(rc == PFLOW_ERR_AGAIN || capture.problem != NULL);
		if (rc != PFLOW_ERR_AGAIN || shown == size) {
			d.status = rc;
			return d;
		}
		/* No more is ever needed than the window is promised to be. */
		FUZZ_CHECK(shown - d.used < PFLOWI_CAPTURE_WINDOW);
		shown += step < size - shown ? step : size - shown;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pflowi_flow_config cfg = { .active_ns = UINT64_C(60000000000),
		.idle_ns = UINT64_C(15000000000), .seed = { 1, 2 } };
	struct digest whole, pieces;
	size_t step;

	cfg.memory_limit = sizeof(table) + 100 * 130;
	FUZZ_CHECK(pflowi_flow_table_init(&table, &cfg) == PFLOW_OK);
	packets_in = octets_in = packets_out = octets_out = 0;
	whole = read_all(data, size, size, 1, 1);
	while (!pflowi_flow_table_flush(&table))
		take();
	take();
	FUZZ_CHECK(packets_in == packets_out && octets_in == octets_out);
	pflowi_flow_table_fini(&table);
	step = size < 256 ? 1 : 1 + size / 64;
	pieces = read_all(data, size, 0, step, 0);
	FUZZ_CHECK(whole.frames == pieces.frames);
	FUZZ_CHECK(whole.hash == pieces.hash);
	FUZZ_CHECK(whole.status == pieces.status);
	FUZZ_CHECK(whole.used == pieces.used);
	return 0;
}
