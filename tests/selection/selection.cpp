// SPDX-License-Identifier: Apache-2.0
// Events that the kernel's driver leaves out: selection SAVEFILE. What no filter wants does not come, what one wants all comes, and the state stays
// right. Without the rights to capture, only what needs none is tested.
#include "../cpp/check.h"

#include <libsinsp/dumper.h>
#include <libsinsp/filter.h>
#include <libsinsp/sinsp.h>
#include <libsinsp/sinsp_external_processor.h>
#include <libsinsp/sinsp_observer.h>

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

const int times = 200;
// A number that is free beside those of the inspector.
const int copy = 900;
std::string capture;
std::string dir;

std::unique_ptr<sinsp_filter> compile(sinsp& inspector, const std::string& text) {
	return sinsp_filter_compiler(&inspector, text).compile();
}

// Runs `body` in a new process that ends; returns its pid.
pid_t in_child(const std::function<void()>& body) {
	const pid_t pid = fork();
	if(pid == 0) {
		body();
		_exit(0);
	}
	int status = 0;
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0);
	return pid;
}

void workload() {
	if(chdir(dir.c_str()) != 0) {
		_exit(1);
	}
	for(int i = 0; i < times; i++) {
		// Opens that fail: no filter wants them, and they change nothing.
		syscall(SYS_openat, AT_FDCWD, "no-such-file", O_RDONLY, 0);
		// Calls that no filter wants.
		syscall(SYS_getppid);
		syscall(SYS_mkdirat, AT_FDCWD, "no/such/directory", 0700);
		// Wanted if they fail.
		syscall(SYS_unlinkat, AT_FDCWD, "no-such-file", 0);
		const int fd = static_cast<int>(syscall(SYS_openat, AT_FDCWD, "wanted", O_RDWR | O_CREAT, 0600));
		// Its copy has its name, and is closed.
		if(fd < 0 || dup2(fd, copy) != copy || write(fd, "x", 1) != 1 || close(copy) != 0 || close(fd) != 0) {
			_exit(2);
		}
		syscall(SYS_unlinkat, AT_FDCWD, "wanted", 0);
	}
}

struct seen {
	// By name and whether the call failed; getppid has the generic event, `syscall`.
	std::map<std::pair<std::string, bool>, int> events;
	// How often each filter held.
	std::vector<int> held;
	// How often the name of the fd that is closed was right, and the directory.
	int right_names = 0, right_dirs = 0;

	int of(const std::string& type, bool failed) const {
		const auto found = events.find({type, failed});
		return found == events.end() ? 0 : found->second;
	}
};

// Runs the workload and reads the events of its process until it exits, or until there are `enough`.
seen run(sinsp& inspector, const std::vector<const sinsp_filter*>& filters, int enough = 0) {
	const pid_t pid = in_child(workload);
	seen all;
	all.held.resize(filters.size());
	for(int quiet = 0; quiet < 1000;) {
		sinsp_evt* evt = nullptr;
		const int32_t status = inspector.next(&evt);
		CHECK(status == SCAP_SUCCESS || status == SCAP_TIMEOUT || status == SCAP_FILTERED_EVENT);
		quiet += status == SCAP_TIMEOUT;
		if(status != SCAP_SUCCESS || evt->get_tid() != pid) {
			continue;
		}
		if(evt->get_type() == PPME_PROCEXIT_1_E) {
			return all;
		}
		const bool has_result = PPME_IS_EXIT(evt->get_type()) && evt->get_type() != PPME_GENERIC_X;
		const bool failed = has_result && evt->get_syscall_return_value() < 0;
		all.events[{evt->get_name(), failed}]++;
		if(--enough == 0) {
			return all;
		}
		for(size_t i = 0; i < filters.size(); i++) {
			all.held[i] += const_cast<sinsp_filter*>(filters[i])->run(evt);
		}
		if(std::string(evt->get_name()) == "close" && evt->get_fd_num() == copy) {
			const auto* fd = evt->get_fd_info();
			all.right_names += fd != nullptr && fd->m_name == dir + "/wanted";
			all.right_dirs += evt->get_thread_info() != nullptr && evt->get_thread_info()->get_cwd() == dir + "/";
		}
	}
	throw std::logic_error("the process does not exit");
}

sinsp_event_selection::row row_of(const sinsp_event_selection& selection, const std::string& name) {
	for(const auto& row : selection.rows()) {
		if(row.name == name) {
			return row;
		}
	}
	throw std::logic_error("no row " + name);
}

bool notes(const sinsp_event_selection& selection, const std::string& part) {
	const auto all = selection.notes();
	return std::any_of(all.begin(), all.end(), [&](const std::string& note) { return note.find(part) != std::string::npos; });
}

void begin(sinsp& inspector) {
	inspector.open_modern_bpf();
	inspector.start_capture();
}

void events_that_no_filter_wants_do_not_come() {
	sinsp inspector;
	const auto opens = compile(inspector, "evt.type in (open, openat, openat2) and fd.typechar = f and fd.num >= 0 and fd.name endswith /wanted");
	const auto unlinks = compile(inspector, "evt.type in (unlink, unlinkat) and evt.res = ENOENT");
	const std::vector<const sinsp_filter*> filters{opens.get(), unlinks.get()};
	begin(inspector);
	const auto all = run(inspector, filters);
	CHECK(all.of("openat", true) >= times && all.of("mkdirat", true) == times && all.of("syscall", false) >= times);
	CHECK(all.of("unlinkat", false) == times && all.of("write", false) == times);

	const auto report = inspector.start_event_selection(filters);
	CHECK(report.is_active() && report.notes().empty());
	const auto openat = row_of(report, "openat");
	CHECK(openat.sc == PPM_SC_OPENAT && openat.succeeded.kept == SINSP_KEPT_FOR_STATE && !openat.failed.is_reported());
	const auto unlinkat = row_of(report, "unlinkat");
	CHECK(!unlinkat.succeeded.is_reported() && unlinkat.failed.kept == SINSP_KEPT_FOR_FILTER && unlinkat.failed.filter == 1);
	CHECK(!row_of(report, "getppid").succeeded.is_reported() && !row_of(report, "getppid").failed.is_reported());
	CHECK(row_of(report, "sched_process_exit").succeeded.is_reported());
	CHECK(report.text().find("\nunlinkat ") != std::string::npos);

	const auto some = run(inspector, filters);
	CHECK(some.of("openat", true) == 0 && some.of("mkdirat", true) == 0 && some.of("syscall", false) == 0);
	CHECK(some.of("unlinkat", false) == 0 && some.of("write", false) == 0);
	CHECK(some.of("unlinkat", true) == times && some.of("dup2", false) == times);
	// What is wanted all comes, and the state that it shows is the same.
	CHECK(all.held == std::vector<int>({times, times}) && some.held == all.held);
	CHECK(all.right_names == times && all.right_dirs == times);
	CHECK(some.right_names == times && some.right_dirs == times);

	inspector.stop_event_selection();
	const auto again = run(inspector, filters);
	for(const auto& name : {"openat", "mkdirat", "unlinkat"}) {
		CHECK(again.of(name, true) == all.of(name, true) && again.of(name, false) == all.of(name, false));
	}
	CHECK(throws<sinsp_exception>("no selection was started", [&] { inspector.get_event_selection(); }));
	scap_stats stats;
	inspector.get_capture_stats(&stats);
	CHECK(stats.n_drops == 0);
}

class deaf_observer : public sinsp_observer {
public:
	void on_read(sinsp_evt*, int64_t, int64_t, sinsp_fdinfo*, const char*, uint32_t, uint32_t) override {}
	void on_write(sinsp_evt*, int64_t, int64_t, sinsp_fdinfo*, const char*, uint32_t, uint32_t) override {}
	void on_sendfile(sinsp_evt*, int64_t, uint32_t) override {}
	void on_connect(sinsp_evt*, uint8_t*) override {}
	void on_accept(sinsp_evt*, int64_t, uint8_t*, sinsp_fdinfo*) override {}
	void on_file_open(sinsp_evt*, const std::string&, uint32_t) override {}
	void on_error(sinsp_evt*) override {}
	void on_erase_fd(erase_fd_params*) override {}
	void on_socket_shutdown(sinsp_evt*) override {}
	void on_execve(sinsp_evt*) override {}
	void on_clone(sinsp_evt*, sinsp_threadinfo*, int64_t) override {}
	void on_bind(sinsp_evt*) override {}
	void on_socket_status_changed(sinsp_evt*) override {}
};

// Where the missing events would show, nothing is left out, and the report says why.
void it_ends_where_events_would_be_missed() {
	sinsp inspector;
	const auto close = compile(inspector, "evt.type = close");
	const auto counts = compile(inspector, "evt.type = close and evt.num > 3");
	begin(inspector);
	CHECK(inspector.start_event_selection({close.get()}).is_active());
	CHECK(run(inspector, {}).of("mkdirat", true) == 0);

	deaf_observer observer;
	inspector.set_observer(&observer);
	CHECK(!inspector.get_event_selection().is_active() && notes(inspector.get_event_selection(), "an observer is set"));
	CHECK(run(inspector, {}).of("mkdirat", true) == times);
	inspector.set_observer(nullptr);
	CHECK(inspector.get_event_selection().is_active());

	CHECK(notes(inspector.start_event_selection({close.get(), counts.get()}), "filter 1 has the field evt.num"));
	CHECK(run(inspector, {}).of("mkdirat", true) == times);
	CHECK(inspector.start_event_selection({close.get()}).is_active());

	{
		sinsp_dumper dumper;
		dumper.open(&inspector, dir + "/capture", false);
		CHECK(notes(inspector.get_event_selection(), "a capture is written"));
		CHECK(run(inspector, {}).of("mkdirat", true) == times);
		CHECK(!inspector.start_event_selection({close.get()}).is_active());
	}
	unlink((dir + "/capture").c_str());
	CHECK(!inspector.get_event_selection().is_active());
	CHECK(inspector.start_event_selection({close.get()}).is_active());
	CHECK(run(inspector, {}).of("mkdirat", true) == 0);
}

// Without filters it is the inspector's own that counts, from the open on.
void the_inspectors_own_filter_counts() {
	sinsp inspector;
	CHECK(notes(inspector.start_event_selection(), "there is no filter") && notes(inspector.get_event_selection(), "no driver captures"));
	inspector.set_filter("evt.type in (mkdir, mkdirat) and evt.failed = true");
	begin(inspector);
	CHECK(inspector.get_event_selection().is_active());
	// The filter keeps the exit of the process back.
	CHECK(run(inspector, {}, times).of("mkdirat", true) == times);
}

void a_capture_file_has_no_driver() {
	sinsp inspector;
	inspector.open_savefile(capture);
	const auto close = compile(inspector, "evt.type = close");
	const auto report = inspector.start_event_selection({close.get()});
	CHECK(!report.is_active() && notes(report, "no driver captures"));
	CHECK(!row_of(report, "read").succeeded.is_reported());
}

void filters_that_are_not_known_are_refused() {
	sinsp inspector, other;
	sinsp_filter built;
	CHECK(throws<sinsp_exception>("not compiled", [&] { inspector.start_event_selection({&built}); }));
	CHECK(throws<sinsp_exception>("not compiled", [&] { inspector.start_event_selection({nullptr}); }));
	const auto foreign = compile(other, "evt.type = close");
	CHECK(throws<sinsp_exception>("another inspector", [&] { inspector.start_event_selection({foreign.get()}); }));
	CHECK(throws<sinsp_exception>("no selection was started", [&] { inspector.get_event_selection(); }));
	const auto any = compile(inspector, "proc.name = cat");
	CHECK(notes(inspector.start_event_selection({any.get()}), "filter 0 can hold for almost every event"));
}

}  // namespace

int main(int, char** argv) {
	capture = argv[1];
	char made[] = "/tmp/selection-XXXXXX";
	if(mkdtemp(made) == nullptr) {
		return 1;
	}
	dir = made;
	std::vector<test_case> tests{{"a capture file has no driver", a_capture_file_has_no_driver},
	                             {"filters that are not known are refused", filters_that_are_not_known_are_refused}};
	try {
		sinsp inspector;
		inspector.open_modern_bpf();
		tests.push_back({"events that no filter wants do not come", events_that_no_filter_wants_do_not_come});
		tests.push_back({"it ends where events would be missed", it_ends_where_events_would_be_missed});
		tests.push_back({"the inspector's own filter counts", the_inspectors_own_filter_counts});
	} catch(const sinsp_exception& e) {
		std::printf("SKIPPED: live: %s\n", e.what());
	}
	const int status = run_tests(tests);
	rmdir(made);
	return status;
}
