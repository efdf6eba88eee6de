// Tests an inspector's platform with libscap's functions: platform CAPTURE FOLDER. Prints failures and a count.
#include "check.h"

#include <libscap/scap.h>
#include <libscap/scap_machine_info.h>
#include <libscap/scap_platform.h>
#include <libscap/scap_platform_api.h>
#include <libsinsp/sinsp.h>

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <memory>

namespace {

std::string capture;

int64_t own_tid() {
	return syscall(SYS_gettid);
}

void unopened_and_closed() {
	sinsp inspector;
	CHECK(inspector.get_scap_platform() == nullptr);
	CHECK(scap_get_machine_info(inspector.get_scap_platform()) == nullptr);
	inspector.open_nodriver();
	auto* platform = inspector.get_scap_platform();
	CHECK(platform != nullptr && platform == static_cast<const sinsp&>(inspector).get_scap_platform());
	CHECK(scap_get_machine_info(platform) != nullptr);
	inspector.close();
	CHECK(inspector.get_scap_platform() == nullptr);
	// After close() the pointer is valid and the platform is empty.
	CHECK(scap_get_machine_info(platform) == nullptr && scap_get_user_list(platform) == nullptr);
	CHECK(scap_refresh_proc_table(platform) != SCAP_SUCCESS && scap_proc_get(platform, own_tid(), true) != SCAP_SUCCESS);
	inspector.open_nodriver();
	CHECK(scap_get_machine_info(inspector.get_scap_platform()) != nullptr);
}

void this_machine() {
	sinsp inspector;
	inspector.open_nodriver(true);
	auto* platform = inspector.get_scap_platform();
	char name[256] = {};
	gethostname(name, sizeof(name) - 1);
	const auto* machine = scap_get_machine_info(platform);
	CHECK(std::strncmp(machine->hostname, name, sizeof(machine->hostname) - 1) == 0 && machine->num_cpus > 0);
	CHECK(scap_get_agent_info(platform) != nullptr);
	CHECK(scap_get_ifaddr_list(platform) != nullptr);
	scap_refresh_iflist(platform);
	const auto* users = scap_get_user_list(platform);
	CHECK(users != nullptr && users->nusers > 0 && users->users[0].uid == 0 && std::strcmp(users->users[0].name, "root") == 0);
	CHECK(!scap_is_thread_alive(platform, 1 << 30, 1 << 30, "nobody"));
	int64_t pid = 0;
	CHECK(scap_getpid_global(platform, &pid) == SCAP_SUCCESS && pid > 0);
	char error[SCAP_LASTERR_SIZE] = {};
	CHECK(scap_get_threadlist(platform, error) != nullptr);
}

// A scan through the platform updates the inspector.
void scans_reach_the_inspector() {
	sinsp inspector;
	inspector.open_nodriver();
	const pid_t child = fork();
	if(child == 0) {
		pause();
		_exit(0);
	}
	auto* platform = inspector.get_scap_platform();
	const auto count = inspector.m_thread_manager->get_thread_count();
	const int one = scap_proc_get(platform, child, false);
	const auto with_child = inspector.m_thread_manager->get_thread_count();
	const int all = scap_refresh_proc_table(platform);
	const auto again = inspector.m_thread_manager->get_thread_count();
	kill(child, SIGKILL);
	waitpid(child, nullptr, 0);
	CHECK(one == SCAP_SUCCESS && with_child == count + 1);
	CHECK(all == SCAP_SUCCESS && again >= with_child);
	CHECK(scap_proc_get(platform, child, false) != SCAP_SUCCESS);
}

void a_capture() {
	sinsp inspector;
	inspector.open_savefile(capture);
	auto* platform = inspector.get_scap_platform();
	const auto* machine = scap_get_machine_info(platform);
	CHECK(machine != nullptr && machine->num_cpus > 0 && machine->hostname[0] != '\0');
	CHECK(scap_get_ifaddr_list(platform) != nullptr);
	const auto* users = scap_get_user_list(platform);
	CHECK(users != nullptr && users->nusers > 0);
	const auto count = inspector.m_thread_manager->get_thread_count();
	CHECK(scap_refresh_proc_table(platform) != SCAP_SUCCESS && scap_proc_get(platform, 1, true) != SCAP_SUCCESS);
	CHECK(inspector.m_thread_manager->get_thread_count() == count);
	sinsp_evt* evt = nullptr;
	for(int n = 0, rc = SCAP_SUCCESS; n < 500 && rc != SCAP_EOF; n++) {
		rc = inspector.next(&evt);
	}
	// Returned pointers stay valid while the capture is open.
	CHECK(scap_get_machine_info(platform) == machine && inspector.get_scap_platform() == platform);
}

int32_t count_threads(void* context, char*, int64_t, scap_threadinfo* tinfo, scap_fdinfo*, scap_threadinfo**) {
	*static_cast<int*>(context) += tinfo != nullptr;
	return SCAP_SUCCESS;
}

// In a live capture, threads can be fetched through the engine. Needs privileges.
void fetching() {
	sinsp inspector;
	try {
		inspector.open_modern_bpf();
	} catch(const scap_open_exception& e) {
		std::printf("fetching is not tested: %s\n", e.what());
		return;
	}
	auto* platform = inspector.get_scap_platform();
	const auto* linux_platform = reinterpret_cast<scap_linux_platform*>(platform);
	CHECK(linux_platform->m_linux_vtable != nullptr && linux_platform->m_linux_vtable->fetch_thread != nullptr);
	int threads = 0;
	const scap_fetch_callbacks callbacks = {count_threads, &threads};
	auto thread = std::make_unique<scap_threadinfo>();
	char error[SCAP_LASTERR_SIZE] = {};
	const auto fetch = linux_platform->m_linux_vtable->fetch_thread;
	const auto engine = linux_platform->m_engine;
	CHECK(fetch(engine, &callbacks, static_cast<uint32_t>(own_tid()), thread.get(), error) == SCAP_SUCCESS);
	CHECK(threads == 1 && thread->tid == static_cast<uint64_t>(own_tid()));
	CHECK(scap_refresh_proc_table(platform) == SCAP_SUCCESS);
	inspector.close();
	CHECK(linux_platform->m_linux_vtable == nullptr);
	CHECK(fetch(engine, &callbacks, static_cast<uint32_t>(own_tid()), thread.get(), error) != SCAP_SUCCESS);
}

// The platform of an inspector cannot be initialized, closed or freed by libscap's functions.
void owned() {
	sinsp a, b;
	a.open_nodriver();
	b.open_savefile(capture);
	auto* platform = a.get_scap_platform();
	CHECK(platform != b.get_scap_platform());
	char error[SCAP_LASTERR_SIZE] = {};
	scap_open_args args = {};
	CHECK(scap_platform_init(platform, error, {nullptr}, &args) == SCAP_FAILURE && error[0] != '\0');
	scap_platform_free(platform);
	CHECK(scap_refresh_proc_table(platform) == SCAP_SUCCESS);
	CHECK(scap_platform_close(platform) == SCAP_SUCCESS && scap_get_machine_info(platform) == nullptr);
}

}  // namespace

int main(int argc, char** argv) {
	if(argc != 3) {
		return 2;
	}
	capture = argv[1];
	const std::vector<test_case> tests = {{"unopened and closed", unopened_and_closed},
	                           {"this machine", this_machine},
	                           {"scans reach the inspector", scans_reach_the_inspector},
	                           {"a capture", a_capture},
	                           {"fetching", fetching},
	                           {"owned", owned}};
	return run_tests(tests);
}
