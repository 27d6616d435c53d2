/* SPDX-License-Identifier: ISC */
#include "programs/pflowd/conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pflow/status.h>

#include "programs/common/resolve.h"
#include "programs/common/scalar.h"
#include "programs/common/words.h"

int
pflowd_number_parse(const char *word, bool bare, unsigned *number)
{
	static const char name[] = "pflow";
	size_t len = sizeof(name) - 1;
	uint64_t value;
	int status;

	if (strncmp(word, name, len) == 0)
		word += len;
	else if (!bare)
		return PFLOW_ERR_INVALID;
	/* One name for each interface: pflow07 is none. */
	if (word[0] == '0' && word[1] != '\0')
		return PFLOW_ERR_INVALID;
	status = pflowi_parse_u64(word, &value);
	if (status != PFLOW_OK)
		return status;
	if (value >= PFLOWD_IFACES_MAX)
		return PFLOW_ERR_RANGE;
	*number = (unsigned)value;
	return PFLOW_OK;
}

bool
pflowd_settings_same(const struct pflowi_settings *a,
    const struct pflowi_settings *b)
{
	unsigned id;

	for (id = 0; id < PFLOWI_SET_COUNT; id++) {
		const struct pflowi_value *x = &a->value[id];
		const struct pflowi_value *y = &b->value[id];

		if (x->given != y->given || x->number != y->number ||
		    (x->text == NULL) != (y->text == NULL) ||
		    (x->text != NULL && strcmp(x->text, y->text) != 0))
			return false;
	}
	return true;
}

int
pflowd_settings_copy(struct pflowi_settings *to,
    const struct pflowi_settings *from)
{
	unsigned id;

	memset(to, 0, sizeof(*to));
	for (id = 0; id < PFLOWI_SET_COUNT; id++) {
		to->value[id] = from->value[id];
		to->value[id].text = NULL;
	}
	for (id = 0; id < PFLOWI_SET_COUNT; id++) {
		if (from->value[id].text == NULL)
			continue;
		to->value[id].text = strdup(from->value[id].text);
		if (to->value[id].text == NULL) {
			pflowi_settings_fini(to);
			return PFLOW_ERR_NOMEM;
		}
	}
	return PFLOW_OK;
}

int
pflowd_settings_merge(struct pflowi_settings *to,
    const struct pflowi_settings *from)
{
	unsigned id;

	for (id = 0; id < PFLOWI_SET_COUNT; id++) {
		const struct pflowi_value *v = &from->value[id];

		if (!v->given)
			continue;
		free(to->value[id].text);
		to->value[id] = *v;
		to->value[id].text = v->text == NULL ? NULL : strdup(v->text);
		if (v->text != NULL && to->value[id].text == NULL)
			return PFLOW_ERR_NOMEM;
	}
	return PFLOW_OK;
}

unsigned
pflowd_version(const struct pflowi_settings *settings)
{
	return pflowi_settings_version(settings);
}

/**
 * The settings as the exporter takes them. As in pflowctl(8), a domain may be
 * set before the version that has one; v5 leaves it aside.
 */
static struct pflowi_settings
effective(const struct pflowi_settings *settings)
{
	struct pflowi_settings s = *settings;

	if (pflowd_version(settings) == 5)
		s.value[PFLOWI_SET_DOMAIN].given = false;
	return s;
}

int
pflowd_settings_check(const struct pflowi_settings *settings,
    struct pflowi_interface *in, struct pflowi_problem *problem)
{
	struct pflowi_settings s = effective(settings);

	if (!s.value[PFLOWI_SET_DST].given)
		return PFLOW_OK;
	return pflowi_interface_resolve(&s, in, problem);
}

static void
entry_fini(struct pflowd_entry *entry)
{
	free(entry->word);
	pflowi_settings_fini(&entry->settings);
}

void
pflowd_conf_fini(struct pflowd_conf *conf)
{
	size_t i;

	for (i = 0; i < conf->count; i++)
		entry_fini(&conf->entries[i]);
	free(conf->entries);
	memset(conf, 0, sizeof(*conf));
}

/** Is there such an entry already? */
static const struct pflowd_entry *
find_twin(const struct pflowd_conf *conf, const struct pflowd_entry *entry)
{
	size_t i;

	for (i = 0; i < conf->count; i++) {
		const struct pflowd_entry *e = &conf->entries[i];

		if ((e->word == NULL) != (entry->word == NULL))
			continue;
		if (e->word == NULL ? e->number == entry->number
		    : strcmp(e->word, entry->word) == 0)
			return e;
	}
	return NULL;
}

static int
append(struct pflowd_conf *conf, const struct pflowd_entry *entry,
    struct pflowi_problem *problem)
{
	const struct pflowd_entry *twin = find_twin(conf, entry);
	struct pflowd_entry *more;
	size_t i, kin = 0;

	if (twin != NULL)
		return pflowi_problem_set(problem, PFLOW_ERR_INVALID, 0,
		    "the same stands in line %u, expected one line for each",
		    twin->line);
	for (i = 0; i < conf->count; i++)
		kin += conf->entries[i].word != NULL;
	if (entry->word != NULL && kin == PFLOWD_SOURCES_MAX)
		return pflowi_problem_set(problem, PFLOW_ERR_RANGE, 0,
		    "too many sources, expected at most %d",
		    PFLOWD_SOURCES_MAX);
	more = realloc(conf->entries, (conf->count + 1) * sizeof(*more));
	if (more == NULL)
		return pflowi_problem_set(problem, PFLOW_ERR_NOMEM,
		    PFLOWI_NOWHERE, "out of memory");
	conf->entries = more;
	more[conf->count++] = *entry;
	return PFLOW_OK;
}

/** The head of a line. @return words used, 0: a problem */
static size_t
parse_head(struct pflowd_entry *entry, char **words, size_t count,
    struct pflowi_problem *problem)
{
	if (strcmp(words[0], "source") == 0) {
		if (count < 2 || words[1][0] == '\0') {
			(void)pflowi_problem_set(problem, PFLOW_ERR_INVALID,
			    0, "source has no value, expected source SOURCE "
			    "[SETTING VALUE ...]");
			return 0;
		}
		entry->word = strdup(words[1]);
		if (entry->word != NULL)
			return 2;
		(void)pflowi_problem_set(problem, PFLOW_ERR_NOMEM,
		    PFLOWI_NOWHERE, "out of memory");
		return 0;
	}
	if (pflowd_number_parse(words[0], false, &entry->number) == PFLOW_OK)
		return 1;
	(void)pflowi_problem_set(problem, PFLOW_ERR_INVALID, 0,
	    "'%.60s' begins no line, expected source or pflow0 to pflow%d, or "
	    "user, control, sandbox or metrics", words[0], PFLOWD_IFACES_MAX - 1);
	return 0;
}

static int
parse_line(char *line, unsigned number, struct pflowd_conf *conf,
    struct pflowi_problem *problem)
{
	char *words[PFLOWD_WORDS_MAX];
	struct pflowd_entry entry;
	size_t count, head;
	int status = pflowi_words_split(line, words, PFLOWD_WORDS_MAX, &count,
	    problem);

	if (status != PFLOW_OK || count == 0)
		return status;
	if (pflowd_service_has(words[0]))
		return pflowd_service_parse(&conf->service, number,
		    (const char *const *)words, count, problem);
	if (pflowd_metrics_has(words[0]))
		return pflowd_metrics_parse(&conf->metrics, number,
		    (const char *const *)words, count, problem);
	memset(&entry, 0, sizeof(entry));
	entry.line = number;
	pflowi_settings_init(&entry.settings);
	head = parse_head(&entry, words, count, problem);
	if (head == 0) {
		entry_fini(&entry);
		return PFLOW_ERR_INVALID;
	}
	status = pflowi_settings_parse(&entry.settings, entry.word != NULL
	    ? PFLOWI_FOR_SOURCE : PFLOWI_FOR_INTERFACE,
	    (const char *const *)words + head, count - head, problem);
	if (status != PFLOW_OK && problem->at != PFLOWI_NOWHERE)
		problem->at += head;
	if (status == PFLOW_OK)
		status = append(conf, &entry, problem);
	if (status != PFLOW_OK)
		entry_fini(&entry);
	return status;
}

int
pflowd_conf_parse(const char *text, size_t len, struct pflowd_conf *conf,
    unsigned *line, struct pflowi_problem *problem)
{
	char buf[PFLOWD_LINE_LEN];
	int status = PFLOW_OK;

	memset(conf, 0, sizeof(*conf));
	pflowd_service_init(&conf->service);
	*line = 0;
	while (len > 0 && status == PFLOW_OK) {
		const char *end = memchr(text, '\n', len);
		size_t n = end == NULL ? len : (size_t)(end - text);
		size_t step = end == NULL ? n : n + 1;

		(*line)++;
		if (n >= sizeof(buf)) {
			status = pflowi_problem_set(problem, PFLOW_ERR_NOSPACE,
			    PFLOWI_NOWHERE, "too long, expected at most %d "
			    "octets", PFLOWD_LINE_LEN - 1);
		} else if (memchr(text, '\0', n) != NULL) {
			status = pflowi_problem_set(problem, PFLOW_ERR_INVALID,
			    PFLOWI_NOWHERE, "an octet 0, expected text");
		} else {
			memcpy(buf, text, n);
			buf[n] = '\0';
			status = parse_line(buf, *line, conf, problem);
		}
		text += step;
		len -= step;
	}
	if (status != PFLOW_OK)
		pflowd_conf_fini(conf);
	return status;
}

int
pflowd_entry_print(const struct pflowd_entry *entry, char *line, size_t len)
{
	char name[24];
	size_t at = 0;
	int status;

	(void)snprintf(name, sizeof(name), "pflow%u", entry->number);
	status = pflowi_words_append(line, len, &at, entry->word == NULL
	    ? name : "source");
	if (status == PFLOW_OK && entry->word != NULL)
		status = pflowi_words_append(line, len, &at, entry->word);
	if (status != PFLOW_OK || at + 1 >= len)
		return PFLOW_ERR_NOSPACE;
	line[at++] = ' ';
	status = pflowi_settings_print(&entry->settings, line + at, len - at);
	if (line[at] == '\0')
		line[at - 1] = '\0';
	return status;
}
