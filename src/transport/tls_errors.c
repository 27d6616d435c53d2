/* SPDX-License-Identifier: ISC */
/* What OpenSSL says, in words that tell an operator what to mend. */
#include <openssl/err.h>
#include <string.h>

#include "transport/tls.h"

/** Reasons from here on are the peer's alerts (RFC 8446, 6). */
#define ALERT_BASE 1000

void
pflowi_tls_reason(char *out, size_t len)
{
	unsigned long error = ERR_get_error();
	const char *text = error == 0 ? NULL : ERR_reason_error_string(error);

	if (error != 0 && ERR_GET_LIB(error) == ERR_LIB_SYS)
		text = strerror(ERR_GET_REASON(error));
	pflowi_say(out, len, "%s", text == NULL ? "unknown error" : text);
	ERR_clear_error();
}

static void
explain_verdict(const struct pflowi_tls *t, char *out, size_t len)
{
	const struct pflowi_tls_verdict *v = &t->verdict;
	const char *reason = X509_verify_cert_error_string(v->error);
	const char *comma = v->detail[0] == '\0' ? "" : ", ";

	if (v->error == X509_V_ERR_HOSTNAME_MISMATCH ||
	    v->error == X509_V_ERR_IP_ADDRESS_MISMATCH)
		pflowi_say(out, len, "the certificate \"%s\" is not for %s: %s",
		    v->subject, t->names, v->detail);
	else if (strcmp(v->leaf, v->subject) != 0)
		pflowi_say(out, len,
		    "the certificate \"%s\" is refused for \"%s\" in its "
		    "chain: %s%s%s",
		    v->leaf, v->subject, reason, comma, v->detail);
	else
		pflowi_say(out, len,
		    "the certificate \"%s\", issued by \"%s\", is refused: "
		    "%s%s%s",
		    v->subject, v->issuer, reason, comma, v->detail);
}

/** Alerts that are about our certificate (RFC 8446, 6.2). */
static bool
is_about_us(int alert)
{
	return (alert >= SSL_AD_BAD_CERTIFICATE &&
		   alert <= SSL_AD_CERTIFICATE_UNKNOWN) ||
	    alert == SSL_AD_UNKNOWN_CA || alert == SSL_AD_ACCESS_DENIED ||
	    alert == SSL_AD_HANDSHAKE_FAILURE ||
	    alert == TLS13_AD_CERTIFICATE_REQUIRED ||
	    alert == SSL_AD_DECRYPT_ERROR;
}

static void
explain_alert(const struct pflowi_tls *t, int alert, char *out, size_t len)
{
	const char *text = SSL_alert_desc_string_long(alert);

	if (!is_about_us(alert))
		pflowi_say(out, len, "the collector refused: %s", text);
	else if (t->own[0] == '\0')
		pflowi_say(out, len,
		    "the collector refused: %s; we show no certificate "
		    "(tls-cert)",
		    text);
	else
		pflowi_say(out, len,
		    "the collector refused: %s; our certificate is \"%s\"",
		    text, t->own);
}

void
pflowi_tls_explain(struct pflowi_tls *t, char *out, size_t len)
{
	unsigned long error = ERR_peek_error();
	int reason = ERR_GET_REASON(error);
	char text[160];

	if (t->verdict.error != X509_V_OK)
		explain_verdict(t, out, len);
	else if (error != 0 && ERR_GET_LIB(error) == ERR_LIB_SSL &&
	    reason > ALERT_BASE)
		explain_alert(t, reason - ALERT_BASE, out, len);
	else if (error != 0 && reason == SSL_R_WRONG_VERSION_NUMBER)
		pflowi_say(out, len,
		    "what answers there speaks no TLS, or "
		    "none that we may use");
	else if (error != 0 && reason == SSL_R_UNEXPECTED_EOF_WHILE_READING)
		pflowi_say(out, len,
		    "the connection was cut off without an "
		    "end of the session (truncation)");
	else if (error != 0) {
		pflowi_tls_reason(text, sizeof(text));
		pflowi_say(out, len, "TLS: %s", text);
	} else if (t->bio_error != 0)
		pflowi_say(
		    out, len, "the session broke: %s", strerror(t->bio_error));
	else
		pflowi_say(out, len,
		    "the connection was cut off without an "
		    "end of the session (truncation)");
	ERR_clear_error();
}
