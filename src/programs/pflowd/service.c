/* SPDX-License-Identifier: ISC */
#include "programs/pflowd/service.h"

#include <stdio.h>
#include <string.h>

#include <pflow/status.h>

#include "core/port.h"
#include "programs/common/words.h"

void
pflowd_service_init(struct pflowd_service *s)
{
	memset(s, 0, sizeof(*s));
	s->mode = PFLOWD_CONTROL_MODE;
	s->sandbox = true;
}

static int
take_name(char out[PFLOWD_NAME_LEN], const char *what, const char *word,
    size_t at, struct pflowi_problem *problem)
{
	if (word[0] == '\0' || strlen(word) >= PFLOWD_NAME_LEN)
		return pflowi_problem_set(problem, PFLOW_ERR_INVALID, at,
		    "%s '%.60s': expected a name of 1 to %d octets", what,
		    word, PFLOWD_NAME_LEN - 1);
	memcpy(out, word, strlen(word) + 1);
	return PFLOW_OK;
}

/** Three or four octal digits; nobody may run a socket. */
static int
take_mode(unsigned *mode, const char *word, size_t at,
    struct pflowi_problem *problem)
{
	size_t len = strlen(word), i;
	unsigned value = 0;

	for (i = 0; i < len && word[i] >= '0' && word[i] <= '7' && i < 5; i++)
		value = value * 8 + (unsigned)(word[i] - '0');
	if (i != len || len < 3 || len > 4 || value > 0777)
		return pflowi_problem_set(problem, PFLOW_ERR_INVALID, at,
		    "mode '%.60s': expected octal digits, 0600 to 0777", word);
	*mode = value;
	return PFLOW_OK;
}

static int
take_user(struct pflowd_service *s, const char *const *words, size_t count,
    struct pflowi_problem *problem)
{
	if (count != 2)
		return pflowi_problem_set(problem, PFLOW_ERR_INVALID, 0,
		    "user: expected one name");
	return take_name(s->user, "user", words[1], 1, problem);
}

static int
take_control(struct pflowd_service *s, const char *const *words, size_t count,
    struct pflowi_problem *problem)
{
	int status = PFLOW_OK;
	size_t i;

	if (count == 1)
		return pflowi_problem_set(problem, PFLOW_ERR_INVALID, 0,
		    "control has no setting, expected mode, owner or group");
	for (i = 1; i < count && status == PFLOW_OK; i += 2) {
		if (i + 1 == count)
			return pflowi_problem_set(problem, PFLOW_ERR_INVALID,
			    i, "'%.60s' has no value, expected mode MODE, "
			    "owner NAME or group NAME", words[i]);
		if (strcmp(words[i], "mode") == 0)
			status = take_mode(&s->mode, words[i + 1], i + 1,
			    problem);
		else if (strcmp(words[i], "owner") == 0)
			status = take_name(s->owner, "owner", words[i + 1],
			    i + 1, problem);
		else if (strcmp(words[i], "group") == 0)
			status = take_name(s->group, "group", words[i + 1],
			    i + 1, problem);
		else
			status = pflowi_problem_set(problem,
			    PFLOW_ERR_INVALID, i, "'%.60s' is not a setting "
			    "of control, expected mode, owner or group",
			    words[i]);
	}
	return status;
}

static int
take_sandbox(struct pflowd_service *s, const char *const *words, size_t count,
    struct pflowi_problem *problem)
{
	bool yes = count == 2 && strcmp(words[1], "yes") == 0;

	if (!yes && (count != 2 || strcmp(words[1], "no") != 0))
		return pflowi_problem_set(problem, PFLOW_ERR_INVALID, 0,
		    "sandbox: expected yes or no");
	s->sandbox = yes;
	return PFLOW_OK;
}

static const struct {
	const char *word;
	size_t line; /**< where the member is */
	int (*take)(struct pflowd_service *s, const char *const *words,
	    size_t count, struct pflowi_problem *problem);
} lines[PFLOWD_SERVICE_LINES] = {
	{ "user", offsetof(struct pflowd_service, user_line), take_user },
	{ "control", offsetof(struct pflowd_service, control_line),
	    take_control },
	{ "sandbox", offsetof(struct pflowd_service, sandbox_line),
	    take_sandbox },
};

static size_t
find(const char *word)
{
	size_t i;

	for (i = 0; i < PFLOWI_ARRAY_LEN(lines); i++)
		if (strcmp(word, lines[i].word) == 0)
			break;
	return i;
}

bool
pflowd_service_has(const char *word)
{
	return find(word) < PFLOWI_ARRAY_LEN(lines);
}

int
pflowd_service_parse(struct pflowd_service *s, unsigned line,
    const char *const *words, size_t count, struct pflowi_problem *problem)
{
	struct pflowd_service next = *s;
	size_t i = find(words[0]);
	unsigned first;
	int status;

	memcpy(&first, (const char *)s + lines[i].line, sizeof(first));
	if (first != 0)
		return pflowi_problem_set(problem, PFLOW_ERR_INVALID, 0,
		    "%s stands in line %u already, expected one line",
		    words[0], first);
	status = lines[i].take(&next, words, count, problem);
	if (status != PFLOW_OK)
		return status;
	memcpy((char *)&next + lines[i].line, &line, sizeof(line));
	*s = next;
	return PFLOW_OK;
}

static int
add_pair(char *line, size_t len, size_t *at, const char *word,
    const char *value)
{
	int status;

	if (value[0] == '\0')
		return PFLOW_OK;
	status = pflowi_words_append(line, len, at, word);
	if (status == PFLOW_OK)
		status = pflowi_words_append(line, len, at, value);
	return status;
}

int
pflowd_service_print(const struct pflowd_service *s, unsigned n, char *line,
    size_t len)
{
	size_t at = 0;
	char mode[8];
	int status;

	line[0] = '\0';
	if (n == 0)
		return add_pair(line, len, &at, "user", s->user);
	if (n == 2)
		return s->sandbox_line == 0 ? PFLOW_OK : add_pair(line, len,
		    &at, "sandbox", s->sandbox ? "yes" : "no");
	if (s->control_line == 0)
		return PFLOW_OK;
	(void)snprintf(mode, sizeof(mode), "%04o", s->mode);
	status = pflowi_words_append(line, len, &at, "control");
	if (status == PFLOW_OK)
		status = add_pair(line, len, &at, "mode", mode);
	if (status == PFLOW_OK)
		status = add_pair(line, len, &at, "owner", s->owner);
	if (status == PFLOW_OK)
		status = add_pair(line, len, &at, "group", s->group);
	return status;
}
