// SPDX-License-Identifier: Apache-2.0
// What the environment variables HOST_ROOT and SCAP_HOSTNAME change, through libsinsp and through libscap. With them set, the program
// runs on a host of the test's making:
//
//   environment ROOT NAME     expects the root ROOT, whose user 0 is called `elsewhere` and whose only process has the id 1, and the name NAME
//   environment               expects what it is like without them
#include <libscap/linux/scap_linux_platform.h>
#include <libscap/scap.h>
#include <libscap/scap_platform.h>
#include <libscap/scap_platform_api.h>
#include <libsinsp/sinsp.h>

#include <cstdio>
#include <cstring>
#include <string>

#include <unistd.h>

static int passed = 0, failed = 0;

static void check(bool fine, const char* what, const std::string& is = "") {
	(fine ? passed : failed)++;
	if(!fine) {
		std::printf("FAILED: %s %s\n", what, is.c_str());
	}
}

int main(int argc, char** argv) {
	const bool elsewhere = argc > 2;
	sinsp inspector;
	inspector.open_nodriver(true);
	check(inspector.get_host_root() == (elsewhere ? argv[1] : ""), "the host root is", inspector.get_host_root());
	check(std::strcmp(scap_get_host_root(), elsewhere ? argv[1] : "") == 0, "libscap's host root is", scap_get_host_root());

	const auto* user = inspector.m_usergroup_manager->get_user("", 0);
	const std::string name = user != nullptr ? user->name : "(none)";
	check(name == (elsewhere ? "elsewhere" : "root"), "user 0 is", name);

	// The process of the test is one of this machine alone.
	const bool own = inspector.m_thread_manager->find_thread(getpid(), true) != nullptr;
	check(own == !elsewhere, own ? "the process itself is in the table" : "the process itself is not in the table");
	check(inspector.m_thread_manager->find_thread(1, true) != nullptr, "process 1 is not in the table");

	char here[256] = "";
	gethostname(here, sizeof here - 1);
	const std::string wanted = elsewhere ? argv[2] : here;
	scap_platform* platform = scap_linux_hostinfo_alloc_platform();
	scap_open_args args = {};
	char error[SCAP_LASTERR_SIZE] = "";
	const int32_t rc = scap_platform_init(platform, error, {}, &args);
	check(rc == SCAP_SUCCESS, "the platform:", error);
	const scap_machine_info* machine = scap_get_machine_info(platform);
	const std::string hostname = machine != nullptr ? machine->hostname : "(none)";
	check(hostname == wanted, "the machine's name is", hostname);
	scap_platform_free(platform);

	std::printf("%d passed, %d failed\n", passed, failed);
	return failed != 0;
}
