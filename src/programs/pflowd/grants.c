/* SPDX-License-Identifier: ISC */
#include "programs/pflowd/grants.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pflow/status.h>
#include <pflow/transports.h>

#include "core/port.h"
#include "programs/common/endpoint.h"

void
pflowd_grants_init(struct pflowd_grants *g)
{
	memset(g, 0, sizeof(*g));
}

static void
forget(struct pflowd_grants *g, unsigned client)
{
	if (g->is_pending[client])
		pflowi_settings_fini(&g->pending[client].settings);
	g->is_pending[client] = false;
}

void
pflowd_grants_fini(struct pflowd_grants *g)
{
	unsigned i;

	for (i = 0; i < PFLOWD_CLIENTS_MAX; i++)
		forget(g, i);
	pflowd_conf_fini(&g->conf);
	pflowd_conf_fini(&g->next);
	pflowd_conf_fini(&g->sets);
}

void
pflowd_grants_offer(struct pflowd_grants *g, struct pflowd_conf *conf)
{
	pflowd_conf_fini(&g->next);
	g->next = *conf;
	g->loading = true;
	memset(conf, 0, sizeof(*conf));
}

static struct pflowd_entry *
find(const struct pflowd_conf *conf, unsigned number)
{
	size_t i;

	for (i = 0; i < conf->count; i++)
		if (conf->entries[i].word == NULL &&
		    conf->entries[i].number == number)
			return &conf->entries[i];
	return NULL;
}

static void
drop(struct pflowd_conf *conf, struct pflowd_entry *entry)
{
	size_t at = (size_t)(entry - conf->entries);

	pflowi_settings_fini(&entry->settings);
	memmove(entry, entry + 1, (conf->count - at - 1) * sizeof(*entry));
	conf->count--;
}

void
pflowd_grants_settle(struct pflowd_grants *g, bool loaded)
{
	size_t i;

	if (!g->loading)
		return;
	g->loading = false;
	if (!loaded) {
		pflowd_conf_fini(&g->next);
		return;
	}
	for (i = g->sets.count; i > 0; i--) {
		struct pflowd_entry *set = &g->sets.entries[i - 1];

		/* Named by the file now, or until now. */
		if (find(&g->next, set->number) != NULL ||
		    find(&g->conf, set->number) != NULL)
			drop(&g->sets, set);
	}
	pflowd_conf_fini(&g->conf);
	g->conf = g->next;
	memset(&g->next, 0, sizeof(g->next));
}

int
pflowd_grants_ask(struct pflowd_grants *g, unsigned client, unsigned number,
    const struct pflowi_settings *settings)
{
	struct pflowd_entry *entry = &g->pending[client];
	const struct pflowd_entry *old = find(&g->sets, number);
	int status = PFLOW_OK;

	forget(g, client);
	if (old == NULL)
		old = find(&g->conf, number);
	memset(entry, 0, sizeof(*entry));
	entry->number = number;
	pflowi_settings_init(&entry->settings);
	if (old != NULL)
		status = pflowd_settings_merge(&entry->settings,
		    &old->settings);
	if (status == PFLOW_OK)
		status = pflowd_settings_merge(&entry->settings, settings);
	if (status != PFLOW_OK)
		pflowi_settings_fini(&entry->settings);
	g->is_pending[client] = status == PFLOW_OK;
	return status;
}

void
pflowd_grants_done(struct pflowd_grants *g, unsigned client, bool done)
{
	struct pflowd_entry *entry = &g->pending[client], *old, *more;

	if (!done || !g->is_pending[client]) {
		forget(g, client);
		return;
	}
	old = find(&g->sets, entry->number);
	if (old != NULL)
		drop(&g->sets, old);
	more = realloc(g->sets.entries, (g->sets.count + 1) * sizeof(*more));
	if (more == NULL) {
		forget(g, client);
		return;
	}
	g->sets.entries = more;
	more[g->sets.count++] = *entry;
	g->is_pending[client] = false;
}

static bool
is_text(const struct pflowi_settings *s, enum pflowi_setting_id id,
    const char *text)
{
	const struct pflowi_value *v = &s->value[id];

	return v->given && v->text != NULL && strcmp(v->text, text) == 0;
}

static bool
is_bundle(const char *path)
{
	size_t i, count;
	const char *const *bundles = pflow_tls_bundles(&count);

	for (i = 0; i < count; i++)
		if (strcmp(bundles[i], path) == 0)
			return true;
	return false;
}

/** Is path one of "PATH,PATH?SETTINGS"? */
static bool
is_in_list(const char *list, const char *path)
{
	size_t len = strlen(path);
	const char *p = list;

	while (p != NULL) {
		if (strncmp(p, path, len) == 0 &&
		    (p[len] == '\0' || p[len] == ',' || p[len] == '?'))
			return true;
		p = strchr(p, ',');
		p = p == NULL ? NULL : p + 1;
	}
	return false;
}

static bool
source_has_file(const struct pflowd_entry *entry, const char *path)
{
	const char *word = entry->word;

	if (is_text(&entry->settings, PFLOWI_SET_INTERFACE_MAP, path))
		return true;
	if (strncmp(word, "pcap:", 5) == 0)
		return strcmp(word + 5, path) == 0;
	if (strncmp(word, "pfsync:", 7) == 0)
		return strcmp(word + 7, path) == 0;
	return strncmp(word, "pf:", 3) == 0 && is_in_list(word + 3, path);
}

/** Settings as they would be opened. @return free()d by the caller; NULL */
static struct pflowi_interface *
resolve(const struct pflowd_entry *entry)
{
	struct pflowi_interface *in = malloc(sizeof(*in));
	struct pflowi_problem problem;

	if (in != NULL && entry->settings.value[PFLOWI_SET_DST].given &&
	    pflowd_settings_check(&entry->settings, in, &problem) == PFLOW_OK)
		return in;
	free(in);
	return NULL;
}

static bool
is_tls(const struct pflowi_dest *dest)
{
	return strcmp(dest->kind, "tls") == 0 ||
	    strcmp(dest->kind, "dtls") == 0;
}

static bool
may_write(const struct pflowi_interface *in, const char *path,
    enum pflow_file_use use)
{
	size_t i;

	if (use == PFLOW_FILE_GO_ON)
		return in->tap.path != NULL &&
		    pflowi_tap_has(in->tap.path, in->tap.files, path);
	for (i = 0; i < in->count; i++)
		if (strcmp(in->to[i].dest.kind, "file") == 0 &&
		    strcmp(in->to[i].dest.path, path) == 0)
			return true;
	return false;
}

static bool
may_read(const struct pflowi_settings *s, const struct pflowi_interface *in,
    const char *path)
{
	size_t i;

	for (i = 0; i < in->count; i++)
		if (is_tls(&in->to[i].dest))
			return is_text(s, PFLOWI_SET_TLS_CA, path) ||
			    is_text(s, PFLOWI_SET_TLS_CERT, path) ||
			    is_text(s, PFLOWI_SET_TLS_KEY, path) ||
			    (!s->value[PFLOWI_SET_TLS_CA].given &&
				is_bundle(path));
	return false;
}

/** Calls ask for every interface and source. */
static bool
any(const struct pflowd_grants *g,
    bool (*ask)(const struct pflowd_entry *entry, const void *arg),
    const void *arg)
{
	const struct pflowd_conf *const confs[] = { &g->conf, &g->next,
		&g->sets };
	size_t i, k;

	for (i = 0; i < PFLOWI_ARRAY_LEN(confs); i++)
		for (k = 0; k < confs[i]->count; k++)
			if (ask(&confs[i]->entries[k], arg))
				return true;
	for (i = 0; i < PFLOWD_CLIENTS_MAX; i++)
		if (g->is_pending[i] && ask(&g->pending[i], arg))
			return true;
	return false;
}

struct file {
	const char *path;
	enum pflow_file_use use;
};

static bool
has_file(const struct pflowd_entry *entry, const void *arg)
{
	const struct file *f = arg;
	struct pflowi_interface *in;
	bool may;

	if (entry->word != NULL)
		return f->use == PFLOW_FILE_READ &&
		    source_has_file(entry, f->path);
	in = resolve(entry);
	may = in != NULL && (f->use == PFLOW_FILE_READ
	    ? may_read(&entry->settings, in, f->path)
	    : may_write(in, f->path, f->use));
	free(in);
	return may;
}

bool
pflowd_may_file(const struct pflowd_grants *g, const char *path,
    enum pflow_file_use use)
{
	struct file f = { path, use };

	return any(g, has_file, &f);
}

/** Is it this literal? A scope is the system's affair. */
static bool
is_address(const char *host, const struct pflow_address *a)
{
	char text[PFLOWI_HOST_LEN];
	uint8_t octets[16];

	(void)snprintf(text, sizeof(text), "%.*s", (int)strcspn(host, "%"),
	    host);
	return inet_pton(a->version == 6 ? AF_INET6 : AF_INET, text,
	    octets) == 1 &&
	    memcmp(octets, a->octets, a->version == 6 ? 16 : 4) == 0;
}

static bool
is_source(const struct pflowi_settings *s,
    const struct pflow_socket_wish *wish)
{
	const struct pflowi_value *src = &s->value[PFLOWI_SET_SRC];
	const struct pflowi_value *device = &s->value[PFLOWI_SET_DEVICE];
	struct pflowi_source_addr addr;
	struct pflowi_problem problem;

	if (strcmp(device->given ? device->text : "", wish->device) != 0 ||
	    src->given != wish->bound)
		return false;
	return !src->given || (pflowi_source_addr_parse(src->text, &addr,
	    &problem) == PFLOW_OK && addr.port == wish->source_port &&
	    is_address(addr.host, &wish->source));
}

/** A collector, with its port as the transport uses it. */
static bool
is_dest(const struct pflowi_dest *dest, const struct pflow_socket_wish *wish)
{
	bool stream = strcmp(dest->kind, "tcp") == 0 ||
	    strcmp(dest->kind, "tls") == 0;

	if (strcmp(dest->kind, "file") == 0 || stream != wish->stream)
		return false;
	if (!wish->connected)
		return true;
	/* SCTP goes in datagrams to a port of its own (RFC 6951). What a name
	 * means is the resolver's word. */
	return (strcmp(dest->kind, "sctp") == 0 ||
	    dest->port == wish->to_port) && (dest->ip_version == 0 ||
	    is_address(dest->host, &wish->to));
}

static bool
has_socket(const struct pflowd_entry *entry, const void *arg)
{
	const struct pflow_socket_wish *wish = arg;
	struct pflowi_interface *in;
	bool may = false;
	size_t i;

	if (entry->word != NULL || !is_source(&entry->settings, wish))
		return false;
	in = resolve(entry);
	for (i = 0; in != NULL && i < in->count && !may; i++)
		may = is_dest(&in->to[i].dest, wish);
	free(in);
	return may;
}

bool
pflowd_may_socket(const struct pflowd_grants *g,
    const struct pflow_socket_wish *wish)
{
	return any(g, has_socket, wish);
}

static bool
is_conntrack(const struct pflowd_entry *entry, const void *arg)
{
	(void)arg;
	return entry->word != NULL &&
	    strncmp(entry->word, "conntrack:", 10) == 0;
}

bool
pflowd_may_request(const struct pflowd_grants *g)
{
	return any(g, is_conntrack, NULL);
}

const struct pflowd_metrics_line *
pflowd_may_listen(const struct pflowd_grants *g, const char *word)
{
	const struct pflowd_metrics_conf *const confs[] = { &g->conf.metrics,
		&g->next.metrics };
	unsigned i, k;

	for (i = 0; i < PFLOWI_ARRAY_LEN(confs); i++)
		for (k = 0; k < confs[i]->count; k++)
			if (strcmp(confs[i]->lines[k].word, word) == 0)
				return &confs[i]->lines[k];
	return NULL;
}
