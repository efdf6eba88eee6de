// Tests threads, groups and parents, including those that a program makes: processes CAPTURE FOLDER. Prints failures and a count.
#include <libsinsp/sinsp.h>

#include "check.h"

#include <memory>
#include <string>
#include <vector>

namespace {

std::string capture;

// Makes a thread that is not in the table.
std::unique_ptr<sinsp_threadinfo> make_thread(const sinsp& inspector, int64_t tid, int64_t pid) {
	auto thread = inspector.get_threadinfo_factory().create();
	thread->m_tid = thread->m_vtid = tid;
	thread->m_pid = thread->m_vpid = pid;
	thread->m_ptid = 0;
	return thread;
}

// An inspector with process 10, its thread 11, and its child process 20.
struct family {
	family() {
		for(const auto& [tid, pid] : {std::pair(10, 10), std::pair(11, 10), std::pair(20, 20)}) {
			auto thread = make_thread(inspector, tid, pid);
			thread->m_ptid = tid == 20 ? 10 : 0;
			manager.add_thread(std::move(thread), true);
		}
	}

	std::shared_ptr<sinsp_threadinfo> find(int64_t tid) { return manager.find_thread(tid, true); }

	sinsp inspector;
	sinsp_thread_manager& manager = *inspector.m_thread_manager;
};

void groups_change() {
	family known;
	const auto second = known.find(11);
	const std::shared_ptr<thread_group_info> group = second->m_tginfo;
	CHECK(group != nullptr && group == known.manager.get_thread_group_info(10));
	CHECK(second->get_main_thread() == known.find(10).get() && second->get_num_threads() == 2);

	second->m_tginfo.reset();
	CHECK(!second->m_tginfo && second->get_main_thread() == nullptr && second->get_num_threads() == 0);
	CHECK(group->get_thread_list().size() == 2 && group->get_thread_count() == 2);
	second->m_tginfo = group;
	CHECK(second->m_tginfo.get() == group.get() && second->get_num_threads() == 2);

	// A group that the program makes of a thread that is not in the table.
	const std::shared_ptr<sinsp_threadinfo> stranger = make_thread(known.inspector, 99, 99);
	const auto own = std::make_shared<thread_group_info>(99, true, stranger);
	own->add_thread_to_group(second, false);
	second->m_tginfo = own;
	CHECK(second->m_tginfo.get() == own.get() && second->get_num_threads() == 2 && own->is_reaper());
	CHECK(second->get_main_thread() == stranger.get() && own->get_first_thread() == stranger.get());
	CHECK(known.manager.get_thread_group_info(99) == nullptr && known.find(99) == nullptr);
	known.manager.set_thread_group_info(98, own);
	known.manager.set_thread_group_info(99, own);
	CHECK(known.manager.get_thread_group_info(98) == own && known.manager.get_thread_group_info(99) == own);
	own->decrement_thread_count();
	CHECK(second->get_num_threads() == 1 && group->get_thread_count() == 2);

	sinsp other;
	auto foreign = make_thread(other, 5, 5);
	const std::shared_ptr<sinsp_threadinfo> held = other.m_thread_manager->add_thread(std::move(foreign), true);
	CHECK(throws<sinsp_exception>("another inspector", [&] { held->m_tginfo = own; }));
	CHECK(throws<sinsp_exception>("another inspector", [&] { other.m_thread_manager->set_thread_group_info(5, own); }));
}

// A thread keeps the group that the program assigned when it is added to the table.
void groups_come_along() {
	family known;
	auto thread = make_thread(known.inspector, 31, 30);
	const std::shared_ptr<sinsp_threadinfo> main = make_thread(known.inspector, 30, 30);
	const auto group = std::make_shared<thread_group_info>(30, false, main);
	main->m_tginfo = group;
	thread->m_tginfo = group;
	CHECK(thread->get_main_thread() == main.get());
	const std::shared_ptr<sinsp_threadinfo> added = known.manager.add_thread(std::move(thread), true);
	CHECK(added == known.find(31) && added->m_tginfo.get() == group.get() && added->get_main_thread() == main.get());
	CHECK(main->m_tginfo.get() == group.get() && group->get_thread_count() == 1);
	CHECK(known.manager.get_thread_group_info(30) == nullptr);
	known.manager.create_thread_dependencies(added);
	CHECK(group->get_thread_count() == 1);
}

void the_dead() {
	family known;
	const auto second = known.find(11), parent = known.find(10), child = known.find(20);
	CHECK(parent->m_children.size() == 1 && parent->m_children.front().lock() == child);
	known.manager.remove_thread(11);
	CHECK(known.find(11) == nullptr && second->m_tid == 11);
	CHECK(second->m_tginfo == parent->m_tginfo && second->m_tginfo->get_tgroup_pid() == 10 && second->get_num_threads() == 1);
	CHECK(second->get_main_thread() == parent.get());
	known.manager.remove_thread(10);
	CHECK(known.find(10) == nullptr && parent->m_children.empty() && child->m_ptid == 0);
	CHECK(parent->m_tginfo->get_tgroup_pid() == 10 && parent->get_num_threads() == 0);
	known.manager.clear();
	CHECK(child->m_tginfo->get_tgroup_pid() == 20 && child->get_num_threads() == 1 && known.manager.get_thread_count() == 0);
}

// Many groups are accessed and dropped.
void many_groups() {
	family known;
	for(int64_t tid = 1000; tid < 1400; tid++) {
		const auto thread = known.manager.add_thread(make_thread(known.inspector, tid, tid), true);
		CHECK(thread->m_tginfo->get_tgroup_pid() == tid && thread->m_tginfo->get_first_thread() == thread.get());
		known.manager.remove_thread(tid);
	}
	CHECK(known.inspector.c_link()->groups.size() < 200);
}

void quiet_threads() {
	family known;
	known.manager.set_last_flush_time_ns(1);
	known.inspector.m_threads_purging_scan_time_ns = 2;
	known.inspector.m_thread_timeout_ns = 20;
	known.inspector.set_lastevent_ts(80);
	for(const int64_t tid : {10, 20}) {
		known.find(tid)->m_lastaccess_ts = 70;
	}
	known.find(11)->m_lastaccess_ts = 20;
	CHECK(known.inspector.remove_inactive_threads());
	CHECK(known.find(11) == nullptr && known.manager.get_thread_count() == 2);
	CHECK(!known.inspector.remove_inactive_threads());
}

void exits_and_parameters() {
	sinsp inspector;
	inspector.open_savefile(capture);
	CHECK(inspector.get_tid_to_remove() == -1);
	sinsp_filter_check_list checks;
	sinsp_evt* evt = nullptr;
	std::unique_ptr<sinsp_evt> last;
	int64_t leaves = -1;
	int exits = 0, texts = 0, resolved = 0;
	for(int32_t rc = SCAP_SUCCESS; rc != SCAP_EOF;) {
		rc = inspector.next(&evt);
		if(rc != SCAP_SUCCESS) {
			continue;
		}
		CHECK(leaves == -1 || inspector.m_thread_manager->find_thread(leaves, true) == nullptr ||
		      inspector.m_thread_manager->find_thread(leaves, true)->is_dead());
		leaves = inspector.get_tid_to_remove();
		CHECK((leaves != -1) == (evt->get_type() == PPME_PROCEXIT_1_E && evt->get_tinfo() != nullptr));
		if(leaves != -1) {
			CHECK(leaves == evt->get_tid());
			exits++;
		}
		CHECK(evt->get_tinfo_ref() == nullptr);
		if(evt->get_num() % 7 != 0) {
			continue;
		}
		for(uint32_t i = 0; i < evt->get_num_params(); i++) {
			const std::string name = evt->get_param_name(i);
			std::string shown;
			sinsp_evt_formatter(&inspector, "*%evt.arg." + name, checks).tostring(evt, shown);
			CHECK(shown == evt->get_param_value_str(name));
			resolved += evt->get_param_value_str(i, false) != evt->get_param_value_str(i, true);
			texts++;
		}
		CHECK(evt->get_param_value_str("no such parameter").empty() && evt->get_param_value_str(99, true).empty());
		if(last == nullptr && evt->get_num_params() > 0) {
			last = std::make_unique<sinsp_evt>(*evt);
		}
	}
	CHECK(exits > 0 && texts > 100 && resolved > 10 && last != nullptr);
	CHECK(throws<sinsp_exception>("moved on", [&] { last->get_param_value_str(0, true); }));
	sinsp_evt none;
	CHECK(throws<sinsp_exception>("inspector", [&] { none.get_param_value_str(0, true); }));
}

void threads_of_events() {
	sinsp inspector;
	inspector.open_savefile(capture);
	sinsp_evt* evt = nullptr;
	const auto next = [&] {
		while(inspector.next(&evt) != SCAP_SUCCESS || evt->get_tinfo() == nullptr) {
		}
	};
	next();
	auto* const found = evt->get_tinfo();
	evt->set_tinfo_ref(nullptr);
	CHECK(evt->get_tinfo() == found);
	auto own = inspector.get_threadinfo_factory().create_shared();
	own->m_comm = "own";
	evt->set_tinfo_ref(own);
	CHECK(evt->get_tinfo_ref() == own && evt->get_thread_info() == own.get());
	sinsp_filter_check_list checks;
	std::string text;
	sinsp_evt_formatter(&inspector, "%proc.name", checks).tostring(evt, text);
	CHECK(text == "own");
	evt->set_tinfo_ref(nullptr);
	CHECK(evt->get_tinfo_ref() == nullptr && evt->get_tinfo() == nullptr && evt->get_thread_info() == found);
	evt->set_tinfo_ref(own);
	const std::weak_ptr<sinsp_threadinfo> gone = own;
	own.reset();
	next();
	CHECK(evt->get_tinfo_ref() == nullptr && gone.expired());
}

}  // namespace

int main(int argc, char** argv) {
	if(argc != 3) {
		return 2;
	}
	capture = argv[1];
	return run_tests({{"groups change", groups_change},
	                  {"groups come along", groups_come_along},
	                  {"the dead", the_dead},
	                  {"many groups", many_groups},
	                  {"quiet threads", quiet_threads},
	                  {"exits and parameters", exits_and_parameters},
	                  {"threads of events", threads_of_events}});
}
