// SPDX-License-Identifier: Apache-2.0
// The open files of a process.
#pragma once

#include <libsinsp/detail/ffi.h>
#include <libsinsp/fdinfo.h>

#include <cstddef>
#include <cstdint>
#include <functional>

// The files that a thread has open; good for as long as the thread is.
class sinsp_fdtable {
public:
	typedef std::function<bool(int64_t, sinsp_fdinfo&)> fdtable_visitor_t;
	typedef std::function<bool(int64_t, const sinsp_fdinfo&)> fdtable_const_visitor_t;

	explicit sinsp_fdtable(const sinsp_thread* thread): m_thread(thread) {}

	// Null if it is not known.
	sinsp_fdinfo* find(int64_t fd) const { return reinterpret_cast<sinsp_fdinfo*>(sinsp_thread_fd(m_thread, fd)); }

	// Calls `callback` for each file, in no order, until one call answers false; answers whether none did.
	bool const_loop(const fdtable_const_visitor_t& callback) const { return visit<const sinsp_fdinfo>(callback); }
	bool loop(const fdtable_visitor_t& callback) const { return visit<sinsp_fdinfo>(callback); }

	size_t size() const { return sinsp_thread_fd_count(m_thread); }

private:
	template<typename Fd, typename Callback>
	bool visit(const Callback& callback) const {
		auto with_number = [&](Fd& fd) { return callback(fd.m_fd, fd); };
		libsinsp::detail::visitor<Fd, decltype(with_number)> visitor(with_number);
		const bool whole = sinsp_thread_each_fd(m_thread, &visitor.template call<sinsp_fd>, &visitor);
		visitor.rethrow();
		return whole;
	}

	const sinsp_thread* m_thread;
};
