// SPDX-License-Identifier: ISC
/*
 * Module parameters, at load and at run time. Each word that is written is
 * checked whole; a wrong one is refused and changes nothing.
 */
#include <linux/inet.h>
#include <linux/string.h>

#include "pflow_ct.h"

#define WORD_MAX 64 /* "[ipv6%scope]:port" */

/* The kernel holds the parameter lock of the module around get and set. */
static struct pflow_ct_settings present = {
	.version = 5, .domain = 42, .hold = 30, .mtu = 1500,
};
static bool in_force; /* false while the words of insmod are read */

/**
 * While nothing is exported, settings need not go together yet: the receiver
 * is the last word, and all of them are checked with it.
 */
static int
put_in_force(const struct pflow_ct_settings *wanted)
{
	int rc = in_force ? pflow_ct_export_set(wanted) : 0;

	if (rc == 0)
		present = *wanted;
	return rc;
}

int
pflow_ct_settings_begin(void)
{
	int rc;

	kernel_param_lock(THIS_MODULE);
	rc = pflow_ct_export_set(&present);
	in_force = rc == 0;
	kernel_param_unlock(THIS_MODULE);
	return rc;
}

/** "ADDR:PORT", "[ADDR]:PORT", or only ADDR where a port may be missing. */
static int
parse_address(const char *word, bool want_port, struct sockaddr_storage *ss)
{
	char text[WORD_MAX], *addr, *port = NULL, *end;

	memset(ss, 0, sizeof(*ss));
	if (strscpy(text, word, sizeof(text)) < 0)
		return -EINVAL;
	addr = strim(text);
	if (*addr == '\0')
		return 0;
	if (*addr == '[') {
		end = strchr(++addr, ']');
		if (end == NULL || (end[1] != ':' && end[1] != '\0'))
			return -EINVAL;
		port = end[1] == ':' ? end + 2 : NULL;
		*end = '\0';
	} else {
		end = strrchr(addr, ':');
		/* More than one colon: IPv6 without brackets, no port. */
		if (end != NULL && strchr(addr, ':') == end) {
			port = end + 1;
			*end = '\0';
		}
	}
	if (port == NULL && want_port)
		return -EINVAL;
	return inet_pton_with_scope(&init_net, AF_UNSPEC, addr, port, ss);
}

static int
print_address(const struct sockaddr_storage *ss, char *buf)
{
	if (ss->ss_family == 0)
		return scnprintf(buf, PAGE_SIZE, "\n");
	return scnprintf(buf, PAGE_SIZE, "%pISpc\n", ss);
}

static int
set_receiver(const char *word, const struct kernel_param *kp)
{
	struct pflow_ct_settings wanted = present;
	int rc = parse_address(word, true, &wanted.receiver);

	return rc != 0 ? rc : put_in_force(&wanted);
}

static int
set_source(const char *word, const struct kernel_param *kp)
{
	struct pflow_ct_settings wanted = present;
	int rc = parse_address(word, false, &wanted.source);

	return rc != 0 ? rc : put_in_force(&wanted);
}

static int
get_receiver(char *buf, const struct kernel_param *kp)
{
	return print_address(&present.receiver, buf);
}

static int
get_source(char *buf, const struct kernel_param *kp)
{
	return print_address(&present.source, buf);
}

/** A number, and where in the settings it stands. */
struct number {
	size_t at;
	unsigned int min, max;
};

static int
set_number(const char *word, const struct kernel_param *kp)
{
	const struct number *number = kp->arg;
	struct pflow_ct_settings wanted = present;
	unsigned int value;
	int rc = kstrtouint(word, 10, &value);

	if (rc != 0)
		return rc;
	if (value < number->min || value > number->max)
		return -ERANGE;
	memcpy((char *)&wanted + number->at, &value, sizeof(value));
	/* That v5 has no templates is left to the exporter to say. */
	if (wanted.version != 5 && wanted.version != 9 && wanted.version != 10)
		return -EINVAL;
	return put_in_force(&wanted);
}

static int
get_number(char *buf, const struct kernel_param *kp)
{
	const struct number *number = kp->arg;
	unsigned int value;

	memcpy(&value, (const char *)&present + number->at, sizeof(value));
	return scnprintf(buf, PAGE_SIZE, "%u\n", value);
}

static int
get_stats(char *buf, const struct kernel_param *kp)
{
	return pflow_ct_export_stats(buf, PAGE_SIZE);
}

#define OPS(name, setter, getter)                                              \
	static const struct kernel_param_ops name = {                          \
		.set = setter, .get = getter                                   \
	}
OPS(receiver_ops, set_receiver, get_receiver);
OPS(source_ops, set_source, get_source);
OPS(number_ops, set_number, get_number);
OPS(stats_ops, NULL, get_stats);

#define NUMBER(name, min, max, text)                                           \
	static struct number name##_number = {                                 \
		offsetof(struct pflow_ct_settings, name), min, max             \
	};                                                                     \
	module_param_cb(name, &number_ops, &name##_number, 0644);              \
	MODULE_PARM_DESC(name, text)

NUMBER(version, 5, 10, "5, 9 or 10 (NetFlow v5, v9, IPFIX); default 5");
NUMBER(domain, 0, U32_MAX, "Observation Domain ID; v5: engine type * 256 + "
    "engine id; default 42");
NUMBER(hold, 1, 3600, "seconds that a record may wait; default 30");
NUMBER(mtu, 152, 65535, "octets of an IP packet; default 1500");
NUMBER(extended, 0, 1, "1: send all that is known, not only pflow(4)'s fields");
NUMBER(nat, 0, 1, "1: NAT session records (RFC 8158) too");
module_param_cb(receiver, &receiver_ops, NULL, 0644);
MODULE_PARM_DESC(receiver, "ADDR:PORT or [ADDR]:PORT; empty: export nothing");
module_param_cb(source, &source_ops, NULL, 0644);
MODULE_PARM_DESC(source, "ADDR, ADDR:PORT or [ADDR]:PORT to send from");
module_param_cb(stats, &stats_ops, NULL, 0444);
MODULE_PARM_DESC(stats, "counters, \"name value\" lines (read only)");
