/* SPDX-License-Identifier: ISC */
#include "programs/pflowd/metrics_conf.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include <pflow/status.h>

#include "programs/common/endpoint.h"
#include "programs/common/words.h"

#define EXPECTED "expected metrics ADDRESS:PORT or /PATH [remote yes|no]"

bool
pflowd_metrics_has(const char *word)
{
	return strcmp(word, "metrics") == 0;
}

/** An absolute path, of a length that sockets take. */
static int
take_path(const char *word, struct pflowd_metrics_line *out,
    struct pflowi_problem *problem)
{
	struct sockaddr_un sun;

	if (strlen(word) >= sizeof(sun.sun_path) ||
	    strlen(word) >= sizeof(out->word))
		return pflowi_problem_set(problem, PFLOW_ERR_RANGE, 1,
		    "'%.60s...': too long, expected less than %zu octets",
		    word, sizeof(sun.sun_path));
	memcpy(out->word, word, strlen(word) + 1);
	return PFLOW_OK;
}

static bool
is_loopback(const struct pflowi_source_addr *addr)
{
	struct in6_addr six;
	struct in_addr four;

	if (addr->ip_version == 4)
		return inet_pton(AF_INET, addr->host, &four) == 1 &&
		    ntohl(four.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, addr->host, &six) == 1 &&
	    IN6_IS_ADDR_LOOPBACK(&six);
}

static int
take_address(const char *word, struct pflowd_metrics_line *out,
    struct pflowi_problem *problem)
{
	struct pflowi_source_addr addr;
	int status = pflowi_source_addr_parse(word, &addr, problem);

	if (status != PFLOW_OK) {
		problem->at = 1;
		return status;
	}
	if (addr.port == 0)
		return pflowi_problem_set(problem, PFLOW_ERR_INVALID, 1,
		    "'%.60s': no port, expected ADDRESS:PORT such as "
		    "127.0.0.1:9432", word);
	if (!out->remote && !is_loopback(&addr))
		return pflowi_problem_set(problem, PFLOW_ERR_INVALID, 1,
		    "'%.60s': others can reach it, expected a loopback "
		    "address, a path, or remote yes", word);
	pflowi_source_addr_print(out->word, sizeof(out->word), &addr);
	return PFLOW_OK;
}

int
pflowd_metrics_parse(struct pflowd_metrics_conf *conf, unsigned line,
    const char *const *words, size_t count, struct pflowi_problem *problem)
{
	struct pflowd_metrics_line fresh;
	unsigned i;
	int status;

	memset(&fresh, 0, sizeof(fresh));
	fresh.line = line;
	if (count < 2)
		return pflowi_problem_set(problem, PFLOW_ERR_INVALID, 0,
		    "metrics has no value, " EXPECTED);
	if (count != 2 && (count != 4 || strcmp(words[2], "remote") != 0 ||
		(strcmp(words[3], "yes") != 0 && strcmp(words[3], "no") != 0)))
		return pflowi_problem_set(problem, PFLOW_ERR_INVALID, 2,
		    "'%.60s': not understood, " EXPECTED, words[2]);
	fresh.remote = count == 4 && strcmp(words[3], "yes") == 0;
	status = words[1][0] == '/' ? take_path(words[1], &fresh, problem)
	    : take_address(words[1], &fresh, problem);
	if (status != PFLOW_OK)
		return status;
	for (i = 0; i < conf->count; i++)
		if (strcmp(conf->lines[i].word, fresh.word) == 0)
			return pflowi_problem_set(problem, PFLOW_ERR_INVALID,
			    1, "the same stands in line %u, expected one line "
			    "for each", conf->lines[i].line);
	if (conf->count == PFLOWD_METRICS_MAX)
		return pflowi_problem_set(problem, PFLOW_ERR_RANGE, 0,
		    "too many, expected at most %d", PFLOWD_METRICS_MAX);
	conf->lines[conf->count++] = fresh;
	return PFLOW_OK;
}

int
pflowd_metrics_print(const struct pflowd_metrics_conf *conf, unsigned n,
    char *line, size_t len)
{
	const struct pflowd_metrics_line *l = &conf->lines[n];
	const char *words[] = { "metrics", l->word, "remote", "yes" };
	size_t at = 0, i, count = l->remote ? 4 : 2;

	for (i = 0; i < count; i++)
		if (pflowi_words_append(line, len, &at, words[i]) != PFLOW_OK)
			return PFLOW_ERR_NOSPACE;
	return PFLOW_OK;
}

socklen_t
pflowd_metrics_address(const struct pflowd_metrics_line *line,
    struct sockaddr_storage *out)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
	struct sockaddr_in four = { .sin_family = AF_INET };
	struct pflowi_source_addr addr;
	struct pflowi_problem problem;

	memset(out, 0, sizeof(*out));
	if (line->word[0] == '/') {
		memcpy(sun.sun_path, line->word, strlen(line->word) + 1);
		memcpy(out, &sun, sizeof(sun));
		return sizeof(sun);
	}
	(void)pflowi_source_addr_parse(line->word, &addr, &problem);
	if (addr.ip_version == 6) {
		(void)inet_pton(AF_INET6, addr.host, &six.sin6_addr);
		six.sin6_port = htons(addr.port);
		memcpy(out, &six, sizeof(six));
		return sizeof(six);
	}
	(void)inet_pton(AF_INET, addr.host, &four.sin_addr);
	four.sin_port = htons(addr.port);
	memcpy(out, &four, sizeof(four));
	return sizeof(four);
}
