// SPDX-License-Identifier: Apache-2.0
// Open files.
#pragma once

#include <libscap/scap.h>
#include <libsinsp/detail/property.h>
#include <libsinsp/sinsp_public.h>
#include <libsinsp/tuples.h>

#include <cstddef>
#include <cstdint>
#include <string>

// The characters that stand for the kinds of files.
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

// An open file. It is the library's own object: it is never made here, and is borrowed until the next event of its inspector.
class SINSP_PUBLIC sinsp_fdinfo {
	template<uint32_t Which>
	using text = libsinsp::detail::text_property<sinsp_fd, sinsp_fd_text, Which>;

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

	sinsp_fdinfo() = delete;
	sinsp_fdinfo(const sinsp_fdinfo&) = delete;
	sinsp_fdinfo& operator=(const sinsp_fdinfo&) = delete;

	char get_typechar() const { return static_cast<char>(sinsp_fd_type_char(abi())); }
	// The word for its kind, such as "file".
	std::string get_typestring() const { return libsinsp::detail::text(sinsp_fd_text(abi(), SINSP_FD_TYPE_NAME)); }

	bool is_syslog() const { return m_name.find("/dev/log") != std::string::npos; }
	bool is_unix_socket() const { return m_type == SCAP_FD_UNIX_SOCK; }
	bool is_ipv4_socket() const { return m_type == SCAP_FD_IPV4_SOCK; }
	bool is_ipv6_socket() const { return m_type == SCAP_FD_IPV6_SOCK; }
	bool is_udp_socket() const { return is_ipv4_socket() && sinsp_fd_sock(abi()).l4proto == SCAP_L4_UDP; }
	bool is_tcp_socket() const { return is_ipv4_socket() && sinsp_fd_sock(abi()).l4proto == SCAP_L4_TCP; }
	bool is_pipe() const { return m_type == SCAP_FD_FIFO; }
	bool is_file() const { return m_type == SCAP_FD_FILE || m_type == SCAP_FD_FILE_V2; }
	bool is_directory() const { return m_type == SCAP_FD_DIRECTORY; }
	bool is_pidfd() const { return m_type == SCAP_FD_PIDFD; }

	// The server's port of a connection, in host order; 0 for anything else.
	uint16_t get_serverport() const {
		return is_ipv4_socket() || is_ipv6_socket() ? sinsp_fd_sock(abi()).dport : uint16_t{0};
	}

	uint32_t get_device() const { return m_dev; }
	uint32_t get_device_major() const { return (m_dev & 0xfff00) >> 8; }
	uint32_t get_device_minor() const { return (m_dev & 0xff) | ((m_dev >> 12) & 0xfff00); }
	uint64_t get_ino() const { return m_ino; }
	int64_t get_pid() const { return m_pid; }
	scap_l4_proto get_l4proto() const { return static_cast<scap_l4_proto>(sinsp_fd_l4proto(abi())); }

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

	// The scalars, at the places where the library has them: append only.
	int64_t m_fd;
	uint64_t m_ino;
	int64_t m_pid;  // for a pidfd, the process it stands for
	scap_fd_type m_type;
	uint32_t m_openflags;  // PPM_O_*
	uint32_t m_flags;
	uint32_t m_dev;
	uint32_t m_mount_id;

	// What people know it by: the full path of a file, the tuple of a socket.
	SINSP_PROPERTY text<SINSP_FD_NAME> m_name;
	// The path as the program gave it.
	SINSP_PROPERTY text<SINSP_FD_NAME_RAW> m_name_raw;
	// Its name before it got the present one.
	SINSP_PROPERTY text<SINSP_FD_OLD_NAME> m_oldname;

private:
	const sinsp_fd* abi() const { return reinterpret_cast<const sinsp_fd*>(this); }
	bool has(flags flag) const { return (m_flags & flag) == static_cast<uint32_t>(flag); }
};

static_assert(offsetof(sinsp_fdinfo, m_fd) == offsetof(sinsp_fd, fd));
static_assert(offsetof(sinsp_fdinfo, m_ino) == offsetof(sinsp_fd, ino));
static_assert(offsetof(sinsp_fdinfo, m_pid) == offsetof(sinsp_fd, pid));
static_assert(offsetof(sinsp_fdinfo, m_type) == offsetof(sinsp_fd, kind) && sizeof(scap_fd_type) == sizeof(int32_t));
static_assert(offsetof(sinsp_fdinfo, m_openflags) == offsetof(sinsp_fd, open_flags));
static_assert(offsetof(sinsp_fdinfo, m_flags) == offsetof(sinsp_fd, flags));
static_assert(offsetof(sinsp_fdinfo, m_dev) == offsetof(sinsp_fd, dev));
static_assert(offsetof(sinsp_fdinfo, m_mount_id) == offsetof(sinsp_fd, mount_id));
static_assert(offsetof(sinsp_fdinfo, m_name) == 0 && offsetof(sinsp_fdinfo, m_oldname) == 0);
static_assert(sizeof(sinsp_fdinfo) == sizeof(sinsp_fd));
