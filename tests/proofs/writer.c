/* SPDX-License-Identifier: ISC */
/* The contracts of writer.h, of its functions themselves. */
#include "proofs/writer.h"
