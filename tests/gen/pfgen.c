/* SPDX-License-Identifier: ISC */
/*
 * pfgen example        writes examples/data/pfsync.pcap to standard output
 * pfgen table          writes examples/data/pf-states.bin to standard output
 * pfgen seeds DIR      writes the seeds of the pf fuzz targets into DIR
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gen/gen.h"

#define A 0xa1b2c3d4u

static const char *directory;

static void
write_out(FILE *f, const char *name, const struct gen_buf *b)
{
	if (f == NULL || fwrite(b->p, 1, b->len, f) != b->len ||
	    fflush(f) != 0) {
		fprintf(stderr, "pfgen: %s: cannot write\n", name);
		exit(EXIT_FAILURE);
	}
}

static void
seed(const char *name, struct gen_buf *b)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	f = fopen(path, "wb");
	write_out(f, path, b);
	fclose(f);
	gen_free(b);
}

static void
be16(struct gen_buf *b, unsigned v)
{
	uint8_t p[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	gen_bytes(b, p, 2);
}

/** A frame of fuzz_pfsync: milliseconds, length, octets. */
static void
frame(struct gen_buf *b, unsigned ms, struct gen_buf *packet)
{
	if (packet->p[0] >= 5)
		gen_packet_end(packet);
	be16(b, ms);
	be16(b, (unsigned)packet->len);
	gen_bytes(b, packet->p, packet->len);
	gen_free(packet);
}

static void
full(struct gen_buf *b, int version, int action, enum gen_layout layout,
    size_t first, size_t count)
{
	struct gen_buf p = { NULL, 0, 0 };
	size_t i;

	if (version < 5) {
		gen_old_packet(&p, version, action, (unsigned)count);
	} else {
		gen_packet_begin(&p, version);
		gen_section(&p, action, gen_state_size(layout),
		    (unsigned)count);
	}
	for (i = 0; i < count; i++)
		gen_state(&p, layout, &gen_example[first + i].st);
	frame(b, 500, &p);
}

static void
delete(struct gen_buf *b, int version, int action, size_t n)
{
	struct gen_buf p = { NULL, 0, 0 };

	if (version < 5) {
		gen_old_packet(&p, version, action, 1);
	} else {
		gen_packet_begin(&p, version);
		gen_section(&p, action, 12, 1);
	}
	gen_del_c(&p, version < 5, gen_example[n].st.id, A);
	frame(b, 9000, &p);
}

static void
pfsync_seeds(void)
{
	struct gen_buf b = { NULL, 0, 0 }, p = { NULL, 0, 0 };

	be16(&b, 246);
	full(&b, 6, 13, GEN_OPENBSD, 0, 2);
	full(&b, 6, 14, GEN_OPENBSD, 0, 1);
	gen_packet_begin(&p, 6);
	gen_section(&p, 4, 84, 1);
	gen_upd_c(&p, 0, gen_example[0].st.id, A, 5);
	frame(&b, 100, &p);
	delete(&b, 6, 7, 0);
	gen_packet_begin(&p, 6);
	gen_section(&p, 10, 12, 1);
	gen_bus(&p, 0, A, 1);
	gen_section(&p, 0, 20, 1);
	gen_clr(&p, 0, "em1", A);
	gen_section(&p, 0, 20, 1);
	gen_clr(&p, 0, "", A);
	frame(&b, 100, &p);
	seed("pfsync/v6_insert_update_delete_clear", &b);

	be16(&b, 18);
	full(&b, 5, 1, GEN_1301, 0, 2);
	full(&b, 5, 13, GEN_1400, 2, 1);
	full(&b, 5, 15, GEN_1500, 24, 1);
	delete(&b, 5, 7, 0);
	seed("pfsync/v5_freebsd_1301_1400_1500", &b);

	be16(&b, 121);
	full(&b, 5, 1, GEN_PFSYNC5, 0, 2);
	delete(&b, 5, 7, 1);
	seed("pfsync/v5_openbsd_240", &b);

	be16(&b, 246);
	full(&b, 4, 1, GEN_PFSYNC4, 0, 1);
	delete(&b, 4, 5, 0);
	full(&b, 3, 1, GEN_PFSYNC3, 1, 1);
	full(&b, 2, 3, GEN_PFSYNC2, 2, 1);
	seed("pfsync/v4_v3_v2", &b);

	be16(&b, 101);
	gen_packet_begin(&p, 6);
	gen_section(&p, 13, 264, 1);
	gen_state(&p, GEN_OPENBSD, &gen_example[0].st);
	gen_packet_end(&p);
	be16(&b, 10);
	be16(&b, (unsigned)(40 + p.len));
	gen_ip(&b, "fe80::1", &p);
	be16(&b, 10);
	be16(&b, (unsigned)(20 + p.len));
	gen_ip(&b, "192.0.2.1", &p);
	gen_free(&p);
	seed("pfsync/two_senders_in_raw_ip", &b);
}

static void
table_seeds(void)
{
	static const struct {
		enum gen_layout layout;
		const char *name;
	} rows[] = {
		{ GEN_OPENBSD, "pf_table/openbsd" },
		{ GEN_1301, "pf_table/freebsd_1301" },
		{ GEN_1400, "pf_table/freebsd_1400" },
		{ GEN_1500, "pf_table/freebsd_1500" },
		{ GEN_V2_LITTLE, "pf_table/freebsd_v2_le" },
		{ GEN_V2_BIG, "pf_table/freebsd_v2_be" },
		{ GEN_MACOS_LITTLE, "pf_table/macos_le" },
		{ GEN_MACOS_BIG, "pf_table/macos_be" },
		{ GEN_PFSYNC4, "pf_table/pfsync_4" },
		{ GEN_PFSYNC3, "pf_table/pfsync_3" },
		{ GEN_PFSYNC2, "pf_table/pfsync_2" },
	};
	static const uint8_t two = 2;
	size_t r, i;

	for (r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
		struct gen_buf b = { NULL, 0, 0 };

		gen_bytes(&b, &two, 1);
		for (i = 0; i < 4; i++)
			gen_state(&b, rows[r].layout, &gen_example[i % 3].st);
		seed(rows[r].name, &b);
	}
}

static void
netlink_seeds(void)
{
	struct gen_buf b = { NULL, 0, 0 }, a = { NULL, 0, 0 };
	static const uint8_t head[16] = { 0, 0, 0, 0, 0x42, 0, 2, 0, 1, 1, 1, 1 };
	static const uint8_t done[20] = { 20, 0, 0, 0, 3, 0, 2, 0, 1, 1, 1, 1 };
	static const uint8_t generic[4] = { 1, 1 };

	gen_netlink(&b, &gen_example[24].st, 0);
	seed("pf_netlink/attributes_le", &b);
	gen_netlink(&b, &gen_example[24].st, 1);
	seed("pf_netlink/attributes_be", &b);
	gen_netlink(&a, &gen_example[0].st, 0);
	gen_bytes(&b, head, 16);
	gen_bytes(&b, generic, 4);
	gen_bytes(&b, a.p, a.len);
	b.p[0] = (uint8_t)b.len;
	b.p[1] = (uint8_t)(b.len >> 8);
	gen_bytes(&b, done, 20);
	gen_free(&a);
	seed("pf_netlink/datagram_le", &b);
}

int
main(int argc, char **argv)
{
	struct gen_buf b = { NULL, 0, 0 };

	if (argc == 2 && strcmp(argv[1], "example") == 0) {
		gen_example_capture(&b);
		write_out(stdout, "standard output", &b);
		gen_free(&b);
		return EXIT_SUCCESS;
	}
	if (argc == 2 && strcmp(argv[1], "table") == 0) {
		size_t i;

		for (i = 0; i < gen_example_count; i++)
			gen_state(&b, GEN_OPENBSD, &gen_example[i].st);
		write_out(stdout, "standard output", &b);
		gen_free(&b);
		return EXIT_SUCCESS;
	}
	if (argc == 3 && strcmp(argv[1], "seeds") == 0) {
		directory = argv[2];
		pfsync_seeds();
		table_seeds();
		netlink_seeds();
		return EXIT_SUCCESS;
	}
	fprintf(stderr, "usage: pfgen example > FILE | table > FILE | "
	    "seeds DIRECTORY\n");
	return 2;
}
