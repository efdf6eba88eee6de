// Tests that a filter which runs again on the same event returns what holds now: what changes the result, by each way, between two runs. memo CAPTURE.
// Prints failures and a count.
#include "machine.h"

#include <libsinsp/filter.h>
#include <libsinsp/sinsp_table.h>
#include <libsinsp/user.h>

#include <atomic>
#include <cstring>
#include <functional>
#include <thread>

namespace {

// A filter, as the classes of filters and checks use it.
class filter {
public:
	filter(sinsp& inspector, const std::string& text):
	        m_program(sinsp_program_compile(inspector.c_handle(), nullptr, libsinsp::detail::str(text), nullptr)) {
		CHECK(static_cast<bool>(m_program));
		m_memo = sinsp_program_memo(m_program.get());
	}

	// The result, which is the same at once again.
	bool operator()(sinsp_evt* evt) const {
		const bool holds = m_program.run(evt);
		CHECK(m_program.run(evt) == holds);
		return holds;
	}

	// Whether the library has a result for the present state.
	bool remembers() const { return m_memo->at == *m_memo->clock; }

private:
	libsinsp::detail::program m_program;
	const sinsp_memo* m_memo = nullptr;
};

// Thread 20 closes its fd 3, /dev/null, and then changes its directory.
struct opened {
	machine made;
	// The same input, as it is before the inspector reads it.
	scap_test_input_data again;
	sinsp inspector;
	sinsp_evt* evt = nullptr;

	opened() {
		made.close(20, 3);
		made.chdir(20, "/tmp");
		again = made.data;
		inspector.open_test_input(&made.data);
		inspector.m_usergroup_manager->add_user("", -1, 0, 0, "before", "", "");
		evt = ::next(inspector);
	}
};

// Whether a filter holds before a change and not after it. The same for the negated filter, for a filter with a second check, and for a filter and a check
// of the C++ classes. The results before
// the change are remembered.
void ends(const std::string& text, const std::function<void(opened&)>& change) {
	opened on;
	const filter plain(on.inspector, text), negated(on.inspector, "not " + text), two(on.inspector, "evt.type = close and " + text);
	auto whole = sinsp_filter_compiler(&on.inspector, text).compile();
	const auto space = text.find(' ');
	sinsp_filter_check_list checks;
	auto check = checks.new_filter_check_from_fldname(text.substr(0, space), &on.inspector, true);
	CHECK(check != nullptr && text.substr(space, 3) == " = ");
	CHECK(check->parse_field_name(text.substr(0, space), true, true) > 0);
	check->m_cmp = str_to_cmpop("=");
	const std::string value = text.substr(space + 3);
	check->add_filter_value(value.c_str(), static_cast<uint32_t>(value.size()));
	for(const bool before : {true, false}) {
		const bool held = plain(on.evt);
		if(held != before || negated(on.evt) == before || two(on.evt) != before || whole->run(on.evt) != before || whole->run(on.evt) != before ||
		   check->compare(on.evt) != before || check->compare(on.evt) != before) {
			throw std::logic_error(text + (before ? " does not hold at first" : " still holds"));
		}
		if(before) {
			CHECK(plain.remembers() && negated.remembers() && two.remembers());
			change(on);
		}
	}
}

void changes_of_the_state() {
	ends("proc.name = made-20", [](opened& on) {
		libsinsp::state::table_input_adapter threads(sinsp_inspector_thread_table(on.inspector.c_handle()));
		libsinsp::state::sinsp_table_owner owner;
		ss_plugin_state_data key = {}, value = {};
		key.s64 = 20;
		value.str = "written";
		auto* entry = threads.get_entry(&owner, &key);
		auto* field = threads.get_field(&owner, "comm", SS_PLUGIN_ST_STRING);
		CHECK(entry != nullptr && threads.write_entry_field(&owner, entry, field, &value) == SS_PLUGIN_SUCCESS);
		threads.release_table_entry(&owner, entry);
	});
	ends("proc.name = made-20", [](opened& on) { on.inspector.m_thread_manager->remove_thread(20); });
	ends("user.name = before", [](opened& on) { on.inspector.m_usergroup_manager->add_user("", -1, 0, 0, "after", "", ""); });
	ends("fd.name = /dev/null", [](opened& on) { on.inspector.m_thread_manager->remove_thread(20); });
}

void members_of_objects() {
	// The first access makes the object.
	ends("proc.name = made-20", [](opened& on) { thread_of(on.inspector, 20)->m_comm = "renamed"; });
	ends("proc.cwd = /", [](opened& on) { thread_of(on.inspector, 20)->set_cwd("/elsewhere"); });
	ends("fd.name = /dev/null", [](opened& on) { on.evt->get_fd_info()->m_name = "/dev/zero"; });
	ends("fd.typechar = f", [](opened& on) { on.evt->get_fd_info()->m_type = SCAP_FD_EVENT; });

	// An object that was there already can be written at any time: such results are not remembered, those of the event alone are.
	opened on;
	const auto thread = thread_of(on.inspector, 20);
	const filter by_name(on.inspector, "proc.name = made-20"), by_type(on.inspector, "evt.type = close");
	for(const char* name : {"made-20", "x", "made-20"}) {
		thread->m_comm = name;
		CHECK(by_name(on.evt) == (thread->m_comm == "made-20") && !by_name.remembers());
		CHECK(by_type(on.evt) && by_type.remembers());
	}
}

void changes_of_the_event() {
	ends("evt.cpu = 1", [](opened& on) { on.evt->set_cpuid(2); });
	ends("evt.num = 1", [](opened& on) { on.evt->set_num(7); });
	ends("proc.name = made-20", [](opened& on) { on.evt->set_tinfo(thread_of(on.inspector, 1).get()); });
	ends("fd.name = /dev/null", [](opened& on) {
		static sinsp_fdinfo other;
		other.m_name = "/other";
		on.evt->set_fd_info(&other);
	});
	ends("fd.name_changed = false", [](opened& on) { on.evt->set_fdinfo_name_changed(true); });
	ends("proc.name = made-20", [](opened& on) {
		static char other[64];
		std::memcpy(other, on.evt->get_scap_evt(), on.evt->get_scap_evt()->len);
		reinterpret_cast<scap_evt*>(other)->tid = 1;
		on.evt->set_scap_evt(reinterpret_cast<scap_evt*>(other));
		on.evt->set_tinfo(nullptr);
	});
}

void other_events() {
	opened on;
	const filter closes(on.inspector, "evt.type = close"), from_root(on.inspector, "proc.cwd = /");
	const sinsp_evt copy(*on.evt);
	CHECK(closes(on.evt) && from_root(on.evt) && closes.remembers());
	sinsp_evt same(copy);
	CHECK(closes(&same));
	auto* last = on.evt;
	on.evt = ::next(on.inspector);
	CHECK(on.evt == last && !closes(on.evt) && !from_root(on.evt));
	CHECK(throws<sinsp_exception>("moved on", [&] { closes(&same); }));
	// What is read after it is not remembered either.
	sinsp_evt* end = nullptr;
	while(on.inspector.next(&end) == SCAP_SUCCESS) {
	}
	on.inspector.close();
	CHECK(throws<sinsp_exception>("moved on", [&] { closes(&same); }));
	on.inspector.open_test_input(&on.again);
	CHECK(throws<sinsp_exception>("moved on", [&] { closes(&same); }));
	on.evt = ::next(on.inspector);
	CHECK(closes(on.evt) && from_root(on.evt));

	// One event of that number at another place, and one of another number at that place.
	const sinsp_evt first(*on.evt);
	machine second;
	second.close(20, 3);
	scap_evt* twice[] = {second.data.events[0], second.data.events[0]};
	second.data.events = twice;
	second.data.event_count = 2;
	on.inspector.open_test_input(&second.data);
	on.evt = ::next(on.inspector);
	same = first;
	CHECK(on.evt->get_num() == same.get_num() && on.evt->get_scap_evt() != same.get_scap_evt());
	CHECK(closes(on.evt) && throws<sinsp_exception>("moved on", [&] { closes(&same); }));
	same = *on.evt;
	on.evt = ::next(on.inspector);
	CHECK(on.evt->get_num() != same.get_num() && on.evt->get_scap_evt() == same.get_scap_evt());
	CHECK(closes(on.evt) && throws<sinsp_exception>("moved on", [&] { closes(&same); }));
}

// Events that a program makes have no memory, whatever their number and wherever they are.
void made_events() {
	opened on;
	const filter closes(on.inspector, "evt.type = close"), by_name(on.inspector, "proc.name = made-20");
	CHECK(closes(on.evt) && by_name(on.evt));
	alignas(scap_evt) char bytes[256];
	CHECK(on.evt->get_scap_evt()->len <= sizeof(bytes));
	std::memcpy(bytes, on.evt->get_scap_evt(), on.evt->get_scap_evt()->len);
	auto* raw = reinterpret_cast<scap_evt*>(bytes);
	for(auto* owner : {&on.inspector, static_cast<sinsp*>(nullptr)}) {
		sinsp_evt made(owner);
		made.init_from_raw(reinterpret_cast<uint8_t*>(bytes), 0);
		made.set_num(on.evt->get_num());
		for(const uint64_t tid : {20, 1, 20}) {
			raw->tid = tid;
			CHECK(by_name(&made) == (tid == 20));
			raw->type = tid == 20 ? PPME_SYSCALL_CLOSE_X : PPME_SYSCALL_FCHDIR_X;
			made.init();
			CHECK(closes(&made) == (tid == 20) && closes(on.evt) && by_name(on.evt));
		}
		// The inspector's event moved to the bytes of the program, and back.
		sinsp_evt moved(*on.evt);
		CHECK(closes(&moved));
		raw->type = PPME_SYSCALL_FCHDIR_X;
		moved.set_scap_evt(raw);
		CHECK(!closes(&moved) && closes(on.evt));
		raw->type = PPME_SYSCALL_CLOSE_X;
	}
}

void two_inspectors() {
	opened on;
	const filter closes(on.inspector, "evt.type = close");
	CHECK(closes(on.evt) && closes.remembers());
	sinsp other;
	other.open_test_input(&on.again);
	auto* evt = ::next(other);
	CHECK(evt->get_num() == on.evt->get_num());
	CHECK(throws<sinsp_exception>("another inspector", [&] { closes(evt); }));
	sinsp_evt moved(*on.evt);
	moved.set_inspector(&other);
	CHECK(throws<sinsp_exception>("another inspector", [&] { closes(&moved); }));
	CHECK(closes(on.evt));
	const filter of_other(other, "evt.type = close");
	CHECK(of_other(evt) && closes(on.evt) && throws<sinsp_exception>("another inspector", [&] { of_other(on.evt); }));
}

// A filter that outlives its inspector remembers nothing, also for the events of one at the same address.
void after_the_inspector() {
	auto first = std::make_unique<opened>();
	const filter closes(first->inspector, "evt.type = close");
	CHECK(closes(first->evt) && closes.remembers());
	first.reset();
	CHECK(!closes.remembers());
	for(int i = 0; i < 8; i++) {
		opened next;
		CHECK(throws<sinsp_exception>("", [&] { closes(next.evt); }) && !closes.remembers());
	}
}

// Another thread of the program runs the filter and changes the state; each thread sees the other's change.
void from_another_thread() {
	opened on;
	const filter closes(on.inspector, "evt.type = close"), named(on.inspector, "user.name = first");
	const auto elsewhere = [](const std::function<void()>& act) {
		std::exception_ptr thrown;
		std::thread([&] {
			try {
				act();
			} catch(...) {
				thrown = std::current_exception();
			}
		}).join();
		if(thrown) {
			std::rethrow_exception(thrown);
		}
	};
	auto& users = *on.inspector.m_usergroup_manager;
	users.add_user("", -1, 0, 0, "first", "", "");
	CHECK(closes(on.evt) && named(on.evt));
	elsewhere([&] {
		CHECK(closes(on.evt) && named(on.evt));
		users.add_user("", -1, 0, 0, "second", "", "");
		CHECK(closes(on.evt) && !named(on.evt));
	});
	CHECK(closes(on.evt) && !named(on.evt));
	elsewhere([&] { on.evt = ::next(on.inspector); });
	CHECK(!closes(on.evt) && !named(on.evt));
	users.add_user("", -1, 0, 0, "first", "", "");
	elsewhere([&] { CHECK(!closes(on.evt) && named(on.evt)); });

	// At the same time, while nothing changes.
	std::atomic<int> right = 0;
	std::vector<std::thread> threads;
	for(int i = 0; i < 3; i++) {
		threads.emplace_back([&] {
			for(int n = 0; n < 500; n++) {
				right += named(on.evt) && !closes(on.evt);
			}
		});
	}
	for(auto& thread : threads) {
		thread.join();
	}
	CHECK(right == 1500);
}

// A function that the inspector calls while it processes an event sees the state of that moment.
class processor : public libsinsp::event_processor {
public:
	std::function<void(sinsp_evt*)> look;

	void on_capture_start() override {}
	void process_event(sinsp_evt* evt, libsinsp::event_return) override {
		if(evt != nullptr) {
			look(evt);
		}
	}
};

void within_callbacks() {
	machine made;
	made.chdir(20, "/tmp");
	made.chdir(20, "/");
	sinsp inspector;
	processor calls;
	inspector.register_external_event_processor(calls);
	inspector.open_test_input(&made.data);
	const filter in_tmp(inspector, "proc.cwd = /tmp/"), named(inspector, "user.name = late");
	int seen = 0;
	calls.look = [&](sinsp_evt* evt) {
		const bool first = seen++ == 0;
		CHECK(in_tmp(evt) == first && named(evt) != first);
		if(first) {
			inspector.m_usergroup_manager->add_user("", -1, 0, 0, "late", "", "");
			CHECK(named(evt));
		}
	};
	sinsp_evt* evt = ::next(inspector);
	CHECK(seen == 1 && in_tmp(evt) && named(evt));
	evt = ::next(inspector);
	CHECK(seen == 2 && !in_tmp(evt) && named(evt));
}

// A check of the program's own: what it reads is not known.
class own_check : public sinsp_filter_check {
public:
	inline static const char* value = "";

	own_check() {
		static const filtercheck_field_info fields[] = {{PT_CHARBUF, EPF_NONE, PF_NA, "own.value", "Value", "A value."}};
		static filter_check_info info;
		info.m_name = "own";
		info.m_nfields = 1;
		info.m_fields = fields;
		m_info = &info;
	}
	std::unique_ptr<sinsp_filter_check> allocate_new() override { return std::make_unique<own_check>(); }
	uint8_t* extract_single(sinsp_evt*, uint32_t* len, bool) override {
		*len = static_cast<uint32_t>(std::strlen(value));
		return reinterpret_cast<uint8_t*>(const_cast<char*>(value));
	}
};

void checks_of_the_program() {
	opened on;
	filter_check_list checks;
	checks.add_filter_check(std::make_unique<own_check>());
	auto factory = std::make_shared<sinsp_filter_factory>(&on.inspector, checks);
	auto own = sinsp_filter_compiler(factory, "own.value = one").compile();
	sinsp_filter built;
	auto check = std::make_unique<own_check>();
	CHECK(check->parse_field_name("own.value", true, true) > 0);
	check->m_cmp = str_to_cmpop("=");
	check->add_filter_value("one", 3);
	built.add_check(std::move(check));
	for(const char* value : {"one", "two", "one"}) {
		own_check::value = value;
		CHECK(built.run(on.evt) == (std::strcmp(value, "one") == 0));
		// The results of a program's checks are kept for an event by the library, until the state changes.
		on.inspector.m_usergroup_manager->add_user("", -1, 1, 1, value, "", "");
		CHECK(own->run(on.evt) == (std::strcmp(value, "one") == 0));
	}
}

}  // namespace

int main() {
	return run_tests({{"changes of the state", changes_of_the_state},
	                  {"members of objects", members_of_objects},
	                  {"changes of the event", changes_of_the_event},
	                  {"other events", other_events},
	                  {"made events", made_events},
	                  {"two inspectors", two_inspectors},
	                  {"after the inspector", after_the_inspector},
	                  {"from another thread", from_another_thread},
	                  {"within callbacks", within_callbacks},
	                  {"checks of the program", checks_of_the_program}});
}
