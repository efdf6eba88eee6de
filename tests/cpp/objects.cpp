// Tests the lifetime of, writes to, and creation of threads, fds and events: objects CAPTURE. Prints failures and a count.
#include "check.h"

#include <libsinsp/filter_check_list.h>
#include <libsinsp/sinsp.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

std::string capture;

// A test input: thread 1, thread 20 with /dev/null open as fd 3, and their events.
class machine {
public:
	scap_test_input_data data = {};

	machine() {
		for(const int64_t tid : {1, 20}) {
			scap_threadinfo thread = {};
			thread.tid = thread.pid = thread.vtid = thread.vpid = static_cast<uint64_t>(tid);
			thread.ptid = tid == 1 ? 0 : 1;
			thread.fdlimit = 1024;
			std::snprintf(thread.comm, sizeof(thread.comm), "made-%d", static_cast<int>(tid));
			std::snprintf(thread.cwd, sizeof(thread.cwd), "/");
			m_threads.push_back(thread);
		}
		m_fd.fd = 3;
		m_fd.ino = 5;
		m_fd.type = SCAP_FD_FILE_V2;
		std::snprintf(m_fd.info.regularinfo.fname, sizeof(m_fd.info.regularinfo.fname), "/dev/null");
		m_fds[1] = {&m_fd, 1};
		data.threads = m_threads.data();
		data.thread_count = m_threads.size();
		data.fdinfo_data = m_fds;
	}
	machine(const machine&) = delete;
	machine& operator=(const machine&) = delete;
	~machine() {
		for(auto* event : m_events) {
			std::free(event);
		}
	}

	template<typename... Params>
	void add(int64_t tid, ppm_event_code type, Params... params) {
		char why[SCAP_LASTERR_SIZE];
		auto* event = scap_create_event(why, ++m_time, static_cast<uint64_t>(tid), type, sizeof...(params), params...);
		CHECK(event != nullptr);
		const size_t taken = m_events.size() - data.event_count;
		m_events.push_back(event);
		data.events = m_events.data() + taken;
		data.event_count = m_events.size() - taken;
	}
	void idle(int64_t tid) { add(tid, PPME_SYSCALL_CHDIR_X, int64_t{-2}, "/"); }
	void chdir(int64_t tid, const char* to) { add(tid, PPME_SYSCALL_CHDIR_X, int64_t{0}, to); }
	void setuid(int64_t tid, uint32_t uid) { add(tid, PPME_SYSCALL_SETUID_X, int64_t{0}, uid); }
	void open(int64_t tid, int64_t fd, const char* path) {
		add(tid, PPME_SYSCALL_OPENAT_2_X, fd, int64_t{PPM_AT_FDCWD}, path, uint32_t{0}, uint32_t{0}, uint32_t{0}, uint64_t{0});
	}
	void close(int64_t tid, int64_t fd) { add(tid, PPME_SYSCALL_CLOSE_X, int64_t{0}, fd); }
	void dup(int64_t tid, int64_t from, int64_t to) { add(tid, PPME_SYSCALL_DUP_1_X, to, from); }
	void fork(int64_t tid, int64_t child) {
		const scap_const_sized_buffer none = {"", 0};
		add(tid, PPME_SYSCALL_CLONE_20_X, child, "exe", none, tid, tid, int64_t{1}, "", int64_t{1024}, uint64_t{0}, uint64_t{0},
		    uint32_t{0}, uint32_t{0}, uint32_t{0}, "forks", none, uint32_t{0}, uint32_t{0}, uint32_t{0}, tid, tid, uint64_t{0});
	}
	void exit(int64_t tid) { add(tid, PPME_PROCEXIT_1_E, int64_t{0}, int64_t{0}, uint8_t{0}, uint8_t{0}, int64_t{1}); }

private:
	std::vector<scap_threadinfo> m_threads;
	scap_fdinfo m_fd = {};
	scap_test_fdinfo_data m_fds[2] = {};
	std::vector<scap_evt*> m_events;
	uint64_t m_time = 1000;
};

// Reads all events.
void go_on(sinsp& inspector) {
	for(;;) {
		sinsp_evt* evt = nullptr;
		const int32_t rc = inspector.next(&evt);
		if(rc == SCAP_TIMEOUT || rc == SCAP_EOF) {
			return;
		}
		CHECK(rc == SCAP_SUCCESS || rc == SCAP_FILTERED_EVENT);
	}
}

// The event added last.
sinsp_evt* next(sinsp& inspector) {
	sinsp_evt* evt = nullptr;
	CHECK(inspector.next(&evt) == SCAP_SUCCESS);
	return evt;
}

std::string shown(sinsp& inspector, sinsp_evt* evt, const std::string& format) {
	sinsp_filter_check_list checks;
	std::string text;
	return sinsp_evt_formatter(&inspector, format, checks).tostring(evt, text) ? text : "nothing";
}

bool passes(sinsp& inspector, sinsp_evt* evt, const std::string& filter) {
	return sinsp_filter_compiler(&inspector, filter).compile()->run(evt);
}

using thread_ptr = std::shared_ptr<sinsp_threadinfo>;

thread_ptr thread_of(sinsp& inspector, int64_t tid) {
	return inspector.m_thread_manager->find_thread(tid, true);
}

// Objects held across events have the current state.
void held_across_events() {
	sinsp inspector;
	machine made;
	inspector.open_test_input(&made.data);
	sinsp_threadinfo* thread = thread_of(inspector, 20).get();
	const sinsp_fdtable* files = thread->get_fd_table();
	CHECK(thread->m_comm == "made-20" && thread->get_cwd() == "/" && files->size() == 1);
	made.setuid(20, 1234);
	CHECK(next(inspector)->get_thread_info() == thread && thread->m_uid == 1234);
	made.chdir(20, "/there");
	next(inspector);
	CHECK(thread->get_cwd() == "/there/");
	made.open(20, 5, "file");
	CHECK(next(inspector)->get_fd_info() == thread->get_fd(5) && thread->get_fd(5)->m_name == "/there/file" && files->size() == 2);
	const auto file = thread->get_fd_table()->find_ref(5);
	made.close(20, 5);
	CHECK(next(inspector)->get_fd_info() == file.get());
	made.idle(20);
	next(inspector);
	CHECK(thread->get_fd(5) == nullptr && files->size() == 1 && file->m_name == "/there/file");
	CHECK(thread_of(inspector, 20).get() == thread);
}

// Same on the capture, with execve: members equal what a formatter prints.
void held_across_execs() {
	sinsp inspector;
	sinsp_filter_check_list checks;
	sinsp_evt_formatter formatter(&inspector, "%proc.name %proc.exepath %proc.args", checks);
	std::map<int64_t, thread_ptr> held;
	size_t execs = 0;
	inspector.open_savefile(capture);
	sinsp_evt* evt = nullptr;
	for(int32_t rc = inspector.next(&evt); rc != SCAP_EOF; rc = inspector.next(&evt)) {
		if(rc != SCAP_SUCCESS || evt->get_thread_info() == nullptr) {
			continue;
		}
		thread_ptr& thread = held[evt->get_tid()];
		if(thread == nullptr || thread->is_dead()) {
			thread = thread_of(inspector, evt->get_tid());
		}
		if(evt->get_type() == PPME_SYSCALL_EXECVE_19_X && evt->get_syscall_return_value() == 0) {
			execs++;
			std::string text, own = thread->m_comm + ' ' + thread->m_exepath + ' ';
			sinsp_threadinfo::populate_args(own, thread.get());
			CHECK(evt->get_thread_info() == thread.get());
			CHECK(!formatter.tostring(evt, text) || text == own || thread->m_args.empty());
		}
	}
	CHECK(execs > 3);
}

// All readers see what the program writes to a member.
void written_members() {
	sinsp inspector;
	machine made;
	inspector.open_test_input(&made.data);
	made.open(20, 5, "/first");
	sinsp_evt* evt = next(inspector);
	sinsp_filter_check_list checks;
	const auto filter = sinsp_filter_compiler(&inspector, "proc.name = written and fd.name = /second").compile();
	sinsp_evt_formatter formatter(&inspector, "%proc.name %proc.args %proc.vpid %fd.name %proc.cwd", checks);
	std::string text;
	CHECK(!filter->run(evt) && formatter.tostring(evt, text) && text.substr(0, 8) == "made-20 ");
	auto* thread = evt->get_thread_info();
	thread->m_comm = "written";
	thread->m_args = {"a", "b c"};
	thread->m_vpid = 77;
	thread->set_cwd("/cwd/");
	CHECK(!filter->run(evt));
	evt->get_fd_info()->m_name = "/second";
	CHECK(filter->run(evt) && formatter.tostring(evt, text));
	CHECK(text == "written a b c 77 /second /cwd/");
	thread->m_comm = "again";
	CHECK(!filter->run(evt) && shown(inspector, evt, "%proc.name") == "again");
	// The table of state has the same value.
	libsinsp::state::table_input_adapter table(sinsp_inspector_thread_table(inspector.c_handle()));
	libsinsp::state::sinsp_table_owner owner;
	ss_plugin_state_data key = {}, value = {};
	key.s64 = 20;
	auto* entry = table.get_entry(&owner, &key);
	auto* comm = table.get_field(&owner, "comm", SS_PLUGIN_ST_STRING);
	CHECK(entry != nullptr && comm != nullptr && table.read_entry_field(&owner, entry, comm, &value) == SS_PLUGIN_SUCCESS);
	CHECK(std::string(value.str) == "again");
	value.str = "by the table";
	CHECK(table.write_entry_field(&owner, entry, comm, &value) == SS_PLUGIN_SUCCESS && thread->m_comm == "by the table");
	table.release_table_entry(&owner, entry);
	// The next event is parsed with the written state.
	made.open(20, 6, "relative");
	CHECK(next(inspector)->get_fd_info()->m_name == "/cwd/relative");
}

// All accesses to a thread return the same object.
void one_object() {
	sinsp inspector;
	machine made;
	inspector.open_test_input(&made.data);
	auto& threads = *inspector.m_thread_manager;
	const thread_ptr thread = threads.find_thread(20, true);
	const thread_ptr again = threads.get_thread(20), mapped = threads.get_threads()->get_ref(20);
	for(const auto& other : {again, mapped}) {
		CHECK(other == thread && !other.owner_before(thread) && !thread.owner_before(other));
	}
	size_t seen = 0;
	threads.get_threads()->const_loop_shared_pointer([&](const thread_ptr& each) {
		seen += each == thread;
		return true;
	});
	const auto& children = thread_of(inspector, 1)->m_children;
	CHECK(seen == 1 && children.size() == 1 && children.front().lock() == thread);
	CHECK(thread->m_tginfo->get_first_thread() == thread.get() && thread->m_tginfo == thread->m_tginfo);
	made.idle(20);
	CHECK(next(inspector)->get_thread_info() == thread.get());
	CHECK(thread->get_fd_table()->find_ref(3).get() == thread->get_fd(3));
	std::weak_ptr<sinsp_threadinfo> weak = thread;
	threads.remove_thread(20);
	CHECK(weak.lock() == thread && thread_of(inspector, 20) == nullptr);
	// A group has one object while it is shared; expired groups do not accumulate.
	const std::shared_ptr<thread_group_info> group = thread_of(inspector, 1)->m_tginfo;
	for(int64_t tid = 1000; tid < 1500; tid++) {
		auto other = inspector.get_threadinfo_factory().create();
		other->m_tid = other->m_pid = tid;
		other->m_ptid = 1;
		CHECK(threads.add_thread(std::move(other), true)->get_num_threads() == 1);
		threads.remove_thread(tid);
	}
	CHECK(inspector.c_link()->groups.size() <= 64 && group.get() == thread_of(inspector, 1)->m_tginfo.get());
}

size_t clones = 0, ends = 0;

struct own_file : sinsp_fdinfo {
	int mark = 0;

	using sinsp_fdinfo::sinsp_fdinfo;
	std::unique_ptr<sinsp_fdinfo> clone() const override {
		clones++;
		return std::make_unique<own_file>(*this);
	}
};

struct own_thread : sinsp_threadinfo {
	int mark = 7;

	using sinsp_threadinfo::sinsp_threadinfo;
	~own_thread() override { ends++; }
};

struct not_today : std::runtime_error {
	using std::runtime_error::runtime_error;
};

struct factories : libsinsp::event_processor {
	bool refuses = false;

	void on_capture_start() override {}
	void process_event(sinsp_evt*, libsinsp::event_return) override {}
	std::unique_ptr<sinsp_threadinfo> build_threadinfo(const std::shared_ptr<sinsp_threadinfo_ctor_params>& params) override {
		if(refuses) {
			throw not_today("no thread today");
		}
		return std::make_unique<own_thread>(params);
	}
	std::unique_ptr<sinsp_fdinfo> build_fdinfo(sinsp*) override {
		if(refuses) {
			throw not_today("no file today");
		}
		return std::make_unique<own_file>();
	}
};

// add_thread() adds the object itself, with its fds.
void adopted() {
	sinsp inspector;
	machine made;
	inspector.open_test_input(&made.data);
	auto thread = inspector.get_threadinfo_factory().create();
	auto* object = thread.get();
	thread->m_tid = thread->m_pid = thread->m_vtid = thread->m_vpid = 30;
	thread->m_ptid = 20;
	thread->m_comm = "adopted";
	auto file = std::make_shared<own_file>();
	file->m_name = "/adopted";
	file->m_type = SCAP_FD_FILE_V2;
	CHECK(thread->add_fd(4, std::shared_ptr<sinsp_fdinfo>(file)) == file.get());
	const auto& share = inspector.m_thread_manager->add_thread(std::move(thread), true);
	CHECK(share.get() == object && thread_of(inspector, 30).get() == object && inspector.m_thread_manager->get_thread_count() == 3);
	CHECK(object->get_fd(4) == file.get() && object->get_fd_table()->size() == 1);
	CHECK(object->m_tginfo->get_thread_count() == 1 && thread_of(inspector, 20)->m_children.front().lock().get() == object);
	made.add(30, PPME_SYSCALL_FCHDIR_X, int64_t{0}, int64_t{4});
	sinsp_evt* evt = next(inspector);
	CHECK(evt->get_thread_info() == object && evt->get_fd_info() == file.get() && object->get_cwd() == "/adopted/");
	CHECK(shown(inspector, evt, "%proc.name %proc.pname %fd.name") == "adopted made-20 /adopted");
	// A thread with the same tid replaces it; shared pointers to the first stay valid.
	const thread_ptr first = share;
	auto second = inspector.get_threadinfo_factory().create();
	second->m_tid = second->m_pid = 30;
	const auto& now = inspector.m_thread_manager->add_thread(std::move(second), false);
	CHECK(now != first && thread_of(inspector, 30) == now && first->m_comm == "adopted" && first->get_fd(4) == file.get());
}

// A removed object keeps its values and fds while it is shared, and is destroyed with the last share.
void removed() {
	sinsp inspector;
	machine made;
	factories processor;
	inspector.register_external_event_processor(processor);
	ends = 0;
	inspector.open_test_input(&made.data);
	thread_ptr thread = thread_of(inspector, 20);
	auto file = thread->get_fd_table()->find_ref(3);
	made.exit(20);
	sinsp_evt* evt = next(inspector);
	CHECK(evt->get_thread_info() == thread.get() && thread->is_dead());
	made.idle(1);
	next(inspector);
	CHECK(thread_of(inspector, 20) == nullptr && thread->m_comm == "made-20" && thread->m_tid == 20 && ends == 0);
	CHECK(thread->get_fd(3) == file.get() && thread->get_fd_table()->size() == 1 && file->m_name == "/dev/null");
	CHECK(thread->get_main_thread() == thread.get() && thread->get_cwd() == "/" && thread->m_children.empty());
	// A new thread with the same tid is another object.
	made.idle(20);
	next(inspector);
	CHECK(thread_of(inspector, 20) != nullptr && thread_of(inspector, 20) != thread);
	thread.reset();
	CHECK(ends == 1 && file->m_name == "/dev/null" && file.use_count() == 1);
	// A thread that the program removes during its event stays valid for that event.
	made.idle(20);
	evt = next(inspector);
	CHECK(evt->get_thread_info() != nullptr);
	inspector.m_thread_manager->remove_thread(20);
	CHECK(evt->get_thread_info()->m_tid == 20 && thread_of(inspector, 20) == nullptr);
	made.open(1, 9, "/gone");
	evt = next(inspector);
	CHECK(evt->get_fd_info() != nullptr);
	evt->get_thread_info()->remove_fd(9);
	CHECK(evt->get_fd_info()->m_name == "/gone" && thread_of(inspector, 1)->get_fd(9) == nullptr);
}

// Threads and fds have the program's classes, which the library uses for copies too.
void own_classes() {
	sinsp inspector;
	machine made;
	factories processor;
	inspector.register_external_event_processor(processor);
	inspector.open_test_input(&made.data);
	clones = 0;
	auto* thread = dynamic_cast<own_thread*>(thread_of(inspector, 20).get());
	CHECK(thread != nullptr && thread->mark == 7 && thread->m_comm == "made-20");
	auto* file = dynamic_cast<own_file*>(thread->get_fd(3));
	CHECK(file != nullptr && file->m_name == "/dev/null");
	file->mark = 3;
	made.dup(20, 3, 8);
	sinsp_evt* evt = next(inspector);
	auto* copy = dynamic_cast<own_file*>(evt->get_fd_info());
	CHECK(clones == 1 && copy != nullptr && copy != file && copy->mark == 3 && copy->m_fd == 8 && copy->m_name == "/dev/null");
	made.fork(20, 40);
	next(inspector);
	auto* child = dynamic_cast<own_thread*>(thread_of(inspector, 40).get());
	CHECK(child != nullptr && child != thread && child->m_ptid == 20 && clones == 3);
	auto* inherited = dynamic_cast<own_file*>(child->get_fd(3));
	CHECK(inherited != nullptr && inherited != file && inherited->mark == 3 && dynamic_cast<own_file*>(child->get_fd(8))->mark == 3);
	inherited->mark = 9;
	CHECK(file->mark == 3);
}

// An exception of a factory comes out of the access that needed the object; the inspector stays usable.
void factories_that_throw() {
	sinsp inspector;
	machine made;
	factories processor;
	inspector.register_external_event_processor(processor);
	inspector.open_test_input(&made.data);
	made.open(20, 5, "/file");
	sinsp_evt* evt = next(inspector);
	processor.refuses = true;
	CHECK(throws<not_today>("no thread today", [&] { evt->get_thread_info(); }));
	CHECK(throws<not_today>("no thread today", [&] { inspector.m_thread_manager->find_thread(20, true); }));
	CHECK(throws<not_today>("no file today", [&] { evt->get_fd_info(); }));
	CHECK(throws<not_today>("no thread today", [&] {
		inspector.m_thread_manager->get_threads()->loop([](sinsp_threadinfo&) { return true; });
	}));
	CHECK(shown(inspector, evt, "%proc.name %fd.name") == "made-20 /file");
	made.setuid(20, 1234);
	evt = next(inspector);
	processor.refuses = false;
	CHECK(evt->get_thread_info()->m_uid == 1234 && evt->get_thread_info()->get_fd(5)->m_name == "/file");
	// A shared thread that leaves takes along the fds whose objects can be made; exceptions for the others are dropped.
	const thread_ptr held = thread_of(inspector, evt->get_tid());
	auto* init = thread_of(inspector, 1).get();
	processor.refuses = true;
	inspector.m_thread_manager->remove_thread(20);
	CHECK(held->get_fd(5)->m_name == "/file" && held->get_fd_table()->size() == 1);
	CHECK(init->get_fd(77) == nullptr && thread_of(inspector, 20) == nullptr);
}

// Another thread of the program may read and drop objects that left the tables, and drop those in the tables.
void other_threads() {
	sinsp inspector;
	inspector.open_savefile(capture);
	std::map<int64_t, std::pair<thread_ptr, std::vector<std::shared_ptr<sinsp_fdinfo>>>> held;
	std::vector<std::thread> readers;
	size_t gone = 0;
	sinsp_evt* evt = nullptr;
	const auto hand_over = [&](bool reads, thread_ptr thread, std::vector<std::shared_ptr<sinsp_fdinfo>> files) {
		readers.emplace_back([reads, thread = std::move(thread), files = std::move(files)]() mutable {
			std::string text;
			size_t count = 0;
			if(reads) {
				text = thread->m_comm + thread->get_cwd() + thread->m_exepath + thread->concatenate_all_env();
				thread->loop_fds([&](int64_t, const sinsp_fdinfo& file) {
					text += file.m_name;
					return ++count != 0;
				});
				for(const auto& file : files) {
					text += file->m_name + file->get_typechar();
				}
			}
			thread.reset();
			files.clear();
			if(reads && (text.empty() || count > 100000)) {
				std::printf("FAILED: nothing is known of a thread\n");
			}
		});
	};
	for(;;) {
		const int32_t rc = inspector.next(&evt);
		if(rc == SCAP_EOF) {
			break;
		}
		if(rc != SCAP_SUCCESS || evt->get_thread_info() == nullptr) {
			continue;
		}
		auto& [thread, files] = held[evt->get_tid()];
		if(thread == nullptr) {
			thread = thread_of(inspector, evt->get_tid());
			thread->get_fd_table() != nullptr && thread->get_fd_table()->loop([&, &files = files, &thread = thread](int64_t fd, sinsp_fdinfo&) {
				files.push_back(thread->get_fd_table()->find_ref(fd));
				return true;
			});
		}
		for(auto it = held.begin(); evt->get_num() % 64 == 0 && it != held.end();) {
			const bool left = thread_of(inspector, it->first) != it->second.first;
			if(left || evt->get_num() % 4096 == 0) {
				gone += left;
				hand_over(left, std::move(it->second.first), std::move(it->second.second));
				it = held.erase(it);
			} else {
				++it;
			}
		}
		if(readers.size() > 50) {
			for(auto& reader : readers) {
				reader.join();
			}
			readers.clear();
		}
	}
	for(auto& reader : readers) {
		reader.join();
	}
	CHECK(gone > 3);
}

// The event processor may be destroyed before the inspector, whose destructor does not call it.
void processor_ends_first() {
	thread_ptr held;
	{
		sinsp inspector;
		machine made;
		auto processor = std::make_unique<factories>();
		inspector.register_external_event_processor(*processor);
		inspector.open_test_input(&made.data);
		held = thread_of(inspector, 20);
		processor.reset();
	}
	CHECK(dynamic_cast<own_thread*>(held.get()) != nullptr && held->get_fd(3)->m_name == "/dev/null");
}

// All objects may outlive their inspector and be destroyed in any order.
void outlives() {
	auto inspector = std::make_unique<sinsp>();
	machine made;
	inspector->open_test_input(&made.data);
	made.open(20, 5, "/file");
	sinsp_evt* evt = next(*inspector);
	const auto manager = inspector->m_thread_manager;
	const auto registry = inspector->get_table_registry();
	const thread_ptr thread = thread_of(*inspector, evt->get_tid());
	const auto file = thread->get_fd_table()->find_ref(5);
	const std::shared_ptr<thread_group_info> group = thread->m_tginfo;
	auto filter = sinsp_filter_compiler(inspector.get(), "proc.name = made-20").compile();
	sinsp_filter_check_list checks;
	auto formatter = std::make_unique<sinsp_evt_formatter>(inspector.get(), "%proc.name", checks);
	CHECK(filter->run(evt) && group->get_thread_count() == 1);
	auto copy = std::make_unique<sinsp_evt>(*evt);
	inspector.reset();
	CHECK(thread->m_comm == "made-20" && thread->get_fd(5) == file.get() && file->m_name == "/file");
	CHECK(manager->get_thread_count() == 0 && manager->find_thread(20, true) == nullptr);
	CHECK(registry->get_table<int64_t>("threads") != nullptr);
	CHECK(group->get_tgroup_pid() == 20 && thread->get_main_thread() == thread.get());
	copy.reset();
	filter.reset();
	formatter.reset();
}

// A filter, a formatter and an event of different inspectors do not mix.
void two_inspectors() {
	sinsp one, other;
	machine made;
	one.open_test_input(&made.data);
	machine made_too;
	other.open_test_input(&made_too.data);
	made.idle(20);
	made_too.setuid(20, 1234);
	sinsp_evt* evt = next(one);
	sinsp_evt* of_other = next(other);
	const auto filter = sinsp_filter_compiler(&one, "proc.name = made-20").compile();
	sinsp_filter_check_list checks;
	sinsp_evt_formatter formatter(&one, "%proc.name", checks);
	std::string text;
	CHECK(filter->run(evt));
	CHECK(throws<sinsp_exception>("inspector", [&] { filter->run(of_other); }));
	CHECK(throws<sinsp_exception>("inspector", [&] { formatter.tostring(of_other, text); }));
	CHECK(filter->run(evt) && formatter.tostring(evt, text) && text == "made-20");
	CHECK(thread_of(one, 20) != thread_of(other, 20) && thread_of(one, 20)->m_comm == "made-20");
}

// Shared threads do not return to the table after close and open.
void opened_again() {
	sinsp inspector;
	machine made;
	inspector.open_test_input(&made.data);
	made.setuid(20, 1);
	next(inspector);
	const thread_ptr thread = thread_of(inspector, 20);
	inspector.close();
	CHECK(thread->m_uid == 1 && thread->get_fd(3)->m_name == "/dev/null");
	machine anew;
	inspector.open_test_input(&anew.data);
	const thread_ptr now = thread_of(inspector, 20);
	CHECK(now != nullptr && now != thread && now->m_uid == 0 && thread->m_uid == 1);
	anew.setuid(20, 2);
	next(inspector);
	CHECK(now->m_uid == 2 && thread->m_uid == 1 && thread->get_fd(3)->m_name == "/dev/null");
	inspector.open_savefile(capture);
	CHECK(now->m_uid == 2 && now->get_fd(3) != thread->get_fd(3));
	go_on(inspector);
}

// A copy of an event shares its thread and fd.
void copied_events() {
	sinsp inspector;
	machine made;
	inspector.open_test_input(&made.data);
	made.open(20, 5, "/file");
	const sinsp_evt* evt = next(inspector);
	sinsp_evt copy(*evt), assigned;
	assigned = copy;
	CHECK(passes(inspector, &copy, "evt.type = openat and evt.num = 1 and proc.name = made-20 and fd.name = /file"));
	CHECK(copy.get_param(2)->m_evt == &copy && copy.get_param_by_name("name")->as<std::string>() == "/file");
	made.close(20, 5);
	made.exit(20);
	made.idle(1);
	go_on(inspector);
	CHECK(thread_of(inspector, 20) == nullptr);
	for(auto* each : {&copy, &assigned}) {
		CHECK(each->get_thread_info() != nullptr && each->get_thread_info()->m_comm == "made-20");
		CHECK(each->get_fd_info() != nullptr && each->get_fd_info()->m_name == "/file" && each->get_fd_num() == 5);
		CHECK(each->get_fdinfo_ref().get() == each->get_fd_info());
		// The copy points to the original's bytes.
		CHECK(throws<sinsp_exception>("its inspector has moved on", [&] { passes(inspector, each, "evt.type = openat"); }));
	}
}

// A visitor may remove and add entries.
void changes_while_visiting() {
	sinsp inspector;
	machine made;
	inspector.open_test_input(&made.data);
	auto& threads = *inspector.m_thread_manager;
	for(int64_t tid = 100; tid < 200; tid++) {
		auto thread = inspector.get_threadinfo_factory().create();
		thread->m_tid = thread->m_pid = tid;
		thread->m_ptid = 20;
		threads.add_thread(std::move(thread), true);
	}
	std::vector<thread_ptr> kept;
	size_t visited = 0;
	threads.get_threads()->loop([&](sinsp_threadinfo& thread) {
		visited++;
		if(thread.m_tid >= 100) {
			kept.push_back(thread_of(inspector, thread.m_tid));
			threads.remove_thread(thread.m_tid);
			threads.remove_thread(thread.m_tid < 150 ? thread.m_tid + 50 : thread.m_tid - 50);
		}
		return true;
	});
	CHECK(visited == 52 && threads.get_thread_count() == 2 && kept.size() == 50 && kept[0]->m_ptid == 20);
	auto* thread = thread_of(inspector, 20).get();
	for(int64_t fd = 10; fd < 60; fd++) {
		thread->add_fd(fd, inspector.get_fdinfo_factory().create());
	}
	thread->get_fd_table()->loop([&](int64_t fd, sinsp_fdinfo& file) {
		CHECK(file.m_fd == fd);
		thread->remove_fd(fd);
		return true;
	});
	CHECK(thread->get_fd_table()->size() == 0);
	CHECK(throws<not_today>("no visit", [&] { threads.get_threads()->loop([](sinsp_threadinfo&) -> bool { throw not_today("no visit"); }); }));
}

// A check that reads and writes the event's thread.
const filtercheck_field_info own_fields[] = {{PT_CHARBUF, EPF_NONE, PF_NA, "own.comm", "", ""}};

class own_check : public sinsp_filter_check {
public:
	own_check() {
		m_of_class.m_name = "own";
		m_of_class.m_fields = own_fields;
		m_of_class.m_nfields = std::size(own_fields);
		m_info = &m_of_class;
	}
	std::unique_ptr<sinsp_filter_check> allocate_new() override { return std::make_unique<own_check>(); }

protected:
	uint8_t* extract_single(sinsp_evt* evt, uint32_t* len, bool sanitize_strings) override {
		auto* thread = evt->get_thread_info();
		CHECK(thread != nullptr && m_inspector->m_thread_manager->find_thread(thread->m_tid, true).get() == thread);
		m_text = thread->m_comm;
		thread->m_exe = "seen";
		return extract_single_string(m_text, len, sanitize_strings);
	}

private:
	filter_check_info m_of_class;
	std::string m_text;
};

void within_checks() {
	sinsp inspector;
	machine made;
	sinsp_filter_check_list checks;
	checks.add_filter_check(std::make_unique<own_check>());
	const auto factory = std::make_shared<sinsp_filter_factory>(&inspector, checks);
	inspector.set_filter(sinsp_filter_compiler(factory, "own.comm = made-20 and proc.exe = seen").compile());
	inspector.open_test_input(&made.data);
	made.idle(20);
	CHECK(next(inspector)->get_thread_info()->m_exe == "seen");
	made.idle(1);
	sinsp_evt* evt = nullptr;
	CHECK(inspector.next(&evt) == SCAP_FILTERED_EVENT);
	thread_of(inspector, 20)->m_comm = "other";
	made.idle(20);
	CHECK(inspector.next(&evt) == SCAP_FILTERED_EVENT);
	thread_of(inspector, 20)->m_comm = "made-20";
	made.idle(20);
	CHECK(next(inspector)->get_thread_info()->m_comm == "made-20");
}

}  // namespace

int main(int argc, char** argv) {
	if(argc < 2) {
		std::fprintf(stderr, "usage: objects CAPTURE\n");
		return 2;
	}
	capture = argv[1];
	return run_tests({{"held across events", held_across_events},
	                  {"held across execs", held_across_execs},
	                  {"written members", written_members},
	                  {"one object", one_object},
	                  {"adopted", adopted},
	                  {"removed", removed},
	                  {"own classes", own_classes},
	                  {"factories that throw", factories_that_throw},
	                  {"other threads", other_threads},
	                  {"processor ends first", processor_ends_first},
	                  {"outlives", outlives},
	                  {"two inspectors", two_inspectors},
	                  {"opened again", opened_again},
	                  {"copied events", copied_events},
	                  {"changes while visiting", changes_while_visiting},
	                  {"within checks", within_checks}});
}
