// SPDX-License-Identifier: Apache-2.0
// Options of an inspector for live captures, the events that it suppresses, and where it logs.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/ffi.h>
#include <libsinsp/logger.h>
#include <libsinsp/sinsp_event_selection.h>
#include <libsinsp/sinsp_mode.h>
#include <libsinsp/sinsp_suppress.h>

#include <cstdint>
#include <string>
#include <vector>

class sinsp_filter;

namespace libsinsp {
namespace detail {

template<typename Inspector>
class live_options {
public:
	// How live engines capture: what is set before one is opened holds for it too. Throws if the engine that is open cannot do it.

	// How many bytes of a data buffer are captured.
	void set_snaplen(uint32_t snaplen) { set_live(SINSP_OPTION_SNAPLEN, snaplen); }
	// Whether calls that fail are not captured.
	void set_dropfailed(bool dropfailed) { set_live(SINSP_OPTION_DROP_FAILED, dropfailed); }
	// The ports whose traffic is captured whole.
	void set_fullcapture_port_range(uint16_t range_start, uint16_t range_end) {
		set(SINSP_OPTION_FULL_CAPTURE_PORTS, uint64_t{range_start} << 16 | range_end);
	}
	void set_statsd_port(uint16_t port) { set(SINSP_OPTION_STATSD_PORT, port); }
	// Captures one part of so many of every second.
	void start_dropping_mode(uint32_t sampling_ratio) { set_live(SINSP_OPTION_DROPPING, sampling_ratio); }
	void stop_dropping_mode() { set_live(SINSP_OPTION_DROPPING, 0); }

	// Gives a CPU a ring buffer of so many bytes, a power of two and a multiple of the page size, at most 1 GiB, while a capture of the modern BPF engine
	// is open; nothing changes where it has one of that size or more. The events in the rings keep their order and are not lost, and after an error the
	// CPU has the ring that it had. To be called by the thread that calls next(): the rings are not read in the time that it takes, tens of milliseconds,
	// and 200 for 128 MiB, which the kernel clears. Throws if the open engine cannot do it.
	// Not in the reference.
	void grow_buffer(uint32_t cpu, uint64_t bytes) {
		error error;
		error.check(sinsp_inspector_grow_buffer(self().c_handle(), cpu, bytes, error.out()));
	}

	// Has the kernel's driver leave out events for which none of the filters can hold, judged by the system call and by whether it failed, and that
	// do not change the state of threads and fds; without filters, the one of set_filter() counts, whatever it is at the time. The program promises to
	// evaluate no other filters and to need no other events. Nothing is left out, which the report then says, while there is an observer, an event
	// processor or no filter, or a filter has a field that depends on the events before, such as evt.num; and once a capture is written, until the next
	// call. It holds for the open capture and later ones. Throws if the open driver cannot do it. The filters may be destroyed afterwards.
	// Not in the reference.
	sinsp_event_selection start_event_selection(const std::vector<const sinsp_filter*>& filters = {}) {
		const auto programs = Inspector::programs_of(filters);
		error error;
		error.check(sinsp_inspector_start_selection(self().c_handle(), programs.data(), programs.size(), error.out()));
		return get_event_selection();
	}
	// The driver reports all events again. Not in the reference.
	void stop_event_selection() {
		error error;
		error.check(sinsp_inspector_stop_selection(self().c_handle(), error.out()));
	}
	// What is left out now, and why not more. Throws if no selection was started. Not in the reference.
	sinsp_event_selection get_event_selection() const {
		error error;
		auto* report = sinsp_inspector_selection(self().c_handle(), error.out());
		error.check(error.status());
		return sinsp_event_selection(report);
	}

	// Whether the number of events and drops is logged, as debug messages, when a capture is stopped.
	void set_auto_stats_print(bool enabled) { m_prints_stats = enabled; }

	// Suppresses the events of threads with this name that start from now on, and of their descendants.
	bool suppress_events_comm(const std::string& comm) {
		suppressed().suppress_comm(comm);
		return true;
	}
	// Suppresses the events of a thread and of its descendants.
	bool suppress_events_tid(int64_t tid) {
		suppressed().suppress_tid(static_cast<uint64_t>(tid));
		return true;
	}
	void clear_suppress_events_comm() { suppressed().clear_suppress_comm(); }
	void clear_suppress_events_tid() { suppressed().clear_suppress_tid(); }
	// Whether the events of a thread are suppressed.
	bool check_suppressed(int64_t tid) const { return suppressed().is_suppressed_tid(static_cast<uint64_t>(tid)); }

	// Same as the functions of libsinsp_logger(). A null callback removes the present one.
	void set_log_callback(sinsp_logger_callback callback) { libsinsp_logger()->add_callback_log(callback); }
	void set_log_file(const std::string& filename) { libsinsp_logger()->add_file_log(filename); }
	void set_log_stderr() { libsinsp_logger()->add_stderr_log(); }
	void set_min_log_severity(sinsp_logger::severity sev) { libsinsp_logger()->set_severity(sev); }

protected:
	bool prints_stats() const { return m_prints_stats; }

private:
	void set(sinsp_option option, uint64_t value) {
		error error;
		error.check(sinsp_inspector_set_option(self().c_handle(), option, value, error.out()));
	}
	// Sets an option that only live engines have; other engines ignore it.
	void set_live(sinsp_option option, uint64_t value) {
		if(self().m_mode == SINSP_MODE_NONE || self().is_live()) {
			set(option, value);
		}
	}
	sinsp_suppress& suppressed() { return static_cast<Inspector*>(this)->m_suppress; }
	const sinsp_suppress& suppressed() const { return self().m_suppress; }
	const Inspector& self() const { return *static_cast<const Inspector*>(this); }

	bool m_prints_stats = true;
};

}  // namespace detail
}  // namespace libsinsp
