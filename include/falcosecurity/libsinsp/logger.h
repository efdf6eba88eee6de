// SPDX-License-Identifier: Apache-2.0
// The logger of libsinsp and of its consumers.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libscap/scap_log.h>
#include <libsinsp/detail/ffi.h>
#include <libsinsp/logger_macros.h>
#include <libsinsp/sinsp_public.h>

#include <atomic>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <utility>

// The logger of the process. A message goes to the callback if one is set, else to the file, else to standard output, else to standard error,
// as far as they were added. Thread-safe, also from within the callback.
class SINSP_PUBLIC sinsp_logger {
public:
	enum severity {
		SEV_FATAL = FALCOSECURITY_LOG_SEV_FATAL,
		SEV_CRITICAL = FALCOSECURITY_LOG_SEV_CRITICAL,
		SEV_ERROR = FALCOSECURITY_LOG_SEV_ERROR,
		SEV_WARNING = FALCOSECURITY_LOG_SEV_WARNING,
		SEV_NOTICE = FALCOSECURITY_LOG_SEV_NOTICE,
		SEV_INFO = FALCOSECURITY_LOG_SEV_INFO,
		SEV_DEBUG = FALCOSECURITY_LOG_SEV_DEBUG,
		SEV_TRACE = FALCOSECURITY_LOG_SEV_TRACE,
	};
	static constexpr severity SEV_MIN = SEV_FATAL;
	static constexpr severity SEV_MAX = SEV_TRACE;

	using callback_t = void (*)(std::string&& str, severity sev);

	static constexpr uint32_t OT_NONE = 0;
	static constexpr uint32_t OT_STDOUT = SINSP_LOG_STDOUT;
	static constexpr uint32_t OT_STDERR = SINSP_LOG_STDERR;
	static constexpr uint32_t OT_FILE = SINSP_LOG_FILE;
	static constexpr uint32_t OT_CALLBACK = SINSP_LOG_CALLBACK;
	static constexpr uint32_t OT_NOTS = SINSP_LOG_NO_TIMESTAMPS;
	static constexpr uint32_t OT_ENCODE_SEV = SINSP_LOG_ENCODED_SEVERITY;

	static sinsp_logger* instance() {
		static sinsp_logger logger;
		return &logger;
	}

	sinsp_logger(const sinsp_logger&) = delete;
	sinsp_logger& operator=(const sinsp_logger&) = delete;

	uint32_t get_log_output_type() const { return sinsp_log_outputs(); }
	bool has_output() const { return get_log_output_type() != OT_NONE; }

	void add_stdout_log() { sinsp_log_add_stdout(); }
	void add_stderr_log() { sinsp_log_add_stderr(); }

	// Logs to a file, which is created or truncated. Throws if that fails.
	void add_file_log(const std::string& filename) {
		libsinsp::detail::error error;
		error.check(sinsp_log_add_file(libsinsp::detail::str(filename), error.out()));
	}

	// Null removes the callback. Several threads may call it at once. An exception that it throws comes out of log(), or of the inspector's
	// function that logged.
	void add_callback_log(callback_t callback) {
		if(callback == nullptr) {
			return remove_callback_log();
		}
		sinsp_log_callback table = {};
		table.size = sizeof(table);
		table.context = reinterpret_cast<void*>(callback);
		table.log = [](void* context, sinsp_str message, uint32_t sev) {
			try {
				reinterpret_cast<callback_t>(context)(libsinsp::detail::text(message), static_cast<severity>(sev));
			} catch(...) {
				thrown() = std::current_exception();
				m_thrown = true;
			}
		};
		libsinsp::detail::error error;
		error.check(sinsp_log_set_callback(&table, error.out()));
	}
	void remove_callback_log() { sinsp_log_set_callback(nullptr, nullptr); }

	void disable_timestamps() { sinsp_log_disable_timestamps(); }
	// Prefixes each message with its severity, in eight characters that decode_severity() reads.
	void add_encoded_severity() { sinsp_log_add_encoded_severity(); }

	// Drops messages that are less severe. Throws if `sev` is not a severity.
	void set_severity(severity sev) {
		libsinsp::detail::error error;
		error.check(sinsp_log_set_severity(static_cast<uint32_t>(sev), error.out()));
	}
	severity get_severity() const { return static_cast<severity>(sinsp_log_severity()); }
	bool is_enabled(severity sev) const { return sinsp_log_is_enabled(static_cast<uint32_t>(sev)); }

	void log(const std::string& message, severity sev = SEV_INFO) {
		sinsp_log(static_cast<uint32_t>(sev), libsinsp::detail::str(message));
		rethrow();
	}

	// Logs a message formatted as by printf.
	void format(severity sev, const char* fmt, ...) {
		if(!is_enabled(sev)) {
			return;
		}
		va_list args;
		va_start(args, fmt);
		const char* text = printed(fmt, args);
		va_end(args);
		log(text, sev);
	}

	void format(const char* fmt, ...) {
		va_list args;
		va_start(args, fmt);
		const char* text = printed(fmt, args);
		va_end(args);
		log(text, SEV_INFO);
	}

	// Same, and returns the message, also if its severity is not logged. It is valid until this thread formats the next message.
	const char* format_and_return(severity sev, const char* fmt, ...) {
		va_list args;
		va_start(args, fmt);
		const char* text = printed(fmt, args);
		va_end(args);
		log(text, sev);
		return text;
	}

	// Returns the length of the severity prefix of a message; 0 if it has none.
	static size_t decode_severity(const std::string& message, severity& sev) {
		uint32_t found = 0;
		const size_t len = sinsp_log_decode_severity(libsinsp::detail::str(message), &found);
		if(len != 0) {
			sev = static_cast<severity>(found);
		}
		return len;
	}

	void reset() { sinsp_log_reset(); }

	// Rethrows an exception that the callback threw on this thread. Facade functions that log call it when they return.
	static void rethrow() {
		if(has_thrown() && thrown()) {
			std::rethrow_exception(std::exchange(thrown(), nullptr));
		}
	}

	// Whether a callback has ever thrown. A fast test before rethrow().
	static bool has_thrown() { return m_thrown.load(std::memory_order_relaxed); }

private:
	sinsp_logger() = default;

	static inline std::atomic<bool> m_thrown{false};

	static std::exception_ptr& thrown() {
		thread_local std::exception_ptr exception;
		return exception;
	}

	// Formats into a thread-local buffer; a longer text is truncated.
	static const char* printed(const char* fmt, va_list args) {
		thread_local char text[16384];
		std::vsnprintf(text, sizeof(text), fmt, args);
		return text;
	}
};

using sinsp_logger_callback = sinsp_logger::callback_t;

inline sinsp_logger* libsinsp_logger() {
	return sinsp_logger::instance();
}
