// Tests users, groups, suppressed threads and addresses: users CAPTURE FOLDER. Prints failures and a count.
#include "check.h"

#include <libsinsp/ifinfo.h>
#include <libsinsp/sinsp.h>
#include <libsinsp/user.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <set>

namespace {

std::string capture;
// A folder for files.
std::string scratch;

void own_ones() {
	sinsp inspector;
	const timestamper time(0);
	sinsp_usergroup_manager users(&inspector, time);
	CHECK(users.get_user("", 0) == nullptr && users.get_userlist("") == nullptr && users.get_grouplist("") == nullptr);

	auto* user = users.add_user("", -1, 7, 8, "seven", "/7", "/bin/7");
	CHECK(user != nullptr && user == users.get_user("", 7));
	CHECK(user->uid == 7 && user->gid == 8 && std::strcmp(user->name, "seven") == 0 && std::strcmp(user->shell, "/bin/7") == 0);
	const auto* list = users.get_userlist("");
	CHECK(list != nullptr && list->size() == 1 && &list->at(7) == user);
	CHECK(users.add_user("", -1, 7, 9, "sieben", "/seven", "") == user && std::strcmp(user->name, "sieben") == 0 && user->gid == 8);
	CHECK(users.add_user("", -1, 9, 9, "+nine", "", "") == nullptr);
	CHECK(users.rm_user("", 7) && !users.rm_user("", 7) && users.get_user("", 7) == nullptr);

	auto* group = users.add_group("", -1, 7, std::string_view("seven"));
	CHECK(group != nullptr && group == users.get_group("", 7) && std::strcmp(group->name, "seven") == 0);
	CHECK(&users.get_grouplist("")->at(7) == group && users.rm_group("", 7) && users.get_group("", 7) == nullptr);

	// Read from the files of this machine.
	user = users.add_user("", -1, 0, 0, {}, {}, {});
	CHECK(user != nullptr && std::strcmp(user->name, "root") == 0 && user->shell[0] != '\0');
	CHECK(users.add_user("", -1, UINT32_MAX, 0) == nullptr && users.add_group("", -1, UINT32_MAX) == nullptr);
	CHECK(inspector.m_usergroup_manager->get_user("", 7) == nullptr);
}

void host_root() {
	mkdir((scratch + "/etc").c_str(), 0700);
	std::ofstream(scratch + "/etc/passwd") << "toor:x:0:0:toor:/toor:/bin/ash\n+testuser::::::\n";
	sinsp inspector;
	CHECK(inspector.get_host_root() == (std::getenv("HOST_ROOT") != nullptr ? std::getenv("HOST_ROOT") : ""));
	inspector.set_host_root(scratch);
	const timestamper time(0);
	sinsp_usergroup_manager users(&inspector, time);
	const auto* user = users.add_user("", -1, 0, 0, {}, {}, {});
	CHECK(inspector.get_host_root() == scratch && user != nullptr && std::strcmp(user->homedir, "/toor") == 0);
	// The folder has no /proc.
	CHECK(throws<scap_open_exception>(scratch, [&] { inspector.open_nodriver(); }));
	inspector.set_host_root("");
	inspector.open_nodriver();
}

void containers() {
	sinsp inspector;
	const timestamper time(0);
	sinsp_usergroup_manager users(&inspector, time);
	// A process in the host's mount namespace is not in a container.
	CHECK(users.add_user("c1", getpid(), 0, 0, {}, {}, {}) == nullptr && users.get_userlist("c1") == nullptr);
	users.delete_container("c1");
	users.m_import_users = false;
	auto* user = users.add_user("c1", -1, 37, 15, "test", "/test", "/bin/test");
	CHECK(user != nullptr && user->uid == 37 && user->gid == 15 && std::strcmp(user->name, "<NA>") == 0);
	inspector.set_import_users(false);
	CHECK(!inspector.m_usergroup_manager->m_import_users && inspector.m_usergroup_manager->add_user("", -1, 0, 0, "x", "", "") != nullptr);
	CHECK(inspector.m_usergroup_manager->get_user("", 0) == nullptr);
	CHECK(users.get_user("c1", 37) == nullptr && users.add_group("", -1, 15, std::string_view("foo"))->gid == 15);
}

// `notify` emits events for additions and removals.
void events() {
	sinsp inspector;
	inspector.open_savefile(capture);
	inspector.m_usergroup_manager->add_user("", -1, 4242, 7, "told", "/t", "/sh", true);
	inspector.m_usergroup_manager->add_group("", -1, 4243, std::string_view("told"), true);
	inspector.m_usergroup_manager->rm_user("", 4242, true);
	std::string names;
	sinsp_evt* evt = nullptr;
	for(int n = 0; n < 3;) {
		if(inspector.next(&evt) == SCAP_SUCCESS) {
			names += std::string(evt->get_name()) + " ";
			n++;
		}
	}
	CHECK(names == "useradded groupadded userdeleted ");
}

// Fields print the users of the inspector's own manager.
void the_inspectors() {
	sinsp inspector;
	inspector.open_savefile(capture);
	auto& users = *inspector.m_usergroup_manager;
	sinsp_evt* evt = nullptr;
	while(inspector.next(&evt) != SCAP_SUCCESS || evt->get_thread_info() == nullptr) {
	}
	sinsp_filter_check_list checks;
	const auto shown = [&](const char* format) {
		std::string text;
		CHECK(sinsp_evt_formatter(&inspector, format, checks).tostring(evt, &text));
		return text;
	};
	const auto uid = static_cast<uint32_t>(std::stoul(shown("%user.uid")));
	CHECK(users.get_user("", uid) != nullptr && users.get_userlist("")->count(uid) == 1);
	users.add_user("", -1, uid, 0, "renamed", "/r", "/sh");
	CHECK(shown("%user.name %user.homedir") == "renamed /r" && std::string(users.get_user("", uid)->name) == "renamed");
	CHECK(users.rm_user("", uid) && users.get_user("", uid) == nullptr);
}

// A shared manager stays readable after its inspector is destroyed.
void outlived() {
	std::shared_ptr<sinsp_usergroup_manager> users;
	{
		sinsp inspector;
		users = inspector.m_usergroup_manager;
		users->add_user("", -1, 7, 8, "seven", "/7", "/bin/7");
	}
	CHECK(std::strcmp(users->get_user("", 7)->name, "seven") == 0 && users->rm_user("", 7));
}

void suppressed() {
	libsinsp::sinsp_suppress set;
	set.suppress_comm("hidden");
	set.initialize();
	set.check_suppressed_comm(3, 2, "child");
	CHECK(set.check_suppressed_comm(2, 1, "hidden") && !set.check_suppressed_comm(4, 1, "other"));
	set.finalize();
	CHECK(set.is_suppressed_tid(2) && set.is_suppressed_tid(3) && !set.is_suppressed_tid(4) && set.get_num_suppressed_tids() == 2);

	sinsp inspector;
	inspector.open_savefile(capture);
	sinsp_evt* evt = nullptr;
	int64_t tid = 0;
	for(int rc = SCAP_SUCCESS; rc != SCAP_EOF;) {
		rc = inspector.next(&evt);
		if(rc != SCAP_SUCCESS || evt->get_tid() <= 0) {
			continue;
		}
		if(tid == 0) {
			tid = evt->get_tid();
			inspector.suppress_events_tid(tid);
			CHECK(inspector.check_suppressed(tid) && !inspector.check_suppressed(tid + 1));
		} else {
			// Events that start and end threads are not suppressed.
			const std::set<std::string> seen = {"clone", "clone3", "fork", "vfork", "execve", "execveat", "procexit"};
			CHECK(evt->get_tid() != tid || seen.count(evt->get_name()) == 1);
		}
	}
	CHECK(tid != 0);
	inspector.clear_suppress_events_tid();
	CHECK(!inspector.check_suppressed(tid));
}

void addresses() {
	sinsp inspector;
	CHECK(inspector.get_ifaddr_list().get_ipv4_list()->empty());
	inspector.open_nodriver();
	bool loopback = false;
	for(const auto& interface : *inspector.get_ifaddr_list().get_ipv4_list()) {
		loopback = loopback || (interface.m_name == "lo" && interface.addr_to_string() == "127.0.0.1");
	}
	const auto* list = scap_get_ifaddr_list(inspector.get_scap_platform());
	CHECK(loopback == (list->n_v4_addrs > 0));
	inspector.close();

	sinsp_network_interfaces interfaces;
	const auto ip = [](const char* text) {
		in_addr addr;
		inet_pton(AF_INET, text, &addr);
		return addr.s_addr;
	};
	CHECK(interfaces.infer_ipv4_address(ip("10.0.0.1")) == 0);
	interfaces.import_ipv4_interface({ip("127.0.0.1"), ip("255.0.0.0"), 0, "lo"});
	interfaces.import_ipv4_interface({ip("10.0.0.5"), ip("255.255.255.0"), ip("10.0.0.255"), "eth0"});
	CHECK(interfaces.infer_ipv4_address(ip("10.0.0.1")) == ip("10.0.0.5"));
	CHECK(interfaces.get_ipv4_list()->back().to_string() == "eth0 inet 10.0.0.5 netmask 255.255.255.0 broadcast 10.0.0.255");
	sinsp_ipv6_ifinfo six;
	six.m_net = ipv6addr("fe80::2:3");
	CHECK(six.addr_to_string() == "fe80:0:0:0:0:0:2:3");
	interfaces.import_ipv6_interface(six);
	CHECK(interfaces.infer_ipv6_address(ipv6addr("fe80::9")) == six.m_net);
}

}  // namespace

int main(int argc, char** argv) {
	if(argc != 3) {
		return 2;
	}
	capture = argv[1];
	scratch = argv[2];
	const std::vector<test_case> tests = {{"own ones", own_ones},
	                           {"host root", host_root},
	                           {"containers", containers},
	                           {"events", events},
	                           {"the inspector's", the_inspectors},
	                           {"outlived", outlived},
	                           {"suppressed", suppressed},
	                           {"addresses", addresses}};
	return run_tests(tests);
}
