/* SPDX-License-Identifier: ISC */
/*
 * A pflowd.conf: whatever it is, it is refused with a line and one printable
 * sentence, or its normal form is taken back as the same configuration.
 */
#include <stdlib.h>
#include <string.h>

#include <pflow/status.h>

#include "fuzz/fuzz.h"
#include "programs/pflowd/conf.h"

static void
check_problem(const struct pflowi_problem *problem)
{
	const char *p;

	FUZZ_CHECK(problem->text[0] != '\0');
	for (p = problem->text; *p != '\0'; p++)
		FUZZ_CHECK((unsigned char)*p >= ' ' && *p != 0x7f);
}

static void
check_entry(const struct pflowd_entry *entry)
{
	static char text[4 * PFLOWD_LINE_LEN];
	struct pflowi_problem problem;
	struct pflowd_conf again;
	unsigned line;

	/* Defaults make lines longer; a line that is too long is no line. */
	if (pflowd_entry_print(entry, text, PFLOWD_LINE_LEN) != PFLOW_OK)
		return;
	FUZZ_CHECK(pflowd_conf_parse(text, strlen(text), &again, &line,
	    &problem) == PFLOW_OK);
	FUZZ_CHECK(again.count == 1);
	FUZZ_CHECK(again.entries[0].number == entry->number);
	FUZZ_CHECK((again.entries[0].word == NULL) == (entry->word == NULL));
	FUZZ_CHECK(entry->word == NULL || strcmp(entry->word,
	    again.entries[0].word) == 0);
	FUZZ_CHECK(pflowd_settings_same(&again.entries[0].settings,
	    &entry->settings));
	pflowd_conf_fini(&again);
}

static void
check_service(const struct pflowd_service *s)
{
	static char text[PFLOWD_LINE_LEN], again[PFLOWD_LINE_LEN];
	struct pflowi_problem problem;
	struct pflowd_conf conf;
	unsigned line, n;

	for (n = 0; n < PFLOWD_SERVICE_LINES; n++) {
		FUZZ_CHECK(pflowd_service_print(s, n, text, sizeof(text)) ==
		    PFLOW_OK);
		FUZZ_CHECK(pflowd_conf_parse(text, strlen(text), &conf, &line,
		    &problem) == PFLOW_OK);
		FUZZ_CHECK(pflowd_service_print(&conf.service, n, again,
		    sizeof(again)) == PFLOW_OK);
		FUZZ_CHECK(strcmp(text, again) == 0);
		pflowd_conf_fini(&conf);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pflowi_problem problem;
	struct pflowd_conf conf;
	unsigned line = 0;
	size_t i;

	if (pflowd_conf_parse((const char *)data, size, &conf, &line,
		&problem) != PFLOW_OK) {
		check_problem(&problem);
		FUZZ_CHECK(line > 0);
		return 0;
	}
	for (i = 0; i < conf.count; i++)
		check_entry(&conf.entries[i]);
	check_service(&conf.service);
	pflowd_conf_fini(&conf);
	return 0;
}
