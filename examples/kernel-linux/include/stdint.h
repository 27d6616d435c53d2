/* SPDX-License-Identifier: ISC */
/* <stdint.h> made of what the kernel has. */
#ifndef PFLOW_CT_STDINT_H
#define PFLOW_CT_STDINT_H

#include <linux/limits.h>
#include <linux/types.h>

#undef UINT8_MAX
#undef UINT16_MAX
#undef UINT32_MAX
#undef UINT64_MAX
#define UINT8_MAX U8_MAX
#define UINT16_MAX U16_MAX
#define UINT32_MAX U32_MAX
#define UINT64_MAX U64_MAX

#define INT8_MIN S8_MIN
#define INT16_MIN S16_MIN
#define INT32_MIN S32_MIN
#define INT64_MIN S64_MIN
#define INT8_MAX S8_MAX
#define INT16_MAX S16_MAX
#define INT32_MAX S32_MAX
#define INT64_MAX S64_MAX

/* The kernel's 64-bit types are long long on every machine. */
#define INT8_C(x) x
#define INT16_C(x) x
#define INT32_C(x) x
#define INT64_C(x) x##LL
#define UINT8_C(x) x
#define UINT16_C(x) x
#define UINT32_C(x) x##U
#define UINT64_C(x) x##ULL

#endif /* PFLOW_CT_STDINT_H */
