// SPDX-License-Identifier: Apache-2.0
// Damaged captures: every event before the damage must be delivered, then an error must name the fault and its offset.
//
//   captures CAPTURE.scap.gz DIRECTORY [EVERY]   with EVERY, only every EVERY-th place is damaged
#include "check.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <random>
#include <vector>

#include <sys/stat.h>

using namespace badinput;

namespace {

// The longest prefix of gzip data that can be decompressed. `clean`: whether that is all of the data.
std::string inflated(const std::string& gzip, bool& clean) {
	z_stream z = {};
	inflateInit2(&z, 15 + 16);
	std::string out;
	int rc = Z_OK;
	char chunk[4096];
	z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(gzip.data()));
	z.avail_in = static_cast<uInt>(gzip.size());
	do {
		z.next_out = reinterpret_cast<Bytef*>(chunk);
		z.avail_out = sizeof(chunk);
		rc = inflate(&z, Z_NO_FLUSH);
		out.append(chunk, sizeof(chunk) - z.avail_out);
	} while(rc == Z_OK && (z.avail_in > 0 || z.avail_out == 0));
	inflateEnd(&z);
	clean = rc == Z_STREAM_END;
	return out;
}

uint32_t le32(const std::string& bytes, size_t at) {
	uint32_t value;
	std::memcpy(&value, bytes.data() + at, sizeof(value));
	return value;
}

void put32(std::string& bytes, size_t at, uint32_t value) {
	std::memcpy(&bytes[at], &value, sizeof(value));
}

struct block {
	uint32_t type;
	size_t begin;
	size_t end;
	bool event() const { return type == 0x216 || type == 0x217 || type == 0x221 || type == 0x222; }
	// The offset of the event in its block.
	size_t body() const { return begin + 8 + 2 + (type == 0x217 || type == 0x222 ? 4 : 0); }
};

std::vector<block> blocks_of(const std::string& plain) {
	std::vector<block> blocks;
	for(size_t at = 0; at + 12 <= plain.size();) {
		const size_t end = at + le32(plain, at + 4);
		blocks.push_back({le32(plain, at), at, end});
		at = end;
	}
	return blocks;
}

class tester {
public:
	tester(std::string gzip, const std::string& directory, size_t every):
	        m_gzip(std::move(gzip)), m_path(directory + "/damaged.scap"), m_every(every) {
		bool clean = false;
		m_plain = inflated(m_gzip, clean);
		m_blocks = blocks_of(m_plain);
		if(!clean || m_blocks.empty() || m_blocks.back().end != m_plain.size()) {
			std::printf("the capture is no good to begin with\n");
			std::exit(2);
		}
		while(!m_blocks[m_first].event()) {
			m_first++;
		}
	}

	void run() {
		whole();
		cut_anywhere();
		lengths();
		lists();
		events();
		versions();
		gzip_cut();
		gzip_broken();
		gzip_members();
	}

private:
	// The number of events whose blocks end at or before `offset`.
	size_t events_before(size_t offset) const {
		size_t n = 0;
		for(const block& b: m_blocks) {
			n += b.event() && b.end <= offset;
		}
		return n;
	}

	// Reads `bytes` as a capture through both libraries, which must agree, and passes the outcome to `then`.
	void read(const std::string& bytes, const std::string& what, const std::function<void(const outcome&, const std::string&)>& then) {
		write_file(m_path, bytes);
		then(read_scap(m_path), what + ", libscap");
		then(read_sinsp(m_path), what + ", libsinsp");
	}

	// Expects `events` events, then an error whose text contains all of `parts`.
	void fails(const std::string& bytes, const std::string& what, size_t events, const std::vector<std::string>& parts) {
		read(bytes, what, [&](const outcome& got, const std::string& which) {
			check(got.events == events, which, std::to_string(got.events) + " of " + std::to_string(events) + " events, " + got.error);
			check(got.code == SCAP_FAILURE || got.code == SCAP_NOT_SUPPORTED, which, "code " + std::to_string(got.code));
			for(const std::string& part: parts) {
				check(contains(got.error, part), which, "no '" + part + "' in: " + got.error);
			}
		});
	}

	void whole() {
		for(const std::string* bytes: {&m_plain, &m_gzip}) {
			read(*bytes, "the whole capture", [&](const outcome& got, const std::string& which) {
				check(got.events == events_before(m_plain.size()) && got.code == SCAP_EOF, which, got.error);
			});
		}
	}

	void cut(size_t at) {
		const std::string what = "cut at " + std::to_string(at);
		const std::string bytes = m_plain.substr(0, at);
		bool boundary = at == 0;
		size_t open_block = 0;
		for(const block& b: m_blocks) {
			boundary |= b.end == at;
			if(b.begin <= at) {
				open_block = b.begin;
			}
		}
		if(at > 0 && boundary) {
			read(bytes, what, [&](const outcome& got, const std::string& which) {
				check(got.events == events_before(at) && got.code == SCAP_EOF, which, std::to_string(got.events) + " events, " + got.error);
			});
			return;
		}
		const char* why = at == 0 ? "not a capture: the file is empty" : "truncated";
		fails(bytes, what, events_before(at), {why, "offset "});
		if(!boundary) {
			read(bytes, what, [&](const outcome& got, const std::string& which) {
				const size_t place = got.error.rfind("offset ");
				const size_t offset = place == std::string::npos ? 0 : std::strtoull(got.error.c_str() + place + 7, nullptr, 10);
				check(open_block <= offset && offset <= at, which, "a place outside the block in: " + got.error);
			});
		}
	}

	void cut_anywhere() {
		for(size_t i = 0; i < m_blocks.size(); i += m_every) {
			cut(m_blocks[i].begin);
		}
		std::uniform_int_distribution<size_t> place(1, m_plain.size() - 1);
		for(size_t i = 0; i < 200 / m_every; i++) {
			cut(place(m_random));
		}
	}

	void lengths() {
		for(size_t i = m_first; i < m_blocks.size(); i += 13 * m_every) {
			const block& b = m_blocks[i];
			const uint32_t len = static_cast<uint32_t>(b.end - b.begin);
			for(uint32_t lie: {0u, 1u, 11u, 12u, len - 4, len + 4, len + 4000, 0x7fffffffu, 0x80000000u, 0xffffffffu}) {
				std::string bytes = m_plain;
				put32(bytes, b.begin + 4, lie);
				fails(bytes, "block " + std::to_string(i) + " of length " + std::to_string(lie), events_before(b.begin),
				      {"offset " + std::to_string(b.begin)});
			}
			std::string bytes = m_plain;
			put32(bytes, b.end - 4, len + 1);
			fails(bytes, "another length behind block " + std::to_string(i), events_before(b.begin),
			      {"length", "offset " + std::to_string(b.begin)});
		}
	}

	// Damages the blocks before the events.
	void lists() {
		for(size_t i = 0; i < m_first; i++) {
			for(uint32_t lie: {0u, 1u, 11u, 12u, 16u, 0x7fffffffu, 0xffffffffu}) {
				std::string bytes = m_plain;
				put32(bytes, m_blocks[i].begin + 4, lie);
				fails(bytes, "list " + std::to_string(i) + " of length " + std::to_string(lie), 0, {"offset "});
			}
			// Random bytes in a list: it is read or refused.
			for(size_t n = 0; n < 200 / m_every; n++) {
				std::uniform_int_distribution<size_t> place(m_blocks[i].begin + 8, m_blocks[i].end - 5);
				std::string bytes = m_plain;
				bytes[place(m_random)] = static_cast<char>(m_random());
				read(bytes, "a byte changed in list " + std::to_string(i), [&](const outcome& got, const std::string& which) {
					check(got.code == SCAP_EOF || !got.error.empty(), which, "no error text");
				});
			}
		}
	}

	// Damages the headers of events.
	void events() {
		for(size_t i = m_first; i < m_blocks.size(); i += 13 * m_every) {
			const block& b = m_blocks[i];
			const size_t at = b.body();
			const std::string place = "offset " + std::to_string(b.begin);
			for(uint32_t lie: {0u, 25u, le32(m_plain, at + 16) + 4096, 0x7fffffffu, 0xffffffffu}) {
				std::string bytes = m_plain;
				put32(bytes, at + 16, lie);
				fails(bytes, "event " + std::to_string(i) + " of length " + std::to_string(lie), events_before(b.begin), {"bad event", place});
			}
			for(uint32_t lie: {0x7fffffffu, 0x80000000u, 0xffffffffu}) {
				std::string bytes = m_plain;
				put32(bytes, at + 22, lie);
				fails(bytes, "event " + std::to_string(i) + " with " + std::to_string(lie) + " parameters", events_before(b.begin), {"bad event", place});
			}
		}
	}

	// Section headers.
	void versions() {
		std::string bytes = m_plain;
		bytes[8] = 'x';
		fails(bytes, "another magic number", 0, {"not a capture: wrong magic number"});
		bytes = m_plain;
		std::reverse(&bytes[8], &bytes[12]);
		fails(bytes, "the magic number of the other byte order alone", 0, {"format version 256 is not supported"});
		bytes = m_plain;
		bytes[12] = 2;
		fails(bytes, "a later version", 0, {"format version 2 is not supported"});
	}

	// A truncated gzip file: everything that can be decompressed is delivered.
	void gzip_cut() {
		std::uniform_int_distribution<size_t> place(1, m_gzip.size() - 1);
		for(size_t i = 0; i < 100 / m_every; i++) {
			const std::string bytes = m_gzip.substr(0, place(m_random));
			bool clean = false;
			const size_t events = events_before(inflated(bytes, clean).size());
			fails(bytes, "gzip cut at " + std::to_string(bytes.size()), events, {"the gzip stream ends early", "offset "});
		}
	}

	// A gzip file with damaged bytes: everything compressed before them is delivered.
	void gzip_broken() {
		std::uniform_int_distribution<size_t> place(20, m_gzip.size() - 1);
		for(size_t i = 0; i < 200 / m_every; i++) {
			std::string bytes = m_gzip;
			const size_t at = place(m_random);
			for(size_t k = at; k < bytes.size() && k < at + 8; k++) {
				bytes[k] = static_cast<char>(~bytes[k]);
			}
			bool clean = false;
			const std::string plain = inflated(bytes, clean);
			size_t same = 0;
			while(same < plain.size() && same < m_plain.size() && plain[same] == m_plain[same]) {
				same++;
			}
			const size_t events = events_before(same);
			read(bytes, "gzip broken at " + std::to_string(at), [&](const outcome& got, const std::string& which) {
				check(got.events >= events, which, std::to_string(got.events) + " of " + std::to_string(events) + " events, " + got.error);
				check(got.code == SCAP_FAILURE, which, "code " + std::to_string(got.code));
				check(contains(got.error, "offset "), which, "no place in: " + got.error);
				if(same == plain.size() && !clean) {
					check(contains(got.error, "gzip stream"), which, "no word of gzip in: " + got.error);
				}
			});
		}
	}

	// Many empty gzip members in a row.
	void gzip_members() {
		static const char empty[] = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00";
		std::string bytes;
		for(int i = 0; i < 300000; i++) {
			bytes.append(empty, sizeof(empty) - 1);
		}
		fails(bytes, "empty gzip streams", 0, {"not a capture: the file is empty"});
		read(bytes + m_gzip, "a capture behind empty gzip streams", [&](const outcome& got, const std::string& which) {
			check(got.events == events_before(m_plain.size()) && got.code == SCAP_EOF, which, got.error);
		});
	}

	std::string m_gzip;
	std::string m_plain;
	std::string m_path;
	size_t m_every;
	std::vector<block> m_blocks;
	// The index of the first block that is an event.
	size_t m_first = 0;
	std::mt19937_64 m_random{20240229};
};

// Files that are not captures.
void no_captures(const std::string& directory) {
	const auto refused = [](const std::string& path, const std::vector<std::string>& parts) {
		for(const auto& [got, which]: {std::pair(read_scap(path), "libscap"), std::pair(read_sinsp(path), "libsinsp")}) {
			check(!got.opened && got.code != SCAP_SUCCESS, path + ", " + which, "it was opened");
			for(const std::string& part: parts) {
				check(contains(got.error, part), path + ", " + which, "no '" + part + "' in: " + got.error);
			}
		}
	};
	write_file(directory + "/empty", "");
	write_file(directory + "/text", "This is no capture at all, but a text.\n");
	write_file(directory + "/short", "\n");
	refused(directory + "/empty", {"not a capture: the file is empty"});
	refused(directory + "/text", {"not a capture", "offset 0"});
	refused(directory + "/short", {"truncated", "offset"});
	refused(directory, {"directory"});
	refused("/proc/self/exe", {"not a capture"});
	refused("/dev/null", {"not a capture: the file is empty"});
	refused(directory + "/missing.scap", {directory + "/missing.scap", "No such file or directory"});
	refused(directory + "/text/beneath", {directory + "/text/beneath", "Not a directory"});
	refused(std::string(5000, 'x'), {"File name too long"});
}

}  // namespace

int main(int argc, char** argv) {
	if(argc < 3) {
		return 2;
	}
	tester(file_bytes(argv[1]), argv[2], argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 1).run();
	no_captures(argv[2]);
	return result();
}
