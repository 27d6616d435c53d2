/* SPDX-License-Identifier: ISC */
/* pfgen example: writes examples/data/pfsync.pcap to standard output. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gen/gen.h"

int
main(int argc, char **argv)
{
	struct gen_buf b = { NULL, 0, 0 };

	if (argc != 2 || strcmp(argv[1], "example") != 0) {
		fprintf(stderr, "usage: pfgen example > pfsync.pcap\n");
		return 2;
	}
	gen_example_capture(&b);
	if (fwrite(b.p, 1, b.len, stdout) != b.len || fflush(stdout) != 0) {
		fprintf(stderr, "pfgen: standard output: cannot write\n");
		return EXIT_FAILURE;
	}
	gen_free(&b);
	return EXIT_SUCCESS;
}
