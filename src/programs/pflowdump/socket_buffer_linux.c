/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>

#include "programs/pflowdump/socket_buffer.h"

void
pflowdump_socket_buffer(int fd, int octets)
{
	/* With CAP_NET_ADMIN beyond net.core.rmem_max, else up to it. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &octets,
	    sizeof(octets)) == -1)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &octets,
		    sizeof(octets));
}
