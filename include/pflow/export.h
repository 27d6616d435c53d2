/* SPDX-License-Identifier: ISC */
/*
 * PFLOW_API marks what the shared library exports; everything else is hidden.
 * PFLOW_BEGIN_DECLS/PFLOW_END_DECLS give C++ programs C linkage.
 */
#ifndef PFLOW_EXPORT_H
#define PFLOW_EXPORT_H

#if defined(__GNUC__)
#define PFLOW_API __attribute__((__visibility__("default")))
#else
#define PFLOW_API
#endif

/* <assert.h> is not a freestanding header. */
#ifdef __cplusplus
#define PFLOW_STATIC_ASSERT(cond, text) static_assert(cond, text)
#else
#define PFLOW_STATIC_ASSERT(cond, text) _Static_assert(cond, text)
#endif

#ifdef __cplusplus
#define PFLOW_BEGIN_DECLS extern "C" {
#define PFLOW_END_DECLS }
#else
#define PFLOW_BEGIN_DECLS
#define PFLOW_END_DECLS
#endif

#endif /* PFLOW_EXPORT_H */
