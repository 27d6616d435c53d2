/* SPDX-License-Identifier: ISC */
/*
 * A line of settings: whatever it is, it is refused with one printable line,
 * or its normal form is taken back as the same settings.
 */
#include <string.h>

#include <pflow/status.h>

#include "fuzz/fuzz.h"
#include "programs/common/grammar.h"
#include "programs/common/words.h"

#define WORDS_MAX 64
#define LINE_MAX_LEN 16384

static int
parse(struct pflowi_settings *s, char *line, struct pflowi_problem *problem)
{
	char *words[WORDS_MAX];
	size_t count;
	int status = pflowi_words_split(line, words, WORDS_MAX, &count,
	    problem);

	if (status != PFLOW_OK)
		return status;
	return pflowi_settings_parse(s, PFLOWI_FOR_EXPORT,
	    (const char *const *)words, count, problem);
}

static void
check_problem(const struct pflowi_problem *problem)
{
	const char *p;

	FUZZ_CHECK(problem->text[0] != '\0');
	for (p = problem->text; *p != '\0'; p++)
		FUZZ_CHECK((unsigned char)*p >= ' ' && *p != 0x7f);
}

static void
check_same(const struct pflowi_settings *a, const struct pflowi_settings *b)
{
	unsigned id;

	for (id = 0; id < PFLOWI_SET_COUNT; id++) {
		const struct pflowi_value *x = &a->value[id];
		const struct pflowi_value *y = &b->value[id];

		FUZZ_CHECK(x->given == y->given);
		FUZZ_CHECK(x->number == y->number);
		FUZZ_CHECK((x->text == NULL) == (y->text == NULL));
		FUZZ_CHECK(x->text == NULL || strcmp(x->text, y->text) == 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char line[LINE_MAX_LEN], normal[LINE_MAX_LEN];
	struct pflowi_settings s, again;
	struct pflowi_problem problem;

	if (size >= sizeof(line) / 4)
		return 0;
	memcpy(line, data, size);
	line[size] = '\0';
	pflowi_settings_init(&s);
	pflowi_settings_init(&again);
	if (parse(&s, line, &problem) != PFLOW_OK) {
		check_problem(&problem);
		check_same(&s, &again);
	} else {
		FUZZ_CHECK(pflowi_settings_print(&s, normal,
		    sizeof(normal)) == PFLOW_OK);
		FUZZ_CHECK(parse(&again, normal, &problem) == PFLOW_OK);
		check_same(&s, &again);
	}
	pflowi_settings_fini(&s);
	pflowi_settings_fini(&again);
	return 0;
}
