// Async events whose handler enters again, and threads of a plugin that outlive it: handlers CAPTURE FOLDER OWN.
#include "made.h"

#include <libsinsp/capi.h>
#include <libsinsp/dumper.h>
#include <libsinsp/sinsp_exception.h>

#include <atomic>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>

namespace {

using plugin = made<1>;

// What the plugin got; it keeps all of it for ever.
ss_plugin_owner_t* owner;
ss_plugin_async_event_handler_t handler;
ss_plugin_async_event_handler_t dumped;
ss_plugin_routine_vtable pool;
ss_plugin_init_tables_input tables;
const char* (*last_error)(ss_plugin_owner_t*);
ss_plugin_log_fn_t log_line;

// An async event of the plugin.
std::vector<uint8_t> tick(uint64_t ts = UINT64_MAX, const std::string& data = "x") {
	const std::string name = "tick";
	std::vector<uint8_t> bytes(sizeof(ss_plugin_event) + 12 + 4 + name.size() + 1 + data.size());
	ss_plugin_event header{};
	header.ts = ts;
	header.tid = UINT64_MAX;
	header.len = static_cast<uint32_t>(bytes.size());
	header.type = PPME_ASYNCEVENT_E;
	header.nparams = 3;
	const uint32_t lens[] = {4, static_cast<uint32_t>(name.size() + 1), static_cast<uint32_t>(data.size())};
	std::memcpy(bytes.data(), &header, sizeof(header));
	std::memcpy(bytes.data() + sizeof(header), lens, sizeof(lens));
	std::memcpy(bytes.data() + sizeof(header) + 16, name.c_str(), name.size() + 1);
	std::memcpy(bytes.data() + sizeof(header) + 16 + name.size() + 1, data.data(), data.size());
	return bytes;
}

// Sends an event; the error, or nothing.
std::string send(ss_plugin_async_event_handler_t to = handler) {
	char error[PLUGIN_MAX_ERRLEN] = "";
	const auto event = tick();
	const auto rc = to(owner, reinterpret_cast<const ss_plugin_event*>(event.data()), error);
	CHECK((rc == SS_PLUGIN_SUCCESS) == (error[0] == 0));
	return error;
}

bool refuses(const std::string& cause, const std::string& error) {
	return error.find(cause) != std::string::npos || fails(cause + ": " + error);
}

plugin_api api() {
	auto functions = plugin::api();
	functions.get_async_events = [] { return "[\"tick\"]"; };
	functions.set_async_event_handler = [](ss_plugin_t*, ss_plugin_owner_t* o, const ss_plugin_async_event_handler_t h) {
		owner = o;
		handler = h != nullptr ? h : handler;
		return SS_PLUGIN_SUCCESS;
	};
	functions.dump_state = [](ss_plugin_t*, ss_plugin_owner_t* o, const ss_plugin_async_event_handler_t h) {
		owner = o;
		dumped = h;
		return plugin::code(send(h).empty());
	};
	return functions;
}

struct setting {
	std::unique_ptr<sinsp> inspector = std::make_unique<sinsp>();
	std::shared_ptr<sinsp_plugin> made;

	setting() {
		plugin::does = {};
		plugin::does.init = [](const ss_plugin_init_input* in) {
			tables = *in->tables;
			last_error = in->get_owner_last_error;
			log_line = in->log_fn;
		};
		plugin::does.opened = [](const ss_plugin_capture_listen_input* in) { pool = *in->routine; };
		const auto functions = api();
		made = inspector->register_plugin(&functions);
		std::string error;
		CHECK(made->init("", error) || fails(error));
	}
};

void a_handler_may_reset_itself() {
	setting now;
	int calls = 0;
	CHECK(now.made->set_async_event_handler([&](const sinsp_plugin&, std::unique_ptr<sinsp_evt>) {
		calls++;
		CHECK(now.made->set_async_event_handler(nullptr));
	}));
	CHECK(send().empty() && calls == 1);
	CHECK(refuses("NULL handler: made1", send()) && calls == 1);
	// It may be set anew, and twice is an error.
	CHECK(now.made->set_async_event_handler([&](const sinsp_plugin&, std::unique_ptr<sinsp_evt>) { calls++; }));
	CHECK(throws<sinsp_exception>("must reset", [&] { now.made->set_async_event_handler([](const sinsp_plugin&, std::unique_ptr<sinsp_evt>) {}); }));
	CHECK(send().empty() && calls == 2 && now.made->set_async_event_handler(nullptr));
}

void a_handler_may_send_and_call_its_plugin() {
	setting now;
	int calls = 0;
	CHECK(now.made->set_async_event_handler([&](const sinsp_plugin& p, std::unique_ptr<sinsp_evt>) {
		if(calls++ == 0) {
			CHECK(send().empty());
			p.get_metrics();
			CHECK(p.get_last_error() == "it lies");
		}
	}));
	CHECK(send().empty() && calls == 2);
	// What it throws is the error of the send, and ends nothing.
	CHECK(now.made->set_async_event_handler(nullptr));
	CHECK(now.made->set_async_event_handler([](const sinsp_plugin&, std::unique_ptr<sinsp_evt>) { throw std::runtime_error("mine"); }));
	CHECK(refuses("mine", send()) && refuses("mine", send()));
	CHECK(now.made->set_async_event_handler(nullptr));
}

void two_threads_are_in_a_handler_at_once() {
	setting now;
	std::mutex lock;
	std::condition_variable changed;
	int within = 0;
	CHECK(now.made->set_async_event_handler([&](const sinsp_plugin&, std::unique_ptr<sinsp_evt>) {
		std::unique_lock<std::mutex> held(lock);
		within++;
		changed.notify_all();
		changed.wait(held, [&] { return within == 2; });
	}));
	std::thread one([] { CHECK(send().empty()); }), other([] { CHECK(send().empty()); });
	one.join();
	other.join();
	CHECK(within == 2 && now.made->set_async_event_handler(nullptr));
}

// Once a reset has returned, no thread is in the handler.
void a_reset_waits_for_other_threads() {
	setting now;
	for(int round = 0; round < 20; round++) {
		std::atomic<int> within{0};
		std::atomic<bool> entered{false};
		CHECK(now.made->set_async_event_handler([&](const sinsp_plugin&, std::unique_ptr<sinsp_evt>) {
			within++;
			entered = true;
			std::this_thread::sleep_for(std::chrono::milliseconds(1));
			within--;
		}));
		std::thread sender([] { send(); });
		while(!entered) {
			std::this_thread::yield();
		}
		CHECK(now.made->set_async_event_handler(nullptr) && within == 0);
		sender.join();
	}
}

void a_handler_may_own_its_plugin() {
	setting now;
	CHECK(now.made->set_async_event_handler([held = now.made](const sinsp_plugin&, std::unique_ptr<sinsp_evt>) {}));
	CHECK(send().empty() && now.made->set_async_event_handler(nullptr));
	now.made.reset();
	now.inspector.reset();
	CHECK(refuses("no plugin", send()));
}

// Events without a time come next, in the order of their arrival; times do not go back.
void events_without_a_time_come_in_order() {
	constexpr uint64_t first = 1600000000000000001ull;
	const auto push = [](uint64_t ts) {
		const auto event = tick(ts);
		CHECK(handler(owner, reinterpret_cast<const ss_plugin_event*>(event.data()), nullptr) == SS_PLUGIN_SUCCESS);
	};
	const auto read = [](sinsp& inspector) {
		std::string came;
		events(inspector, [&](sinsp_evt* evt) {
			const auto after = evt->get_ts() < first ? std::to_string(evt->get_ts()) : "+" + std::to_string(evt->get_ts() - first);
			came += (evt->get_type() == PPME_ASYNCEVENT_E ? " a" : " e") + after;
		});
		return came;
	};
	setting now;
	added(*now.inspector, "source");
	const auto open = [&] { now.inspector->open_plugin("test_source", "events 3", sinsp_plugin_platform::SINSP_PLATFORM_GENERIC); };
	open();
	push(UINT64_MAX);
	const auto alone = read(*now.inspector);
	CHECK(alone == " a+0 e+0 e+1 e+2" || fails(alone));
	now.inspector->close();
	open();
	push(first + 1);
	push(1);
	push(UINT64_MAX);
	push(2);
	const auto among = read(*now.inspector);
	CHECK(among == " a1 a1 a2 e+0 a+1 e+1 e+2" || fails(among));
}

// All functions that take an owner, when that has been freed: errors, on any thread.
void an_owner_may_be_gone() {
	for(const bool on_thread : {false, true}) {
		{
			setting now;
			now.inspector->open_nodriver();
			CHECK(send().empty());
			sinsp_dumper dumper;
			dumper.open(now.inspector.get(), own + "/state.scap", false);
			dumper.close();
			CHECK(refuses("NULL handler", send(dumped)));
			now.inspector->close();
			CHECK(refuses("NULL handler", send()));
		}
		const auto all = [] {
			uint32_t count = 7;
			ss_plugin_table_input table{};
			CHECK(refuses("no plugin", send()) && refuses("no plugin", send(dumped)));
			CHECK(pool.subscribe(owner, [](ss_plugin_t*, ss_plugin_routine_state_t*) -> ss_plugin_bool { return 0; }, nullptr) == nullptr);
			CHECK(pool.unsubscribe(owner, nullptr) != SS_PLUGIN_SUCCESS);
			CHECK(tables.list_tables(owner, &count) == nullptr && tables.get_table(owner, "threads", SS_PLUGIN_ST_INT64) == nullptr);
			CHECK(tables.add_table(owner, &table) != SS_PLUGIN_SUCCESS && last_error(owner) == nullptr);
			log_line(owner, nullptr, "a line of a plugin that is gone", SS_PLUGIN_LOG_SEV_DEBUG);
			char error[PLUGIN_MAX_ERRLEN] = "";
			CHECK(handler(nullptr, nullptr, error) != SS_PLUGIN_SUCCESS && handler(nullptr, nullptr, nullptr) != SS_PLUGIN_SUCCESS);
		};
		if(on_thread) {
			std::thread(all).join();
		} else {
			all();
		}
	}
}

// Threads that know nothing of the end of their plugin.
void threads_outlive_their_plugin() {
	std::atomic<bool> stop{false};
	std::atomic<int> taken{0}, refused{0};
	std::vector<std::thread> threads;
	auto now = std::make_unique<setting>();
	now->inspector->open_nodriver();
	for(int thread = 0; thread < 8; thread++) {
		threads.emplace_back([&] {
			while(!stop) {
				(send().empty() ? taken : refused)++;
				uint32_t count = 0;
				tables.list_tables(owner, &count);
				last_error(owner);
				const auto routine = [](ss_plugin_t*, ss_plugin_routine_state_t*) -> ss_plugin_bool { return 0; };
				pool.unsubscribe(owner, pool.subscribe(owner, routine, nullptr));
			}
		});
	}
	const auto wait = [&](const std::atomic<int>& number) {
		const int before = number;
		while(number < before + 50) {
			// The queue of events is bounded: once it is full, none is taken unless some are read.
			if(sinsp_evt* evt = nullptr; &number == &taken) {
				now->inspector->next(&evt);
			}
			std::this_thread::yield();
		}
	};
	wait(taken);
	now->inspector->close();
	wait(refused);
	now->inspector->open_nodriver();
	wait(taken);
	now.reset();
	wait(refused);
	stop = true;
	for(auto& thread : threads) {
		thread.join();
	}
}

// The program drops its last reference while a routine has an entry: the routine and the plugin end, and the inspector with them.
void an_inspector_may_end_while_a_routine_has_an_entry() {
	for(const bool closed : {false, true}) {
		static std::atomic<int> runs, destroyed;
		static std::atomic<bool> within;
		static ss_plugin_table_t* threads;
		runs = destroyed = 0;
		within = false;
		plugin::does = {};
		plugin::does.init = [](const ss_plugin_init_input* in) {
			tables = *in->tables;
			threads = tables.get_table(in->owner, "threads", SS_PLUGIN_ST_INT64);
		};
		plugin::does.destroy = [] { destroyed++; };
		plugin::does.opened = [](const ss_plugin_capture_listen_input* in) {
			const auto routine = [](ss_plugin_t*, ss_plugin_routine_state_t*) -> ss_plugin_bool {
				runs++;
				auto* entry = tables.writer_ext->create_table_entry(threads);
				within = true;
				std::this_thread::sleep_for(std::chrono::milliseconds(50));
				if(entry != nullptr) {
					tables.writer_ext->destroy_table_entry(threads, entry);
				}
				return 1;
			};
			CHECK(in->routine->subscribe(in->owner, routine, nullptr) != nullptr);
		};
		const auto functions = plugin::api();
		sinsp_error* error = nullptr;
		sinsp_inspector* inspector = sinsp_inspector_new(SINSP_ABI_VERSION, &error);
		sinsp_plugin_ref* added = sinsp_inspector_add_plugin(inspector, &functions, &error);
		CHECK(sinsp_plugin_init(added, {nullptr, 0}, &error) == SINSP_SUCCESS);
		sinsp_plugin_free(added);
		const sinsp_str path = {capture.data(), capture.size()};
		CHECK(sinsp_inspector_open_savefile(inspector, path, 0, &error) == SINSP_SUCCESS);
		while(!within) {
			std::this_thread::yield();
		}
		if(closed) {
			CHECK(sinsp_inspector_close(inspector, &error) == SINSP_SUCCESS);
		}
		sinsp_inspector_free(inspector);
		CHECK(destroyed == 1);
		const int before = runs;
		std::this_thread::sleep_for(std::chrono::milliseconds(60));
		CHECK(runs == before);
		plugin::check();
	}
}

}  // namespace

int main(int, char** argv) {
	return run_program(argv, {
	        TEST(a_handler_may_reset_itself),
	        TEST(a_handler_may_send_and_call_its_plugin),
	        TEST(two_threads_are_in_a_handler_at_once),
	        TEST(a_reset_waits_for_other_threads),
	        TEST(a_handler_may_own_its_plugin),
	        TEST(events_without_a_time_come_in_order),
	        TEST(an_owner_may_be_gone),
	        TEST(threads_outlive_their_plugin),
	        TEST(an_inspector_may_end_while_a_routine_has_an_entry),
	});
}
