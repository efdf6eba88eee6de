// A made-up system for tests: an input of the test engine with two threads, and functions that read its events.
#pragma once

#include "check.h"

#include <libsinsp/filter_check_list.h>
#include <libsinsp/sinsp.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

// A test input: thread 1, thread 20 with /dev/null open as fd 3, and their events.
class machine {
public:
	scap_test_input_data data = {};

	machine() {
		for(const int64_t tid : {1, 20}) {
			scap_threadinfo thread = {};
			thread.tid = thread.pid = thread.vtid = thread.vpid = static_cast<uint64_t>(tid);
			thread.ptid = tid == 1 ? 0 : 1;
			thread.fdlimit = 1024;
			std::snprintf(thread.comm, sizeof(thread.comm), "made-%d", static_cast<int>(tid));
			std::snprintf(thread.cwd, sizeof(thread.cwd), "/");
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
	machine(const machine&) = delete;
	machine& operator=(const machine&) = delete;
	~machine() {
		for(auto* event : m_events) {
			std::free(event);
		}
	}

	template<typename... Params>
	void add(int64_t tid, ppm_event_code type, Params... params) {
		char why[SCAP_LASTERR_SIZE];
		auto* event = scap_create_event(why, ++m_time, static_cast<uint64_t>(tid), type, sizeof...(params), params...);
		CHECK(event != nullptr);
		const size_t taken = m_events.size() - data.event_count;
		m_events.push_back(event);
		data.events = m_events.data() + taken;
		data.event_count = m_events.size() - taken;
	}
	void idle(int64_t tid) { add(tid, PPME_SYSCALL_CHDIR_X, int64_t{-2}, "/"); }
	void chdir(int64_t tid, const char* to) { add(tid, PPME_SYSCALL_CHDIR_X, int64_t{0}, to); }
	void setuid(int64_t tid, uint32_t uid) { add(tid, PPME_SYSCALL_SETUID_X, int64_t{0}, uid); }
	void open(int64_t tid, int64_t fd, const char* path) {
		add(tid, PPME_SYSCALL_OPENAT_2_X, fd, int64_t{PPM_AT_FDCWD}, path, uint32_t{0}, uint32_t{0}, uint32_t{0}, uint64_t{0});
	}
	void close(int64_t tid, int64_t fd) { add(tid, PPME_SYSCALL_CLOSE_X, int64_t{0}, fd); }
	void dup(int64_t tid, int64_t from, int64_t to) { add(tid, PPME_SYSCALL_DUP_1_X, to, from); }
	void fork(int64_t tid, int64_t child) {
		const scap_const_sized_buffer none = {"", 0};
		add(tid, PPME_SYSCALL_CLONE_20_X, child, "exe", none, tid, tid, int64_t{1}, "", int64_t{1024}, uint64_t{0}, uint64_t{0},
		    uint32_t{0}, uint32_t{0}, uint32_t{0}, "forks", none, uint32_t{0}, uint32_t{0}, uint32_t{0}, tid, tid, uint64_t{0});
	}
	void exit(int64_t tid) { add(tid, PPME_PROCEXIT_1_E, int64_t{0}, int64_t{0}, uint8_t{0}, uint8_t{0}, int64_t{1}); }

private:
	std::vector<scap_threadinfo> m_threads;
	scap_fdinfo m_fd = {};
	scap_test_fdinfo_data m_fds[2] = {};
	std::vector<scap_evt*> m_events;
	uint64_t m_time = 1000;
};

// Reads all events.
inline void go_on(sinsp& inspector) {
	for(;;) {
		sinsp_evt* evt = nullptr;
		const int32_t rc = inspector.next(&evt);
		if(rc == SCAP_TIMEOUT || rc == SCAP_EOF) {
			return;
		}
		CHECK(rc == SCAP_SUCCESS || rc == SCAP_FILTERED_EVENT);
	}
}

// The event added last.
inline sinsp_evt* next(sinsp& inspector) {
	sinsp_evt* evt = nullptr;
	CHECK(inspector.next(&evt) == SCAP_SUCCESS);
	return evt;
}

inline std::string shown(sinsp& inspector, sinsp_evt* evt, const std::string& format) {
	sinsp_filter_check_list checks;
	std::string text;
	return sinsp_evt_formatter(&inspector, format, checks).tostring(evt, text) ? text : "nothing";
}

inline bool passes(sinsp& inspector, sinsp_evt* evt, const std::string& filter) {
	return sinsp_filter_compiler(&inspector, filter).compile()->run(evt);
}

using thread_ptr = std::shared_ptr<sinsp_threadinfo>;

inline thread_ptr thread_of(sinsp& inspector, int64_t tid) {
	return inspector.m_thread_manager->find_thread(tid, true);
}
