// SPDX-License-Identifier: Apache-2.0
// The errors, through both libraries, of programs that lack a privilege or a feature of the kernel.
//
//   rights live PART...        a live capture is refused with all PARTs in the text; "or works": or it works
//   rights few N PART...       the same with room for N open files
//   rights log                 what libbpf says is logged
//   rights file PATH PART...   a capture is refused with all PARTs in the text
//   rights scan                the system is scanned, and this program found
#include "check.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace badinput;

namespace {

outcome live_scap(falcosecurity_log_fn log = nullptr) {
	outcome got;
	scap_modern_bpf_engine_params params = {};
	params.cpus_for_each_buffer = 1;
	params.allocate_online_only = true;
	params.buffer_bytes_dim = 1 << 20;
	scap_open_args args = {};
	args.engine_params = &params;
	args.log_fn = log;
	char error[SCAP_LASTERR_SIZE] = "";
	scap_t* handle = scap_open(&args, &scap_modern_bpf_engine, error, &got.code);
	got.opened = handle != nullptr;
	got.error = error;
	scap_close(handle);
	return got;
}

outcome live_sinsp() {
	outcome got;
	sinsp inspector;
	try {
		inspector.open_modern_bpf(1 << 20);
		got.opened = true;
	} catch(const scap_open_exception& e) {
		got.code = e.scap_rc();
		got.error = e.what();
	}
	return got;
}

void refused(const outcome& got, const char* which, const std::vector<std::string>& parts, bool may_work) {
	if(may_work && got.opened) {
		check(true, which);
		return;
	}
	check(!got.opened && got.code != SCAP_SUCCESS, which, "it works");
	plain(got.error);
	for(const std::string& part: parts) {
		check(contains(got.error, part), which, "no '" + part + "' in: " + got.error);
	}
}

// Lets the process have `n` open files, no more, until it goes.
class few_files {
public:
	explicit few_files(rlim_t n) {
		getrlimit(RLIMIT_NOFILE, &m_before);
		const rlimit limit = {n, m_before.rlim_max};
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	~few_files() { setrlimit(RLIMIT_NOFILE, &m_before); }

private:
	rlimit m_before = {};
};

// What there are too many of is said, whatever was being loaded.
void few(rlim_t n, const std::vector<std::string>& parts) {
	outcome scap, sinsp;
	{
		const few_files limit(n);
		scap = live_scap();
		sinsp = live_sinsp();
	}
	refused(scap, "libscap", parts, false);
	refused(sinsp, "libsinsp", parts, false);
	for(const outcome* got: {&scap, &sinsp}) {
		check(!contains(got->error, "verifier") && !contains(got->error, "os error"), "the cause", got->error);
	}
}

std::vector<std::pair<int, std::string>> messages;

void from_scap(const char* component, const char* text, falcosecurity_log_severity severity) {
	messages.emplace_back(severity, (component == nullptr ? "" : std::string(component) + ": ") + text);
}

void from_sinsp(std::string&& text, sinsp_logger::severity severity) {
	messages.emplace_back(severity, text);
}

bool said(int severity) {
	return std::any_of(messages.begin(), messages.end(), [&](const auto& m) { return m.first == severity && m.second.rfind("libbpf: ", 0) == 0; });
}

// From now on the kernel refuses this process every BPF program.
void deny_programs() {
	constexpr uint32_t load = 5;   // BPF_PROG_LOAD of bpf(2)
	// Of the arguments the filter sees the lower half, as the machine is little-endian.
	sock_filter filter[] = {
	        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
	        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_bpf, 0, 3),
	        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[0])),
	        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, load, 0, 1),
	        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
	        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const sock_fprog program = {sizeof filter / sizeof *filter, filter};
	check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0, "seccomp");
}

// What libbpf says goes where the messages of the library go, with its severity.
void log() {
	constexpr int warning = FALCOSECURITY_LOG_SEV_WARNING, debug = FALCOSECURITY_LOG_SEV_DEBUG;
	check(live_scap(from_scap).opened && said(debug) && !said(warning), "libscap");
	libsinsp_logger()->disable_timestamps();
	libsinsp_logger()->add_callback_log(from_sinsp);
	for(const bool wanted: {false, true}) {
		messages.clear();
		libsinsp_logger()->set_severity(wanted ? sinsp_logger::SEV_DEBUG : sinsp_logger::SEV_INFO);
		check(live_sinsp().opened && said(debug) == wanted && !said(warning), "libsinsp", wanted ? "debug" : "info");
	}
	deny_programs();
	messages.clear();
	live_scap(from_scap);
	check(said(warning), "libscap, a failure");
	messages.clear();
	live_sinsp();
	check(said(warning), "libsinsp, a failure");
}

void scan() {
	sinsp inspector;
	inspector.open_nodriver(true);
	const uint64_t self = sinsp_inspector_thread(inspector.c_handle(), getpid());
	sinsp_thread scalars = {};
	check(sinsp_thread_get(inspector.c_handle(), self, &scalars, sizeof(scalars)) && scalars.pid == getpid(), "this program");
	check(libsinsp::detail::view(sinsp_thread_text(inspector.c_handle(), self, SINSP_THREAD_COMM)) == "rights", "its name");
}

}  // namespace

int main(int argc, char** argv) {
	const std::string mode = argc > 1 ? argv[1] : "";
	std::vector<std::string> parts(argv + std::min(argc, mode == "file" || mode == "few" ? 3 : 2), argv + argc);
	if(mode == "live") {
		const bool may_work = !parts.empty() && parts.back() == "or works";
		if(may_work) {
			parts.pop_back();
		}
		refused(live_scap(), "libscap", parts, may_work);
		refused(live_sinsp(), "libsinsp", parts, may_work);
	} else if(mode == "few" && argc > 2) {
		few(strtoul(argv[2], nullptr, 10), parts);
	} else if(mode == "log") {
		log();
	} else if(mode == "file" && argc > 2) {
		refused(read_scap(argv[2]), "libscap", parts, false);
		refused(read_sinsp(argv[2]), "libsinsp", parts, false);
	} else if(mode == "scan") {
		scan();
	} else {
		return 2;
	}
	return result();
}
