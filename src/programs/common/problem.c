/* SPDX-License-Identifier: ISC */
#include "programs/common/problem.h"

#include <stdarg.h>
#include <stdio.h>

void
pflowi_printable(char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

int
pflowi_problem_set(struct pflowi_problem *p, int status, size_t at,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (vsnprintf(p->text, sizeof(p->text), fmt, ap) < 0)
		p->text[0] = '\0';
	va_end(ap);
	pflowi_printable(p->text);
	p->at = at;
	return status;
}
