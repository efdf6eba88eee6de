// SPDX-License-Identifier: Apache-2.0
// The functions that write a capture, behind one interface, and the events that are written: those of a capture, repeatedly, each a little later.
#pragma once

#include <libscap/scap.h>
#include <libscap/scap_engines.h>
#include <libscap/scap_savefile_api.h>
#include <libsinsp/dumper.h>
#include <libsinsp/sinsp.h>

#include <cstdint>
#include <fstream>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace dumper {

constexpr uint64_t SECOND = 1000000000;
// The time between two events.
constexpr uint64_t STEP = 10000000;
// The buffer of a dumper.
constexpr int64_t BUFFER = 8192;
// The greatest length of an event with its block.
constexpr size_t MAX_EVENT = 4096;

struct kind {
	const char* name;
	bool of_inspector, by_fd, gzip;
};

const kind KINDS[] = {
        {"scap_dump_open", false, false, false},
        {"scap_dump_open, gzip", false, false, true},
        {"scap_dump_open_fd", false, true, false},
        {"scap_dump_open_fd, gzip", false, true, true},
        {"sinsp_dumper::open", true, false, false},
        {"sinsp_dumper::open, gzip", true, false, true},
        {"sinsp_dumper::fdopen", true, true, false},
};

inline int64_t file_size(const std::string& path) {
	struct stat st = {};
	return stat(path.c_str(), &st) == 0 ? st.st_size : -1;
}

inline void write_file(const std::string& path, const std::vector<uint8_t>& bytes) {
	std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

// The part of an error after the last colon.
inline std::string last_word(const std::string& text) {
	const size_t colon = text.rfind(": ");
	return colon == std::string::npos ? text : text.substr(colon + 2);
}

struct outcome {
	bool opened = false;
	// The number of events without those of users and groups.
	uint64_t events = 0;
	uint64_t accounts = 0;
	uint64_t last_ts = 0;
	int32_t code = SCAP_SUCCESS;
	std::string error;
};

inline outcome read(const std::string& path, const std::function<void(const scap_evt*)>& look = {}) {
	outcome got;
	scap_savefile_engine_params params = {};
	params.fname = path.c_str();
	scap_open_args args = {};
	args.engine_params = &params;
	char error[SCAP_LASTERR_SIZE] = "";
	scap_t* handle = scap_open(&args, &scap_savefile_engine, error, &got.code);
	if(handle == nullptr) {
		got.error = error;
		return got;
	}
	got.opened = true;
	scap_evt* event = nullptr;
	uint16_t device = 0;
	uint32_t flags = 0;
	while((got.code = scap_next(handle, &event, &device, &flags)) == SCAP_SUCCESS || got.code == SCAP_FILTERED_EVENT) {
		if(got.code != SCAP_SUCCESS) {
			continue;
		}
		if(look) {
			look(event);
		}
		if(event->type == PPME_USER_ADDED_E || event->type == PPME_GROUP_ADDED_E) {
			got.accounts++;
		} else {
			got.events++;
			got.last_ts = event->ts;
		}
	}
	if(got.code != SCAP_EOF) {
		got.error = scap_getlasterr(handle);
	}
	scap_close(handle);
	return got;
}

class events {
public:
	explicit events(const std::string& capture) {
		read(capture, [&](const scap_evt* event) {
			const auto* bytes = reinterpret_cast<const uint8_t*>(event);
			if(event->len + 64 < MAX_EVENT && event->type != PPME_USER_ADDED_E && event->type != PPME_GROUP_ADDED_E) {
				m_all.emplace_back(bytes, bytes + event->len);
			}
		});
		if(m_all.empty()) {
			throw std::runtime_error("the capture has no events");
		}
	}

	// The event number `i`, valid until the next call.
	scap_evt* at(uint64_t i) const {
		m_event = m_all[i % m_all.size()];
		auto* event = reinterpret_cast<scap_evt*>(m_event.data());
		event->ts = 1700000000 * SECOND + i * STEP;
		return event;
	}

private:
	std::vector<std::vector<uint8_t>> m_all;
	mutable std::vector<uint8_t> m_event;
};

// Functions throw on errors.
class target {
public:
	virtual ~target() = default;
	virtual void dump(scap_evt* event) = 0;
	virtual void flush() = 0;
	// The library's numbers: the offset in the file, and all bytes that were written (0 for an inspector's).
	virtual int64_t offset() = 0;
	virtual int64_t told() = 0;
};

class scap_target: public target {
public:
	scap_target(const kind& kind, const std::string& path) {
		char error[SCAP_LASTERR_SIZE] = "";
		const auto mode = kind.gzip ? SCAP_COMPRESSION_GZIP : SCAP_COMPRESSION_NONE;
		if(kind.by_fd) {
			const int fd = ::open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
			m_dumper = scap_dump_open_fd(nullptr, fd, mode, true, error);
		} else {
			m_dumper = scap_dump_open(nullptr, path.c_str(), mode, error);
		}
		if(m_dumper == nullptr) {
			throw std::runtime_error(error);
		}
	}
	~scap_target() override { scap_dump_close(m_dumper); }
	scap_target(const scap_target&) = delete;
	scap_target& operator=(const scap_target&) = delete;

	void dump(scap_evt* event) override {
		if(scap_dump(m_dumper, event, 0, 0) != SCAP_SUCCESS) {
			throw std::runtime_error(scap_dump_getlasterr(m_dumper));
		}
	}
	void flush() override { scap_dump_flush(m_dumper); }
	int64_t offset() override { return scap_dump_get_offset(m_dumper); }
	int64_t told() override { return scap_dump_ftell(m_dumper); }

private:
	scap_dumper_t* m_dumper;
};

class sinsp_target: public target {
public:
	sinsp_target(const kind& kind, const std::string& path) {
		m_inspector.open_nodriver();
		if(kind.by_fd) {
			m_dumper.fdopen(&m_inspector, ::open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600), kind.gzip);
		} else {
			m_dumper.open(&m_inspector, path, kind.gzip);
		}
	}

	void dump(scap_evt* event) override {
		sinsp_evt evt;
		evt.set_inspector(&m_inspector);
		evt.init_from_raw(reinterpret_cast<uint8_t*>(event), 0);
		m_dumper.dump(&evt);
	}
	void flush() override { m_dumper.flush(); }
	int64_t offset() override { return static_cast<int64_t>(m_dumper.written_bytes()); }
	int64_t told() override { return 0; }

private:
	sinsp m_inspector;
	sinsp_dumper m_dumper;
};

inline std::unique_ptr<target> open(const kind& kind, const std::string& path) {
	if(kind.of_inspector) {
		return std::make_unique<sinsp_target>(kind, path);
	}
	return std::make_unique<scap_target>(kind, path);
}

}  // namespace dumper
