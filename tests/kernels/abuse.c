/* What a careless or hostile reader of the kernel module does: consumers that come and go, a reader that is killed, CPUs that go and come, ioctls,
 * mappings and system calls, also of 32-bit callers, with numbers that make no sense. The kernel must live on, and refuse what the interface refuses. Prints what is wrong;
 * its exit status is 1 then. It runs in a machine of its own (kmod.sh). */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SCAP_IO(n) _IO('s', n)
#define BYTES (1UL << 20)
#define CPUS_MAX 64

static int wrong;

static void check(int fine, const char *what)
{
	if (!fine) {
		printf("FAILED: %s (%s)\n", what, strerror(errno));
		wrong = 1;
	}
}

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	if (fd >= 0) {
		if (write(fd, text, strlen(text)) < 0) {
		}
		close(fd);
	}
}

struct info {
	volatile uint32_t head, tail;
	volatile uint64_t n_evts;
};

struct reader {
	int n, fds[CPUS_MAX];
	char *data[CPUS_MAX];
	struct info *info[CPUS_MAX];
};

/* Opens the devices of all CPUs and selects everything. */
static int reader_open(struct reader *r)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF);
	r->n = 0;
	for (long cpu = 0; cpu < cpus && cpu < CPUS_MAX; cpu++) {
		char path[32];
		snprintf(path, sizeof(path), "/dev/scap%ld", cpu);
		int fd = open(path, O_RDWR | O_SYNC);
		if (fd < 0 && errno == ENODEV)
			continue;
		if (fd < 0)
			return -1;
		r->fds[r->n] = fd;
		r->data[r->n] = mmap(NULL, 2 * BYTES, PROT_READ, MAP_SHARED, fd, 0);
		r->info[r->n] = mmap(NULL, sizeof(struct info), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (r->data[r->n] == MAP_FAILED || r->info[r->n] == MAP_FAILED)
			return -1;
		r->n++;
	}
	for (int nr = 0; nr < 512; nr++)
		if (ioctl(r->fds[0], SCAP_IO(29), nr))
			return -1;
	for (int tp = 0; tp < 9; tp++)
		if (ioctl(r->fds[0], SCAP_IO(31), tp))
			return -1;
	return 0;
}

static void reader_close(struct reader *r)
{
	for (int i = 0; i < r->n; i++) {
		munmap(r->data[i], 2 * BYTES);
		munmap((void *)r->info[i], sizeof(struct info));
		close(r->fds[i]);
	}
}

static pid_t in_child(void (*body)(void))
{
	pid_t pid = fork();
	if (pid == 0) {
		body();
		_exit(wrong);
	}
	return pid;
}

static void child(void (*body)(void))
{
	int status = 0;
	pid_t pid = in_child(body);
	waitpid(pid, &status, 0);
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		wrong = 1;
}

/* Waits for a child that a signal may have stopped instead of ending it, as one that made itself traced. */
static void reap(pid_t pid)
{
	int status;
	while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status))
		kill(pid, SIGKILL);
}

/* Calls that make events, for a while. */
static void load(void)
{
	time_t end = time(NULL) + 2;
	do {
		close(open("/no/such/file", O_RDONLY));
		pid_t pid = fork();
		if (pid == 0)
			_exit(0);
		waitpid(pid, NULL, 0);
	} while (time(NULL) < end);
}

/* What the interface refuses. */
static void refusals(void)
{
	struct reader r;
	check(!reader_open(&r), "opening the devices");
	check(open("/dev/scap0", O_RDWR) < 0 && errno == EBUSY, "a ring is opened twice");
	check(mmap(NULL, 2 * BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, r.fds[0], 0) == MAP_FAILED && errno == EIO, "a buffer can be written");
	check(mprotect(r.data[0], 2 * BYTES, PROT_READ | PROT_WRITE) < 0, "a buffer can be made writable");
	check(mmap(NULL, BYTES, PROT_READ, MAP_SHARED, r.fds[0], 0) == MAP_FAILED && errno == EIO, "half a buffer is mapped");
	check(ioctl(r.fds[0], SCAP_IO(29), 512) < 0 && errno == EINVAL, "system call 512");
	check(ioctl(r.fds[0], SCAP_IO(31), 9) < 0 && errno == EINVAL, "tracepoint 9");
	check(ioctl(r.fds[0], SCAP_IO(4), 65001) < 0 && errno == EINVAL, "a snaplen of 65001");
	check(ioctl(r.fds[0], SCAP_IO(3), 3) < 0 && errno == EINVAL, "a sampling ratio of 3");
	check(ioctl(r.fds[0], SCAP_IO(99), 0) < 0 && errno == ENOTTY, "an unknown ioctl");
	check(ioctl(r.fds[0], SCAP_IO(12), 0) == getpid(), "the current thread");
	reader_close(&r);
}

static void one_reader(void)
{
	struct reader r;
	check(!reader_open(&r), "opening the devices by one of five consumers");
	load();
	uint64_t events = 0;
	for (int i = 0; i < r.n; i++)
		events += r.info[i]->n_evts;
	check(events > 0, "events of one of five consumers");
	reader_close(&r);
}

/* Five consumers at once; a sixth is refused. One of them is killed. */
static void consumers(void)
{
	pid_t pids[5];
	for (int i = 0; i < 5; i++)
		pids[i] = in_child(one_reader);
	sleep(1);
	check(open("/dev/scap0", O_RDWR) < 0 && errno == EBUSY, "a sixth consumer");
	kill(pids[0], SIGKILL);
	for (int i = 0; i < 5; i++) {
		int status;
		waitpid(pids[i], &status, 0);
		if (i > 0 && status)
			wrong = 1;
	}
}

/* A CPU goes and comes while events are made; what happens on it afterwards is still reported. */
static void hotplug(void)
{
	struct reader r;
	check(!reader_open(&r), "opening the devices before a CPU goes");
	pid_t worker = in_child(load);
	for (int i = 0; i < 5; i++) {
		write_text("/sys/devices/system/cpu/cpu1/online", "0");
		write_text("/sys/devices/system/cpu/cpu1/online", "1");
	}
	waitpid(worker, NULL, 0);
	reader_close(&r);
	write_text("/sys/devices/system/cpu/cpu1/online", "0");
	check(open("/dev/scap1", O_RDWR) < 0 && errno == ENODEV, "the device of a CPU that is offline");
	check(!reader_open(&r), "opening the devices while a CPU is offline");
	write_text("/sys/devices/system/cpu/cpu1/online", "1");
	uint64_t before = r.info[0]->n_evts;
	load();
	check(r.info[0]->n_evts > before, "events of a CPU that came later");
	reader_close(&r);
}

static uint64_t state = 88172645463325252ULL;
static uint64_t random_number(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	return state ^= state << 17;
}

/* A number as bad callers pass them. */
static uint64_t bad(void)
{
	switch (random_number() % 6) {
	case 0: return random_number() % 600;
	case 1: return random_number();
	case 2: return (uint64_t)-(int64_t)(random_number() % 4096);
	case 3: return 0xffff800000000000ULL + (random_number() & 0xffffffffff);
	case 4: return (uint64_t)(uintptr_t)&state & ~7ULL;
	default: return 1ULL << (random_number() % 64);
	}
}

/* A system call of a 32-bit caller. Its memory is below 4 GiB. */
static void call32(uint32_t number, const uint32_t *args)
{
#if defined(__x86_64__)
	uint64_t result = number;
	uint64_t bp = args[5];
	__asm__ volatile("push %%rbp\n\tmov %[bp], %%rbp\n\tint $0x80\n\tpop %%rbp"
			 : "+a"(result)
			 : "b"((uint64_t)args[0]), "c"((uint64_t)args[1]), "d"((uint64_t)args[2]), "S"((uint64_t)args[3]), "D"((uint64_t)args[4]), [bp] "r"(bp)
			 : "memory", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15");
#else
	(void)number, (void)args;
#endif
}

/* The same calls by the numbers of 32-bit callers, with socketcall and ipc, whose arguments are in memory, and numbers that are none. */
static void absurd32(uint32_t *memory)
{
	static const uint32_t calls[] = { 3, 4, 5, 9, 11, 14, 26, 54, 55, 85, 92, 102, 102, 102, 117, 131, 142, 145, 146, 168, 191, 240, 288,
					  295, 303, 328, 331, 337, 340, 342, 345, 353, 355, 357, 358, 359, 362, 364, 366, 369, 370, 371, 372, 425, 431, 437,
					  450000, 0x40000000, 0xffffffff };
	uint32_t args[6];
	for (int i = 0; i < 6; i++) {
		memory[random_number() % 1024] = bad();
		args[i] = random_number() % 3 ? (uint32_t)bad() : (uint32_t)(uintptr_t)memory + random_number() % 4096;
	}
	uint32_t number = calls[random_number() % (sizeof(calls) / sizeof(*calls))];
	if (number == 102)
		args[0] = random_number() % 24;
	call32(number, args);
}

/* Absurd ioctls and positions, and system calls with absurd arguments that cannot end this process or machine. */
static void absurd(void)
{
	static const int calls[] = { SYS_read, SYS_write, SYS_open, SYS_openat, SYS_readv, SYS_writev, SYS_poll, SYS_sendto, SYS_recvfrom,
				     SYS_sendmsg, SYS_recvmsg, SYS_connect, SYS_bind, SYS_socketpair, SYS_getsockopt, SYS_setsockopt, SYS_ptrace,
				     SYS_quotactl, SYS_keyctl, SYS_sendmmsg, SYS_recvmmsg, SYS_execve, SYS_execveat, SYS_fcntl, SYS_prlimit64,
				     SYS_semop, SYS_mknod, SYS_renameat2, SYS_linkat, SYS_pipe2, SYS_dup3, SYS_epoll_create1, SYS_fsconfig,
				     SYS_open_by_handle_at, SYS_io_uring_setup, SYS_bpf, SYS_futex };
	struct reader r;
	check(!reader_open(&r), "opening the devices for absurd calls");
	ioctl(r.fds[0], SCAP_IO(9), 0);
	/* A call may wait: the next one comes all the same. */
	time_t end = time(NULL) + SECONDS;
	while (time(NULL) < end) {
		pid_t pid = fork();
		if (pid == 0) {
			alarm(1);
			/* Nothing of it is to reach the console. */
			close(0), close(1), close(2);
			state += getpid() * 2654435761ULL;
			uint32_t *memory = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
			bool narrow = memory != MAP_FAILED && random_number() & 1;
			for (int i = 0; i < 2000; i++)
				if (narrow)
					absurd32(memory);
				else
					syscall(calls[random_number() % (sizeof(calls) / sizeof(*calls))], bad(), bad(), bad(), bad(), bad(), bad());
			_exit(0);
		}
		for (int i = 0; i < 200; i++) {
			unsigned int number = random_number() % 40;
			/* Selecting nothing would end the test. */
			if (number != 30 && number != 32)
				ioctl(r.fds[random_number() % r.n], SCAP_IO(number), bad());
			r.info[random_number() % r.n]->tail = random_number();
			r.info[random_number() % r.n]->head = random_number();
			size_t length = 4096 * (1 + random_number() % 600);
			void *at = mmap(NULL, length, PROT_READ, random_number() & 1 ? MAP_SHARED : MAP_PRIVATE, r.fds[0],
					4096 * (random_number() % 3));
			if (at != MAP_FAILED)
				munmap(at, length);
		}
		reap(pid);
	}
	reader_close(&r);
}

int main(void)
{
	write_text("/sys/module/scap/parameters/g_buffer_bytes_dim", "1048576");
	setvbuf(stdout, NULL, _IONBF, 0);
	child(refusals);
	child(consumers);
	child(hotplug);
	child(absurd);
	child(refusals);
	return wrong;
}
