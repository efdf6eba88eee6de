// SPDX-License-Identifier: Apache-2.0
// Writes events to a series of capture files.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/ffi.h>
#include <libsinsp/detail/inspector.h>
#include <libsinsp/dumper.h>
#include <libsinsp/sinsp_exception.h>
#include <libsinsp/sinsp_public.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

// The next file starts when the current one has `rollover_mb` million bytes, covers `duration_seconds` of event time or has `event_limit` events; 0
// means no limit. With a `file_limit`, the file after so many replaces the first. Files are named `base_filename` with a number, if there is a
// limit; with a limit of seconds, the name may be a pattern of strftime(3). Functions throw sinsp_exception on failure. The inspector must stay.
class SINSP_PUBLIC sinsp_cycledumper {
	using callback = std::function<void()>;

public:
	sinsp_cycledumper(sinsp* inspector,
	                  const std::string& base_filename,
	                  const int& rollover_mb,
	                  const int& duration_seconds,
	                  const int& file_limit,
	                  const unsigned long& event_limit,
	                  const bool& compress):
	        m_inspector(inspector),
	        m_compress(compress) {
		const auto limit = [](int value) { return value > 0 ? static_cast<uint32_t>(value) : 0; };
		sinsp_dump_limits limits = {};
		limits.bytes = uint64_t{1000000} * limit(rollover_mb);
		limits.seconds = limit(duration_seconds);
		limits.files = limit(file_limit);
		limits.events = event_limit;
		m_series.reset(sinsp_dump_series_new(libsinsp::detail::str(base_filename), &limits));
	}

	// Writes an event, to a new file if the current one is full.
	void dump(sinsp_evt* evt) {
		if(evt == nullptr) {
			throw sinsp_exception("sinsp_cycledumper::dump: null event");
		}
		libsinsp::detail::error error;
		sinsp_dump_file file = {};
		const auto* current = m_dumper == nullptr ? nullptr : m_dumper->c_handle();
		if(libsinsp::detail::truth(sinsp_dump_series_next(m_series.get(), evt->get_ts(), current, &file, error.out()), error)) {
			const auto name = libsinsp::detail::text(file.name);
			close();
			run(m_open_callbacks);
			auto next = std::make_unique<sinsp_dumper>();
			next->open(m_inspector, name, m_compress);
			m_dumper = std::move(next);
			libsinsp::detail::set_dumping(m_inspector, true);
		}
		if(m_dumper == nullptr) {
			throw sinsp_exception("sinsp_cycledumper::dump: no capture file is open");
		}
		m_dumper->dump(evt);
	}

	// Closes the current file. To be called at the end of the capture.
	void close() {
		if(m_inspector == nullptr) {
			throw sinsp_exception("inspector not opened yet");
		}
		const auto last = std::move(m_dumper);
		libsinsp::detail::set_dumping(m_inspector, false);
		if(last != nullptr) {
			last->close();
		}
		run(m_close_callbacks);
	}

	// Functions to call before a file is opened, and after one is closed.
	void set_callbacks(std::vector<callback> open_cbs, std::vector<callback> close_cbs) {
		m_open_callbacks = std::move(open_cbs);
		m_close_callbacks = std::move(close_cbs);
	}

	void operator()(callback cb) { cb(); }

private:
	static void run(const std::vector<callback>& callbacks) {
		for(const auto& each : callbacks) {
			each();
		}
	}

	sinsp* m_inspector;
	bool m_compress;
	libsinsp::detail::handle<sinsp_dump_series, sinsp_dump_series_free> m_series;
	std::unique_ptr<sinsp_dumper> m_dumper;
	std::vector<callback> m_open_callbacks;
	std::vector<callback> m_close_callbacks;
};
