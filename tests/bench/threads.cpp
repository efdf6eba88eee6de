// SPDX-License-Identifier: Apache-2.0
// Measures the memory of a capture's threads when a consumer accesses all of them:
//
//   threads CAPTURE
//
// Opens the capture, visits all threads with loop() and reads the name of each, twice. Prints the growth of the resident memory in KiB: after the
// open, and in total. Uses the public API only, so that it can be built against any library that has it.
#include <libsinsp/sinsp.h>

#include <malloc.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <exception>

static long resident_kb() {
	long total = 0, resident = 0;
	FILE* statm = fopen("/proc/self/statm", "r");
	if(statm == nullptr || fscanf(statm, "%ld %ld", &total, &resident) != 2) {
		resident = 0;
	}
	if(statm != nullptr) {
		fclose(statm);
	}
	return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

int main(int argc, char** argv) {
	if(argc != 2) {
		fprintf(stderr, "usage: %s CAPTURE\n", argv[0]);
		return 2;
	}
	try {
		sinsp inspector;
		const long before = resident_kb();
		inspector.open_savefile(argv[1]);
		malloc_trim(0);
		const long opened = resident_kb();
		size_t threads = 0, bytes = 0;
		for(int round = 0; round < 2; round++) {
			threads = 0;
			inspector.m_thread_manager->get_threads()->loop([&](sinsp_threadinfo& thread) {
				threads++;
				bytes += thread.m_comm.size();
				return true;
			});
		}
		const long unfreed = resident_kb();
		malloc_trim(0);
		const long visited = resident_kb();
		fprintf(stderr,
		        "threads=%zu bytes=%zu opened=%ld unfreed=%ld visited=%ld\n",
		        threads,
		        bytes,
		        opened - before,
		        unfreed - before,
		        visited - before);
	} catch(const std::exception& e) {
		fprintf(stderr, "%s\n", e.what());
		return 1;
	}
	return 0;
}
