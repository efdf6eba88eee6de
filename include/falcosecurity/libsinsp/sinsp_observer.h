// SPDX-License-Identifier: Apache-2.0
// What a program is told of while an inspector goes through its events.
#pragma once

#include <libsinsp/sinsp_public.h>

#include <cstdint>
#include <string>

class sinsp_evt;
class sinsp_fdinfo;
class sinsp_threadinfo;

// A file that goes.
struct erase_fd_params {
	bool m_remove_from_table;     // it leaves the table because of this, with the next event
	int64_t m_fd;                 // its number
	sinsp_threadinfo* m_tinfo;    // the thread that has it in its table
	sinsp_fdinfo* m_fdinfo;       // null if it is not known any more
};

// Set with sinsp::set_observer(). Its functions are called from within sinsp::next() (and while a capture is opened), by the thread
// that calls it. They may read the inspector, run filters and formatters, and change its tables; sinsp::next(), open_*() and close() they
// must not call, which throws. What they throw comes out of sinsp::next(), which goes on behind the event when it is called again.
//
// on_error() sees the state before the event, on_erase_fd() the file that goes; all others see the state after it.
class SINSP_PUBLIC sinsp_observer {
public:
	virtual ~sinsp_observer() = default;

	// Data came in or went out: `len` bytes at `data` were captured of `original_len`.
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
	// `len` bytes of the file `fdin` were sent.
	virtual void on_sendfile(sinsp_evt* evt, int64_t fdin, uint32_t len) = 0;
	// `packed_data` is the tuple (or the address) as the event has it, read only.
	virtual void on_connect(sinsp_evt* evt, uint8_t* packed_data) = 0;
	virtual void on_accept(sinsp_evt* evt, int64_t newfd, uint8_t* packed_data, sinsp_fdinfo* new_fdinfo) = 0;
	// Also of a call that failed.
	virtual void on_file_open(sinsp_evt* evt, const std::string& fullpath, uint32_t flags) = 0;
	// The call failed, on a file that is known.
	virtual void on_error(sinsp_evt* evt) = 0;
	virtual void on_erase_fd(erase_fd_params* params) = 0;
	virtual void on_socket_shutdown(sinsp_evt* evt) = 0;
	virtual void on_execve(sinsp_evt* evt) = 0;
	// `tid_collision` is the number of an older thread that the new one took the place of; -1 if there was none.
	virtual void on_clone(sinsp_evt* evt, sinsp_threadinfo* newtinfo, int64_t tid_collision) = 0;
	virtual void on_bind(sinsp_evt* evt) = 0;
	virtual void on_socket_status_changed(sinsp_evt* evt) = 0;
};
