/* SPDX-License-Identifier: ISC */
#include "programs/common/grammar.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pflow/status.h>

#include "programs/common/endpoint.h"
#include "programs/common/fields.h"
#include "programs/common/scalar.h"
#include "programs/common/words.h"

/* What would be right, as a part of a message. */
#define RIGHT_LEN 256

static const char *
find_choice_word(const struct pflowi_choice *choices, uint64_t value)
{
	for (; choices->word != NULL; choices++)
		if (choices->value == value)
			return choices->word;
	return "";
}

/** "5, 9 or 10"; only those that this build has. */
static void
list_choices(const struct pflowi_choice *choices, char *out, size_t len)
{
	size_t built = 0, seen = 0, at = 0, i;

	for (i = 0; choices[i].word != NULL; i++)
		built += choices[i].built;
	out[0] = '\0';
	for (i = 0; choices[i].word != NULL; i++) {
		const char *join = ", ";
		int n;

		if (!choices[i].built)
			continue;
		if (++seen == 1)
			join = "";
		else if (seen == built)
			join = " or ";
		n = snprintf(out + at, len - at, "%s%s", join, choices[i].word);
		if (n < 0 || (size_t)n >= len - at)
			return;
		at += (size_t)n;
	}
}

static int
parse_choice(const struct pflowi_setting *set, const char *word, uint64_t *out,
    struct pflowi_problem *problem)
{
	const struct pflowi_choice *c;
	char right[RIGHT_LEN];

	list_choices(set->choices, right, sizeof(right));
	for (c = set->choices; c->word != NULL; c++) {
		if (strcmp(c->word, word) != 0)
			continue;
		if (!c->built)
			return pflowi_problem_set(problem,
			    PFLOW_ERR_UNSUPPORTED, 0,
			    "%s '%s': not in this build, expected %s",
			    set->word, word, right);
		*out = c->value;
		return PFLOW_OK;
	}
	return pflowi_problem_set(problem, PFLOW_ERR_INVALID, 0,
	    "%s '%.120s': unknown, expected %s", set->word, word, right);
}

/** TYPE:ID, or one number for both. */
static int
parse_engine(const char *word, uint64_t *out)
{
	const char *colon = strchr(word, ':');
	size_t len = colon == NULL ? strlen(word) : (size_t)(colon - word);
	uint64_t type, id;
	char head[8];
	int status;

	if (len >= sizeof(head))
		return PFLOW_ERR_INVALID;
	memcpy(head, word, len);
	head[len] = '\0';
	if ((status = pflowi_parse_u64(head, &type)) != PFLOW_OK)
		return status;
	id = type;
	if (colon != NULL &&
	    (status = pflowi_parse_u64(colon + 1, &id)) != PFLOW_OK)
		return status;
	if (type > UINT8_MAX || id > UINT8_MAX)
		return PFLOW_ERR_RANGE;
	*out = type << 8 | id;
	return PFLOW_OK;
}

static void
print_number(const struct pflowi_setting *set, uint64_t v,
    char out[PFLOWI_SCALAR_LEN])
{
	switch (set->kind) {
	case PFLOWI_VALUE_DURATION:
		pflowi_print_duration(out, v);
		return;
	case PFLOWI_VALUE_SIZE:
		pflowi_print_size(out, v);
		return;
	case PFLOWI_VALUE_ENGINE:
		(void)snprintf(out, PFLOWI_SCALAR_LEN, "%u:%u",
		    (unsigned)(v >> 8 & 0xff), (unsigned)(v & 0xff));
		return;
	case PFLOWI_VALUE_CHOICE:
	case PFLOWI_VALUE_WORD:
		(void)snprintf(out, PFLOWI_SCALAR_LEN, "%s",
		    find_choice_word(set->choices, v));
		return;
	default:
		(void)snprintf(out, PFLOWI_SCALAR_LEN, "%" PRIu64, v);
	}
}

/** "68 to 65535", "a time from 0 to 1h such as 90 or 1h30m". */
static void
describe_right(const struct pflowi_setting *set, char *out, size_t len)
{
	char low[PFLOWI_SCALAR_LEN], high[PFLOWI_SCALAR_LEN];

	print_number(set, set->min, low);
	print_number(set, set->max, high);
	if (set->kind == PFLOWI_VALUE_ENGINE)
		(void)snprintf(out, len, "TYPE or TYPE:ID, each 0 to 255");
	else if (set->kind == PFLOWI_VALUE_DURATION)
		(void)snprintf(out, len,
		    "a time from %s to %s such as 90 or 1h30m", low, high);
	else if (set->kind == PFLOWI_VALUE_SIZE)
		(void)snprintf(out, len, "a size of %s or more such as 512M",
		    low);
	else
		(void)snprintf(out, len, "%s to %s", low, high);
}

static int
parse_number(const struct pflowi_setting *set, const char *word, uint64_t *out,
    struct pflowi_problem *problem)
{
	char right[RIGHT_LEN];
	uint64_t v = 0;
	int status;

	if (set->kind == PFLOWI_VALUE_DURATION)
		status = pflowi_parse_duration(word, &v);
	else if (set->kind == PFLOWI_VALUE_SIZE)
		status = pflowi_parse_size(word, &v);
	else if (set->kind == PFLOWI_VALUE_ENGINE)
		status = parse_engine(word, &v);
	else
		status = pflowi_parse_u64(word, &v);
	if (status == PFLOW_OK && (v < set->min || v > set->max))
		status = PFLOW_ERR_RANGE;
	if (status == PFLOW_OK) {
		*out = v;
		return PFLOW_OK;
	}
	describe_right(set, right, sizeof(right));
	return pflowi_problem_set(problem, status, 0, "%s '%.120s': %s, "
	    "expected %s", set->word, word,
	    status == PFLOW_ERR_RANGE ? "out of range" : "not understood",
	    right);
}

/** When files are full, in normal form. */
static int
parse_rotate(const struct pflowi_setting *set, const char *word, char **out,
    struct pflowi_problem *problem)
{
	char normal[2 * PFLOWI_SCALAR_LEN];
	uint64_t octets, ns;
	int status = pflowi_parse_rotate(word, &octets, &ns);

	if (status != PFLOW_OK)
		return pflowi_problem_set(problem, status, 0,
		    "%s '%.120s': %s, expected a size such as 100M, a time "
		    "such as 1h, or both as 100M,1h", set->word, word,
		    status == PFLOW_ERR_RANGE ? "out of range"
					      : "not understood");
	pflowi_print_rotate(normal, octets, ns);
	*out = strdup(normal);
	if (*out == NULL)
		return pflowi_problem_set(problem, PFLOW_ERR_NOMEM, 0,
		    "out of memory");
	return PFLOW_OK;
}

/** A name, or a list of elements in its normal form. */
static int
parse_fields(const char *word, char **out, struct pflowi_problem *problem)
{
	char normal[PFLOWI_FIELDS_LEN];
	struct pflowi_fields fields;
	int status;

	if (strcmp(word, "standard") == 0 || strcmp(word, "extended") == 0) {
		(void)snprintf(normal, sizeof(normal), "%s", word);
	} else {
		status = pflowi_fields_parse(word, &fields, problem);
		if (status != PFLOW_OK)
			return status;
		pflowi_fields_print(&fields, normal, sizeof(normal));
	}
	*out = strdup(normal);
	if (*out == NULL)
		return pflowi_problem_set(problem, PFLOW_ERR_NOMEM, 0,
		    "out of memory");
	return PFLOW_OK;
}

/** The normal form of a text value. */
static int
parse_text(const struct pflowi_setting *set, const char *word, char **out,
    struct pflowi_problem *problem)
{
	char normal[PFLOWI_DEST_LEN];
	struct pflowi_problem inner;
	struct pflowi_source_addr addr;
	struct pflowi_dest dest;
	int status = PFLOW_OK;

	if (*word == '\0')
		return pflowi_problem_set(problem, PFLOW_ERR_INVALID, 0,
		    "%s '': empty, expected %s", set->word, set->argument);
	if (set->kind == PFLOWI_VALUE_DEST &&
	    strchr(word, PFLOWI_DEST_SEP) != NULL)
		return pflowi_problem_set(problem, PFLOW_ERR_INVALID, 0,
		    "%s '%.120s': has a line break, expected %s", set->word,
		    word, set->argument);
	if (set->kind == PFLOWI_VALUE_DEST) {
		status = pflowi_dest_parse(word, &dest, &inner);
		if (status == PFLOW_OK)
			pflowi_dest_print(normal, sizeof(normal), &dest);
	} else if (set->kind == PFLOWI_VALUE_SOURCE_ADDR) {
		status = pflowi_source_addr_parse(word, &addr, &inner);
		if (status == PFLOW_OK)
			pflowi_source_addr_print(normal, sizeof(normal), &addr);
	}
	if (status != PFLOW_OK)
		return pflowi_problem_set(problem, status, 0, "%s %.440s",
		    set->word, inner.text);
	*out = strdup(set->kind == PFLOWI_VALUE_TEXT ? word : normal);
	if (*out == NULL)
		return pflowi_problem_set(problem, PFLOW_ERR_NOMEM, 0,
		    "out of memory");
	return PFLOW_OK;
}

static int
parse_value(const struct pflowi_setting *set, const char *word,
    struct pflowi_value *value, struct pflowi_problem *problem)
{
	if (!set->built)
		return pflowi_problem_set(problem, PFLOW_ERR_UNSUPPORTED, 0,
		    "%s: not in this build, leave it out", set->word);
	switch (set->kind) {
	case PFLOWI_VALUE_CHOICE:
	case PFLOWI_VALUE_WORD:
		return parse_choice(set, word, &value->number, problem);
	case PFLOWI_VALUE_DEST:
	case PFLOWI_VALUE_SOURCE_ADDR:
	case PFLOWI_VALUE_TEXT:
		return parse_text(set, word, &value->text, problem);
	case PFLOWI_VALUE_ROTATE:
		return parse_rotate(set, word, &value->text, problem);
	case PFLOWI_VALUE_FIELDS:
		return parse_fields(word, &value->text, problem);
	default:
		return parse_number(set, word, &value->number, problem);
	}
}

void
pflowi_settings_init(struct pflowi_settings *s)
{
	struct pflowi_problem ignored;
	unsigned id;

	memset(s, 0, sizeof(*s));
	for (id = 0; id < PFLOWI_SET_COUNT; id++) {
		const struct pflowi_setting *set =
		    pflowi_setting((enum pflowi_setting_id)id);

		if (set->preset != NULL)
			(void)parse_value(set, set->preset, &s->value[id],
			    &ignored);
	}
}

void
pflowi_settings_fini(struct pflowi_settings *s)
{
	unsigned id;

	for (id = 0; id < PFLOWI_SET_COUNT; id++) {
		free(s->value[id].text);
		s->value[id].text = NULL;
		s->value[id].given = false;
	}
}

static void
list_settings(unsigned taker, char *out, size_t len)
{
	size_t at = 0;
	unsigned id;

	out[0] = '\0';
	for (id = 0; id < PFLOWI_SET_COUNT; id++) {
		const struct pflowi_setting *set =
		    pflowi_setting((enum pflowi_setting_id)id);
		int n;

		if ((set->takers & taker) == 0)
			continue;
		n = snprintf(out + at, len - at, "%s%s", at == 0 ? "" : ", ",
		    set->word);
		if (n < 0 || (size_t)n >= len - at)
			return;
		at += (size_t)n;
	}
}

static bool
has_choice(const struct pflowi_setting *set, const char *word)
{
	const struct pflowi_choice *c;

	for (c = set->choices; c->word != NULL; c++)
		if (strcmp(c->word, word) == 0)
			return true;
	return false;
}

/** The setting that a word names, or PFLOWI_SET_COUNT. */
static unsigned
find_setting(const char *word, unsigned taker, struct pflowi_problem *problem)
{
	char right[400];
	unsigned id;

	for (id = 0; id < PFLOWI_SET_COUNT; id++) {
		const struct pflowi_setting *set =
		    pflowi_setting((enum pflowi_setting_id)id);

		if ((set->takers & taker) == 0)
			continue;
		if (set->kind == PFLOWI_VALUE_WORD
			? has_choice(set, word) : strcmp(set->word, word) == 0)
			return id;
	}
	list_settings(taker, right, sizeof(right));
	(void)pflowi_problem_set(problem, PFLOW_ERR_INVALID, 0,
	    "'%.60s' is not a setting, expected one of %s", word, right);
	return PFLOWI_SET_COUNT;
}

/**
 * The value that begins at a word, as one word.
 *
 * @param buf   where several words are joined
 * @param used  out: how many words; 0: a brace is not closed
 * @return NULL: too long to be anything
 */
static const char *
gather_value(const struct pflowi_setting *set, const char *const *words,
    size_t count, char *buf, size_t len, size_t *used)
{
	size_t i, at = 0;

	*used = 1;
	if (set->kind != PFLOWI_VALUE_FIELDS)
		return words[0];
	*used = pflowi_fields_words(words, count);
	if (*used <= 1)
		return words[0];
	for (i = 0; i < *used; i++) {
		int n = snprintf(buf + at, len - at, "%s%s", i == 0 ? "" : " ",
		    words[i]);

		if (n < 0 || (size_t)n >= len - at)
			return NULL;
		at += (size_t)n;
	}
	return buf;
}

/** One more DEST behind those that are there. */
static int
append_dest(char **text, const char *more, size_t at,
    struct pflowi_problem *problem)
{
	size_t count = 1, len = strlen(*text) + strlen(more) + 2;
	char *joined;
	const char *p;

	for (p = *text; *p != '\0'; p++)
		count += *p == PFLOWI_DEST_SEP;
	if (count >= PFLOWI_DESTS_MAX)
		return pflowi_problem_set(problem, PFLOW_ERR_RANGE, at,
		    "dst is given more than %d times", PFLOWI_DESTS_MAX);
	joined = malloc(len);
	if (joined == NULL)
		return pflowi_problem_set(problem, PFLOW_ERR_NOMEM, at,
		    "out of memory");
	(void)snprintf(joined, len, "%s%c%s", *text, PFLOWI_DEST_SEP, more);
	free(*text);
	*text = joined;
	return PFLOW_OK;
}

/** A word that may come again: the first one's place is kept. */
static int
parse_again(const struct pflowi_setting *set, const char *word,
    struct pflowi_value *value, size_t at, struct pflowi_problem *problem)
{
	struct pflowi_value more = { .number = 0 };
	int status = parse_value(set, word, &more, problem);

	if (status != PFLOW_OK) {
		problem->at = at;
		return status;
	}
	status = append_dest(&value->text, more.text, at, problem);
	free(more.text);
	return status;
}

bool
pflowi_settings_next_dest(const char **at, char *out, size_t len)
{
	const char sep[] = { PFLOWI_DEST_SEP, '\0' };
	size_t n;

	if (*at == NULL || **at == '\0')
		return false;
	n = strcspn(*at, sep);
	(void)snprintf(out, len, "%.*s", (int)n, *at);
	*at += n + ((*at)[n] != '\0');
	return true;
}

/** A word that is all of its setting. */
static int
parse_word(struct pflowi_value *value, const struct pflowi_setting *set,
    const char *word, size_t *at, struct pflowi_problem *problem)
{
	char others[RIGHT_LEN];
	int status;

	list_choices(set->choices, others, sizeof(others));
	if (value->given)
		return pflowi_problem_set(problem, PFLOW_ERR_INVALID, *at,
		    "'%s' is one word too many, expected one of %s", word,
		    others);
	status = parse_value(set, word, value, problem);
	if (status != PFLOW_OK)
		return status;
	value->at = (*at)++;
	value->given = true;
	return PFLOW_OK;
}

/** One "WORD VALUE" into fresh. */
static int
parse_pair(struct pflowi_settings *fresh, unsigned taker,
    const char *const *words, size_t count, size_t *at,
    struct pflowi_problem *problem)
{
	char joined[2 * PFLOWI_FIELDS_LEN];
	const struct pflowi_setting *set;
	unsigned id = find_setting(words[*at], taker, problem);
	const char *value;
	size_t used;
	int status;

	if (id == PFLOWI_SET_COUNT) {
		problem->at = *at;
		return PFLOW_ERR_INVALID;
	}
	set = pflowi_setting((enum pflowi_setting_id)id);
	if (set->kind == PFLOWI_VALUE_WORD)
		return parse_word(&fresh->value[id], set, words[*at], at,
		    problem);
	if (fresh->value[id].given && set->kind != PFLOWI_VALUE_DEST)
		return pflowi_problem_set(problem, PFLOW_ERR_INVALID, *at,
		    "%s is given twice, expected once", set->word);
	if (*at + 1 == count)
		return pflowi_problem_set(problem, PFLOW_ERR_INVALID, *at,
		    "%s has no value, expected %s %s", set->word, set->word,
		    set->argument);
	value = gather_value(set, words + *at + 1, count - *at - 1, joined,
	    sizeof(joined), &used);
	if (used == 0)
		return pflowi_problem_set(problem, PFLOW_ERR_INVALID, *at + 1,
		    "%s {: '}' is missing", set->word);
	if (value == NULL)
		return pflowi_problem_set(problem, PFLOW_ERR_INVALID, *at + 1,
		    "%s {: too long, expected %s", set->word, set->argument);
	if (fresh->value[id].given) {
		status = parse_again(set, value, &fresh->value[id], *at + 1,
		    problem);
		*at += 1 + used;
		return status;
	}
	status = parse_value(set, value, &fresh->value[id], problem);
	if (status != PFLOW_OK) {
		problem->at = *at + 1;
		return status;
	}
	fresh->value[id].at = *at + 1;
	fresh->value[id].given = true;
	*at += 1 + used;
	return PFLOW_OK;
}

int
pflowi_settings_parse(struct pflowi_settings *s, unsigned taker,
    const char *const *words, size_t count, struct pflowi_problem *problem)
{
	struct pflowi_settings fresh;
	int status = PFLOW_OK;
	size_t at = 0;
	unsigned id;

	memset(&fresh, 0, sizeof(fresh));
	while (at < count && status == PFLOW_OK)
		status = parse_pair(&fresh, taker, words, count, &at, problem);
	if (status != PFLOW_OK) {
		pflowi_settings_fini(&fresh);
		return status;
	}
	for (id = 0; id < PFLOWI_SET_COUNT; id++) {
		if (!fresh.value[id].given)
			continue;
		free(s->value[id].text);
		s->value[id] = fresh.value[id];
	}
	return PFLOW_OK;
}

void
pflowi_settings_print_value(const struct pflowi_settings *s,
    enum pflowi_setting_id id, char *out, size_t len)
{
	const struct pflowi_setting *set = pflowi_setting(id);
	char number[PFLOWI_SCALAR_LEN];

	switch (set->kind) {
	case PFLOWI_VALUE_DEST:
	case PFLOWI_VALUE_SOURCE_ADDR:
	case PFLOWI_VALUE_ROTATE:
	case PFLOWI_VALUE_FIELDS:
	case PFLOWI_VALUE_TEXT:
		/* Of several dst, in lines. */
		(void)snprintf(out, len, "%s",
		    s->value[id].text == NULL ? "" : s->value[id].text);
		return;
	default:
		print_number(set, s->value[id].number, number);
		(void)snprintf(out, len, "%s", number);
	}
}

/** "WORD VALUE", or a word that is all; of several dst each one. */
static int
print_pair(const struct pflowi_setting *set, const struct pflowi_value *v,
    char *line, size_t len, size_t *at)
{
	char word[PFLOWI_DEST_LEN];
	const char *dests = v->text;
	int status = PFLOW_OK;

	if (set->kind == PFLOWI_VALUE_DEST) {
		while (status == PFLOW_OK &&
		    pflowi_settings_next_dest(&dests, word, sizeof(word))) {
			status = pflowi_words_append(line, len, at, set->word);
			if (status == PFLOW_OK)
				status = pflowi_words_append(line, len, at,
				    word);
		}
		return status;
	}
	if (set->kind != PFLOWI_VALUE_WORD)
		status = pflowi_words_append(line, len, at, set->word);
	if (status != PFLOW_OK)
		return status;
	if (v->text != NULL)
		return pflowi_words_append(line, len, at, v->text);
	print_number(set, v->number, word);
	return pflowi_words_append(line, len, at, word);
}

int
pflowi_settings_print(const struct pflowi_settings *s, char *line, size_t len)
{
	size_t at = 0;
	unsigned id;

	if (len == 0)
		return PFLOW_ERR_NOSPACE;
	line[0] = '\0';
	for (id = 0; id < PFLOWI_SET_COUNT; id++) {
		size_t before = at;

		if (!s->value[id].given)
			continue;
		if (print_pair(pflowi_setting((enum pflowi_setting_id)id),
			&s->value[id], line, len, &at) != PFLOW_OK) {
			line[before] = '\0';
			return PFLOW_ERR_NOSPACE;
		}
	}
	return PFLOW_OK;
}
