/* SPDX-License-Identifier: ISC */
/*
 * The peer: libfixbuf encodes the fields of template 256 through its public
 * API, records appended one by one and messages emitted into a file that is
 * thrown away.
 */
#include <stdio.h>
#include <string.h>

#include <fixbuf/public.h>

#include "bench.h"

#define RECORDS 200000

/* The fields of pflow(4)'s template 256, in its order. */
static fbInfoElementSpec_t spec[] = {
	{ (char *)"sourceIPv4Address", 4, 0 },
	{ (char *)"destinationIPv4Address", 4, 0 },
	{ (char *)"ingressInterface", 4, 0 },
	{ (char *)"egressInterface", 4, 0 },
	{ (char *)"packetDeltaCount", 8, 0 },
	{ (char *)"octetDeltaCount", 8, 0 },
	{ (char *)"flowStartMilliseconds", 8, 0 },
	{ (char *)"flowEndMilliseconds", 8, 0 },
	{ (char *)"sourceTransportPort", 2, 0 },
	{ (char *)"destinationTransportPort", 2, 0 },
	{ (char *)"ipClassOfService", 1, 0 },
	{ (char *)"protocolIdentifier", 1, 0 },
	FB_IESPEC_NULL
};

/* libfixbuf wants its internal layout without holes. */
struct __attribute__((packed)) record {
	uint32_t src, dst, in, out;
	uint64_t packets, octets, start_ms, end_ms;
	uint16_t sport, dport;
	uint8_t tos, protocol;
};

static double
run(const struct record *records)
{
	GError *err = NULL;
	fbInfoModel_t *model = fbInfoModelAlloc();
	fbSession_t *session = fbSessionAlloc(model);
	fbTemplate_t *tmpl = fbTemplateAlloc(model);
	fbExporter_t *exporter = fbExporterAllocFile("/dev/null");
	fBuf_t *buf;
	double t;
	int i;

	if (!fbTemplateAppendSpecArray(tmpl, spec, 0, &err) ||
	    fbSessionAddTemplate(session, TRUE, 256, tmpl, &err) == 0 ||
	    fbSessionAddTemplate(session, FALSE, 256, tmpl, &err) == 0) {
		fprintf(stderr, "libfixbuf: %s\n", err->message);
		exit(1);
	}
	buf = fBufAllocForExport(session, exporter);
	if (!fbSessionExportTemplates(session, &err) ||
	    !fBufSetInternalTemplate(buf, 256, &err) ||
	    !fBufSetExportTemplate(buf, 256, &err)) {
		fprintf(stderr, "libfixbuf: %s\n", err->message);
		exit(1);
	}
	t = bench_seconds();
	for (i = 0; i < RECORDS; i++) {
		if (!fBufAppend(buf, (uint8_t *)(uintptr_t)&records[i % 1024],
		    sizeof(records[0]), &err)) {
			fprintf(stderr, "libfixbuf: %s\n", err->message);
			exit(1);
		}
	}
	t = bench_seconds() - t;
	fBufFree(buf);
	fbInfoModelFree(model);
	return t / RECORDS;
}

int
main(void)
{
	static struct record records[1024];
	double taken[BENCH_RUNS];
	unsigned i;

	for (i = 0; i < 1024; i++) {
		records[i].src = i;
		records[i].packets = i + 1;
		records[i].octets = 1500 + i;
		records[i].protocol = 6;
	}
	for (i = 0; i < BENCH_RUNS; i++)
		taken[i] = run(records);
	printf("libfixbuf 256            %8.2f ns/record\n",
	    bench_median(taken, BENCH_RUNS) * 1e9);
	return 0;
}
