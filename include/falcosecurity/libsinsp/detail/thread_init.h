// SPDX-License-Identifier: Apache-2.0
// The init functions of a thread. Included by threadinfo.h.
#pragma once

#include <libsinsp/threadinfo.h>

inline void sinsp_threadinfo::init() {
	const auto tid = m_tid;
	static_cast<libsinsp::detail::thread_scalars&>(*this) = {};
	m_tid = tid;
	m_parent_loop_detected = false;
}

inline void sinsp_threadinfo::init(const scap_threadinfo& pinfo, bool can_load_env_from_proc) {
	init();
	const auto number = [](uint64_t from) { return static_cast<int64_t>(from); };
	m_tid = number(pinfo.tid);
	m_pid = number(pinfo.pid);
	m_ptid = number(pinfo.ptid);
	m_sid = number(pinfo.sid);
	m_vtid = pinfo.vtid;
	m_vpid = pinfo.vpid;
	m_vpgid = number(pinfo.vpgid);
	m_pgid = number(pinfo.pgid);
	m_comm = pinfo.comm;
	m_exe = pinfo.exe;
	set_exepath(std::string(pinfo.exepath));
	m_exe_writable = pinfo.exe_writable;
	m_exe_upper_layer = pinfo.exe_upper_layer;
	m_exe_lower_layer = pinfo.exe_lower_layer;
	m_exe_from_memfd = pinfo.exe_from_memfd;
	set_args(pinfo.args, pinfo.args_len);
	// The flags are not set yet, so that this compares tid and pid alone.
	if(is_main_thread()) {
		set_env(pinfo.env, pinfo.env_len, can_load_env_from_proc);
		update_cwd(pinfo.cwd);
	}
	m_flags |= pinfo.flags | PPM_CL_ACTIVE;
	m_fdtable.clear();
	m_fdtable.set_tid(m_tid);
	m_fdlimit = pinfo.fdlimit;
	m_cap_permitted = pinfo.cap_permitted;
	m_cap_effective = pinfo.cap_effective;
	m_cap_inheritable = pinfo.cap_inheritable;
	m_exe_ino = pinfo.exe_ino;
	m_exe_ino_ctime = pinfo.exe_ino_ctime;
	m_exe_ino_mtime = pinfo.exe_ino_mtime;
	m_exe_ino_ctime_duration_clone_ts = pinfo.exe_ino_ctime_duration_clone_ts;
	m_exe_ino_ctime_duration_pidns_start = pinfo.exe_ino_ctime_duration_pidns_start;
	m_vmsize_kb = pinfo.vmsize_kb;
	m_vmrss_kb = pinfo.vmrss_kb;
	m_vmswap_kb = pinfo.vmswap_kb;
	m_pfmajor = pinfo.pfmajor;
	m_pfminor = pinfo.pfminor;
	m_pidns_init_start_ts = pinfo.pidns_init_start_ts;
	m_clone_ts = pinfo.clone_ts;
	m_tty = pinfo.tty;
	set_cgroups(pinfo.cgroups.path, pinfo.cgroups.len);
	m_root = pinfo.root;
	m_uid = pinfo.uid;
	m_gid = pinfo.gid;
	m_loginuid = pinfo.loginuid;
}

inline void sinsp_threadinfo::set_env(const char* env, size_t len, bool can_load_from_proc) {
	sinsp_str wire = {env, len};
	auto* inspector = m_params == nullptr || m_params->link == nullptr ? nullptr : m_params->link->inspector;
	if(can_load_from_proc && len == SCAP_MAX_ENV_SIZE && inspector != nullptr) {
		if(const auto all = sinsp_inspector_environment(inspector, m_pid); all.len != 0) {
			wire = all;
		}
	}
	m_env = libsinsp::detail::texts(wire);
}
