/* SPDX-License-Identifier: ISC */
#include "programs/common/digest.h"

#include <stddef.h>

pflow_digest_fn *
pflowi_digest(const char **why)
{
	*why = "this build has no OpenSSL";
	return NULL;
}
