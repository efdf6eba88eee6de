// SPDX-License-Identifier: Apache-2.0
// The scalar members of a thread. Internal, except for the members.
#pragma once

#include <libsinsp/detail/standard.h>

#include <driver/ppm_events_public.h>
#include <libsinsp/capi.h>

#include <cstddef>
#include <cstdint>

namespace libsinsp {
namespace detail {

// Same layout as the C ABI's sinsp_thread (capi.h describes the members): append only.
struct thread_scalars {
	int64_t m_tid = -1;
	int64_t m_pid = -1;
	int64_t m_ptid = -1;
	int64_t m_reaper_tid = -1;
	int64_t m_sid = -1;
	int64_t m_vtid = -1;
	int64_t m_vpid = -1;
	int64_t m_vpgid = -1;
	int64_t m_pgid = -1;
	int64_t m_fdlimit = -1;
	uint32_t m_flags = PPM_CL_NAME_CHANGED;
	uint32_t m_uid = UINT32_MAX;
	uint32_t m_gid = UINT32_MAX;
	uint32_t m_loginuid = UINT32_MAX;
	uint32_t m_tty = 0;
	uint32_t m_vmsize_kb = 0;
	uint32_t m_vmrss_kb = 0;
	uint32_t m_vmswap_kb = 0;
	uint64_t m_pfmajor = 0;
	uint64_t m_pfminor = 0;
	uint64_t m_cap_permitted = 0;
	uint64_t m_cap_effective = 0;
	uint64_t m_cap_inheritable = 0;
	uint64_t m_exe_ino = 0;
	uint64_t m_exe_ino_ctime = 0;
	uint64_t m_exe_ino_mtime = 0;
	uint64_t m_exe_ino_ctime_duration_clone_ts = 0;
	uint64_t m_exe_ino_ctime_duration_pidns_start = 0;
	uint64_t m_pidns_init_start_ts = 0;
	uint64_t m_clone_ts = 0;
	uint64_t m_lastexec_ts = 0;
	uint64_t m_lastevent_ts = 0;
	uint64_t m_prevevent_ts = 0;
	uint64_t m_lastaccess_ts = 0;
	int64_t m_lastevent_fd = 0;
	uint64_t m_not_expired_children = 0;
	bool m_exe_writable = false;
	bool m_exe_upper_layer = false;
	bool m_exe_lower_layer = false;
	bool m_exe_from_memfd = false;
	bool m_filtered_out = false;
};

static_assert(offsetof(thread_scalars, m_tid) == offsetof(sinsp_thread, tid));
static_assert(offsetof(thread_scalars, m_pid) == offsetof(sinsp_thread, pid));
static_assert(offsetof(thread_scalars, m_ptid) == offsetof(sinsp_thread, ptid));
static_assert(offsetof(thread_scalars, m_reaper_tid) == offsetof(sinsp_thread, reaper_tid));
static_assert(offsetof(thread_scalars, m_sid) == offsetof(sinsp_thread, sid));
static_assert(offsetof(thread_scalars, m_vtid) == offsetof(sinsp_thread, vtid));
static_assert(offsetof(thread_scalars, m_vpid) == offsetof(sinsp_thread, vpid));
static_assert(offsetof(thread_scalars, m_vpgid) == offsetof(sinsp_thread, vpgid));
static_assert(offsetof(thread_scalars, m_pgid) == offsetof(sinsp_thread, pgid));
static_assert(offsetof(thread_scalars, m_fdlimit) == offsetof(sinsp_thread, fdlimit));
static_assert(offsetof(thread_scalars, m_flags) == offsetof(sinsp_thread, flags));
static_assert(offsetof(thread_scalars, m_uid) == offsetof(sinsp_thread, uid));
static_assert(offsetof(thread_scalars, m_gid) == offsetof(sinsp_thread, gid));
static_assert(offsetof(thread_scalars, m_loginuid) == offsetof(sinsp_thread, loginuid));
static_assert(offsetof(thread_scalars, m_tty) == offsetof(sinsp_thread, tty));
static_assert(offsetof(thread_scalars, m_vmsize_kb) == offsetof(sinsp_thread, vmsize_kb));
static_assert(offsetof(thread_scalars, m_vmrss_kb) == offsetof(sinsp_thread, vmrss_kb));
static_assert(offsetof(thread_scalars, m_vmswap_kb) == offsetof(sinsp_thread, vmswap_kb));
static_assert(offsetof(thread_scalars, m_pfmajor) == offsetof(sinsp_thread, pfmajor));
static_assert(offsetof(thread_scalars, m_pfminor) == offsetof(sinsp_thread, pfminor));
static_assert(offsetof(thread_scalars, m_cap_permitted) == offsetof(sinsp_thread, cap_permitted));
static_assert(offsetof(thread_scalars, m_cap_effective) == offsetof(sinsp_thread, cap_effective));
static_assert(offsetof(thread_scalars, m_cap_inheritable) == offsetof(sinsp_thread, cap_inheritable));
static_assert(offsetof(thread_scalars, m_exe_ino) == offsetof(sinsp_thread, exe_ino));
static_assert(offsetof(thread_scalars, m_exe_ino_ctime) == offsetof(sinsp_thread, exe_ino_ctime));
static_assert(offsetof(thread_scalars, m_exe_ino_mtime) == offsetof(sinsp_thread, exe_ino_mtime));
static_assert(offsetof(thread_scalars, m_exe_ino_ctime_duration_clone_ts) == offsetof(sinsp_thread, exe_ino_ctime_duration_clone_ts));
static_assert(offsetof(thread_scalars, m_exe_ino_ctime_duration_pidns_start) == offsetof(sinsp_thread, exe_ino_ctime_duration_pidns_start));
static_assert(offsetof(thread_scalars, m_pidns_init_start_ts) == offsetof(sinsp_thread, pidns_init_start_ts));
static_assert(offsetof(thread_scalars, m_clone_ts) == offsetof(sinsp_thread, clone_ts));
static_assert(offsetof(thread_scalars, m_lastexec_ts) == offsetof(sinsp_thread, lastexec_ts));
static_assert(offsetof(thread_scalars, m_lastevent_ts) == offsetof(sinsp_thread, lastevent_ts));
static_assert(offsetof(thread_scalars, m_prevevent_ts) == offsetof(sinsp_thread, prevevent_ts));
static_assert(offsetof(thread_scalars, m_lastaccess_ts) == offsetof(sinsp_thread, lastaccess_ts));
static_assert(offsetof(thread_scalars, m_lastevent_fd) == offsetof(sinsp_thread, lastevent_fd));
static_assert(offsetof(thread_scalars, m_not_expired_children) == offsetof(sinsp_thread, not_expired_children));
static_assert(offsetof(thread_scalars, m_exe_writable) == offsetof(sinsp_thread, exe_writable));
static_assert(offsetof(thread_scalars, m_exe_upper_layer) == offsetof(sinsp_thread, exe_upper_layer));
static_assert(offsetof(thread_scalars, m_exe_lower_layer) == offsetof(sinsp_thread, exe_lower_layer));
static_assert(offsetof(thread_scalars, m_exe_from_memfd) == offsetof(sinsp_thread, exe_from_memfd));
static_assert(offsetof(thread_scalars, m_filtered_out) == offsetof(sinsp_thread, filtered_out));
static_assert(sizeof(thread_scalars) == sizeof(sinsp_thread));

}  // namespace detail
}  // namespace libsinsp
