// SPDX-License-Identifier: Apache-2.0
// Events and their parameters.
#pragma once

#include <libsinsp/detail/standard.h>

#include <driver/ppm_events_public.h>
#include <libsinsp/detail/event_class.h>
#include <libsinsp/detail/ffi.h>
#include <libsinsp/detail/inspector.h>
#include <libsinsp/detail/param_values.h>
#include <libsinsp/sinsp_event_source.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

inline void sinsp_evt::get_category(category* cat) const {
	constexpr uint32_t files = 1u << SCAP_FD_FILE | 1u << SCAP_FD_FILE_V2 | 1u << SCAP_FD_DIRECTORY;
	constexpr uint32_t net = 1u << SCAP_FD_IPV4_SOCK | 1u << SCAP_FD_IPV6_SOCK | 1u << SCAP_FD_IPV4_SERVSOCK | 1u << SCAP_FD_IPV6_SERVSOCK;
	constexpr uint32_t ipc = 1u << SCAP_FD_FIFO | 1u << SCAP_FD_UNIX_SOCK | 1u << SCAP_FD_EVENT | 1u << SCAP_FD_SIGNALFD |
	                         1u << SCAP_FD_INOTIFY | 1u << SCAP_FD_USERFAULTFD;
	cat->m_category = get_category();
	const auto* file = get_fd_info();
	const uint32_t type = file == nullptr || file->m_type < 0 || file->m_type > 31 ? 0 : 1u << file->m_type;
	cat->m_subcategory = (cat->m_category & EC_IO_BASE) == 0 ? SC_NONE
	                     : type == 0                         ? SC_UNKNOWN
	                     : (type & files) != 0               ? SC_FILE
	                     : (type & net) != 0                 ? SC_NET
	                     : (type & ipc) != 0                 ? SC_IPC
	                                                         : SC_OTHER;
}
inline bool sinsp_evt::is_file_open_error() const {
	const auto code = get_type();
	return get_fd_info() == nullptr && (code == PPME_SYSCALL_OPEN_X || code == PPME_SYSCALL_CREAT_X || code == PPME_SYSCALL_OPENAT_2_X ||
	                                    code == PPME_SYSCALL_OPENAT2_X || code == PPME_SYSCALL_OPEN_BY_HANDLE_AT_X);
}
inline bool sinsp_evt::is_file_error() const {
	const auto* file = get_fd_info();
	return file == nullptr ? is_file_open_error() : file->m_type == SCAP_FD_FILE || file->m_type == SCAP_FD_FILE_V2;
}
inline bool sinsp_evt::is_network_error() const {
	const auto* file = get_fd_info();
	const auto code = get_type();
	return file == nullptr ? code == PPME_SOCKET_ACCEPT_5_X || code == PPME_SOCKET_ACCEPT4_6_X || code == PPME_SOCKET_CONNECT_X ||
	                                 code == PPME_SOCKET_BIND_X
	                       : file->m_type == SCAP_FD_IPV4_SOCK || file->m_type == SCAP_FD_IPV6_SOCK;
}

inline sinsp_threadinfo* sinsp_evt::get_thread_info() {
	auto* thread = get_tinfo();
	auto* link = libsinsp::detail::link_of(m_inspector);
	if(thread != nullptr || link == nullptr || m_event.bytes == nullptr) {
		return thread;
	}
	return link->thread(sinsp_inspector_thread(link->inspector, get_tid()));
}

inline size_t sinsp_evt::get_source_idx() const {
	if(m_has_source) {
		return m_source_idx;
	}
	const auto* event = get_scap_evt();
	if(get_type() != PPME_PLUGINEVENT_E && get_type() != PPME_ASYNCEVENT_E) {
		return 0;
	}
	uint32_t plugin = 0;
	if(event->nparams > 0) {
		std::memcpy(&plugin, reinterpret_cast<const char*>(event + 1) + event->nparams * sizeof(uint32_t), sizeof(plugin));
	}
	return libsinsp::detail::source_of_plugin(m_inspector, plugin);
}

inline const char* sinsp_evt::get_source_name() const {
	if(m_has_source) {
		return m_source_name;
	}
	const size_t index = get_source_idx();
	return index == sinsp_no_event_source_idx ? sinsp_no_event_source_name : libsinsp::detail::name_of_source(m_inspector, index);
}
