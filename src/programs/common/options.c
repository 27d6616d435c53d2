/* SPDX-License-Identifier: ISC */
#include "programs/common/options.h"

#include <string.h>

void
pflowi_options_init(struct pflowi_options *o, int argc,
    const char *const *argv, const char *letters)
{
	memset(o, 0, sizeof(*o));
	o->argc = argc;
	o->argv = argv;
	o->letters = letters;
	o->next = 1;
	o->group = "";
}

static int
long_option(const char *word, struct pflowi_problem *problem)
{
	if (strcmp(word, "--help") == 0)
		return 'h';
	if (strcmp(word, "--version") == 0)
		return 'V';
	(void)pflowi_problem_set(problem, 0, 0,
	    "unknown option %.60s, see --help", word);
	return PFLOWI_OPTION_BAD;
}

/** Begin the next word. */
static int
next_word(struct pflowi_options *o, struct pflowi_problem *problem)
{
	const char *word = o->next < o->argc ? o->argv[o->next] : NULL;

	/* "-" alone is an operand. */
	if (word == NULL || word[0] != '-' || word[1] == '\0')
		return PFLOWI_OPTION_END;
	o->next++;
	if (strcmp(word, "--") == 0)
		return PFLOWI_OPTION_END;
	if (word[1] == '-')
		return long_option(word, problem);
	o->group = word + 1;
	return 0;
}

int
pflowi_options_next(struct pflowi_options *o, struct pflowi_problem *problem)
{
	const char *known;
	char letter;

	if (*o->group == '\0') {
		int found = next_word(o, problem);

		if (found != 0)
			return found;
	}
	letter = *o->group++;
	known = letter == ':' ? NULL : strchr(o->letters, letter);
	if (known == NULL) {
		(void)pflowi_problem_set(problem, 0, 0,
		    "unknown option -%c, see --help", letter);
		return PFLOWI_OPTION_BAD;
	}
	if (known[1] != ':')
		return letter;
	if (*o->group != '\0') {
		o->value = o->group;
		o->group = "";
	} else if (o->next < o->argc) {
		o->value = o->argv[o->next++];
	} else {
		(void)pflowi_problem_set(problem, 0, 0,
		    "option -%c has no value, see --help", letter);
		return PFLOWI_OPTION_BAD;
	}
	return letter;
}
