/* SPDX-License-Identifier: ISC */
/* The contracts of reader.h, of its functions themselves. */
#include "proofs/reader.h"
