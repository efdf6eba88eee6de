// A consumer of libsinsp's filters, formatters and fields that looks at all kinds of events, and writes checks of its own: checks
// CAPTURE. Prints what failed, and a count.
#include <libsinsp/sinsp.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

std::string capture;

#define CHECK(holds)                                                                                 \
	do {                                                                                             \
		if(!(holds)) {                                                                               \
			throw std::logic_error(std::string(#holds) + ", line " + std::to_string(__LINE__));      \
		}                                                                                            \
	} while(false)

// Whether `act` throws an Exception whose message contains `part`.
template<typename Exception, typename Act>
bool throws(const std::string& part, Act act) {
	try {
		act();
	} catch(const Exception& e) {
		return std::string(e.what()).find(part) != std::string::npos;
	}
	return false;
}

// The next event that comes through; null at the end.
sinsp_evt* next(sinsp& inspector) {
	for(;;) {
		sinsp_evt* evt = nullptr;
		const int32_t rc = inspector.next(&evt);
		if(rc == SCAP_EOF) {
			return nullptr;
		}
		if(rc == SCAP_SUCCESS) {
			return evt;
		}
		if(rc != SCAP_TIMEOUT && rc != SCAP_FILTERED_EVENT) {
			throw std::logic_error(inspector.getlasterr());
		}
	}
}

// The next event of a type and of a thread that is known.
sinsp_evt* next_of(sinsp& inspector, uint16_t type) {
	for(;;) {
		sinsp_evt* evt = next(inspector);
		if(evt == nullptr) {
			throw std::logic_error("no event of type " + std::to_string(type));
		}
		if(evt->get_type() == type && evt->get_thread_info() != nullptr) {
			return evt;
		}
	}
}

// The bytes of an event, as a program may keep them.
std::unique_ptr<uint8_t[]> bytes_of(const sinsp_evt& evt) {
	const auto* from = evt.get_scap_evt();
	auto bytes = std::make_unique<uint8_t[]>(from->len);
	std::memcpy(bytes.get(), from, from->len);
	return bytes;
}

std::string text_of(sinsp* inspector, sinsp_evt* evt, const std::string& format) {
	sinsp_filter_check_list checks;
	std::string text;
	return sinsp_evt_formatter(inspector, format, checks).tostring(evt, text) ? text : "nothing";
}

bool passes(sinsp* inspector, sinsp_evt* evt, const std::string& filter) {
	return sinsp_filter_compiler(inspector, filter).compile()->run(evt);
}

// Events from bytes are looked at like the inspector's own.
void raw_events() {
	sinsp inspector;
	inspector.open_savefile(capture);
	sinsp_evt* evt = next_of(inspector, PPME_SYSCALL_OPENAT_2_X);
	while(inspector.m_thread_manager->get_thread_count() < 3) {
		evt = next_of(inspector, PPME_SYSCALL_OPENAT_2_X);
	}
	const std::string format = "*%evt.num %evt.type %evt.cpu %thread.tid %proc.name %evt.arg.name %fd.name";
	const auto bytes = bytes_of(*evt);
	sinsp_evt raw(&inspector);
	raw.init_from_raw(bytes.get(), evt->get_cpuid());
	CHECK(raw.get_type() == evt->get_type() && raw.get_ts() == evt->get_ts() && raw.get_num() == 0);
	CHECK(raw.get_num_params() == evt->get_num_params() && raw.get_fd_num() == sinsp_evt::INVALID_FD_NUM);
	CHECK(raw.get_param_by_name("name")->as<std::string>() == evt->get_param_by_name("name")->as<std::string>());
	raw.set_num(evt->get_num());
	CHECK(text_of(&inspector, &raw, format) == text_of(&inspector, evt, format));
	const std::string own = "evt.num=" + std::to_string(evt->get_num()) + " and proc.name=" + std::string(evt->get_thread_info()->m_comm);
	CHECK(passes(&inspector, &raw, own) && passes(&inspector, evt, own));
	raw.set_cpuid(77);
	CHECK(text_of(&inspector, &raw, "%evt.cpu") == "77");

	// Nothing of an event is kept for another of the same number.
	const auto filter = sinsp_filter_compiler(&inspector, "evt.type = openat").compile();
	auto other = bytes_of(*evt);
	reinterpret_cast<scap_evt*>(other.get())->type = PPME_SYSCALL_OPENAT2_X;
	sinsp_evt changed(&inspector);
	changed.set_scap_evt(reinterpret_cast<scap_evt*>(other.get()));
	changed.set_num(evt->get_num());
	CHECK(filter->run(evt) && !filter->run(&changed) && filter->run(evt));

	// An event of no inspector is everybody's.
	sinsp_evt nobodys;
	nobodys.init_from_raw(bytes.get(), 0);
	CHECK(passes(&inspector, &nobodys, "evt.type = openat") && passes(&inspector, &nobodys, "evt.num = 0"));

	// A thread that was set counts, not the one of the tid.
	sinsp_threadinfo* init = nullptr;
	inspector.m_thread_manager->get_threads()->loop([&](sinsp_threadinfo& thread) {
		init = thread.m_tid != raw.get_tid() ? &thread : nullptr;
		return init == nullptr;
	});
	CHECK(init != nullptr);
	raw.set_tinfo(init);
	CHECK(text_of(&inspector, &raw, "%proc.pid") == std::to_string(init->m_pid));
	raw.init();
	CHECK(text_of(&inspector, &raw, "%thread.tid %proc.pid") == text_of(&inspector, evt, "%thread.tid %proc.pid"));

	// What does not hold together is an error.
	sinsp_evt empty(&inspector);
	CHECK(throws<sinsp_exception>("without bytes", [&] { passes(&inspector, &empty, "evt.num exists"); }));
	auto lying = bytes_of(*evt);
	reinterpret_cast<scap_evt*>(lying.get())->nparams = 1000000;
	raw.init_from_raw(lying.get(), 0);
	CHECK(throws<sinsp_exception>("parameters", [&] { passes(&inspector, &raw, "evt.num exists"); }));
	CHECK(throws<sinsp_exception>("parameters", [&] { raw.get_num_params(); }));
	lying = bytes_of(*evt);
	reinterpret_cast<scap_evt*>(lying.get())->len = 3;
	raw.init_from_raw(lying.get(), 0);
	CHECK(throws<sinsp_exception>("shorter than its header", [&] { text_of(&inspector, &raw, "%evt.num"); }));
}

void copies() {
	sinsp inspector;
	inspector.open_savefile(capture);
	sinsp_evt* evt = next_of(inspector, PPME_SYSCALL_OPENAT_2_X);
	const std::string name = evt->get_param_by_name("name")->as<std::string>();
	sinsp_evt copy = *evt, assigned;
	assigned = copy;
	for(sinsp_evt* one : {&copy, &assigned}) {
		CHECK(one->get_param(0)->m_evt == one && one->get_param(0)->data() == evt->get_param(0)->data());
		CHECK(one->get_num() == evt->get_num() && passes(&inspector, one, "evt.type = openat and proc.name exists"));
	}
	sinsp_evt changed = *evt;
	changed.set_num(123456);
	CHECK(text_of(&inspector, &changed, "%evt.num") == "123456");

	auto owner = sinsp_evt::from_scap_evt(bytes_of(*evt));
	sinsp_evt owned = *owner;
	CHECK(owned.get_scap_evt() != owner->get_scap_evt() && owned.get_scap_evt_storage() != nullptr);
	owner.reset();
	CHECK(owned.get_param_by_name("name")->as<std::string>() == name);
	CHECK(passes(&inspector, &owned, "evt.arg.name = '" + name + "'"));

	// The bytes of a borrowed event are gone with the next one.
	CHECK(next(inspector) != nullptr);
	CHECK(throws<sinsp_exception>("moved on", [&] { passes(&inspector, &copy, "evt.num exists"); }));
	CHECK(throws<sinsp_exception>("moved on", [&] { text_of(&inspector, &changed, "%evt.num"); }));
}

void two_inspectors() {
	auto a = std::make_unique<sinsp>();
	sinsp b;
	a->open_savefile(capture);
	b.open_savefile(capture);
	auto filter = sinsp_filter_compiler(a.get(), "evt.num exists").compile();
	sinsp_filter_check_list checks;
	sinsp_evt_formatter formatter(a.get(), "%evt.num", checks);
	sinsp_evt *of_a = next(*a), *of_b = next(b);
	std::string text;
	CHECK(filter->run(of_a) && formatter.tostring(of_a, text) && text == "1");
	CHECK(throws<sinsp_exception>("another inspector", [&] { filter->run(of_b); }));
	CHECK(throws<sinsp_exception>("another inspector", [&] { formatter.tostring(of_b, text); }));
	CHECK(throws<sinsp_exception>("another inspector", [&] { b.set_filter(std::move(filter)); }));
	filter = sinsp_filter_compiler(a.get(), "evt.num exists").compile();
	CHECK(filter->run(of_a));
	sinsp_evt nobodys;
	const auto bytes = bytes_of(*of_b);
	nobodys.init_from_raw(bytes.get(), 0);
	CHECK(filter->run(&nobodys));
	a.reset();
	CHECK(throws<sinsp_exception>("gone", [&] { filter->run(&nobodys); }));
}

// What a program changes is seen by the next question about the same event.
void changes() {
	sinsp inspector;
	inspector.open_savefile(capture);
	sinsp_evt* data = next_of(inspector, PPME_SYSCALL_WRITE_X);
	while(data->get_param_by_name("data")->len() < 8) {
		data = next_of(inspector, PPME_SYSCALL_WRITE_X);
	}
	inspector.set_max_evt_output_len(4);
	const std::string four = text_of(&inspector, data, "%evt.arg.data");
	inspector.set_buffer_format(sinsp_evt::PF_BASE64);
	CHECK(text_of(&inspector, data, "%evt.arg.data") != four);
	inspector.set_buffer_format(sinsp_evt::PF_NORMAL);
	CHECK(text_of(&inspector, data, "%evt.arg.data") == four);
	inspector.set_max_evt_output_len(0);
	CHECK(text_of(&inspector, data, "%evt.arg.data").size() > four.size());
}

}  // namespace

int main(int argc, char** argv) {
	if(argc != 2) {
		std::fprintf(stderr, "usage: checks CAPTURE\n");
		return 2;
	}
	capture = argv[1];
	const std::pair<const char*, void (*)()> tests[] = {{"events from bytes", raw_events},
	                                                    {"copies", copies},
	                                                    {"two inspectors", two_inspectors},
	                                                    {"changes", changes}};
	int passed = 0, failed = 0;
	for(const auto& [name, test] : tests) {
		try {
			test();
			passed++;
		} catch(const std::exception& e) {
			std::printf("FAILED: %s: %s\n", name, e.what());
			failed++;
		}
	}
	std::printf("%d passed, %d failed\n", passed, failed);
	return failed != 0;
}
