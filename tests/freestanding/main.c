/* SPDX-License-Identifier: ISC */
/*
 * A state goes through exporter and decoder and comes back, without any libc.
 * Returns 0, or the number of the step that failed.
 */
#include <pflow/pflow.h>

int program(void);

static uint8_t block[8 * 1600], store[4096];
static struct pflow_exporter exporter;
static struct pflow_decoder decoder;

static int
compare(void *arg, const struct pflow_state *st,
    const struct pflow_decoded_header *hdr)
{
	unsigned *seen = arg;

	(void)hdr;
	if (st->octets[0] == (*seen == 0 ? 1500u : 9000u) &&
	    st->key[0].port[*seen] == 49152)
		(*seen)++;
	return 0;
}

static int
round_trip(uint16_t version)
{
	static const uint8_t src[4] = { 192, 0, 2, 1 };
	static const uint8_t dst[4] = { 198, 51, 100, 2 };
	struct pflow_now now = { 1000000000u, 1700000000000000000u };
	struct pflow_exporter_config cfg;
	struct pflow_message msgs[8];
	struct pflow_state st;
	unsigned seen = 0;
	size_t i, n;

	pflow_exporter_config_init(&cfg);
	cfg.version = version;
	if (pflow_exporter_init(&exporter, &cfg, block, sizeof(block), now) != 0)
		return 1;
	pflow_state_init(&st);
	if (pflow_state_set_key(&st, PFLOW_AF_IPV4, src, 49152, dst, 443) != 0)
		return 2;
	st.protocol = 6;
	st.packets[0] = 10;
	st.octets[0] = 1500;
	st.packets[1] = 8;
	st.octets[1] = 9000;
	st.start_ns = st.last_ns = now.wall_ns;
	if (pflow_exporter_feed(&exporter, &st, now) != 0 ||
	    pflow_exporter_flush(&exporter, now) != 0)
		return 3;
	n = pflow_exporter_pending(&exporter, msgs, 8);
	pflow_decoder_init(&decoder, store, sizeof(store));
	for (i = 0; i < n; i++) {
		if (pflow_decoder_message(&decoder, msgs[i].data, msgs[i].len,
		    compare, &seen) != 0)
			return 4;
	}
	return seen == 2 ? 0 : 5;
}

int
program(void)
{
	int step = round_trip(5);

	return step != 0 ? step : round_trip(10);
}
