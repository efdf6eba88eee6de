// SPDX-License-Identifier: Apache-2.0
// Writing events to capture files.
#pragma once

#include <libsinsp/detail/ffi.h>
#include <libsinsp/detail/inspector.h>
#include <libsinsp/event.h>
#include <libsinsp/sinsp_exception.h>
#include <libsinsp/sinsp_public.h>

#include <cstdint>
#include <string>

class sinsp;

// A capture file that is written. What does not work throws.
class SINSP_PUBLIC sinsp_dumper {
public:
	// Creates or empties a file, and writes what the inspector knows of the system to it.
	void open(sinsp* inspector, const std::string& filename, bool compress) {
		libsinsp::detail::error error;
		start(sinsp_dump_open(libsinsp::detail::handle_of(inspector), libsinsp::detail::str(filename), compress, error.out()),
		      error);
	}

	// The same with an open file descriptor, which is then the dumper's.
	void fdopen(sinsp* inspector, int fd, bool compress) {
		libsinsp::detail::error error;
		start(sinsp_dump_fdopen(libsinsp::detail::handle_of(inspector), fd, compress, error.out()), error);
	}

	// Writes an event, of an inspector or of the program's own.
	void dump(sinsp_evt* evt) {
		const auto* dump = opened();
		libsinsp::detail::error error;
		error.check(sinsp_dump_event(dump, libsinsp::detail::handle_of(evt), evt->c_event(), error.out()));
		m_events++;
	}

	// Has everything that was written reach the file.
	void flush() {
		libsinsp::detail::error error;
		error.check(sinsp_dump_flush(opened(), error.out()));
	}

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
	// How many bytes the file has got so far.
	uint64_t written_bytes() const { return sinsp_dump_written_bytes(m_dump.get()); }

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
