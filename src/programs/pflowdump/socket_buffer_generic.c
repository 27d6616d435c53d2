/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>

#include "programs/pflowdump/socket_buffer.h"

/** Below this, nobody is better off. */
#define LEAST (64 << 10)

void
pflowdump_socket_buffer(int fd, int octets)
{
	/* The BSDs refuse what is over their limit instead of clamping. */
	for (; octets >= LEAST; octets /= 2)
		if (setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &octets,
		    sizeof(octets)) == 0)
			return;
}
