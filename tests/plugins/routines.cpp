// Routines of plugins that enter again: routines CAPTURE FOLDER OWN. They end themselves and each other, start others, close the inspector and end their
// plugin, while the program reads a capture; and plugins end while they run.
#include "made.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

namespace {

using plugin = made<1>;

// What a routine gets.
struct routine {
	std::function<bool(routine&)> act;
	std::atomic<int> calls{0};
	std::atomic<ss_plugin_routine_t*> self{nullptr};
};

// What the plugin got when the capture was opened.
ss_plugin_owner_t* owner;
const ss_plugin_routine_vtable* pool;

ss_plugin_bool run(ss_plugin_t*, ss_plugin_routine_state_t* state) {
	auto& r = *static_cast<routine*>(state);
	r.calls++;
	return r.act(r);
}

bool start(routine& r) {
	r.self = pool->subscribe(owner, run, &r);
	return r.self != nullptr;
}

// An inspector with the plugin, which starts these routines with each capture.
struct setting {
	sinsp inspector;
	std::shared_ptr<sinsp_plugin> made;

	explicit setting(const std::vector<routine*>& routines) {
		plugin::does = {};
		plugin::does.opened = [routines](const ss_plugin_capture_listen_input* in) {
			owner = in->owner;
			pool = in->routine;
			CHECK(std::all_of(routines.begin(), routines.end(), [](routine* r) { return start(*r); }));
		};
		made = plugin::in(inspector);
	}
};

uint64_t plain() {
	sinsp inspector;
	inspector.open_savefile(capture);
	return events(inspector, [](sinsp_evt*) {});
}

void wait_for(const std::atomic<int>& number, int least) {
	while(number < least) {
		std::this_thread::yield();
	}
}

void they_may_end_themselves_and_start_others() {
	routine child, parent;
	child.act = [](routine& r) {
		// It ends itself, and goes on as if it had not.
		pool->unsubscribe(owner, r.self);
		return true;
	};
	parent.act = [&](routine& r) {
		CHECK(start(child));
		return r.calls < 50;
	};
	setting now({&parent});
	const auto all = plain();
	now.inspector.open_savefile(capture);
	CHECK(events(now.inspector, [](sinsp_evt*) {}) == all);
	wait_for(parent.calls, 50);
	wait_for(child.calls, 50);
	now.inspector.close();
	// What has ended cannot be ended.
	CHECK(pool->unsubscribe(owner, parent.self) != SS_PLUGIN_SUCCESS && pool->unsubscribe(owner, child.self) != SS_PLUGIN_SUCCESS);
	plugin::check();
}

void they_may_end_each_other() {
	std::atomic<int> ended{0};
	routine one, other;
	one.act = other.act = [&](routine& r) {
		auto& second = &r == &one ? other : one;
		if(second.self != nullptr) {
			ended += pool->unsubscribe(owner, second.self) == SS_PLUGIN_SUCCESS;
		}
		return true;
	};
	setting now({&one, &other});
	now.inspector.open_savefile(capture);
	wait_for(ended, 1);
	now.inspector.close();
	const int calls = one.calls + other.calls;
	std::this_thread::yield();
	CHECK(one.calls + other.calls == calls);
	plugin::check();
}

// A routine that waits is told to return only after it was unsubscribed, as plugins do that end a task of theirs.
void one_may_return_after_it_was_unsubscribed() {
	std::atomic<bool> stop{false};
	std::atomic<int> returned{0};
	routine waiting;
	waiting.act = [&](routine&) {
		while(!stop) {
			std::this_thread::yield();
		}
		returned++;
		return true;
	};
	setting now({&waiting});
	plugin::does.closed = [&](const ss_plugin_capture_listen_input* in) {
		CHECK(in->routine->unsubscribe(in->owner, waiting.self) == SS_PLUGIN_SUCCESS);
		CHECK(in->routine->unsubscribe(in->owner, waiting.self) != SS_PLUGIN_SUCCESS);
		CHECK(returned == 0);
		stop = true;
	};
	now.inspector.open_savefile(capture);
	wait_for(waiting.calls, 1);
	now.inspector.close();
	// The close waits for it.
	CHECK(returned == 1 && waiting.calls == 1);
	plugin::check();
}

// Their inspector and plugin stay, whatever the program does meanwhile.
void they_cannot_close_the_inspector_or_end_the_plugin() {
	static setting* self;
	static std::atomic<int> refused, done;
	refused = done = 0;
	routine hostile;
	hostile.act = [](routine&) {
		const auto attempt = [](const std::function<void()>& act) {
			try {
				act();
				done++;
			} catch(const std::exception&) {
				refused++;
			}
		};
		sinsp_evt* evt = nullptr;
		attempt([] { self->inspector.close(); });
		attempt([] { self->inspector.open_nodriver(); });
		attempt([] { self->made->destroy(); });
		attempt([&] { CHECK(self->inspector.next(&evt) == SCAP_SUCCESS); });
		return true;
	};
	setting now({&hostile});
	self = &now;
	const auto all = plain();
	for(int round = 0; round < 3; round++) {
		now.inspector.open_savefile(capture);
		const int before = refused;
		wait_for(refused, before + 8);
		const auto came = events(now.inspector, [](sinsp_evt*) {});
		CHECK(came == all || fails(std::to_string(came) + " events"));
		now.inspector.close();
	}
	CHECK(done == 0 || fails(std::to_string(done.load()) + " were not refused"));
	plugin::check();
}

void a_plugin_may_end_while_they_run() {
	routine endless;
	endless.act = [](routine&) { return true; };
	setting now({&endless});
	const auto all = plain();
	now.inspector.open_savefile(capture);
	uint64_t count = 0;
	const auto came = events(now.inspector, [&](sinsp_evt*) {
		if(++count == 20) {
			wait_for(endless.calls, 1);
			now.made->destroy();
			const int calls = endless.calls;
			std::this_thread::yield();
			CHECK(endless.calls == calls && !start(endless));
		} else if(count == 40) {
			std::string error;
			CHECK(now.made->init("", error) || fails(error));
			CHECK(start(endless));
		}
	});
	CHECK(came == all);
	plugin::check();
	// The inspector ends with a routine that runs.
}

}  // namespace

int main(int, char** argv) {
	return run_program(argv, {
	        TEST(they_may_end_themselves_and_start_others),
	        TEST(they_may_end_each_other),
	        TEST(one_may_return_after_it_was_unsubscribed),
	        TEST(they_cannot_close_the_inspector_or_end_the_plugin),
	        TEST(a_plugin_may_end_while_they_run),
	});
}
