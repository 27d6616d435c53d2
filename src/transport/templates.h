/* SPDX-License-Identifier: ISC */
/*
 * The templates that pass by: enough of IPFIX to begin a session or a file in
 * the middle of a stream, and to count the records of a message.
 */
#ifndef PFLOWI_TEMPLATES_H
#define PFLOWI_TEMPLATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PFLOWI_TEMPLATES_MAX 128
#define PFLOWI_TEMPLATES_POOL 16384
#define PFLOWI_IPFIX_HEADER 16u

/** One (Options) Template Record, as it was sent. */
struct pflowi_template {
	uint16_t id;
	uint16_t set; /**< 2 or 3 */
	uint16_t at;  /**< in the pool */
	uint16_t len;
	uint32_t record; /**< octets of a Data Record; 0: they vary */
};

/** Zero at first. One Observation Domain. */
struct pflowi_templates {
	struct pflowi_template list[PFLOWI_TEMPLATES_MAX];
	size_t count;
	size_t used;	  /**< octets of the pool */
	uint64_t refused; /**< templates that did not fit */
	uint8_t pool[PFLOWI_TEMPLATES_POOL];
};

/** What a message does to the templates. */
struct pflowi_templates_effect {
	unsigned added;	    /**< new ids */
	unsigned same;	    /**< known as they are */
	unsigned redefined; /**< known with another layout */
	unsigned withdrawn;
	bool data; /**< it has Data Sets */
};

/** Is it one whole IPFIX Message, as far as its header goes? */
bool pflowi_ipfix_is_message(const uint8_t *msg, size_t len);

/** Take over the templates of a whole message. ts NULL: only tell. */
void pflowi_templates_learn(struct pflowi_templates *ts,
    const struct pflowi_templates *known, const uint8_t *msg, size_t len,
    struct pflowi_templates_effect *effect);

/**
 * A message with all templates.
 *
 * @param like  a header whose Export Time, sequence and domain it gets
 * @return octets; 0: there are none, or no room
 */
size_t pflowi_templates_message(const struct pflowi_templates *ts,
    const uint8_t *like, uint8_t *out, size_t room);

/** Data Records of a whole message; those of unknown templates do not
 *  count. */
uint32_t pflowi_templates_count(
    const struct pflowi_templates *ts, const uint8_t *msg, size_t len);

#endif /* PFLOWI_TEMPLATES_H */
