// SPDX-License-Identifier: Apache-2.0
// The jobs of libscap and libsinsp, those that test the test itself, and the list of all jobs.
#include "jobs.h"

#include "trap.h"

#include <libscap/engine/source_plugin/source_plugin_public.h>
#include <libscap/engine/test_input/test_input_public.h>
#include <libscap/linux/scap_cgroup.h>
#include <libscap/linux/scap_linux_platform.h>
#include <libscap/scap.h>
#include <libscap/scap_engines.h>
#include <libscap/scap_platform.h>
#include <libscap/scap_platform_api.h>
#include <libscap/scap_savefile_api.h>
#include <libsinsp/sinsp.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <memory>
#include <vector>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace jobs {

std::string logged;
int injected = 0;
const char* unanswered = nullptr;

void log(const char* component, const char* text, falcosecurity_log_severity severity) {
	// libbpf's debug messages would fill the report before the error.
	if(severity >= FALCOSECURITY_LOG_SEV_DEBUG) {
		return;
	}
	logged += std::string(component == nullptr ? "" : component) + ": " + text + "\n";
}

std::string text_or(const char* text) {
	return text != nullptr && *text ? text : "(no text)";
}

namespace {

// Adds a value to a job's result. Depends on the order.
void mix(uint64_t& all, uint64_t one) {
	all = (all ^ one) * 0x100000001b3ULL;
}

const scap_proc_callbacks no_callbacks = {nullptr, nullptr, nullptr, nullptr};

// Closes and frees a platform at the end of its scope.
struct platform {
	explicit platform(scap_platform* p): it(p) {}
	platform(const platform&) = delete;
	platform& operator=(const platform&) = delete;
	~platform() {
		scap_platform_close(it);
		scap_platform_free(it);
	}
	scap_platform* it;
};

using use = std::function<std::string(scap_t*)>;

// Opens an engine and its platform, calls `use`, and closes both.
std::string of_scap(const scap_vtable& engine, void* params, scap_platform* system, const use& use) {
	auto args = std::make_unique<scap_open_args>();
	args->engine_params = params;
	args->import_users = true;
	args->log_fn = log;
	for(int i = 0; i < PPM_SC_MAX; i++) {
		args->ppm_sc_of_interest.ppm_sc[i] = true;
	}
	char error[SCAP_LASTERR_SIZE] = "";
	int32_t rc = SCAP_SUCCESS;
	scap_t* handle = scap_open(args.get(), &engine, error, &rc);
	if(handle == nullptr) {
		return rc == SCAP_SUCCESS ? "success without a handle" : text_or(error);
	}
	std::string answer;
	if(system != nullptr && scap_platform_init(system, error, {nullptr}, args.get()) != SCAP_SUCCESS) {
		answer = text_or(error);
	} else {
		answer = use(handle);
	}
	scap_close(handle);
	return answer;
}

std::string failure(scap_t* handle) {
	return text_or(scap_getlasterr(handle));
}

using each = std::function<bool(scap_evt*, uint16_t, uint32_t)>;

std::string read_all(scap_t* handle, const each& each) {
	for(;;) {
		scap_evt* event;
		uint16_t device;
		uint32_t flags;
		const int32_t rc = scap_next(handle, &event, &device, &flags);
		if(rc == SCAP_EOF || (rc == SCAP_SUCCESS && !each(event, device, flags))) {
			return "";
		}
		if(rc != SCAP_SUCCESS && rc != SCAP_FILTERED_EVENT) {
			return failure(handle);
		}
	}
}

// Reads a capture with its state.
outcome read_capture(scap_savefile_engine_params params) {
	outcome all;
	const platform system(scap_savefile_alloc_platform(no_callbacks));
	params.platform = system.it;
	all.error = of_scap(scap_savefile_engine, &params, system.it, [&](scap_t* handle) {
		return read_all(handle, [&](scap_evt* event, uint16_t device, uint32_t) {
			mix(all.result, scap_event_get_ts(event) ^ scap_event_getlen(event) ^ device);
			return true;
		});
	});
	return all;
}

outcome read_file(const std::string& name) {
	scap_savefile_engine_params params = {};
	params.fname = name.c_str();
	return read_capture(params);
}

// Opens a descriptor, reads it, seeks to the start, and reads again.
outcome read_descriptor(const std::string& name) {
	const bool counting = std::exchange(trap::counting, false);
	scap_savefile_engine_params params = {};
	params.fd = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
	trap::counting = counting;
	outcome all;
	all.error = of_scap(scap_savefile_engine, &params, nullptr, [&](scap_t* handle) -> std::string {
		const auto count = [&](scap_evt* event, uint16_t, uint32_t) {
			mix(all.result, scap_event_get_ts(event));
			return true;
		};
		scap_evt* event;
		uint16_t device;
		uint32_t flags;
		if(scap_next(handle, &event, &device, &flags) != SCAP_SUCCESS) {
			return failure(handle);
		}
		const uint64_t second = scap_ftell(handle);
		const std::string once = read_all(handle, count);
		if(!once.empty()) {
			return once;
		}
		unanswered = "scap_fseek";
		scap_fseek(handle, second);
		unanswered = nullptr;
		mix(all.result, scap_get_readfile_offset(handle) > 0);
		return read_all(handle, count);
	});
	return all;
}

// Writes the events of a capture and the state of the platform `system` to a dumper made by `open`.
using open_dumper = std::function<scap_dumper_t*(scap_platform*, char* error)>;

outcome dump(const std::string& from, const open_dumper& open, const std::function<outcome()>& read_again) {
	outcome all;
	const platform system(scap_linux_hostinfo_alloc_platform());
	scap_savefile_engine_params params = {};
	params.fname = from.c_str();
	const bool counting = std::exchange(trap::counting, false);
	all.error = of_scap(scap_savefile_engine, &params, system.it, [&](scap_t* handle) -> std::string {
		// Failing reads are the task of another job.
		trap::counting = counting && injected == 0;
		char error[SCAP_LASTERR_SIZE] = "";
		scap_dumper_t* dumper = open(system.it, error);
		if(dumper == nullptr) {
			return text_or(error);
		}
		bool fine = true;
		const uint64_t first = scap_ftell(handle);
		// Repeated, so that more than one buffer is written.
		for(int i = 0; i < 40 && fine; i++) {
			const bool counting = std::exchange(trap::counting, false);
			scap_fseek(handle, first);
			const std::string answer = read_all(handle, [&](scap_evt* event, uint16_t device, uint32_t flags) {
				trap::counting = counting && injected == 0;
				fine = scap_dump(dumper, event, device, flags) == SCAP_SUCCESS;
				trap::counting = false;
				return fine;
			});
			trap::counting = counting && injected == 0;
			if(!answer.empty()) {
				scap_dump_close(dumper);
				return answer;
			}
		}
		scap_dump_flush(dumper);
		const char* last = scap_dump_getlasterr(dumper);
		const std::string answer = last == nullptr ? "" : last;
		unanswered = "scap_dump_close";
		scap_dump_close(dumper);
		unanswered = nullptr;
		return fine || !answer.empty() ? answer : "(no text)";
	});
	trap::counting = false;
	if(all.error.empty()) {
		const outcome again = read_again();
		all.error = again.error;
		all.result = again.result;
	}
	trap::counting = counting && injected == 0;
	return all;
}

outcome dump_to_file(const std::string& from, const std::string& to, compression_mode mode) {
	const auto open = [&](scap_platform* system, char* error) { return scap_dump_open(system, to.c_str(), mode, error); };
	return dump(from, open, [&] { return read_file(to); });
}

outcome dump_to_descriptor(const std::string& from, const std::string& to) {
	const auto open = [&](scap_platform* system, char* error) {
		const bool counting = std::exchange(trap::counting, false);
		const int fd = ::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		trap::counting = counting;
		return scap_dump_open_fd(system, fd, SCAP_COMPRESSION_NONE, false, error);
	};
	return dump(from, open, [&] { return read_file(to); });
}

outcome dump_to_memory(const std::string& from) {
	std::vector<uint8_t> memory(16 << 20);
	const auto open = [&](scap_platform* system, char* error) {
		return scap_memory_dump_open(system, memory.data(), memory.size(), error);
	};
	return dump(from, open, [&]() -> outcome { return {"", 1}; });
}

// Calls all functions of a platform of the running system.
std::string ask(scap_platform* system) {
	char error[SCAP_LASTERR_SIZE] = "";
	if(scap_get_ifaddr_list(system) == nullptr || scap_get_user_list(system) == nullptr ||
	   scap_get_machine_info(system) == nullptr || scap_get_agent_info(system) == nullptr) {
		return "the platform does not know its system";
	}
	int64_t pid = 0;
	unanswered = "scap_refresh_iflist";
	scap_refresh_iflist(system);
	unanswered = nullptr;
	if(scap_getpid_global(system, &pid) != SCAP_SUCCESS) {
		return logged;
	}
	const pid_t own = getpid();
	const std::string dir = "/proc/" + std::to_string(own) + "/";
	unanswered = "scap_get_device_by_mount_id";
	scap_get_device_by_mount_id(system, dir.c_str(), 1);
	unanswered = "scap_is_thread_alive";
	const bool alive = scap_is_thread_alive(system, own, own, "torture");
	unanswered = nullptr;
	if(!alive) {
		return "this thread is said to be dead";
	}
	if(scap_proc_get(system, own, true) != SCAP_SUCCESS || scap_refresh_proc_table(system) != SCAP_SUCCESS) {
		return logged;
	}
	auto thread = std::make_unique<scap_threadinfo>();
	thread->pid = static_cast<uint64_t>(own);
	thread->tid = thread->pid;
	if(scap_get_threadlist(system, error) == nullptr || scap_get_fdlist(system, thread.get(), error) != SCAP_SUCCESS ||
	   scap_get_fdinfo(system, thread.get(), 2, error) != SCAP_SUCCESS) {
		return text_or(error);
	}
	return "";
}

outcome nodriver() {
	const platform system(scap_linux_alloc_platform(no_callbacks));
	return {of_scap(scap_nodriver_engine, nullptr, system.it, [&](scap_t*) { return ask(system.it); }), 0};
}

outcome cgroups() {
	auto cgroups = std::make_unique<scap_cgroup_interface>();
	auto set = std::make_unique<scap_cgroup_set>();
	char error[SCAP_LASTERR_SIZE] = "";
	if(scap_cgroup_interface_init(cgroups.get(), "", error, true) != SCAP_SUCCESS) {
		return {text_or(error), 0};
	}
	outcome all;
	for(int i = 0; i < 2 && all.error.empty(); i++) {
		if(scap_cgroup_get_thread(cgroups.get(), "/proc/self/", set.get(), error) != SCAP_SUCCESS) {
			all.error = text_or(error);
		}
		all.result += static_cast<uint64_t>(set->len);
		scap_cgroup_clear_cache(cgroups.get());
	}
	int version = 0;
	scap_cgroup_get_subsys_mount(cgroups.get(), "cpu", &version);
	return all;
}

// Calls that BPF engines support.
std::string capture_live(scap_t* handle) {
	const auto failed = [&](int32_t rc) { return rc != SCAP_SUCCESS; };
	if(failed(scap_start_capture(handle))) {
		return failure(handle);
	}
	for(int i = 0; i < 3; i++) {
		scap_evt* event;
		uint16_t device;
		uint32_t flags;
		const int32_t rc = scap_next(handle, &event, &device, &flags);
		if(rc != SCAP_SUCCESS && rc != SCAP_TIMEOUT && rc != SCAP_FILTERED_EVENT) {
			return failure(handle);
		}
	}
	scap_stats stats;
	uint32_t n = 0;
	int32_t rc = SCAP_SUCCESS;
	std::vector<long> hits(configured_cpus());
	if(failed(scap_get_stats(handle, &stats)) || failed(scap_get_n_tracepoint_hit(handle, hits.data()))) {
		return failure(handle);
	}
	scap_get_stats_v2(handle, METRICS_V2_KERNEL_COUNTERS | METRICS_V2_LIBBPF_STATS | METRICS_V2_KERNEL_COUNTERS_PER_CPU, &n, &rc);
	if(failed(rc)) {
		return failure(handle);
	}
	if(failed(scap_set_ppm_sc(handle, PPM_SC_SCHED_SWITCH, false)) || failed(scap_set_ppm_sc(handle, PPM_SC_SCHED_SWITCH, true)) ||
	   failed(scap_set_snaplen(handle, 100)) || failed(scap_grow_buffer(handle, 0, 2 << 20)) || failed(scap_start_dropping_mode(handle, 2)) ||
	   failed(scap_stop_dropping_mode(handle)) || failed(scap_stop_capture(handle)) || failed(scap_start_capture(handle))) {
		return failure(handle);
	}
	return "";
}

scap_modern_bpf_engine_params bpf_params() {
	scap_modern_bpf_engine_params params = {};
	params.cpus_for_each_buffer = 1;
	params.allocate_online_only = true;
	params.buffer_bytes_dim = 1 << 20;
	return params;
}

outcome live() {
	scap_modern_bpf_engine_params params = bpf_params();
	return {of_scap(scap_modern_bpf_engine, &params, nullptr, capture_live), 0};
}

// A source plugin that reads one event at a time from a file.
struct plugin {
	std::string file;
	std::string error;
	int fd = -1;
	std::vector<char> event = std::vector<char>(1 << 16);
	ss_plugin_event* events[1] = {};
};

plugin& of(ss_plugin_t* state) {
	return *static_cast<plugin*>(state);
}

ss_instance_t* plugin_open(ss_plugin_t* state, const char*, ss_plugin_rc* rc) {
	of(state).fd = ::open(of(state).file.c_str(), O_RDONLY | O_CLOEXEC);
	*rc = of(state).fd < 0 ? SS_PLUGIN_FAILURE : SS_PLUGIN_SUCCESS;
	of(state).error = std::string("the plugin's source: ") + std::strerror(errno);
	return of(state).fd < 0 ? nullptr : state;
}

void plugin_close(ss_plugin_t* state, ss_instance_t*) {
	if(of(state).fd >= 0) {
		::close(std::exchange(of(state).fd, -1));
	}
}

ss_plugin_rc plugin_next(ss_plugin_t* state, ss_instance_t*, uint32_t* n, ss_plugin_event*** events) {
	plugin& plugin = of(state);
	ssize_t got;
	do {
		got = ::read(plugin.fd, plugin.event.data() + 64, 8);
	} while(got < 0 && errno == EINTR);
	if(got <= 0) {
		plugin.error = std::string("the plugin's source: ") + std::strerror(errno);
		return got == 0 ? SS_PLUGIN_EOF : SS_PLUGIN_FAILURE;
	}
	char error[SCAP_LASTERR_SIZE];
	size_t size = 0;
	const scap_const_sized_buffer data = {plugin.event.data() + 64, 4};
	if(scap_event_encode_params({plugin.event.data() + 128, 1024}, &size, error, PPME_PLUGINEVENT_E, 2, 7, data) != SCAP_SUCCESS) {
		plugin.error = error;
		return SS_PLUGIN_FAILURE;
	}
	plugin.events[0] = reinterpret_cast<ss_plugin_event*>(plugin.event.data() + 128);
	*n = 1;
	*events = plugin.events;
	return SS_PLUGIN_SUCCESS;
}

outcome source_plugin(const std::string& file) {
	plugin state;
	state.file = file;
	scap_source_plugin plugin = {};
	plugin.id = 7;
	plugin.name = "torture";
	plugin.state = &state;
	plugin.open = plugin_open;
	plugin.close = plugin_close;
	plugin.next_batch = plugin_next;
	plugin.get_last_error = [](ss_plugin_t* state) { return of(state).error.c_str(); };
	scap_source_plugin_engine_params params = {};
	params.input_plugin = &plugin;
	outcome all;
	int events = 0;
	all.error = of_scap(scap_source_plugin_engine, &params, nullptr, [&](scap_t* handle) {
		return read_all(handle, [&](scap_evt*, uint16_t, uint32_t) { return ++events < 20; });
	});
	all.result = all.error.empty() ? static_cast<uint64_t>(events) : 0;
	if(state.fd >= 0) {
		all.error = "the engine left the plugin's source open";
	}
	return all;
}

// Events and threads from the program (test_input).
outcome test_input() {
	char buffer[1024];
	char error[SCAP_LASTERR_SIZE];
	size_t size = 0;
	if(scap_event_encode_params({buffer, sizeof(buffer)}, &size, error, PPME_SYSCALL_UNLINK_2_X, 2, int64_t(0), "/tmp/x") !=
	   SCAP_SUCCESS) {
		return {error, 0};
	}
	scap_evt* events[] = {reinterpret_cast<scap_evt*>(buffer)};
	scap_test_input_data data = {};
	data.events = events;
	data.event_count = 1;
	scap_test_input_engine_params params = {};
	params.test_input_data = &data;
	const platform system(scap_test_input_alloc_platform(no_callbacks));
	outcome all;
	all.error = of_scap(scap_test_input_engine, &params, system.it, [&](scap_t* handle) -> std::string {
		return read_all(handle, [&](scap_evt*, uint16_t, uint32_t) {
			all.result++;
			return false;
		});
	});
	return all;
}

// A job with one fault when it cannot open a file, to test this test.
outcome wrong(const std::string& how, const std::string& file) {
	static bool broken = false;
	if(broken) {
		return {"it does not work any more", 0};
	}
	const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
	if(fd >= 0) {
		::close(fd);
		return {};
	}
	const std::string error = file + ": " + std::strerror(errno);
	if(how == "silent") {
		return {};
	}
	if(how == "result") {
		return {"", 1};
	}
	if(how == "unnamed") {
		return {file + " cannot be opened", 0};
	}
	if(how == "file") {
		return {error, static_cast<uint64_t>(::open("/dev/null", O_RDONLY | O_CLOEXEC))};
	}
	if(how == "mapping") {
		const int other = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
		const void* mapped = mmap(nullptr, 1, PROT_READ, MAP_PRIVATE, other, 0);
		::close(other);
		return {error, mapped == MAP_FAILED};
	}
	if(how == "memory") {
		char* volatile lost = new char[100];
		lost = nullptr;
		(void)lost;
	}
	if(how == "crash") {
		std::abort();
	}
	broken = how == "again";
	return {error, 0};
}

outcome of_inspector(const std::function<void(sinsp&)>& open, bool read) {
	sinsp inspector;
	try {
		open(inspector);
	} catch(const std::exception& e) {
		return {text_or(e.what()), 0};
	}
	outcome all;
	while(read) {
		sinsp_evt* event;
		const int32_t rc = inspector.next(&event);
		if(rc == SCAP_EOF) {
			break;
		}
		if(rc != SCAP_SUCCESS && rc != SCAP_FILTERED_EVENT) {
			return {text_or(inspector.getlasterr().c_str()), 0};
		}
		all.result++;
	}
	return all;
}

}  // namespace

std::map<std::string, job> all(const std::string& capture, const std::string& plain, const std::string& directory) {
	std::map<std::string, job> all;
	all["read"] = {[=] { return read_file(plain); }};
	all["read-gzip"] = {[=] { return read_file(capture); }};
	all["read-fd"] = {[=] { return read_descriptor(capture); }};
	all["dump"] = {[=] { return dump_to_file(capture, directory + "/dump.scap", SCAP_COMPRESSION_NONE); }};
	all["dump-gzip"] = {[=] { return dump_to_file(capture, directory + "/dump.scap.gz", SCAP_COMPRESSION_GZIP); }};
	all["dump-fd"] = {[=] { return dump_to_descriptor(capture, directory + "/dump-fd.scap"); }};
	all["dump-memory"] = {[=] { return dump_to_memory(capture); }};
	all["nodriver"] = {nodriver, true};
	all["cgroups"] = {cgroups};
	all["plugin"] = {[=] { return source_plugin(plain); }};
	all["test-input"] = {test_input};
	all["live"] = {live, false, true};
	all["pman"] = {pman, false, true};
	all["iterators"] = {iterators, false, true, "/proc/"};
	all["inspector-read"] = {
	        [=] { return of_inspector([=](sinsp& inspector) { inspector.open_savefile(capture); }, true); }};
	all["inspector-scan"] = {[] { return of_inspector([](sinsp& inspector) { inspector.open_nodriver(true); }, false); }, true};
	for(const char* how: {"right", "silent", "result", "unnamed", "file", "mapping", "memory", "crash", "again"}) {
		all[std::string("self-") + how] = {[=] { return wrong(how, plain); }};
	}
	return all;
}

}  // namespace jobs
