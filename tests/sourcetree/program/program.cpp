// SPDX-License-Identifier: Apache-2.0
// What a program gets from the target `sinsp` alone: both libraries, and the names that it chose when it was configured. With MODULES also RE2,
// oneTBB and driver_config.h. Prints `ok`.
#include <libscap/scap.h>
#include <libsinsp/metrics_collector.h>
#include <libsinsp/sinsp.h>
#ifdef MODULES
#include "driver_config.h"
#include <re2/re2.h>
#include <tbb/concurrent_queue.h>
#endif

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

static bool fine = true;

static void check(bool holds, const char* what, const std::string& is = "") {
	if(!holds) {
		std::printf("FAILED: %s %s\n", what, is.c_str());
		fine = false;
	}
}

int main() {
	setenv("MY_ROOT", "/", 1);
	setenv("MY_NAME", "over-there", 1);
	setenv("HOST_ROOT", "/nowhere", 1);
	setenv("SCAP_HOSTNAME", "elsewhere", 1);
	sinsp inspector;
	check(inspector.get_host_root() == "/", "the host root is", inspector.get_host_root());
	inspector.open_nodriver(true);
	const scap_machine_info* machine = inspector.get_machine_info();
	check(machine != nullptr && std::strcmp(machine->hostname, "over-there") == 0,
	      "the machine's name is",
	      machine != nullptr ? machine->hostname : "none");
	check(std::strlen(scap_get_host_root()) < 4096, "libscap is linked");
	// Names that sinsp.h has from other headers.
	check(libsinsp::filter::unescape_str("'a b'") == "a b", "unescape_str");
	check(sizeof(sinsp_cycledumper) > 0 && MAX_FD_TABLE_SIZE > 0, "sinsp_cycledumper, settings.h");

	std::FILE* file = std::fopen("memory", "w");
	std::fputs("4711\n", file);
	std::fclose(file);
	setenv("MY_MEMORY", "memory", 1);
	libs::metrics::libs_metrics_collector collector(&inspector, METRICS_V2_RESOURCE_UTILIZATION);
	collector.snapshot();
	bool found = false;
	for(const auto& metric : collector.get_metrics()) {
		found = found || (std::strcmp(metric.name, "container_memory_used_bytes") == 0 && metric.value.u64 == 4711);
	}
	check(found, "the file of the container's memory");
#ifdef MODULES
	check(RE2::FullMatch("library", "l.*y"), "RE2");
	tbb::concurrent_bounded_queue<int> queue;
	queue.push(7);
	int first = 0;
	queue.pop(first);
	check(first == 7, "oneTBB");
	check(std::string(DRIVER_NAME) == "mine" && std::string(DRIVER_DEVICE_NAME) == "mine", "the driver's name");
	check(std::string(DRIVER_VERSION) == "1.2.3-mine", "the driver's version is", DRIVER_VERSION);
	check(PPM_API_CURRENT_VERSION_MAJOR == 10 && PPM_SCHEMA_CURRENT_VERSION_MAJOR == 4, "the versions of the interface");
#endif
	if(fine) {
		std::puts("ok");
	}
	return fine ? 0 : 1;
}
