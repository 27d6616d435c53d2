/* SPDX-License-Identifier: ISC */
#include <pflow/element.h>
#include <pflow/wire.h>

#include "core/elements.h"
#include "core/port.h"

static const struct pflow_element elements[] = {
#define ELEMENT(id, name, type, octets, units, semantics)                      \
	{ id, octets, PFLOW_TYPE_##type, PFLOW_UNITS_##units,                  \
		PFLOW_SEMANTICS_##semantics, #name },
	PFLOWI_ELEMENT_LIST(ELEMENT)
#undef ELEMENT
};

const struct pflow_element *
pflow_elements(size_t *count)
{
	*count = PFLOWI_ARRAY_LEN(elements);
	return elements;
}

const struct pflow_element *
pflow_element_by_id(uint16_t id)
{
	size_t low = 0, high = PFLOWI_ARRAY_LEN(elements);

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (elements[mid].id == id)
			return &elements[mid];
		if (elements[mid].id < id)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

const struct pflow_element *
pflow_element_by_name(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < PFLOWI_ARRAY_LEN(elements); i++) {
		if (len < sizeof(elements[i].name) &&
		    elements[i].name[len] == '\0' &&
		    memcmp(elements[i].name, name, len) == 0)
			return &elements[i];
	}
	return NULL;
}

int
pflow_element_fits(const struct pflow_element *element, uint16_t octets)
{
	switch (element->type) {
	case PFLOW_TYPE_OCTETS:
	case PFLOW_TYPE_STRING:
		return octets > 0;
	case PFLOW_TYPE_UNSIGNED8:
	case PFLOW_TYPE_UNSIGNED16:
	case PFLOW_TYPE_UNSIGNED32:
	case PFLOW_TYPE_UNSIGNED64:
	case PFLOW_TYPE_UNSIGNED256:
	case PFLOW_TYPE_SIGNED8:
	case PFLOW_TYPE_SIGNED16:
	case PFLOW_TYPE_SIGNED32:
	case PFLOW_TYPE_SIGNED64:
		return octets > 0 && octets <= element->octets;
	case PFLOW_TYPE_FLOAT64:
		return octets == 8 || octets == 4;
	default:
		return octets == element->octets;
	}
}
