// SPDX-License-Identifier: Apache-2.0
// File descriptors.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libscap/scap.h>
#include <libsinsp/detail/core_link.h>
#include <libsinsp/sinsp_public.h>
#include <libsinsp/state/extensible_struct.h>
#include <libsinsp/tuples.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

// The characters of the fd types.
#define CHAR_FD_FILE 'f'
#define CHAR_FD_IPV4_SOCK '4'
#define CHAR_FD_IPV6_SOCK '6'
#define CHAR_FD_DIRECTORY 'd'
#define CHAR_FD_IPV4_SERVSOCK '4'
#define CHAR_FD_IPV6_SERVSOCK '6'
#define CHAR_FD_FIFO 'p'
#define CHAR_FD_UNIX_SOCK 'u'
#define CHAR_FD_EVENT 'e'
#define CHAR_FD_UNKNOWN 'o'
#define CHAR_FD_UNSUPPORTED 'X'
#define CHAR_FD_SIGNAL 's'
#define CHAR_FD_EVENTPOLL 'l'
#define CHAR_FD_INOTIFY 'i'
#define CHAR_FD_TIMERFD 't'
#define CHAR_FD_NETLINK 'n'
#define CHAR_FD_BPF 'b'
#define CHAR_FD_USERFAULTFD 'u'
#define CHAR_FD_IO_URING 'r'
#define CHAR_FD_MEMFD 'm'
#define CHAR_FD_PIDFD 'P'

class sinsp_threadinfo;

// The addresses of a socket. sinsp_fdinfo::m_type says which member is valid.
union sinsp_sockinfo {
	ipv4tuple m_ipv4info;
	ipv6tuple m_ipv6info;
	ipv4serverinfo m_ipv4serverinfo;
	ipv6serverinfo m_ipv6serverinfo;
	unix_tuple m_unixinfo;
};

namespace libsinsp {
namespace detail {

struct stores;

// The scalar members of an fd. Same layout as the C ABI's sinsp_fd: append only.
struct fd_scalars {
	int64_t m_fd = -1;                            // the fd number
	uint64_t m_ino = 0;                           // the inode
	int64_t m_pid = 0;                            // for a pidfd, the pid of its process
	scap_fd_type m_type = SCAP_FD_UNINITIALIZED;  // the type
	uint32_t m_openflags = 0;                     // the open flags, PPM_O_*
	uint32_t m_flags = 0;                         // sinsp_fdinfo::flags
	uint32_t m_dev = 0;                           // the device of the file system
	uint32_t m_mount_id = 0;                      // the mount id
};

static_assert(offsetof(fd_scalars, m_fd) == offsetof(sinsp_fd, fd));
static_assert(offsetof(fd_scalars, m_ino) == offsetof(sinsp_fd, ino));
static_assert(offsetof(fd_scalars, m_pid) == offsetof(sinsp_fd, pid));
static_assert(offsetof(fd_scalars, m_type) == offsetof(sinsp_fd, kind) && sizeof(scap_fd_type) == sizeof(int32_t));
static_assert(offsetof(fd_scalars, m_openflags) == offsetof(sinsp_fd, open_flags));
static_assert(offsetof(fd_scalars, m_flags) == offsetof(sinsp_fd, flags));
static_assert(offsetof(fd_scalars, m_dev) == offsetof(sinsp_fd, dev));
static_assert(offsetof(fd_scalars, m_mount_id) == offsetof(sinsp_fd, mount_id));
static_assert(sizeof(fd_scalars) == sizeof(sinsp_fd));

}  // namespace detail
}  // namespace libsinsp

// A file descriptor. Its members are the data of the library itself: the library reads what a program writes to them. The object lives
// as long as a shared pointer to it exists, and keeps its values after the close.
class SINSP_PUBLIC sinsp_fdinfo : public libsinsp::state::extensible_struct, public libsinsp::detail::fd_scalars {
public:
	enum flags {
		FLAGS_NONE = 0,
		FLAGS_FROM_PROC = (1 << 0),
		FLAGS_ROLE_CLIENT = (1 << 2),
		FLAGS_ROLE_SERVER = (1 << 3),
		FLAGS_IS_SOCKET_PIPE = (1 << 6),
		FLAGS_IN_BASELINE_R = (1 << 10),
		FLAGS_IN_BASELINE_RW = (1 << 11),
		FLAGS_IN_BASELINE_OTHER = (1 << 12),
		FLAGS_SOCKET_CONNECTED = (1 << 13),
		FLAGS_IS_CLONED = (1 << 14),
		FLAGS_CONNECTION_PENDING = (1 << 15),
		FLAGS_CONNECTION_FAILED = (1 << 16),
		FLAGS_OVERLAY_UPPER = (1 << 17),
		FLAGS_OVERLAY_LOWER = (1 << 18),
	};

	// `dyn_fields`: the definitions of the dynamic fields of fd tables. sinsp_fdinfo_factory passes those of its inspector.
	sinsp_fdinfo(const std::shared_ptr<libsinsp::state::dynamic_field_infos>& dyn_fields = nullptr):
	        extensible_struct(dyn_fields) {}
	sinsp_fdinfo(const sinsp_fdinfo&) = default;
	sinsp_fdinfo(sinsp_fdinfo&&) = default;
	sinsp_fdinfo& operator=(const sinsp_fdinfo&) = default;
	sinsp_fdinfo& operator=(sinsp_fdinfo&&) = default;
	~sinsp_fdinfo() override = default;

	// Makes a copy for another fd (dup, fork). A derived class with members of its own must override it.
	virtual std::unique_ptr<sinsp_fdinfo> clone() const { return std::make_unique<sinsp_fdinfo>(*this); }

	// The members that are static fields of fd tables.
	static inline libsinsp::state::static_field_infos get_static_fields();
	static const libsinsp::state::static_field_infos& static_fields() {
		static const auto fields = get_static_fields();
		return fields;
	}

	// The character of the type (CHAR_FD_*).
	char get_typechar() const { return static_cast<char>(sinsp_fd_kind_char(m_type)); }
	// The name of the type, such as "file".
	const char* get_typestring() const { return sinsp_fd_kind_name(m_type); }
	// The name without unprintable characters.
	std::string tostring_clean() const {
		return libsinsp::detail::text(sinsp_text_printable(libsinsp::detail::str(m_name)));
	}

	bool is_syslog() const { return m_name.find("/dev/log") != std::string::npos; }
	bool is_unix_socket() const { return m_type == SCAP_FD_UNIX_SOCK; }
	bool is_ipv4_socket() const { return m_type == SCAP_FD_IPV4_SOCK; }
	bool is_ipv6_socket() const { return m_type == SCAP_FD_IPV6_SOCK; }
	bool is_udp_socket() const { return is_ipv4_socket() && m_sockinfo.m_ipv4info.m_fields.m_l4proto == SCAP_L4_UDP; }
	bool is_tcp_socket() const { return is_ipv4_socket() && m_sockinfo.m_ipv4info.m_fields.m_l4proto == SCAP_L4_TCP; }
	bool is_pipe() const { return m_type == SCAP_FD_FIFO; }
	bool is_file() const { return m_type == SCAP_FD_FILE || m_type == SCAP_FD_FILE_V2; }
	bool is_directory() const { return m_type == SCAP_FD_DIRECTORY; }
	bool is_pidfd() const { return m_type == SCAP_FD_PIDFD; }

	// The server's port of an IPv4 or IPv6 connection, in host order; 0 for other types.
	uint16_t get_serverport() const {
		return is_ipv4_socket()   ? m_sockinfo.m_ipv4info.m_fields.m_dport
		       : is_ipv6_socket() ? m_sockinfo.m_ipv6info.m_fields.m_dport
		                          : uint16_t{0};
	}

	uint32_t get_device() const { return m_dev; }
	uint32_t get_device_major() const { return (m_dev & 0xfff00) >> 8; }
	uint32_t get_device_minor() const { return (m_dev & 0xff) | ((m_dev >> 12) & 0xfff00); }
	uint64_t get_ino() const { return m_ino; }
	int64_t get_pid() const { return m_pid; }

	// The transport protocol; SCAP_L4_NA if the type has none or the socket has no client or server role yet.
	scap_l4_proto get_l4proto() const {
		sinsp_sock sock = {};
		write_sock(sock);
		return static_cast<scap_l4_proto>(sinsp_sock_l4proto(&sock, m_flags));
	}

	// Sets the kernel addresses of the two ends of a unix socket from an event's tuple: a family byte, then two uint64_t.
	void set_unix_info(const uint8_t* packed_data) {
		std::memcpy(&m_sockinfo.m_unixinfo.m_fields.m_source, packed_data + 1, sizeof(uint64_t));
		std::memcpy(&m_sockinfo.m_unixinfo.m_fields.m_dest, packed_data + 1 + sizeof(uint64_t), sizeof(uint64_t));
	}

	bool is_role_server() const { return has(FLAGS_ROLE_SERVER); }
	bool is_role_client() const { return has(FLAGS_ROLE_CLIENT); }
	bool is_role_none() const { return !has(FLAGS_ROLE_CLIENT) && !has(FLAGS_ROLE_SERVER); }
	bool has_no_role() const { return is_role_none(); }
	bool is_socket_connected() const { return has(FLAGS_SOCKET_CONNECTED); }
	bool is_socket_pending() const { return has(FLAGS_CONNECTION_PENDING); }
	bool is_socket_failed() const { return has(FLAGS_CONNECTION_FAILED); }
	bool is_cloned() const { return has(FLAGS_IS_CLONED); }
	bool is_overlay_upper() const { return has(FLAGS_OVERLAY_UPPER); }
	bool is_overlay_lower() const { return has(FLAGS_OVERLAY_LOWER); }
	bool is_socketpipe() const { return has(FLAGS_IS_SOCKET_PIPE); }
	bool is_inpipeline_r() const { return has(FLAGS_IN_BASELINE_R); }
	bool is_inpipeline_rw() const { return has(FLAGS_IN_BASELINE_RW); }
	bool is_inpipeline_other() const { return has(FLAGS_IN_BASELINE_OTHER); }
	// Whether exec closes the fd.
	bool is_close_on_exec() const {
		return (m_openflags & PPM_O_CLOEXEC) || (m_type == SCAP_FD_EVENTPOLL && (m_openflags & PPM_EPOLL_CLOEXEC)) ||
		       (m_type == SCAP_FD_MEMFD && (m_openflags & PPM_MFD_CLOEXEC));
	}

	void add_filename_raw(std::string_view rawpath) { m_name_raw = rawpath; }
	void add_filename(std::string_view fullpath) { m_name = fullpath; }

	void reset_flags() { m_flags = FLAGS_NONE; }
	void set_role_server() { m_flags |= FLAGS_ROLE_SERVER; }
	void set_role_client() { m_flags |= FLAGS_ROLE_CLIENT; }
	void set_socketpipe() { m_flags |= FLAGS_IS_SOCKET_PIPE; }
	void set_is_cloned() { m_flags |= FLAGS_IS_CLONED; }
	void set_overlay_upper() { m_flags |= FLAGS_OVERLAY_UPPER; }
	void set_overlay_lower() { m_flags |= FLAGS_OVERLAY_LOWER; }
	void set_inpipeline_r() { m_flags |= FLAGS_IN_BASELINE_R; }
	void set_inpipeline_rw() { m_flags |= FLAGS_IN_BASELINE_RW; }
	void set_inpipeline_other() { m_flags |= FLAGS_IN_BASELINE_OTHER; }
	void reset_inpipeline() { m_flags &= ~(FLAGS_IN_BASELINE_R | FLAGS_IN_BASELINE_RW | FLAGS_IN_BASELINE_OTHER); }
	void set_socket_connected() { set_connection(FLAGS_SOCKET_CONNECTED); }
	void set_socket_pending() { set_connection(FLAGS_CONNECTION_PENDING); }
	void set_socket_failed() { set_connection(FLAGS_CONNECTION_FAILED); }
	void clear_close_on_exec_bits() { m_openflags &= ~(PPM_O_CLOEXEC | PPM_EPOLL_CLOEXEC | PPM_MFD_CLOEXEC); }

	// The name: the full path of a file, the tuple of a socket.
	std::string m_name;
	// The path as the program passed it to the system call.
	std::string m_name_raw;
	// The name before the current event.
	std::string m_oldname;
	sinsp_sockinfo m_sockinfo = {};

private:
	friend struct libsinsp::detail::stores;
	friend class sinsp_evt;
	friend class sinsp_fdtable;

	bool has(flags flag) const { return (m_flags & flag) == static_cast<uint32_t>(flag); }

	void set_connection(flags state) {
		m_flags &= ~(FLAGS_SOCKET_CONNECTED | FLAGS_CONNECTION_PENDING | FLAGS_CONNECTION_FAILED);
		m_flags |= state;
	}

	// Convert m_sockinfo to and from the C ABI, according to m_type.
	inline void write_sock(sinsp_sock& sock) const;
	inline void read_sock(const sinsp_sock& sock);

	libsinsp::detail::own_share<sinsp_fdinfo> m_core_share;
};

inline libsinsp::state::static_field_infos sinsp_fdinfo::get_static_fields() {
	using self = sinsp_fdinfo;
	libsinsp::state::static_field_infos fields;
	const auto half = [&fields](size_t offset, const std::string& name) {
		libsinsp::state::define_static_field<uint64_t>(fields, offset, name + "_low");
		libsinsp::state::define_static_field<uint64_t>(fields, offset + sizeof(uint64_t), name + "_high");
	};
	// The table field "type" is a uint8_t: the low byte of the enum.
	constexpr size_t low_byte = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 0 : sizeof(scap_fd_type) - 1;
	libsinsp::state::define_static_field<uint8_t>(fields, OFFSETOF_STATIC_FIELD(self, m_type) + low_byte, "type");
	DEFINE_STATIC_FIELD(fields, self, m_openflags, "open_flags");
	DEFINE_STATIC_FIELD(fields, self, m_name, "name");
	DEFINE_STATIC_FIELD(fields, self, m_name_raw, "name_raw");
	DEFINE_STATIC_FIELD(fields, self, m_oldname, "old_name");
	DEFINE_STATIC_FIELD(fields, self, m_flags, "flags");
	DEFINE_STATIC_FIELD(fields, self, m_dev, "dev");
	DEFINE_STATIC_FIELD(fields, self, m_mount_id, "mount_id");
	DEFINE_STATIC_FIELD(fields, self, m_ino, "ino");
	DEFINE_STATIC_FIELD(fields, self, m_pid, "pid");
	DEFINE_STATIC_FIELD(fields, self, m_fd, "fd");
	DEFINE_STATIC_FIELD(fields, self, m_sockinfo.m_ipv4info.m_fields.m_sip, "socket_ipv4_src_ip");
	DEFINE_STATIC_FIELD(fields, self, m_sockinfo.m_ipv4info.m_fields.m_dip, "socket_ipv4_dest_dip");
	DEFINE_STATIC_FIELD(fields, self, m_sockinfo.m_ipv4info.m_fields.m_sport, "socket_ipv4_src_port");
	DEFINE_STATIC_FIELD(fields, self, m_sockinfo.m_ipv4info.m_fields.m_dport, "socket_ipv4_dst_port");
	DEFINE_STATIC_FIELD(fields, self, m_sockinfo.m_ipv4info.m_fields.m_l4proto, "socket_ipv4_l4_proto");
	half(OFFSETOF_STATIC_FIELD(self, m_sockinfo.m_ipv6info.m_fields.m_sip), "socket_ipv6_src_ip");
	half(OFFSETOF_STATIC_FIELD(self, m_sockinfo.m_ipv6info.m_fields.m_dip), "socket_ipv6_dest_ip");
	DEFINE_STATIC_FIELD(fields, self, m_sockinfo.m_ipv6info.m_fields.m_sport, "socket_ipv6_src_port");
	DEFINE_STATIC_FIELD(fields, self, m_sockinfo.m_ipv6info.m_fields.m_dport, "socket_ipv6_dst_port");
	DEFINE_STATIC_FIELD(fields, self, m_sockinfo.m_ipv6info.m_fields.m_l4proto, "socket_ipv6_l4_proto");
	DEFINE_STATIC_FIELD(fields, self, m_sockinfo.m_ipv4serverinfo.m_ip, "socket_ipv4_server_ip");
	DEFINE_STATIC_FIELD(fields, self, m_sockinfo.m_ipv4serverinfo.m_port, "socket_ipv4_server_port");
	DEFINE_STATIC_FIELD(fields, self, m_sockinfo.m_ipv4serverinfo.m_l4proto, "socket_ipv4_server_l4_proto");
	half(OFFSETOF_STATIC_FIELD(self, m_sockinfo.m_ipv6serverinfo.m_ip), "socket_ipv6_server_ip");
	DEFINE_STATIC_FIELD(fields, self, m_sockinfo.m_ipv6serverinfo.m_port, "socket_ipv6_server_port");
	DEFINE_STATIC_FIELD(fields, self, m_sockinfo.m_ipv6serverinfo.m_l4proto, "socket_ipv6_server_l4_proto");
	DEFINE_STATIC_FIELD(fields, self, m_sockinfo.m_unixinfo.m_fields.m_source, "socket_unix_src");
	DEFINE_STATIC_FIELD(fields, self, m_sockinfo.m_unixinfo.m_fields.m_dest, "socket_unix_dest");
	return fields;
}

inline void sinsp_fdinfo::write_sock(sinsp_sock& sock) const {
	const auto ends = [&](uint8_t family, const auto& fields, size_t len) {
		sock.family = family;
		sock.l4proto = fields.m_l4proto;
		sock.sport = fields.m_sport;
		sock.dport = fields.m_dport;
		std::memcpy(sock.sip, &fields.m_sip, len);
		std::memcpy(sock.dip, &fields.m_dip, len);
	};
	const auto server = [&](uint8_t family, const auto& info, size_t len) {
		sock.family = family;
		sock.server = true;
		sock.l4proto = info.m_l4proto;
		sock.dport = info.m_port;
		std::memcpy(sock.dip, &info.m_ip, len);
	};
	switch(m_type) {
	case SCAP_FD_IPV4_SOCK:
		return ends(4, m_sockinfo.m_ipv4info.m_fields, sizeof(uint32_t));
	case SCAP_FD_IPV6_SOCK:
		return ends(6, m_sockinfo.m_ipv6info.m_fields, sizeof(ipv6addr));
	case SCAP_FD_IPV4_SERVSOCK:
		return server(4, m_sockinfo.m_ipv4serverinfo, sizeof(uint32_t));
	case SCAP_FD_IPV6_SERVSOCK:
		return server(6, m_sockinfo.m_ipv6serverinfo, sizeof(ipv6addr));
	case SCAP_FD_UNIX_SOCK:
		sock.family = 1;
		sock.source = m_sockinfo.m_unixinfo.m_fields.m_source;
		sock.destination = m_sockinfo.m_unixinfo.m_fields.m_dest;
		return;
	default:
		return;
	}
}

inline void sinsp_fdinfo::read_sock(const sinsp_sock& sock) {
	const auto ends = [&](auto& fields, size_t len) {
		std::memcpy(&fields.m_sip, sock.sip, len);
		std::memcpy(&fields.m_dip, sock.dip, len);
		fields.m_sport = sock.sport;
		fields.m_dport = sock.dport;
		fields.m_l4proto = sock.l4proto;
	};
	const auto server = [&](auto& info, size_t len) {
		std::memcpy(&info.m_ip, sock.dip, len);
		info.m_port = sock.dport;
		info.m_l4proto = sock.l4proto;
	};
	m_sockinfo = {};
	switch(sock.family) {
	case 4:
		sock.server ? server(m_sockinfo.m_ipv4serverinfo, sizeof(uint32_t))
		            : ends(m_sockinfo.m_ipv4info.m_fields, sizeof(uint32_t));
		break;
	case 6:
		sock.server ? server(m_sockinfo.m_ipv6serverinfo, sizeof(ipv6addr))
		            : ends(m_sockinfo.m_ipv6info.m_fields, sizeof(ipv6addr));
		break;
	case 1:
		m_sockinfo.m_unixinfo.m_fields.m_source = sock.source;
		m_sockinfo.m_unixinfo.m_fields.m_dest = sock.destination;
		break;
	default:
		break;
	}
}
