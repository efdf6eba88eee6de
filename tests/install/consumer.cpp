// Uses libscap and libsinsp as a C++ program does. Prints `ok` and exits with 0 on success.
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string>

#include <libscap/scap.h>
#include <libscap/scap_engines.h>
#include <libscap/scap_print.h>
#include <libsinsp/capi.h>
#include <libsinsp/sinsp.h>

namespace {

// Frees the handles if an exception is thrown.
struct capture {
	explicit capture(const scap_vtable& engine, void* params = nullptr) {
		scap_open_args args = {};
		char error[SCAP_LASTERR_SIZE] = "";
		int32_t rc = SCAP_SUCCESS;
		args.engine_params = params;
		handle = scap_open(&args, &engine, error, &rc);
		if(handle == nullptr) {
			throw std::runtime_error(error);
		}
	}
	~capture() { scap_close(handle); }
	capture(const capture&) = delete;
	capture& operator=(const capture&) = delete;

	scap_t* handle;
};

void check(bool holds, const char* what) {
	if(!holds) {
		throw std::logic_error(what);
	}
}

void run() {
	capture machine(scap_nodriver_engine);
	check(scap_get_ndevs(machine.handle) >= 1, "the machine's devices");

	scap_savefile_engine_params params = {};
	params.fname = "/there/is/no/such.scap";
	try {
		capture missing(scap_savefile_engine, &params);
		check(false, "a missing file was opened");
	} catch(const std::runtime_error& e) {
		check(std::strstr(e.what(), params.fname) != nullptr, "the missing file's name");
	}

	// The C++ API: an exception of these headers passes through the library.
	sinsp facade;
	try {
		facade.open_savefile(params.fname);
		check(false, "a missing file was opened");
	} catch(const sinsp_exception& e) {
		check(std::string(e.what()).find(params.fname) != std::string::npos, "the missing file's name");
	}

	sinsp_error* error = nullptr;
	sinsp_inspector* inspector = sinsp_inspector_new(SINSP_ABI_VERSION, &error);
	check(inspector != nullptr && error == nullptr, "an inspector");
	sinsp_inspector_free(inspector);
	inspector = sinsp_inspector_new(SINSP_ABI_VERSION + (1 << 16), &error);
	check(inspector == nullptr && error != nullptr, "another ABI");
	check(sinsp_error_message(error).len > 0, "its message");
	sinsp_error_free(error);
}

}  // namespace

int main() {
	try {
		run();
	} catch(const std::exception& e) {
		std::fprintf(stderr, "failed: %s\n", e.what());
		return 1;
	}
	std::puts("ok");
}
