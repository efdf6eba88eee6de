// SPDX-License-Identifier: Apache-2.0
// Tests that a consumer which accesses the thread and fd of every event, runs filters and formats it causes no allocation in a steady state.
// Exempt: events that create, remove or change threads and fds, and the first access to an object.
#include "check.h"

#include <libsinsp/eventformatter.h>
#include <libsinsp/filter.h>
#include <libsinsp/sinsp.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

// Sanitizers replace malloc themselves.
#if defined(__SANITIZE_ADDRESS__)
#define COUNTS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define COUNTS 0
#endif
#endif
#ifndef COUNTS
#define COUNTS 1
#endif

namespace {

std::string capture;
uint64_t allocations = 0;

}  // namespace

#if COUNTS
extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* old, size_t size);
void* __libc_memalign(size_t alignment, size_t size);

// These replace the C library's functions for all libraries, including operator new.
void* malloc(size_t size) noexcept {
	allocations++;
	return __libc_malloc(size);
}
void* calloc(size_t count, size_t size) noexcept {
	allocations++;
	return __libc_calloc(count, size);
}
void* realloc(void* old, size_t size) noexcept {
	allocations++;
	return __libc_realloc(old, size);
}
int posix_memalign(void** place, size_t alignment, size_t size) noexcept {
	allocations++;
	*place = __libc_memalign(alignment, size);
	return *place == nullptr ? 12 : 0;
}
}
#endif

namespace {

// Whether allocations are counted: valgrind replaces the functions above.
bool counts() {
	const char* preloaded = std::getenv("LD_PRELOAD");
	return COUNTS != 0 && (preloaded == nullptr || std::strstr(preloaded, "vgpreload") == nullptr);
}

// Whether the event creates, removes or changes a thread or an fd. Reads and writes have a state flag only because of sockets.
bool changes_state(const sinsp_evt& evt) {
	const uint32_t flags = evt.get_info_flags();
	const bool changes = (flags & (EF_CREATES_FD | EF_DESTROYS_FD | EF_MODIFIES_STATE)) != 0;
	const bool transfers = (flags & (EF_READS_FROM_FD | EF_WRITES_TO_FD)) != 0;
	return changes && !transfers;
}

// Whether the event's thread or fd has no object yet.
bool shows_something_new(const sinsp_evt& evt) {
	const sinsp_event& described = *evt.c_event();
	return (described.thread != SINSP_NO_THREAD && described.thread_object == nullptr) ||
	       (described.fd_owner != SINSP_NO_THREAD && described.fd_object == nullptr);
}

void nothing_is_allocated() {
	sinsp inspector;
	const auto checks = std::make_shared<sinsp_filter_check_list>();
	const auto factory = std::make_shared<sinsp_filter_factory>(&inspector, *checks);
	std::vector<std::unique_ptr<sinsp_filter>> filters;
	for(const char* text : {"evt.type in (open, openat) and fd.name startswith /etc and not proc.name in (cat, ls)",
	                        "fd.name contains tmp or proc.cmdline contains sh or proc.aname = init",
	                        "evt.dir = < and evt.rawres < 0 and user.name = root"}) {
		filters.push_back(sinsp_filter_compiler(factory, text).compile());
	}
	sinsp_evt_formatter formatter(&inspector,
	                              "*%evt.num %evt.time %evt.cpu %proc.name %proc.pname %thread.tid %evt.type %fd.name %evt.args",
	                              *checks);
	std::string line;
	uint64_t events = 0, quiet = 0, bytes = 0;
	std::map<std::string, uint64_t> noisy;
	// In the first pass buffers grow to their final size.
	for(const bool steady : {false, true}) {
		inspector.open_savefile(capture);
		events = quiet = bytes = 0;
		while(true) {
			const uint64_t before = allocations;
			sinsp_evt* evt = nullptr;
			const int32_t rc = inspector.next(&evt);
			if(rc == SCAP_EOF) {
				break;
			}
			if(rc != SCAP_SUCCESS) {
				CHECK(rc == SCAP_TIMEOUT || rc == SCAP_FILTERED_EVENT);
				continue;
			}
			const bool is_quiet = !changes_state(*evt) && !shows_something_new(*evt);
			if(const sinsp_threadinfo* thread = evt->get_thread_info()) {
				bytes += thread->m_comm.size();
			}
			if(const sinsp_fdinfo* file = evt->get_fd_info()) {
				bytes += file->m_name.size();
			}
			for(const auto& filter : filters) {
				bytes += filter->run(evt);
			}
			formatter.tostring(evt, line);
			bytes += line.size();
			const uint64_t here = allocations - before;
			events++;
			if(is_quiet) {
				quiet++;
				if(steady && here != 0) {
					noisy[evt->get_name()] += here;
				}
			}
		}
		inspector.close();
	}
	for(const auto& [name, count] : noisy) {
		printf("%s: %llu allocations\n", name.c_str(), static_cast<unsigned long long>(count));
	}
	CHECK(noisy.empty());
	// Otherwise the test checked nothing.
	CHECK(quiet * 4 > events && quiet > 100);
	CHECK(bytes > events);
	CHECK(!counts() || allocations > 1000);
}

}  // namespace

int main(int argc, char** argv) {
	if(argc < 2) {
		return 2;
	}
	capture = argv[1];
	return run_tests({{"nothing is allocated", nothing_is_allocated}});
}
