// SPDX-License-Identifier: Apache-2.0
// What the file of an event says about the event. The end of libsinsp/event.h, which includes it.
#pragma once

#include <libsinsp/event.h>

inline void sinsp_evt::get_category(category* cat) const {
	cat->m_category = get_category();
	const auto* file = get_fd_info();
	if((cat->m_category & EC_IO_BASE) == 0) {
		cat->m_subcategory = SC_NONE;
	} else if(file == nullptr) {
		cat->m_subcategory = SC_UNKNOWN;
	} else {
		switch(file->m_type) {
		case SCAP_FD_FILE:
		case SCAP_FD_FILE_V2:
		case SCAP_FD_DIRECTORY: cat->m_subcategory = SC_FILE; break;
		case SCAP_FD_IPV4_SOCK:
		case SCAP_FD_IPV6_SOCK:
		case SCAP_FD_IPV4_SERVSOCK:
		case SCAP_FD_IPV6_SERVSOCK: cat->m_subcategory = SC_NET; break;
		case SCAP_FD_FIFO:
		case SCAP_FD_UNIX_SOCK:
		case SCAP_FD_EVENT:
		case SCAP_FD_SIGNALFD:
		case SCAP_FD_INOTIFY:
		case SCAP_FD_USERFAULTFD: cat->m_subcategory = SC_IPC; break;
		case SCAP_FD_UNINITIALIZED: cat->m_subcategory = SC_UNKNOWN; break;
		default: cat->m_subcategory = SC_OTHER;
		}
	}
}

inline bool sinsp_evt::is_file_open_error() const {
	const auto code = get_type();
	const bool opens = code == PPME_SYSCALL_OPEN_X || code == PPME_SYSCALL_CREAT_X || code == PPME_SYSCALL_OPENAT_2_X ||
	                   code == PPME_SYSCALL_OPENAT2_X || code == PPME_SYSCALL_OPEN_BY_HANDLE_AT_X;
	return opens && get_fd_info() == nullptr;
}
inline bool sinsp_evt::is_file_error() const {
	const auto* file = get_fd_info();
	return file == nullptr ? is_file_open_error() : file->m_type == SCAP_FD_FILE || file->m_type == SCAP_FD_FILE_V2;
}
inline bool sinsp_evt::is_network_error() const {
	const auto code = get_type();
	const auto* file = get_fd_info();
	return file == nullptr ? code == PPME_SOCKET_ACCEPT_5_X || code == PPME_SOCKET_ACCEPT4_6_X || code == PPME_SOCKET_CONNECT_X ||
	                                 code == PPME_SOCKET_BIND_X
	                       : file->m_type == SCAP_FD_IPV4_SOCK || file->m_type == SCAP_FD_IPV6_SOCK;
}
