// SPDX-License-Identifier: Apache-2.0
// The set of threads whose events are suppressed.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/ffi.h>

#include <cstdint>
#include <string>

namespace libsinsp {

// Suppresses threads by name or by tid, together with their descendants.
class sinsp_suppress {
public:
	// An empty set without an inspector.
	sinsp_suppress(): sinsp_suppress(nullptr) {}
	// The set of an inspector, which must outlive this object.
	explicit sinsp_suppress(sinsp_inspector* inspector): m_set(sinsp_suppressed_new(inspector, nullptr)) {}

	// Suppresses the threads with this name that start or are scanned from now on.
	void suppress_comm(const std::string& comm) {
		act([&](sinsp_error** error) { return sinsp_suppressed_add_comm(m_set.get(), detail::str(comm), error); });
	}
	void suppress_tid(uint64_t tid) {
		act([&](sinsp_error** error) { return sinsp_suppressed_add_tid(m_set.get(), static_cast<int64_t>(tid), error); });
	}
	// Removes the names. Threads that are suppressed already stay so.
	void clear_suppress_comm() {
		act([&](sinsp_error** error) { return sinsp_suppressed_clear(m_set.get(), false, error); });
	}
	void clear_suppress_tid() {
		act([&](sinsp_error** error) { return sinsp_suppressed_clear(m_set.get(), true, error); });
	}

	bool is_suppressed_tid(uint64_t tid) const {
		return act([&](sinsp_error** error) { return sinsp_suppressed_has_tid(m_set.get(), static_cast<int64_t>(tid), error); });
	}
	uint64_t get_num_suppressed_tids() const {
		return act([&](sinsp_error** error) { return sinsp_suppressed_count(m_set.get(), nullptr, error); });
	}
	uint64_t get_num_suppressed_events() const {
		uint64_t events = 0;
		act([&](sinsp_error** error) { return sinsp_suppressed_count(m_set.get(), &events, error); });
		return events;
	}

	// Starts a scan. Until finalize(), threads may be passed to check_suppressed_comm() in any order.
	void initialize() {
		act([&](sinsp_error** error) { return sinsp_suppressed_begin_scan(m_set.get(), error); });
	}
	// Suppresses a thread if its name is suppressed. Returns whether it is.
	bool check_suppressed_comm(uint64_t tid, uint64_t parent_tid, const std::string& comm) {
		return act([&](sinsp_error** error) {
			return sinsp_suppressed_check(m_set.get(),
			                              static_cast<int64_t>(tid),
			                              static_cast<int64_t>(parent_tid),
			                              detail::str(comm),
			                              error);
		});
	}
	// Ends the scan, and suppresses the scanned descendants of suppressed threads.
	void finalize() {
		act([&](sinsp_error** error) { return sinsp_suppressed_end_scan(m_set.get(), error); });
	}

private:
	// Calls a function of the C ABI. Throws if it fails.
	template<typename Function>
	static auto act(Function function) -> decltype(function(nullptr)) {
		detail::error error;
		const auto answer = function(error.out());
		error.check(error.status());
		return answer;
	}

	detail::handle<sinsp_suppressed, sinsp_suppressed_free> m_set;
};

}  // namespace libsinsp
