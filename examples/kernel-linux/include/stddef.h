/* SPDX-License-Identifier: ISC */
/* <stddef.h> as the codec needs it: size_t, NULL, offsetof(). */
#ifndef PFLOW_CT_STDDEF_H
#define PFLOW_CT_STDDEF_H

#include <linux/stddef.h>
#include <linux/types.h>

#endif /* PFLOW_CT_STDDEF_H */
