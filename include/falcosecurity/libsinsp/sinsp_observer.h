// SPDX-License-Identifier: Apache-2.0
// The interface through which an inspector reports changes of the state to a program.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/detail/erased_fd.h>
#include <libsinsp/sinsp_public.h>

#include <cstdint>
#include <string>

class sinsp_evt;
class sinsp_fdinfo;
class sinsp_threadinfo;

// Set with sinsp::set_observer(). sinsp::next() and the open functions call it on their thread. It may read the inspector, run filters and
// formatters and change tables. It must not call next(), open_*() or close(), which throw. Its exceptions come out of sinsp::next(), whose next
// call continues after that event.
//
// on_error() is called before the state changes, on_erase_fd() while the fd is in the table, all others after the state has changed.
class SINSP_PUBLIC sinsp_observer {
public:
	virtual ~sinsp_observer() = default;

	// A system call read or wrote `original_len` bytes, of which `len` bytes at `data` were captured.
	virtual void on_read(sinsp_evt* evt,
	                     int64_t tid,
	                     int64_t fd,
	                     sinsp_fdinfo* fdinfo,
	                     const char* data,
	                     uint32_t original_len,
	                     uint32_t len) = 0;
	virtual void on_write(sinsp_evt* evt,
	                      int64_t tid,
	                      int64_t fd,
	                      sinsp_fdinfo* fdinfo,
	                      const char* data,
	                      uint32_t original_len,
	                      uint32_t len) = 0;
	// A system call sent `len` bytes of the fd `fdin`.
	virtual void on_sendfile(sinsp_evt* evt, int64_t fdin, uint32_t len) = 0;
	// `packed_data`: the tuple (or address) as in the event. Read only.
	virtual void on_connect(sinsp_evt* evt, uint8_t* packed_data) = 0;
	virtual void on_accept(sinsp_evt* evt, int64_t newfd, uint8_t* packed_data, sinsp_fdinfo* new_fdinfo) = 0;
	// Also called for an open that failed.
	virtual void on_file_open(sinsp_evt* evt, const std::string& fullpath, uint32_t flags) = 0;
	// A system call on a known fd failed.
	virtual void on_error(sinsp_evt* evt) = 0;
	virtual void on_erase_fd(erase_fd_params* params) = 0;
	virtual void on_socket_shutdown(sinsp_evt* evt) = 0;
	virtual void on_execve(sinsp_evt* evt) = 0;
	// `tid_collision`: the tid of an older thread that the new one replaced; -1 if there was none.
	virtual void on_clone(sinsp_evt* evt, sinsp_threadinfo* newtinfo, int64_t tid_collision) = 0;
	virtual void on_bind(sinsp_evt* evt) = 0;
	virtual void on_socket_status_changed(sinsp_evt* evt) = 0;
};
