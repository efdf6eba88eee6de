// SPDX-License-Identifier: Apache-2.0
// The class of inspectors. Included by sinsp.h.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libscap/linux/scap_linux_platform.h>
#include <libscap/scap.h>
#include <libscap/scap_engines.h>
#include <libscap/scap_platform_api.h>
#include <libscap/scap_savefile_api.h>
#include <libsinsp/capture_stats_source.h>
#include <libsinsp/detail/about_capture.h>
#include <libsinsp/detail/about_machine.h>
#include <libsinsp/detail/capture_modes.h>
#include <libsinsp/detail/core.h>
#include <libsinsp/detail/ffi.h>
#include <libsinsp/detail/hooks.h>
#include <libsinsp/detail/inspector.h>
#include <libsinsp/detail/live_options.h>
#include <libsinsp/detail/plugin_host.h>
#include <libsinsp/detail/usual_headers.h>
#include <libsinsp/dumper.h>
#include <libsinsp/event.h>
#include <libsinsp/eventformatter.h>
#include <libsinsp/events/sinsp_events.h>
#include <libsinsp/fdinfo.h>
#include <libsinsp/filter.h>
#include <libsinsp/filter/ast.h>
#include <libsinsp/filter/escaping.h>
#include <libsinsp/filter/parser.h>
#include <libsinsp/filter/ppm_codes.h>
#include <libsinsp/ifinfo.h>
#include <libsinsp/logger.h>
#include <libsinsp/metrics_collector.h>
#include <libsinsp/parsers.h>
#include <libsinsp/plugin.h>
#include <libsinsp/plugin_manager.h>
#include <libsinsp/scap_open_exception.h>
#include <libsinsp/settings.h>
#include <libsinsp/sinsp_event_source.h>
#include <libsinsp/sinsp_exception.h>
#include <libsinsp/sinsp_external_processor.h>
#include <libsinsp/sinsp_inet.h>
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

#include <algorithm>
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

// The default output format of an event.
#define DEFAULT_OUTPUT_STR "*%evt.num %evt.time %evt.cpu %proc.name (%thread.tid) %evt.type %evt.args"

// What an inspector finds out about the system when a plugin makes its events.
enum class sinsp_plugin_platform {
	SINSP_PLATFORM_GENERIC,   // nothing
	SINSP_PLATFORM_HOSTINFO,  // the machine
	SINSP_PLATFORM_FULL,      // the machine, its threads and files
};

// An inspector. It and all that belongs to it (events, threads, files, filters, formatters) is used by one thread of the program
// at a time. What it hands out is borrowed until the next event, and at most until it is closed.
class SINSP_PUBLIC sinsp : public capture_stats_source,
                           public libsinsp::detail::about_capture<sinsp>,
                           public libsinsp::detail::about_machine<sinsp>,
                           public libsinsp::detail::capture_modes<sinsp>,
                           public libsinsp::detail::live_options<sinsp>,
                           public libsinsp::detail::plugin_host<sinsp> {
public:
	// `with_metrics` adds the counters of the state to its metrics.
	explicit sinsp(bool with_metrics = false): m_core(libsinsp::detail::core::make(this)) {
		if(with_metrics) {
			// Never written here: the counters are the library's.
			auto* counters = const_cast<sinsp_state_counters*>(sinsp_inspector_state_counters(c_handle()));
			m_sinsp_stats_v2 = {m_core, reinterpret_cast<sinsp_stats_v2*>(counters)};
		}
		m_hooks.set_threads(m_thread_manager->get_threads());
		m_evt.m_has_source = false;
		m_table_registry->set_table(m_thread_manager);
	}
	sinsp(const sinsp&) = delete;
	sinsp& operator=(const sinsp&) = delete;
	// Clears the state, also that of a thread manager that is still held; threads that are held keep their values.
	~sinsp() override {
		// The program's event processor may be gone already.
		m_core->processor = nullptr;
		m_evt.next_event();
		sinsp_inspector_close(c_handle(), nullptr);
		m_input_plugin.reset();
		drop_plugins();
	}

	// Opening an engine. All throw a scap_open_exception if the engine cannot be opened.

	// Captures with the BPF probe; 0 CPUs for each buffer: one buffer for all of them; no system calls of interest: all of them.
	virtual void open_modern_bpf(unsigned long driver_buffer_bytes_dim = DEFAULT_DRIVER_BUFFER_BYTES_DIM,
	                             uint16_t cpus_for_each_buffer = DEFAULT_CPU_FOR_EACH_BUFFER,
	                             bool online_only = true,
	                             const libsinsp::events::set<ppm_sc_code>& ppm_sc_of_interest = {},
	                             bool disable_iterators = false) {
		sinsp_modern_bpf_params params = {};
		params.buffer_bytes = driver_buffer_bytes_dim;
		params.cpus_per_buffer = cpus_for_each_buffer == 0 ? SINSP_ALL_CPUS : cpus_for_each_buffer;
		params.offline_too = !online_only;
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
	virtual void open_kmod(unsigned long driver_buffer_bytes_dim = DEFAULT_DRIVER_BUFFER_BYTES_DIM,
	                       const libsinsp::events::set<ppm_sc_code>& ppm_sc_of_interest = {}) {
		sinsp_kmod_params params = {};
		params.buffer_bytes = driver_buffer_bytes_dim;
		if(!ppm_sc_of_interest.empty()) {
			params.scs = ppm_sc_of_interest.data();
			params.scs_len = PPM_SC_MAX;
		}
		open(SINSP_MODE_LIVE, [&](sinsp_error** error) {
			return sinsp_inspector_open_kmod(c_handle(), &params, error);
		});
	}

	// Reads what the system looks like, without its events: next() makes one of its own (`scapevent`) every 100 ms. Without `full_proc_scan`
	// what takes long is left out.
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
		m_input_filename = filename;
	}
	// The capture file that is read; empty if none is.
	std::string get_input_filename() const { return m_input_filename; }

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

	// Takes the events of a registered and initialised plugin, which gets `plugin_open_params`.
	virtual void open_plugin(const std::string& plugin_name,
	                         const std::string& plugin_open_params,
	                         sinsp_plugin_platform platform_type) {
		using namespace libsinsp::detail;
		const auto& plugins = get_plugin_manager()->plugins();
		const auto found = std::find_if(plugins.begin(), plugins.end(), [&](const auto& plugin) { return plugin->name() == plugin_name; });
		if(found == plugins.end()) {
			throw sinsp_exception("plugin " + plugin_name + " does not exist");
		}
		const auto plugin = *found;
		open(platform_type == sinsp_plugin_platform::SINSP_PLATFORM_FULL ? SINSP_MODE_LIVE : SINSP_MODE_PLUGIN, [&](sinsp_error** error) {
			return sinsp_inspector_open_plugin(
			        c_handle(), str(plugin_name), str(plugin_open_params), static_cast<uint32_t>(platform_type), error);
		});
		m_input_plugin = plugin;
	}

	// Whether a plugin makes events of the source "syscall".
	bool is_syscall_plugin() const { return is_plugin() && m_input_plugin != nullptr && m_input_plugin->id() == 0; }

	// How many percent were read of a capture file, or of a plugin's source; 0 for other inputs.
	double get_read_progress() const {
		std::string text;
		return get_read_progress_with_str(&text);
	}
	// The same; `*progress_str` gets what the plugin says of it, which is nothing for a file.
	double get_read_progress_with_str(std::string* progress_str) const {
		if(m_input_plugin == nullptr) {
			progress_str->clear();
			return about_capture::get_read_progress();
		}
		uint32_t hundredths = 0;
		*progress_str = m_input_plugin->get_progress(hundredths);
		return static_cast<double>(hundredths) / 100;
	}

	// Ends the capture: what is known of the system goes, also for the thread manager and the tables; threads and files that are held keep
	// their values. The inspector has no filter then.
	void close() {
		act(sinsp_inspector_close);
		m_mode = SINSP_MODE_NONE;
		m_input_plugin.reset();
		m_input_filename.clear();
		m_filter.reset();
	}

	// Lets events through.
	void start_capture() { act(sinsp_inspector_start); }
	// Holds events back.
	void stop_capture() {
		if(m_mode == SINSP_MODE_NONE) {
			return;
		}
		act(sinsp_inspector_stop);
		if(prints_stats()) {
			print_capture_stats(sinsp_logger::SEV_DEBUG);
		}
	}

	// Goes to the next event. Answers SCAP_SUCCESS with the event in `*evt`; SCAP_FILTERED_EVENT, also with
	// the event if the filter rejected it, else with null; SCAP_TIMEOUT; SCAP_EOF; or another code, for which getlasterr() has the reason. Throws what an observer, an event processor, or
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
		if(m_firstevent_ts == 0) {
			m_firstevent_ts = sinsp_inspector_first_event_time(c_handle());
		}
		return SCAP_SUCCESS;
	}

	// The message of the last failed next() or dynamic_snaplen().
	std::string getlasterr() const { return m_lasterr; }

	// Queues a copy of an event. next() merges the queue with the engine's events by timestamp; UINT64_MAX means the earliest. Thread-safe while
	// the inspector is open. An event that the queue rejects (see sinsp_inspector_push_async_event) is dropped with a logged warning.
	void handle_async_event(std::unique_ptr<sinsp_evt> evt) {
		const scap_evt* event = evt->get_scap_evt();
		libsinsp::detail::error error;
		if(sinsp_inspector_push_async_event(
		           c_handle(), reinterpret_cast<const uint8_t*>(event), event != nullptr ? event->len : 0, error.out()) !=
		   SINSP_SUCCESS) {
			libsinsp_logger()->log("async event dropped: " + error.message(), sinsp_logger::SEV_WARNING);
		}
	}

	// Whether an event is one of those at the start of a capture that describe the state of the system.
	static bool is_initialstate_event(const scap_evt& event) { return sinsp_is_initial_state(event.type); }

	// Sets the observer of the state; null removes it. It must stay valid while it is set.
	void set_observer(sinsp_observer* observer) { m_hooks.set_observer(c_handle(), observer); }
	sinsp_observer* get_observer() const { return m_hooks.observer(); }

	// Sets the event processor, which is called with each event before next() returns it. It must outlive the inspector.
	void register_external_event_processor(libsinsp::event_processor& processor) {
		m_hooks.set_processor(c_handle(), &processor);
		m_core->processor = &processor;
		m_external_event_processor = &processor;
	}
	libsinsp::event_processor* get_external_event_processor() const { return m_hooks.processor(); }

	// The timestamp of the last event in nanoseconds since the epoch; 0 before the first.
	uint64_t get_lastevent_ts() const { return sinsp_inspector_last_event_time(c_handle()); }
	void set_lastevent_ts(uint64_t ts) { set_option(SINSP_OPTION_LAST_EVENT_TIME, ts); }

	// The tid of the thread that exited with the last event and leaves the table at the next one; -1 if there is none.
	int64_t get_tid_to_remove() const { return sinsp_inspector_exiting_thread(c_handle()); }

	// If the interval below has passed, removes threads that no longer exist. Returns whether it had.
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

	// Whether it holds for an event; false if none was set.
	bool run_filters_on_evt(sinsp_evt* evt) const { return m_filter != nullptr && m_filter->run(evt); }
	// The text of the filter that was set.
	std::string get_filter() const { return m_filterstring; }
	// The AST of the filter, if it was set as text; else null.
	const std::shared_ptr<libsinsp::filter::ast::expr>& get_filter_ast() {
		if(m_filter_ast == nullptr && m_filter_is_text) {
			m_filter_ast = libsinsp::filter::parser(m_filterstring).parse();
		}
		return m_filter_ast;
	}

	// Enables or disables the events of a system call while the inspector is open.
	void mark_ppm_sc_of_interest(ppm_sc_code ppm_sc, bool enabled = true) {
		if(static_cast<uint32_t>(ppm_sc) >= PPM_SC_MAX) {
			throw sinsp_exception("inexistent ppm_sc code: " + std::to_string(static_cast<uint32_t>(ppm_sc)));
		}
		libsinsp::detail::error error;
		error.check(sinsp_inspector_set_interesting(c_handle(), static_cast<uint16_t>(ppm_sc), enabled, error.out()));
	}

	// Whether the users and groups of the machine are taken in; takes effect at the next open.
	void set_import_users(bool import_users) {
		set_option(SINSP_OPTION_IMPORT_USERS, import_users);
		m_usergroup_manager->m_import_users = import_users;
	}
	// Whether a live capture shows the events of its own process.
	void set_debug_mode(bool enable) {
		set_option(SINSP_OPTION_OWN_EVENTS, enable);
		m_shows_own = enable;
	}
	bool is_debug_enabled() const { return m_shows_own; }
	// Whether events of the category EC_INTERNAL come through even if the filter keeps them back.
	void set_internal_events_mode(bool enable) { set_option(SINSP_OPTION_INTERNAL_EVENTS, enable); }
	// How data buffers are shown.
	void set_buffer_format(sinsp_evt::param_fmt format) {
		set_option(SINSP_OPTION_BUFFER_FORMAT, format);
		m_buffer_format = format;
	}
	sinsp_evt::param_fmt get_buffer_format() const { return m_buffer_format; }
	// How many characters of a data buffer are shown at most; 0: all.
	void set_max_evt_output_len(uint32_t len) {
		set_option(SINSP_OPTION_BUFFER_TEXT, len);
		m_max_evt_output_len = len;
	}
	uint32_t get_max_evt_output_len() const { return m_max_evt_output_len; }

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

	// The mount point of the host's root directory; initially the environment variable HOST_ROOT. Users, groups and /proc of the next open are
	// read below it.
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

	// Whether the open engine has this name.
	bool check_current_engine(const std::string& engine_name) const {
		return libsinsp::detail::view(sinsp_inspector_engine(c_handle())) == engine_name;
	}

	// All zeros if nothing is open.
	void get_capture_stats(scap_stats* stats) const override {
		libsinsp::detail::error error;
		sinsp_stats counters = {};
		sinsp_inspector_stats(c_handle(), &counters, error.out());
		static_assert(sizeof(*stats) == sizeof(counters));
		std::memcpy(stats, &counters, sizeof(counters));
	}

	// The counters of the state, which change while events are read; null unless the inspector was made with metrics.
	const std::shared_ptr<sinsp_stats_v2>& get_sinsp_stats_v2() { return m_sinsp_stats_v2; }
	std::shared_ptr<const sinsp_stats_v2> get_sinsp_stats_v2() const { return m_sinsp_stats_v2; }

	// None where no driver captures. On a failure there are none either, and the reason is logged. Any
	// thread may call this.
	const metrics_v2* get_capture_stats_v2(uint32_t flags, uint32_t* nstats, int32_t* rc) const override {
		libsinsp::detail::error error;
		const auto* metrics = sinsp_inspector_metrics(c_handle(), flags, nstats, error.out());
		*rc = error.status();
		if(error.status() != SINSP_SUCCESS) {
			libsinsp_logger()->log("metrics of the driver: " + error.message(), sinsp_logger::SEV_WARNING);
		}
		return metrics;
	}

	void print_capture_stats(sinsp_logger::severity sev) const override {
		scap_stats stats;
		get_capture_stats(&stats);
		libsinsp_logger()->log("n_evts:" + std::to_string(stats.n_evts) + " n_drops:" + std::to_string(stats.n_drops), sev);
	}

	// Makes a check of the class of fields that apply to all event sources, such as evt.num.
	static std::unique_ptr<sinsp_filter_check> new_generic_filtercheck() { return std::make_unique<libsinsp::detail::table_check>(0); }

	// Factories of threads and fds of this inspector. The external event processor, if set, chooses the class.
	const sinsp_threadinfo_factory& get_threadinfo_factory() const { return m_core->threads; }
	const sinsp_fdinfo_factory& get_fdinfo_factory() const { return m_core->files; }
	const sinsp_thread_manager_factory& get_thread_manager_factory() const { return m_thread_manager_factory; }

	// The tables of the inspector's state.
	const std::shared_ptr<libsinsp::state::table_registry>& get_table_registry() const { return m_table_registry; }

	// The handle of the C ABI, owned by this object.
	sinsp_inspector* c_handle() const { return m_handle; }
	// The link from objects to this inspector, owned by this object.
	libsinsp::detail::core_link* c_link() const { return m_core->link.get(); }

private:
	friend class libsinsp::detail::live_options<sinsp>;

	// The programs of filters. Throws for one that the program built from checks: what it holds for is not known.
	static std::vector<const sinsp_program*> programs_of(const std::vector<const sinsp_filter*>& filters) {
		std::vector<const sinsp_program*> programs;
		for(const auto* filter : filters) {
			if(filter == nullptr || filter->m_program.get() == nullptr) {
				throw sinsp_exception("a filter that was not compiled from text or from an AST cannot be evaluated by the kernel's driver");
			}
			programs.push_back(filter->m_program.get());
		}
		return programs;
	}

	template<typename Open>
	void open(sinsp_mode_t mode, Open open) {
		libsinsp::detail::error error;
		hand_over_times();
		m_input_plugin.reset();
		m_firstevent_ts = 0;
		forget_machine();
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

	// Handles all results of next() except an event. Not inlined, so that next() is small.
	[[gnu::noinline]] int32_t after_next(sinsp_evt** evt, sinsp_status status, sinsp_error* why) {
		libsinsp::detail::error error(why);
		m_hooks.rethrow();
		sinsp_logger::rethrow();
		if(status == SINSP_SUCCESS) {
			*evt = &m_evt;
			return status;
		}
		*evt = nullptr;
		if(status == SINSP_EOF) {
			*evt = event_at_end();
		} else if(status == SINSP_FILTERED_EVENT && m_evt.get_scap_evt() != nullptr) {
			*evt = &m_evt;
		}
		m_firstevent_ts = sinsp_inspector_first_event_time(c_handle());
		if(error.status() != SINSP_SUCCESS) {
			m_lasterr = error.message();
			libsinsp::detail::thrown::rethrow(m_lasterr);
		}
		return status;
	}

	// The event in `*evt` at SCAP_EOF: no thread, no parameters, number and timestamp of the last event.
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

	// Whether the program changed one of the two public times below since they were passed to the library.
	bool times_changed() const {
		return m_threads_purging_scan_time_ns != m_known_scan_time_ns || m_thread_timeout_ns != m_known_timeout_ns;
	}

	// Passes changed times to the library.
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
	// Same as m_core->handle(), cached.
	sinsp_inspector* const m_handle = m_core->handle();
	std::shared_ptr<sinsp_stats_v2> m_sinsp_stats_v2;
	sinsp_thread_manager_factory m_thread_manager_factory;
	libsinsp::sinsp_suppress m_suppress{c_handle()};
	std::string m_host_root = libsinsp::detail::text(sinsp_inspector_host_root(c_handle()));
	sinsp_mode m_mode = SINSP_MODE_NONE;
	sinsp_evt m_evt{this};
	mutable std::string m_lasterr;
	std::string m_input_filename;
	uint32_t m_max_evt_output_len = 0;
	bool m_shows_own = false;
	// The plugin that makes the events; null if none does.
	std::shared_ptr<sinsp_plugin> m_input_plugin;
	std::unique_ptr<sinsp_filter> m_filter;
	std::string m_filterstring;
	scap_evt m_end = {};
	// Made at the first call of get_filter_ast().
	std::shared_ptr<libsinsp::filter::ast::expr> m_filter_ast;
	bool m_filter_is_text = false;
	sinsp_evt::param_fmt m_buffer_format = sinsp_evt::PF_NORMAL;
	std::shared_ptr<libsinsp::state::table_registry> m_table_registry =
	        std::make_shared<libsinsp::state::table_registry>(std::shared_ptr<sinsp_inspector>(m_core, c_handle()));

	libsinsp::detail::hooks<threadinfo_map_t> m_hooks{this, show};
	uint64_t m_known_scan_time_ns = 0;
	uint64_t m_known_timeout_ns = 0;

public:
	// In nanoseconds: the interval at which a live inspector searches for threads that no longer exist, and how long a thread must have had no
	// event to be examined. Changes take effect at the next event.
	uint64_t m_threads_purging_scan_time_ns = 1200 * uint64_t{ONE_SECOND_IN_NS};
	uint64_t m_thread_timeout_ns = 1800 * uint64_t{ONE_SECOND_IN_NS};

	// The timestamp of the first event that is no meta event, in nanoseconds since the epoch; 0 before it.
	uint64_t m_firstevent_ts = 0;
	// The event processor, as register_external_event_processor() sets it; to be read only.
	libsinsp::event_processor* m_external_event_processor = nullptr;

	std::shared_ptr<sinsp_thread_manager> m_thread_manager = std::make_shared<sinsp_thread_manager>(m_core);
	// The inspector's users and groups.
	std::shared_ptr<sinsp_usergroup_manager> m_usergroup_manager =
	        libsinsp::detail::usergroups_of(std::shared_ptr<sinsp_inspector>(m_core, c_handle()));
};
