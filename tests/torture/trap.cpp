// SPDX-License-Identifier: Apache-2.0
#include "trap.h"

#include <cctype>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

#include <fcntl.h>
#include <link.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

namespace trap {

bool counting = false;

namespace {

decision decide;

// The argument that identifies the object of a call.
enum subject { NOTHING, FIRST_FD, FIFTH_FD, PATH, PATH_AT, COMMAND };

struct known {
	long number;
	const char* name;
	subject about;
};

const known calls[] = {
        {SYS_openat, "openat", PATH_AT},
        {SYS_read, "read", FIRST_FD},
        {SYS_pread64, "pread64", FIRST_FD},
        {SYS_write, "write", FIRST_FD},
        {SYS_writev, "writev", FIRST_FD},
        {SYS_ioctl, "ioctl", FIRST_FD},
        {SYS_fcntl, "fcntl", FIRST_FD},
        {SYS_dup, "dup", FIRST_FD},
        {SYS_bpf, "bpf", COMMAND},
        {SYS_perf_event_open, "perf_event_open", NOTHING},
        {SYS_epoll_create1, "epoll_create1", NOTHING},
        {SYS_epoll_ctl, "epoll_ctl", FIRST_FD},
        {SYS_statx, "statx", PATH_AT},
        {SYS_newfstatat, "newfstatat", PATH_AT},
        {SYS_fstat, "fstat", FIRST_FD},
        {SYS_statfs, "statfs", PATH},
        {SYS_fstatfs, "fstatfs", FIRST_FD},
        {SYS_faccessat, "faccessat", PATH_AT},
        {SYS_faccessat2, "faccessat2", PATH_AT},
        {SYS_lseek, "lseek", FIRST_FD},
        {SYS_getdents64, "getdents64", FIRST_FD},
        {SYS_readlinkat, "readlinkat", PATH_AT},
        {SYS_socket, "socket", NOTHING},
        {SYS_bind, "bind", FIRST_FD},
        {SYS_getsockname, "getsockname", FIRST_FD},
        {SYS_sendto, "sendto", FIRST_FD},
        {SYS_recvfrom, "recvfrom", FIRST_FD},
        {SYS_recvmsg, "recvmsg", FIRST_FD},
        {SYS_mmap, "mmap", FIFTH_FD},
        {SYS_prlimit64, "prlimit64", NOTHING},
        {SYS_setrlimit, "setrlimit", NOTHING},
#ifdef SYS_open
        {SYS_open, "open", PATH},
        {SYS_readlink, "readlink", PATH},
        {SYS_stat, "stat", PATH},
        {SYS_lstat, "lstat", PATH},
        {SYS_access, "access", PATH},
#endif
};

const char* const bpf_commands[] = {
        "MAP_CREATE",
        "MAP_LOOKUP_ELEM",
        "MAP_UPDATE_ELEM",
        "MAP_DELETE_ELEM",
        "MAP_GET_NEXT_KEY",
        "PROG_LOAD",
        "OBJ_PIN",
        "OBJ_GET",
        "PROG_ATTACH",
        "PROG_DETACH",
        "PROG_TEST_RUN",
        "PROG_GET_NEXT_ID",
        "MAP_GET_NEXT_ID",
        "PROG_GET_FD_BY_ID",
        "MAP_GET_FD_BY_ID",
        "OBJ_GET_INFO_BY_FD",
        "PROG_QUERY",
        "RAW_TRACEPOINT_OPEN",
        "BTF_LOAD",
        "BTF_GET_FD_BY_ID",
        "TASK_FD_QUERY",
        "MAP_LOOKUP_AND_DELETE_ELEM",
        "MAP_FREEZE",
        "BTF_GET_NEXT_ID",
        "MAP_LOOKUP_BATCH",
        "MAP_LOOKUP_AND_DELETE_BATCH",
        "MAP_UPDATE_BATCH",
        "MAP_DELETE_BATCH",
        "LINK_CREATE",
        "LINK_UPDATE",
        "LINK_GET_FD_BY_ID",
        "LINK_GET_NEXT_ID",
        "ENABLE_STATS",
        "ITER_CREATE",
        "LINK_DETACH",
        "PROG_BIND_MAP",
        "TOKEN_CREATE",
};

const known* find(long number) {
	for(const known& c: calls) {
		if(c.number == number) {
			return &c;
		}
	}
	return nullptr;
}

std::string path_at(long dir, const char* path) {
	if(path == nullptr || *path == '/' || static_cast<int>(dir) == AT_FDCWD) {
		return path == nullptr ? "null" : path;
	}
	return name_of_fd(dir) + (*path ? "/" : "") + path;
}

// Whether libbpf's feature detection uses this name for a program, map or type.
bool of_detection(const char* name) {
	return *name == 0 || std::strncmp(name, "libbpf_", 7) == 0 || std::strncmp(name, "det_", 4) == 0;
}

void describe_bpf(call& call) {
	const auto command = static_cast<size_t>(call.args[0]);
	const char* name = command < sizeof(bpf_commands) / sizeof(*bpf_commands) ? bpf_commands[command] : "of another kind";
	bpf_attr attr = {};
	std::memcpy(&attr, reinterpret_cast<void*>(call.args[1]), std::min(sizeof(attr), static_cast<size_t>(call.args[2])));
	call.what = std::string("bpf ") + name;
	call.kind = call.what;
	if(command == BPF_PROG_LOAD) {
		call.what += std::string(" ") + attr.prog_name;
		call.kind += of_detection(attr.prog_name) ? " to find out about the kernel" : "";
	} else if(command == BPF_MAP_CREATE) {
		const bool ring = attr.map_type == BPF_MAP_TYPE_RINGBUF;
		call.what += std::string(" ") + (ring ? "ring" : attr.map_name);
		call.kind += !ring && of_detection(attr.map_name) ? " to find out about the kernel" : "";
	} else if(command == BPF_OBJ_GET_INFO_BY_FD) {
		call.what += " of " + name_of_fd(attr.info.bpf_fd);
		call.kind = call.what;
	} else if(command == BPF_BTF_LOAD) {
		call.what += " of " + std::to_string(attr.btf_size) + " bytes";
		// The BTF of the probe itself has thousands of bytes.
		call.kind += attr.btf_size < 1024 ? " to find out about the kernel" : "";
	}
}

bool is_stream(long fd) {
	struct stat st;
	return raw(SYS_fstat, fd, reinterpret_cast<long>(&st)) == 0 && (S_ISSOCK(st.st_mode) || S_ISFIFO(st.st_mode) ||
	       raw(SYS_lseek, fd, 0, SEEK_CUR) < 0);
}

std::string without_numbers(const std::string& text) {
	std::string out;
	for(const char c: text) {
		if(std::isdigit(static_cast<unsigned char>(c)) == 0) {
			out += c;
		} else if(out.empty() || out.back() != 'N') {
			out += 'N';
		}
	}
	return out;
}

void describe(call& call, const known& known) {
	call.shared_stream = false;
	call.what = std::string(known.name) + " ";
	switch(known.about) {
	case NOTHING:
		call.what.pop_back();
		break;
	case FIRST_FD:
		call.what += name_of_fd(call.args[0]);
		call.shared_stream = call.number == SYS_read || call.number == SYS_recvmsg || call.number == SYS_recvfrom ||
		                     call.number == SYS_sendto
		                             ? is_stream(call.args[0])
		                             : false;
		break;
	case FIFTH_FD:
		call.what += name_of_fd(call.args[4]);
		break;
	case PATH:
		call.what += reinterpret_cast<const char*>(call.args[0]);
		break;
	case PATH_AT:
		call.what += path_at(call.args[0], reinterpret_cast<const char*>(call.args[1]));
		if(call.number == SYS_statx && (call.args[1] == 0 || *reinterpret_cast<const char*>(call.args[1]) == 0)) {
			call.what += ", the open file";
		}
		break;
	case COMMAND:
		describe_bpf(call);
		return;
	}
	call.kind = without_numbers(call.what);
}

// Calls `decide`, and makes the call unless it must fail.
long answer(long number, const long (&args)[6]) {
	const known* known = counting ? find(number) : nullptr;
	const auto make = [&](const long(&a)[6]) { return raw(number, a[0], a[1], a[2], a[3], a[4], a[5]); };
	if(known == nullptr) {
		return make(args);
	}
	call call = {};
	call.number = number;
	std::memcpy(call.args, args, sizeof(call.args));
	counting = false;
	describe(call, *known);
	counting = true;
	// `decide` may set counting to false.
	const long decided = decide(call);
	if(decided < 0) {
		return decided;
	}
	if(decided == SHORT) {
		call.args[2] = (call.args[2] + 1) / 2;
	}
	return make(call.args);
}

void on_trap(int, siginfo_t* info, void* context) {
	const int saved = errno;
#if defined(__x86_64__)
	auto& registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
	const long args[6] = {registers[REG_RDI],
	                      registers[REG_RSI],
	                      registers[REG_RDX],
	                      registers[REG_R10],
	                      registers[REG_R8],
	                      registers[REG_R9]};
	registers[REG_RAX] = answer(info->si_syscall, args);
#else
	(void)info;
	(void)context;
#endif
	errno = saved;
}

struct range {
	uint64_t start;
	uint64_t end;
};

// The code whose calls are not trapped: this program's and the address sanitizer's.
std::vector<range> own_code() {
	std::vector<range> all;
	const auto each = [](dl_phdr_info* object, size_t, void* to) {
		if(*object->dlpi_name != 0 && std::strstr(object->dlpi_name, "asan") == nullptr) {
			return 0;
		}
		for(int i = 0; i < object->dlpi_phnum; i++) {
			const auto& part = object->dlpi_phdr[i];
			if(part.p_type == PT_LOAD && (part.p_flags & PF_X) != 0) {
				const uint64_t start = object->dlpi_addr + part.p_vaddr;
				static_cast<std::vector<range>*>(to)->push_back({start, start + part.p_memsz});
			}
		}
		return 0;
	};
	dl_iterate_phdr(each, &all);
	return all;
}

// Appends instructions that allow the call if it comes from `code`, whose addresses have the same upper 32 bits.
void allow(std::vector<sock_filter>& program, const range& code) {
	const uint32_t at = offsetof(seccomp_data, instruction_pointer);
	const auto low = [](uint64_t n) { return static_cast<uint32_t>(n); };
	const auto high = [](uint64_t n) { return static_cast<uint32_t>(n >> 32); };
	program.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at + 4));
	program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, high(code.start), 0, 4));
	program.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at));
	program.push_back(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, low(code.start), 0, 2));
	program.push_back(BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, low(code.end - 1), 1, 0));
	program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
}

}  // namespace

std::string name_of_fd(long fd) {
	char link[64];
	char name[512];
	std::snprintf(link, sizeof(link), "/proc/self/fd/%d", static_cast<int>(fd));
	const long n = raw(SYS_readlinkat, AT_FDCWD, reinterpret_cast<long>(link), reinterpret_cast<long>(name), sizeof(name));
	return n > 0 ? std::string(name, static_cast<size_t>(n)) : "fd " + std::to_string(fd);
}

#if defined(__x86_64__)

long raw(long number, long a, long b, long c, long d, long e, long f) {
	register long r10 asm("r10") = d;
	register long r8 asm("r8") = e;
	register long r9 asm("r9") = f;
	long answer = number;
	asm volatile("syscall" : "+a"(answer) : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
	return answer;
}

bool install(decision asked) {
	decide = asked;
	struct sigaction action = {};
	action.sa_sigaction = on_trap;
	action.sa_flags = SA_SIGINFO | SA_NODEFER;
	if(sigaction(SIGSYS, &action, nullptr) != 0) {
		return false;
	}
	std::vector<sock_filter> program = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
	for(const known& c: calls) {
		if(c.number != SYS_mmap) {
			program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(c.number), 0, 1));
			// Jumps to the end of these checks; the offset is set below.
			program.push_back(BPF_STMT(BPF_JMP | BPF_JA, 0));
		}
	}
	program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 1, 0));
	program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
	// Only mappings of files; the flags are the fourth argument.
	program.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args) + 3 * sizeof(uint64_t)));
	program.push_back(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, MAP_ANONYMOUS, 0, 1));
	program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
	for(size_t i = 0; i < program.size(); i++) {
		if(program[i].code == (BPF_JMP | BPF_JA)) {
			program[i].k = static_cast<uint32_t>(program.size() - i - 1);
		}
	}
	for(const range& code: own_code()) {
		const uint64_t border = (code.end - 1) & ~0xffffffffULL;
		if(code.start < border) {
			allow(program, {code.start, border});
		}
		allow(program, {std::max(code.start, border), code.end});
	}
	program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP));
	const sock_fprog whole = {static_cast<unsigned short>(program.size()), program.data()};
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &whole) == 0;
}

#else

long raw(long number, long a, long b, long c, long d, long e, long f) {
	return syscall(number, a, b, c, d, e, f);
}

bool install(decision) {
	return false;
}

#endif

}  // namespace trap
