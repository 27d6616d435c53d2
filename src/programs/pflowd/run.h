/* SPDX-License-Identifier: ISC */
/* The service, from its configuration to its end. */
#ifndef PFLOWD_RUN_H
#define PFLOWD_RUN_H

struct pflowd_job {
	const char *file;     /**< of the configuration */
	const char *socket;   /**< for pflowctl */
	const char *pid_file; /**< NULL: none */
	int ready_fd;	      /**< pflowd_background_begin(); -1: foreground */
};

/** Run until the end is asked for. @return an exit code */
int pflowd_run(struct pflowd_job *job);

#endif /* PFLOWD_RUN_H */
