/* SPDX-License-Identifier: ISC */
#include <pflow/status.h>
#include <pflow/version.h>

const char *
pflow_status_text(int status)
{
	switch (status) {
#define TEXT(name, value, text)                                                \
	case PFLOW_##name:                                                     \
		return text;
		PFLOW_STATUS_LIST(TEXT)
#undef TEXT
	default:
		return "unknown status";
	}
}

const char *
pflow_status_name(int status)
{
	switch (status) {
#define NAME(name, value, text)                                                \
	case PFLOW_##name:                                                     \
		return "PFLOW_" #name;
		PFLOW_STATUS_LIST(NAME)
#undef NAME
	default:
		return "PFLOW_?";
	}
}

const char *
pflow_library_version(void)
{
	return PFLOW_LIBRARY_VERSION;
}
