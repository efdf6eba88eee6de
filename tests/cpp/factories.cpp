// Tests threads and fds of a program's own classes: those that it adds, and those that its factories make: factories CAPTURE (not used). Prints
// failures and a count.
#include "machine.h"

#include <unistd.h>

#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace {

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

// A thread with the data of a description.
void described() {
	sinsp inspector;
	auto thread = inspector.get_threadinfo_factory().create();
	thread->m_tid = 4;
	thread->m_uid = 9;
	thread->set_parent_loop_detected(true);
	thread->init();
	CHECK(thread->m_tid == 4 && thread->m_pid == -1 && thread->m_uid == UINT32_MAX && !thread->parent_loop_detected());
	const auto info = std::make_unique<scap_threadinfo>();
	info->tid = info->pid = 5;
	info->vtid = 2;
	info->uid = 8;
	info->flags = PPM_CL_CLONE_NEWPID;
	std::snprintf(info->comm, sizeof(info->comm), "made");
	std::snprintf(info->exepath, sizeof(info->exepath), "/bin/made (deleted)");
	std::snprintf(info->cwd, sizeof(info->cwd), "/tmp");
	info->args_len = 4;
	std::memcpy(info->args, "a\0b", 4);
	info->env_len = SCAP_MAX_ENV_SIZE;
	std::memset(info->env, 'e', SCAP_MAX_ENV_SIZE - 1);
	thread->init(*info, true);
	CHECK(thread->m_tid == 5 && thread->m_vtid == 2 && thread->m_uid == 8 && thread->m_comm == "made" && thread->m_cmd_line == "made a b");
	CHECK(thread->m_exepath == "/bin/made" && thread->m_args == std::vector<std::string>{"a", "b"} && thread->get_cwd() == "/tmp/");
	CHECK(thread->m_flags == (PPM_CL_NAME_CHANGED | PPM_CL_CLONE_NEWPID | PPM_CL_ACTIVE) && thread->get_fdtable().size() == 0);
	// No running system is inspected.
	CHECK(thread->m_env == std::vector<std::string>{std::string(SCAP_MAX_ENV_SIZE - 1, 'e')});
	inspector.open_nodriver();
	info->tid = info->pid = static_cast<uint64_t>(getpid());
	thread->init(*info, true);
	CHECK(thread->m_env.empty() || thread->m_env[0] != std::string(SCAP_MAX_ENV_SIZE - 1, 'e'));
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

}  // namespace

int main() {
	return run_tests({{"adopted", adopted},
	                  {"described", described},
	                  {"removed", removed},
	                  {"own classes", own_classes},
	                  {"factories that throw", factories_that_throw},
	                  {"processor ends first", processor_ends_first}});
}
