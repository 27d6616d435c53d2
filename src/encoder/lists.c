/* SPDX-License-Identifier: ISC */
/* The lists of fields that have names. */
#include "encoder/plan.h"

#define FIELD(element, octets) { element, octets, 0 },

/* pflow(4)'s own: templates 256 and 257. */
static const struct pflow_field standard[] = {
	FIELD(PFLOWI_IE_SRC_IPV4, 4) FIELD(PFLOWI_IE_DST_IPV4, 4)
	FIELD(PFLOWI_IE_SRC_IPV6, 16) FIELD(PFLOWI_IE_DST_IPV6, 16)
	PFLOWI_SHAPE_FLOW_TAIL(FIELD)
};

/* The same for NetFlow v9, whose collectors expect SysUptime. */
static const struct pflow_field standard_v9[] = {
	FIELD(8, 4) FIELD(12, 4) FIELD(27, 16) FIELD(28, 16) FIELD(10, 4)
	FIELD(14, 4) FIELD(2, 8) FIELD(1, 8) FIELD(22, 4) FIELD(21, 4)
	FIELD(7, 2) FIELD(11, 2) FIELD(5, 1) FIELD(4, 1)
};

/* What collectors have been seen to understand. One octet of TCP flags: pmacct
 * 1.7.7 takes the first of two. */
static const struct pflow_field extended[] = {
	FIELD(8, 4) FIELD(12, 4) FIELD(27, 16) FIELD(28, 16) FIELD(7, 2)
	FIELD(11, 2) FIELD(4, 1) FIELD(60, 1) FIELD(6, 1) FIELD(5, 1)
	FIELD(136, 1) FIELD(152, 8) FIELD(153, 8) FIELD(1, 8) FIELD(2, 8)
	FIELD(10, 4) FIELD(14, 4) FIELD(61, 1) FIELD(32, 2) FIELD(139, 2)
	FIELD(58, 2) FIELD(148, 8) FIELD(225, 4) FIELD(226, 4) FIELD(281, 16)
	FIELD(282, 16) FIELD(227, 2) FIELD(228, 2)
};

static const struct pflow_field extended_v9[] = {
	FIELD(8, 4) FIELD(12, 4) FIELD(27, 16) FIELD(28, 16) FIELD(7, 2)
	FIELD(11, 2) FIELD(4, 1) FIELD(60, 1) FIELD(6, 1) FIELD(5, 1)
	FIELD(136, 1) FIELD(22, 4) FIELD(21, 4) FIELD(1, 8) FIELD(2, 8)
	FIELD(10, 4) FIELD(14, 4) FIELD(61, 1) FIELD(32, 2) FIELD(139, 2)
	FIELD(58, 2) FIELD(148, 8) FIELD(225, 4) FIELD(226, 4) FIELD(281, 16)
	FIELD(282, 16) FIELD(227, 2) FIELD(228, 2)
};

/* RFC 8158, 5; where both sides are IPv4, pflow(4)'s template 258. */
static const struct pflow_field nat[] = {
	FIELD(323, 8) FIELD(230, 1) FIELD(297, 1) FIELD(4, 1) FIELD(8, 4)
	FIELD(27, 16) FIELD(7, 2) FIELD(225, 4) FIELD(281, 16) FIELD(227, 2)
	FIELD(12, 4) FIELD(28, 16) FIELD(11, 2) FIELD(226, 4) FIELD(282, 16)
	FIELD(228, 2)
};

#undef FIELD

static int
same_word(const char *a, const char *b)
{
	for (; *a == *b; a++, b++) {
		if (*a == '\0')
			return 1;
	}
	return 0;
}

const struct pflow_field *
pflow_template_named(const char *name, size_t *count)
{
	static const struct {
		const char *name;
		const struct pflow_field *fields;
		size_t count;
	} named[] = {
		{ "standard", standard, PFLOWI_ARRAY_LEN(standard) },
		{ "extended", extended, PFLOWI_ARRAY_LEN(extended) },
		{ "standard-v9", standard_v9, PFLOWI_ARRAY_LEN(standard_v9) },
		{ "extended-v9", extended_v9, PFLOWI_ARRAY_LEN(extended_v9) },
	};
	size_t i;

	for (i = 0; i < PFLOWI_ARRAY_LEN(named); i++) {
		if (same_word(named[i].name, name)) {
			*count = named[i].count;
			return named[i].fields;
		}
	}
	return NULL;
}

const struct pflow_field *
pflowi_nat_fields(uint32_t *count)
{
	*count = PFLOWI_ARRAY_LEN(nat);
	return nat;
}
