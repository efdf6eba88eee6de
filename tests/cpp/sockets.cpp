// Sockets without an address that exist when a live capture begins: every later call has their type, after a scan by /proc and by iterators, and
// in a capture file that was written meanwhile. Needs the privileges of a live capture.
#include "check.h"

#include <libsinsp/dumper.h>
#include <libsinsp/eventformatter.h>
#include <libsinsp/sinsp.h>

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <ctime>
#include <map>

namespace {

std::string folder;

template<typename Address>
int call(int (*function)(int, const sockaddr*, socklen_t), int fd, const Address& address) {
	return function(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
}

sockaddr_in local4(uint16_t port) {
	sockaddr_in address = {};
	address.sin_family = AF_INET;
	address.sin_port = htons(port);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return address;
}

sockaddr_in6 local6(uint16_t port) {
	sockaddr_in6 address = {};
	address.sin6_family = AF_INET6;
	address.sin6_port = htons(port);
	address.sin6_addr = in6addr_loopback;
	return address;
}

// A process that makes sockets, and uses them once `go` is called.
class user_of_sockets {
public:
	user_of_sockets() {
		CHECK(pipe(m_go) == 0 && pipe(m_ready) == 0);
		m_pid = fork();
		CHECK(m_pid >= 0);
		if(m_pid == 0) {
			run();
			_exit(0);
		}
		char byte;
		CHECK(read(m_ready[0], &byte, 1) == 1);
	}
	~user_of_sockets() {
		go();
		waitpid(m_pid, nullptr, 0);
		for(const int fd : {m_go[0], m_go[1], m_ready[0], m_ready[1]}) {
			::close(fd);
		}
	}
	user_of_sockets(const user_of_sockets&) = delete;
	user_of_sockets& operator=(const user_of_sockets&) = delete;

	pid_t pid() const { return m_pid; }
	void go() const { CHECK(write(m_go[1], "g", 1) == 1); }

private:
	void run() const {
		const int listening = socket(AF_INET, SOCK_STREAM, 0), listening6 = socket(AF_INET6, SOCK_STREAM, 0);
		call(bind, listening, local4(0));
		listen(listening, 5);
		sockaddr_in own = {};
		socklen_t length = sizeof(own);
		getsockname(listening, reinterpret_cast<sockaddr*>(&own), &length);
		const uint16_t port = ntohs(own.sin_port);
		call(bind, listening6, local6(port));
		listen(listening6, 5);
		const int tcp = dup2(socket(AF_INET, SOCK_STREAM, 0), 100), tcp6 = dup2(socket(AF_INET6, SOCK_STREAM, 0), 101);
		const int udp = dup2(socket(AF_INET, SOCK_DGRAM, 0), 102), udp6 = dup2(socket(AF_INET6, SOCK_DGRAM, 0), 103);
		const int netlink = dup2(socket(AF_NETLINK, SOCK_RAW, 0), 104), unix_socket = dup2(socket(AF_UNIX, SOCK_STREAM, 0), 105);
		const int server = dup2(socket(AF_INET, SOCK_STREAM, 0), 106), handed_on = dup2(socket(AF_INET, SOCK_STREAM, 0), 107);
		char byte;
		if(write(m_ready[1], "r", 1) != 1 || read(m_go[0], &byte, 1) != 1) {
			return;
		}
		call(connect, tcp, local4(port));
		sockaddr_nl kernel = {};
		kernel.nl_family = AF_NETLINK;
		sockaddr_un nothing = {};
		nothing.sun_family = AF_UNIX;
		strcpy(nothing.sun_path, "none");
		const auto to4 = local4(port);
		const auto to6 = local6(port);
		bool sent = write(tcp, "x", 1) == 1;
		call(connect, tcp6, to6);
		sent &= write(tcp6, "x", 1) == 1;
		sent &= sendto(udp, "x", 1, 0, reinterpret_cast<const sockaddr*>(&to4), sizeof(to4)) == 1;
		sent &= sendto(udp6, "x", 1, 0, reinterpret_cast<const sockaddr*>(&to6), sizeof(to6)) == 1;
		call(bind, netlink, kernel);
		call(connect, unix_socket, nothing);
		call(bind, server, local4(0));
		listen(server, 1);
		const pid_t child = fork();
		if(child == 0) {
			call(connect, handed_on, to4);
			_exit(sent ? 0 : 1);
		}
		waitpid(child, nullptr, 0);
		shutdown(tcp, SHUT_RDWR);
	}

	int m_go[2], m_ready[2];
	pid_t m_pid;
};

// The type and protocol of the file of each call, by the file's number and the call.
using calls = std::map<std::string, std::string>;

// Reads events until the process `pid` ends, or the capture does.
calls watch(sinsp& inspector, pid_t pid, sinsp_dumper* dumper) {
	sinsp_filter_check_list checks;
	sinsp_evt_formatter key(&inspector, "%fd.num %evt.type", checks), value(&inspector, "*%fd.type %fd.l4proto", checks);
	const int64_t deadline = time(nullptr) + 300;
	calls seen;
	while(time(nullptr) < deadline) {
		sinsp_evt* evt = nullptr;
		const int32_t status = inspector.next(&evt);
		if(status == SCAP_EOF) {
			break;
		}
		if(status != SCAP_SUCCESS) {
			continue;
		}
		if(dumper != nullptr) {
			dumper->dump(evt);
		}
		std::string call, type;
		if(key.tostring(evt, call)) {
			value.tostring(evt, type);
			seen[call] = type;
		}
		if(evt->get_type() == PPME_PROCEXIT_1_E && evt->get_tid() == pid) {
			break;
		}
	}
	return seen;
}

void check(const calls& seen) {
	const calls wanted = {
	        {"100 connect", "ipv4 tcp"},   {"100 write", "ipv4 tcp"},   {"100 shutdown", "ipv4 tcp"},
	        {"101 connect", "ipv6 tcp"},   {"101 write", "ipv6 tcp"},   {"102 sendto", "ipv4 udp"},
	        {"103 sendto", "ipv6 udp"},    {"104 bind", "netlink <NA>"}, {"105 connect", "unix <NA>"},
	        {"106 bind", "ipv4 tcp"},      {"106 listen", "ipv4 tcp"},  {"107 connect", "ipv4 tcp"},
	};
	for(const auto& [call, type] : wanted) {
		const auto found = seen.find(call);
		if(found == seen.end() || found->second != type) {
			throw std::logic_error(call + ": " + (found == seen.end() ? "not seen" : found->second) + " instead of " + type);
		}
	}
}

// The calls of the process, and those that the state needs.
const libsinsp::events::set<ppm_sc_code> interesting = {
        PPM_SC_CONNECT, PPM_SC_WRITE,  PPM_SC_SENDTO, PPM_SC_BIND,  PPM_SC_LISTEN, PPM_SC_SHUTDOWN,
        PPM_SC_CLONE,   PPM_SC_CLONE3, PPM_SC_FORK,   PPM_SC_VFORK, PPM_SC_SCHED_PROCESS_EXIT,
};

void captured(bool without_iterators) {
	const std::string file = folder + "/sockets.scap";
	{
		const user_of_sockets user;
		sinsp inspector;
		try {
			inspector.open_modern_bpf(DEFAULT_DRIVER_BUFFER_BYTES_DIM, DEFAULT_CPU_FOR_EACH_BUFFER, true, interesting, without_iterators);
		} catch(const scap_open_exception& e) {
			std::printf("SKIPPED: sockets of a live capture: %s\n", e.what());
			return;
		}
		// The child of the process has a connection, too.
		inspector.set_filter("proc.pid=" + std::to_string(user.pid()) + " or proc.ppid=" + std::to_string(user.pid()));
		sinsp_dumper dumper;
		dumper.open(&inspector, file, false);
		inspector.start_capture();
		user.go();
		check(watch(inspector, user.pid(), &dumper));
		dumper.close();
	}
	sinsp reader;
	reader.open_savefile(file);
	check(watch(reader, 0, nullptr));
}

void by_iterators() {
	captured(false);
}

void by_proc() {
	captured(true);
}

}  // namespace

int main(int argc, char** argv) {
	if(argc != 3) {
		return 2;
	}
	folder = argv[2];
	return run_tests({{"by iterators", by_iterators}, {"by /proc", by_proc}});
}
