/*
 * sandbox_calls.c: what a process may ask of the kernel, by seccomp: see sandbox.h.
 *
 * The list is what glibc, libsodium and our own code need to read and write files and sockets that
 * are open, to open files, to have memory, to log and to end.  There is no call in it that makes a
 * socket, a process or code.
 */
#include "common/base/sandbox.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#else
#error "name this machine's AUDIT_ARCH here"
#endif

/* There only in builds with AddressSanitizer. */
extern void __asan_init(void) __attribute__((weak));

static const uint16_t ALLOWED[] = {
	SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_pread64, SYS_pwrite64, SYS_lseek,
	SYS_recvfrom, SYS_recvmsg, SYS_sendto, SYS_sendmsg, SYS_ppoll,
	SYS_openat, SYS_close, SYS_fstat, SYS_newfstatat, SYS_statx, SYS_fcntl, SYS_flock,
	SYS_fsync, SYS_fdatasync, SYS_ftruncate, SYS_renameat, SYS_renameat2, SYS_unlinkat,
	SYS_brk, SYS_munmap, SYS_mremap, SYS_madvise, SYS_mlock, SYS_munlock,
	SYS_getrandom, SYS_clock_gettime, SYS_clock_nanosleep, SYS_nanosleep, SYS_gettimeofday,
	SYS_futex, SYS_getpid, SYS_gettid, SYS_tgkill, SYS_rt_sigaction, SYS_rt_sigprocmask,
	SYS_rt_sigreturn, SYS_restart_syscall, SYS_exit, SYS_exit_group,
#ifdef SYS_open   /* older calls that this machine has beside the newer */
	SYS_open, SYS_stat, SYS_lstat, SYS_rename, SYS_unlink, SYS_poll, SYS_time,
#endif
};

/* Of these the third argument must not ask for memory that can be run. */
static const uint16_t UNLESS_EXEC[] = { SYS_mmap, SYS_mprotect };

enum {
	ALLOWED_LEN = sizeof(ALLOWED) / sizeof(ALLOWED[0]),
	UNLESS_LEN = sizeof(UNLESS_EXEC) / sizeof(UNLESS_EXEC[0]),
	FILTER_MAX = 4 + 2 * ALLOWED_LEN + 5 * UNLESS_LEN + 1
};

struct filter {
	struct sock_filter code[FILTER_MAX];
	uint16_t len;
};

static void put(struct filter *f, uint16_t code, uint32_t k, uint8_t yes, uint8_t no)
{
	f->code[f->len++] = (struct sock_filter){ .code = code, .jt = yes, .jf = no, .k = k };
}

static void load(struct filter *f, size_t offset)
{
	put(f, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void make(struct filter *f)
{
	const uint16_t equal = BPF_JMP | BPF_JEQ | BPF_K, any = BPF_JMP | BPF_JSET | BPF_K;
	const uint16_t end = BPF_RET | BPF_K;

	load(f, offsetof(struct seccomp_data, arch));
	put(f, equal, ARCH, 1, 0);
	put(f, end, SECCOMP_RET_KILL_PROCESS, 0, 0);
	load(f, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < ALLOWED_LEN; i++) {
		put(f, equal, ALLOWED[i], 0, 1);
		put(f, end, SECCOMP_RET_ALLOW, 0, 0);
	}
	for (size_t i = 0; i < UNLESS_LEN; i++) {
		put(f, equal, UNLESS_EXEC[i], 0, 4);
		load(f, offsetof(struct seccomp_data, args[2]));
		put(f, any, PROT_EXEC, 1, 0);
		put(f, end, SECCOMP_RET_ALLOW, 0, 0);
		put(f, end, SECCOMP_RET_KILL_PROCESS, 0, 0);
	}
	put(f, end, SECCOMP_RET_KILL_PROCESS, 0, 0);
}

enum status sandbox_calls(void)
{
	struct filter f = { .len = 0 };
	struct sock_fprog program;

	if (__asan_init != NULL)
		return ST_OK;
	make(&f);
	program = (struct sock_fprog){ .len = f.len, .filter = f.code };
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
		return ST_DENIED;
	return ST_OK;
}
