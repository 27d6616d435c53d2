/* SPDX-License-Identifier: ISC */
/* The other end of pflowd's control socket. */
#ifndef PFLOWCTL_TALK_H
#define PFLOWCTL_TALK_H

#include <stdbool.h>
#include <stddef.h>

/** Words of one line of an answer; counters have five. */
#define PFLOWCTL_WORDS 10

/** What pflowd is not believed beyond. */
#define PFLOWCTL_LINE_LEN 65536
#define PFLOWCTL_ROWS_MAX 1000000

struct pflowctl_row {
	char *words[PFLOWCTL_WORDS]; /**< without the "="; into line */
	size_t count;
	char *line;		     /**< owned */
};

struct pflowctl_answer {
	struct pflowctl_row *rows; /**< owned */
	size_t count;
	bool ok;
	char kind[16];		   /**< of an error: "notfound" */
	char text[1024];	   /**< of an error */
};

/**
 * Ask one thing.
 *
 * @param path     the socket
 * @param request  words, quoted here as the protocol wants it
 * @param a        out: the answer; release it with free after true
 * @return false after a line: nobody is there, or what is there is no pflowd
 */
bool pflowctl_ask(const char *path, const char *const *request, size_t count,
    struct pflowctl_answer *a);

void pflowctl_answer_free(struct pflowctl_answer *a);

/** Word i of a row, "" if it has fewer. */
const char *pflowctl_word(const struct pflowctl_row *row, size_t i);

#endif /* PFLOWCTL_TALK_H */
