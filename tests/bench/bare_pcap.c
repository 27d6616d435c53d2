/* SPDX-License-Identifier: ISC */
/* A pcap_dispatch() loop that looks at nothing: what libpcap alone costs. */
#include <pcap/pcap.h>
#include <stdio.h>

static void
take(u_char *arg, const struct pcap_pkthdr *h, const u_char *octets)
{
	(void)octets;
	*(unsigned long *)(void *)arg += h->len;
}

int
main(int argc, char **argv)
{
	char err[PCAP_ERRBUF_SIZE];
	unsigned long octets = 0;
	pcap_t *p;

	if (argc != 2)
		return 2;
	p = pcap_open_offline(argv[1], err);
	if (p == NULL) {
		fprintf(stderr, "%s\n", err);
		return 1;
	}
	while (pcap_dispatch(p, 1000, take, (u_char *)&octets) > 0)
		;
	printf("%lu\n", octets);
	pcap_close(p);
	return 0;
}
