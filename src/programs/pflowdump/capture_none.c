/* SPDX-License-Identifier: ISC */
/* Builds without libpcap. */
#include "programs/common/note.h"
#include "programs/pflowdump/dump.h"

const char *
pflowdump_capture_version(void)
{
	return NULL;
}

int
pflowdump_capture(struct pflowdump *d, FILE *file, const char *path)
{
	(void)d;
	(void)fclose(file);
	pflowi_note("%s: neither NetFlow v5 nor IPFIX; captures are not read "
	    "by this build", path);
	return PFLOWI_EXIT_FAILED;
}
