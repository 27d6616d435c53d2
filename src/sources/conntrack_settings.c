/* SPDX-License-Identifier: ISC */
#include "sources/conntrack_settings.h"

#include <stdio.h>
#include <string.h>

#include "core/port.h"

/** One word of the argument: NAME or NAME=VALUE. */
struct word {
	const char *text;
	size_t len;
	const char *value; /* NULL: there is no '=' */
	size_t value_len;
};

static int
digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

/** Decimal, or hexadecimal behind 0x. */
static bool
parse_u32(const char *s, size_t len, uint32_t *out)
{
	uint64_t v = 0;
	int base = 10;
	size_t i = 0;

	if (len > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
		base = 16;
		i = 2;
	}
	if (i == len)
		return false;
	for (; i < len; i++) {
		int d = digit_of(s[i]);

		if (d >= base)
			return false;
		v = v * (unsigned)base + (unsigned)d;
		if (v > UINT32_MAX)
			return false;
	}
	*out = (uint32_t)v;
	return true;
}

static bool
set_mark(struct pflowi_ct_settings *set, const struct word *w)
{
	const char *slash = memchr(w->value, '/', w->value_len);
	size_t n = slash == NULL ? w->value_len : (size_t)(slash - w->value);

	set->by_mark = true;
	set->mask = UINT32_MAX;
	if (!parse_u32(w->value, n, &set->mark))
		return false;
	if (slash == NULL)
		return true;
	if (!parse_u32(slash + 1, w->value_len - n - 1, &set->mask))
		return false;
	/* A bit outside of its mask can never match. */
	return (set->mark & ~set->mask) == 0;
}

static bool
set_label(struct pflowi_ct_settings *set, const struct word *w)
{
	uint32_t v;

	if (!parse_u32(w->value, w->value_len, &v) ||
	    v >= PFLOWI_CT_LABEL_BITS)
		return false;
	set->by_label = true;
	set->label = (uint8_t)v;
	return true;
}

static bool
set_buffer(struct pflowi_ct_settings *set, const struct word *w)
{
	size_t n = w->value_len;
	unsigned shift = 0;
	uint32_t v;

	if (n > 0 && (w->value[n - 1] == 'K' || w->value[n - 1] == 'k'))
		shift = 10;
	else if (n > 0 && (w->value[n - 1] == 'M' || w->value[n - 1] == 'm'))
		shift = 20;
	if (shift != 0)
		n--;
	if (!parse_u32(w->value, n, &v) || v > PFLOWI_CT_BUFFER_MAX >> shift)
		return false;
	set->buffer = v << shift;
	return set->buffer >= PFLOWI_CT_BUFFER_MIN;
}

static bool
set_nat_events(struct pflowi_ct_settings *set, const struct word *w)
{
	(void)w;
	set->nat_events = true;
	return true;
}

static bool
set_interfaces(struct pflowi_ct_settings *set, const struct word *w)
{
	(void)w;
	set->interfaces = true;
	return true;
}

static bool
set_reliable(struct pflowi_ct_settings *set, const struct word *w)
{
	(void)w;
	set->reliable = true;
	return true;
}

static const struct {
	const char *name;
	const char *right; /* what a value looks like; NULL: takes none */
	bool (*set)(struct pflowi_ct_settings *, const struct word *);
} table[] = {
	{ "mark", "mark=VALUE or mark=VALUE/MASK, 32 bits, no bit outside of "
		  "the mask", set_mark },
	{ "label", "label=BIT, 0 to 127", set_label },
	{ "buffer", "buffer=OCTETS, 4K to 1024M", set_buffer },
	{ "nat-events", NULL, set_nat_events },
	{ "interfaces", NULL, set_interfaces },
	{ "reliable", NULL, set_reliable },
};

static int
take_word(struct pflowi_ct_settings *set, const struct word *w, char *err,
    size_t err_len)
{
	size_t name_len = w->value == NULL ? w->len
					   : (size_t)(w->value - w->text) - 1;
	size_t i;

	for (i = 0; i < PFLOWI_ARRAY_LEN(table); i++) {
		const char *name = table[i].name;

		if (strlen(name) != name_len ||
		    memcmp(name, w->text, name_len) != 0)
			continue;
		if ((w->value != NULL) == (table[i].right != NULL) &&
		    table[i].set(set, w))
			return PFLOW_OK;
		snprintf(err, err_len, "conntrack: %.*s: expected %s",
		    (int)w->len, w->text,
		    table[i].right == NULL ? name : table[i].right);
		return PFLOW_ERR_INVALID;
	}
	snprintf(err, err_len, "conntrack: %.*s: no such setting, expected "
	    "mark=, label=, buffer=, nat-events, interfaces or reliable",
	    (int)w->len, w->text);
	return PFLOW_ERR_INVALID;
}

int
pflowi_ct_settings_parse(struct pflowi_ct_settings *set, const char *argument,
    char *err, size_t err_len)
{
	const char *at = argument;

	memset(set, 0, sizeof(*set));
	set->buffer = PFLOWI_CT_BUFFER_DEFAULT;
	if (err_len > 0)
		err[0] = '\0';
	if (*at == '\0')
		return PFLOW_OK;
	for (;;) {
		const char *comma = strchr(at, ',');
		struct word w = { at, comma == NULL ? strlen(at)
						    : (size_t)(comma - at),
			NULL, 0 };
		const char *eq = memchr(at, '=', w.len);
		int rc;

		if (eq != NULL) {
			w.value = eq + 1;
			w.value_len = w.len - (size_t)(eq + 1 - at);
		}
		rc = take_word(set, &w, err, err_len);
		if (rc != PFLOW_OK || comma == NULL)
			return rc;
		at = comma + 1;
	}
}

bool
pflowi_ct_selected(const struct pflowi_ct_settings *set,
    const struct pflowi_ct_flow *flow)
{
	if (!set->by_mark && !set->by_label)
		return true;
	if (set->by_mark && (flow->mark & set->mask) == set->mark)
		return true;
	return set->by_label && pflowi_ct_label(flow, set->label);
}
