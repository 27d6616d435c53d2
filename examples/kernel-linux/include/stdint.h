/* SPDX-License-Identifier: ISC */
/* <stdint.h> as the codec needs it, made of what the kernel has. */
#ifndef PFLOW_CT_STDINT_H
#define PFLOW_CT_STDINT_H

#include <linux/limits.h>
#include <linux/types.h>

#ifndef UINT16_MAX
#define UINT16_MAX U16_MAX
#endif
#ifndef UINT32_MAX
#define UINT32_MAX U32_MAX
#endif
#ifndef UINT64_MAX
#define UINT64_MAX U64_MAX
#endif
#ifndef UINT64_C
#define UINT64_C(x) x##ULL
#endif

#endif /* PFLOW_CT_STDINT_H */
