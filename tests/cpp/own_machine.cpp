// Tests what a program sets about the machine, and threads that it reads from another /proc: own_machine CAPTURE FOLDER. Prints failures and a count.
#include "check.h"
#include "machine.h"

#include <libscap/scap_proc_util.h>
#include <libsinsp/filterchecks.h>
#include <libsinsp/sinsp.h>

#include <arpa/inet.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>

namespace {

std::string capture, folder;
// This program.
const char* program = nullptr;

uint32_t ip(const char* text) {
	in_addr addr = {};
	inet_pton(AF_INET, text, &addr);
	return addr.s_addr;
}

// The side of this machine of a connection from 192.0.2.1 to 192.0.2.2, if the machine has the address `own`.
std::string local_side(const char* own) {
	machine made;
	made.add(20, PPME_SOCKET_SOCKET_X, int64_t{5}, uint32_t{PPM_AF_INET}, uint32_t{1}, uint32_t{6}, uint32_t{0});
	const uint8_t tuple[] = {PPM_AF_INET, 192, 0, 2, 1, 0x39, 0x30, 192, 0, 2, 2, 80, 0};
	const uint8_t peer[] = {PPM_AF_INET, 192, 0, 2, 2, 80, 0};
	made.add(20, PPME_SOCKET_CONNECT_X, int64_t{0}, scap_const_sized_buffer{tuple, sizeof(tuple)}, int64_t{5}, scap_const_sized_buffer{peer, sizeof(peer)});
	sinsp inspector;
	inspector.open_test_input(&made.data);
	sinsp_network_interfaces interfaces;
	interfaces.import_ipv4_interface({ip(own), ip("255.255.255.0"), ip("192.0.2.255"), "made0"});
	sinsp_ipv6_ifinfo six;
	six.m_net = ipv6addr("2001:db8::7");
	six.m_name = "made1";
	interfaces.import_ipv6_interface(six);
	inspector.set_ifaddr_list(interfaces);

	auto& known = inspector.get_ifaddr_list();
	CHECK(known.get_ipv4_list()->size() == 1 && known.get_ipv4_list()->front().address() == own);
	CHECK(known.get_ipv4_list()->front().m_name == "made0" && known.get_ipv4_list()->front().m_bcast == ip("192.0.2.255"));
	CHECK(known.get_ipv6_list()->size() == 1 && known.get_ipv6_list()->front().m_net == six.m_net);
	sinsp_filter_check_list fields;
	sinsp_evt_formatter formatter(&inspector, "%fd.cip %fd.lip", fields);
	sinsp_evt* evt = nullptr;
	CHECK(inspector.next(&evt) == SCAP_SUCCESS && inspector.next(&evt) == SCAP_SUCCESS);
	std::string text;
	CHECK(formatter.tostring(evt, text) && text.rfind("192.0.2.1 ", 0) == 0);
	return text.substr(text.find(' ') + 1);
}

void addresses() {
	CHECK(local_side("192.0.2.1") == "192.0.2.1");
	CHECK(local_side("192.0.2.2") == "192.0.2.2");

	// One more address: the machine's others stay, until the capture ends.
	sinsp inspector;
	inspector.open_nodriver();
	const auto count = inspector.get_ifaddr_list().get_ipv4_list()->size();
	inspector.import_ipv4_interface({ip("203.0.113.1"), 0, 0, "added0"});
	CHECK(inspector.get_ifaddr_list().get_ipv4_list()->size() == count + 1);
	CHECK(inspector.get_ifaddr_list().get_ipv4_list()->back().m_name == "added0");
	inspector.refresh_ifaddr_list();
	CHECK(inspector.get_ifaddr_list().get_ipv4_list()->size() == count);
}

void description() {
	sinsp inspector;
	CHECK(throws<sinsp_exception>("null machine", [&] { inspector.set_machine_info(nullptr); }));
	inspector.open_savefile(capture);
	const auto cpus = inspector.get_num_cpus();
	auto machine = *inspector.get_machine_info();
	machine.num_cpus = cpus + 9;
	std::strcpy(machine.hostname, "made-up");
	inspector.set_machine_info(&machine);
	CHECK(inspector.get_machine_info() == &machine && inspector.get_num_cpus() == cpus + 9);
	// libscap has it too.
	const auto* known = scap_get_machine_info(inspector.get_scap_platform());
	CHECK(known->num_cpus == cpus + 9 && std::strcmp(known->hostname, "made-up") == 0);
	inspector.close();
	inspector.open_savefile(capture);
	CHECK(inspector.get_num_cpus() == cpus);
}

std::string logged;

void statistics() {
	libsinsp_logger()->add_callback_log([](std::string&& text, sinsp_logger::severity) { logged += text + "\n"; });
	libsinsp_logger()->set_severity(sinsp_logger::SEV_DEBUG);
	for(const bool prints : {true, false}) {
		logged.clear();
		sinsp inspector;
		inspector.set_auto_stats_print(prints);
		inspector.open_nodriver();
		inspector.start_capture();
		inspector.stop_capture();
		CHECK((logged.find("n_evts:") != std::string::npos) == prints);
	}
	libsinsp_logger()->remove_callback_log();
	libsinsp_logger()->set_severity(sinsp_logger::SEV_INFO);
}

void processors() {
	CHECK(sinsp::num_possible_cpus() >= static_cast<unsigned>(sysconf(_SC_NPROCESSORS_CONF)));
	CHECK(read_num_possible_cpus() == sinsp::num_possible_cpus());
}

// A program's own list of threads.
struct received {
	std::map<int64_t, std::string> threads;
	int fds = 0;

	static int32_t take(void* context, char*, int64_t tid, scap_threadinfo* thread, scap_fdinfo* fd, scap_threadinfo**) {
		auto& self = *static_cast<received*>(context);
		if(fd != nullptr) {
			self.fds++;
		} else {
			self.threads[tid] = thread->comm;
		}
		return SCAP_SUCCESS;
	}
};

// Lays out a process as /proc does, from the own one, with another number and name.
void make_process(const std::string& tid) {
	const auto dir = folder + "/proc/" + tid;
	mkdir((folder + "/proc").c_str(), 0755);
	mkdir(dir.c_str(), 0755);
	mkdir((dir + "/fd").c_str(), 0755);
	mkdir((dir + "/fdinfo").c_str(), 0755);
	for(const char* name : {"cmdline", "environ", "limits", "cgroup", "loginuid"}) {
		std::ofstream(dir + "/" + name) << std::ifstream(std::string("/proc/self/") + name).rdbuf();
	}
	std::ifstream status("/proc/self/status");
	std::ofstream copy(dir + "/status");
	for(std::string line; std::getline(status, line);) {
		const auto key = line.substr(0, line.find('\t'));
		copy << (key == "Tgid:" || key == "Pid:" || key == "NStgid:" || key == "NSpid:" ? key + "\t" + tid : line) << "\n";
	}
	std::string stat;
	std::getline(std::ifstream("/proc/self/stat"), stat);
	std::ofstream(dir + "/stat") << tid << " (made-up" << stat.substr(stat.rfind(')')) << "\n";
	std::ofstream(dir + "/fdinfo/3") << "pos:\t0\nflags:\t0100002\n";
	for(const char* name : {"exe", "cwd", "root"}) {
		CHECK(symlink("/", (dir + "/" + name).c_str()) == 0);
	}
	CHECK(symlink("/dev/null", (dir + "/fd/3").c_str()) == 0);
}

void threads_of_another_proc() {
	constexpr int64_t tid = 3999999;
	make_process(std::to_string(tid));
	auto proc = folder + "/proc";
	sinsp inspector;
	inspector.open_nodriver(true);
	auto* platform = inspector.get_scap_platform();
	auto* linux_platform = reinterpret_cast<scap_linux_platform*>(platform);
	char error[SCAP_LASTERR_SIZE] = "";

	// Into a list of the program.
	received own;
	scap_proclist list;
	init_proclist(&list, {nullptr, nullptr, received::take, &own});
	CHECK(scap_proc_read_thread(linux_platform, &list, proc.data(), tid, error, false) == SCAP_SUCCESS);
	CHECK(own.threads.size() == 1 && own.threads[tid] == "made-up" && own.fds == 1);
	CHECK(inspector.m_thread_manager->find_thread(tid, true) == nullptr);

	// Into the state of the inspector.
	CHECK(scap_proc_read_thread(linux_platform, &platform->m_proclist, proc.data(), tid, error, false) == SCAP_SUCCESS);
	const auto thread = inspector.m_thread_manager->find_thread(tid, true);
	CHECK(thread != nullptr && thread->m_tid == tid && thread->m_pid == tid && thread->m_comm == "made-up" && thread->get_fd(3) != nullptr);

	// A thread of this machine is read from there; others are errors.
	char here[] = "/proc";
	CHECK(scap_proc_read_thread(linux_platform, &list, here, static_cast<uint64_t>(getpid()), error, true) == SCAP_SUCCESS);
	CHECK(own.threads.count(getpid()) == 1);
	CHECK(scap_proc_read_thread(linux_platform, &list, proc.data(), 1, error, false) == SCAP_FAILURE && std::strstr(error, "/proc/1") != nullptr);
	CHECK(scap_proc_read_thread(linux_platform, &list, proc.data(), UINT64_MAX, error, false) == SCAP_FAILURE);
	CHECK(scap_proc_read_thread(linux_platform, nullptr, proc.data(), 1, error, false) == SCAP_FAILURE && std::strstr(error, "null") != nullptr);
	CHECK(scap_proc_read_thread(linux_platform, &list, nullptr, 1, error, false) == SCAP_FAILURE);
	CHECK(scap_proc_read_thread(nullptr, &list, here, 1, error, false) == SCAP_FAILURE);
}

template<typename Check>
void is_known(const char* name, uint32_t position, sinsp& inspector) {
	Check check;
	CHECK(check.get_fields()->m_fields[position].m_name == name);
	check.set_inspector(&inspector);
	CHECK(check.parse_field_name(name, true, true) == static_cast<int32_t>(std::strlen(name)));
	CHECK(check.get_field_info()->m_name == name);
	const auto another = check.allocate_new();
	CHECK(dynamic_cast<Check*>(another.get()) != nullptr);
}

// A class of the library with one field of the program's.
class own_group : public sinsp_filter_check_group {
public:
	std::unique_ptr<sinsp_filter_check> allocate_new() override { return std::make_unique<own_group>(); }

protected:
	bool extract_nocache(sinsp_evt*, std::vector<extract_value_t>& values, std::vector<extract_offset_t>*, bool) override {
		static uint32_t gid = 4711;
		values = {{reinterpret_cast<uint8_t*>(&gid), sizeof(gid)}};
		return true;
	}
};

void checks_by_name() {
	sinsp inspector;
	is_known<sinsp_filter_check_gen_event>("evt.hostname", sinsp_filter_check_gen_event::TYPE_HOSTNAME, inspector);
	is_known<sinsp_filter_check_event>("evt.is_open_create", sinsp_filter_check_event::TYPE_ISOPEN_CREATE, inspector);
	is_known<sinsp_filter_check_fd>("fd.ino", sinsp_filter_check_fd::TYPE_INO, inspector);
	is_known<sinsp_filter_check_fdlist>("fdlist.sports", sinsp_filter_check_fdlist::TYPE_SERVERPORTS, inspector);
	is_known<sinsp_filter_check_fspath>("fs.path.targetraw", sinsp_filter_check_fspath::TYPE_TARGETRAW, inspector);
	is_known<sinsp_filter_check_group>("group.name", sinsp_filter_check_group::TYPE_NAME, inspector);
	is_known<sinsp_filter_check_thread>("proc.stderr.name", sinsp_filter_check_thread::TYPE_FD_STDERR_NAME, inspector);
	is_known<sinsp_filter_check_user>("user.loginname", sinsp_filter_check_user::TYPE_LOGINNAME, inspector);
	is_known<sinsp_filter_check_utils>("util.cnt", sinsp_filter_check_utils::TYPE_CNT, inspector);

	// A list of them compiles filters, as the list of all does; a class derived from one is the program's.
	auto fields = std::make_shared<filter_check_list>();
	fields->add_filter_check(std::make_unique<sinsp_filter_check_thread>());
	fields->add_filter_check(std::make_unique<own_group>());
	inspector.open_savefile(capture);
	const auto factory = std::make_shared<sinsp_filter_factory>(&inspector, *fields);
	auto all = sinsp_filter_compiler(factory, "group.gid = 4711").compile();
	auto none = sinsp_filter_compiler(factory, "group.gid != 4711 and proc.pid > 0").compile();
	auto name = sinsp_filter_compiler(factory, "proc.name exists").compile();
	CHECK(throws<sinsp_exception>("fd.num", [&] { sinsp_filter_compiler(factory, "fd.num = 3").compile(); }));
	sinsp_evt* evt = nullptr;
	int named = 0;
	while(inspector.next(&evt) == SCAP_SUCCESS) {
		CHECK(all->run(evt) && !none->run(evt));
		named += name->run(evt);
	}
	CHECK(named > 100);
}

void types_of_values() {
	std::string error;
	CHECK(!flt_is_comparable(CO_EQ, PT_DYN, false, error) && error.find("'DYNAMIC'") != std::string::npos);
	CHECK(std::string(param_type_to_string(PT_DYN)) == "DYNAMIC");
}

// A child process that may not be read without CAP_SYS_PTRACE, with a child of its own.
struct unreadable_parent {
	unreadable_parent() {
		int ends[2] = {-1, -1};
		CHECK(pipe(ends) == 0);
		parent = fork();
		if(parent == 0) {
			prctl(PR_SET_DUMPABLE, 0);
			child = fork();
			if(child != 0) {
				const auto sent = write(ends[1], &child, sizeof(child));
				_exit(sent == sizeof(child) && waitpid(child, nullptr, 0) == child ? 0 : 1);
			}
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			pause();
			_exit(0);
		}
		CHECK(read(ends[0], &child, sizeof(child)) == sizeof(child));
		close(ends[0]);
		close(ends[1]);
	}
	~unreadable_parent() {
		kill(child, SIGKILL);
		waitpid(parent, nullptr, 0);
	}
	unreadable_parent(const unreadable_parent&) = delete;
	unreadable_parent& operator=(const unreadable_parent&) = delete;

	pid_t parent = -1, child = -1;
};

// In a process of its own, since it gives up a capability. Returns the number of failures.
int sees_an_unreadable_parent(const unreadable_parent& made) {
	__user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	__user_cap_data_struct sets[2] = {};
	bool as_expected = syscall(SYS_capget, &header, sets) == 0;
	sets[0].effective &= ~(1U << CAP_SYS_PTRACE);
	as_expected = as_expected && syscall(SYS_capset, &header, sets) == 0;
	char target[256];
	as_expected = as_expected && readlink(("/proc/" + std::to_string(made.parent) + "/exe").c_str(), target, sizeof(target)) < 0;

	sinsp inspector;
	inspector.open_nodriver(true);
	const auto child = inspector.m_thread_manager->find_thread(made.child, true);
	const auto* const parent = child == nullptr ? nullptr : inspector.m_thread_manager->get_ancestor_process(*child);
	as_expected = as_expected && parent != nullptr && parent->m_tid == made.parent && parent->m_comm == child->m_comm && parent->m_ptid == getppid();
	const auto* const above = parent == nullptr ? nullptr : inspector.m_thread_manager->get_ancestor_process(*child, 2);
	return as_expected && above != nullptr && above->m_tid == getppid() ? 0 : 1;
}

// A process that may not be read stays a parent of others.
void unreadable_parents() {
	const unreadable_parent made;
	const pid_t reader = fork();
	if(reader == 0) {
		_exit(sees_an_unreadable_parent(made));
	}
	int status = -1;
	CHECK(waitpid(reader, &status, 0) == reader && status == 0);
}

// Writes a title over the command line, as Perl does, with spaces up to the old end, and waits.
int with_title(char* arguments, size_t length) {
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	std::memset(arguments, ' ', length);
	std::memcpy(arguments, "own", sizeof("own"));
	return raise(SIGSTOP);
}

void titles() {
	const pid_t child = fork();
	if(child == 0) {
		execl(program, program, "--with-title", nullptr);
		_exit(1);
	}
	int status = -1;
	CHECK(waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status));
	sinsp inspector;
	inspector.open_nodriver(true);
	const auto thread = inspector.m_thread_manager->find_thread(child, true);
	CHECK(thread != nullptr && thread->m_exe == "own" && thread->m_args.empty());
	kill(child, SIGKILL);
	waitpid(child, nullptr, 0);
}

}  // namespace

int main(int argc, char** argv) {
	if(argc == 2 && std::strcmp(argv[1], "--with-title") == 0) {
		return with_title(argv[0], static_cast<size_t>(argv[1] - argv[0]) + std::strlen(argv[1]) + 1);
	}
	if(argc < 3) {
		std::puts("usage: own_machine CAPTURE FOLDER");
		return 2;
	}
	capture = argv[1];
	folder = argv[2];
	program = argv[0];
	return run_tests({
	        {"addresses", addresses},
	        {"the description of the machine", description},
	        {"statistics at the end", statistics},
	        {"parents that may not be read", unreadable_parents},
	        {"titles of processes", titles},
	        {"processors", processors},
	        {"threads of another /proc", threads_of_another_proc},
	        {"checks by their names", checks_by_name},
	        {"names of types", types_of_values},
	});
}
