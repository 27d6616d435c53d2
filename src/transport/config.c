/* SPDX-License-Identifier: ISC */
/* Settings of transports, and the lines that explain errors. */
#include "transport/transport.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/** What the first release knew: the members up to and with tls_name. */
#define CONFIG_SIZE_MIN                                      \
	(offsetof(struct pflow_transport_config, tls_name) + \
	    sizeof(const char *))

void
pflowi_say(char *out, size_t len, const char *fmt, ...)
{
	va_list ap;

	if (len == 0)
		return;
	va_start(ap, fmt);
	if (vsnprintf(out, len, fmt, ap) < 0)
		out[0] = '\0';
	va_end(ap);
}

const char *const *
pflow_tls_bundles(size_t *count)
{
	/* Debian and its kin, Fedora and its kin, Alpine and the BSDs. */
	static const char *const bundles[] = {
	    "/etc/ssl/certs/ca-certificates.crt",
	    "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"};

	*count = PFLOWI_ARRAY_LEN(bundles);
	return bundles;
}

void
pflow_transport_config_init(struct pflow_transport_config *cfg)
{
	memset(cfg, 0, sizeof(*cfg));
	cfg->struct_size = sizeof(*cfg);
	cfg->mtu = 1500;
	cfg->dscp = -1;
}

static int
check(const struct pflow_transport_config *cfg, char *err, size_t err_len)
{
	if (cfg->dscp < -1 || cfg->dscp > 63)
		pflowi_say(
		    err, err_len, "dscp %d: expected 0 to 63", cfg->dscp);
	else if (cfg->ttl < 0 || cfg->ttl > 255)
		pflowi_say(err, err_len, "ttl %d: expected 1 to 255", cfg->ttl);
	else if (cfg->socket_buffer < 0)
		pflowi_say(err, err_len,
		    "socket buffer %d: expected a number of octets",
		    cfg->socket_buffer);
	else
		return PFLOW_OK;
	return PFLOW_ERR_INVALID;
}

int
pflowi_transport_config_take(struct pflow_transport_config *out,
    const struct pflow_transport_config *cfg, char *err, size_t err_len)
{
	pflow_transport_config_init(out);
	if (cfg == NULL)
		return PFLOW_OK;
	if (cfg->struct_size < CONFIG_SIZE_MIN ||
	    cfg->struct_size > sizeof(*out)) {
		pflowi_say(err, err_len,
		    "transport configuration of %zu octets, expected %zu: "
		    "begin with pflow_transport_config_init()",
		    cfg->struct_size, sizeof(*out));
		return PFLOW_ERR_INVALID;
	}
	memcpy(out, cfg, cfg->struct_size);
	out->struct_size = sizeof(*out);
	return check(out, err, err_len);
}
