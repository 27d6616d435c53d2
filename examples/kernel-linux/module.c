// SPDX-License-Identifier: ISC
/* Life of the module. */
#include "pflow_ct.h"

static int __init
pflow_ct_begin(void)
{
	int rc = pflow_ct_export_init();

	if (rc != 0)
		return rc;
	rc = pflow_ct_settings_begin();
	if (rc == 0)
		rc = pflow_ct_watch();
	if (rc != 0)
		pflow_ct_export_exit();
	return rc;
}

static void __exit
pflow_ct_end(void)
{
	/* First no more feeds, then what they left is sent. */
	pflow_ct_unwatch();
	pflow_ct_export_exit();
}

module_init(pflow_ct_begin);
module_exit(pflow_ct_end);
MODULE_DESCRIPTION("ended connections of nf_conntrack as NetFlow v5 or IPFIX");
/* ISC; of the names that the loader knows, this is the one that says so. */
MODULE_LICENSE("Dual BSD/GPL");
