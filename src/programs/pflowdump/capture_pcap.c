/* SPDX-License-Identifier: ISC */
/* Captures of exported datagrams, through libpcap. */
#include <pcap/pcap.h>
#include <string.h>

#include <pflow/wire.h>

#include "programs/common/note.h"
#include "programs/common/stop.h"
#include "programs/pflowdump/dump.h"
#include "programs/pflowdump/payload.h"

#define NETFLOW_V9 9

const char *
pflowdump_capture_version(void)
{
	return pcap_lib_version();
}

static bool
find_link(int dlt, enum pflowdump_link *link)
{
	static const struct {
		int dlt;
		enum pflowdump_link link;
	} known[] = { { DLT_EN10MB, PFLOWDUMP_LINK_ETHERNET },
		{ DLT_LINUX_SLL, PFLOWDUMP_LINK_SLL },
		{ DLT_LINUX_SLL2, PFLOWDUMP_LINK_SLL2 },
		{ DLT_NULL, PFLOWDUMP_LINK_NULL },
		{ DLT_LOOP, PFLOWDUMP_LINK_NULL },
		{ DLT_RAW, PFLOWDUMP_LINK_RAW },
		{ DLT_IPV4, PFLOWDUMP_LINK_RAW },
		{ DLT_IPV6, PFLOWDUMP_LINK_RAW } };
	size_t i;

	for (i = 0; i < PFLOWI_ARRAY_LEN(known); i++)
		if (known[i].dlt == dlt) {
			*link = known[i].link;
			return true;
		}
	return false;
}

/** Of all datagrams, those that begin as a message does. */
static void
take_frame(struct pflowdump *d, enum pflowdump_link link, const uint8_t *frame,
    size_t len)
{
	struct pflowdump_ends ends;
	const uint8_t *data;
	size_t data_len;
	uint16_t version;

	switch (pflowdump_payload(link, frame, len, &ends, &data, &data_len)) {
	case PFLOWDUMP_NOT_UDP:
		d->not_udp++;
		return;
	case PFLOWDUMP_FRAGMENT:
		d->fragments++;
		return;
	case PFLOWDUMP_CUT_SHORT:
		d->cut_short++;
		return;
	case PFLOWDUMP_DATAGRAM:
		break;
	}
	version = data_len < 2 ? 0 : pflow_wire_u16(data);
	if (version == PFLOW_WIRE_V5_VERSION || version == NETFLOW_V9 ||
	    version == PFLOW_WIRE_IPFIX_VERSION)
		(void)pflowdump_message(d, &ends, data, data_len);
	else
		d->not_netflow++;
}

static int
read_capture(struct pflowdump *d, pcap_t *pcap, const char *path)
{
	enum pflowdump_link link;
	struct pcap_pkthdr *head;
	const u_char *frame;
	int rc = 0;

	if (!find_link(pcap_datalink(pcap), &link)) {
		pflowi_note("%s: link type %s is not read here, expected "
		    "Ethernet, Linux cooked, null or raw IP", path,
		    pcap_datalink_val_to_name(pcap_datalink(pcap)) == NULL
			? "unknown"
			: pcap_datalink_val_to_name(pcap_datalink(pcap)));
		return PFLOWI_EXIT_FAILED;
	}
	while (!d->done && !pflowi_stop_wanted() &&
	    (rc = pcap_next_ex(pcap, &head, &frame)) == 1)
		take_frame(d, link, frame, head->caplen);
	if (rc != PCAP_ERROR)
		return PFLOWI_EXIT_OK;
	pflowi_note("%s: %s", path, pcap_geterr(pcap));
	return PFLOWI_EXIT_FAILED;
}

int
pflowdump_capture(struct pflowdump *d, FILE *file, const char *path)
{
	char err[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_fopen_offline(file, err);
	int code;

	if (pcap == NULL) {
		pflowi_note("%s: neither NetFlow v5, IPFIX nor a capture: %s",
		    path, err);
		(void)fclose(file);
		return PFLOWI_EXIT_FAILED;
	}
	code = read_capture(d, pcap, path);
	pcap_close(pcap);
	return code;
}
