/* SPDX-License-Identifier: ISC */
#include <pflow/status.h>

#include "programs/common/report.h"

bool
pflowi_report_has_json(void)
{
	return false;
}

const char *
pflowi_report_json_version(void)
{
	return NULL;
}

int
pflowi_report_json(const struct pflowi_report *r, FILE *out)
{
	(void)r;
	(void)out;
	return PFLOW_ERR_UNSUPPORTED;
}
