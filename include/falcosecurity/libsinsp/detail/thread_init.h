// SPDX-License-Identifier: Apache-2.0
// What a thread takes from libscap's description of it. Internal.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libscap/scap.h>

#include <cstdint>
#include <string>

namespace libsinsp {
namespace detail {

// Sets the data of a new thread; `can_load_env_from_proc` as in set_env(). A template: threadinfo.h, which calls it, has the type.
template<typename Thread>
void describe_thread(Thread& to, const scap_threadinfo& from, bool can_load_env_from_proc) {
	const auto number = [](uint64_t value) { return static_cast<int64_t>(value); };
	to.m_tid = number(from.tid);
	to.m_pid = number(from.pid);
	to.m_ptid = number(from.ptid);
	to.m_sid = number(from.sid);
	to.m_vtid = from.vtid;
	to.m_vpid = from.vpid;
	to.m_vpgid = number(from.vpgid);
	to.m_pgid = number(from.pgid);
	to.m_comm = from.comm;
	to.m_exe = from.exe;
	to.set_exepath(std::string(from.exepath));
	to.m_exe_writable = from.exe_writable;
	to.m_exe_upper_layer = from.exe_upper_layer;
	to.m_exe_lower_layer = from.exe_lower_layer;
	to.m_exe_from_memfd = from.exe_from_memfd;
	to.set_args(from.args, from.args_len);
	// The flags are not set yet, so that this compares tid and pid alone.
	if(to.is_main_thread()) {
		to.set_env(from.env, from.env_len, can_load_env_from_proc);
		to.update_cwd(from.cwd);
	}
	to.m_flags |= from.flags | PPM_CL_ACTIVE;
	to.m_fdlimit = from.fdlimit;
	to.m_cap_permitted = from.cap_permitted;
	to.m_cap_effective = from.cap_effective;
	to.m_cap_inheritable = from.cap_inheritable;
	to.m_exe_ino = from.exe_ino;
	to.m_exe_ino_ctime = from.exe_ino_ctime;
	to.m_exe_ino_mtime = from.exe_ino_mtime;
	to.m_exe_ino_ctime_duration_clone_ts = from.exe_ino_ctime_duration_clone_ts;
	to.m_exe_ino_ctime_duration_pidns_start = from.exe_ino_ctime_duration_pidns_start;
	to.m_vmsize_kb = from.vmsize_kb;
	to.m_vmrss_kb = from.vmrss_kb;
	to.m_vmswap_kb = from.vmswap_kb;
	to.m_pfmajor = from.pfmajor;
	to.m_pfminor = from.pfminor;
	to.m_pidns_init_start_ts = from.pidns_init_start_ts;
	to.m_clone_ts = from.clone_ts;
	to.m_tty = from.tty;
	to.set_cgroups(from.cgroups.path, from.cgroups.len);
	to.m_root = from.root;
	to.m_uid = from.uid;
	to.m_gid = from.gid;
	to.m_loginuid = from.loginuid;
}

}  // namespace detail
}  // namespace libsinsp
