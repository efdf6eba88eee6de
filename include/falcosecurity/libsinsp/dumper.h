// SPDX-License-Identifier: Apache-2.0
// Writes events to capture files.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/ffi.h>
#include <libsinsp/detail/inspector.h>
#include <libsinsp/event.h>
#include <libsinsp/sinsp_exception.h>
#include <libsinsp/sinsp_public.h>

#include <cstdint>
#include <string>

class sinsp;

// A capture file open for writing. Functions throw sinsp_exception on failure. Use it on the thread that uses the inspector.
class SINSP_PUBLIC sinsp_dumper {
public:
	// Creates or truncates the file, and writes the inspector's machine, threads, fds, interfaces and users to it. `compress`: as gzip.
	void open(sinsp* inspector, const std::string& filename, bool compress) {
		libsinsp::detail::error error;
		start(sinsp_dump_open(libsinsp::detail::handle_of(inspector), libsinsp::detail::str(filename), compress, error.out()),
		      error);
	}

	// Same, for an open file descriptor, which the dumper takes over and closes.
	void fdopen(sinsp* inspector, int fd, bool compress) {
		libsinsp::detail::error error;
		start(sinsp_dump_fdopen(libsinsp::detail::handle_of(inspector), fd, compress, error.out()), error);
	}

	// Appends an event of an inspector, or one that the program built; not if get_dump_flags() says that it should be dropped.
	void dump(sinsp_evt* evt) {
		const auto* dump = opened();
		if(evt == nullptr) {
			throw sinsp_exception("sinsp_dumper::dump: null event");
		}
		libsinsp::detail::error error;
		const sinsp_status status = sinsp_dump_event(dump, libsinsp::detail::handle_of(evt), libsinsp::detail::c_event(evt), error.out());
		if(status == SINSP_FILTERED_EVENT) {
			return;
		}
		error.check(status);
		m_events++;
	}

	// Writes buffered bytes to the file.
	void flush() {
		libsinsp::detail::error error;
		error.check(sinsp_dump_flush(opened(), error.out()));
	}

	// Flushes and closes the file; does nothing if none is open.
	void close() {
		if(is_open()) {
			libsinsp::detail::error error;
			const sinsp_status status = sinsp_dump_close(m_dump.get(), error.out());
			m_dump.reset();
			error.check(status);
		}
	}

	bool is_open() const { return m_dump != nullptr; }
	uint64_t written_events() const { return m_events; }
	// The number of bytes written so far, after compression.
	uint64_t written_bytes() const { return sinsp_dump_written_bytes(m_dump.get()); }

	// The handle of the C ABI, owned by this object; null if no file is open.
	const sinsp_dump* c_handle() const { return m_dump.get(); }

private:
	void start(sinsp_dump* dump, const libsinsp::detail::error& error) {
		m_dump.reset(dump);
		m_events = 0;
		if(dump == nullptr) {
			error.raise();
		}
	}

	const sinsp_dump* opened() const {
		if(m_dump == nullptr) {
			throw sinsp_exception("dumper not opened yet");
		}
		return m_dump.get();
	}

	libsinsp::detail::handle<sinsp_dump, sinsp_dump_free> m_dump;
	uint64_t m_events = 0;
};
