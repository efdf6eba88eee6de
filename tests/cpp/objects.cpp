// Tests the lifetime of threads, fds and events, and writes to them: objects CAPTURE. Prints failures and a count.
#include "machine.h"

#include <libsinsp/filter_check_list.h>
#include <libsinsp/sinsp.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

std::string capture;

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
	// get_thread() adds a thread that is not in the table, find_thread() does not.
	CHECK(threads.find_thread(77, false) == nullptr && threads.find_thread(77, true) == nullptr);
	const thread_ptr added = threads.get_thread(77);
	CHECK(added != nullptr && added->m_tid == 77 && threads.find_thread(77, false) == added);
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
	CHECK(throws<std::domain_error>("no visit", [&] { threads.get_threads()->loop([](sinsp_threadinfo&) -> bool { throw std::domain_error("no visit"); }); }));
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
	                  {"other threads", other_threads},
	                  {"outlives", outlives},
	                  {"two inspectors", two_inspectors},
	                  {"opened again", opened_again},
	                  {"copied events", copied_events},
	                  {"changes while visiting", changes_while_visiting},
	                  {"within checks", within_checks}});
}
