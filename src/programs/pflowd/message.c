/* SPDX-License-Identifier: ISC */
#include "programs/pflowd/message.h"

#include <string.h>

#include <pflow/status.h>

#include "core/bytes.h"

/** Members of a kind, in order, and bounds of its rest. */
struct shape {
	enum pflowd_kind kind;
	const char *members; /**< i: id, f: flags, a, b; t: rest, text; d: rest,
				  octets */
	uint32_t min, max;   /**< of the rest */
	uint8_t flags;	     /**< the greatest */
	bool fd;
};

static const struct shape shapes[] = {
	{ PFLOWD_ASK_FILE, "ft", 1, 1023, PFLOW_FILE_GO_ON, false },
	{ PFLOWD_ASK_SOCKET, "d", PFLOWD_WISH_OCTETS, PFLOWD_WISH_OCTETS, 0,
	    false },
	{ PFLOWD_ASK_REQUEST, "d", 16, 64, 0, true },
	{ PFLOWD_ASK_ASIDE, "abt", 1, 1023, 0, false },
	{ PFLOWD_ASK_LISTEN, "t", 1, 255, 0, false },
	{ PFLOWD_ASK_CONF, "a", 0, 0, 0, false },
	{ PFLOWD_ANSWER, "ad", 0, PFLOWD_CHUNK, 0, false },
	{ PFLOWD_TELL_CLIENT, "i", 0, 0, 0, true },
	{ PFLOWD_TELL_LINE, "ift", 0, 8191, 2, false },
	{ PFLOWD_TELL_GONE, "i", 0, 0, 0, false },
	{ PFLOWD_TELL_RELOAD, "a", 0, 0, 0, false },
	{ PFLOWD_TELL_STOP, "", 0, 0, 0, false },
	{ PFLOWD_TELL_RUNNING, "fab", 0, 0, 1, false },
	{ PFLOWD_TELL_DONE, "if", 0, 0, 1, false },
	{ PFLOWD_TELL_NOTE, "t", 0, 1023, 0, false },
	{ PFLOWD_ASK_HOST, "ft", 1, 255, 6, true },
	{ PFLOWD_HOST_FOUND, "d", PFLOWD_ADDRESS_OCTETS,
	    PFLOWD_ADDRESSES_MAX * PFLOWD_ADDRESS_OCTETS, 0, false },
	{ PFLOWD_HOST_UNKNOWN, "t", 0, 511, 0, false },
};

static const struct shape *
shape_of(unsigned kind)
{
	size_t i;

	for (i = 0; i < PFLOWI_ARRAY_LEN(shapes); i++)
		if (shapes[i].kind == kind)
			return &shapes[i];
	return NULL;
}

bool
pflowd_message_has_fd(enum pflowd_kind kind)
{
	const struct shape *s = shape_of(kind);

	return s != NULL && s->fd;
}

/** Are flags and rest what the shape allows? */
static bool
is_fit(const struct shape *s, const struct pflowd_message *m)
{
	const char *rest = strpbrk(s->members, "td");

	if (m->flags > s->flags ||
	    (s->kind == PFLOWD_ASK_HOST && m->flags != 0 && m->flags != 4 &&
		m->flags != 6))
		return false;
	if (rest == NULL)
		return m->rest_len == 0;
	if (m->rest_len < s->min || m->rest_len > s->max)
		return false;
	return *rest == 'd' || m->rest_len == 0 ||
	    memchr(m->rest, '\0', m->rest_len) == NULL;
}

size_t
pflowd_message_put(const struct pflowd_message *m, uint8_t *out, size_t cap)
{
	const struct shape *s = shape_of(m->kind);
	const char *p;
	size_t at = 1;

	/* The kind and the numbers of any shape are less than 16 octets. */
	if (s == NULL || !is_fit(s, m) || cap < 16 || cap - 16 < m->rest_len)
		return 0;
	out[0] = (uint8_t)m->kind;
	for (p = s->members; *p != '\0'; p++) {
		if (*p == 'i') {
			out[at++] = m->id;
		} else if (*p == 'f') {
			out[at++] = m->flags;
		} else if (*p == 'a' || *p == 'b') {
			pflowi_put_be32(out + at, *p == 'a' ? m->a : m->b);
			at += 4;
		} else if (m->rest_len > 0) {
			memcpy(out + at, m->rest, m->rest_len);
			at += m->rest_len;
		}
	}
	return at;
}

int
pflowd_message_get(const uint8_t *in, size_t len, struct pflowd_message *m)
{
	const struct shape *s = len == 0 ? NULL : shape_of(in[0]);
	const char *p;
	size_t at = 1;

	memset(m, 0, sizeof(*m));
	if (s == NULL || len > PFLOWD_MESSAGE_MAX)
		return PFLOW_ERR_MALFORMED;
	m->kind = s->kind;
	for (p = s->members; *p == 'i' || *p == 'f' || *p == 'a' || *p == 'b';
	     p++) {
		size_t octets = *p == 'a' || *p == 'b' ? 4 : 1;

		if (len - at < octets)
			return PFLOW_ERR_MALFORMED;
		if (*p == 'i')
			m->id = in[at];
		else if (*p == 'f')
			m->flags = in[at];
		else if (*p == 'a')
			m->a = pflowi_get_be32(in + at);
		else
			m->b = pflowi_get_be32(in + at);
		at += octets;
	}
	m->rest = in + at;
	m->rest_len = len - at;
	return is_fit(s, m) ? PFLOW_OK : PFLOW_ERR_MALFORMED;
}

bool
pflowd_message_text(const struct pflowd_message *m, char *out, size_t len)
{
	if (m->rest_len >= len)
		return false;
	memcpy(out, m->rest, m->rest_len);
	out[m->rest_len] = '\0';
	return true;
}

static void
put_address(const struct pflow_address *in, uint8_t *out)
{
	out[0] = in->version;
	memcpy(out + 1, in->octets, 16);
	pflowi_put_be32(out + 17, in->scope);
}

static bool
get_address(const uint8_t *in, struct pflow_address *out)
{
	out->version = in[0];
	memcpy(out->octets, in + 1, 16);
	out->scope = pflowi_get_be32(in + 17);
	return out->version == 4 || out->version == 6;
}

#define WISH_STREAM 1u
#define WISH_CONNECTED 2u
#define WISH_BOUND 4u

void
pflowd_wish_put(const struct pflow_socket_wish *wish,
    uint8_t out[PFLOWD_WISH_OCTETS])
{
	out[0] = (uint8_t)((wish->stream ? WISH_STREAM : 0) |
	    (wish->connected ? WISH_CONNECTED : 0) |
	    (wish->bound ? WISH_BOUND : 0));
	put_address(&wish->to, out + 1);
	put_address(&wish->source, out + 22);
	pflowi_put_be16(out + 43, wish->to_port);
	pflowi_put_be16(out + 45, wish->source_port);
	pflowi_put_be32(out + 47, wish->socket_buffer);
	out[51] = wish->ttl;
	out[52] = (uint8_t)wish->dscp;
	memcpy(out + 53, wish->device, PFLOW_DEVICE_LEN);
}

int
pflowd_wish_get(const uint8_t *in, size_t len, struct pflow_socket_wish *wish)
{
	memset(wish, 0, sizeof(*wish));
	if (len != PFLOWD_WISH_OCTETS ||
	    in[0] > (WISH_STREAM | WISH_CONNECTED | WISH_BOUND) ||
	    in[PFLOWD_WISH_OCTETS - 1] != '\0')
		return PFLOW_ERR_MALFORMED;
	wish->stream = (in[0] & WISH_STREAM) != 0;
	wish->connected = (in[0] & WISH_CONNECTED) != 0;
	wish->bound = (in[0] & WISH_BOUND) != 0;
	if (!get_address(in + 1, &wish->to))
		return PFLOW_ERR_MALFORMED;
	if (wish->bound && (!get_address(in + 22, &wish->source) ||
		wish->source.version != wish->to.version))
		return PFLOW_ERR_MALFORMED;
	wish->to_port = pflowi_get_be16(in + 43);
	wish->source_port = pflowi_get_be16(in + 45);
	wish->socket_buffer = pflowi_get_be32(in + 47);
	wish->ttl = in[51];
	wish->dscp = in[52] > 63 ? -1 : (int8_t)in[52];
	memcpy(wish->device, in + 53, PFLOW_DEVICE_LEN);
	return PFLOW_OK;
}

size_t
pflowd_addresses_put(const struct pflow_address *in, size_t count,
    uint8_t out[PFLOWD_ADDRESSES_MAX * PFLOWD_ADDRESS_OCTETS])
{
	size_t i;

	for (i = 0; i < count; i++)
		put_address(&in[i], out + i * PFLOWD_ADDRESS_OCTETS);
	return count * PFLOWD_ADDRESS_OCTETS;
}

size_t
pflowd_addresses_get(const uint8_t *in, size_t len, struct pflow_address *out,
    size_t max)
{
	size_t i, count = len / PFLOWD_ADDRESS_OCTETS;

	if (len % PFLOWD_ADDRESS_OCTETS != 0)
		return 0;
	for (i = 0; i < count && i < max; i++)
		if (!get_address(in + i * PFLOWD_ADDRESS_OCTETS, &out[i]))
			return 0;
	return i;
}

bool
pflowd_is_table_request(const uint8_t *in, size_t len)
{
	/* <linux/netlink.h>, <linux/netfilter/nfnetlink_conntrack.h> */
	const uint32_t want_len = 20;
	const uint16_t want_type = 1 << 8 | 1; /* ctnetlink, GET */
	const uint16_t want_flags = 0x301;     /* REQUEST, DUMP */
	uint32_t nl_len;
	uint16_t type, flags;

	if (len != want_len)
		return false;
	memcpy(&nl_len, in, sizeof(nl_len));
	memcpy(&type, in + 4, sizeof(type));
	memcpy(&flags, in + 6, sizeof(flags));
	return nl_len == want_len && type == want_type && flags == want_flags;
}
