/* SPDX-License-Identifier: ISC */
#include "programs/common/endpoint.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include <pflow/status.h>

#include "programs/common/scalar.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

/* RFC 4007, 11.2 leaves the zone's characters open; these are interfaces'. */
#define ZONE_CHARS LETTERS DIGITS "-._"

static const char *const kinds[] = { "udp", "tcp", "tls", "dtls", "sctp",
	"file" };

/** HOST, [HOST], HOST:PORT, [HOST]:PORT. */
struct host_port {
	char host[PFLOWI_HOST_LEN];
	uint16_t port;
	uint8_t ip_version;
};

/** A port: 1..65535 or a name of services(5). 0 if it is neither. */
static uint16_t
port_number(const char *word)
{
	const struct servent *service;
	uint64_t v;

	if (pflowi_parse_u64(word, &v) == PFLOW_OK)
		return v <= UINT16_MAX ? (uint16_t)v : 0;
	if (*word == '\0' || strspn(word, ZONE_CHARS) != strlen(word))
		return 0;
	service = getservbyname(word, "udp");
	if (service == NULL)
		service = getservbyname(word, "tcp");
	return service == NULL ? 0 : ntohs((uint16_t)service->s_port);
}

/** An IPv6 literal, perhaps with a zone: fe80::1%em0. */
static bool
is_ipv6(const char *host)
{
	uint8_t addr[16];
	char bare[PFLOWI_HOST_LEN];
	const char *zone = strchr(host, '%');
	size_t len = zone == NULL ? strlen(host) : (size_t)(zone - host);

	if (zone != NULL &&
	    (zone[1] == '\0' || zone[1 + strspn(zone + 1, ZONE_CHARS)] != '\0'))
		return false;
	if (len >= sizeof(bare))
		return false;
	memcpy(bare, host, len);
	bare[len] = '\0';
	return inet_pton(AF_INET6, bare, addr) == 1;
}

static int
check_host(struct host_port *hp, bool bracketed, const char *word,
    struct pflowi_problem *problem)
{
	uint8_t addr[4];

	if (bracketed) {
		if (!is_ipv6(hp->host))
			return pflowi_problem_set(problem, PFLOW_ERR_INVALID, 0,
			    "'%.120s': '%.60s' is not an IPv6 address", word,
			    hp->host);
		hp->ip_version = 6;
		return PFLOW_OK;
	}
	if (inet_pton(AF_INET, hp->host, addr) == 1) {
		hp->ip_version = 4;
		return PFLOW_OK;
	}
	/* What looks like a number must not become a name to look up. */
	if (hp->host[strspn(hp->host, DIGITS ".")] == '\0' ||
	    hp->host[strspn(hp->host, LETTERS DIGITS "-._")] != '\0' ||
	    hp->host[0] == '-' || hp->host[0] == '.')
		return pflowi_problem_set(problem, PFLOW_ERR_INVALID, 0,
		    "'%.120s': '%.60s' is neither an address nor a host name",
		    word, hp->host);
	hp->ip_version = 0;
	return PFLOW_OK;
}

static int
parse_host_port(const char *text, const char *word, struct host_port *hp,
    struct pflowi_problem *problem)
{
	bool bracketed = *text == '[';
	const char *host = bracketed ? text + 1 : text;
	size_t len = strcspn(host, bracketed ? "]" : ":");
	const char *rest = host + len;

	if (bracketed && *rest++ != ']')
		return pflowi_problem_set(problem, PFLOW_ERR_INVALID, 0,
		    "'%.120s': ']' is missing, expected [ADDRESS]:PORT", word);
	if (!bracketed && *rest == ':' && strchr(rest + 1, ':') != NULL)
		return pflowi_problem_set(problem, PFLOW_ERR_INVALID, 0,
		    "'%.120s': too many colons, expected HOST:PORT or "
		    "[IPV6-ADDRESS]:PORT", word);
	if (len == 0 || len >= sizeof(hp->host))
		return pflowi_problem_set(problem, PFLOW_ERR_INVALID, 0,
		    "'%.120s': host is %s, expected HOST:PORT", word,
		    len == 0 ? "missing" : "too long");
	memset(hp, 0, sizeof(*hp));
	memcpy(hp->host, host, len);
	if (*rest == ':')
		hp->port = port_number(rest + 1);
	if (*rest != '\0' && hp->port == 0)
		return pflowi_problem_set(problem, PFLOW_ERR_INVALID, 0,
		    "'%.120s': '%.60s' is not a port, expected 1 to 65535 or "
		    "the name of a service", word,
		    *rest == ':' ? rest + 1 : rest);
	return check_host(hp, bracketed, word, problem);
}

/** What stands behind "KIND:" or "KIND://", and which kind. */
static const char *
take_kind(const char *word, const char **kind)
{
	size_t i;

	for (i = 0; i < PFLOWI_ARRAY_LEN(kinds); i++) {
		size_t len = strlen(kinds[i]);

		if (strncmp(word, kinds[i], len) != 0 || word[len] != ':')
			continue;
		*kind = kinds[i];
		word += len + 1;
		if (strcmp(*kind, "file") != 0 && strncmp(word, "//", 2) == 0)
			word += 2;
		return word;
	}
	*kind = kinds[0];
	return word;
}

int
pflowi_dest_parse(const char *word, struct pflowi_dest *out,
    struct pflowi_problem *problem)
{
	struct host_port hp;
	const char *rest;
	int status;

	memset(out, 0, sizeof(*out));
	rest = take_kind(word, &out->kind);
	if (strcmp(out->kind, "file") == 0) {
		if (*rest == '\0' || strlen(rest) >= sizeof(out->path))
			return pflowi_problem_set(problem, PFLOW_ERR_INVALID, 0,
			    "'%.120s': path is %s, expected file:PATH", word,
			    *rest == '\0' ? "missing" : "too long");
		memcpy(out->path, rest, strlen(rest) + 1);
		return PFLOW_OK;
	}
	if (strstr(rest, "://") != NULL)
		return pflowi_problem_set(problem, PFLOW_ERR_INVALID, 0,
		    "'%.120s': unknown kind of destination, expected udp:, "
		    "tcp:, tls:, dtls:, sctp: or file:", word);
	status = parse_host_port(rest, word, &hp, problem);
	if (status != PFLOW_OK)
		return status;
	memcpy(out->host, hp.host, sizeof(out->host));
	out->port = hp.port;
	out->ip_version = hp.ip_version;
	return PFLOW_OK;
}

static void
print_host_port(char *out, size_t len, const char *prefix, const char *host,
    unsigned ip_version, unsigned port)
{
	const char *open = ip_version == 6 ? "[" : "";
	const char *close = ip_version == 6 ? "]" : "";

	if (port == 0)
		(void)snprintf(out, len, "%s%s%s%s", prefix, open, host, close);
	else
		(void)snprintf(out, len, "%s%s%s%s:%u", prefix, open, host,
		    close, port);
}

void
pflowi_dest_print(char *out, size_t len, const struct pflowi_dest *dest)
{
	char prefix[8];

	(void)snprintf(prefix, sizeof(prefix), "%s:", dest->kind);
	if (strcmp(dest->kind, "file") == 0)
		(void)snprintf(out, len, "file:%s", dest->path);
	else
		print_host_port(out, len, prefix, dest->host, dest->ip_version,
		    dest->port);
}

uint16_t
pflowi_dest_default_port(const struct pflowi_dest *dest, unsigned version)
{
	if (strcmp(dest->kind, "file") == 0)
		return 0;
	if (strcmp(dest->kind, "tls") == 0 || strcmp(dest->kind, "dtls") == 0)
		return PFLOWI_PORT_IPFIX_TLS;
	return version == 10 ? PFLOWI_PORT_IPFIX : PFLOWI_PORT_NETFLOW;
}

int
pflowi_source_addr_parse(const char *word, struct pflowi_source_addr *out,
    struct pflowi_problem *problem)
{
	struct host_port hp;
	int status = parse_host_port(word, word, &hp, problem);

	if (status != PFLOW_OK)
		return status;
	if (hp.ip_version == 0)
		return pflowi_problem_set(problem, PFLOW_ERR_INVALID, 0,
		    "'%.120s': not a numeric address, expected ADDRESS or "
		    "ADDRESS:PORT, IPv6 in brackets", word);
	memcpy(out->host, hp.host, sizeof(out->host));
	out->port = hp.port;
	out->ip_version = hp.ip_version;
	return PFLOW_OK;
}

void
pflowi_source_addr_print(char *out, size_t len,
    const struct pflowi_source_addr *addr)
{
	print_host_port(out, len, "", addr->host, addr->ip_version,
	    addr->port);
}
