// Plugins that a program makes, and calls itself: alone CAPTURE FOLDER OWN. The folder has the plugins of this folder as shared objects.
#include "programs.h"

#include <libsinsp/dumper.h>
#include <libsinsp/filter_check_list.h>
#include <libsinsp/plugin_manager.h>
#include <libsinsp/plugin_parser.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <list>
#include <map>
#include <mutex>
#include <thread>

namespace {

std::shared_ptr<sinsp_plugin> made(sinsp* inspector, const std::string& name, const std::string& config,
                                   const std::shared_ptr<sinsp_thread_pool>& pool = nullptr) {
	std::string error;
	auto plugin = sinsp_plugin::create(folder + "/" + name + ".so", inspector != nullptr ? inspector->get_table_registry() : nullptr, pool, error);
	CHECK(plugin != nullptr || fails(error));
	CHECK(plugin->init(config, error) || fails(error));
	return plugin;
}

void it_parses_and_extracts_when_it_is_called() {
	sinsp inspector;
	auto plugin = made(&inspector, "fields", "");
	CHECK(inspector.get_plugin_manager()->plugins().empty() && inspector.event_sources().size() == 1);
	inspector.open_savefile(capture);
	sinsp_plugin_parser parser(plugin);
	CHECK(parser.plugin() == plugin);
	ss_plugin_extract_field fields[2] = {};
	fields[0].field_id = 0;
	fields[0].field = "t.num";
	fields[1].field_id = 11;
	fields[1].field = "t.calls";
	std::map<int64_t, uint64_t> calls;
	uint64_t parsed = 0;
	CHECK(events(inspector, [&](sinsp_evt* evt) {
		      // The inspector does not have it parse.
		      const bool now = parser.process_event(evt, inspector.event_sources());
		      parsed += now;
		      calls[evt->get_tid()] += now;
		      CHECK(plugin->extract_fields(evt, 1, fields) && fields[0].res_len == 1 && fields[0].res.u64[0] == evt->get_num());
		      if(now) {
			      CHECK(plugin->extract_fields(evt, 1, fields + 1) && fields[1].res_len == 1 && fields[1].res.u64[0] == calls[evt->get_tid()]);
		      }
	      }) > 100);
	CHECK(parsed > 100);
	CHECK(throws<sinsp_exception>("null event", [&] { plugin->parse_event(nullptr); }));
	CHECK(throws<sinsp_exception>("does not parse", [&] { sinsp_plugin_parser none(made(&inspector, "async", "0 0")); }));
}

void a_plugin_without_an_inspector_has_no_tables() {
	auto plugin = made(nullptr, "settings", R"({"level": 1})");
	CHECK(plugin->get_last_error().find("no inspector") != std::string::npos || fails(plugin->get_last_error()));
	sinsp inspector;
	inspector.open_savefile(capture);
	const auto count = events(inspector, [&](sinsp_evt* evt) { CHECK(plugin->parse_event(evt)); });
	CHECK(metric(*plugin, "parsed") == count);
}

void what_cannot_be_made_is_null() {
	std::string error;
	CHECK(sinsp_plugin::create(folder + "/none.so", nullptr, nullptr, error) == nullptr && error.find("none.so") != std::string::npos);
	const plugin_api none = {};
	CHECK(sinsp_plugin::create(&none, nullptr, nullptr, error) == nullptr && error.find("get_required_api_version") != std::string::npos);
	plugin_api newer = {};
	newer.get_required_api_version = [] { return "99.0.0"; };
	CHECK(throws<sinsp_exception>("99.0.0", [&] { sinsp_plugin broken(plugin_load_api(&newer, nullptr), nullptr, nullptr); }));
	char why[PLUGIN_MAX_ERRLEN];
	auto* loaded = plugin_load((folder + "/settings.so").c_str(), why);
	CHECK(loaded != nullptr);
	sinsp_plugin plugin(loaded, nullptr, nullptr);
	CHECK(plugin.name() == "test_settings" && plugin.init(R"({"level": 1})", error));
}

void the_state_ends_and_begins_anew() {
	sinsp inspector;
	const auto tables = [&] { return inspector.get_table_registry()->tables().count("test_settings"); };
	auto plugin = inspector.register_plugin(folder + "/settings.so");
	auto source = inspector.register_plugin(folder + "/source.so");
	std::string error;
	CHECK(plugin->init(R"({"level": 1, "words": "call"})", error) && source->init("", error));
	CHECK(plugin->parse_event_codes().size() == 1);
	auto* table = inspector.get_table_registry()->get_table<uint64_t>("test_settings");
	libsinsp::state::sinsp_table_owner owner;
	sinsp_table<uint64_t> known(&owner, table);
	CHECK(known.fields().size() == 1 && known.entries_count() == 0);
	plugin->destroy();
	plugin->destroy();
	CHECK(throws<sinsp_exception>("not initialized", [&] { plugin->parse_event_codes(); }));
	CHECK(throws<sinsp_exception>("not initialized", [&] { plugin->get_metrics(); }));
	// Who still has its table gets errors.
	CHECK(throws<sinsp_exception>("removed by its owner", [&] { known.get_entry(1); }));
	// A capture goes on without it, and with another configuration it parses other events.
	inspector.open_savefile(capture);
	uint64_t opens = 0;
	CHECK(events(inspector, [&](sinsp_evt* evt) {
		      opens += evt->get_type() == PPME_SYSCALL_OPENAT_2_X;
		      if(evt->get_num() == 10) {
			      CHECK(plugin->init(R"({"level": 2, "words": "plugin"})", error) || fails(error));
			      CHECK(plugin->parse_event_codes().contains(PPME_PLUGINEVENT_E) && plugin->parse_event_codes().size() == 1);
		      } else if(evt->get_num() == 20) {
			      plugin->destroy();
			      CHECK(plugin->init(R"({"level": 2, "words": "call"})", error) || fails(error));
			      opens = 0;
		      }
	      }) > 100);
	CHECK(opens > 0 && metric(*plugin, "parsed") == opens && tables() == 1);
	inspector.close();
	inspector.open_plugin("test_source", "events 10", sinsp_plugin_platform::SINSP_PLATFORM_GENERIC);
	CHECK(throws<sinsp_exception>("its source of events is open", [&] { source->destroy(); }));
	inspector.close();
	source->destroy();
	CHECK(throws<scap_open_exception>("not initialized", [&] {
		inspector.open_plugin("test_source", "events 10", sinsp_plugin_platform::SINSP_PLATFORM_GENERIC);
	}));
}

void configurations_have_to_fit_the_schema() {
	sinsp inspector;
	auto plugin = inspector.register_plugin(folder + "/settings.so");
	ss_plugin_schema_type kind = SS_PLUGIN_SCHEMA_NONE;
	CHECK(plugin->get_init_schema(kind).find("\"level\"") != std::string::npos && kind == SS_PLUGIN_SCHEMA_JSON);
	std::string error;
	for(const auto& bad : std::vector<std::pair<std::string, std::string>>{{"", "level"},
	                                                                       {"{", "JSON"},
	                                                                       {"[1]", "object"},
	                                                                       {R"({"level": "high"})", "/level"},
	                                                                       {R"({"level": 1, "other": 2})", "other"}}) {
		CHECK(throws<sinsp_exception>(bad.second, [&] { plugin->init(bad.first, error); }) || fails(bad.first));
		CHECK(throws<sinsp_exception>("test_settings", [&] { plugin->init(bad.first, error); }) || fails(bad.first));
	}
	CHECK(plugin->init(R"({"level": 1})", error) || fails(error));
	CHECK(plugin->set_config(R"({"level": 2})") && !plugin->set_config(R"({"level": 3, "words": "refuse"})"));
	CHECK(throws<sinsp_exception>("/level", [&] { plugin->set_config(R"({"level": null})"); }));
}

void the_version_of_the_event_schema_is_checked() {
	const std::vector<std::tuple<std::string, sinsp_version, std::string>> cases = {
	        // Without a version, it is 3.0.0.
	        {"call", sinsp_version(3, 0, 0), ""},
	        {"call", sinsp_version(4, 5, 1), "required event schema version '3.0.0'"},
	        {"call schema 4.5.0", sinsp_version(4, 5, 1), ""},
	        {"call schema 4.5.2", sinsp_version(4, 5, 1), "patch version is less"},
	        {"call schema 4.6.0", sinsp_version(4, 5, 1), "minor version is less"},
	        {"call schema 5.0.0", sinsp_version(4, 5, 1), "major versions disagree"},
	        {"call schema x.y", sinsp_version(4, 5, 1), "invalid required event schema version: 'x.y'"},
	        // Without a type of its own, it parses all.
	        {"schema 5.0.0", sinsp_version(4, 5, 1), "major versions disagree"},
	        // Events of plugins have no such version.
	        {"plugin schema 5.0.0", sinsp_version(4, 5, 1), ""},
	};
	for(const auto& [words, version, why] : cases) {
		auto plugin = made(nullptr, "settings", R"({"level": 1, "words": ")" + words + "\"}");
		std::string error;
		CHECK(plugin->check_required_schema_version(version, error) == why.empty() || fails(words));
		CHECK((error.empty() == why.empty() && error.find(why) != std::string::npos) || fails(error));
	}
}

// A table of a plugin fails for another user of it: that one gets the reason.
void errors_of_tables_belong_to_who_asks() {
	sinsp inspector;
	std::string error;
	auto plugin = inspector.register_plugin(folder + "/settings.so");
	CHECK(plugin->init(R"({"level": 1})", error) || fails(error));
	libsinsp::state::sinsp_table_owner owner;
	sinsp_table<uint64_t> table(&owner, inspector.get_table_registry()->get_table<uint64_t>("test_settings"));
	CHECK(table.name() == "test_settings" && table.get_field<uint64_t>("value") != nullptr && owner.m_last_owner_err.empty());
	CHECK(throws<sinsp_exception>("table 'test_settings' of plugin test_settings: no entry 17", [&] { table.get_entry(17); }));
	CHECK(throws<sinsp_exception>("no entry 18", [&] { table.erase_entry(18); }));
	CHECK(table.add_field<uint64_t>("more") == nullptr && owner.m_last_owner_err.find("no field 'more' can be added") != std::string::npos);
}

void async_events_go_to_a_handler_of_the_program() {
	auto plugin = made(nullptr, "async", "4 50");
	std::atomic<uint64_t> taken{0};
	const auto handler = [&](const sinsp_plugin& from, std::unique_ptr<sinsp_evt> evt) {
		CHECK(from.name() == "test_async" && evt->get_type() == PPME_ASYNCEVENT_E && evt->get_param(1)->as<std::string>() == "tick");
		taken++;
	};
	CHECK(plugin->set_async_event_handler(handler));
	CHECK(throws<sinsp_exception>("must reset the async event handler", [&] { plugin->set_async_event_handler(handler); }));
	CHECK(plugin->set_async_event_handler(nullptr));
	CHECK(taken == 200 && metric(*plugin, "sent") == 200);
	CHECK(plugin->set_async_event_handler([](const sinsp_plugin&, std::unique_ptr<sinsp_evt>) { throw sinsp_exception("not today"); }));
	CHECK(plugin->set_async_event_handler(nullptr));
	CHECK(metric(*plugin, "refused") == 200 && plugin->get_last_error() == "not today");
	// One that goes while the plugin sends takes the handler with it.
	CHECK(plugin->set_async_event_handler(handler));
	plugin.reset();
	CHECK(taken == 400);
	auto other = made(nullptr, "settings", R"({"level": 1})");
	CHECK(throws<sinsp_exception>("no async events", [&] { other->set_async_event_handler(handler); }));
	CHECK(throws<sinsp_exception>("without async events cap", [&] {
		sinsp_dumper none;
		other->dump_state(none);
	}));
}

void names_of_async_events_are_names_of_types() {
	auto plugin = made(nullptr, "async", "0 0");
	const auto codes = libsinsp::events::names_to_event_set({"tock", "openat"});
	CHECK(codes.contains(PPME_ASYNCEVENT_E) && codes.contains(PPME_SYSCALL_OPENAT_2_X));
	sinsp inspector;
	CHECK(sinsp_filter_compiler(&inspector, "evt.type in (tick, openat)").compile() != nullptr);
	CHECK(throws<sinsp_exception>("unknown event type tack", [&] { sinsp_filter_compiler(&inspector, "evt.type = tack").compile(); }));
	sinsp_filter_check_list checks;
	const auto check = checks.new_filter_check_from_fldname("evt.type", &inspector, false);
	CHECK(check->parse_field_name("evt.type", true, false) > 0);
	check->add_filter_value("openat", 7, 0);
	check->add_filter_value("tick", 5, 1);
	CHECK(throws<sinsp_exception>("unknown event type tack", [&] { check->add_filter_value("tack", 5, 2); }));
}

void the_state_is_dumped_when_the_program_asks() {
	const auto file = own + "/alone.scap";
	sinsp inspector;
	auto plugin = made(&inspector, "async", "0 0");
	inspector.open_nodriver();
	sinsp_dumper dumper;
	dumper.open(&inspector, file, false);
	const auto before = dumper.written_events();
	CHECK(plugin->dump_state(dumper) && dumper.written_events() == before + 1);
	dumper.close();
	CHECK(throws<sinsp_exception>("dump error for plugin 'test_async'", [&] { plugin->dump_state(dumper); }));
	inspector.close();
	// It is a part of the state at the begin of the file, which next() does not return.
	struct counter: libsinsp::event_processor {
		uint64_t states = 0;
		void on_capture_start() override {}
		void process_event(sinsp_evt* evt, libsinsp::event_return) override {
			states += evt != nullptr && evt->get_type() == PPME_ASYNCEVENT_E && evt->get_param(2)->as<std::string>() == "state";
		}
	} seen;
	inspector.register_external_event_processor(seen);
	inspector.open_savefile(file);
	events(inspector, [](sinsp_evt*) {});
	CHECK(seen.states == 1 || fails(std::to_string(seen.states)));
}

// A pool of the program: one thread calls all routines in turn.
class own_pool : public sinsp_thread_pool {
public:
	~own_pool() override {
		m_stops = true;
		m_thread.join();
	}
	routine_id_t subscribe(const std::function<bool()>& func) override {
		const std::lock_guard<std::mutex> lock(m_lock);
		m_routines.emplace_back(++m_last, func);
		return m_last;
	}
	bool unsubscribe(routine_id_t id) override {
		const std::lock_guard<std::mutex> lock(m_lock);
		const auto before = m_routines.size();
		m_routines.remove_if([&](const auto& routine) { return routine.first == id; });
		return m_routines.size() != before;
	}
	void purge() override {
		const std::lock_guard<std::mutex> lock(m_lock);
		m_routines.clear();
	}
	size_t routines_num() override {
		const std::lock_guard<std::mutex> lock(m_lock);
		return m_routines.size();
	}

private:
	void run() {
		while(!m_stops) {
			const std::lock_guard<std::mutex> lock(m_lock);
			m_routines.remove_if([](const auto& routine) { return !routine.second(); });
		}
	}
	std::mutex m_lock;
	std::list<std::pair<routine_id_t, std::function<bool()>>> m_routines;
	routine_id_t m_last = 0;
	std::atomic<bool> m_stops{false};
	std::thread m_thread{[this] { run(); }};
};

ss_plugin_bool five_times(ss_plugin_t* plugin, ss_plugin_routine_state_t* count) {
	return plugin != nullptr && ++*static_cast<std::atomic<int>*>(count) < 5;
}

void routines_run_in_any_pool() {
	const std::vector<std::shared_ptr<sinsp_thread_pool>> pools = {nullptr, std::make_shared<sinsp_thread_pool_bs>(1), std::make_shared<own_pool>()};
	for(const auto& pool : pools) {
		sinsp inspector;
		auto plugin = made(&inspector, "async", "0 0", pool);
		const auto where = pool != nullptr ? pool : inspector.get_thread_pool();
		CHECK(where->routines_num() == 0 && plugin->capture_open() && where->routines_num() == 1);
		while(metric(*plugin, "called") < 3) {
		}
		std::atomic<int> count{0};
		CHECK(plugin->subscribe_routine(five_times, &count) != 0);
		while(count < 5 || where->routines_num() != 1) {
		}
		CHECK(plugin->capture_close() && where->routines_num() == 0);
		// A call that was in progress then may still count.
		where->purge();
		const auto called = metric(*plugin, "called");
		std::this_thread::yield();
		CHECK(metric(*plugin, "called") == called && count == 5 && !plugin->unsubscribe_routine(1));
		// What is left ends with the plugin's state.
		CHECK(plugin->capture_open() && where->routines_num() == 1);
		plugin->destroy();
		CHECK(where->routines_num() == 0);
		CHECK(throws<sinsp_exception>("not initialized", [&] { plugin->capture_open(); }));
	}
	auto none = made(nullptr, "settings", R"({"level": 1})");
	CHECK(!none->capture_open() && !none->capture_close());
}

void an_inspector_has_a_pool() {
	const auto pool = std::make_shared<own_pool>();
	{
		sinsp inspector;
		CHECK(inspector.set_thread_pool(pool) && !inspector.set_thread_pool(pool) && inspector.get_thread_pool() == pool);
		auto plugin = inspector.register_plugin(folder + "/async.so");
		std::string error;
		CHECK(plugin->init("0 0", error));
		pool->subscribe([] { return true; });
		inspector.open_nodriver();
		CHECK(pool->routines_num() == 2);
		inspector.close();
		CHECK(pool->routines_num() == 0);
	}
	CHECK(pool.use_count() == 1);
	sinsp inspector;
	const auto given = inspector.get_thread_pool();
	CHECK(given != nullptr && !inspector.set_thread_pool(pool));
	std::atomic<int> calls{0};
	CHECK(given->subscribe([&] { return ++calls < 10; }) != 0);
	while(calls < 10 || given->routines_num() != 0) {
	}
	const auto id = given->subscribe([&] { return ++calls > 0; });
	CHECK(given->routines_num() == 1 && given->unsubscribe(id) && !given->unsubscribe(id) && !given->unsubscribe(0));
	given->subscribe([]() -> bool { throw sinsp_exception("ends it"); });
	while(given->routines_num() != 0) {
	}
	given->purge();
}

void a_source_is_one_for_libscap() {
	auto plugin = made(nullptr, "source", "");
	auto& source = plugin->as_scap_source();
	CHECK(source.id == 4242 && std::string(source.name) == "test_source" && source.handle == nullptr && &source == &plugin->as_scap_source());
	ss_plugin_rc rc = SS_PLUGIN_FAILURE;
	source.handle = source.open(source.state, "events 4", &rc);
	CHECK(rc == SS_PLUGIN_SUCCESS && plugin->as_scap_source().handle == source.handle);
	uint32_t progress = 7;
	CHECK(plugin->get_progress(progress) == "4 left" && progress == 0);
	CHECK(throws<sinsp_exception>("its source of events is open", [&] { plugin->destroy(); }));
	source.close(source.state, source.handle);
	source.handle = nullptr;
	CHECK(plugin->get_progress(progress).empty());
	auto other = made(nullptr, "settings", R"({"level": 1})");
	CHECK(throws<sinsp_exception>("CAP_SOURCING", [&] { other->as_scap_source(); }));
}

void offsets_of_values_stand_in_the_event() {
	sinsp inspector;
	auto plugin = inspector.register_plugin(folder + "/source.so");
	std::string error;
	CHECK(plugin->init("", error));
	inspector.open_plugin("test_source", "events 12", sinsp_plugin_platform::SINSP_PLATFORM_GENERIC);
	CHECK(events(inspector, [&](sinsp_evt* evt) {
		      ss_plugin_extract_field field = {};
		      field.field = "s.data";
		      field.field_id = 1;
		      ss_plugin_extract_value_offsets offsets = {nullptr, nullptr};
		      CHECK(plugin->extract_fields_and_offsets(evt, 1, &field, &offsets) && field.res_len == 1 && offsets.start != nullptr);
		      const auto* bytes = reinterpret_cast<const char*>(evt->get_scap_evt());
		      CHECK(std::string(bytes + offsets.start[0], offsets.length[0]) == "number " + std::to_string(evt->get_num()));
	      }) == 12);
}

void offsets_of_values_come_from_checks_too() {
	sinsp inspector;
	auto plugin = inspector.register_plugin(folder + "/source.so");
	std::string error;
	CHECK(plugin->init("", error));
	sinsp_filter_check_list checks;
	checks.add_filter_check(sinsp_plugin::new_filtercheck(plugin));
	const auto factory = std::make_shared<sinsp_filter_factory>(&inspector, checks);
	const auto filter = sinsp_filter_compiler(factory, "s.data contains number").compile();
	const auto with_position = factory->new_filtercheck("s.data"), without = factory->new_filtercheck("s.text");
	CHECK(with_position->parse_field_name("s.data", true, false) == 6 && without->parse_field_name("s.text", true, false) == 6);
	inspector.open_plugin("test_source", "events 12", sinsp_plugin_platform::SINSP_PLATFORM_GENERIC);
	std::vector<extract_value_t> values;
	std::vector<extract_offset_t> offsets;
	CHECK(events(inspector, [&](sinsp_evt* evt) {
		      // The filter has extracted the value before, without its position.
		      CHECK(filter->run(evt) && with_position->extract_with_offsets(evt, values, offsets) && offsets.size() == 1);
		      const auto* bytes = reinterpret_cast<const char*>(evt->get_scap_evt());
		      const auto value = std::string(reinterpret_cast<const char*>(values[0].ptr), values[0].len);
		      CHECK(value == std::string(bytes + offsets[0].start, offsets[0].length));
		      CHECK(without->extract_with_offsets(evt, values, offsets) && values.size() == 1 && offsets.empty());
	      }) == 12);
}

// A plugin of system calls: its events change the state as the driver's do.
void a_plugin_may_make_system_calls() {
	sinsp inspector;
	auto plugin = inspector.register_plugin(folder + "/syscalls.so");
	std::string error;
	CHECK(plugin->init("", error) && plugin->id() == 0 && plugin->event_source().empty());
	CHECK(inspector.event_sources() == std::vector<std::string>{"syscall"});
	inspector.open_plugin("test_syscalls", "events 25", sinsp_plugin_platform::SINSP_PLATFORM_HOSTINFO);
	CHECK(inspector.is_syscall_plugin());
	sinsp_filter_check_list checks;
	sinsp_evt_formatter formatter(&inspector, "%evt.source %evt.type %fd.num", checks);
	uint64_t calls = 0;
	events(inspector, [&](sinsp_evt* evt) {
		std::string line;
		if(evt->get_type() == PPME_SYSCALL_CLOSE_X) {
			calls++;
			CHECK(evt->get_tid() == 77 && evt->get_source_idx() == 0 && formatter.tostring(evt, line));
			CHECK(line == "syscall close " + std::to_string(calls) || fails(line));
		}
	});
	CHECK(calls == 25);
}

// A plugin whose state ends in the middle of a capture and begins anew is not told of the end of what it never knew of.
void a_state_that_begins_in_a_capture_is_no_part_of_it() {
	sinsp inspector;
	auto plugin = inspector.register_plugin(folder + "/async.so");
	std::string error;
	CHECK(plugin->init("1 5", error));
	inspector.open_nodriver();
	CHECK(inspector.get_thread_pool()->routines_num() == 1);
	plugin->destroy();
	CHECK(inspector.get_thread_pool()->routines_num() == 0);
	sinsp_evt* evt = nullptr;
	CHECK(inspector.next(&evt) != SCAP_FAILURE);
	CHECK(plugin->init("1 5", error));
	inspector.close();
	CHECK(metric(*plugin, "opened") == 0 && metric(*plugin, "closed") == 0);
	inspector.open_nodriver();
	inspector.close();
	CHECK(metric(*plugin, "opened") == 1 && metric(*plugin, "closed") == 1 && metric(*plugin, "sent") == 5);
}

class mock : public sinsp_plugin {
public:
	mock(plugin_caps_t caps, const std::string& name, uint32_t id, const std::string& source): sinsp_plugin(nullptr, nullptr, nullptr) {
		m_caps = caps;
		m_name = name;
		m_id = id;
		m_event_source = source;
	}
};

void a_manager_finds_plugins_and_sources() {
	std::vector<std::string> sources = {"first"};
	sinsp_plugin_manager manager(sources);
	const auto one = std::make_shared<mock>(CAP_SOURCING, "one", 1, "a");
	const auto two = std::make_shared<mock>(CAP_SOURCING, "two", 2, "first");
	manager.add(one);
	manager.add(two);
	manager.add(std::make_shared<mock>(CAP_SOURCING, "calls", 0, ""));
	manager.add(std::make_shared<mock>(CAP_EXTRACTION, "fields", 1, ""));
	CHECK(throws<sinsp_exception>("another plugin with name one", [&] { manager.add(std::make_shared<mock>(CAP_PARSING, "one", 0, "")); }));
	CHECK(throws<sinsp_exception>("another plugin with ID 2", [&] { manager.add(std::make_shared<mock>(CAP_SOURCING, "three", 2, "c")); }));
	CHECK(sources == std::vector<std::string>({"first", "a"}) && manager.plugins().size() == 4);
	CHECK(manager.plugin_by_id(1) == one && manager.plugin_by_id(2) == two && manager.plugin_by_id(0) == nullptr && manager.plugin_by_id(3) == nullptr);
	bool found = false;
	CHECK(manager.source_idx_by_plugin_id(2, found) == 0 && found && manager.source_idx_by_plugin_id(1, found) == 1 && found);
	CHECK(manager.source_idx_by_plugin_id(0, found) == sinsp_no_event_source_idx && !found);
	CHECK(throws<sinsp_exception>("", [&] { one->get_metrics(); }) && one->get_last_error().empty());
	one->destroy();
}

}  // namespace

int main(int, char** argv) {
	return run_program(argv, {
	        TEST(it_parses_and_extracts_when_it_is_called),
	        TEST(a_plugin_without_an_inspector_has_no_tables),
	        TEST(what_cannot_be_made_is_null),
	        TEST(the_state_ends_and_begins_anew),
	        TEST(configurations_have_to_fit_the_schema),
	        TEST(the_version_of_the_event_schema_is_checked),
	        TEST(errors_of_tables_belong_to_who_asks),
	        TEST(async_events_go_to_a_handler_of_the_program),
	        TEST(names_of_async_events_are_names_of_types),
	        TEST(the_state_is_dumped_when_the_program_asks),
	        TEST(routines_run_in_any_pool),
	        TEST(an_inspector_has_a_pool),
	        TEST(a_source_is_one_for_libscap),
	        TEST(offsets_of_values_stand_in_the_event),
	        TEST(offsets_of_values_come_from_checks_too),
	        TEST(a_plugin_may_make_system_calls),
	        TEST(a_state_that_begins_in_a_capture_is_no_part_of_it),
	        TEST(a_manager_finds_plugins_and_sources),
	});
}
