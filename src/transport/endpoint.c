/* SPDX-License-Identifier: ISC */
#include "transport/endpoint.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "transport/transport.h"

/** How much of a word an error line repeats. */
#define TEXT_MAX 300
#define EXPECTED "expected HOST:PORT, [V6-ADDRESS]:PORT"

/** A word cut in two; parts point into it. */
struct cut {
	const char *host;
	size_t host_len;
	const char *port;  /* NULL: none */
	const char *wrong; /* NULL, or what is wrong */
};

static struct cut
cut_word(const char *text)
{
	struct cut c = {text, 0, NULL, NULL};
	const char *colon, *end;

	if (text[0] == '[') {
		c.host = text + 1;
		end = strchr(text, ']');
		if (end == NULL) {
			c.wrong = "'[' without ']'";
			return c;
		}
		c.host_len = (size_t)(end - c.host);
		if (end[1] == ':')
			c.port = end + 2;
		else if (end[1] != '\0')
			c.wrong = "something other than a port after ']'";
		return c;
	}
	colon = strchr(text, ':');
	c.host_len = colon == NULL ? strlen(text) : (size_t)(colon - text);
	if (colon != NULL && strchr(colon + 1, ':') != NULL)
		c.wrong = "an IPv6 address stands in brackets";
	else if (colon != NULL)
		c.port = colon + 1;
	return c;
}

bool
pflowi_addr_literal(const char *host, const char *port, struct pflowi_addr *out)
{
	struct addrinfo hints, *res;

	memset(&hints, 0, sizeof(hints));
	memset(out, 0, sizeof(*out));
	hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
	hints.ai_socktype = SOCK_DGRAM;
	if (getaddrinfo(host, port, &hints, &res) != 0)
		return false;
	memcpy(&out->sa, res->ai_addr, res->ai_addrlen);
	out->len = res->ai_addrlen;
	freeaddrinfo(res);
	return true;
}

/** A number 1..65535, or a service name of this machine, as a number. */
static bool
parse_port(const char *text, char *out, size_t len)
{
	struct addrinfo hints, *res;
	struct pflowi_addr addr;
	size_t digits = strspn(text, "0123456789");
	unsigned long n;

	if (text[0] == '\0' || strlen(text) >= PFLOWI_PORT_MAX)
		return false;
	if (text[digits] == '\0') {
		n = strtoul(text, NULL, 10);
		if (digits > 5 || n < 1 || n > 65535)
			return false;
		pflowi_say(out, len, "%lu", n);
		return true;
	}
	memset(&hints, 0, sizeof(hints));
	hints.ai_family = AF_INET;
	hints.ai_socktype = SOCK_DGRAM;
	if (getaddrinfo(NULL, text, &hints, &res) != 0) {
		hints.ai_socktype = SOCK_STREAM;
		if (getaddrinfo(NULL, text, &hints, &res) != 0)
			return false;
	}
	memset(&addr, 0, sizeof(addr));
	memcpy(&addr.sa, res->ai_addr, res->ai_addrlen);
	freeaddrinfo(res);
	pflowi_say(out, len, "%u",
	    (unsigned)ntohs(((struct sockaddr_in *)&addr.sa)->sin_port));
	return true;
}

/** Letters, digits, '-', '_' and '.': what a name may have. */
static const char *
check_name(const char *host)
{
	if (host[0] == '\0')
		return "no host";
	if (strspn(host, "0123456789.") == strlen(host))
		return "not an IPv4 address";
	if (host[strspn(host,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789-_.")] != '\0')
		return "a character that no host name has";
	if (host[0] == '-' || host[0] == '.')
		return "a host name begins with a letter or digit";
	return NULL;
}

static int
count_dots(const char *s)
{
	int dots = 0;

	for (; *s != '\0'; s++)
		dots += *s == '.';
	return dots;
}

/** Copy the host out of its word; what is wrong, or NULL. */
static const char *
take_host(const struct cut *c, bool bracket, struct pflowi_endpoint *out)
{
	struct pflowi_addr addr;

	if (c->host_len >= sizeof(out->host))
		return "the host is longer than 255 octets";
	memcpy(out->host, c->host, c->host_len);
	out->host[c->host_len] = '\0';
	out->family = AF_UNSPEC;
	/* inet_aton(3)'s short forms (127.1) are not for configurations. */
	out->literal = pflowi_addr_literal(out->host, "1", &addr) &&
	    (addr.sa.ss_family == AF_INET6 || count_dots(out->host) == 3);
	if (out->literal)
		out->family = addr.sa.ss_family;
	if (bracket && out->family != AF_INET6)
		return "not an IPv6 address in the brackets";
	return out->literal ? NULL : check_name(out->host);
}

int
pflowi_endpoint_parse(const char *kind, const char *text,
    const char *default_port, struct pflowi_endpoint *out, char *err,
    size_t err_len)
{
	struct cut c = cut_word(text);
	const char *wrong = c.wrong;
	const char *port = c.port == NULL ? default_port : c.port;

	memset(out, 0, sizeof(*out));
	if (wrong == NULL)
		wrong = take_host(&c, text[0] == '[', out);
	if (wrong == NULL && port == NULL)
		wrong = "no port";
	if (wrong != NULL) {
		pflowi_say(err, err_len, "%s:%.*s%s: %s, " EXPECTED, kind,
		    TEXT_MAX, text, strlen(text) > TEXT_MAX ? "..." : "",
		    wrong);
		return PFLOW_ERR_INVALID;
	}
	if (!parse_port(port, out->port, sizeof(out->port))) {
		pflowi_say(err, err_len,
		    "%s:%s: port \"%s\", expected 1 to 65535 or the name of "
		    "a service",
		    kind, text, port);
		return PFLOW_ERR_INVALID;
	}
	return PFLOW_OK;
}

int
pflowi_source_parse(
    const char *text, struct pflowi_addr *out, char *err, size_t err_len)
{
	struct pflowi_endpoint ep;
	struct cut c = cut_word(text);
	char port[PFLOWI_PORT_MAX] = "0";
	const char *wrong = NULL;

	memset(out, 0, sizeof(*out));
	memset(&ep, 0, sizeof(ep));
	/* A source without brackets may be a bare IPv6 address: no port. */
	if (text[0] != '[' && c.wrong != NULL &&
	    pflowi_addr_literal(text, "0", out))
		return PFLOW_OK;
	if (c.wrong != NULL)
		wrong = c.wrong;
	else if (take_host(&c, text[0] == '[', &ep) != NULL || !ep.literal)
		wrong = "not an address";
	else if (c.port != NULL && !parse_port(c.port, port, sizeof(port)))
		wrong = "the port is not 1 to 65535";
	if (wrong == NULL && pflowi_addr_literal(ep.host, port, out))
		return PFLOW_OK;
	pflowi_say(err, err_len,
	    "source %s: %s, expected ADDRESS, ADDRESS:PORT or "
	    "[V6-ADDRESS]:PORT",
	    text, wrong == NULL ? "not an address" : wrong);
	return PFLOW_ERR_INVALID;
}

void
pflowi_endpoint_text(const struct pflowi_endpoint *ep, char *out, size_t len)
{
	if (ep->family == AF_INET6)
		pflowi_say(out, len, "[%s]:%s", ep->host, ep->port);
	else
		pflowi_say(out, len, "%s:%s", ep->host, ep->port);
}

void
pflowi_addr_text(const struct pflowi_addr *addr, char *out, size_t len)
{
	struct pflowi_endpoint ep;

	memset(&ep, 0, sizeof(ep));
	ep.family = addr->sa.ss_family;
	if (addr->len == 0 ||
	    getnameinfo((const struct sockaddr *)&addr->sa, addr->len, ep.host,
		sizeof(ep.host), ep.port, sizeof(ep.port),
		NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		pflowi_say(out, len, "no address");
	else
		pflowi_endpoint_text(&ep, out, len);
}

const char *
pflowi_family_text(int family)
{
	return family == AF_INET6 ? "IPv6" : "IPv4";
}

bool
pflowi_addr_equal(const struct pflowi_addr *a, const struct pflowi_addr *b)
{
	char at[PFLOWI_ENDPOINT_TEXT_MAX], bt[PFLOWI_ENDPOINT_TEXT_MAX];

	if (a->sa.ss_family != b->sa.ss_family || a->len != b->len)
		return false;
	pflowi_addr_text(a, at, sizeof(at));
	pflowi_addr_text(b, bt, sizeof(bt));
	return strcmp(at, bt) == 0;
}

void
pflowi_addr_tell(
    const struct pflowi_addr *addr, struct pflow_address *out, uint16_t *port)
{
	const struct sockaddr_in *v4 = (const void *)&addr->sa;
	const struct sockaddr_in6 *v6 = (const void *)&addr->sa;

	memset(out, 0, sizeof(*out));
	if (addr->sa.ss_family == AF_INET6) {
		out->version = 6;
		memcpy(out->octets, &v6->sin6_addr, 16);
		out->scope = v6->sin6_scope_id;
		*port = ntohs(v6->sin6_port);
	} else {
		out->version = 4;
		memcpy(out->octets, &v4->sin_addr, 4);
		*port = ntohs(v4->sin_port);
	}
}

void
pflowi_addr_from(
    const struct pflow_address *in, uint16_t port, struct pflowi_addr *out)
{
	struct sockaddr_in *v4 = (void *)&out->sa;
	struct sockaddr_in6 *v6 = (void *)&out->sa;

	memset(out, 0, sizeof(*out));
	if (in->version == 6) {
		v6->sin6_family = AF_INET6;
		memcpy(&v6->sin6_addr, in->octets, 16);
		v6->sin6_scope_id = in->scope;
		v6->sin6_port = htons(port);
		out->len = sizeof(*v6);
	} else {
		v4->sin_family = AF_INET;
		memcpy(&v4->sin_addr, in->octets, 4);
		v4->sin_port = htons(port);
		out->len = sizeof(*v4);
	}
}
