/* SPDX-License-Identifier: ISC */
#include "core/bytes.h"
#include "transport/sctp.h"

#define IPFIX 10
#define MESSAGE_HEADER 16u
#define SET_HEADER 4u
#define DATA_SET_MIN 256 /* RFC 7011, 3.3.2 */

bool
pflowi_sctp_is_data_only(const struct pflow_message *msg)
{
	size_t at = MESSAGE_HEADER, len;

	if (msg->len < MESSAGE_HEADER || pflowi_get_be16(msg->data) != IPFIX)
		return false;
	while (msg->len - at >= SET_HEADER) {
		if (pflowi_get_be16(msg->data + at) < DATA_SET_MIN)
			return false;
		len = pflowi_get_be16(msg->data + at + 2);
		if (len < SET_HEADER || len > msg->len - at)
			return false;
		at += len;
	}
	return at == msg->len && at > MESSAGE_HEADER;
}
