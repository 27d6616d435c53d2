/* SPDX-License-Identifier: ISC */
#include "programs/pflowctl/talk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <pflow/status.h>

#include "programs/common/note.h"
#include "programs/common/words.h"
#include "programs/pflowd/conf.h"

const char *
pflowctl_word(const struct pflowctl_row *row, size_t i)
{
	return i < row->count ? row->words[i] : "";
}

void
pflowctl_answer_free(struct pflowctl_answer *a)
{
	size_t i;

	for (i = 0; i < a->count; i++)
		free(a->rows[i].line);
	free(a->rows);
	memset(a, 0, sizeof(*a));
}

/** @return a descriptor, or -1 after a line */
static int
dial(const char *path)
{
	struct sockaddr_un addr;
	int fd;

	memset(&addr, 0, sizeof(addr));
	addr.sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(addr.sun_path)) {
		pflowi_note("%.100s: too long for a socket", path);
		return -1;
	}
	memcpy(addr.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd != -1 && connect(fd, (const struct sockaddr *)&addr,
		sizeof(addr)) == 0)
		return fd;
	if (errno == EACCES)
		pflowi_note("%s: Permission denied: only the user and group "
		    "of the socket may control pflowd", path);
	else
		pflowi_note("%s: %s: is pflowd running?", path,
		    strerror(errno));
	if (fd != -1)
		(void)close(fd);
	return -1;
}

/** @return false: too long, or nobody took it */
static bool
put(int fd, const char *const *request, size_t count)
{
	char line[PFLOWD_LINE_LEN];
	size_t at = 0, i;
	ssize_t n;

	for (i = 0; i < count; i++)
		if (pflowi_words_append(line, sizeof(line) - 1, &at,
			request[i]) != PFLOW_OK) {
			errno = E2BIG;
			return false;
		}
	line[at++] = '\n';
	for (i = 0; i < at; i += (size_t)n) {
		n = send(fd, line + i, at - i, MSG_NOSIGNAL);
		if (n == -1 && errno == EINTR)
			n = 0;
		if (n == -1)
			return false;
	}
	return true;
}

/** Take one line. @return 1: more will come; 0: the last; -1: nonsense */
static int
take(struct pflowctl_answer *a, const char *text)
{
	char *words[PFLOWCTL_WORDS + 1];
	struct pflowi_problem problem;
	struct pflowctl_row *more;
	char *line = strdup(text);
	size_t count;

	if (line == NULL || pflowi_words_split(line, words,
		PFLOWCTL_WORDS + 1, &count, &problem) != PFLOW_OK ||
	    count == 0) {
		free(line);
		return -1;
	}
	if (strcmp(words[0], "=") != 0) {
		a->ok = count == 1 && strcmp(words[0], "ok") == 0;
		(void)snprintf(a->kind, sizeof(a->kind), "%s",
		    count > 1 ? words[1] : "");
		(void)snprintf(a->text, sizeof(a->text), "%s",
		    count > 2 ? words[2] : "");
		count = a->ok || strcmp(words[0], "error") == 0;
		free(line);
		return count != 0 ? 0 : -1;
	}
	more = a->count >= PFLOWCTL_ROWS_MAX ? NULL
	    : realloc(a->rows, (a->count + 1) * sizeof(*more));
	if (more == NULL) {
		free(line);
		return -1;
	}
	a->rows = more;
	more += a->count++;
	more->line = line;
	more->count = count - 1;
	memcpy(more->words, words + 1, (count - 1) * sizeof(words[0]));
	return 1;
}

static bool
get(FILE *in, struct pflowctl_answer *a)
{
	char *text = malloc(PFLOWCTL_LINE_LEN);
	int more = text == NULL ? -1 : 1;

	while (more == 1) {
		if (fgets(text, PFLOWCTL_LINE_LEN, in) == NULL ||
		    strchr(text, '\n') == NULL)
			more = -1;
		else
			more = take(a, text);
	}
	free(text);
	return more == 0;
}

bool
pflowctl_ask(const char *path, const char *const *request, size_t count,
    struct pflowctl_answer *a)
{
	int fd = dial(path);
	bool done = false;
	FILE *in;

	memset(a, 0, sizeof(*a));
	if (fd == -1)
		return false;
	in = fdopen(fd, "r");
	if (in == NULL || !put(fd, request, count)) {
		pflowi_note("%s: %s", path, strerror(errno));
	} else {
		done = get(in, a);
		if (!done)
			pflowi_note("%s: what answers there is no pflowd, or "
			    "it ended", path);
	}
	if (in != NULL)
		(void)fclose(in);
	else
		(void)close(fd);
	if (!done)
		pflowctl_answer_free(a);
	return done;
}
