// A plugin that lies, in a C++ program: hostile CAPTURE FOLDER OWN. The folder has the plugins of this folder. Whatever the plugin does, the program gets an
// error that names it, and every event of the capture. Exceptions and longjmp out of a plugin are left out: the API forbids them, and no host can stop them.
#include "hostile.h"
#include "programs.h"

#include <libsinsp/dumper.h>
#include <libsinsp/filter_check_list.h>
#include <libsinsp/plugin_filtercheck.h>
#include <plugin/plugin_loader.h>

#include <dlfcn.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <functional>
#include <thread>

namespace {

std::string library;
plugin_api complete;
hostile_ways* ways;
int (*hostile_send)();
uint64_t plain;

constexpr auto generic = sinsp_plugin_platform::SINSP_PLATFORM_GENERIC;
const char* const field_names[] = {"h.num", "h.text", "h.truth", "h.addr", "h.net", "h.texts[a]"};

bool has(const std::string& text, const std::string& part) {
	return text.find(part) != std::string::npos;
}

// Errors name the plugin, or its function before it has a name.
void check_named(const std::string& error) {
	CHECK(has(error, "hostile") || has(error, "plugin_") || fails("not named: " + error));
}

struct lying {
	explicit lying(hostile_lie lie) { ways->lie = lie; }
	lying(const lying&) = delete;
	lying& operator=(const lying&) = delete;
	~lying() { *ways = hostile_ways{}; }
};

std::shared_ptr<sinsp_plugin> added(sinsp& inspector, const plugin_api& api = complete) {
	auto plugin = inspector.register_plugin(&api);
	std::string error;
	CHECK(plugin->init("{}", error) || fails(error));
	return plugin;
}

// Reads to the end; returns how many events came. A failure is an error of the plugin, and counts as the event that it is about.
uint64_t read_all(sinsp& inspector, const std::function<void(sinsp_evt*)>& each = [](sinsp_evt*) {}) {
	uint64_t count = 0, failed = 0;
	sinsp_evt* evt = nullptr;
	for(int32_t rc; (rc = inspector.next(&evt)) != SCAP_EOF;) {
		if(rc == SCAP_SUCCESS) {
			count++;
			each(evt);
		} else if(rc == SCAP_FAILURE) {
			check_named(inspector.getlasterr());
			CHECK(failed++ < plain);
		} else {
			CHECK(rc == SCAP_TIMEOUT || rc == SCAP_FILTERED_EVENT);
		}
	}
	return count + failed;
}

template<typename Act>
void named(Act act) {
	try {
		act();
	} catch(const sinsp_exception& e) {
		check_named(e.what());
	}
}

// What needs the plugin's fields, which it does not have if it describes others.
template<typename Act>
void described(Act act) {
	try {
		act();
	} catch(const sinsp_exception& e) {
		CHECK(has(e.what(), "h.") || fails(e.what()));
	}
}

// All that a program may want of a plugin; returns false if it cannot be used.
bool use(const plugin_api& api) {
	sinsp inspector;
	std::shared_ptr<sinsp_plugin> plugin;
	std::string error;
	named([&] { plugin = inspector.register_plugin(&api); });
	if(plugin == nullptr) {
		return false;
	}
	bool works = false;
	named([&] {
		works = plugin->init("{}", error);
		CHECK(works || (check_named(error), true));
	});
	if(!works) {
		return false;
	}
	ss_plugin_schema_type kind;
	uint32_t percent;
	named([&] { plugin->get_init_schema(kind); });
	named([&] { plugin->list_open_params(); });
	named([&] { plugin->set_config("{}"); });
	named([&] { plugin->get_metrics(); });
	named([&] { plugin->get_last_error(); });
	named([&] { plugin->get_progress(percent); });
	std::vector<std::unique_ptr<sinsp_evt_formatter>> formatters;
	sinsp_filter_check_list checks;
	if((plugin->caps() & CAP_EXTRACTION) != 0) {
		checks.add_filter_check(sinsp_plugin::new_filtercheck(plugin));
		for(const auto* field : field_names) {
			described([&] { formatters.push_back(std::make_unique<sinsp_evt_formatter>(&inspector, std::string("*%") + field, checks)); });
		}
		described([&] {
			auto factory = std::make_shared<sinsp_filter_factory>(&inspector, checks);
			inspector.set_filter(sinsp_filter_compiler(factory, "not h.num = 7 and not h.texts[a] intersects (none)").compile());
		});
	}
	const auto each = [&](sinsp_evt* evt) {
		for(auto& formatter : formatters) {
			std::string line;
			named([&] { formatter->tostring(evt, line); });
		}
	};
	inspector.open_savefile(capture);
	const auto count = read_all(inspector, each);
	CHECK(count == plain || fails(std::to_string(count) + " events"));
	inspector.close();
	named([&] {
		inspector.open_plugin("hostile", "5", generic);
		sinsp_evt* evt = nullptr;
		for(int i = 0; i < 20; i++) {
			const auto rc = inspector.next(&evt);
			if(rc == SCAP_FAILURE) {
				check_named(inspector.getlasterr());
			} else if(rc == SCAP_SUCCESS) {
				each(evt);
				named([&] { plugin->event_to_string(evt); });
				named([&] { plugin->get_progress(percent); });
			}
		}
	});
	inspector.close();
	return true;
}

void functions_may_be_missing() {
	const char* const names[] = {"get_required_api_version", "get_init_schema", "init", "destroy", "get_last_error", "get_name", "get_description",
	                             "get_contact", "get_version", "get_id", "get_event_source", "open", "close", "list_open_params", "get_progress",
	                             "event_to_string", "next_batch", "get_extract_event_types", "get_extract_event_sources", "get_fields",
	                             "extract_fields", "get_parse_event_types", "get_parse_event_sources", "parse_event", "get_async_event_sources",
	                             "get_async_events", "set_async_event_handler", "dump_state", "set_config", "get_metrics", "capture_open",
	                             "capture_close", "get_required_event_schema_version"};
	const std::string needed = " get_required_api_version init destroy get_last_error get_name get_description get_contact get_version ";
	const std::string paired =
	        " get_id get_event_source open close next_batch get_fields get_async_events capture_close ";
	static_assert(sizeof(plugin_api) == sizeof(names), "each has its name");
	for(size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		auto api = complete;
		std::memset(reinterpret_cast<char*>(&api) + i * sizeof(void*), 0, sizeof(void*));
		const std::string spaced = std::string(" ") + names[i] + " ";
		if(has(needed, spaced) || has(paired, spaced)) {
			sinsp inspector;
			CHECK(throws<sinsp_exception>(std::string("plugin_") + names[i], [&] { inspector.register_plugin(&api); }) || fails(names[i]));
		} else {
			CHECK(use(api) || fails(names[i]));
		}
	}
	const plugin_api none{};
	CHECK(!use(none));
}

const char* text;
const char* say() {
	return text;
}

// Sets the function with this place in the struct to one that returns `text`.
plugin_api saying(size_t place) {
	auto api = complete;
	auto* function = say;
	std::memcpy(reinterpret_cast<char*>(&api) + place, &function, sizeof(function));
	return api;
}

void versions_may_be_wrong() {
	for(const auto* version : {"0.0.0", "2.0.0", "4.0.0", "3.99.0", "3.12.99", "x", "", "3", "3.", "-1.0.0", "99999999999.0.0", "\xff"}) {
		text = version;
		const auto api = saying(offsetof(plugin_api, get_required_api_version));
		sinsp inspector;
		CHECK(throws<sinsp_exception>("version", [&] { inspector.register_plugin(&api); }) || fails(version));
	}
}

void texts_may_be_anything() {
	const size_t functions[] = {offsetof(plugin_api, get_required_api_version),
	                            offsetof(plugin_api, get_init_schema),
	                            offsetof(plugin_api, get_last_error),
	                            offsetof(plugin_api, get_name),
	                            offsetof(plugin_api, get_description),
	                            offsetof(plugin_api, get_contact),
	                            offsetof(plugin_api, get_version),
	                            offsetof(plugin_api, get_event_source),
	                            offsetof(plugin_api, list_open_params),
	                            offsetof(plugin_api, get_progress),
	                            offsetof(plugin_api, event_to_string),
	                            offsetof(plugin_api, get_extract_event_sources),
	                            offsetof(plugin_api, get_fields),
	                            offsetof(plugin_api, get_parse_event_sources),
	                            offsetof(plugin_api, get_async_event_sources),
	                            offsetof(plugin_api, get_async_events),
	                            offsetof(plugin_api, get_required_event_schema_version)};
	const std::string deep(100000, '['), wide(1 << 20, 'x');
	const char* const texts[] = {nullptr, "", "\xff\xfe", "{", "{}", "[]", "[1]", "[null, [], {}]", "7", "\"text\"", "[\"\\u0000\"]",
	                             "[{\"type\": \"string\", \"name\": \"a\\u0000b\", \"desc\": \"d\"}]",
	                             "[{\"type\": \"string\", \"name\": \"evt.num\", \"desc\": \"d\"}, {\"type\": \"string\", \"name\": \"evt.num\", \"desc\": \"d\"}]",
	                             "[{\"type\": \"string\", \"name\": \"[\", \"desc\": \"d\", \"arg\": [1]}]",
	                             "{\"$ref\": \"#\"}", "{\"$ref\": \"http://127.0.0.1:1/x\"}", "{\"$ref\": \"file:///etc/passwd\"}",
	                             "{\"patternProperties\": {\"^(a+)+$\": {}}, \"pattern\": \"(\"}",
	                             deep.c_str(), wide.c_str()};
	for(const auto place : functions) {
		for(const auto* each : texts) {
			text = each;
			use(saying(place));
		}
	}
	text = nullptr;
	CHECK(!use(saying(offsetof(plugin_api, get_name))) && !use(saying(offsetof(plugin_api, get_version))));
	CHECK(!use(saying(offsetof(plugin_api, get_event_source))) && !use(saying(offsetof(plugin_api, get_fields))));
	CHECK(!use(saying(offsetof(plugin_api, get_async_events))));
	CHECK(use(saying(offsetof(plugin_api, get_description))) && use(saying(offsetof(plugin_api, get_last_error))));
}

void lies_of_every_kind() {
	for(int lie = LIE_NONE; lie < LIE_END; lie++) {
		const lying now(static_cast<hostile_lie>(lie));
		try {
			use(complete);
		} catch(const std::exception& e) {
			fails("lie " + std::to_string(lie) + ": " + e.what());
		}
	}
	// Those that can be found are.
	for(const auto lie : {LIE_TYPES_HUGE, LIE_TYPES_UNKNOWN, LIE_METRICS_HUGE}) {
		const lying now(lie);
		sinsp inspector;
		auto plugin = inspector.register_plugin(&complete);
		std::string error;
		CHECK(throws<sinsp_exception>("hostile", [&] {
			plugin->init("{}", error);
			plugin->get_metrics();
		}) || fails(std::to_string(lie)));
	}
	for(const auto lie : {LIE_VALUES_NULL, LIE_VALUES_HUGE, LIE_VALUES_TOO_MANY}) {
		const lying now(lie);
		sinsp inspector;
		auto plugin = added(inspector);
		sinsp_filter_check_list checks;
		checks.add_filter_check(sinsp_plugin::new_filtercheck(plugin));
		sinsp_evt_formatter formatter(&inspector, "%h.num", checks);
		inspector.open_savefile(capture);
		sinsp_evt* evt = nullptr;
		std::string line;
		CHECK(inspector.next(&evt) == SCAP_SUCCESS);
		CHECK(throws<sinsp_exception>("plugin hostile, field 'h.num'", [&] { formatter.tostring(evt, line); }) || fails(std::to_string(lie)));
	}
	for(int lie = LIE_BATCH_HUGE; lie < LIE_EVENT_MISALIGNED; lie++) {
		const lying now(static_cast<hostile_lie>(lie));
		sinsp inspector;
		added(inspector);
		inspector.open_plugin("hostile", "1", generic);
		sinsp_evt* evt = nullptr;
		int32_t rc = inspector.next(&evt);
		if(lie == LIE_BATCH_CODE) {
			// The code is for the time after the events.
			CHECK(rc == SCAP_SUCCESS);
			rc = inspector.next(&evt);
		}
		CHECK(rc == SCAP_FAILURE || fails(std::to_string(lie)));
		check_named(inspector.getlasterr());
	}
}

void async_events_may_be_anything() {
	sinsp inspector;
	auto plugin = added(inspector);
	inspector.open_nodriver();
	for(int lie = LIE_EVENT_SHORT; lie < LIE_EVENT_MISALIGNED; lie++) {
		ways->lie = static_cast<hostile_lie>(lie);
		CHECK(!hostile_send() || fails(std::to_string(lie)));
		check_named(ways->refused);
		sinsp_dumper dumper;
		CHECK(throws<sinsp_exception>("hostile", [&] { dumper.open(&inspector, own + "/dump.scap", false); }) || fails(std::to_string(lie)));
	}
	ways->lie = LIE_EVENT_MISALIGNED;
	CHECK(hostile_send());
	ways->lie = LIE_NONE;
	CHECK(hostile_send());
	CHECK(ways->handler(ways->owner, nullptr, nullptr) != SS_PLUGIN_SUCCESS && ways->handler(nullptr, nullptr, nullptr) != SS_PLUGIN_SUCCESS);
	sinsp_evt* evt = nullptr;
	int noises = 0;
	while(noises < 2) {
		noises += inspector.next(&evt) == SCAP_SUCCESS && evt->get_type() == PPME_ASYNCEVENT_E;
	}
	inspector.close();
	ways->lie = LIE_EVENT_MISALIGNED;
	CHECK(!hostile_send() && has(ways->refused, "hostile"));
	*ways = hostile_ways{};
}

// Eight threads send all the time, while captures are opened, read and closed.
void async_events_at_any_time() {
	sinsp inspector;
	auto plugin = added(inspector);
	inspector.open_nodriver();
	std::atomic<bool> stop{false};
	std::atomic<uint64_t> taken{0}, refused{0};
	// They end also if a check fails.
	struct senders {
		std::atomic<bool>& stop;
		std::vector<std::thread> threads;
		~senders() {
			stop = true;
			for(auto& thread : threads) {
				thread.join();
			}
		}
	};
	std::unique_ptr<senders> sending(new senders{stop, {}});
	for(int i = 0; i < 8; i++) {
		sending->threads.emplace_back([&] {
			while(!stop) {
				(hostile_send() ? taken : refused)++;
			}
		});
	}
	uint64_t came = 0;
	for(int round = 0; round < 10; round++) {
		sinsp_evt* evt = nullptr;
		for(int i = 0; i < 1000; i++) {
			came += inspector.next(&evt) == SCAP_SUCCESS && evt->get_type() == PPME_ASYNCEVENT_E;
		}
		inspector.close();
		const uint64_t before = refused;
		while(refused < before + 100) {
			std::this_thread::yield();
		}
		inspector.open_savefile(capture);
		CHECK(read_all(inspector) == plain);
		inspector.close();
		inspector.open_nodriver();
	}
	sending.reset();
	CHECK(came > 0 && taken >= came);
	*ways = hostile_ways{};
}

// What a function of the plugin calls, on the inspector that calls it.
sinsp* current;
sinsp_plugin* current_plugin;
std::vector<std::string> refusals;
bool inside;

void enter_again(const char* function) {
	if(inside || current == nullptr) {
		return;
	}
	inside = true;
	const auto attempt = [&](const std::string& what, const std::function<void()>& act) {
		try {
			act();
		} catch(const std::exception&) {
			refusals.push_back(std::string(function) + ": " + what);
		}
	};
	sinsp_evt* evt = nullptr;
	std::string error;
	attempt("register_plugin", [&] { current->register_plugin(library); });
	attempt("init", [&] { CHECK(current_plugin == nullptr || current_plugin->init("{}", error)); });
	attempt("open_nodriver", [&] { current->open_nodriver(); });
	attempt("open_savefile", [&] { current->open_savefile(capture); });
	attempt("open_plugin", [&] { current->open_plugin("hostile", "5", generic); });
	attempt("next", [&] { CHECK(current->next(&evt) == SCAP_SUCCESS); });
	attempt("set_filter", [&] { current->set_filter("evt.num > 0"); });
	attempt("close", [&] { current->close(); });
	attempt("dump", [&] {
		sinsp_dumper dumper;
		dumper.open(current, own + "/again.scap", false);
	});
	attempt("destroy", [&] {
		CHECK(current_plugin != nullptr);
		current_plugin->destroy();
	});
	attempt("metrics", [&] { CHECK(current_plugin != nullptr && !current_plugin->get_metrics().empty()); });
	attempt("tables", [&] { CHECK(current->get_table_registry()->tables().size() > 0); });
	inside = false;
}

void functions_that_enter_again() {
	for(const std::string function : {"init", "open", "next_batch", "close", "extract_fields", "parse_event", "set_async_event_handler", "dump_state",
	                                  "get_metrics", "set_config", "capture_open", "capture_close", "list_open_params", "event_to_string", "get_progress"}) {
		static std::string only;
		only = function;
		const lying now(LIE_NONE);
		ways->enter = [](const char* name) {
			if(name == only) {
				enter_again(name);
			}
		};
		refusals.clear();
		{
			sinsp inspector;
			current = &inspector;
			current_plugin = nullptr;
			auto plugin = inspector.register_plugin(&complete);
			std::string error;
			current_plugin = plugin.get();
			CHECK(plugin->init("{}", error) || fails(function + ": " + error));
			uint32_t percent;
			named([&] { plugin->set_config("{}"); });
			named([&] { plugin->get_metrics(); });
			named([&] { plugin->list_open_params(); });
			sinsp_filter_check_list checks;
			checks.add_filter_check(sinsp_plugin::new_filtercheck(plugin));
			sinsp_evt_formatter formatter(&inspector, "*%h.num", checks);
			inspector.open_savefile(capture);
			const auto count = read_all(inspector, [&](sinsp_evt* evt) {
				std::string line;
				CHECK(formatter.tostring(evt, line) && line == "1");
			});
			CHECK(count == plain || fails(function + ": " + std::to_string(count)));
			inspector.close();
			inspector.open_plugin("hostile", "50", generic);
			uint64_t made = 0;
			sinsp_evt* evt = nullptr;
			while(made < 50 && inspector.next(&evt) == SCAP_SUCCESS) {
				made++;
				named([&] { CHECK(plugin->event_to_string(evt) == "noise"); });
				plugin->get_progress(percent);
			}
			CHECK(made == 50 || fails(function + ": " + std::to_string(made)));
			inspector.close();
			inspector.open_nodriver();
			named([&] {
				sinsp_dumper dumper;
				dumper.open(&inspector, own + "/dump.scap", false);
			});
			inspector.close();
			current = nullptr;
			current_plugin = nullptr;
		}
		for(const auto* what : {"register_plugin", "init", "open_nodriver", "open_savefile", "open_plugin", "next", "close", "destroy"}) {
			const auto refused = std::count(refusals.begin(), refusals.end(), function + ": " + what);
			CHECK(refused > 0 || fails(function + ": " + what + " was not refused"));
		}
	}
}

// The functions of texts do the same as the others.
const char* (*original)();
const char* say_and_enter() {
	enter_again("text");
	return original();
}

void texts_that_enter_again() {
	for(const auto place : {offsetof(plugin_api, get_name), offsetof(plugin_api, get_fields), offsetof(plugin_api, get_event_source),
	                        offsetof(plugin_api, get_extract_event_sources), offsetof(plugin_api, get_async_events)}) {
		auto api = complete;
		auto* function = say_and_enter;
		std::memcpy(&original, reinterpret_cast<char*>(&api) + place, sizeof(original));
		std::memcpy(reinterpret_cast<char*>(&api) + place, &function, sizeof(function));
		refusals.clear();
		sinsp inspector;
		current = &inspector;
		auto plugin = added(inspector, api);
		current = nullptr;
		CHECK(refusals.size() >= 8 || fails(std::to_string(place)));
		inspector.open_savefile(capture);
		CHECK(read_all(inspector) == plain);
	}
}

}  // namespace

int main(int, char** argv) {
	capture = argv[1];
	library = std::string(argv[2]) + "/hostile.so";
	char error[PLUGIN_MAX_ERRLEN];
	auto* handle = plugin_load(library.c_str(), error);
	if(handle == nullptr) {
		std::printf("FAILED: %s\n", error);
		return 1;
	}
	complete = handle->api;
	ways = static_cast<hostile_ways*>(dlsym(handle->handle, "hostile_ways"));
	void* send = dlsym(handle->handle, "hostile_send");
	std::memcpy(&hostile_send, &send, sizeof(send));
	{
		sinsp inspector;
		inspector.open_savefile(capture);
		plain = read_all(inspector);
	}
	const int status = run_program(argv, {
	        TEST(functions_may_be_missing),
	        TEST(versions_may_be_wrong),
	        TEST(texts_may_be_anything),
	        TEST(lies_of_every_kind),
	        TEST(async_events_may_be_anything),
	        TEST(async_events_at_any_time),
	        TEST(functions_that_enter_again),
	        TEST(texts_that_enter_again),
	});
	plugin_unload(handle);
	return status;
}
