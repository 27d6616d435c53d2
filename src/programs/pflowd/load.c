/* SPDX-License-Identifier: ISC */
/*
 * From a configuration to an engine: everything is opened beside what runs;
 * if all of it opens, it takes its place.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pflow/sources.h>

#include "programs/common/note.h"
#include "programs/pflowd/engine.h"

/** Pumps that a source which goes away may take to give what it tracks. */
#define LAST_PUMPS 4096

/** What stands ready for one entry. */
struct stage {
	struct pflowd_source *source;	 /**< new, open; NULL: as it is */
	struct pflowd_road *road;	 /**< new; NULL: as it is, or none */
	struct pflowi_settings settings; /**< of the new road */
	bool changed;			 /**< the interface is new or other */
};

/** Is it opened by its own file, with rights? */
static bool
is_live(const char *word)
{
	static const char *const live[] = { "pcap-live:", "pfsync-live:",
		"conntrack:" };
	size_t i;

	for (i = 0; i < PFLOWI_ARRAY_LEN(live); i++)
		if (strncmp(word, live[i], strlen(live[i])) == 0)
			return true;
	return strcmp(word, "pf:") == 0 || strncmp(word, "pf:?", 4) == 0;
}

static int
source_make(const struct pflowd_entry *entry, struct pflowd_helper *helper,
    struct pflow_source **source, struct pflowi_problem *problem)
{
	struct pflow_source_config cfg;
	char err[400];
	int status = pflowi_source_resolve(&entry->settings, entry->word, &cfg,
	    problem);

	if (status != PFLOW_OK)
		return status;
	if (helper != NULL) {
		cfg.system = &helper->system;
		cfg.request = pflowd_helper_request;
		cfg.request_arg = helper;
	}
	status = pflow_source_create(entry->word, &cfg, source, err,
	    sizeof(err));
	if (status != PFLOW_OK)
		return pflowi_problem_set(problem, status, PFLOWI_NOWHERE,
		    "%s", err);
	return PFLOW_OK;
}

int
pflowd_engine_check(const struct pflowd_conf *conf, unsigned *line,
    struct pflowi_problem *problem)
{
	struct pflowi_interface *in = malloc(sizeof(*in));
	int status = PFLOW_OK;
	size_t i;

	if (in == NULL)
		return pflowi_problem_set(problem, PFLOW_ERR_NOMEM,
		    PFLOWI_NOWHERE, "out of memory");
	for (i = 0; i < conf->count && status == PFLOW_OK; i++) {
		const struct pflowd_entry *entry = &conf->entries[i];
		struct pflow_source *source = NULL;

		*line = entry->line;
		status = entry->word == NULL
		    ? pflowd_settings_check(&entry->settings, in, problem)
		    : source_make(entry, NULL, &source, problem);
		if (source != NULL)
			source->ops->close(source);
	}
	free(in);
	return status;
}

static struct pflowd_source *
find_source(const struct pflowd_engine *e, const char *word)
{
	size_t i;

	for (i = 0; i < e->source_count; i++)
		if (strcmp(e->sources[i]->word, word) == 0)
			return e->sources[i];
	return NULL;
}

static int
stage_source(const struct pflowd_engine *e, const struct pflowd_entry *entry,
    struct pflow_now now, struct stage *st, struct pflowi_problem *problem)
{
	const struct pflowd_source *old = find_source(e, entry->word);
	struct pflowd_source *s;
	int status;

	if (old != NULL &&
	    pflowd_settings_same(&old->settings, &entry->settings))
		return PFLOW_OK;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return pflowi_problem_set(problem, PFLOW_ERR_NOMEM,
		    PFLOWI_NOWHERE, "out of memory");
	st->source = s;
	s->more = true;
	s->word = strdup(entry->word);
	if (s->word == NULL || pflowd_settings_copy(&s->settings,
		&entry->settings) != PFLOW_OK)
		return pflowi_problem_set(problem, PFLOW_ERR_NOMEM,
		    PFLOWI_NOWHERE, "out of memory");
	if (e->sealed && is_live(entry->word))
		return pflowi_problem_set(problem, PFLOW_ERR_UNSUPPORTED,
		    PFLOWI_NOWHERE, "%s: live sources are opened before "
		    "rights are given up, restart pflowd to add or change one",
		    entry->word);
	status = source_make(entry, e->helper, &s->source, problem);
	if (status != PFLOW_OK)
		return status;
	status = s->source->ops->open(s->source, now);
	if (status != PFLOW_OK)
		return pflowi_problem_set(problem, status, PFLOWI_NOWHERE,
		    "%s", s->source->ops->error_text(s->source));
	return PFLOW_OK;
}

static int
stage_iface(struct pflowd_engine *e, const struct pflowd_entry *entry,
    uint32_t rate, struct pflow_now now, struct stage *st,
    struct pflowi_problem *problem)
{
	struct pflowd_iface *old = pflowd_engine_find(e, entry->number);
	int status;

	if (old != NULL &&
	    pflowd_settings_same(&old->settings, &entry->settings))
		return PFLOW_OK;
	if (e->sealed && entry->settings.value[PFLOWI_SET_SPOOL].given)
		return pflowi_problem_set(problem, PFLOW_ERR_UNSUPPORTED,
		    PFLOWI_NOWHERE, PFLOWD_SPOOL_SEALED);
	status = pflowd_settings_copy(&st->settings, &entry->settings);
	if (status != PFLOW_OK)
		return pflowi_problem_set(problem, status, PFLOWI_NOWHERE,
		    "out of memory");
	st->changed = true;
	/* One spool has one road: the old one ends first, and loses nothing.
	 * If all is refused, reopen() brings it back. */
	if (old != NULL && old->settings.value[PFLOWI_SET_SPOOL].given)
		pflowd_iface_end_road(old, now);
	return pflowd_road_open(&st->settings, pflowd_engine_system(e), rate,
	    now, &st->road, problem);
}

/** Roads that ended to make room for others that are not to be. */
static void
reopen(struct pflowd_engine *e, struct pflow_now now)
{
	struct pflowi_problem problem;
	size_t i;

	for (i = 0; i < e->iface_count; i++) {
		struct pflowd_iface *iface = e->ifaces[i];

		if (iface->road == NULL &&
		    pflowd_road_open(&iface->settings, iface->system,
			iface->rate, now, &iface->road, &problem) != PFLOW_OK)
			pflowi_note("pflow%u: %s", iface->number,
			    problem.text);
	}
}

/** Recordings are paced, as pflowexport paces them. */
static uint32_t
default_rate(const struct pflowd_conf *conf)
{
	size_t i;

	for (i = 0; i < conf->count; i++) {
		const char *word = conf->entries[i].word;

		if (word != NULL && !is_live(word))
			return PFLOWI_RECORDING_RATE;
	}
	return 0;
}

static void
unstage(struct stage *stages, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		struct pflowd_source *s = stages[i].source;

		pflowd_road_close(stages[i].road);
		if (stages[i].changed)
			pflowi_settings_fini(&stages[i].settings);
		if (s == NULL)
			continue;
		if (s->source != NULL)
			s->source->ops->close(s->source);
		pflowi_settings_fini(&s->settings);
		free(s->word);
		free(s);
	}
	free(stages);
}

/** An interface with this number, made if need be; room is made before. */
static struct pflowd_iface *
iface_for(struct pflowd_engine *e, unsigned number)
{
	struct pflowd_iface *iface = pflowd_engine_find(e, number);
	size_t at = 0;

	if (iface != NULL)
		return iface;
	iface = calloc(1, sizeof(*iface));
	if (iface == NULL)
		return NULL;
	iface->number = number;
	iface->system = pflowd_engine_system(e);
	pflowi_settings_init(&iface->settings);
	while (at < e->iface_count && e->ifaces[at]->number < number)
		at++;
	memmove(e->ifaces + at + 1, e->ifaces + at,
	    (e->iface_count - at) * sizeof(*e->ifaces));
	e->ifaces[at] = iface;
	e->iface_count++;
	return iface;
}

static int
sink_last(void *arg, const struct pflow_state *states, size_t count,
    struct pflow_now data_now, size_t *taken)
{
	struct pflowd_engine *e = arg;
	size_t i;

	if (e->source_count > 1)
		data_now = e->now;
	for (i = 0; i < e->iface_count; i++)
		pflowd_iface_feed(e->ifaces[i], states, count, data_now,
		    e->now);
	*taken = count;
	return PFLOW_OK;
}

/** A source goes: what it tracks is given out first. */
static void
retire(struct pflowd_engine *e, struct pflowd_source *s)
{
	struct pflow_source *source = s->source;
	unsigned left = LAST_PUMPS;

	if (!s->ended && source->ops->finish != NULL) {
		source->ops->finish(source, e->now);
		while (left-- > 0 && source->ops->pump(source, e->now, 1024,
			sink_last, e) == PFLOW_MORE)
			;
	}
	source->ops->close(source);
	pflowi_settings_fini(&s->settings);
	free(s->word);
	free(s);
}

/** Does an entry of the configuration keep this source as it is? */
static bool
is_kept(const struct pflowd_conf *conf, const struct pflowd_source *s)
{
	size_t i;

	for (i = 0; i < conf->count; i++)
		if (conf->entries[i].word != NULL &&
		    strcmp(conf->entries[i].word, s->word) == 0 &&
		    pflowd_settings_same(&conf->entries[i].settings,
			&s->settings))
			return true;
	return false;
}

static void
commit_sources(struct pflowd_engine *e, const struct pflowd_conf *conf,
    struct stage *stages, struct pflowd_source **list)
{
	size_t i, count = 0, old = e->source_count;

	for (i = 0; i < old; i++) {
		if (is_kept(conf, e->sources[i]))
			list[count++] = e->sources[i];
		else
			retire(e, e->sources[i]);
	}
	for (i = 0; i < conf->count; i++) {
		if (stages[i].source != NULL)
			list[count++] = stages[i].source;
		stages[i].source = NULL;
	}
	free(e->sources);
	e->sources = list;
	e->source_count = count;
	/* Clocks may be others from now on: nothing old may wait for them. */
	for (i = 0; i < e->iface_count && (old > 1) != (count > 1); i++)
		if (e->ifaces[i]->road != NULL) {
			struct pflowi_lanes *l = &e->ifaces[i]->road->lanes;

			pflowi_lanes_flush(l, e->now);
			pflowi_lanes_refresh(l);
		}
}

/** What the file named once and names no more goes. */
static void
drop_unnamed(struct pflowd_engine *e, const struct pflowd_conf *conf)
{
	size_t i, k;

	for (i = e->iface_count; i > 0; i--) {
		struct pflowd_iface *iface = e->ifaces[i - 1];

		if (!iface->from_file)
			continue;
		for (k = 0; k < conf->count; k++)
			if (conf->entries[k].word == NULL &&
			    conf->entries[k].number == iface->number)
				break;
		if (k == conf->count)
			pflowd_engine_destroy(e, iface);
	}
}

static void
commit_ifaces(struct pflowd_engine *e, const struct pflowd_conf *conf,
    struct stage *stages, uint32_t rate)
{
	size_t i;

	drop_unnamed(e, conf);
	for (i = 0; i < conf->count; i++) {
		struct pflowd_iface *iface;

		if (conf->entries[i].word != NULL)
			continue;
		iface = iface_for(e, conf->entries[i].number);
		if (iface == NULL) {
			pflowi_note("pflow%u: out of memory",
			    conf->entries[i].number);
			continue;
		}
		iface->from_file = true;
		if (!stages[i].changed)
			continue;
		pflowd_iface_end_road(iface, e->now);
		pflowi_settings_fini(&iface->settings);
		iface->settings = stages[i].settings;
		iface->road = stages[i].road;
		stages[i].road = NULL;
		stages[i].changed = false;
	}
	for (i = 0; i < e->iface_count; i++)
		e->ifaces[i]->rate = rate;
}

/** Memory for all that commit puts in place. */
static bool
make_room(struct pflowd_engine *e, const struct pflowd_conf *conf,
    struct stage **stages, struct pflowd_source ***list)
{
	struct pflowd_iface **more = realloc(e->ifaces,
	    (e->iface_count + conf->count + 1) * sizeof(*more));

	if (more != NULL)
		e->ifaces = more;
	*stages = calloc(conf->count + 1, sizeof(**stages));
	*list = calloc(e->source_count + conf->count + 1, sizeof(**list));
	return more != NULL && *stages != NULL && *list != NULL;
}

int
pflowd_engine_load(struct pflowd_engine *e, const struct pflowd_conf *conf,
    struct pflow_now now, unsigned *line, struct pflowi_problem *problem)
{
	uint32_t rate = default_rate(conf);
	struct pflowd_source **list;
	struct stage *stages;
	int status = PFLOW_OK;
	size_t i;

	e->now = now;
	*line = 0;
	if (!make_room(e, conf, &stages, &list))
		status = pflowi_problem_set(problem, PFLOW_ERR_NOMEM,
		    PFLOWI_NOWHERE, "out of memory");
	for (i = 0; i < conf->count && status == PFLOW_OK; i++) {
		const struct pflowd_entry *entry = &conf->entries[i];

		*line = entry->line;
		status = entry->word != NULL
		    ? stage_source(e, entry, now, &stages[i], problem)
		    : stage_iface(e, entry, rate, now, &stages[i], problem);
	}
	if (status != PFLOW_OK) {
		free(list);
		unstage(stages, stages == NULL ? 0 : conf->count);
		reopen(e, now);
		return status;
	}
	/* What sources give out as they go is still the old interfaces'. */
	commit_sources(e, conf, stages, list);
	commit_ifaces(e, conf, stages, rate);
	unstage(stages, conf->count);
	return PFLOW_OK;
}
