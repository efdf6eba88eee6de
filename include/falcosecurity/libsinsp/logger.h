// SPDX-License-Identifier: Apache-2.0
// Where the messages of libsinsp and of its consumer go.
#pragma once

#include <libscap/scap_log.h>
#include <libsinsp/sinsp_exception.h>
#include <libsinsp/sinsp_public.h>

#include <sys/time.h>

#include <atomic>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <string>
#include <utility>

// The one logger of the process. A message goes to the callback if there is one, else to the file, else to standard output,
// else to standard error, as far as they were added.
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
	static constexpr uint32_t OT_STDOUT = 1;
	static constexpr uint32_t OT_STDERR = 1 << 1;
	static constexpr uint32_t OT_FILE = 1 << 2;
	static constexpr uint32_t OT_CALLBACK = 1 << 3;
	static constexpr uint32_t OT_NOTS = 1 << 4;
	static constexpr uint32_t OT_ENCODE_SEV = 1 << 5;

	static sinsp_logger* instance() {
		static sinsp_logger logger;
		return &logger;
	}

	sinsp_logger(const sinsp_logger&) = delete;
	sinsp_logger& operator=(const sinsp_logger&) = delete;

	uint32_t get_log_output_type() const { return m_outputs; }
	bool has_output() const { return m_outputs != OT_NONE; }

	void add_stdout_log() { m_outputs |= OT_STDOUT; }
	void add_stderr_log() { m_outputs |= OT_STDERR; }

	// Throws if the file cannot be written.
	void add_file_log(const std::string& filename) {
		std::FILE* file = std::fopen(filename.c_str(), "w");
		if(file == nullptr) {
			throw sinsp_exception("Unable to open file " + filename + " for writing");
		}
		if(auto* before = m_file.exchange(file)) {
			std::fclose(before);
		}
		m_outputs |= OT_FILE;
	}

	// The callback may be called by several threads at once.
	void add_callback_log(callback_t callback) {
		m_callback = callback;
		m_outputs |= OT_CALLBACK;
	}
	void remove_callback_log() {
		m_callback = nullptr;
		m_outputs &= ~OT_CALLBACK;
	}

	void disable_timestamps() { m_outputs |= OT_NOTS; }
	// Puts the severity before each message, in eight characters that decode_severity() reads.
	void add_encoded_severity() { m_outputs |= OT_ENCODE_SEV; }

	// Messages less severe than this are dropped.
	void set_severity(severity sev) {
		if(sev < SEV_MIN || sev > SEV_MAX) {
			throw sinsp_exception("Invalid log severity");
		}
		m_severity = sev;
	}
	severity get_severity() const { return m_severity; }
	bool is_enabled(severity sev) const { return sev <= m_severity; }

	void log(const std::string& message, severity sev = SEV_INFO) {
		if(!is_enabled(sev)) {
			return;
		}
		std::string line = (m_outputs & OT_NOTS) ? message : now() + message;
		if(m_outputs & OT_ENCODE_SEV) {
			line.insert(0, severity_names[sev]);
		}
		const callback_t callback = m_callback;
		std::FILE* file = m_file;
		if((m_outputs & OT_CALLBACK) && callback != nullptr) {
			callback(std::move(line), sev);
		} else if((m_outputs & OT_FILE) && file != nullptr) {
			write(file, line);
		} else if(m_outputs & OT_STDOUT) {
			write(stdout, line);
		} else if(m_outputs & OT_STDERR) {
			write(stderr, line);
		}
	}

	// As printf does.
	void format(severity sev, const char* fmt, ...) {
		if(!is_enabled(sev)) {
			return;
		}
		va_list args;
		va_start(args, fmt);
		char text[16384];
		std::vsnprintf(text, sizeof(text), fmt, args);
		va_end(args);
		log(text, sev);
	}

	// Answers how many characters the severity before the message takes; 0 if there is none.
	static size_t decode_severity(const std::string& message, severity& sev) {
		for(int i = SEV_MIN; i <= SEV_MAX; i++) {
			if(message.compare(0, 8, severity_names[i]) == 0) {
				sev = static_cast<severity>(i);
				return 8;
			}
		}
		return 0;
	}

	void reset() {
		m_outputs = OT_NONE;
		m_callback = nullptr;
		m_severity = SEV_INFO;
		if(auto* file = m_file.exchange(nullptr)) {
			std::fclose(file);
		}
	}

private:
	sinsp_logger() = default;
	~sinsp_logger() { reset(); }

	static constexpr const char* severity_names[] = {"SEV_DEF ",
	                                                 "SEV_FAT ",
	                                                 "SEV_CRI ",
	                                                 "SEV_ERR ",
	                                                 "SEV_WAR ",
	                                                 "SEV_NOT ",
	                                                 "SEV_INF ",
	                                                 "SEV_DEB ",
	                                                 "SEV_TRA "};

	static std::string now() {
		timeval time = {};
		gettimeofday(&time, nullptr);
		tm utc = {};
		gmtime_r(&time.tv_sec, &utc);
		char date[32];
		const size_t len = std::strftime(date, sizeof(date), "%m-%d %H:%M:%S", &utc);
		std::snprintf(date + len, sizeof(date) - len, ".%06ld ", static_cast<long>(time.tv_usec));
		return date;
	}

	static void write(std::FILE* to, const std::string& line) {
		std::fprintf(to, "%s\n", line.c_str());
		std::fflush(to);
	}

	std::atomic<std::FILE*> m_file{nullptr};
	std::atomic<callback_t> m_callback{nullptr};
	std::atomic<uint32_t> m_outputs{OT_NONE};
	std::atomic<severity> m_severity{SEV_INFO};
};

using sinsp_logger_callback = sinsp_logger::callback_t;

inline sinsp_logger* libsinsp_logger() {
	return sinsp_logger::instance();
}
