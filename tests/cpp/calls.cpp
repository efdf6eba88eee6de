// SPDX-License-Identifier: Apache-2.0
// Tests system calls with paths and ids, as a consumer sees them live and in the capture that it writes: calls CAPTURE FOLDER. Prints failures
// and a count. Needs root and BPF.
#include <libsinsp/sinsp.h>

#include "check.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace {

std::string folder;
const int EMPTY = 0x1000;    // AT_EMPTY_PATH
const uint64_t IN_ROOT = 16; // RESOLVE_IN_ROOT

// A call, the paths in its first event, and what has to be done before it.
struct step {
	const char* call;
	std::function<long()> act;
	std::string name, source, target;
	std::function<void()> before = [] {};
};

long sys(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0) {
	return syscall(number, a, b, c, d, e);
}

long at(const std::string& path) {
	return reinterpret_cast<long>(path.c_str());
}

void touch(const std::string& path) {
	::close(::open(path.c_str(), O_CREAT | O_WRONLY, 0600));
}

// Every call that takes a directory and a path, from the directory `dirfd`, whose path is `dir`.
void add_calls_on_one_path(std::vector<step>& steps, int dirfd, const std::string& dir, const std::string& path, const std::string& full) {
	const auto file = [full] { touch(full); };
	const auto nothing = [full] { ::unlink(full.c_str()); };
	const auto add = [&](const char* call, std::function<void()> before, std::function<long()> act) {
		steps.push_back({call, std::move(act), full, "", "", std::move(before)});
	};
	add("mkdirat", nothing, [=] { return sys(SYS_mkdirat, dirfd, at(path), 0700); });
	steps.push_back({"unlinkat", [=] { return sys(SYS_unlinkat, dirfd, at(path), AT_REMOVEDIR); }, full, "", ""});
	add("mknodat", nothing, [=] { return sys(SYS_mknodat, dirfd, at(path), S_IFREG | 0600, 0); });
	add("fchmodat", file, [=] { return sys(SYS_fchmodat, dirfd, at(path), 0640); });
	add("fchownat", file, [=] { return sys(SYS_fchownat, dirfd, at(path), 0, 0, 0); });
	add("newfstatat", file, [=] {
		struct stat buffer;
		return sys(SYS_newfstatat, dirfd, at(path), reinterpret_cast<long>(&buffer), 0);
	});
	add("openat", file, [=] { return sys(SYS_openat, dirfd, at(path), O_RDONLY); });
	add("openat2", file, [=] {
		const uint64_t how[3] = {O_RDONLY, 0, 0};
		return sys(SYS_openat2, dirfd, at(path), reinterpret_cast<long>(how), sizeof how);
	});
	const std::string other = dir + "/other";
	const auto neither = [=] {
		touch(full);
		::unlink(other.c_str());
	};
	const auto two = [&](const char* call, std::function<long()> act, const std::string& source, const std::string& target) {
		steps.push_back({call, std::move(act), "", source, target, neither});
	};
	two("renameat", [=] { return sys(SYS_renameat, dirfd, at(path), AT_FDCWD, at(other)); }, full, other);
	two("renameat2", [=] { return sys(SYS_renameat2, dirfd, at(path), AT_FDCWD, at(other), 0); }, full, other);
	// The target of a link.
	two("linkat", [=] { return sys(SYS_linkat, dirfd, at(path), AT_FDCWD, at(other), 0); }, other, full);
	steps.push_back({"symlinkat", [=] { return sys(SYS_symlinkat, at("content"), dirfd, at(path)); }, "", full,
	                 full.substr(0, full.rfind('/')) + "/content", nothing});
	steps.push_back({"unlinkat", [=] { return sys(SYS_unlinkat, dirfd, at(path), 0); }, full, "", ""});
	// The directory on the other side.
	steps.push_back({"renameat2", [=] { return sys(SYS_renameat2, AT_FDCWD, at(other), dirfd, at(path), 0); }, "", other, full,
	                 [=] { touch(other); }});
	steps.push_back({"linkat", [=] { return sys(SYS_linkat, AT_FDCWD, at(other), dirfd, at(path), 0); }, "", full, other, [=] {
		                 touch(other);
		                 ::unlink(full.c_str());
	                 }});
}

// The calls with a path and no directory, which newer architectures do not have.
void add_plain_calls([[maybe_unused]] std::vector<step>& steps,
                     [[maybe_unused]] const std::string& path,
                     [[maybe_unused]] const std::string& full) {
#ifdef SYS_open
	const auto add = [&](const char* call, bool exists, std::function<long()> act) {
		steps.push_back({call, std::move(act), full, "", "", [=] {
			                 ::rmdir(full.c_str());
			                 ::unlink(full.c_str());
			                 if(exists) {
				                 touch(full);
			                 }
		                 }});
	};
	add("mkdir", false, [=] { return sys(SYS_mkdir, at(path), 0700); });
	steps.push_back({"rmdir", [=] { return sys(SYS_rmdir, at(path)); }, full, "", ""});
	add("mknod", false, [=] { return sys(SYS_mknod, at(path), S_IFREG | 0600, 0); });
	add("creat", false, [=] { return sys(SYS_creat, at(path), 0600); });
	add("open", true, [=] { return sys(SYS_open, at(path), O_RDONLY); });
	add("chmod", true, [=] { return sys(SYS_chmod, at(path), 0640); });
	add("chown", true, [=] { return sys(SYS_chown, at(path), 0, 0); });
	add("lchown", true, [=] { return sys(SYS_lchown, at(path), 0, 0); });
	add("unlink", true, [=] { return sys(SYS_unlink, at(path)); });
	const std::string other = full + ".other";
	const auto both = [=] {
		touch(full);
		::unlink(other.c_str());
	};
	steps.push_back({"rename", [=] { return sys(SYS_rename, at(path), at(other)); }, "", full, other, both});
	steps.push_back({"link", [=] { return sys(SYS_link, at(path), at(other)); }, "", other, full, both});
	steps.push_back({"symlink", [=] { return sys(SYS_symlink, at("../content"), at(other)); }, "", other,
	                 full.substr(0, full.rfind('/', full.rfind('/') - 1)) + "/content", both});
#endif
}

// The calls with an empty path, for the file of the fd; and those with the directory as their root.
void add_odd_calls(std::vector<step>& steps, int dirfd, const std::string& dir, int file, const std::string& file_path,
                   const std::string& cwd) {
	for(const auto& [fd, path] : {std::pair(dirfd, dir), std::pair(file, file_path), std::pair(int(AT_FDCWD), cwd)}) {
		const int of = fd;
		steps.push_back({"fchownat", [=] { return sys(SYS_fchownat, of, at(""), 0, 0, EMPTY); }, path, "", ""});
		steps.push_back({"newfstatat",
		                 [=] {
			                 struct stat buffer;
			                 return sys(SYS_newfstatat, of, at(""), reinterpret_cast<long>(&buffer), EMPTY);
		                 },
		                 path, "", ""});
	}
	steps.push_back({"linkat", [=] { return sys(SYS_linkat, file, at(""), dirfd, at("linked"), EMPTY); }, "", dir + "/linked", file_path,
	                 [=] { ::unlink((dir + "/linked").c_str()); }});
	for(const char* path : {"/in/it", "../../in/it", "in/it"}) {
		steps.push_back({"openat2",
		                 [=] {
			                 const uint64_t how[3] = {O_RDONLY, 0, IN_ROOT};
			                 return sys(SYS_openat2, dirfd, at(path), reinterpret_cast<long>(how), sizeof how);
		                 },
		                 dir + "/in/it", "", "", [=] {
			                 ::mkdir((dir + "/in").c_str(), 0700);
			                 touch(dir + "/in/it");
		                 }});
	}
}

// The values of an event, by the fields below.
using record = std::map<std::string, std::string>;
const char* const FIELDS[] = {"thread.tid",     "evt.type", "evt.rawarg.name", "fs.path.name", "fs.path.source",
                              "fs.path.target", "fd.name",  "user.uid",        "group.gid",    "proc.exepath"};

// Calls that are captured.
const char* const CALLS[] = {
        "mkdirat",   "unlinkat",   "mknodat",   "fchmodat", "fchownat", "newfstatat", "openat",    "openat2",  "renameat",
        "renameat2", "linkat",     "symlinkat", "mkdir",    "rmdir",    "mknod",      "creat",     "open",     "chmod",
        "chown",     "lchown",     "unlink",     "rename",    "link",     "symlink",
        "close",     "dup",        "dup2",      "fcntl",    "chdir",    "clone",      "clone3",    "fork",     "vfork",
        "execve",    "execveat",   "setuid",    "setreuid", "setresuid", "setgid",    "setregid",  "setresgid", "setfsuid",
        "setfsgid",  "sched_process_exit"};

libsinsp::events::set<ppm_sc_code> codes() {
	libsinsp::events::set<ppm_sc_code> all;
	for(int sc = 0; sc < PPM_SC_MAX; sc++) {
		const char* const known = scap_get_ppm_sc_name(static_cast<ppm_sc_code>(sc));
		for(const char* name : CALLS) {
			if(known != nullptr && std::string(known) == name) {
				all.insert(static_cast<ppm_sc_code>(sc));
			}
		}
	}
	return all;
}

// Reads the events of an inspector, and keeps the exit events.
class reader {
public:
	explicit reader(sinsp& inspector): m_inspector(inspector) {
		std::string format = "*";
		for(const char* field : FIELDS) {
			format += std::string("%") + field + "\t";
		}
		m_formatter = std::make_unique<sinsp_evt_formatter>(&inspector, format, m_checks);
	}

	// Reads an event; false if there is none at the moment, or at the end.
	bool next(sinsp_dumper* dumper) {
		sinsp_evt* evt = nullptr;
		const int32_t rc = m_inspector.next(&evt);
		if(rc != SCAP_SUCCESS) {
			ended = rc == SCAP_EOF;
			return false;
		}
		if(dumper != nullptr) {
			dumper->dump(evt);
		}
		exited |= evt->get_type() == PPME_PROCEXIT_1_E && evt->get_tid() == awaited;
		if(evt->get_type() % 2 == 0) {
			return true;
		}
		std::string line;
		m_formatter->tostring(evt, &line);
		record values;
		size_t from = 0;
		for(const char* field : FIELDS) {
			const size_t end = line.find('\t', from);
			values[field] = line.substr(from, end - from);
			from = end + 1;
		}
		records.push_back(std::move(values));
		return true;
	}

	std::vector<record> records;
	// The process whose exit ends the capture.
	int64_t awaited = 0;
	bool exited = false, ended = false;

private:
	sinsp& m_inspector;
	sinsp_filter_check_list m_checks;
	std::unique_ptr<sinsp_evt_formatter> m_formatter;
};

// Memory that the test shares with the processes that make the calls: the pid that makes them, and its ids after each call.
struct shared {
	pid_t worker;
	struct {
		uid_t uid;
		gid_t gid;
	} ids[64];
};
shared* told = nullptr;

// Marks the start of step `index` in the events, by a call that fails.
void mark(size_t index) {
	sys(SYS_unlinkat, AT_FDCWD, at("/mark/" + std::to_string(index)), 0);
}

// Runs `child` in a process of its own while the machine is captured. Calls `compare` twice with the events of the worker: those seen live, and
// those of the capture file. Does nothing if this machine cannot be captured.
void captured(const char* what, const std::function<void()>& child, const std::function<void(const std::vector<record>&)>& compare) {
	const std::string file = folder + "/calls.scap";
	const auto of_worker = [](const reader& all) {
		std::vector<record> own;
		for(const auto& one : all.records) {
			if(one.at("thread.tid") == std::to_string(told->worker)) {
				own.push_back(one);
			}
		}
		return own;
	};
	{
		sinsp inspector;
		try {
			inspector.open_modern_bpf(8 << 20, 1, true, codes());
		} catch(const scap_open_exception& e) {
			std::printf("SKIPPED: %s: %s\n", what, e.what());
			return;
		}
		sinsp_dumper dumper;
		dumper.open(&inspector, file, false);
		reader live(inspector);
		inspector.start_capture();
		const pid_t pid = fork();
		CHECK(pid >= 0);
		if(pid == 0) {
			told->worker = getpid();
			child();
			_exit(0);
		}
		live.awaited = pid;
		const time_t start = time(nullptr);
		while(!live.exited && time(nullptr) - start < 20) {
			live.next(&dumper);
		}
		int status = 0;
		CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0);
		CHECK(live.exited);
		dumper.close();
		compare(of_worker(live));
	}
	sinsp inspector;
	inspector.open_savefile(file);
	reader again(inspector);
	while(!again.ended) {
		again.next(nullptr);
	}
	compare(of_worker(again));
}

// The events after the mark of step `index`, up to the next mark and with it.
std::vector<record> behind_mark(const std::vector<record>& all, size_t index) {
	std::vector<record> found;
	bool within = false;
	for(const auto& one : all) {
		const std::string& name = one.at("evt.rawarg.name");
		if(within) {
			found.push_back(one);
		}
		if(name == "/mark/" + std::to_string(index)) {
			within = true;
		} else if(name == "/mark/" + std::to_string(index + 1)) {
			return found;
		}
	}
	throw std::logic_error("the events of step " + std::to_string(index) + " are missing");
}

// The value of a field that is not the expected one.
std::string unexpected(const record& event, const std::string& field, const std::string& expected) {
	const std::string& is = event.at(field);
	const std::string wanted = expected.empty() ? "<NA>" : expected;
	return is == wanted ? "" : " " + field + " is " + is + " instead of " + wanted + ";";
}

// The origins of a directory's fd. The fd `early` was open before the capture.
std::vector<std::function<int()>> ways_to(const std::string& dir, int early) {
	const auto open = [dir](int flags) { return ::open(dir.c_str(), flags); };
	return {
	        [early] { return early; },
	        [open] { return open(O_RDONLY); },
	        [open] { return open(O_RDONLY | O_DIRECTORY); },
	        [open] { return open(O_PATH); },
	        [open] { return ::openat(open(O_RDONLY), ".", O_RDONLY | O_DIRECTORY); },
	        [open] { return ::dup(open(O_RDONLY)); },
	        [open] { return ::fcntl(open(O_RDONLY), F_DUPFD_CLOEXEC, 50); },
	};
}

// Every call with every form of a path. The fds have the same numbers in each process, so that the table can be made before.
void paths() {
	char* const real = realpath(folder.c_str(), nullptr);
	CHECK(real != nullptr);
	const std::string root = real, cwd = root + "/work", sub = root + "/sub";
	std::free(real);
	for(const auto& dir : {cwd, sub}) {
		::mkdir(dir.c_str(), 0700);
	}
	const std::string file_path = sub + "/file";
	touch(file_path);
	const int early = ::open(sub.c_str(), O_RDONLY), file = ::open(file_path.c_str(), O_RDONLY);
	CHECK(early >= 0 && file >= 0);
	const auto ways = ways_to(sub, early);
	const int first = 60;
	std::vector<step> steps;
	for(size_t i = 0; i < ways.size(); i++) {
		const int fd = first + static_cast<int>(i);
		add_calls_on_one_path(steps, fd, sub, "a" + std::to_string(i), sub + "/a" + std::to_string(i));
	}
	add_calls_on_one_path(steps, AT_FDCWD, cwd, "here", cwd + "/here");
	add_calls_on_one_path(steps, AT_FDCWD, cwd, "./x/..//../work/up", cwd + "/up");
	add_calls_on_one_path(steps, first, sub, "../work/beside", cwd + "/beside");
	add_calls_on_one_path(steps, first, sub, cwd + "/absolute", cwd + "/absolute");
	add_plain_calls(steps, "plain", cwd + "/plain");
	add_plain_calls(steps, "../sub/plain", sub + "/plain");
	add_plain_calls(steps, sub + "/./plain2", sub + "/plain2");
	add_odd_calls(steps, first, sub, file, file_path, cwd);

	const auto child = [&] {
		bool good = ::chdir(cwd.c_str()) == 0;
		::mkdir("x", 0700);
		for(size_t i = 0; i < ways.size(); i++) {
			good &= ::dup2(ways[i](), first + static_cast<int>(i)) >= 0;
		}
		// The process that makes the calls inherits its fds and its directory from this one.
		const pid_t worker = fork();
		if(worker != 0) {
			int status = 0;
			_exit(waitpid(worker, &status, 0) == worker && WIFEXITED(status) ? WEXITSTATUS(status) : 99);
		}
		told->worker = getpid();
		for(size_t i = 0; good && i < steps.size(); i++) {
			steps[i].before();
			mark(i);
			good = steps[i].act() >= 0;
			if(!good) {
				std::fprintf(stderr, "step %zu, %s: ", i, steps[i].call);
				std::perror(nullptr);
			}
		}
		mark(steps.size());
		_exit(good ? 0 : 1);
	};
	captured("paths", child, [&](const std::vector<record>& events) {
		std::string wrong;
		for(size_t i = 0; i < steps.size(); i++) {
			const auto& expected = steps[i];
			std::string about = " no event;";
			for(const auto& event : behind_mark(events, i)) {
				if(event.at("evt.type") == expected.call) {
					about = unexpected(event, "fs.path.name", expected.name) + unexpected(event, "fs.path.source", expected.source) +
					        unexpected(event, "fs.path.target", expected.target);
					break;
				}
			}
			if(!about.empty()) {
				wrong += "\n  step " + std::to_string(i) + ", " + expected.call + ":" + about;
			}
		}
		if(!wrong.empty()) {
			throw std::logic_error(wrong);
		}
	});
	::close(early);
	::close(file);
}

// A program that is run by the fd of its directory, by its own fd, and from the working directory.
void programs() {
	char* const real = realpath(folder.c_str(), nullptr);
	CHECK(real != nullptr);
	const std::string root = real;
	std::free(real);
	CHECK(std::system(("cp -L /bin/true " + root + "/program").c_str()) == 0);
	for(int way = 0; way < 3; way++) {
		const auto child = [&] {
			const int dir = ::open(root.c_str(), O_PATH), program = ::open((root + "/program").c_str(), O_RDONLY);
			const char* const args[] = {"program", nullptr};
			const char* const env[] = {nullptr};
			const long argv = reinterpret_cast<long>(args), envp = reinterpret_cast<long>(env);
			if(way == 0) {
				sys(SYS_execveat, dir, at("program"), argv, envp, 0);
			} else if(way == 1) {
				sys(SYS_execveat, program, at(""), argv, envp, EMPTY);
			} else if(::chdir(root.c_str()) == 0) {
				sys(SYS_execveat, AT_FDCWD, at("program"), argv, envp, 0);
			}
			_exit(1);
		};
		captured("programs", child, [&](const std::vector<record>& events) {
			std::string path;
			for(const auto& event : events) {
				if(event.at("evt.type") == "execve") {
					path = event.at("proc.exepath");
				}
			}
			if(path != root + "/program") {
				throw std::logic_error("way " + std::to_string(way) + ": " + path);
			}
		});
	}
}

const long SAME = -1;

// Every call that sets ids, in an order that loses the privilege at the end. The expected ids are the kernel's.
const std::vector<std::function<long()>> ID_CALLS = {
        [] { return sys(SYS_setgid, 4); },
        [] { return sys(SYS_setresgid, SAME, 5, SAME); },
        [] { return sys(SYS_setresgid, 6, SAME, 7); },
        [] { return sys(SYS_setresgid, SAME, SAME, SAME); },
        [] { return sys(SYS_setregid, SAME, 8); },
        [] { return sys(SYS_setregid, 9, SAME); },
        [] { return sys(SYS_setregid, SAME, SAME); },
        [] { return sys(SYS_setfsgid, 10); },
        [] { return sys(SYS_setfsgid, SAME); },
        [] { return sys(SYS_setgid, SAME); },
        [] { return sys(SYS_setuid, 0); },
        [] { return sys(SYS_setuid, SAME); },
        [] { return sys(SYS_setresuid, 1, 2, 0); },
        [] { return sys(SYS_setresuid, 1, SAME, 0); },
        [] { return sys(SYS_setresuid, SAME, SAME, SAME); },
        [] { return sys(SYS_setresuid, 3, 3, 3); },
        [] { return sys(SYS_setresuid, SAME, 0, SAME); },
        [] { return sys(SYS_setreuid, SAME, SAME); },
        [] { return sys(SYS_setreuid, 4, SAME); },
        [] { return sys(SYS_setfsuid, 11); },
        [] { return sys(SYS_setfsuid, SAME); },
        [] { return sys(SYS_setreuid, SAME, 5); },
        [] { return sys(SYS_setreuid, SAME, 4); },
        [] { return sys(SYS_setuid, 4); },
        [] { return sys(SYS_setgid, 0); },
};

void ids() {
	CHECK(ID_CALLS.size() < sizeof told->ids / sizeof told->ids[0]);
	const auto child = [] {
		for(size_t i = 0; i < ID_CALLS.size(); i++) {
			mark(i);
			ID_CALLS[i]();
			told->ids[i] = {static_cast<uid_t>(sys(SYS_geteuid)), static_cast<gid_t>(sys(SYS_getegid))};
		}
		mark(ID_CALLS.size());
	};
	captured("ids", child, [](const std::vector<record>& events) {
		// The kernel changed the ids.
		CHECK(told->ids[1].gid == 5 && told->ids[2].gid == 5 && told->ids[6].gid == 8 && told->ids[14].uid == 2);
		CHECK(told->ids[15].uid == 2 && told->ids[18].uid == 0 && told->ids[ID_CALLS.size() - 1].uid == 4);
		std::string wrong;
		for(size_t i = 0; i < ID_CALLS.size(); i++) {
			const auto next = behind_mark(events, i).back();
			const auto& truth = told->ids[i];
			const std::string about = unexpected(next, "user.uid", std::to_string(truth.uid)) +
			                          unexpected(next, "group.gid", std::to_string(truth.gid));
			if(!about.empty()) {
				wrong += "\n  call " + std::to_string(i) + ":" + about;
			}
		}
		if(!wrong.empty()) {
			throw std::logic_error(wrong);
		}
	});
}

}  // namespace

int main(int argc, char** argv) {
	if(argc != 3) {
		return 2;
	}
	folder = argv[2];
	void* const memory = mmap(nullptr, sizeof(shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if(memory == MAP_FAILED) {
		return 2;
	}
	told = static_cast<shared*>(memory);
	return run_tests({{"paths", paths}, {"programs", programs}, {"ids", ids}});
}
