/* SPDX-License-Identifier: ISC */
/*
 * What sources and transports ask of the system, for programs that gave up
 * the right to ask themselves: one that kept it answers in their place.
 */
#ifndef PFLOW_SYSTEM_H
#define PFLOW_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pflow/export.h>

PFLOW_BEGIN_DECLS

#define PFLOW_DEVICE_LEN 64 /**< name of an interface or VRF, terminated */

/** An IP address. */
struct pflow_address {
	uint8_t version;    /**< 4 or 6 */
	uint8_t octets[16]; /**< the first 4 or all */
	uint32_t scope;	    /**< index of the interface of a link-local one */
};

/** A socket to a collector. */
struct pflow_socket_wish {
	bool stream;		       /**< TCP, else UDP */
	bool connected;		       /**< else it is only tried out */
	bool bound;		       /**< source and source_port are set */
	struct pflow_address to;
	struct pflow_address source;
	uint16_t to_port;
	uint16_t source_port;	       /**< 0: any */
	char device[PFLOW_DEVICE_LEN]; /**< "": none */
	uint32_t socket_buffer;	       /**< as pflow_transport_config's */
	uint8_t ttl;
	int8_t dscp;
};

/** What a file is opened for. */
enum pflow_file_use {
	PFLOW_FILE_READ,
	PFLOW_FILE_BEGIN, /**< written, and emptied before; also a pipe */
	PFLOW_FILE_GO_ON  /**< read, and written at its end; no pipe */
};

/** Members that are NULL: it is done without help. */
struct pflow_system {
	size_t struct_size; /**< sizeof(struct pflow_system) */
	void *arg;	    /**< of all functions */

	/**
	 * Open a file; one that is written is made if need be.
	 *
	 * @return a descriptor, or a negative errno
	 */
	int (*open_file)(void *arg, const char *path,
	    enum pflow_file_use use);

	/**
	 * Rename a file that is full; see pflow_file_set_aside() in
	 * <pflow/transports.h>.
	 *
	 * @return 0, or a negative errno
	 */
	int (*set_aside)(void *arg, const char *path, uint64_t wall_ns);

	/**
	 * Make a socket that is connected, or on its way; see
	 * pflow_socket_open() in <pflow/transports.h>.
	 *
	 * @return a descriptor, or a negative errno
	 */
	int (*open_socket)(void *arg, const struct pflow_socket_wish *wish);

	/**
	 * Find the addresses of a host. May wait; called from a thread of its
	 * own, several at once.
	 *
	 * @param version  4, 6; 0: either
	 * @return how many of out are filled; 0: none, err says why
	 */
	size_t (*lookup)(void *arg, const char *host, unsigned version,
	    struct pflow_address *out, size_t max, char *err, size_t err_len);
};

PFLOW_END_DECLS

#endif /* PFLOW_SYSTEM_H */
