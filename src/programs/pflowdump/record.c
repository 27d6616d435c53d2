/* SPDX-License-Identifier: ISC */
#include "programs/pflowdump/record.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

#include <pflow/element.h>

#include "core/bytes.h"

#define NAME_LEN 64
#define VALUE_LEN 2048

/** v9's scopes have numbers of their own (RFC 3954, 6.1). */
static const char *
v9_scope(uint16_t type)
{
	static const char *const names[] = { "", "system", "interface",
		"lineCard", "cache", "template" };

	return type < sizeof(names) / sizeof(names[0]) ? names[type] : "";
}

static void
name_text(char out[NAME_LEN], const struct pflow_decoded_header *hdr,
    const struct pflow_decoded_field *f)
{
	const struct pflow_element *e = f->enterprise == 0
	    ? pflow_element_by_id(f->element)
	    : NULL;

	if (hdr->version == 9 && f->is_scope && *v9_scope(f->element) != '\0')
		(void)snprintf(out, NAME_LEN, "%s", v9_scope(f->element));
	else if (e != NULL)
		(void)snprintf(out, NAME_LEN, "%s", e->name);
	else if (f->enterprise != 0)
		(void)snprintf(out, NAME_LEN, "%u/%u", (unsigned)f->enterprise,
		    f->element);
	else
		(void)snprintf(out, NAME_LEN, "%u", f->element);
}

/** Printable ASCII as it is, what would break a line or a string as '?'. */
static void
string_text(char *out, size_t len, const struct pflow_decoded_field *f)
{
	size_t i, n = strnlen((const char *)f->value, f->length);

	for (i = 0; i < n && i + 1 < len; i++) {
		uint8_t c = f->value[i];

		out[i] = c < 0x20 || c >= 0x7f || c == '"' || c == '\\'
		    ? '?'
		    : (char)c;
	}
	out[i] = '\0';
}

static void
hex_text(char *out, size_t len, const struct pflow_decoded_field *f)
{
	size_t i;

	out[0] = '\0';
	for (i = 0; i < f->length && 2 * i + 2 < len; i++)
		(void)snprintf(out + 2 * i, 3, "%02x", f->value[i]);
}

/** @return 1: the value is a number; 0: a text */
static int
value_text(char *out, size_t len, const struct pflow_decoded_field *f)
{
	const struct pflow_element *e = f->enterprise == 0
	    ? pflow_element_by_id(f->element)
	    : NULL;
	int type = e == NULL ? PFLOW_TYPE_OCTETS : e->type;

	if (type == PFLOW_TYPE_STRING) {
		string_text(out, len, f);
		return 0;
	}
	if ((type == PFLOW_TYPE_IPV4 && f->length == 4) ||
	    (type == PFLOW_TYPE_IPV6 && f->length == 16)) {
		(void)inet_ntop(f->length == 4 ? AF_INET : AF_INET6, f->value,
		    out, (socklen_t)len);
		return 0;
	}
	if (f->length == 0 || f->length > 8 ||
	    type == PFLOW_TYPE_MICROSECONDS || type == PFLOW_TYPE_NANOSECONDS ||
	    type == PFLOW_TYPE_MAC) {
		hex_text(out, len, f);
		return 0;
	}
	(void)snprintf(out, len, "%" PRIu64, pflowi_get_be(f->value, f->length));
	return 1;
}

void
pflowdump_writer_record(struct pflowdump_writer *w,
    const struct pflow_decoded_header *hdr, const char *exporter)
{
	struct pflow_decoded_cursor at = { 0, 0 };
	struct pflow_decoded_field f;
	int json = w->format == PFLOWDUMP_JSON, first = 1;
	char name[NAME_LEN], value[VALUE_LEN];

	if (w->format == PFLOWDUMP_CSV)
		return;
	if (json)
		(void)fputs("{\"options\":{", w->out);
	else
		(void)fprintf(w->out, "options %u:", hdr->template_id);
	while (pflow_decoded_field_next(&hdr->record, &at, &f) == PFLOW_OK) {
		int number = value_text(value, sizeof(value), &f);
		const char *quote = json && !number ? "\"" : "";

		name_text(name, hdr, &f);
		if (json)
			(void)fprintf(w->out, "%s\"%s\":%s%s%s",
			    first ? "" : ",", name, quote, value, quote);
		else
			(void)fprintf(w->out, "%s %s %s", first ? "" : ",",
			    name, value);
		first = 0;
	}
	if (json)
		(void)fprintf(w->out, "},\"template\":%u,\"version\":%u,"
		    "\"domain\":%u%s%s%s}\n", hdr->template_id, hdr->version,
		    (unsigned)hdr->domain_id,
		    *exporter == '\0' ? "" : ",\"exporter\":\"", exporter,
		    *exporter == '\0' ? "" : "\"");
	else
		(void)fputc('\n', w->out);
}
