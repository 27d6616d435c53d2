/* SPDX-License-Identifier: ISC */
/*
 * Feeds a fuzz target without a fuzzer:  replay-NAME PATH...
 *
 * A directory is a corpus: the empty input, then each of its files in the
 * order of their names, whole and cut off after every octet up to CUT_MAX. A
 * directory without files is an error. A file is fed once, whole (which is
 * what AFL++ wants: afl-fuzz ... -- replay-NAME @@). A number is as many
 * random inputs, always the same ones.
 *
 * Every input lies in memory of exactly its size, so that a sanitizer sees
 * the first octet read past its end.
 */
#define _POSIX_C_SOURCE 200809L
#define _FILE_OFFSET_BITS 64 /* directory offsets that 32 bits do not hold */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz/fuzz.h"

#define CUT_MAX 2048u
#define INPUT_MAX (16u << 20)
#define RANDOM_MAX 4096u

static unsigned long inputs;

static void
feed(const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len == 0 ? 1 : len);

	if (copy == NULL) {
		fprintf(stderr, "replay: out of memory\n");
		exit(EXIT_FAILURE);
	}
	if (len != 0)
		memcpy(copy, data, len);
	(void)LLVMFuzzerTestOneInput(copy, len);
	free(copy);
	inputs++;
}

static uint8_t *
slurp(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	uint8_t *buf = malloc(INPUT_MAX);

	if (f == NULL || buf == NULL) {
		fprintf(stderr, "replay: %s: %s\n", path, strerror(errno));
		exit(EXIT_FAILURE);
	}
	*len = fread(buf, 1, INPUT_MAX, f);
	if (ferror(f) || !feof(f)) {
		fprintf(stderr, "replay: %s: cannot be read, or is too long\n",
		    path);
		exit(EXIT_FAILURE);
	}
	fclose(f);
	return buf;
}

static void
feed_file(const char *path, int cuts)
{
	size_t len, n;
	uint8_t *buf = slurp(path, &len);

	feed(buf, len);
	for (n = 1; cuts && n < len && n <= CUT_MAX; n++)
		feed(buf, n);
	free(buf);
}

static int
is_seed(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void
feed_directory(const char *path)
{
	struct dirent **list;
	char name[4096];
	int i, count = scandir(path, &list, is_seed, alphasort);

	if (count <= 0) {
		fprintf(stderr, "replay: %s: no seeds\n", path);
		exit(EXIT_FAILURE);
	}
	feed(NULL, 0);
	for (i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "%s/%s", path, list[i]->d_name);
		feed_file(name, 1);
		free(list[i]);
	}
	free(list);
	printf("%s: %d seeds\n", path, count);
}

/** splitmix64, as inputs: long and short ones, sparse and dense ones. */
static uint64_t
next(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static void
feed_random(unsigned long count)
{
	static uint8_t buf[RANDOM_MAX];
	uint64_t state = count;
	unsigned long i;
	size_t len, n;

	for (i = 0; i < count; i++) {
		uint64_t zeros = next(&state) % 4;

		len = (size_t)(next(&state) % (i % 8 == 0 ? sizeof(buf) : 256));
		for (n = 0; n < len; n++) {
			uint64_t v = next(&state);

			buf[n] = (v >> 32) % 4 < zeros ? 0 : (uint8_t)v;
		}
		feed(buf, len);
	}
	printf("%lu random inputs\n", count);
}

/** The whole word is a number, and not 0. */
static unsigned long
number_of(const char *word)
{
	char *end;
	unsigned long n = strtoul(word, &end, 10);

	return *end == '\0' ? n : 0;
}

int
main(int argc, char **argv)
{
	struct stat st;
	int i;

	if (argc < 2) {
		fprintf(stderr, "usage: %s directory | file | number ...\n", argv[0]);
		return 2;
	}
	for (i = 1; i < argc; i++) {
		if (number_of(argv[i]) > 0) {
			feed_random(number_of(argv[i]));
			continue;
		}
		if (stat(argv[i], &st) != 0) {
			fprintf(stderr, "replay: %s: %s\n", argv[i],
			    strerror(errno));
			return EXIT_FAILURE;
		}
		if (S_ISDIR(st.st_mode))
			feed_directory(argv[i]);
		else
			feed_file(argv[i], 0);
	}
	printf("%lu inputs\n", inputs);
	return EXIT_SUCCESS;
}
