/* SPDX-License-Identifier: ISC */
#include "programs/pflowd/confile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "programs/common/note.h"
#include "programs/pflowd/engine.h"

char *
pflowd_conf_text(const char *path, size_t *len)
{
	/* A FIFO or a terminal must not stop a service. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *text = malloc(PFLOWD_CONF_LEN + 1);
	ssize_t n = -1;

	*len = 0;
	if (fd != -1 && text != NULL)
		while ((n = read(fd, text + *len,
			    PFLOWD_CONF_LEN + 1 - *len)) > 0)
			*len += (size_t)n;
	if (n == 0 && *len <= PFLOWD_CONF_LEN) {
		(void)close(fd);
		return text;
	}
	if (*len > PFLOWD_CONF_LEN)
		pflowi_note("%s: too long, expected at most %u octets", path,
		    PFLOWD_CONF_LEN);
	else
		pflowi_note("%s: %s", path, strerror(errno));
	if (fd != -1)
		(void)close(fd);
	free(text);
	return NULL;
}

bool
pflowd_conf_judge(const char *path, const char *text, size_t len,
    struct pflowd_conf *conf)
{
	struct pflowi_problem problem;
	unsigned line;
	int status = pflowd_conf_parse(text, len, conf, &line, &problem);

	if (status == PFLOW_OK) {
		status = pflowd_engine_check(conf, &line, &problem);
		if (status != PFLOW_OK)
			pflowd_conf_fini(conf);
	}
	if (status != PFLOW_OK)
		pflowi_note("%s:%u: %s", path, line, problem.text);
	return status == PFLOW_OK;
}

bool
pflowd_conf_read(const char *path, struct pflowd_conf *conf)
{
	size_t len;
	char *text = pflowd_conf_text(path, &len);
	bool good = text != NULL && pflowd_conf_judge(path, text, len, conf);

	free(text);
	return good;
}
