/* SPDX-License-Identifier: ISC */
#include "programs/pflowd/request.h"

#include <string.h>

#include <pflow/status.h>

#include "core/port.h"
#include "programs/common/endpoint.h"
#include "programs/common/words.h"

enum name_use { NONE, MAY, MUST };

static const struct {
	const char *word;
	enum pflowd_verb verb;
	enum name_use name;
} verbs[] = {
	{ "list", PFLOWD_LIST, NONE },
	{ "create", PFLOWD_CREATE, NONE },
	{ "destroy", PFLOWD_DESTROY, MUST },
	{ "set", PFLOWD_SET, MUST },
	{ "stats", PFLOWD_STATS, MAY },
	{ "flush", PFLOWD_FLUSH, MAY },
	{ "send-template", PFLOWD_TEMPLATE, MAY },
};

/** The verb and its interface. @return words used; 0: a problem */
static size_t
parse_head(struct pflowd_request *out, char **words, size_t count,
    struct pflowi_problem *problem)
{
	size_t i;

	for (i = 0; i < PFLOWI_ARRAY_LEN(verbs); i++)
		if (count > 0 && strcmp(words[0], verbs[i].word) == 0)
			break;
	if (i == PFLOWI_ARRAY_LEN(verbs)) {
		(void)pflowi_problem_set(problem, PFLOW_ERR_INVALID, 0,
		    "'%.60s' is no request, expected list, create, destroy, "
		    "set, stats, flush or send-template",
		    count == 0 ? "" : words[0]);
		return 0;
	}
	out->verb = verbs[i].verb;
	if (verbs[i].name == NONE || (verbs[i].name == MAY && count == 1))
		return 1;
	if (count < 2 || pflowd_number_parse(words[1], true, &out->number) !=
	    PFLOW_OK) {
		(void)pflowi_problem_set(problem, PFLOW_ERR_INVALID, 1,
		    "'%.60s' is no interface, expected pflow0 to pflow%d",
		    count < 2 ? "" : words[1], PFLOWD_IFACES_MAX - 1);
		return 0;
	}
	out->named = true;
	return 2;
}

int
pflowd_request_parse(char *line, struct pflowd_request *out,
    struct pflowi_problem *problem)
{
	char *words[PFLOWD_WORDS_MAX];
	size_t count, head;
	int status = pflowi_words_split(line, words, PFLOWD_WORDS_MAX, &count,
	    problem);

	if (status != PFLOW_OK)
		return status;
	memset(out, 0, sizeof(*out));
	head = parse_head(out, words, count, problem);
	if (head == 0)
		return PFLOW_ERR_INVALID;
	if (out->verb != PFLOWD_SET)
		return head == count ? PFLOW_OK : pflowi_problem_set(problem,
		    PFLOW_ERR_INVALID, head, "'%.60s' is too much, expected "
		    "the end of the line", words[head]);
	if (head == count)
		return pflowi_problem_set(problem, PFLOW_ERR_INVALID, head,
		    "no setting, expected SETTING VALUE ...");
	pflowi_settings_init(&out->settings);
	status = pflowi_settings_parse(&out->settings, PFLOWI_FOR_INTERFACE,
	    (const char *const *)words + head, count - head, problem);
	if (status != PFLOW_OK)
		pflowi_settings_fini(&out->settings);
	return status;
}

/** Does it name a file? */
static bool
names_files(const struct pflowi_settings *s)
{
	static const enum pflowi_setting_id files[] = { PFLOWI_SET_SPOOL,
		PFLOWI_SET_TAP,
		PFLOWI_SET_TLS_CA, PFLOWI_SET_TLS_CERT, PFLOWI_SET_TLS_KEY };
	const char *at = s->value[PFLOWI_SET_DST].text;
	char word[PFLOWI_DEST_LEN];
	size_t i;

	for (i = 0; i < PFLOWI_ARRAY_LEN(files); i++)
		if (s->value[files[i]].given)
			return true;
	while (pflowi_settings_next_dest(&at, word, sizeof(word)))
		if (strncmp(word, "file:", 5) == 0)
			return true;
	return false;
}

enum pflowd_right
pflowd_request_right(const struct pflowd_request *r)
{
	if (r->verb == PFLOWD_LIST || r->verb == PFLOWD_STATS)
		return PFLOWD_MAY_LOOK;
	return r->verb == PFLOWD_SET && names_files(&r->settings)
	    ? PFLOWD_MAY_ALL : PFLOWD_MAY_CHANGE;
}

const char *
pflowd_request_denial(const struct pflowd_request *r)
{
	return pflowd_request_right(r) == PFLOWD_MAY_ALL
	    ? "only root, or the configuration, may name files"
	    : "only root, pflowd's own user and the group of the control "
	      "line in pflowd.conf may change anything";
}

void
pflowd_request_fini(struct pflowd_request *r)
{
	if (r->verb == PFLOWD_SET)
		pflowi_settings_fini(&r->settings);
}
