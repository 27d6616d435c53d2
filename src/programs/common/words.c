/* SPDX-License-Identifier: ISC */
#include "programs/common/words.h"

#include <stdbool.h>
#include <string.h>

#include <pflow/status.h>

/* What stands behind a backslash, and what it means. */
static const char escapes[] = "\"\\ntr";
static const char escaped[] = "\"\\\n\t\r";

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/**
 * Take a quoted word, in place.
 *
 * @param in  behind the opening quote
 * @return behind the closing quote, or NULL
 */
static char *
take_quoted(char *in)
{
	char *out = in;

	for (; *in != '"'; in++) {
		if (*in == '\\') {
			const char *e;

			in++;
			if (*in == '\0' || (e = strchr(escapes, *in)) == NULL)
				return NULL;
			*out++ = escaped[e - escapes];
		} else if (*in == '\0') {
			return NULL;
		} else {
			*out++ = *in;
		}
	}
	/* out <= in: the terminator may stand on the quote itself. */
	*out = '\0';
	return in + 1;
}

int
pflowi_words_split(char *line, char **words, size_t max, size_t *count,
    struct pflowi_problem *problem)
{
	char *p = line;

	for (*count = 0;; (*count)++) {
		while (is_space(*p))
			p++;
		if (*p == '\0' || *p == '#')
			return PFLOW_OK;
		if (*count == max)
			return pflowi_problem_set(problem, PFLOW_ERR_NOSPACE,
			    *count, "too many words, expected at most %zu",
			    max);
		if (*p == '"') {
			words[*count] = p + 1;
			p = take_quoted(p + 1);
			if (p == NULL || (*p != '\0' && !is_space(*p)))
				return pflowi_problem_set(problem,
				    PFLOW_ERR_INVALID, *count,
				    "bad quotes, expected \"...\" with \\\" "
				    "and \\\\ inside and a space behind");
			continue;
		}
		words[*count] = p;
		while (*p != '\0' && !is_space(*p))
			p++;
		if (*p != '\0')
			*p++ = '\0';
	}
}

static bool
needs_quotes(const char *word)
{
	return *word == '\0' || *word == '#' ||
	    strpbrk(word, " \t\r\n\"\\") != NULL;
}

static bool
put(char *line, size_t len, size_t *at, char c)
{
	if (*at + 1 >= len)
		return false;
	line[(*at)++] = c;
	return true;
}

static bool
put_quoted(char *line, size_t len, size_t *at, const char *word)
{
	bool ok = put(line, len, at, '"');

	for (; ok && *word != '\0'; word++) {
		const char *e = strchr(escaped, *word);

		if (e == NULL)
			ok = put(line, len, at, *word);
		else
			ok = put(line, len, at, '\\') &&
			    put(line, len, at, escapes[e - escaped]);
	}
	return ok && put(line, len, at, '"');
}

int
pflowi_words_append(char *line, size_t len, size_t *at, const char *word)
{
	size_t start = *at;
	bool ok = start == 0 || put(line, len, at, ' ');

	if (ok && needs_quotes(word)) {
		ok = put_quoted(line, len, at, word);
	} else {
		for (; ok && *word != '\0'; word++)
			ok = put(line, len, at, *word);
	}
	if (!ok)
		*at = start;
	if (len > 0)
		line[*at] = '\0';
	return ok ? PFLOW_OK : PFLOW_ERR_NOSPACE;
}
