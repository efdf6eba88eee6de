// SPDX-License-Identifier: Apache-2.0
// Counts checks, and reads a capture through either library.
#pragma once

#include <libscap/scap.h>
#include <libscap/scap_engines.h>
#include <libsinsp/sinsp.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace badinput {

inline unsigned passed = 0;
inline unsigned failed = 0;

// Checks `holds`; if false, prints `what` and `detail`.
inline bool check(bool holds, const std::string& what, const std::string& detail = "") {
	if(holds) {
		passed++;
	} else {
		failed++;
		std::printf("FAILED: %s%s%s\n", what.c_str(), detail.empty() ? "" : ": ", detail.c_str());
	}
	return holds;
}

inline bool contains(const std::string& text, const std::string& part) {
	return text.find(part) != std::string::npos;
}

// A word of an error text that is none of C or C++: a name or a form of Rust's. Empty if there is none.
inline std::string foreign_word(const std::string& text) {
	for(const char* word: {"Some(",     "None",   "Ok(",       "Err(",  "Utf8Error", "ParseIntError", "TryFromIntError", "IntErrorKind", "Custom {", "Os {",
	                       "RefCell",   "Borrow", "Box<",      "Vec<",  "Rc<",       "Arc<",          "&str",            "usize",        "unwrap",   "panicked",
	                       "rust",      ".rs:",   "sinsp_core", "scap_sys", "sinsp_capi", "capi_common", "core::",       "alloc::",      "std::str", "std::num",
	                       "(os error "}) {
		if(contains(text, word)) {
			return word;
		}
	}
	return "";
}

// An error text has to be in words of C and C++. Counts what is not.
inline void plain(const std::string& text) {
	const std::string word = foreign_word(text);
	if(!word.empty()) {
		check(false, "an error text in words of C and C++", "'" + word + "' in: " + text);
	}
}

// Prints the number of checks, and a count that reports the program as one test. Returns main()'s result.
inline int result() {
	std::printf("%u checks hold\n%d passed, %u failed\n", passed, failed == 0, failed);
	return failed != 0;
}

inline std::string file_bytes(const std::string& path) {
	std::ifstream in(path, std::ios::binary);
	return {std::istreambuf_iterator<char>(in), {}};
}

inline void write_file(const std::string& path, const std::string& bytes) {
	std::ofstream(path, std::ios::binary | std::ios::trunc).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

// The outcome of reading a capture: whether the open succeeded, the number of events, the code and text of the end.
struct outcome {
	bool opened = false;
	size_t events = 0;
	int32_t code = SCAP_SUCCESS;
	std::string error;
};

// Reads a capture through libscap.
inline outcome read_scap(const std::string& path) {
	outcome got;
	scap_savefile_engine_params params = {};
	params.fname = path.c_str();
	scap_open_args args = {};
	args.engine_params = &params;
	char error[SCAP_LASTERR_SIZE] = "";
	scap_t* handle = scap_open(&args, &scap_savefile_engine, error, &got.code);
	if(handle == nullptr) {
		got.error = error;
		plain(got.error);
		return got;
	}
	got.opened = true;
	do {
		scap_evt* event = nullptr;
		uint16_t device = 0;
		uint32_t flags = 0;
		got.code = scap_next(handle, &event, &device, &flags);
		if(got.code == SCAP_SUCCESS) {
			got.events++;
			if(scap_event_getlen(event) < sizeof(struct ppm_evt_hdr)) {
				std::abort();
			}
		}
	} while(got.code == SCAP_SUCCESS || got.code == SCAP_FILTERED_EVENT);
	if(got.code != SCAP_EOF) {
		got.error = scap_getlasterr(handle);
		plain(got.error);
	}
	scap_close(handle);
	return got;
}

// Reads a capture through the C++ API and formats each event.
inline outcome read_sinsp(const std::string& path) {
	outcome got;
	sinsp inspector;
	try {
		inspector.open_savefile(path);
	} catch(const std::exception& e) {
		got.code = SCAP_FAILURE;
		got.error = e.what();
		plain(got.error);
		return got;
	}
	got.opened = true;
	sinsp_filter_check_list checks;
	sinsp_evt_formatter formatter(&inspector, "*%evt.num %evt.type %proc.name %fd.name %evt.args", checks);
	std::string text;
	do {
		sinsp_evt* event = nullptr;
		got.code = inspector.next(&event);
		if(got.code == SCAP_SUCCESS) {
			got.events++;
			formatter.tostring(event, text);
		}
	} while(got.code == SCAP_SUCCESS || got.code == SCAP_FILTERED_EVENT);
	if(got.code != SCAP_EOF) {
		got.error = inspector.getlasterr();
		plain(got.error);
	}
	return got;
}

}  // namespace badinput
