// A program that was built before the library that it runs with. Reads the capture in its argument by both APIs and prints what it sees. It also
// has structs as an earlier version might have had them, shorter than today's and with other data behind them, and longer ones of a later version.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>

#include <libscap/scap.h>
#include <libscap/scap_engines.h>
#include <libsinsp/sinsp.h>

#ifdef LATER
extern "C" int sinsp_later_addition(void);
#endif

namespace {

uint64_t processed = 0;

int32_t process(void*, sinsp_event* event, uint32_t) {
	processed += event != nullptr;
	return 0;
}

// A table of functions that ends behind `process`.
struct short_processor {
	size_t size;
	void* context;
	sinsp_process_fn process;
	uintptr_t behind;
};

// Counters that end behind `threads_removed`.
struct short_stats {
	size_t size;
	uint64_t threads_added;
	uint64_t threads_removed;
	uint64_t behind;
};

// The same as a later version may have them, with a member more.
struct long_processor {
	sinsp_event_processor_functions known;
	uintptr_t more;
};
struct long_stats {
	sinsp_state_stats known;
	uint64_t more;
};

int failed(const char* what) {
	std::fprintf(stderr, "failed: %s\n", what);
	return 1;
}

}  // namespace

int main(int argc, char** argv) {
	if(argc < 2) {
		return failed("no capture");
	}
#ifdef LATER
	std::printf("%d\n", sinsp_later_addition());
#endif
	sinsp inspector;
	inspector.set_filter("proc.name exists and evt.type != close");
	const short_processor processor = {offsetof(short_processor, behind), nullptr, process, ~uintptr_t{0}};
	if(sinsp_inspector_set_event_processor(
	           inspector.c_handle(), reinterpret_cast<const sinsp_event_processor_functions*>(&processor), nullptr) != SINSP_SUCCESS) {
		return failed("a processor");
	}
	long_processor longer = {};
	longer.known.size = sizeof(longer);
	longer.known.process = process;
	longer.more = ~uintptr_t{0};
	sinsp other;
	if(sinsp_inspector_set_event_processor(other.c_handle(), &longer.known, nullptr) != SINSP_SUCCESS) {
		return failed("a longer processor");
	}
	inspector.open_savefile(argv[1]);
	sinsp_filter_check_list fields;
	sinsp_evt_formatter formatter(&inspector, "*%evt.num %evt.type %proc.name %thread.tid %fd.name %evt.args", fields);
	sinsp_evt* evt = nullptr;
	uint64_t sum = 0, passed = 0;
	for(int32_t rc; (rc = inspector.next(&evt)) != SCAP_EOF;) {
		if(rc != SCAP_SUCCESS) {
			if(rc == SCAP_FILTERED_EVENT || rc == SCAP_TIMEOUT) {
				continue;
			}
			return failed(inspector.getlasterr().c_str());
		}
		passed++;
		std::string text;
		formatter.tostring(evt, text);
		if(const auto* thread = evt->get_thread_info()) {
			text += thread->m_exe + std::to_string(thread->m_ptid) + std::to_string(thread->m_fdlimit);
		}
		if(const auto* fd = evt->get_fd_info()) {
			text += fd->m_name + std::to_string(fd->m_ino);
		}
		for(const char c : text) {
			sum = sum * 31 + static_cast<unsigned char>(c);
		}
	}
	short_stats stats = {offsetof(short_stats, behind), 0, 0, 7};
	if(sinsp_inspector_state_stats(inspector.c_handle(), reinterpret_cast<sinsp_state_stats*>(&stats), nullptr) != SINSP_SUCCESS || stats.behind != 7) {
		return failed("short counters");
	}
	long_stats more = {};
	more.known.size = sizeof(more);
	if(sinsp_inspector_state_stats(inspector.c_handle(), &more.known, nullptr) != SINSP_SUCCESS || more.more != 0) {
		return failed("longer counters");
	}
	std::printf("%lu events, %lu processed, text %lx, %lu threads\n", passed, processed, sum, stats.threads_added);

	scap_savefile_engine_params params = {};
	params.fname = argv[1];
	scap_open_args args = {};
	args.engine_params = &params;
	char error[SCAP_LASTERR_SIZE] = "";
	int32_t rc = SCAP_SUCCESS;
	scap_t* capture = scap_open(&args, &scap_savefile_engine, error, &rc);
	if(capture == nullptr) {
		return failed(error);
	}
	scap_evt* event = nullptr;
	uint16_t cpu = 0;
	uint32_t flags = 0;
	uint64_t read = 0, bytes = 0;
	while(scap_next(capture, &event, &cpu, &flags) == SCAP_SUCCESS) {
		read++;
		bytes += event->len;
	}
	scap_close(capture);
	std::printf("%lu read, %lu bytes\n", read, bytes);
	return passed > 0 && processed >= passed && read > passed ? 0 : failed("no events");
}
