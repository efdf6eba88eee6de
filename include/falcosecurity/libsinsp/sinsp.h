// SPDX-License-Identifier: Apache-2.0
// The inspector: what captures, keeps what is known of the system, and hands out events.
#pragma once

#include <libscap/linux/scap_linux_platform.h>
#include <libscap/scap.h>
#include <libscap/scap_engines.h>
#include <libscap/scap_platform_api.h>
#include <libsinsp/capture_stats_source.h>
#include <libsinsp/detail/core.h>
#include <libsinsp/detail/ffi.h>
#include <libsinsp/detail/hooks.h>
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
#include <libsinsp/plugin_manager.h>
#include <libsinsp/scap_open_exception.h>
#include <libsinsp/settings.h>
#include <libsinsp/sinsp_event_source.h>
#include <libsinsp/sinsp_exception.h>
#include <libsinsp/sinsp_external_processor.h>
#include <libsinsp/sinsp_mode.h>
#include <libsinsp/sinsp_observer.h>
#include <libsinsp/sinsp_public.h>
#include <libsinsp/sinsp_suppress.h>
#include <libsinsp/sinsp_thread_manager_factory.h>
#include <libsinsp/state/table_registry.h>
#include <libsinsp/thread_manager.h>
#include <libsinsp/threadinfo.h>
#include <libsinsp/tuples.h>
#include <libsinsp/user.h>
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
	explicit sinsp(bool with_metrics = false): m_core(made(this, with_metrics)) {
		m_hooks.set_threads(m_thread_manager->get_threads());
		// All engines that there are make events of this source.
		m_evt.set_source_idx(0);
		m_evt.set_source_name(sinsp_syscall_event_source_name);
		m_table_registry->set_table(m_thread_manager);
	}
	sinsp(const sinsp&) = delete;
	sinsp& operator=(const sinsp&) = delete;
	// What it knows of the system goes, also for those who still hold its thread manager; threads that are held keep their values.
	~sinsp() override {
		// The program's event processor may be gone already.
		m_core->processor = nullptr;
		m_evt.next_event();
		sinsp_inspector_close(c_handle(), nullptr);
	}

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
			return sinsp_inspector_open_modern_bpf(c_handle(), &params, error);
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
			return sinsp_inspector_open_nodriver(c_handle(), full_proc_scan, error);
		});
	}

	// Reads a capture file; by its file descriptor if that is not 0.
	virtual void open_savefile(const std::string& filename, int fd = 0) {
		open(SINSP_MODE_CAPTURE, [&](sinsp_error** error) {
			return sinsp_inspector_open_savefile(c_handle(), libsinsp::detail::str(filename), fd, error);
		});
	}

	// Takes events that a test makes up, and the threads and files that it says exist (SINSP_MODE_TEST) or those of the running system
	// (SINSP_MODE_LIVE). `data` stays the caller's, and has to stay until the inspector is closed.
	virtual void open_test_input(scap_test_input_data* data, sinsp_mode_t mode = SINSP_MODE_TEST) {
		if(mode != SINSP_MODE_TEST && mode != SINSP_MODE_LIVE) {
			throw sinsp_exception("Unsupported mode for TEST_INPUT engine");
		}
		open(mode, [&](sinsp_error** error) {
			return sinsp_inspector_open_test_input(c_handle(), data, mode == SINSP_MODE_LIVE, error);
		});
	}

	// Takes the events of a plugin.
	virtual void open_plugin(const std::string& plugin_name, const std::string&, sinsp_plugin_platform) {
		throw scap_open_exception("plugin " + plugin_name + " does not exist", SCAP_NOT_SUPPORTED);
	}

	// Ends the capture: what is known of the system goes, also for the thread manager and the tables; threads and files that are held keep
	// their values. The inspector has no filter then.
	void close() {
		act(sinsp_inspector_close);
		m_mode = SINSP_MODE_NONE;
		m_filter.reset();
	}

	// Lets events through.
	void start_capture() { act(sinsp_inspector_start); }
	// Holds events back.
	void stop_capture() {
		if(m_mode != SINSP_MODE_NONE) {
			act(sinsp_inspector_stop);
		}
	}

	// Goes to the next event. Answers SCAP_SUCCESS with the event in `*evt`; SCAP_TIMEOUT or SCAP_FILTERED_EVENT, after which one
	// tries again; SCAP_EOF; or another code, for which getlasterr() has the reason. Throws what an observer, an event processor, or
	// a check of the program's own in the filter threw.
	virtual int32_t next(sinsp_evt** evt) {
		if(times_changed()) {
			hand_over_times();
		}
		sinsp_error* why = nullptr;
		const sinsp_status status = sinsp_inspector_next(c_handle(), m_evt.next_event(), &why);
		if(status != SINSP_SUCCESS || m_hooks.has_thrown() || sinsp_logger::has_thrown()) {
			return after_next(evt, status, why);
		}
		*evt = &m_evt;
		return SCAP_SUCCESS;
	}

	std::string getlasterr() const { return m_lasterr; }

	// Puts an event into the queue of those that next() takes in the order of their times, between the engine's; one whose time is
	// UINT64_MAX is the next. Any thread may call this while the inspector is open. The event is copied. What the queue refuses (see
	// sinsp_inspector_push_async_event) is dropped with a warning.
	void handle_async_event(std::unique_ptr<sinsp_evt> evt) {
		const scap_evt* event = evt->get_scap_evt();
		libsinsp::detail::error error;
		if(sinsp_inspector_push_async_event(
		           c_handle(), reinterpret_cast<const uint8_t*>(event), event != nullptr ? event->len : 0, error.out()) !=
		   SINSP_SUCCESS) {
			libsinsp_logger()->log("async event dropped: " + error.message(), sinsp_logger::SEV_WARNING);
		}
	}

	// Whether an event belongs to the description of the system with which a capture begins.
	static bool is_initialstate_event(const scap_evt& event) { return sinsp_is_initial_state(event.type); }

	// Who is told what happens with the events; null: nobody. It must live as long as it is set.
	void set_observer(sinsp_observer* observer) { m_hooks.set_observer(c_handle(), observer); }
	sinsp_observer* get_observer() const { return m_hooks.observer(); }

	// Who sees each event before it is handed out. It must live as long as this inspector.
	void register_external_event_processor(libsinsp::event_processor& processor) {
		m_hooks.set_processor(c_handle(), &processor);
		m_core->processor = &processor;
	}
	libsinsp::event_processor* get_external_event_processor() const { return m_hooks.processor(); }

	// The time of the last event; 0 before the first.
	uint64_t get_lastevent_ts() const { return sinsp_inspector_last_event_time(c_handle()); }
	void set_lastevent_ts(uint64_t ts) { set_option(SINSP_OPTION_LAST_EVENT_TIME, ts); }

	// The tid of the thread that exited with the last event, which leaves the table when the next one comes; -1 if there is none.
	int64_t get_tid_to_remove() const { return sinsp_inspector_exiting_thread(c_handle()); }

	// Looks for threads that are gone and removes them, if it is time (see below); answers whether it was.
	bool remove_inactive_threads() {
		hand_over_times();
		libsinsp::detail::error error;
		const bool looked = sinsp_inspector_remove_gone_threads(c_handle(), error.out());
		error.check(error.status());
		return looked;
	}
	// How often it is looked for them, and for how long a thread must have been quiet, in seconds.
	void set_auto_threads_purging_interval_s(uint32_t seconds) { m_threads_purging_scan_time_ns = seconds * uint64_t{ONE_SECOND_IN_NS}; }
	void set_thread_timeout_s(uint32_t seconds) { m_thread_timeout_ns = seconds * uint64_t{ONE_SECOND_IN_NS}; }
	// Whether threads leave the table when they exit or are gone.
	void set_auto_threads_purging(bool enabled) { set_option(SINSP_OPTION_PURGE, enabled); }
	// Whether failed and pending connections are told apart from established ones.
	void set_track_connection_status(bool enabled) { set_option(SINSP_OPTION_TRACK_CONNECTIONS, enabled); }

	// How many events were read since the inspector was opened, those that the filter held back included; 0 while it is closed.
	uint64_t get_num_events() const { return sinsp_inspector_num_events(c_handle()); }

	// Lets only the events through for which a filter holds. A filter can be set once. Throws if the text is no filter.
	void set_filter(const std::string& filter) {
		sinsp_filter_compiler compiler(this, filter);
		set_filter(compiler.compile(), filter);
		m_filter_is_text = true;
	}

	void set_filter(std::unique_ptr<sinsp_filter> filter, const std::string& filterstring = "") {
		if(m_filter != nullptr) {
			throw sinsp_exception("filter can only be set once");
		}
		libsinsp::detail::error error;
		error.check(sinsp_inspector_set_filter(c_handle(), filter ? filter->m_program.get() : nullptr, error.out()));
		m_filter = std::move(filter);
		m_filterstring = filterstring;
	}

	// The text of the filter that was set.
	std::string get_filter() const { return m_filterstring; }
	// The tree of the text that was set as the filter; null if none was.
	const std::shared_ptr<libsinsp::filter::ast::expr>& get_filter_ast() {
		if(m_filter_ast == nullptr && m_filter_is_text) {
			m_filter_ast = libsinsp::filter::parser(m_filterstring).parse();
		}
		return m_filter_ast;
	}

	// Lets the events of a system call through, or not, while the inspector is open.
	void mark_ppm_sc_of_interest(ppm_sc_code ppm_sc, bool enabled = true) {
		if(static_cast<uint32_t>(ppm_sc) >= PPM_SC_MAX) {
			throw sinsp_exception("inexistent ppm_sc code: " + std::to_string(static_cast<uint32_t>(ppm_sc)));
		}
		libsinsp::detail::error error;
		error.check(sinsp_inspector_set_interesting(c_handle(), static_cast<uint16_t>(ppm_sc), enabled, error.out()));
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
	void set_snaplen(uint32_t snaplen) { set_live_option(SINSP_OPTION_SNAPLEN, snaplen); }
	// Whether calls that fail are not captured.
	void set_dropfailed(bool dropfailed) { set_live_option(SINSP_OPTION_DROP_FAILED, dropfailed); }
	// The ports whose traffic is captured whole.
	void set_fullcapture_port_range(uint16_t range_start, uint16_t range_end) {
		set_option(SINSP_OPTION_FULL_CAPTURE_PORTS, uint64_t{range_start} << 16 | range_end);
	}
	void set_statsd_port(uint16_t port) { set_option(SINSP_OPTION_STATSD_PORT, port); }
	// Captures one part of so many of every second.
	void start_dropping_mode(uint32_t sampling_ratio) { set_live_option(SINSP_OPTION_DROPPING, sampling_ratio); }
	void stop_dropping_mode() { set_live_option(SINSP_OPTION_DROPPING, 0); }
	// Whether the snaplen depends on what a data buffer looks like. Answers a SCAP_* code.
	virtual int dynamic_snaplen(bool enable) {
		libsinsp::detail::error error;
		const sinsp_status status =
		        sinsp_inspector_set_option(c_handle(), SINSP_OPTION_DYNAMIC_SNAPLEN, enable, error.out());
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
		error.check(sinsp_inspector_set_host_root(c_handle(), libsinsp::detail::str(path), error.out()));
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
		return libsinsp::detail::view(sinsp_inspector_engine(c_handle())) == engine_name;
	}

	// The system of what is open, for the functions of scap_platform_api.h; null if nothing is open. It is a scap_linux_platform while the
	// running system is inspected. Its scans go into the state of the inspector, whose it is and as long as which it lives; from close()
	// or the next open on it knows nothing until it is asked for anew.
	scap_platform* get_scap_platform() { return sinsp_inspector_platform(c_handle()); }
	const scap_platform* get_scap_platform() const { return sinsp_inspector_platform(c_handle()); }

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
		sinsp_inspector_stats(c_handle(), &counters, error.out());
		static_assert(sizeof(*stats) == sizeof(counters));
		std::memcpy(stats, &counters, sizeof(counters));
	}

	void print_capture_stats(sinsp_logger::severity sev) const override {
		scap_stats stats;
		get_capture_stats(&stats);
		libsinsp_logger()->log("n_evts:" + std::to_string(stats.n_evts) + " n_drops:" + std::to_string(stats.n_drops), sev);
	}

	// The fields of all event sources, such as evt.num.
	static std::unique_ptr<sinsp_filter_check> new_generic_filtercheck() { return std::make_unique<libsinsp::detail::table_check>(0); }

	// Loads the plugin in the shared object at this path. It has to be initialised before it is used. Throws if it cannot be used here.
	std::shared_ptr<sinsp_plugin> register_plugin(const std::string& filepath) {
		libsinsp::detail::error error;
		auto* plugin = sinsp_inspector_load_plugin(c_handle(), libsinsp::detail::str(filepath), error.out());
		if(plugin == nullptr) {
			throw sinsp_exception("cannot load plugin " + filepath + ": " + error.message());
		}
		return added(plugin);
	}
	// The same for a plugin of the program itself, whose functions have to stay as long as the plugin.
	std::shared_ptr<sinsp_plugin> register_plugin(const plugin_api* api) {
		libsinsp::detail::error error;
		auto* plugin = sinsp_inspector_add_plugin(c_handle(), api, error.out());
		if(plugin == nullptr) {
			throw sinsp_exception("cannot load plugin with custom vtable: " + error.message());
		}
		return added(plugin);
	}

	// Its plugins.
	std::shared_ptr<const sinsp_plugin_manager> get_plugin_manager() const { return m_plugin_manager; }

	// The names of its event sources: "syscall", then those of its plugins.
	const std::vector<std::string>& event_sources() const { return m_event_sources; }

	// Makes threads and files of this inspector, of the classes that its external processor builds.
	const sinsp_threadinfo_factory& get_threadinfo_factory() const { return m_core->threads; }
	const sinsp_fdinfo_factory& get_fdinfo_factory() const { return m_core->files; }
	const sinsp_thread_manager_factory& get_thread_manager_factory() const { return m_thread_manager_factory; }

	// What is known of the system as tables.
	const std::shared_ptr<libsinsp::state::table_registry>& get_table_registry() const { return m_table_registry; }

	// The C ABI's handle of this inspector; it stays this object's.
	sinsp_inspector* c_handle() const { return m_handle; }
	// How objects find it; as above.
	libsinsp::detail::core_link* c_link() const { return m_core->link.get(); }

private:
	std::shared_ptr<sinsp_plugin> added(sinsp_plugin_ref* handle) {
		auto plugin = std::make_shared<sinsp_plugin>(handle);
		m_plugin_manager->add(plugin);
		return plugin;
	}

	static std::shared_ptr<libsinsp::detail::core> made(sinsp* self, bool with_metrics) {
		if(with_metrics) {
			libsinsp_logger()->log("metrics of the state are not supported", sinsp_logger::SEV_WARNING);
		}
		return libsinsp::detail::core::make(self);
	}

	template<typename Open>
	void open(sinsp_mode_t mode, Open open) {
		libsinsp::detail::error error;
		hand_over_times();
		const sinsp_status status = open(error.out());
		m_hooks.rethrow();
		if(status != SINSP_SUCCESS) {
			throw scap_open_exception(error.message(), status);
		}
		m_mode = mode;
		sinsp_logger::rethrow();
	}

	void act(sinsp_status (*function)(sinsp_inspector*, sinsp_error**)) {
		libsinsp::detail::error error;
		error.check(function(c_handle(), error.out()));
	}

	void set_option(sinsp_option option, uint64_t value) {
		libsinsp::detail::error error;
		error.check(sinsp_inspector_set_option(c_handle(), option, value, error.out()));
	}

	// One that means nothing to an input that is not live.
	void set_live_option(sinsp_option option, uint64_t value) {
		if(m_mode == SINSP_MODE_NONE || is_live()) {
			set_option(option, value);
		}
	}

	// The rest of next() where it brought no event, or something was thrown. Apart, so that next() stays short.
	[[gnu::noinline]] int32_t after_next(sinsp_evt** evt, sinsp_status status, sinsp_error* why) {
		libsinsp::detail::error error(why);
		m_hooks.rethrow();
		sinsp_logger::rethrow();
		if(status == SINSP_SUCCESS) {
			*evt = &m_evt;
			return status;
		}
		*evt = status == SINSP_EOF ? event_at_end() : nullptr;
		if(error.status() != SINSP_SUCCESS) {
			m_lasterr = error.message();
			libsinsp::detail::thrown::rethrow(m_lasterr);
		}
		return status;
	}

	// What programs find in `*evt` at the end: an event of no thread and without parameters, by the number and the time of the last that was read.
	sinsp_evt* event_at_end() {
		m_end.ts = get_lastevent_ts();
		m_end.tid = static_cast<uint64_t>(-1);
		m_end.len = sizeof(m_end);
		m_end.type = PPME_SCAPEVENT_E;
		sinsp_event described = {};
		described.bytes = reinterpret_cast<const uint8_t*>(&m_end);
		described.len = m_end.len;
		described.num = get_num_events();
		described.thread = described.fd_owner = SINSP_NO_THREAD;
		described.fd_key = described.fd_num = -1;
		described.code = m_end.type;
		m_evt.describe(described);
		return &m_evt;
	}

	// Whether the two times below are others than the library knows.
	bool times_changed() const {
		return m_threads_purging_scan_time_ns != m_known_scan_time_ns || m_thread_timeout_ns != m_known_timeout_ns;
	}

	// Tells the library of them, if they were changed.
	[[gnu::noinline]] void hand_over_times() {
		if(m_threads_purging_scan_time_ns != m_known_scan_time_ns) {
			set_option(SINSP_OPTION_PURGE_INTERVAL, m_threads_purging_scan_time_ns);
			m_known_scan_time_ns = m_threads_purging_scan_time_ns;
		}
		if(m_thread_timeout_ns != m_known_timeout_ns) {
			set_option(SINSP_OPTION_THREAD_TIMEOUT, m_thread_timeout_ns);
			m_known_timeout_ns = m_thread_timeout_ns;
		}
	}

	static sinsp_evt* show(void* inspector, sinsp_event* event) {
		sinsp_evt& shown = static_cast<sinsp*>(inspector)->m_evt;
		if(sinsp_event* own = shown.next_event(); own != event) {
			*own = *event;
		}
		return &shown;
	}

	std::shared_ptr<libsinsp::detail::core> m_core;
	// What it holds, at hand.
	sinsp_inspector* const m_handle = m_core->handle();
	sinsp_thread_manager_factory m_thread_manager_factory;
	libsinsp::sinsp_suppress m_suppress{c_handle()};
	sinsp_network_interfaces m_network_interfaces;
	std::string m_host_root = libsinsp::detail::text(sinsp_inspector_host_root(c_handle()));
	sinsp_mode m_mode = SINSP_MODE_NONE;
	sinsp_evt m_evt{this};
	std::string m_lasterr;
	std::vector<std::string> m_event_sources = {sinsp_syscall_event_source_name};
	std::shared_ptr<sinsp_plugin_manager> m_plugin_manager = std::make_shared<sinsp_plugin_manager>(m_event_sources);
	std::unique_ptr<sinsp_filter> m_filter;
	std::string m_filterstring;
	scap_evt m_end = {};
	// Made when it is asked for.
	std::shared_ptr<libsinsp::filter::ast::expr> m_filter_ast;
	bool m_filter_is_text = false;
	sinsp_evt::param_fmt m_buffer_format = sinsp_evt::PF_NORMAL;
	std::shared_ptr<libsinsp::state::table_registry> m_table_registry =
	        std::make_shared<libsinsp::state::table_registry>(std::shared_ptr<sinsp_inspector>(m_core, c_handle()));

	libsinsp::detail::hooks<threadinfo_map_t> m_hooks{this, show};
	uint64_t m_known_scan_time_ns = 0;
	uint64_t m_known_timeout_ns = 0;

public:
	// How often an inspector of a running system looks for threads that are gone, and for how long a thread must have been quiet to be
	// looked at then. Assignments hold from the next event on.
	uint64_t m_threads_purging_scan_time_ns = 1200 * uint64_t{ONE_SECOND_IN_NS};
	uint64_t m_thread_timeout_ns = 1800 * uint64_t{ONE_SECOND_IN_NS};

	std::shared_ptr<sinsp_thread_manager> m_thread_manager = std::make_shared<sinsp_thread_manager>(m_core);
	// The users and groups that are known.
	std::shared_ptr<sinsp_usergroup_manager> m_usergroup_manager =
	        libsinsp::detail::usergroups_of(std::shared_ptr<sinsp_inspector>(m_core, c_handle()));
};

namespace libsinsp {
namespace detail {

template<typename Inspector>
sinsp_inspector* handle_of_inspector(Inspector* inspector) {
	return inspector->c_handle();
}

template<typename Inspector>
core_link* link_of_inspector(Inspector* inspector) {
	return inspector->c_link();
}

template<typename Event>
sinsp_inspector* handle_of_event(Event* evt) {
	const sinsp* inspector = evt->get_inspector();
	return inspector == nullptr ? nullptr : const_cast<sinsp*>(inspector)->c_handle();
}

template<typename Inspector>
bool shows_json_for(Inspector* inspector) {
	constexpr int json = sinsp_evt::PF_JSON | sinsp_evt::PF_JSONEOLS | sinsp_evt::PF_JSONHEX | sinsp_evt::PF_JSONHEXASCII |
	                     sinsp_evt::PF_JSONBASE64;
	return (inspector->get_buffer_format() & json) != 0;
}

}  // namespace detail
}  // namespace libsinsp

inline void sinsp::set_import_users(bool import_users) {
	set_option(SINSP_OPTION_IMPORT_USERS, import_users);
	m_usergroup_manager->m_import_users = import_users;
}
