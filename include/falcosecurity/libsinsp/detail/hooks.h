// SPDX-License-Identifier: Apache-2.0
// A program's observer and event processor as C callbacks. Internal.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libsinsp/capi.h>
#include <libsinsp/event.h>
#include <libsinsp/sinsp_external_processor.h>
#include <libsinsp/sinsp_observer.h>

#include <cstdint>
#include <exception>
#include <string>
#include <utility>

namespace libsinsp {
namespace detail {

// `Threads`: threadinfo_map_t. The first exception of a callback is stored until rethrow().
template<typename Threads>
class hooks {
public:
	// Writes the event of the C ABI to the inspector's sinsp_evt and returns it.
	using show_t = sinsp_evt* (*)(void* inspector, sinsp_event* event);

	hooks(void* inspector, show_t show): m_inspector(inspector), m_show(show) {}
	hooks(const hooks&) = delete;
	hooks& operator=(const hooks&) = delete;

	void set_threads(Threads* threads) { m_threads = threads; }
	sinsp_observer* observer() const { return m_observer; }
	event_processor* processor() const { return m_processor; }

	void set_observer(sinsp_inspector* handle, sinsp_observer* observer) {
		const sinsp_observer_functions functions = {sizeof(functions), this, observe};
		error failure;
		failure.check(
		        sinsp_inspector_set_observer(handle, observer != nullptr ? &functions : nullptr, failure.out()));
		m_observer = observer;
	}

	void set_processor(sinsp_inspector* handle, event_processor* processor) {
		const sinsp_event_processor_functions functions = {sizeof(functions), this, process, start};
		error failure;
		failure.check(sinsp_inspector_set_event_processor(handle, &functions, failure.out()));
		m_processor = processor;
	}

	bool has_thrown() const noexcept { return m_thrown != nullptr; }

	// Rethrows the stored exception.
	void rethrow() {
		if(m_thrown) {
			std::rethrow_exception(std::exchange(m_thrown, nullptr));
		}
	}

private:
	template<typename Function>
	int32_t guard(const Function& function) noexcept {
		try {
			function();
			return 0;
		} catch(...) {
			m_thrown = std::current_exception();
			return 1;
		}
	}

	static int32_t start(void* context) {
		auto& self = *static_cast<hooks*>(context);
		return self.guard([&] { self.m_processor->on_capture_start(); });
	}

	static int32_t process(void* context, sinsp_event* event, uint32_t outcome) {
		auto& self = *static_cast<hooks*>(context);
		return self.guard([&] {
			self.m_processor->process_event(event != nullptr ? self.m_show(self.m_inspector, event) : nullptr,
			                                static_cast<event_return>(outcome));
		});
	}

	static int32_t observe(void* context, sinsp_event* event, const sinsp_notice* notice) {
		auto& self = *static_cast<hooks*>(context);
		return self.guard([&] { self.notify(self.m_show(self.m_inspector, event), *notice); });
	}

	void notify(sinsp_evt* evt, const sinsp_notice& notice) {
		auto& to = *m_observer;
		auto* bytes = reinterpret_cast<uint8_t*>(const_cast<char*>(notice.data.data));
		const auto number = static_cast<uint32_t>(notice.number);
		const auto captured = static_cast<uint32_t>(notice.data.len);
		switch(notice.kind) {
		case SINSP_NOTICE_ERROR:
			return to.on_error(evt);
		case SINSP_NOTICE_ERASE_FD: {
			auto* thread = m_threads->get(notice.tid);
			erase_fd_params params = {};
			params.m_remove_from_table = notice.removes;
			params.m_fd = notice.fd;
			params.m_tinfo = thread;
			params.m_fdinfo = thread != nullptr ? thread->get_fd(notice.fd) : nullptr;
			return to.on_erase_fd(&params);
		}
		case SINSP_NOTICE_FILE_OPEN:
			return to.on_file_open(evt, text(notice.data), notice.flags);
		case SINSP_NOTICE_CONNECT:
			return to.on_connect(evt, bytes);
		case SINSP_NOTICE_ACCEPT:
			return to.on_accept(evt, notice.fd, bytes, evt->get_fd_info());
		case SINSP_NOTICE_BIND:
			return to.on_bind(evt);
		case SINSP_NOTICE_READ:
			return to.on_read(evt, evt->get_tid(), notice.fd, evt->get_fd_info(), notice.data.data, number, captured);
		case SINSP_NOTICE_WRITE:
			return to.on_write(evt, evt->get_tid(), notice.fd, evt->get_fd_info(), notice.data.data, number, captured);
		case SINSP_NOTICE_SENDFILE:
			return to.on_sendfile(evt, notice.fd, number);
		case SINSP_NOTICE_SHUTDOWN:
			return to.on_socket_shutdown(evt);
		case SINSP_NOTICE_SOCKET_STATUS:
			return to.on_socket_status_changed(evt);
		case SINSP_NOTICE_EXEC:
			return to.on_execve(evt);
		case SINSP_NOTICE_CLONE:
			return to.on_clone(evt, m_threads->get(notice.tid), notice.number);
		default:
			return;
		}
	}

	void* m_inspector;
	show_t m_show;
	Threads* m_threads = nullptr;
	sinsp_observer* m_observer = nullptr;
	event_processor* m_processor = nullptr;
	std::exception_ptr m_thrown;
};

}  // namespace detail
}  // namespace libsinsp
