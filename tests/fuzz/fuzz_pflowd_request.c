/* SPDX-License-Identifier: ISC */
/* A line of the control socket: understood, or refused with a sentence. */
#include <string.h>

#include <pflow/status.h>

#include "fuzz/fuzz.h"
#include "programs/pflowd/request.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char line[PFLOWD_LINE_LEN];
	struct pflowi_problem problem;
	struct pflowd_request r;
	const char *p;

	if (size >= sizeof(line))
		return 0;
	memcpy(line, data, size);
	line[size] = '\0';
	if (pflowd_request_parse(line, &r, &problem) == PFLOW_OK) {
		FUZZ_CHECK(r.number < PFLOWD_IFACES_MAX);
		FUZZ_CHECK(r.named || (r.verb != PFLOWD_SET &&
		    r.verb != PFLOWD_DESTROY));
		pflowd_request_fini(&r);
		return 0;
	}
	FUZZ_CHECK(problem.text[0] != '\0');
	for (p = problem.text; *p != '\0'; p++)
		FUZZ_CHECK((unsigned char)*p >= ' ' && *p != 0x7f);
	return 0;
}
