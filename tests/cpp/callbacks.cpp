// Tests callbacks (observers, event processors) and the use of an inspector from several threads: callbacks CAPTURE. Prints failures and a
// count.
#include "check.h"

#include <libsinsp/filter_check_list.h>
#include <libsinsp/sinsp.h>

#include <atomic>
#include <cstdio>
#include <cstring>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

std::string capture;

// Reads all events of the open inspector; returns how many next() returned.
size_t read_on(sinsp& inspector) {
	size_t seen = 0;
	for(;;) {
		sinsp_evt* evt = nullptr;
		const int32_t rc = inspector.next(&evt);
		if(rc == SCAP_EOF) {
			return seen;
		}
		if(rc != SCAP_SUCCESS && rc != SCAP_TIMEOUT && rc != SCAP_FILTERED_EVENT) {
			throw std::logic_error(inspector.getlasterr());
		}
		seen += rc == SCAP_SUCCESS;
	}
}

// Counts the calls of each function, and calls `look` each time.
class counter : public sinsp_observer {
public:
	std::map<std::string, size_t> counts;
	std::function<void(const char*, sinsp_evt*)> look = [](const char*, sinsp_evt*) {};
	size_t opened_as_said = 0;
	size_t erased_known = 0;
	size_t cloned_known = 0;

	void on_read(sinsp_evt* evt, int64_t tid, int64_t fd, sinsp_fdinfo* info, const char* data, uint32_t original, uint32_t len)
	        override {
		CHECK(evt->get_tid() == tid && evt->get_fd_num() == fd && info == evt->get_fd_info() && len <= original);
		CHECK(len == 0 || data != nullptr);
		count("read", evt);
	}
	void on_write(sinsp_evt* evt, int64_t tid, int64_t fd, sinsp_fdinfo* info, const char*, uint32_t original, uint32_t len)
	        override {
		CHECK(evt->get_tid() == tid && evt->get_fd_num() == fd && info == evt->get_fd_info() && len <= original);
		CHECK(evt->get_syscall_return_value() == original);
		count("write", evt);
	}
	void on_sendfile(sinsp_evt* evt, int64_t, uint32_t) override { count("sendfile", evt); }
	void on_connect(sinsp_evt* evt, uint8_t* packed_data) override {
		CHECK(packed_data != nullptr);
		count("connect", evt);
	}
	void on_accept(sinsp_evt* evt, int64_t newfd, uint8_t* packed_data, sinsp_fdinfo* info) override {
		CHECK(packed_data != nullptr && info != nullptr && newfd == evt->get_fd_num());
		count("accept", evt);
	}
	void on_file_open(sinsp_evt* evt, const std::string& fullpath, uint32_t) override {
		if(evt->get_syscall_return_value() >= 0 && evt->get_fd_info() != nullptr) {
			const std::string name = evt->get_fd_info()->m_name;
			CHECK(name == fullpath);
			opened_as_said++;
		}
		count("open", evt);
	}
	void on_error(sinsp_evt* evt) override {
		CHECK(evt->get_errorcode() != 0 && evt->get_fd_info() != nullptr);
		count("error", evt);
	}
	void on_erase_fd(erase_fd_params* params) override {
		erased_known += params->m_tinfo != nullptr && params->m_fdinfo != nullptr;
		count("erase", nullptr);
	}
	void on_socket_shutdown(sinsp_evt* evt) override { count("shutdown", evt); }
	void on_execve(sinsp_evt* evt) override { count("execve", evt); }
	void on_clone(sinsp_evt* evt, sinsp_threadinfo* newtinfo, int64_t) override {
		cloned_known += newtinfo != nullptr;
		count("clone", evt);
	}
	void on_bind(sinsp_evt* evt) override { count("bind", evt); }
	void on_socket_status_changed(sinsp_evt* evt) override { count("status", evt); }

private:
	void count(const char* what, sinsp_evt* evt) {
		counts[what]++;
		look(what, evt);
	}
};

class stage : public libsinsp::event_processor {
public:
	size_t starts = 0;
	std::map<libsinsp::event_return, size_t> outcomes;
	std::function<void(sinsp_evt*)> look = [](sinsp_evt*) {};

	void on_capture_start() override { starts++; }
	void process_event(sinsp_evt* evt, libsinsp::event_return rc) override {
		CHECK((evt != nullptr) == (rc == libsinsp::EVENT_RETURN_NONE));
		outcomes[rc]++;
		if(evt != nullptr) {
			look(evt);
		}
	}
};

size_t events_of_capture() {
	sinsp inspector;
	inspector.open_savefile(capture);
	return read_on(inspector);
}

void observers() {
	sinsp inspector;
	counter observer;
	inspector.set_observer(&observer);
	CHECK(inspector.get_observer() == &observer);
	inspector.open_savefile(capture);
	CHECK(read_on(inspector) == events_of_capture());
	for(const char* what : {"read", "write", "open", "error", "erase", "execve", "clone"}) {
		if(observer.counts[what] == 0) {
			throw std::logic_error(std::string("nothing was told of ") + what);
		}
	}
	CHECK(observer.opened_as_said > 0);
	CHECK(observer.erased_known == observer.counts["erase"]);
	CHECK(observer.cloned_known == observer.counts["clone"]);
	inspector.set_observer(nullptr);
	const auto before = observer.counts;
	inspector.open_savefile(capture);
	read_on(inspector);
	CHECK(observer.counts == before && inspector.get_observer() == nullptr);
}

void processors() {
	sinsp inspector;
	stage processor;
	inspector.register_external_event_processor(processor);
	CHECK(inspector.get_external_event_processor() == &processor);
	uint64_t last = 0;
	processor.look = [&](sinsp_evt* evt) {
		CHECK(evt->get_num() > last);
		last = evt->get_num();
	};
	inspector.open_savefile(capture);
	CHECK(processor.starts == 1);
	const size_t seen = read_on(inspector);
	// The processor also saw the events at the start of the capture.
	CHECK(processor.outcomes[libsinsp::EVENT_RETURN_NONE] >= seen && processor.outcomes[libsinsp::EVENT_RETURN_EOF] == 1);

	inspector.set_filter("evt.type = openat");
	last = 0;
	processor.outcomes.clear();
	inspector.open_savefile(capture);
	CHECK(processor.starts == 2);
	const size_t fewer = read_on(inspector);
	CHECK(fewer > 0 && fewer < seen && processor.outcomes[libsinsp::EVENT_RETURN_NONE] == fewer);
}

// A callback can read the state and run a filter and a formatter. Functions that would advance the inspector fail with an error.
void within_callbacks() {
	sinsp inspector;
	counter observer;
	stage processor;
	inspector.set_observer(&observer);
	inspector.register_external_event_processor(processor);
	sinsp_filter_compiler compiler(&inspector, "proc.name exists and fd.num >= -1");
	auto filter = compiler.compile();
	sinsp_filter_check_list fields;
	sinsp_evt_formatter formatter(&inspector, "%evt.num %proc.name %fd.name", fields);
	size_t looked = 0;
	const auto look = [&](sinsp_evt* evt) {
		looked++;
		CHECK(inspector.m_thread_manager->get_thread_count() > 0);
		if(evt == nullptr) {
			return;
		}
		filter->run(evt);
		std::string line;
		formatter.tostring(evt, line);
		if(auto* thread = evt->get_thread_info(); thread != nullptr) {
			CHECK(inspector.m_thread_manager->get_threads()->get(thread->m_tid) != nullptr);
		}
		if(looked % 100 != 1) {
			return;
		}
		sinsp_evt* nested = nullptr;
		CHECK(inspector.next(&nested) == SCAP_FAILURE && nested == nullptr);
		CHECK(inspector.getlasterr() == "next() was called from within a callback of the inspector");
		CHECK(throws<scap_open_exception>("open() was called from within a callback", [&] { inspector.open_savefile(capture); }));
		CHECK(throws<scap_open_exception>("open() was called from within a callback", [&] { inspector.open_nodriver(); }));
		CHECK(throws<sinsp_exception>("close() was called from within a callback", [&] { inspector.close(); }));
		CHECK(throws<sinsp_exception>("was called from within a callback", [&] { inspector.set_observer(nullptr); }));
		scap_stats stats;
		inspector.get_capture_stats(&stats);
	};
	observer.look = [&](const char*, sinsp_evt* evt) { look(evt); };
	processor.look = look;
	inspector.open_savefile(capture);
	CHECK(read_on(inspector) == events_of_capture() && looked > 1000);
	inspector.close();
}

struct refused : std::runtime_error {
	using std::runtime_error::runtime_error;
};

// An exception of a callback comes out of next(); the next call continues after that event.
void exceptions() {
	const size_t all = events_of_capture();
	for(const std::string at : {"open", "error", "erase", "execve", "clone", "read", "process"}) {
		sinsp inspector;
		counter observer;
		stage processor;
		size_t countdown = 3;
		const auto fail = [&](const std::string& what) {
			if(what == at && --countdown == 0) {
				countdown = 3;
				throw refused("not at " + what);
			}
		};
		observer.look = [&](const char* what, sinsp_evt*) { fail(what); };
		inspector.set_observer(&observer);
		size_t seen = 0, thrown = 0;
		bool through = false;
		inspector.open_savefile(capture);
		processor.look = [&](sinsp_evt*) { fail("process"); };
		inspector.register_external_event_processor(processor);
		while(!through) {
			try {
				sinsp_evt* evt = nullptr;
				const int32_t rc = inspector.next(&evt);
				CHECK(rc != SCAP_FAILURE);
				through = rc == SCAP_EOF;
				seen += rc == SCAP_SUCCESS;
			} catch(const refused& e) {
				CHECK(e.what() == "not at " + at);
				thrown++;
			}
		}
		CHECK(thrown > 0 && seen < all && seen + thrown >= all);
	}
}

// While one thread is in next(), reads by others return data or an error, and do not disturb it.
void other_threads() {
	const size_t all = events_of_capture();
	for(int round = 0; round < 20; round++) {
		sinsp inspector;
		inspector.open_savefile(capture);
		std::atomic<bool> stop = false;
		std::atomic<int> started = 0;
		std::atomic<size_t> answered = 0;
		std::vector<std::thread> readers;
		for(int i = 0; i < 2; i++) {
			readers.emplace_back([&] {
				started++;
				while(!stop) {
					try {
						size_t threads = 0;
						inspector.m_thread_manager->get_threads()->const_loop([&](const sinsp_threadinfo&) {
							threads++;
							return true;
						});
						answered += threads > 0;
					} catch(const sinsp_exception&) {
						// The call was refused: the other thread is in next().
					}
				}
			});
		}
		while(started < 2) {
			std::this_thread::yield();
		}
		size_t seen = 0;
		try {
			seen = read_on(inspector);
		} catch(const std::exception& e) {
			std::printf("the reading of events: %s\n", e.what());
		}
		stop = true;
		for(auto& reader : readers) {
			reader.join();
		}
		CHECK(seen == all);
		CHECK(inspector.m_thread_manager->get_thread_count() > 0);
		sinsp_evt* evt = nullptr;
		CHECK(inspector.next(&evt) == SCAP_EOF);
		inspector.close();
	}
}

// What stays the same during a capture is also known to a thread that asks while another one is in next().
void other_threads_ask_about_the_capture() {
	sinsp inspector;
	stage processor;
	bool reading = false;
	size_t asked = 0;
	std::string engine;
	processor.look = [&](sinsp_evt*) {
		if(!reading || asked > 0) {
			return;
		}
		std::thread([&] {
			asked++;
			const auto* machine = inspector.get_machine_info();
			CHECK(machine != nullptr && machine->num_cpus > 0 && inspector.get_num_cpus() == machine->num_cpus);
			CHECK(inspector.check_current_engine(engine) && !inspector.check_current_engine("kmod"));
			const auto* agent = inspector.get_agent_info();
			CHECK((agent != nullptr) == inspector.is_nodriver());
			CHECK(agent == nullptr || (agent->start_ts_epoch > 0 && agent->uname_r[0] != '\0'));
			CHECK(inspector.get_driver_api_version() == 0);
		}).join();
	};
	inspector.register_external_event_processor(processor);
	sinsp_evt* evt = nullptr;
	inspector.open_savefile(capture);
	engine = SAVEFILE_ENGINE, reading = true;
	CHECK(inspector.next(&evt) == SCAP_SUCCESS && asked == 1);

	reading = false;
	inspector.open_nodriver();
	engine = NODRIVER_ENGINE, reading = true, asked = 0;
	CHECK(inspector.next(&evt) == SCAP_SUCCESS && asked == 1);
	inspector.close();
	CHECK(inspector.get_machine_info() == nullptr && inspector.get_agent_info() == nullptr && inspector.check_current_engine(""));
}

// Events pushed by several threads are returned in the order of their timestamps.
void from_outside() {
	sinsp inspector;
	inspector.open_savefile(capture);
	const size_t all = events_of_capture();
	constexpr size_t each = 200;
	std::vector<std::thread> writers;
	std::atomic<size_t> put = 0;
	std::vector<uint8_t> bytes(sizeof(scap_evt) + 3 * sizeof(uint32_t));
	scap_evt header = {};
	header.ts = 1;
	header.tid = static_cast<uint64_t>(-1);
	header.len = static_cast<uint32_t>(bytes.size());
	header.type = PPME_ASYNCEVENT_E;
	header.nparams = 3;
	std::memcpy(bytes.data(), &header, sizeof(header));
	for(int i = 0; i < 3; i++) {
		writers.emplace_back([&] {
			for(size_t n = 0; n < each; n++) {
				libsinsp::detail::error error;
				put += sinsp_inspector_push_async_event(inspector.c_handle(), bytes.data(), bytes.size(), error.out()) ==
				       SINSP_SUCCESS;
				std::this_thread::yield();
			}
		});
	}
	size_t seen = 0, outside = 0;
	uint64_t last = 0;
	const auto read = [&] {
		sinsp_evt* evt = nullptr;
		const int32_t rc = inspector.next(&evt);
		if(rc == SCAP_SUCCESS) {
			seen++;
			outside += evt->get_type() == PPME_ASYNCEVENT_E;
			CHECK(evt->get_num() > last);
			last = evt->get_num();
		}
		CHECK(rc == SCAP_SUCCESS || rc == SCAP_FILTERED_EVENT || rc == SCAP_EOF);
		return rc != SCAP_EOF;
	};
	for(size_t n = 0; n < all / 2; n++) {
		CHECK(read());
	}
	for(auto& writer : writers) {
		writer.join();
	}
	while(read()) {
	}
	CHECK(put == 3 * each && outside == put && seen == all + put);

	libsinsp::detail::error error, late;
	CHECK(sinsp_inspector_push_async_event(inspector.c_handle(), bytes.data(), bytes.size() - 1, error.out()) != SINSP_SUCCESS);
	inspector.close();
	CHECK(sinsp_inspector_push_async_event(inspector.c_handle(), bytes.data(), bytes.size(), late.out()) != SINSP_SUCCESS);
	CHECK(late.message() == "the inspector is closed, and takes no asynchronous events");
	CHECK(sinsp::is_initialstate_event(header));
}

// A list of events for a test input.
class made_up {
public:
	scap_test_input_data data = {};

	made_up() {
		for(const int64_t tid : {1, 20}) {
			scap_threadinfo thread = {};
			thread.tid = thread.pid = thread.vtid = thread.vpid = static_cast<uint64_t>(tid);
			thread.ptid = tid == 1 ? 0 : 1;
			std::snprintf(thread.comm, sizeof(thread.comm), "made-%d", static_cast<int>(tid));
			m_threads.push_back(thread);
		}
		m_fd.fd = 3;
		m_fd.ino = 5;
		m_fd.type = SCAP_FD_FILE_V2;
		std::snprintf(m_fd.info.regularinfo.fname, sizeof(m_fd.info.regularinfo.fname), "/dev/null");
		m_fds[1] = {&m_fd, 1};
		data.threads = m_threads.data();
		data.thread_count = m_threads.size();
		data.fdinfo_data = m_fds;
	}

	// Adds an event whose parameters are all empty.
	void add(uint64_t ts, int64_t tid, ppm_event_code type) {
		m_bytes.push_back(bytes(ts, tid, type));
		const size_t taken = m_events.size() - data.event_count;
		m_events.push_back(reinterpret_cast<scap_evt*>(m_bytes.back().data()));
		data.events = m_events.data() + taken;
		data.event_count = m_events.size() - taken;
	}

	static std::vector<uint8_t> bytes(uint64_t ts, int64_t tid, ppm_event_code type) {
		const uint32_t nparams = g_infotables.m_event_info[type].nparams;
		std::vector<uint8_t> all(sizeof(scap_evt) + nparams * sizeof(uint16_t) * (type == PPME_ASYNCEVENT_E ? 2 : 1));
		scap_evt header = {};
		header.ts = ts;
		header.tid = static_cast<uint64_t>(tid);
		header.len = static_cast<uint32_t>(all.size());
		header.type = static_cast<uint16_t>(type);
		header.nparams = nparams;
		std::memcpy(all.data(), &header, sizeof(header));
		return all;
	}

private:
	std::vector<scap_threadinfo> m_threads;
	scap_fdinfo m_fd = {};
	scap_test_fdinfo_data m_fds[2] = {};
	std::vector<std::vector<uint8_t>> m_bytes;
	std::vector<scap_evt*> m_events;
};

void test_input() {
	sinsp inspector;
	made_up input;
	CHECK(throws<sinsp_exception>("Unsupported mode", [&] { inspector.open_test_input(&input.data, SINSP_MODE_CAPTURE); }));
	inspector.open_test_input(&input.data);
	CHECK(inspector.check_current_engine("test_input") && !inspector.is_live() && !inspector.is_capture());
	CHECK(inspector.m_thread_manager->get_thread_count() == 2);
	auto* thread = inspector.m_thread_manager->get_threads()->get(20);
	CHECK(thread != nullptr && thread->get_comm() == "made-20" && thread->get_fd(3) != nullptr);
	sinsp_evt* evt = nullptr;
	CHECK(inspector.next(&evt) == SCAP_TIMEOUT);
	input.add(100, 20, PPME_SYSCALL_GETCWD_X);
	CHECK(inspector.next(&evt) == SCAP_SUCCESS && evt->get_ts() == 100 && evt->get_tid() == 20);
	CHECK(evt->get_thread_info() == inspector.m_thread_manager->get_threads()->get(20) && evt->get_cpuid() == 1);
	CHECK(inspector.get_lastevent_ts() == 100);
	// Pushed events are merged by timestamp; at a time-out those not later than the last event are returned.
	input.add(300, 20, PPME_SYSCALL_GETCWD_X);
	const auto put = [&](uint64_t ts) {
		const auto bytes = made_up::bytes(ts, -1, PPME_ASYNCEVENT_E);
		libsinsp::detail::error error;
		CHECK(sinsp_inspector_push_async_event(inspector.c_handle(), bytes.data(), bytes.size(), error.out()) == SINSP_SUCCESS);
	};
	put(350);
	put(200);
	CHECK(inspector.next(&evt) == SCAP_SUCCESS && evt->get_ts() == 200 && evt->get_type() == PPME_ASYNCEVENT_E);
	CHECK(inspector.next(&evt) == SCAP_SUCCESS && evt->get_ts() == 300);
	CHECK(inspector.next(&evt) == SCAP_TIMEOUT);
	put(UINT64_MAX);
	CHECK(inspector.next(&evt) == SCAP_SUCCESS && evt->get_ts() == 300 && evt->get_type() == PPME_ASYNCEVENT_E);
	input.add(400, 20, PPME_SYSCALL_GETCWD_X);
	CHECK(inspector.next(&evt) == SCAP_SUCCESS && evt->get_ts() == 350);
	CHECK(inspector.next(&evt) == SCAP_SUCCESS && evt->get_ts() == 400);
	inspector.close();
	// A live inspector removes a thread that no longer exists once it has had no event for the timeout.
	sinsp live;
	made_up gone;
	live.m_threads_purging_scan_time_ns = 1000;
	live.m_thread_timeout_ns = 500;
	live.open_test_input(&gone.data, SINSP_MODE_LIVE);
	CHECK(live.is_live());
	constexpr int64_t nobody = 0x7fffffff;
	const uint64_t now = 2'000'000'000'000'000'000;
	gone.add(now, nobody, PPME_SYSCALL_GETCWD_X);
	CHECK(live.next(&evt) == SCAP_SUCCESS && live.m_thread_manager->get_threads()->get(nobody) != nullptr);
	gone.add(now + 10'000, 1, PPME_SYSCALL_GETCWD_X);
	CHECK(live.next(&evt) == SCAP_SUCCESS && live.m_thread_manager->get_threads()->get(nobody) == nullptr);
}

void times() {
	sinsp inspector;
	CHECK(inspector.get_lastevent_ts() == 0);
	inspector.set_lastevent_ts(1007);
	CHECK(inspector.get_lastevent_ts() == 1007);
	inspector.m_threads_purging_scan_time_ns = 10;
	inspector.m_thread_timeout_ns = 5;
	// The first search is after the interval.
	CHECK(!inspector.remove_inactive_threads());
	inspector.set_lastevent_ts(1018);
	CHECK(inspector.remove_inactive_threads() && !inspector.remove_inactive_threads());
	inspector.m_threads_purging_scan_time_ns = 2;
	inspector.set_lastevent_ts(1021);
	CHECK(inspector.remove_inactive_threads());
}

}  // namespace

int main(int argc, char** argv) {
	if(argc < 2) {
		std::fprintf(stderr, "usage: callbacks CAPTURE\n");
		return 2;
	}
	capture = argv[1];
	const std::vector<test_case> tests = {{"observers", observers},
	                                       {"processors", processors},
	                                       {"within callbacks", within_callbacks},
	                                       {"exceptions", exceptions},
	                                       {"other threads", other_threads},
	                                       {"other threads ask about the capture", other_threads_ask_about_the_capture},
	                                       {"from outside", from_outside},
	                                       {"test input", test_input},
	                                       {"times", times}};
	return run_tests(tests);
}
