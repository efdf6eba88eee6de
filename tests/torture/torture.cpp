// SPDX-License-Identifier: Apache-2.0
// Makes the n-th system call of a job fail, for one n after the other. The job must answer with an error that names the system's
// reason, must not crash or leak, and must work when it is done again.
//
//   torture JOB CAPTURE DIRECTORY [MOST]   JOB: capture, libscap, dump, scan, live; MOST: how many calls to try
//
// A job runs in a process of its own under a seccomp filter that asks this program about each call that can fail. This reaches
// every call, also those that do not go through the C library. Memory that is not backed by a file is left alone: there is no
// answer to its lack.
#include <libscap/scap.h>
#include <libscap/scap_engines.h>
#include <libscap/scap_platform.h>
#include <libscap/scap_savefile_api.h>
#include <libsinsp/sinsp.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <new>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

struct call {
	long number;
	const char* name;
};

const call calls[] = {
        {SYS_openat, "openat"},
        {SYS_read, "read"},
        {SYS_pread64, "pread64"},
        {SYS_write, "write"},
        {SYS_writev, "writev"},
        {SYS_ioctl, "ioctl"},
        {SYS_bpf, "bpf"},
        {SYS_perf_event_open, "perf_event_open"},
        {SYS_epoll_create1, "epoll_create1"},
        {SYS_epoll_ctl, "epoll_ctl"},
        {SYS_statx, "statx"},
        {SYS_newfstatat, "newfstatat"},
        {SYS_fstat, "fstat"},
        {SYS_lseek, "lseek"},
        {SYS_getdents64, "getdents64"},
        {SYS_readlinkat, "readlinkat"},
        {SYS_socket, "socket"},
        {SYS_sendto, "sendto"},
        {SYS_recvfrom, "recvfrom"},
        {SYS_recvmsg, "recvmsg"},
        {SYS_mmap, "mmap"},
#ifdef SYS_open
        {SYS_open, "open"},
        {SYS_readlink, "readlink"},
        {SYS_stat, "stat"},
#endif
};

const char* name_of(long number) {
	for(const call& c: calls) {
		if(c.number == number) {
			return c.name;
		}
	}
	return "?";
}

// What both processes see.
struct shared {
	std::atomic<int> listener{-1};
	std::atomic<bool> ready{false};
	// Whether calls count at the moment.
	std::atomic<bool> counting{false};
	std::atomic<bool> failed{false};
	std::atomic<int> calls{0};
	// Which call is to fail, counted from 1, and how.
	int target = 0;
	int error = 0;
	long failed_number = 0;
	char text[512] = "";
};

shared* both;

// The outcome of a job: an empty text if it went well.
using job = std::function<std::string()>;

// How a job's process ends.
enum verdict { FINE = 0, SILENT = 10, UNNAMED = 11, NOT_AGAIN = 12, NO_FILTER = 13 };

bool install_filter() {
	std::vector<sock_filter> program = {
	        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
	};
	for(const call& c: calls) {
		if(c.number == SYS_mmap) {
			// Only what maps a file: the flags are the fourth argument.
			const uint32_t flags = offsetof(seccomp_data, args) + 3 * sizeof(uint64_t);
			program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(c.number), 0, 4));
			program.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, flags));
			program.push_back(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, MAP_ANONYMOUS, 0, 1));
			program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
			program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF));
		} else {
			program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(c.number), 0, 1));
			program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF));
		}
	}
	program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
	const sock_fprog whole = {static_cast<unsigned short>(program.size()), program.data()};
	if(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
		return false;
	}
	const long fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &whole);
	if(fd < 0) {
		return false;
	}
	both->listener = static_cast<int>(fd);
	while(!both->ready) {
		usleep(100);
	}
	return true;
}

// In a process of its own: the job with a call that fails, and once more without.
[[noreturn]] void run(const job& job) {
	if(!install_filter()) {
		both->listener = -2;
		std::_Exit(NO_FILTER);
	}
	both->counting = true;
	const std::string error = job();
	both->counting = false;
	std::snprintf(both->text, sizeof(both->text), "%s", error.c_str());
	if(both->target == 0) {
		std::exit(error.empty() ? FINE : NOT_AGAIN);
	}
	int verdict = FINE;
	if(error.empty()) {
		verdict = SILENT;
	} else if(error.find(std::strerror(both->error)) == std::string::npos) {
		verdict = UNNAMED;
	}
	const std::string again = job();
	if(!again.empty()) {
		std::snprintf(both->text, sizeof(both->text), "%s", again.c_str());
		verdict = NOT_AGAIN;
	}
	std::exit(verdict);
}

// Answers the calls of a job's process until it ends; answers how it ended.
int supervise(pid_t pid) {
	while(both->listener == -1) {
		usleep(100);
	}
	const int pidfd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
	const int listener = static_cast<int>(syscall(SYS_pidfd_getfd, pidfd, both->listener.load(), 0));
	both->ready = true;
	int status = 0;
	if(listener < 0) {
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		close(pidfd);
		return NO_FILTER << 8;
	}
	pollfd fds[] = {{listener, POLLIN, 0}, {pidfd, POLLIN, 0}};
	for(;;) {
		poll(fds, 2, -1);
		if(fds[1].revents != 0) {
			break;
		}
		if((fds[0].revents & POLLIN) == 0) {
			continue;
		}
		seccomp_notif asked = {};
		if(ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) != 0) {
			continue;
		}
		seccomp_notif_resp answer = {};
		answer.id = asked.id;
		answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
		if(both->counting && ++both->calls == both->target) {
			both->failed = true;
			both->failed_number = asked.data.nr;
			answer.flags = 0;
			answer.error = -both->error;
		}
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
	}
	waitpid(pid, &status, 0);
	close(listener);
	close(pidfd);
	return status;
}

// Runs the job with its call number `target` failing, or none if that is 0.
int attempt(const job& job, int target, int error) {
	new(both) shared;
	both->target = target;
	both->error = error;
	std::fflush(stdout);
	const pid_t pid = fork();
	if(pid == 0) {
		alarm(120);
		run(job);
	}
	return supervise(pid);
}

std::string of_scap(const scap_vtable& engine, void* params, const std::function<std::string(scap_t*)>& use) {
	scap_open_args args = {};
	args.engine_params = params;
	for(int i = 0; i < PPM_SC_MAX; i++) {
		args.ppm_sc_of_interest.ppm_sc[i] = true;
	}
	char error[SCAP_LASTERR_SIZE] = "";
	int32_t rc = SCAP_SUCCESS;
	scap_t* handle = scap_open(&args, &engine, error, &rc);
	if(handle == nullptr) {
		return rc == SCAP_SUCCESS ? "success without a handle" : *error ? error : "(no text)";
	}
	const std::string answer = use(handle);
	scap_close(handle);
	return answer;
}

std::string failure(scap_t* handle) {
	const char* text = scap_getlasterr(handle);
	return *text ? text : "(no text)";
}

std::string read_all(scap_t* handle, const std::function<bool(scap_evt*, uint16_t, uint32_t)>& each) {
	int32_t rc;
	do {
		scap_evt* event;
		uint16_t device;
		uint32_t flags;
		rc = scap_next(handle, &event, &device, &flags);
		if(rc == SCAP_SUCCESS && !each(event, device, flags)) {
			return "";
		}
	} while(rc == SCAP_SUCCESS || rc == SCAP_FILTERED_EVENT);
	return rc == SCAP_EOF ? "" : failure(handle);
}

std::map<std::string, job> jobs(const std::string& capture, const std::string& directory) {
	std::map<std::string, job> jobs;
	const auto savefile = [=] {
		scap_savefile_engine_params params = {};
		params.fname = capture.c_str();
		return params;
	};
	jobs["libscap"] = [=] {
		scap_savefile_engine_params params = savefile();
		return of_scap(scap_savefile_engine, &params, [](scap_t* handle) {
			return read_all(handle, [](scap_evt*, uint16_t, uint32_t) { return true; });
		});
	};
	jobs["capture"] = [=]() -> std::string {
		sinsp inspector;
		try {
			inspector.open_savefile(capture);
		} catch(const std::exception& e) {
			return e.what();
		}
		int32_t rc;
		do {
			sinsp_evt* event;
			rc = inspector.next(&event);
		} while(rc == SCAP_SUCCESS || rc == SCAP_FILTERED_EVENT);
		return rc == SCAP_EOF ? "" : inspector.getlasterr();
	};
	jobs["dump"] = [=]() -> std::string {
		const std::string out = directory + "/dump.scap.gz";
		scap_savefile_engine_params params = savefile();
		const std::string written = of_scap(scap_savefile_engine, &params, [&](scap_t* handle) -> std::string {
			char error[SCAP_LASTERR_SIZE] = "";
			scap_platform* platform = scap_generic_alloc_platform({nullptr, nullptr, nullptr, nullptr});
			scap_dumper_t* dumper = scap_dump_open(platform, out.c_str(), SCAP_COMPRESSION_GZIP, error);
			std::string answer = *error ? error : "(no text)";
			if(dumper != nullptr) {
				answer = read_all(handle, [&](scap_evt* event, uint16_t device, uint32_t flags) {
					return scap_dump(dumper, event, device, flags) == SCAP_SUCCESS;
				});
				scap_dump_flush(dumper);
				const char* told = scap_dump_getlasterr(dumper);
				if(answer.empty() && told != nullptr) {
					answer = told;
				}
				// Nobody can be told of what fails from here on.
				both->counting = false;
				scap_dump_close(dumper);
			}
			scap_platform_free(platform);
			return answer;
		});
		return written;
	};
	jobs["scan"] = []() -> std::string {
		sinsp inspector;
		try {
			inspector.open_nodriver(true);
		} catch(const std::exception& e) {
			return *e.what() ? e.what() : "(no text)";
		}
		return "";
	};
	jobs["live"] = [] {
		scap_modern_bpf_engine_params params = {};
		params.cpus_for_each_buffer = 1;
		params.allocate_online_only = true;
		params.buffer_bytes_dim = 1 << 20;
		return of_scap(scap_modern_bpf_engine, &params, [](scap_t* handle) -> std::string {
			if(scap_start_capture(handle) != SCAP_SUCCESS) {
				return failure(handle);
			}
			for(int i = 0; i < 5; i++) {
				scap_evt* event;
				uint16_t device;
				uint32_t flags;
				const int32_t rc = scap_next(handle, &event, &device, &flags);
				if(rc != SCAP_SUCCESS && rc != SCAP_TIMEOUT && rc != SCAP_FILTERED_EVENT) {
					return failure(handle);
				}
			}
			scap_stats stats;
			if(scap_get_stats(handle, &stats) != SCAP_SUCCESS || scap_stop_capture(handle) != SCAP_SUCCESS) {
				return failure(handle);
			}
			return "";
		});
	};
	return jobs;
}

}  // namespace

int main(int argc, char** argv) {
	if(argc < 4) {
		return 2;
	}
	const std::string name = argv[1];
	const int most = argc > 4 ? std::atoi(argv[4]) : 200;
	void* memory = mmap(nullptr, sizeof(shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if(memory == MAP_FAILED) {
		return 2;
	}
	both = new(memory) shared;
	const job job = jobs(argv[2], argv[3]).at(name);

	int status = attempt(job, 0, 0);
	if(WIFEXITED(status) && WEXITSTATUS(status) == NO_FILTER) {
		std::printf("skipped: no seccomp filter that asks this program\n");
		return 77;
	}
	if(status != 0) {
		std::printf("cannot: %s (status %#x)\n", both->text, status);
		return 78;
	}
	const int total = both->calls;
	std::set<int> targets;
	std::mt19937 random(7);
	for(int i = 1; i <= total && i <= most / 2; i++) {
		targets.insert(i);
	}
	while(static_cast<int>(targets.size()) < std::min(most, total)) {
		targets.insert(1 + static_cast<int>(random() % static_cast<unsigned>(total)));
	}

	// What a job may do without, such as the scan of a process that is on its way out, it does without; all else has to be told.
	const bool tolerant = name == "scan" || name == "live";
	unsigned passed = 0;
	unsigned failed = 0;
	std::map<std::string, unsigned> silent;
	const int errors[] = {EIO, ENOMEM, EPERM};
	for(const int target: targets) {
		const int error = errors[target % 3];
		status = attempt(job, target, error);
		const std::string which = std::string(name_of(both->failed_number)) + " with " + std::strerror(error);
		std::string wrong;
		if(!both->failed) {
			// Not every run makes as many calls.
		} else if(WIFSIGNALED(status)) {
			wrong = std::string("signal ") + strsignal(WTERMSIG(status));
		} else if(WEXITSTATUS(status) == SILENT) {
			silent[which]++;
			if(!tolerant) {
				wrong = "nobody was told";
			}
		} else if(WEXITSTATUS(status) == UNNAMED) {
			wrong = "the error does not name it";
		} else if(WEXITSTATUS(status) == NOT_AGAIN && name == "live" && both->failed_number == SYS_bpf) {
			// For the life of a process libbpf keeps what it once found out about the kernel; the next process starts afresh.
			silent["a second try in the same process, after " + which]++;
		} else if(WEXITSTATUS(status) == NOT_AGAIN) {
			wrong = "it does not work again";
		} else if(status != 0) {
			wrong = "exit code " + std::to_string(WEXITSTATUS(status)) + ", a leak perhaps";
		}
		if(wrong.empty()) {
			passed++;
		} else {
			failed++;
			std::printf("FAILED: %s, call %d of %d, %s: %s: %s\n", name.c_str(), target, total, which.c_str(), wrong.c_str(), both->text);
		}
	}
	for(const auto& [which, times]: silent) {
		std::printf("%s did without: %s, %u times\n", name.c_str(), which.c_str(), times);
	}
	std::printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}
