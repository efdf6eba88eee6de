// SPDX-License-Identifier: Apache-2.0
// Threads, and the processes they make up.
#pragma once

#include <libscap/scap.h>
#include <libsinsp/detail/property.h>
#include <libsinsp/fdinfo.h>
#include <libsinsp/fdtable.h>
#include <libsinsp/sinsp_public.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

// A thread. It is the library's own object: it is never made here, and is borrowed until the next event of its inspector.
class SINSP_PUBLIC sinsp_threadinfo {
	template<uint32_t Which>
	using text = libsinsp::detail::text_property<sinsp_thread, sinsp_thread_text, Which>;
	template<uint32_t Which>
	using list = libsinsp::detail::list_property<sinsp_thread, sinsp_thread_list, Which>;

public:
	using cgroups_t = std::vector<std::pair<std::string, std::string>>;

	sinsp_threadinfo() = delete;
	sinsp_threadinfo(const sinsp_threadinfo&) = delete;
	sinsp_threadinfo& operator=(const sinsp_threadinfo&) = delete;

	std::string get_comm() const { return m_comm; }
	std::string get_exe() const { return m_exe; }
	std::string get_exepath() const { return m_exepath; }
	// The working directory of its process, with a '/' at its end.
	std::string get_cwd() const { return read(SINSP_THREAD_CWD); }

	// The environment of its process, "name=value".
	std::vector<std::string> get_env() const { return m_env; }
	// A variable of it; empty if there is none.
	std::string get_env(const std::string& name) const {
		return libsinsp::detail::text(sinsp_thread_env_var(abi(), libsinsp::detail::str(name)));
	}
	std::string concatenate_all_env() const { return read(SINSP_THREAD_ENV_JOINED); }

	bool is_main_thread() const { return m_tid == m_pid || (m_flags & PPM_CL_IS_MAIN_THREAD); }
	bool is_in_pid_namespace() const {
		return (m_flags & PPM_CL_CHILD_IN_PIDNS) || (m_tid != m_vtid && m_vtid >= 0);
	}
	bool is_invalid() const { return m_tid < 0 || m_pid < 0 || m_ptid < 0; }
	bool is_dead() const { return m_flags & PPM_CL_CLOSED; }

	// How many threads its process has that have not exited.
	uint64_t get_num_threads() const { return sinsp_thread_siblings(abi(), true); }
	uint64_t get_num_not_leader_threads() const { return sinsp_thread_siblings(abi(), false); }

	// Null if it is not known.
	sinsp_threadinfo* get_main_thread() { return of(sinsp_thread_main(abi())); }
	const sinsp_threadinfo* get_main_thread() const { return of(sinsp_thread_main(abi())); }

	// Null if it is not known.
	sinsp_fdinfo* get_fd(int64_t fd) { return reinterpret_cast<sinsp_fdinfo*>(sinsp_thread_fd(abi(), fd)); }

	// Calls `visitor` for each file it has open until one call answers false.
	bool loop_fds(const sinsp_fdtable::fdtable_const_visitor_t& visitor) const { return fds().const_loop(visitor); }

	uint64_t get_fd_opencount() const { return sinsp_thread_fd_count(abi()); }
	uint64_t get_fd_limit() const { return static_cast<uint64_t>(sinsp_thread_fd_limit(abi())); }

	cgroups_t cgroups() const {
		cgroups_t pairs;
		for(const auto& pair : libsinsp::detail::texts(sinsp_thread_list(abi(), SINSP_THREAD_CGROUPS))) {
			const auto at = pair.find('=');
			pairs.emplace_back(pair.substr(0, at), at == std::string::npos ? "" : pair.substr(at + 1));
		}
		return pairs;
	}

	// The name and the arguments of a thread, with spaces between them.
	static void populate_cmdline(std::string& cmdline, const sinsp_threadinfo* tinfo) {
		cmdline = tinfo->read(SINSP_THREAD_CMDLINE);
	}
	// Appends the arguments of a thread, with spaces between them.
	static void populate_args(std::string& args, const sinsp_threadinfo* tinfo) {
		args += tinfo->read(SINSP_THREAD_ARGS_JOINED);
	}

	// The files it has open; for a thread that shares them, those of its process.
	sinsp_fdtable fds() const { return sinsp_fdtable(abi()); }

	// The scalars, at the places where the library has them: append only.
	int64_t m_tid;
	int64_t m_pid;
	int64_t m_ptid;
	int64_t m_reaper_tid;
	int64_t m_sid;
	int64_t m_vtid;
	int64_t m_vpid;
	int64_t m_vpgid;
	int64_t m_pgid;
	int64_t m_fdlimit;
	uint32_t m_flags;
	uint32_t m_uid;
	uint32_t m_gid;
	uint32_t m_loginuid;
	uint32_t m_tty;
	uint32_t m_vmsize_kb;
	uint32_t m_vmrss_kb;
	uint32_t m_vmswap_kb;
	uint64_t m_pfmajor;
	uint64_t m_pfminor;
	uint64_t m_cap_permitted;
	uint64_t m_cap_effective;
	uint64_t m_cap_inheritable;
	uint64_t m_exe_ino;
	uint64_t m_exe_ino_ctime;
	uint64_t m_exe_ino_mtime;
	uint64_t m_exe_ino_ctime_duration_clone_ts;
	uint64_t m_exe_ino_ctime_duration_pidns_start;
	uint64_t m_pidns_init_start_ts;
	uint64_t m_clone_ts;
	uint64_t m_lastexec_ts;
	uint64_t m_lastevent_ts;
	uint64_t m_prevevent_ts;
	uint64_t m_lastaccess_ts;
	int64_t m_lastevent_fd;
	uint64_t m_not_expired_children;
	bool m_exe_writable;
	bool m_exe_upper_layer;
	bool m_exe_lower_layer;
	bool m_exe_from_memfd;
	bool m_filtered_out;

	SINSP_PROPERTY text<SINSP_THREAD_COMM> m_comm;        // its name
	SINSP_PROPERTY text<SINSP_THREAD_EXE> m_exe;          // argv[0]
	SINSP_PROPERTY text<SINSP_THREAD_EXEPATH> m_exepath;  // the full path of its executable
	SINSP_PROPERTY text<SINSP_THREAD_ROOT> m_root;        // its root directory
	SINSP_PROPERTY list<SINSP_THREAD_ARGS> m_args;        // the arguments after argv[0]
	SINSP_PROPERTY list<SINSP_THREAD_ENV> m_env;          // the environment of its process

private:
	const sinsp_thread* abi() const { return reinterpret_cast<const sinsp_thread*>(this); }
	static sinsp_threadinfo* of(sinsp_thread* thread) { return reinterpret_cast<sinsp_threadinfo*>(thread); }
	std::string read(uint32_t which) const { return libsinsp::detail::text(sinsp_thread_text(abi(), which)); }
};

static_assert(offsetof(sinsp_threadinfo, m_tid) == offsetof(sinsp_thread, tid));
static_assert(offsetof(sinsp_threadinfo, m_pid) == offsetof(sinsp_thread, pid));
static_assert(offsetof(sinsp_threadinfo, m_ptid) == offsetof(sinsp_thread, ptid));
static_assert(offsetof(sinsp_threadinfo, m_reaper_tid) == offsetof(sinsp_thread, reaper_tid));
static_assert(offsetof(sinsp_threadinfo, m_sid) == offsetof(sinsp_thread, sid));
static_assert(offsetof(sinsp_threadinfo, m_vtid) == offsetof(sinsp_thread, vtid));
static_assert(offsetof(sinsp_threadinfo, m_vpid) == offsetof(sinsp_thread, vpid));
static_assert(offsetof(sinsp_threadinfo, m_vpgid) == offsetof(sinsp_thread, vpgid));
static_assert(offsetof(sinsp_threadinfo, m_pgid) == offsetof(sinsp_thread, pgid));
static_assert(offsetof(sinsp_threadinfo, m_fdlimit) == offsetof(sinsp_thread, fdlimit));
static_assert(offsetof(sinsp_threadinfo, m_flags) == offsetof(sinsp_thread, flags));
static_assert(offsetof(sinsp_threadinfo, m_uid) == offsetof(sinsp_thread, uid));
static_assert(offsetof(sinsp_threadinfo, m_gid) == offsetof(sinsp_thread, gid));
static_assert(offsetof(sinsp_threadinfo, m_loginuid) == offsetof(sinsp_thread, loginuid));
static_assert(offsetof(sinsp_threadinfo, m_tty) == offsetof(sinsp_thread, tty));
static_assert(offsetof(sinsp_threadinfo, m_vmsize_kb) == offsetof(sinsp_thread, vmsize_kb));
static_assert(offsetof(sinsp_threadinfo, m_vmrss_kb) == offsetof(sinsp_thread, vmrss_kb));
static_assert(offsetof(sinsp_threadinfo, m_vmswap_kb) == offsetof(sinsp_thread, vmswap_kb));
static_assert(offsetof(sinsp_threadinfo, m_pfmajor) == offsetof(sinsp_thread, pfmajor));
static_assert(offsetof(sinsp_threadinfo, m_pfminor) == offsetof(sinsp_thread, pfminor));
static_assert(offsetof(sinsp_threadinfo, m_cap_permitted) == offsetof(sinsp_thread, cap_permitted));
static_assert(offsetof(sinsp_threadinfo, m_cap_effective) == offsetof(sinsp_thread, cap_effective));
static_assert(offsetof(sinsp_threadinfo, m_cap_inheritable) == offsetof(sinsp_thread, cap_inheritable));
static_assert(offsetof(sinsp_threadinfo, m_exe_ino) == offsetof(sinsp_thread, exe_ino));
static_assert(offsetof(sinsp_threadinfo, m_exe_ino_ctime) == offsetof(sinsp_thread, exe_ino_ctime));
static_assert(offsetof(sinsp_threadinfo, m_exe_ino_mtime) == offsetof(sinsp_thread, exe_ino_mtime));
static_assert(offsetof(sinsp_threadinfo, m_exe_ino_ctime_duration_clone_ts) == offsetof(sinsp_thread, exe_ino_ctime_duration_clone_ts));
static_assert(offsetof(sinsp_threadinfo, m_exe_ino_ctime_duration_pidns_start) == offsetof(sinsp_thread, exe_ino_ctime_duration_pidns_start));
static_assert(offsetof(sinsp_threadinfo, m_pidns_init_start_ts) == offsetof(sinsp_thread, pidns_init_start_ts));
static_assert(offsetof(sinsp_threadinfo, m_clone_ts) == offsetof(sinsp_thread, clone_ts));
static_assert(offsetof(sinsp_threadinfo, m_lastexec_ts) == offsetof(sinsp_thread, lastexec_ts));
static_assert(offsetof(sinsp_threadinfo, m_lastevent_ts) == offsetof(sinsp_thread, lastevent_ts));
static_assert(offsetof(sinsp_threadinfo, m_prevevent_ts) == offsetof(sinsp_thread, prevevent_ts));
static_assert(offsetof(sinsp_threadinfo, m_lastaccess_ts) == offsetof(sinsp_thread, lastaccess_ts));
static_assert(offsetof(sinsp_threadinfo, m_lastevent_fd) == offsetof(sinsp_thread, lastevent_fd));
static_assert(offsetof(sinsp_threadinfo, m_not_expired_children) == offsetof(sinsp_thread, not_expired_children));
static_assert(offsetof(sinsp_threadinfo, m_exe_writable) == offsetof(sinsp_thread, exe_writable));
static_assert(offsetof(sinsp_threadinfo, m_exe_upper_layer) == offsetof(sinsp_thread, exe_upper_layer));
static_assert(offsetof(sinsp_threadinfo, m_exe_lower_layer) == offsetof(sinsp_thread, exe_lower_layer));
static_assert(offsetof(sinsp_threadinfo, m_exe_from_memfd) == offsetof(sinsp_thread, exe_from_memfd));
static_assert(offsetof(sinsp_threadinfo, m_filtered_out) == offsetof(sinsp_thread, filtered_out));
static_assert(offsetof(sinsp_threadinfo, m_comm) == 0 && offsetof(sinsp_threadinfo, m_env) == 0);
static_assert(sizeof(sinsp_threadinfo) == sizeof(sinsp_thread));

// The threads that an inspector knows.
class threadinfo_map_t {
public:
	typedef std::function<bool(const sinsp_threadinfo&)> const_visitor_t;
	typedef std::function<bool(sinsp_threadinfo&)> visitor_t;

	explicit threadinfo_map_t(sinsp_inspector* inspector): m_inspector(inspector) {}

	// Null if it is not known.
	sinsp_threadinfo* get(uint64_t tid) const {
		return reinterpret_cast<sinsp_threadinfo*>(sinsp_inspector_thread(m_inspector, static_cast<int64_t>(tid)));
	}

	// Calls `callback` for each thread, in no order, until one call answers false; answers whether none did.
	bool const_loop(const const_visitor_t& callback) const { return visit<const sinsp_threadinfo>(callback); }
	bool loop(const visitor_t& callback) { return visit<sinsp_threadinfo>(callback); }

	size_t size() const { return sinsp_inspector_thread_count(m_inspector); }

private:
	template<typename Thread, typename Callback>
	bool visit(const Callback& callback) const {
		libsinsp::detail::visitor<Thread, const Callback> visitor(callback);
		libsinsp::detail::error error;
		const bool whole = sinsp_inspector_each_thread(m_inspector, &visitor.template call<sinsp_thread>, &visitor, error.out());
		visitor.rethrow();
		if(error.status() != SINSP_SUCCESS) {
			error.raise();
		}
		return whole;
	}

	sinsp_inspector* m_inspector;
};
