/* SPDX-License-Identifier: ISC */
/*
 * sandbox_probe USER: gives up what pflowd's worker gives up, with the same
 * code, then tries what an intruder would. Each attempt is a line: what it
 * was, and "done" or the name of the error.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pflow/status.h>

#include "programs/pflowd/jail.h"
#include "programs/pflowd/sandbox.h"

static int exchange[2]; /* a socket that was there before */

static void
tell(const char *what, long rc)
{
	char line[128];
	int len = snprintf(line, sizeof(line), "%s: %s\n", what, rc != -1
	    ? "done" : strerror(errno));

	if (write(STDOUT_FILENO, line, (size_t)len) != len)
		_exit(1);
}

static void
try_files(void)
{
	static char name[] = "/bin/true";
	char *const argv[] = { name, NULL };

	tell("open for reading", open("/etc/passwd", O_RDONLY));
	tell("open for writing", open("x", O_WRONLY | O_CREAT, 0600));
	tell("openat from the root", openat(AT_FDCWD, "/", O_RDONLY));
	tell("unlink", unlink("/x"));
	tell("mkdir", mkdir("/x", 0700));
	tell("chroot", chroot("/"));
	tell("execve", execv(name, argv));
}

static void
try_sockets(void)
{
	struct sockaddr_in any;
	int other = dup(exchange[0]);

	memset(&any, 0, sizeof(any));
	any.sin_family = AF_INET;
	any.sin_port = htons(1);
	tell("udp socket", socket(AF_INET, SOCK_DGRAM, 0));
	tell("tcp socket", socket(AF_INET6, SOCK_STREAM, 0));
	tell("raw socket", socket(AF_INET, SOCK_RAW, IPPROTO_UDP));
	tell("packet socket", socket(17 /* AF_PACKET */, SOCK_RAW, 0));
	tell("netlink socket", socket(16 /* AF_NETLINK */, SOCK_RAW, 0));
	tell("unix socket", socket(AF_UNIX, SOCK_STREAM, 0));
	tell("bind", bind(other, (struct sockaddr *)&any, sizeof(any)));
	tell("connect", connect(other, (struct sockaddr *)&any, sizeof(any)));
	tell("listen", listen(other, 1));
}

static void
try_others(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	tell("fork", pid);
	tell("become root", setuid(0));
	tell("kill the parent", kill(getppid(), SIGTERM));
	tell("ptrace", ptrace(PTRACE_TRACEME, 0, NULL, NULL));
	tell("memory that runs", mmap(NULL, 4096, PROT_READ | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0);
}

static void *
thread_main(void *arg)
{
	return arg;
}

/** What the work needs. */
static void
try_work(void)
{
	pthread_t thread;
	int fds[2];
	char c;

	tell("write to a socket", write(exchange[0], "x", 1));
	tell("read from a socket", read(exchange[1], &c, 1));
	tell("a pair for the resolver", socketpair(AF_UNIX, SOCK_SEQPACKET, 0,
	    fds));
	errno = pthread_create(&thread, NULL, thread_main, NULL);
	tell("a thread", errno == 0 ? pthread_join(thread, NULL) : -1);
}

int
main(int argc, char **argv)
{
	struct pflowd_service service;
	struct pflowi_problem problem;
	struct pflowd_jail jail;
	char err[200];
	unsigned line;

	pflowd_service_init(&service);
	if (argc > 1)
		(void)snprintf(service.user, sizeof(service.user), "%s",
		    argv[1]);
	if (pflowd_jail_find(&service, &jail, &line, &problem) != PFLOW_OK) {
		(void)fprintf(stderr, "%s\n", problem.text);
		return 1;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, exchange) == -1 ||
	    !pflowd_jail_enter(&jail, true, err, sizeof(err)) ||
	    !pflowd_sandbox_worker(err, sizeof(err))) {
		(void)fprintf(stderr, "%s\n", err);
		return 1;
	}
	tell(pflowd_sandbox_name, 0);
	try_work();
	try_files();
	try_sockets();
	try_others();
	_exit(0);
}
