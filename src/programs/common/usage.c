/* SPDX-License-Identifier: ISC */
#include "programs/common/usage.h"

#include <string.h>

#include <pflow/sources.h>
#include <pflow/transports.h>
#include <pflow/version.h>

#include "programs/common/grammar.h"
#include "programs/common/scalar.h"

/** Where explanations begin; what is longer has them on the next line. */
#define COLUMN 26
#define GAP "\n                              "

/** Words that are all of their setting. */
static void
usage_words(FILE *out, const struct pflowi_setting *set)
{
	const struct pflowi_choice *c;

	for (c = set->choices; c->word != NULL; c++)
		(void)fprintf(out, "  %-*s  %s\n", COLUMN, c->word, c->help);
}

void
pflowi_usage_settings(FILE *out, unsigned taker)
{
	struct pflowi_settings defaults;
	unsigned id;

	pflowi_settings_init(&defaults);
	for (id = 0; id < PFLOWI_SET_COUNT; id++) {
		const struct pflowi_setting *set =
		    pflowi_setting((enum pflowi_setting_id)id);
		char preset[PFLOWI_SCALAR_LEN];
		char words[80];

		if ((set->takers & taker) == 0)
			continue;
		if (set->kind == PFLOWI_VALUE_WORD) {
			usage_words(out, set);
			continue;
		}
		(void)snprintf(words, sizeof(words), "%s %s", set->word,
		    set->argument);
		(void)fprintf(out, "  %-*s  %s", COLUMN, words,
		    strlen(words) > COLUMN ? GAP : "");
		(void)fprintf(out, "%s", set->help);
		if (set->preset != NULL) {
			pflowi_settings_print_value(&defaults,
			    (enum pflowi_setting_id)id, preset,
			    sizeof(preset));
			(void)fprintf(out, " (%s)", preset);
		}
		(void)fprintf(out, "%s\n",
		    set->built ? "" : " [not in this build]");
	}
	pflowi_settings_fini(&defaults);
}

static void
kind_line(FILE *out, const char *name, const char *argument, const char *help,
    bool available)
{
	char words[64];

	(void)snprintf(words, sizeof(words), "%s:%s", name, argument);
	(void)fprintf(out, "  %-*s  %s%s\n", COLUMN, words, help,
	    available ? "" : " [not in this build]");
}

void
pflowi_usage_sources(FILE *out)
{
	const struct pflow_source_kind *const *kinds;
	size_t count, i;

	kinds = pflow_source_kinds(&count);
	for (i = 0; i < count; i++)
		kind_line(out, kinds[i]->name, kinds[i]->argument,
		    kinds[i]->help, kinds[i]->available);
}

void
pflowi_usage_transports(FILE *out)
{
	const struct pflow_transport_kind *const *kinds;
	size_t count, i;

	kinds = pflow_transport_kinds(&count);
	for (i = 0; i < count; i++)
		kind_line(out, kinds[i]->name, kinds[i]->argument,
		    kinds[i]->help, kinds[i]->available);
}

void
pflowi_usage_version(FILE *out, const char *program)
{
	(void)fprintf(out, "%s %s, libpflow %s\n", program,
	    PFLOW_LIBRARY_VERSION, pflow_library_version());
}
