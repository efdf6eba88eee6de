// SPDX-License-Identifier: Apache-2.0
// Makes the system calls of a job fail, one at a time. Each time the job must fail with an error that names the system's reason. It must not
// crash, must not leak memory, files or mappings, and must succeed when it is repeated.
//
//   torture JOB CAPTURE PLAIN DIRECTORY [PART OF]
//
// A job runs once. At each of its calls the process forks, and the call fails in the child: a late failure costs no more than an early one.
// With PART and OF only every OF-th call is tried, from PART on.
//
// Calls are grouped into kinds. Without TORTURE=full in the environment, only the 1st, 2nd, 4th, 8th ... call of each kind fail, the first with
// every error number unless there are many kinds. For engines that open slowly it is the 1st, 8th, 64th ... with one error each, and only some
// are opened again.
#include "jobs.h"
#include "trap.h"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <netinet/in.h>
#include <thread>

namespace {

const int errors[] = {EIO, ENOMEM, EPERM, EMFILE, EINTR};

// One call to fail.
struct attempt {
	std::string what;
	std::string kind;
	long number = 0;
	// Its index among the calls of its kind.
	unsigned nth = 0;
	// An error number, or SHORT.
	long error = 0;
	bool again = true;
};

// The report of a child, in shared memory.
struct report {
	bool reached;
	bool done;
	char error[2000];
	char logged[2000];
	char unanswered[64];
	char wrong[2000];
	uint64_t result;
};

report* reported;
jobs::job job;
std::string name;
bool full = false;
unsigned part = 0;
unsigned of = 1;

// The open files and mapped files of the process.
using census = std::multiset<std::string>;
census before;

// State of the parent.
std::map<std::string, unsigned> seen;
std::vector<attempt> later;
unsigned total = 0;
unsigned planned = 0;
uint64_t expected = 0;
unsigned passed = 0;
unsigned failed = 0;
std::map<std::string, unsigned> did_without;

// State of a child.
const attempt* mine = nullptr;
bool from_start = false;

census count() {
	census all;
	if(DIR* dir = opendir("/proc/self/fd")) {
		while(const dirent* entry = readdir(dir)) {
			const int fd = std::atoi(entry->d_name);
			if(*entry->d_name != '.' && fd != dirfd(dir)) {
				all.insert("the open file " + trap::name_of_fd(fd));
			}
		}
		closedir(dir);
	}
	if(FILE* maps = std::fopen("/proc/self/maps", "re")) {
		char line[1024];
		while(std::fgets(line, sizeof(line), maps) != nullptr) {
			const char* path = std::strpbrk(line, "/[");
			const char* bpf = std::strstr(line, "anon_inode:");
			if(bpf != nullptr) {
				all.insert(std::string("a mapping of ") + bpf);
			} else if(path != nullptr && *path == '/' && std::strstr(path, ".so") == nullptr) {
				all.insert(std::string("a mapping of ") + path);
			}
		}
		std::fclose(maps);
	}
	return all;
}

std::string left_behind() {
	census now = count();
	for(const std::string& one: before) {
		const auto found = now.find(one);
		if(found != now.end()) {
			now.erase(found);
		}
	}
	return now.empty() ? "" : *now.begin();
}

template<size_t N>
void put(char (&to)[N], const std::string& text) {
	std::snprintf(to, N, "%s", text.c_str());
}

// Ends a child, whose job ended with `got`.
[[noreturn]] void finish(const jobs::outcome& got) {
	trap::counting = false;
	reported->reached = jobs::injected != 0;
	put(reported->error, got.error);
	put(reported->logged, jobs::logged);
	reported->result = got.result;
	std::string left = left_behind();
	if(!left.empty()) {
		put(reported->wrong, "leaves behind " + left);
	} else if(reported->reached && mine->again) {
		jobs::injected = 0;
		const jobs::outcome again = job.run();
		left = left_behind();
		if(!again.error.empty()) {
			put(reported->wrong, "it does not work again: " + again.error);
		} else if(!left.empty()) {
			put(reported->wrong, "the second time it leaves behind " + left);
		}
	}
	reported->done = true;
	// exit() runs the leak check of the address sanitizer.
	std::exit(0);
}

// The offsets of open files, which children share.
std::vector<std::pair<int, long>> positions() {
	std::vector<std::pair<int, long>> all;
	for(int fd = 3; fd < 1024; fd++) {
		const long at = trap::raw(SYS_lseek, fd, 0, SEEK_CUR);
		if(at >= 0) {
			all.emplace_back(fd, at);
		} else if(at == -EBADF && fd > 600) {
			break;
		}
	}
	return all;
}

// A call whose failure the API need not report, and the reason.
struct tolerated {
	// A part of its kind, and the start of its name.
	const char* about;
	const char* call;
	// The error number; 0: any.
	int error;
	const char* why;
	// The job; null: all.
	const char* job = nullptr;
};

const tolerated may_be_silent[] = {
        {"to find out about the kernel", "bpf ", 0, "libbpf goes on as with a kernel that cannot do it"},
        {"bpf PROG_LOAD", "bpf ", 0, "libbpf tries again, and has the verifier say more"},
        {"bpf MAP_CREATE", "bpf ", 0, "libbpf tries again without types"},
        {"bpf BTF_LOAD", "bpf ", 0, "libbpf tries again, or does without types"},
        {"bpf PROG_BIND_MAP", "bpf ", 0, "what it is for, tools that look at maps, is not the library's"},
        {"bpf BTF_GET_NEXT_ID", "bpf ", EPERM, "libbpf does without the types of modules"},
        {"bpf OBJ_GET_INFO_BY_FD of anon_inode:btf", "bpf ", 0, "libbpf does without the types of modules"},
        {"", "prlimit", 0, "the limit that libbpf raises is one of old kernels"},
        {"bpf TOKEN_CREATE", "bpf ", 0, "libbpf does without a token"},
        {"/sys/fs/bpf", "openat", 0, "libbpf does without a token"},
        {"/proc/version_signature", "faccessat", 0, "libbpf asks for the version in another way"},
        {"/sys/kernel/btf/vmlinux", "", 0, "libbpf reads it in another way"},
        {", the open file", "statx", 0, "it is for a hint at the size"},
        {"/proc/N/fd/N", "newfstatat", 0, "the file may be in a program's own file system"},
        {"/proc/N (deleted)", "", 0, "the process has ended"},
        {"/ns/", "newfstatat", 0, "its namespace is not reported"},
        {"", "fstat ", 0, "the executable may be in a program's own file system"},
        {"", "fstatfs ", 0, "the executable may be in a program's own file system"},
        {"/proc/N/root/", "", 0, "its root may be a program's own file system"},
        {"/task/N/root/", "", 0, "its root may be a program's own file system"},
        {"/proc", "", EPERM, "what may not be looked at is left out"},
        {"bpf LINK_CREATE", "bpf ", 0, "/proc tells the same", "iterators"},
        {"bpf ITER_CREATE", "bpf ", 0, "/proc tells the same", "iterators"},
        {"anon_inode:bpf_iter", "read", 0, "/proc tells the same", "iterators"},
        {"/sys/", "", EPERM, "what may not be looked at is left out"},
};

const char* why_silent(const attempt& tried) {
	for(const tolerated& t: may_be_silent) {
		if(tried.kind.rfind(t.call, 0) == 0 && tried.kind.find(t.about) != std::string::npos &&
		   (t.error == 0 || -tried.error == t.error) && (t.job == nullptr || name == t.job)) {
			return t.why;
		}
	}
	return nullptr;
}

// The fault in how a child ended; empty if there is none.
std::string judge(const attempt& tried, int status) {
	if(WIFSIGNALED(status)) {
		return std::string("signal ") + strsignal(WTERMSIG(status));
	}
	if(!reported->done) {
		return "it ends the program with " + std::to_string(WEXITSTATUS(status));
	}
	// libbpf caches the results of its feature detection for the whole process.
	const bool asking = tried.kind.find("to find out about the kernel") != std::string::npos;
	const auto unasked = [&](const char* text) { return asking && std::strstr(text, "does not ask again in this process") != nullptr; };
	if(*reported->wrong != 0 && !unasked(reported->wrong)) {
		return reported->wrong;
	}
	if(unasked(reported->wrong) || unasked(reported->error)) {
		did_without["libbpf does not ask again in this process"]++;
		return status == 0 ? "" : "a leak, as the sanitizer says";
	}
	if(status != 0) {
		return "a leak, as the sanitizer says";
	}
	if(!reported->reached) {
		return "";
	}
	const std::string reason = tried.error == trap::SHORT ? "" : std::strerror(static_cast<int>(-tried.error));
	if(*reported->error != 0) {
		if(tried.error == trap::SHORT) {
			return "a short answer is an error";
		}
		// libbpf treats every error as a missing file and reports that.
		const bool absent = tried.kind.rfind("faccessat", 0) == 0;
		const std::string named = absent ? tried.what.substr(tried.what.find('/')) : reason;
		if(std::strstr(reported->error, named.c_str()) == nullptr) {
			return "the error does not name it";
		}
		return reason == reported->error ? "the error does not say what failed" : "";
	}
	if(*reported->logged != 0 && !reason.empty() && std::strstr(reported->logged, reason.c_str()) != nullptr) {
		did_without["it is in the log"]++;
		return "";
	}
	if(*reported->unanswered != 0) {
		did_without[std::string(reported->unanswered) + " has no answer"]++;
		return "";
	}
	if(const char* why = why_silent(tried)) {
		did_without[why]++;
		return "";
	}
	if(reported->result != expected) {
		return "no error was reported, and the result is another";
	}
	return tried.error == trap::SHORT || tried.error == -EINTR ? "" : "no error was reported";
}

void conclude(const attempt& tried, int status) {
	const std::string wrong = judge(tried, status);
	const char* error = tried.error == trap::SHORT ? "less than asked" : std::strerror(static_cast<int>(-tried.error));
	if(wrong.empty()) {
		passed++;
	} else {
		failed++;
		std::printf("FAILED: %s: %s (call %u of its kind), %s: %s%s%s%s%s\n",
		            name.c_str(),
		            tried.what.c_str(),
		            tried.nth,
		            error,
		            wrong.c_str(),
		            *reported->error != 0 ? "; error: " : "",
		            reported->error,
		            *reported->logged != 0 ? "; logged: " : "",
		            reported->logged);
	}
	if(std::getenv("TORTURE_VERBOSE") != nullptr) {
		std::printf("%u %s / %s: %s | %s | %s\n", tried.nth, tried.what.c_str(), error, wrong.c_str(), reported->error, reported->logged);
	}
}

// Forks. Returns true in the child.
bool copy(const attempt& tried, bool start) {
	std::memset(reported, 0, sizeof(*reported));
	const bool counting = std::exchange(trap::counting, false);
	std::fflush(stdout);
	const auto at = positions();
	const pid_t pid = fork();
	if(pid == 0) {
		alarm(300);
		mine = new attempt(tried);
		from_start = start;
		jobs::logged.clear();
		seen.clear();
		return true;
	}
	int status = -1;
	if(pid < 0 || waitpid(pid, &status, 0) != pid) {
		std::printf("cannot make a process: %s\n", std::strerror(errno));
		std::_Exit(2);
	}
	for(const auto& [fd, position]: at) {
		trap::raw(SYS_lseek, fd, position, SEEK_SET);
	}
	conclude(tried, status);
	trap::counting = counting;
	return false;
}

long fail() {
	trap::counting = false;
	if(jobs::unanswered != nullptr) {
		put(reported->unanswered, jobs::unanswered);
	}
	jobs::injected = static_cast<int>(mine->error == trap::SHORT ? -1 : -mine->error);
	return mine->error;
}

// The errors to try at the `nth` call of its kind.
std::vector<long> plan(const trap::call& call, unsigned nth) {
	std::vector<long> all;
	bool chosen = full;
	for(unsigned n = 1; n <= nth; n *= job.slow ? 8 : 2) {
		chosen |= n == nth;
	}
	const bool others = job.others != nullptr && call.what.find(job.others) != std::string::npos;
	if(!chosen || (others && nth > 1)) {
		return all;
	}
	const bool every = full ? nth <= 2 : nth == 1 && !job.slow && !job.small_world;
	for(size_t i = 0; i < (every && !others ? std::size(errors) : 1); i++) {
		all.push_back(-errors[(nth + seen.size() + i) % std::size(errors)]);
	}
	const bool file = call.number == SYS_read || call.number == SYS_write || call.number == SYS_pread64;
	if(!others && file && call.what.find("anon_inode") == std::string::npos && call.args[2] > 1) {
		all.push_back(trap::SHORT);
	}
	return all;
}

long decide(const trap::call& call) {
	if(jobs::injected != 0) {
		return 0;
	}
	const unsigned nth = ++seen[call.kind];
	if(mine != nullptr) {
		return from_start && call.kind == mine->kind && nth == mine->nth ? fail() : 0;
	}
	total++;
	bool first = true;
	for(const long error: plan(call, nth)) {
		const bool again = full ? nth <= 4 || nth % 16 == 0 : nth == 1 && seen.size() % 4 == 1;
		attempt tried = {call.what, call.kind, call.number, nth, error, !job.slow || (again && first)};
		first = false;
		if(planned++ % of != part) {
			continue;
		}
		if(call.shared_stream) {
			later.push_back(tried);
		} else if(copy(tried, false)) {
			return fail();
		}
	}
	return 0;
}

// Starts a process with threads and files of every type for the scan. It ends with its parent.
void inhabit() {
	if(fork() != 0) {
		return;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	const int inet[] = {socket(AF_INET, SOCK_STREAM, 0), socket(AF_INET, SOCK_DGRAM, 0), socket(AF_INET6, SOCK_STREAM, 0)};
	for(const int fd: inet) {
		sockaddr_in6 address = {};
		address.sin6_family = static_cast<sa_family_t>(fd == inet[2] ? AF_INET6 : AF_INET);
		bind(fd, reinterpret_cast<sockaddr*>(&address), fd == inet[2] ? sizeof(address) : sizeof(sockaddr_in));
		listen(fd, 1);
	}
	int pair[2];
	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	pipe2(pair, 0);
	memfd_create("torture", 0);
	open("/tmp", O_RDONLY | O_DIRECTORY);
	open("/dev/null", O_RDWR);
	std::thread([] { pause(); }).detach();
	for(;;) {
		pause();
	}
}

// Continues in a process whose /proc has few others. Without privileges all processes are visible.
void enter_small_world() {
	if(unshare(CLONE_NEWPID | CLONE_NEWNS) != 0) {
		return;
	}
	const pid_t pid = fork();
	if(pid != 0) {
		int status = 2 << 8;
		waitpid(pid, &status, 0);
		std::_Exit(WIFEXITED(status) ? WEXITSTATUS(status) : 2);
	}
	if(mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 || mount("proc", "/proc", "proc", 0, nullptr) != 0) {
		std::printf("no /proc of its own: %s\n", std::strerror(errno));
	}
	inhabit();
	// The first process of a namespace is special; the test must not be it.
	const pid_t second = fork();
	if(second != 0) {
		int status = 2 << 8;
		waitpid(second, &status, 0);
		std::_Exit(WIFEXITED(status) ? WEXITSTATUS(status) : 2);
	}
	usleep(100000);
}

}  // namespace

int main(int argc, char** argv) {
	if(argc < 5) {
		return 2;
	}
	name = argv[1];
	const char* const asked = std::getenv("TORTURE");
	full = asked != nullptr && std::strcmp(asked, "full") == 0;
	part = argc > 6 ? static_cast<unsigned>(std::atoi(argv[5])) : 0;
	of = argc > 6 ? static_cast<unsigned>(std::atoi(argv[6])) : 1;
	job = jobs::all(argv[2], argv[3], argv[4]).at(name);
	if(job.small_world) {
		enter_small_world();
	}
	void* memory = mmap(nullptr, sizeof(report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if(memory == MAP_FAILED) {
		return 2;
	}
	reported = static_cast<report*>(memory);
	if(!trap::install(decide)) {
		std::printf("no seccomp filter on this machine\n");
		return 77;
	}
	before = count();

	// First a run without failures, in a process of its own, so that cached results do not exist when the calls fail.
	std::fflush(stdout);
	const pid_t pid = fork();
	if(pid == 0) {
		attempt none;
		none.again = false;
		mine = &none;
		finish(job.run());
	}
	int status = 0;
	waitpid(pid, &status, 0);
	if(status != 0 || *reported->error != 0 || *reported->wrong != 0) {
		std::printf("cannot: %s %s (status %#x)\n", reported->error, reported->wrong, status);
		return 78;
	}
	expected = reported->result;

	trap::counting = true;
	const jobs::outcome got = job.run();
	trap::counting = false;
	if(mine != nullptr) {
		finish(got);
	}
	if(!got.error.empty()) {
		failed++;
		std::printf("FAILED: %s: without a failure: %s\n", name.c_str(), got.error.c_str());
	}
	for(const attempt& tried: std::vector<attempt>(later)) {
		if(copy(tried, true)) {
			trap::counting = true;
			finish(job.run());
		}
	}
	for(const auto& [which, times]: did_without) {
		std::printf("%s: reported no error %u times: %s\n", name.c_str(), times, which.c_str());
	}
	std::printf("%s: %u calls of %zu kinds, %u failures tried\n", name.c_str(), total, seen.size(), passed + failed);
	std::printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}
