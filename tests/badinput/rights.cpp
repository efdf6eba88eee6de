// SPDX-License-Identifier: Apache-2.0
// Errors for a missing privilege or kernel feature, through both libraries.
//
//   rights live PART...        a live capture fails with all PARTs in the text; with "or works" as the last PART it may succeed
//   rights file PATH PART...   a capture file fails with all PARTs in the text
//   rights scan                a scan of the system succeeds and finds this program
#include "check.h"

#include <cstring>
#include <vector>

#include <unistd.h>

using namespace badinput;

namespace {

outcome live_scap() {
	outcome got;
	scap_modern_bpf_engine_params params = {};
	params.cpus_for_each_buffer = 1;
	params.allocate_online_only = true;
	params.buffer_bytes_dim = 1 << 20;
	scap_open_args args = {};
	args.engine_params = &params;
	char error[SCAP_LASTERR_SIZE] = "";
	scap_t* handle = scap_open(&args, &scap_modern_bpf_engine, error, &got.code);
	got.opened = handle != nullptr;
	got.error = error;
	scap_close(handle);
	return got;
}

outcome live_sinsp() {
	outcome got;
	sinsp inspector;
	try {
		inspector.open_modern_bpf(1 << 20);
		got.opened = true;
	} catch(const scap_open_exception& e) {
		got.code = e.scap_rc();
		got.error = e.what();
	}
	return got;
}

void refused(const outcome& got, const char* which, const std::vector<std::string>& parts, bool may_work) {
	if(may_work && got.opened) {
		check(true, which);
		return;
	}
	check(!got.opened && got.code != SCAP_SUCCESS, which, "it works");
	for(const std::string& part: parts) {
		check(contains(got.error, part), which, "no '" + part + "' in: " + got.error);
	}
}

void scan() {
	sinsp inspector;
	inspector.open_nodriver(true);
	const uint64_t self = sinsp_inspector_thread(inspector.c_handle(), getpid());
	sinsp_thread scalars = {};
	check(sinsp_thread_get(inspector.c_handle(), self, &scalars, sizeof(scalars)) && scalars.pid == getpid(), "this program");
	check(libsinsp::detail::view(sinsp_thread_text(inspector.c_handle(), self, SINSP_THREAD_COMM)) == "rights", "its name");
}

}  // namespace

int main(int argc, char** argv) {
	const std::string mode = argc > 1 ? argv[1] : "";
	std::vector<std::string> parts(argv + std::min(argc, mode == "file" ? 3 : 2), argv + argc);
	if(mode == "live") {
		const bool may_work = !parts.empty() && parts.back() == "or works";
		if(may_work) {
			parts.pop_back();
		}
		refused(live_scap(), "libscap", parts, may_work);
		refused(live_sinsp(), "libsinsp", parts, may_work);
	} else if(mode == "file" && argc > 2) {
		refused(read_scap(argv[2]), "libscap", parts, false);
		refused(read_sinsp(argv[2]), "libsinsp", parts, false);
	} else if(mode == "scan") {
		scan();
	} else {
		return 2;
	}
	return result();
}
