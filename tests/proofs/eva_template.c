/* SPDX-License-Identifier: ISC */
/*
 * The checks of templates: any list of fields, of any length, for any
 * version; elements of any number.
 */
#include <pflow/element.h>
#include <pflow/template.h>

#include "encoder/plan.h"

#include "proofs/any.h"

static void
prove_list(void)
{
	struct pflow_field fields[PFLOW_TEMPLATE_FIELDS_MAX];
	struct pflowi_op op;
	uint64_t count = any_u64();
	size_t bad;
	int rc;

	/* A list that is too long is refused before it is read. */
	any_octets(fields, sizeof(fields));
	rc = pflow_template_check(fields, (size_t)count,
	    (uint16_t)any_between(0, UINT16_MAX), &bad);
	(void)rc;
	(void)pflowi_op_compile(&op, &fields[0]);
	(void)pflowi_plan_template_len(fields, any_u64());
}

static void
prove_plan(void)
{
	struct pflowi_op ops[PFLOW_TEMPLATE_FIELDS_MAX];
	uint64_t count = any_between(0, PFLOW_TEMPLATE_FIELDS_MAX);
	uint64_t mask;

	any_octets(ops, sizeof(ops));
	mask = pflowi_plan_mask(ops, (uint32_t)count, (uint32_t)any_u64(),
	    (uint32_t)any_u64());
	(void)mask;
	(void)pflowi_plan_record_len(ops,
	    any_between(0, (UINT64_C(1) << PFLOW_TEMPLATE_FIELDS_MAX) - 1));
}

void
prove(void)
{
	const struct pflow_element *e =
	    pflow_element_by_id((uint16_t)any_between(0, UINT16_MAX));

	if (e != NULL)
		(void)pflow_element_fits(e,
		    (uint16_t)any_between(0, UINT16_MAX));
	prove_list();
	prove_plan();
}
