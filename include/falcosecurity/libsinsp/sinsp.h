// SPDX-License-Identifier: Apache-2.0
// The inspector: what captures, keeps what is known of the system, and hands out events.
#pragma once

#include <libscap/linux/scap_linux_platform.h>
#include <libscap/scap.h>
#include <libscap/scap_engines.h>
#include <libscap/scap_platform_api.h>
#include <libsinsp/capture_stats_source.h>
#include <libsinsp/detail/ffi.h>
#include <libsinsp/detail/inspector.h>
#include <libsinsp/dumper.h>
#include <libsinsp/event.h>
#include <libsinsp/eventformatter.h>
#include <libsinsp/events/sinsp_events.h>
#include <libsinsp/fdinfo.h>
#include <libsinsp/filter.h>
#include <libsinsp/filter/ast.h>
#include <libsinsp/filter/parser.h>
#include <libsinsp/filter/ppm_codes.h>
#include <libsinsp/ifinfo.h>
#include <libsinsp/logger.h>
#include <libsinsp/plugin.h>
#include <libsinsp/scap_open_exception.h>
#include <libsinsp/settings.h>
#include <libsinsp/sinsp_event_source.h>
#include <libsinsp/sinsp_exception.h>
#include <libsinsp/sinsp_mode.h>
#include <libsinsp/sinsp_public.h>
#include <libsinsp/sinsp_suppress.h>
#include <libsinsp/state/table_registry.h>
#include <libsinsp/thread_manager.h>
#include <libsinsp/threadinfo.h>
#include <libsinsp/tuples.h>
#include <libsinsp/utils.h>
#include <libsinsp/version.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#define ONE_SECOND_IN_NS 1000000000LL

#if !defined(LIBSINSP_USER_AGENT)
#define LIBSINSP_USER_AGENT "falcosecurity-libs"
#endif

// How an event is shown if nobody says otherwise.
#define DEFAULT_OUTPUT_STR "*%evt.num %evt.time %evt.cpu %proc.name (%thread.tid) %evt.type %evt.args"

class sinsp_usergroup_manager;

namespace libsinsp {
namespace detail {

// Defined in user.h.
std::shared_ptr<sinsp_usergroup_manager> usergroups_of(sinsp_inspector* inspector);

}  // namespace detail
}  // namespace libsinsp

// What an inspector finds out about the system when a plugin makes its events.
enum class sinsp_plugin_platform {
	SINSP_PLATFORM_GENERIC,   // nothing
	SINSP_PLATFORM_HOSTINFO,  // the machine
	SINSP_PLATFORM_FULL,      // the machine, its threads and files
};

// An inspector. It and all that belongs to it (events, threads, files, filters, formatters) is used by one thread of the program
// at a time. What it hands out is borrowed until the next event, and at most until it is closed.
class SINSP_PUBLIC sinsp : public capture_stats_source {
public:
	explicit sinsp(bool with_metrics = false): m_handle(made(with_metrics)) {
		m_table_registry->add_table(
		        std::make_unique<libsinsp::state::table_input_adapter>(sinsp_inspector_thread_table(m_handle.get())));
	}
	sinsp(const sinsp&) = delete;
	sinsp& operator=(const sinsp&) = delete;
	~sinsp() override = default;

	// Opening an engine. All throw a scap_open_exception if the engine cannot be opened.

	// Captures with the BPF probe; no system calls of interest: all of them.
	virtual void open_modern_bpf(unsigned long driver_buffer_bytes_dim = DEFAULT_DRIVER_BUFFER_BYTES_DIM,
	                             uint16_t cpus_for_each_buffer = DEFAULT_CPU_FOR_EACH_BUFFER,
	                             bool online_only = true,
	                             const libsinsp::events::set<ppm_sc_code>& ppm_sc_of_interest = {},
	                             bool disable_iterators = false) {
		sinsp_modern_bpf_params params = {};
		params.buffer_bytes = driver_buffer_bytes_dim;
		params.cpus_per_buffer = cpus_for_each_buffer;
		params.online_only = online_only;
		params.no_iterators = disable_iterators;
		if(!ppm_sc_of_interest.empty()) {
			params.scs = ppm_sc_of_interest.data();
			params.scs_len = PPM_SC_MAX;
		}
		open(SINSP_MODE_LIVE, [&](sinsp_error** error) {
			return sinsp_inspector_open_modern_bpf(m_handle.get(), &params, error);
		});
	}

	// Captures with the kernel module.
	virtual void open_kmod(unsigned long = DEFAULT_DRIVER_BUFFER_BYTES_DIM,
	                       const libsinsp::events::set<ppm_sc_code>& = {}) {
		throw scap_open_exception("KMOD engine is not supported in this build", SCAP_NOT_SUPPORTED);
	}

	// Reads what the system looks like, without events. Without `full_proc_scan` what takes long is left out.
	virtual void open_nodriver(bool full_proc_scan = false) {
		open(SINSP_MODE_NODRIVER, [&](sinsp_error** error) {
			return sinsp_inspector_open_nodriver(m_handle.get(), full_proc_scan, error);
		});
	}

	// Reads a capture file; by its file descriptor if that is not 0.
	virtual void open_savefile(const std::string& filename, int fd = 0) {
		open(SINSP_MODE_CAPTURE, [&](sinsp_error** error) {
			return sinsp_inspector_open_savefile(m_handle.get(), libsinsp::detail::str(filename), fd, error);
		});
	}

	// Takes the events of a plugin.
	virtual void open_plugin(const std::string& plugin_name, const std::string&, sinsp_plugin_platform) {
		throw scap_open_exception("plugin " + plugin_name + " does not exist", SCAP_NOT_SUPPORTED);
	}

	// Ends the capture. What is known of the system stays until the inspector is opened again.
	void close() {
		act(sinsp_inspector_close);
		m_mode = SINSP_MODE_NONE;
	}

	// Lets events through.
	void start_capture() { act(sinsp_inspector_start); }
	// Holds events back.
	void stop_capture() { act(sinsp_inspector_stop); }

	// Goes to the next event. Answers SCAP_SUCCESS with the event in `*evt`; SCAP_TIMEOUT or SCAP_FILTERED_EVENT, after which one
	// tries again; SCAP_EOF; or another code, for which getlasterr() has the reason.
	virtual int32_t next(sinsp_evt** evt) {
		libsinsp::detail::error error;
		const sinsp_status status = sinsp_inspector_next(m_handle.get(), m_evt.next_event(), error.out());
		sinsp_logger::rethrow();
		if(status == SINSP_SUCCESS) {
			*evt = &m_evt;
			m_num_events = m_evt.get_num();
		} else {
			*evt = nullptr;
			if(error.status() != SINSP_SUCCESS) {
				m_lasterr = error.message();
			}
		}
		return status;
	}

	std::string getlasterr() const { return m_lasterr; }

	// The number of the last event that next() handed out.
	uint64_t get_num_events() const { return m_num_events; }

	// Lets only the events through for which a filter holds. A filter can be set once. Throws if the text is no filter.
	void set_filter(const std::string& filter) {
		sinsp_filter_compiler compiler(this, filter);
		set_filter(compiler.compile(), filter);
		m_filter_ast = compiler.get_filter_ast();
	}

	void set_filter(std::unique_ptr<sinsp_filter> filter, const std::string& filterstring = "") {
		if(m_filter != nullptr) {
			throw sinsp_exception("filter can only be set once");
		}
		libsinsp::detail::error error;
		error.check(sinsp_inspector_set_filter(m_handle.get(), filter ? filter->m_program.get() : nullptr, error.out()));
		m_filter = std::move(filter);
		m_filterstring = filterstring;
	}

	// The text of the filter that was set.
	std::string get_filter() const { return m_filterstring; }
	// The tree of the text that was set as the filter; null if none was.
	const std::shared_ptr<libsinsp::filter::ast::expr>& get_filter_ast() { return m_filter_ast; }

	// Lets the events of a system call through, or not, while the inspector is open.
	void mark_ppm_sc_of_interest(ppm_sc_code ppm_sc, bool enabled = true) {
		libsinsp::detail::error error;
		error.check(sinsp_inspector_set_interesting(m_handle.get(), static_cast<uint16_t>(ppm_sc), enabled, error.out()));
	}

	// Whether the users and groups of the machine are taken in; takes effect at the next open.
	void set_import_users(bool import_users);
	// Throws for true: addresses and ports are shown as numbers.
	void set_hostname_and_port_resolution_mode(bool enable) { set_option(SINSP_OPTION_RESOLVE_NAMES, enable); }
	// Whether a live capture shows the events of its own process.
	void set_debug_mode(bool enable) { set_option(SINSP_OPTION_OWN_EVENTS, enable); }
	// How data buffers are shown.
	void set_buffer_format(sinsp_evt::param_fmt format) {
		set_option(SINSP_OPTION_BUFFER_FORMAT, format);
		m_buffer_format = format;
	}
	sinsp_evt::param_fmt get_buffer_format() const { return m_buffer_format; }
	// How many characters of a data buffer are shown at most; 0: all.
	void set_max_evt_output_len(uint32_t len) { set_option(SINSP_OPTION_BUFFER_TEXT, len); }

	// How live engines capture: what is set before one is opened holds for it too. Throws if the engine that is open cannot do it.

	// How many bytes of a data buffer are captured.
	void set_snaplen(uint32_t snaplen) { set_option(SINSP_OPTION_SNAPLEN, snaplen); }
	// Whether calls that fail are not captured.
	void set_dropfailed(bool dropfailed) { set_option(SINSP_OPTION_DROP_FAILED, dropfailed); }
	// The ports whose traffic is captured whole.
	void set_fullcapture_port_range(uint16_t range_start, uint16_t range_end) {
		set_option(SINSP_OPTION_FULL_CAPTURE_PORTS, uint64_t{range_start} << 16 | range_end);
	}
	void set_statsd_port(uint16_t port) { set_option(SINSP_OPTION_STATSD_PORT, port); }
	// Captures one part of so many of every second.
	void start_dropping_mode(uint32_t sampling_ratio) { set_option(SINSP_OPTION_DROPPING, sampling_ratio); }
	void stop_dropping_mode() { set_option(SINSP_OPTION_DROPPING, 0); }
	// Whether the snaplen depends on what a data buffer looks like. Answers a SCAP_* code.
	virtual int dynamic_snaplen(bool enable) {
		libsinsp::detail::error error;
		const sinsp_status status =
		        sinsp_inspector_set_option(m_handle.get(), SINSP_OPTION_DYNAMIC_SNAPLEN, enable, error.out());
		if(status != SINSP_SUCCESS) {
			m_lasterr = error.message();
		}
		return status;
	}

	// The logger of the process, by other names. A null callback removes the one that was set.
	void set_log_callback(sinsp_logger_callback callback) { libsinsp_logger()->add_callback_log(callback); }
	void set_log_file(const std::string& filename) { libsinsp_logger()->add_file_log(filename); }
	void set_log_stderr() { libsinsp_logger()->add_stderr_log(); }
	void set_min_log_severity(sinsp_logger::severity sev) { libsinsp_logger()->set_severity(sev); }

	// Where the root directory of the host is mounted, which at first is what the environment variable HOST_ROOT says: users and groups are
	// looked for there, and what is opened next.
	void set_host_root(const std::string& path) {
		libsinsp::detail::error error;
		error.check(sinsp_inspector_set_host_root(m_handle.get(), libsinsp::detail::str(path), error.out()));
		m_host_root = path;
	}
	const std::string& get_host_root() const { return m_host_root; }

	bool is_capture() const { return m_mode.is_capture(); }
	bool is_offline() const { return m_mode.is_offline(); }
	bool is_live() const { return m_mode.is_live(); }
	bool is_nodriver() const { return m_mode.is_nodriver(); }
	bool is_plugin() const { return m_mode.is_plugin(); }

	// Whether the engine of that name is open.
	bool check_current_engine(const std::string& engine_name) const {
		return libsinsp::detail::view(sinsp_inspector_engine(m_handle.get())) == engine_name;
	}

	// The system of what is open, for the functions of scap_platform_api.h; null if nothing is open. It is a scap_linux_platform while the
	// running system is inspected. Its scans go into the state of the inspector, whose it is and as long as which it lives; from close()
	// or the next open on it knows nothing until it is asked for anew.
	scap_platform* get_scap_platform() { return sinsp_inspector_platform(m_handle.get()); }
	const scap_platform* get_scap_platform() const { return sinsp_inspector_platform(m_handle.get()); }

	// The addresses of the machine, as what is open knows them, or knew them last.
	sinsp_network_interfaces& get_ifaddr_list() {
		m_network_interfaces.import_interfaces(scap_get_ifaddr_list(get_scap_platform()));
		return m_network_interfaces;
	}

	// Keeps back the events of the programs of this name that start from now on, and of all that they start.
	bool suppress_events_comm(const std::string& comm) {
		m_suppress.suppress_comm(comm);
		return true;
	}
	// Keeps back the events of a thread, and of all that it starts.
	bool suppress_events_tid(int64_t tid) {
		m_suppress.suppress_tid(static_cast<uint64_t>(tid));
		return true;
	}
	void clear_suppress_events_comm() { m_suppress.clear_suppress_comm(); }
	void clear_suppress_events_tid() { m_suppress.clear_suppress_tid(); }
	// Whether the events of a thread are kept back.
	bool check_suppressed(int64_t tid) const { return m_suppress.is_suppressed_tid(static_cast<uint64_t>(tid)); }

	// All zeros if nothing is open.
	void get_capture_stats(scap_stats* stats) const override {
		libsinsp::detail::error error;
		sinsp_stats counters = {};
		sinsp_inspector_stats(m_handle.get(), &counters, error.out());
		static_assert(sizeof(*stats) == sizeof(counters));
		std::memcpy(stats, &counters, sizeof(counters));
	}

	void print_capture_stats(sinsp_logger::severity sev) const override {
		scap_stats stats;
		get_capture_stats(&stats);
		libsinsp_logger()->log("n_evts:" + std::to_string(stats.n_evts) + " n_drops:" + std::to_string(stats.n_drops), sev);
	}

	// The fields of all event sources, such as evt.num.
	static std::unique_ptr<sinsp_filter_check> new_generic_filtercheck() { return std::make_unique<sinsp_filter_check>(0); }

	// Throws: this version has no plugins.
	std::shared_ptr<sinsp_plugin> register_plugin(const std::string& filepath) {
		throw sinsp_exception("cannot load plugin " + filepath + ": plugins are not supported");
	}

	// What is known of the system as tables.
	const std::shared_ptr<libsinsp::state::table_registry>& get_table_registry() const { return m_table_registry; }

	// The C ABI's handle of this inspector; it stays this object's.
	sinsp_inspector* c_handle() { return m_handle.get(); }

private:
	using handle_t = libsinsp::detail::handle<sinsp_inspector, sinsp_inspector_free>;

	static handle_t made(bool with_metrics) {
		if(with_metrics) {
			libsinsp_logger()->log("metrics of the state are not supported", sinsp_logger::SEV_WARNING);
		}
		libsinsp::detail::error error;
		handle_t handle(sinsp_inspector_new(SINSP_ABI_VERSION, error.out()));
		if(handle == nullptr) {
			error.raise();
		}
		return handle;
	}

	template<typename Open>
	void open(sinsp_mode_t mode, Open open) {
		libsinsp::detail::error error;
		if(const sinsp_status status = open(error.out()); status != SINSP_SUCCESS) {
			throw scap_open_exception(error.message(), status);
		}
		m_mode = mode;
		m_num_events = 0;
		sinsp_logger::rethrow();
	}

	void act(sinsp_status (*function)(sinsp_inspector*, sinsp_error**)) {
		libsinsp::detail::error error;
		error.check(function(m_handle.get(), error.out()));
	}

	void set_option(sinsp_option option, uint64_t value) {
		libsinsp::detail::error error;
		error.check(sinsp_inspector_set_option(m_handle.get(), option, value, error.out()));
	}

	handle_t m_handle;
	libsinsp::sinsp_suppress m_suppress{m_handle.get()};
	sinsp_network_interfaces m_network_interfaces;
	std::string m_host_root = libsinsp::detail::text(sinsp_inspector_host_root(m_handle.get()));
	sinsp_mode m_mode = SINSP_MODE_NONE;
	sinsp_evt m_evt{this, m_handle.get()};
	uint64_t m_num_events = 0;
	std::string m_lasterr;
	std::unique_ptr<sinsp_filter> m_filter;
	std::string m_filterstring;
	std::shared_ptr<libsinsp::filter::ast::expr> m_filter_ast;
	sinsp_evt::param_fmt m_buffer_format = sinsp_evt::PF_NORMAL;
	std::shared_ptr<libsinsp::state::table_registry> m_table_registry = std::make_shared<libsinsp::state::table_registry>();

public:
	std::shared_ptr<sinsp_thread_manager> m_thread_manager = std::make_shared<sinsp_thread_manager>(m_handle.get());
	// The users and groups that are known.
	std::shared_ptr<sinsp_usergroup_manager> m_usergroup_manager = libsinsp::detail::usergroups_of(m_handle.get());
};

namespace libsinsp {
namespace detail {

inline sinsp_inspector* handle_of(sinsp* inspector) {
	return inspector->c_handle();
}

inline bool shows_json(const sinsp* inspector) {
	constexpr int json = sinsp_evt::PF_JSON | sinsp_evt::PF_JSONEOLS | sinsp_evt::PF_JSONHEX | sinsp_evt::PF_JSONHEXASCII |
	                     sinsp_evt::PF_JSONBASE64;
	return (inspector->get_buffer_format() & json) != 0;
}

}  // namespace detail
}  // namespace libsinsp

#include <libsinsp/user.h>
