// SPDX-License-Identifier: Apache-2.0
// Dropped events by system call, with libsinsp: drops CAPTURE. Without the rights to capture, only what needs none is tested.
#include "../cpp/check.h"

#include <libsinsp/sinsp.h>

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

namespace {

const uint64_t calls = 20000;
std::string capture;

void other_engines_do_not_count_them() {
	sinsp inspector;
	CHECK(throws<sinsp_exception>("the inspector is not open for events", [&] { inspector.get_drops_by_sc(); }));
	inspector.open_savefile(capture);
	CHECK(throws<sinsp_exception>("counting drops by system call by an engine other than modern_bpf is not supported",
	                              [&] { inspector.get_drops_by_sc(); }));
}

void a_loud_call_leads() {
	sinsp inspector;
	// The smallest rings, of which nothing is read.
	inspector.open_modern_bpf(sysconf(_SC_PAGESIZE), 1, true, {PPM_SC_GETPPID, PPM_SC_GETPGID});
	CHECK(inspector.get_drops_by_sc().empty());
	inspector.start_capture();
	for(uint64_t i = 0; i < calls; i++) {
		syscall(SYS_getppid);
	}
	std::vector<sinsp_drops> drops;
	inspector.stop_capture();
	std::thread([&] { drops = inspector.get_drops_by_sc(); }).join();
	CHECK(!drops.empty() && drops[0].sc == PPM_SC_GETPPID && drops[0].name == "getppid");
	CHECK(drops[0].drops > calls / 2);
	CHECK(std::is_sorted(drops.begin(), drops.end(), [](const auto& a, const auto& b) { return a.drops > b.drops; }));
	scap_stats stats;
	inspector.get_capture_stats(&stats);
	const auto sum = std::accumulate(drops.begin(), drops.end(), uint64_t{0}, [](uint64_t n, const auto& d) { return n + d.drops; });
	CHECK(sum == stats.n_drops_buffer + stats.n_drops_scratch_map);
	inspector.close();
	CHECK(throws<sinsp_exception>("not open", [&] { inspector.get_drops_by_sc(); }));
}

}  // namespace

int main(int, char** argv) {
	capture = argv[1];
	std::vector<test_case> tests{{"other engines do not count them", other_engines_do_not_count_them}};
	try {
		sinsp inspector;
		inspector.open_modern_bpf();
		tests.push_back({"a loud call leads", a_loud_call_leads});
	} catch(const sinsp_exception& e) {
		std::printf("SKIPPED: live: %s\n", e.what());
	}
	return run_tests(tests);
}
