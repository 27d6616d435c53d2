/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <linux/sockios.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "core/port.h"
#include "programs/pflowd/sandbox.h"

const char *const pflowd_sandbox_name = "seccomp";

/** On descriptors that are there, with memory, time and threads. What a
 *  machine does not have, libseccomp leaves out. */
static const int allowed[] = { SCMP_SYS(read), SCMP_SYS(readv),
	SCMP_SYS(pread64), SCMP_SYS(write), SCMP_SYS(writev),
	SCMP_SYS(pwrite64), SCMP_SYS(close), SCMP_SYS(fstat),
	SCMP_SYS(fstat64), SCMP_SYS(newfstatat), SCMP_SYS(fstatat64),
	SCMP_SYS(statx), SCMP_SYS(lseek), SCMP_SYS(_llseek),
	SCMP_SYS(ftruncate), SCMP_SYS(ftruncate64), SCMP_SYS(fsync),
	SCMP_SYS(fdatasync), SCMP_SYS(fcntl), SCMP_SYS(fcntl64),
	SCMP_SYS(dup), SCMP_SYS(sendto), SCMP_SYS(sendmsg),
	SCMP_SYS(sendmmsg), SCMP_SYS(recvfrom), SCMP_SYS(recvmsg),
	SCMP_SYS(recvmmsg), SCMP_SYS(recvmmsg_time64), SCMP_SYS(accept4),
	SCMP_SYS(accept), SCMP_SYS(getsockopt), SCMP_SYS(setsockopt),
	SCMP_SYS(getsockname), SCMP_SYS(getpeername), SCMP_SYS(shutdown),
	SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(ppoll_time64),
	SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk),
	SCMP_SYS(futex), SCMP_SYS(futex_time64), SCMP_SYS(sched_yield),
	SCMP_SYS(sched_getaffinity), SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq), SCMP_SYS(clock_gettime), SCMP_SYS(clock_gettime64),
	SCMP_SYS(clock_getres), SCMP_SYS(clock_nanosleep),
	SCMP_SYS(clock_nanosleep_time64), SCMP_SYS(nanosleep),
	SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(getrandom),
	SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getuid),
	SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getegid),
	SCMP_SYS(uname), SCMP_SYS(sysinfo), SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sigreturn), SCMP_SYS(sigaltstack),
	SCMP_SYS(restart_syscall), SCMP_SYS(tgkill), SCMP_SYS(exit),
	SCMP_SYS(exit_group) };

/** Questions about interfaces and queues. */
static const unsigned long ioctls[] = { FIONREAD, FIONBIO, SIOCOUTQ,
	SIOCGIFINDEX, SIOCGIFNAME, SIOCGIFFLAGS, SIOCGIFMTU };

/** What asking for a name needs not, and an intruder would. */
static const int denied[] = { SCMP_SYS(execve), SCMP_SYS(execveat),
	SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev), SCMP_SYS(kill), SCMP_SYS(tkill),
	SCMP_SYS(fork), SCMP_SYS(vfork), SCMP_SYS(mount), SCMP_SYS(unshare),
	SCMP_SYS(setns), SCMP_SYS(chroot), SCMP_SYS(bpf),
	SCMP_SYS(perf_event_open), SCMP_SYS(keyctl), SCMP_SYS(add_key),
	SCMP_SYS(request_key), SCMP_SYS(userfaultfd), SCMP_SYS(init_module),
	SCMP_SYS(finit_module), SCMP_SYS(listen), SCMP_SYS(unlink),
	SCMP_SYS(unlinkat), SCMP_SYS(rename), SCMP_SYS(renameat),
	SCMP_SYS(renameat2), SCMP_SYS(mkdir), SCMP_SYS(mkdirat),
	SCMP_SYS(chmod), SCMP_SYS(fchmodat), SCMP_SYS(symlink),
	SCMP_SYS(symlinkat), SCMP_SYS(link), SCMP_SYS(linkat),
	SCMP_SYS(io_uring_setup) };

static int
add_all(scmp_filter_ctx ctx, uint32_t action, const int *calls, size_t count)
{
	int rc = 0;
	size_t i;

	for (i = 0; i < count && rc == 0; i++)
		rc = seccomp_rule_add(ctx, action, calls[i], 0);
	return rc;
}

/** Calls whose arguments decide. */
static int
add_chosen(scmp_filter_ctx ctx)
{
	static const int maps[] = { SCMP_SYS(mmap), SCMP_SYS(mmap2),
		SCMP_SYS(mprotect) };
	int rc = 0;
	size_t i;

	/* No memory becomes a program. */
	for (i = 0; i < PFLOWI_ARRAY_LEN(maps) && rc == 0; i++)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, maps[i], 1,
		    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	for (i = 0; i < PFLOWI_ARRAY_LEN(ioctls) && rc == 0; i++)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
		    SCMP_A1(SCMP_CMP_EQ, ioctls[i], 0));
	/* A thread that waits for the resolver, and its answer. */
	if (rc == 0)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
		    SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
	/* Its arguments cannot be seen; libc falls back to clone(2). */
	if (rc == 0)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS),
		    SCMP_SYS(clone3), 0);
	if (rc == 0)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW,
		    SCMP_SYS(socketpair), 1,
		    SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0));
	/* Limits of its own are read, for the stack of a thread. */
	if (rc == 0)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW,
		    SCMP_SYS(prlimit64), 2, SCMP_A0(SCMP_CMP_EQ, 0, 0),
		    SCMP_A2(SCMP_CMP_EQ, 0, 0));
	return rc;
}

static bool
told(int rc, char *err, size_t err_len)
{
	if (rc == 0)
		return true;
	(void)snprintf(err, err_len, "seccomp: %s", strerror(-rc));
	return false;
}

bool
pflowd_sandbox_worker(char *err, size_t err_len)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int rc = ctx == NULL ? -ENOMEM : 0;

	if (rc == 0)
		rc = add_all(ctx, SCMP_ACT_ALLOW, allowed,
		    PFLOWI_ARRAY_LEN(allowed));
	if (rc == 0)
		rc = add_chosen(ctx);
	if (rc == 0)
		rc = seccomp_load(ctx);
	seccomp_release(ctx);
	return told(rc, err, err_len);
}

bool
pflowd_sandbox_resolver(char *err, size_t err_len)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	int rc = ctx == NULL ? -ENOMEM : 0;

	if (rc == 0)
		rc = add_all(ctx, SCMP_ACT_ERRNO(EPERM), denied,
		    PFLOWI_ARRAY_LEN(denied));
	if (rc == 0)
		rc = seccomp_load(ctx);
	seccomp_release(ctx);
	return told(rc, err, err_len);
}
