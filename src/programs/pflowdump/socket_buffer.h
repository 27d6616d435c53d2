/* SPDX-License-Identifier: ISC */
#ifndef PFLOWDUMP_SOCKET_BUFFER_H
#define PFLOWDUMP_SOCKET_BUFFER_H

/** Ask for a receive buffer of so many octets; take what the system gives. */
void pflowdump_socket_buffer(int fd, int octets);

#endif /* PFLOWDUMP_SOCKET_BUFFER_H */
