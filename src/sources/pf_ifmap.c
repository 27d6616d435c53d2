/* SPDX-License-Identifier: ISC */
#define _POSIX_C_SOURCE 200809L
#include "sources/pf_ifmap.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
pflowi_pf_ifmap_init(struct pflowi_pf_ifmap *map)
{
	memset(map, 0, sizeof(*map));
}

void
pflowi_pf_ifmap_fini(struct pflowi_pf_ifmap *map)
{
	free(map->names);
	memset(map, 0, sizeof(*map));
}

/** Where a name is, or belongs. */
static size_t
place_of(const struct pflowi_pf_ifmap *map, const char *name, bool *there)
{
	size_t low = 0, high = map->count;

	*there = false;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = memcmp(map->names[mid].name, name,
		    PFLOWI_PF_IFNAME_LEN);

		if (order == 0) {
			*there = true;
			return mid;
		}
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/** What a file said stays. */
static int
add(struct pflowi_pf_ifmap *map, const char *name, size_t len, uint32_t index,
    bool given)
{
	char padded[PFLOWI_PF_IFNAME_LEN] = { 0 };
	bool there;
	size_t at;

	map->recent = false;
	memcpy(padded, name, len);
	at = place_of(map, padded, &there);
	if (there && !map->names[at].given)
		map->names[at].index = index;
	if (there)
		return PFLOW_OK;
	if (map->count == map->room) {
		size_t room = map->room == 0 ? 32 : map->room * 2;
		struct pflowi_pf_ifname *names =
		    realloc(map->names, room * sizeof(*names));

		if (names == NULL)
			return PFLOW_ERR_NOMEM;
		map->names = names;
		map->room = room;
	}
	memmove(&map->names[at + 1], &map->names[at],
	    (map->count - at) * sizeof(*map->names));
	memcpy(map->names[at].name, padded, sizeof(padded));
	map->names[at].index = index;
	map->names[at].given = given;
	map->count++;
	return PFLOW_OK;
}

/** "NAME INDEX", "" or "# ..."; what is wrong with it, or NULL. */
static const char *
read_line(struct pflowi_pf_ifmap *map, const char *line, int *rc)
{
	static const char blanks[] = " \t\r\n";
	const char *name = line + strspn(line, blanks);
	size_t len = strcspn(name, " \t\r\n#");
	const char *number = name + len + strspn(name + len, blanks);
	unsigned long long index;
	char *end;

	if (len == 0)
		return *name == '\0' || *name == '#' ? NULL : "no name";
	if (len > PFLOWI_PF_IFNAME_LEN - 1)
		return "name longer than 15 octets";
	if (*number < '0' || *number > '9')
		return "expected NAME INDEX";
	errno = 0;
	index = strtoull(number, &end, 10);
	if (errno != 0 || index == 0 || index > UINT32_MAX)
		return "index not from 1 to 4294967295";
	end += strspn(end, blanks);
	if (*end != '\0' && *end != '#')
		return "expected NAME INDEX and nothing more";
	*rc = add(map, name, len, (uint32_t)index, true);
	return *rc == PFLOW_OK ? NULL : "out of memory";
}

/** fgets() stopped before the end of the line, or there is a NUL in it. */
static bool
is_broken(const char *line, FILE *f)
{
	size_t len = strlen(line);

	return (len == 0 || line[len - 1] != '\n') && !feof(f);
}

int
pflowi_pf_ifmap_load(struct pflowi_pf_ifmap *map, const char *path,
    const struct pflow_system *sys, char *err, size_t err_len)
{
	int fd = pflowi_system_open(sys, path);
	FILE *f = fd == -1 ? NULL : fdopen(fd, "r");
	unsigned long number = 0;
	int rc = PFLOW_OK;
	char line[256];

	if (f == NULL) {
		if (fd != -1)
			close(fd);
		snprintf(err, err_len, "%s: %s", path, strerror(errno));
		return PFLOW_ERR_SYSTEM;
	}
	while (rc == PFLOW_OK && fgets(line, sizeof(line), f) != NULL) {
		const char *wrong;

		number++;
		wrong = is_broken(line, f)
		    ? "line too long, or not text"
		    : read_line(map, line, &rc);
		if (wrong == NULL)
			continue;
		snprintf(err, err_len, "%s:%lu: %s", path, number, wrong);
		if (rc == PFLOW_OK)
			rc = PFLOW_ERR_INVALID;
	}
	if (rc == PFLOW_OK && ferror(f)) {
		snprintf(err, err_len, "%s: %s", path, strerror(errno));
		rc = PFLOW_ERR_SYSTEM;
	}
	fclose(f);
	return rc;
}

void
pflowi_pf_ifmap_local(struct pflowi_pf_ifmap *map)
{
	struct if_nameindex *list = if_nameindex(), *i;

	if (list == NULL)
		return;
	for (i = list; i->if_index != 0 && i->if_name != NULL; i++) {
		size_t len = strlen(i->if_name);

		if (len < PFLOWI_PF_IFNAME_LEN &&
		    add(map, i->if_name, len, i->if_index, false) !=
		    PFLOW_OK)
			break;
	}
	if_freenameindex(list);
}

void
pflowi_pf_ifmap_tell(const struct pflowi_pf_ifmap *map,
    pflow_interface_fn *fn, void *arg)
{
	size_t i;

	for (i = 0; i < map->count; i++)
		fn(arg, map->names[i].index, map->names[i].name);
}

uint32_t
pflowi_pf_ifmap_index(const struct pflowi_pf_ifmap *map,
    const char name[PFLOWI_PF_IFNAME_LEN])
{
	bool there;
	size_t at = place_of(map, name, &there);

	return there ? map->names[at].index : 0;
}

uint32_t
pflowi_pf_ifmap_find(struct pflowi_pf_ifmap *map,
    const char name[PFLOWI_PF_IFNAME_LEN])
{
	size_t at;
	bool there;

	if (map->recent &&
	    memcmp(map->recent_name, name, sizeof(map->recent_name)) == 0)
		return map->recent_index;
	at = place_of(map, name, &there);
	map->recent = true;
	map->recent_index = there ? map->names[at].index : 0;
	memcpy(map->recent_name, name, sizeof(map->recent_name));
	return map->recent_index;
}

static bool
is_name(const char name[PFLOWI_PF_IFNAME_LEN])
{
	return name[0] != '\0' && memcmp(name, "all", 4) != 0;
}

bool
pflowi_pf_ifmap_apply(struct pflowi_pf_ifmap *map,
    const char name[PFLOWI_PF_IFNAME_LEN],
    const char original[PFLOWI_PF_IFNAME_LEN], struct pflow_state *st)
{
	uint32_t index;

	if (!is_name(name))
		name = original;
	if (!is_name(name))
		return true;
	index = pflowi_pf_ifmap_find(map, name);
	if (index == 0)
		return false;
	st->ifindex[st->direction == PFLOW_DIR_OUT] = index;
	st->present |= PFLOW_HAS_IFINDEX;
	return true;
}
