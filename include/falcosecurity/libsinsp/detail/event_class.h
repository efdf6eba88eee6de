// SPDX-License-Identifier: Apache-2.0
// The classes of events and their parameters. Included by event.h.
#pragma once

#include <libsinsp/detail/standard.h>

#include <driver/ppm_events_public.h>
#include <libscap/scap.h>
#include <libsinsp/detail/ffi.h>
#include <libsinsp/detail/inspector.h>
#include <libsinsp/event_tables.h>
#include <libsinsp/fdinfo.h>
#include <libsinsp/settings.h>
#include <libsinsp/sinsp_event_source.h>
#include <libsinsp/sinsp_errno.h>
#include <libsinsp/sinsp_exception.h>
#include <libsinsp/sinsp_inet.h>
#include <libsinsp/sinsp_public.h>
#include <libsinsp/threadinfo.h>
#include <libsinsp/utils.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

class sinsp;
class sinsp_evt;
class sinsp_evt_param;

template<class T>
T get_event_param_as(const sinsp_evt_param& param);

// A parameter of an event. It points into the event's bytes and is valid as long as they are.
class SINSP_PUBLIC sinsp_evt_param {
public:
	sinsp_evt_param(const sinsp_evt* evt, uint32_t idx, const char* data, uint32_t len):
	        m_evt(evt),
	        m_idx(idx),
	        m_data(data),
	        m_len(len) {}

	// The parameter's bytes, not decoded.
	const char* data() const { return m_data; }
	uint32_t len() const { return m_len; }
	bool empty() const { return m_len == 0; }

	// Whether it is a string parameter that is null. Such a parameter is shown as "<NA>".
	bool used_legacy_null_encoding() const;

	// The parameter's bytes; "<NA>" with its NUL for a null string.
	std::pair<const char*, uint32_t> data_and_len_with_legacy_null_encoding() const {
		return used_legacy_null_encoding() ? std::pair<const char*, uint32_t>("<NA>", 5) : std::pair(m_data, m_len);
	}

	// The value as T: a number of exactly the parameter's size, a std::string_view or std::string (one NUL-terminated string), a
	// std::vector<std::string> (strings separated by NULs) or a std::vector<uint8_t> (the bytes). Throws if the length does not fit.
	template<class T>
	T as() const {
		return get_event_param_as<T>(*this);
	}

	const ppm_param_info* get_info() const;

	[[noreturn]] void throw_invalid_len_error(size_t requested_len) const;

	const sinsp_evt* m_evt;
	uint32_t m_idx;

private:
	const char* m_data;
	uint32_t m_len;
};

// An event. One from sinsp::next() is borrowed until the next call; a program makes others from bytes with init_from_raw(). A copy has
// its own parameters. It points to the same bytes as the original, unless the original owns them (get_scap_evt_storage()): then it owns a
// copy of them. After get_tinfo() or get_fd_info() the event shares ownership of that object; a copy does from the start.
class SINSP_PUBLIC sinsp_evt {
public:
	// The format of a parameter's value.
	enum param_fmt {
		PF_NORMAL = 1 << 0,
		PF_JSON = 1 << 1,
		PF_SIMPLE = 1 << 2,
		PF_HEX = 1 << 3,
		PF_HEXASCII = 1 << 4,
		PF_EOLS = 1 << 5,
		PF_EOLS_COMPACT = 1 << 6,
		PF_BASE64 = 1 << 7,
		PF_JSONEOLS = 1 << 8,
		PF_JSONHEX = 1 << 9,
		PF_JSONHEXASCII = 1 << 10,
		PF_JSONBASE64 = 1 << 11,
	};

	enum subcategory { SC_UNKNOWN = 0, SC_NONE = 1, SC_OTHER = 2, SC_FILE = 3, SC_NET = 4, SC_IPC = 5 };

	enum fd_number_type { INVALID_FD_NUM = -100000 };

	struct category {
		ppm_event_category m_category;
		subcategory m_subcategory;
	};

	enum flags {
		SINSP_EF_NONE = 0,
		SINSP_EF_PARAMS_LOADED = 1,
	};

	// An event without bytes and without an inspector. Filters and formatters of any inspector accept an event without an inspector.
	sinsp_evt() = default;
	sinsp_evt(sinsp* inspector): m_inspector(inspector) {}
	sinsp_evt(const sinsp_evt& other):
	        m_inspector(other.m_inspector),
	        m_event(other.m_event),
	        m_info(other.m_info),
	        m_flags(other.m_flags & ~uint32_t{SINSP_EF_PARAMS_LOADED}),
	        m_iosize(other.m_iosize),
	        m_rawbuf_str_len(other.m_rawbuf_str_len),
	        m_source_idx(other.m_source_idx),
	        m_source_name(other.m_source_name),
	        m_has_source(other.m_has_source),
	        m_tinfo_ref(other.m_tinfo_ref),
	        m_fdinfo_ref(other.m_fdinfo_ref),
	        m_thread(other.m_thread),
	        m_file(other.m_file),
	        m_holds(true) {
		get_tinfo();
		get_fd_info();
		if(other.m_storage == nullptr) {
			return;
		}
		const auto* header = reinterpret_cast<const scap_evt*>(other.m_storage.get());
		m_storage = std::make_unique<char[]>(header->len);
		std::memcpy(m_storage.get(), other.m_storage.get(), header->len);
		if(m_event.bytes == reinterpret_cast<const uint8_t*>(other.m_storage.get())) {
			m_event.bytes = reinterpret_cast<const uint8_t*>(m_storage.get());
		}
	}
	sinsp_evt& operator=(const sinsp_evt& other) {
		if(this != &other) {
			sinsp_evt copy(other);
			std::swap(m_inspector, copy.m_inspector);
			std::swap(m_storage, copy.m_storage);
			std::swap(m_event, copy.m_event);
			std::swap(m_info, copy.m_info);
			std::swap(m_flags, copy.m_flags);
			std::swap(m_iosize, copy.m_iosize);
			std::swap(m_rawbuf_str_len, copy.m_rawbuf_str_len);
			std::swap(m_source_idx, copy.m_source_idx);
			std::swap(m_source_name, copy.m_source_name);
			std::swap(m_has_source, copy.m_has_source);
			std::swap(m_tinfo_ref, copy.m_tinfo_ref);
			std::swap(m_fdinfo_ref, copy.m_fdinfo_ref);
			std::swap(m_thread, copy.m_thread);
			std::swap(m_file, copy.m_file);
			m_holds = true;
			m_params.clear();
		}
		return *this;
	}
	virtual ~sinsp_evt() = default;

	// Sets the event to the bytes at `evdata` (a scap_evt, which must stay valid while the event is used), read on CPU `cpuid`. The thread is
	// found by its tid unless set_tinfo() sets it; there is no fd unless set_fd_info() sets it.
	void init_from_raw(uint8_t* evdata, const uint16_t cpuid) {
		set_scap_evt(reinterpret_cast<scap_evt*>(evdata));
		m_event.cpu = cpuid;
		init();
	}

	// Resets everything except the bytes, the event number and the CPU.
	void init() {
		m_flags = SINSP_EF_NONE;
		m_info = nullptr;
		m_event.code = get_scap_evt()->type;
		set_tinfo(nullptr);
		m_tinfo_ref.reset();
		set_fd_info(nullptr);
		m_fdinfo_ref.reset();
		m_event.fd_name_changed = false;
		m_iosize = 0;
		set_source_idx(sinsp_no_event_source_idx);
		set_source_name(sinsp_no_event_source_name);
	}

	// Makes an event that owns its bytes.
	static std::unique_ptr<sinsp_evt> from_scap_evt(std::unique_ptr<uint8_t[]> scap_event) {
		auto event = std::make_unique<sinsp_evt>();
		auto* bytes = scap_event.release();
		event->set_scap_evt_storage(reinterpret_cast<char*>(bytes));
		event->init_from_raw(bytes, 0);
		return event;
	}

	void set_inspector(sinsp* value) { m_inspector = value; }
	sinsp* get_inspector() { return m_inspector; }
	const sinsp* get_inspector() const { return m_inspector; }

	// The event number: 1 for the first event after the open; 0 if it has none.
	uint64_t get_num() const { return m_event.num; }
	void set_num(const uint64_t evtnum) {
		m_event.num = evtnum;
		m_event.changed = true;
	}
	uint16_t get_cpuid() const { return m_event.cpu; }
	void set_cpuid(const uint16_t v) {
		m_event.cpu = v;
		m_event.changed = true;
	}

	// The index of the event source in the inspector; sinsp_no_event_source_idx if unknown.
	size_t get_source_idx() const;
	void set_source_idx(const size_t v) {
		m_source_idx = v;
		m_has_source = true;
	}
	// The name of the event source; null if unknown.
	const char* get_source_name() const;
	void set_source_name(const char* v) {
		m_source_name = v;
		m_has_source = true;
	}

	// Whether the inspector's filter rejected the event.
	bool is_filtered_out() const { return m_event.rejected; }
	void set_filtered_out(const bool v) { m_event.rejected = v; }
	uint32_t get_flags() const { return m_flags; }
	void set_flags(const uint32_t v) { m_flags = v; }
	// Values that the program sets; the library does not use them.
	uint32_t get_iosize() const { return m_iosize; }
	void set_iosize(const uint32_t size) { m_iosize = size; }
	int32_t get_rawbuf_str_len() const { return m_rawbuf_str_len; }
	void set_rawbuf_str_len(const int32_t v) { m_rawbuf_str_len = v; }

	virtual uint16_t get_type() const { return m_event.code; }
	// The timestamp, in nanoseconds since the epoch.
	virtual uint64_t get_ts() const { return get_scap_evt()->ts; }
	int64_t get_tid() const { return static_cast<int64_t>(get_scap_evt()->tid); }
	event_direction get_direction() const { return static_cast<event_direction>(get_type() & PPME_DIRECTION_FLAG); }

	// Its entry in the event table, or the one that set_info() set.
	const ppm_event_info* get_info() const { return m_info != nullptr ? m_info : &g_infotables.m_event_info[get_type()]; }
	// Replaces the entry; null or an init function: that of its type.
	void set_info(const ppm_event_info* v) { m_info = v; }
	ppm_event_flags get_info_flags() const { return get_info()->flags; }
	const char* get_name() const { return get_info()->name; }

	// Its kind, without the bits that say where it comes from.
	ppm_event_category get_category() const {
		return static_cast<ppm_event_category>(get_info()->category & (EC_SYSCALL - 1));
	}

	// The same, and what the file that it is about makes of it, if it reads, writes or waits.
	void get_category(category* cat) const;

	// The thread that made it; null if that is not known.
	sinsp_threadinfo* get_thread_info();
	// The same, but only if the inspector or the program said which one it is.
	sinsp_threadinfo* get_tinfo() {
		if(m_event.thread_object == nullptr && m_event.thread != SINSP_NO_THREAD) {
			auto* link = libsinsp::detail::link_of(m_inspector);
			m_event.thread_object = link == nullptr ? nullptr : link->thread(m_event.thread);
		}
		auto* thread = static_cast<sinsp_threadinfo*>(m_event.thread_object);
		if(thread != nullptr && m_thread == nullptr) {
			m_thread = thread->m_core_share.get();
			m_holds = true;
		}
		return thread;
	}
	const sinsp_threadinfo* get_tinfo() const { return const_cast<sinsp_evt*>(this)->get_tinfo(); }

	// Sets the thread, which replaces the one found by tid. The caller keeps it alive.
	void set_tinfo(sinsp_threadinfo* v) {
		const bool known = v != nullptr && v->m_place.link.get() == libsinsp::detail::link_of(m_inspector);
		m_event.thread = known ? v->m_place.id : SINSP_NO_THREAD;
		m_event.thread_object = v;
		m_event.changed = true;
		m_thread.reset();
	}
	// The pointer that set_tinfo_ref() set; null for other events, also those of an inspector.
	const std::shared_ptr<sinsp_threadinfo>& get_tinfo_ref() { return m_tinfo_ref; }
	std::shared_ptr<const sinsp_threadinfo> get_tinfo_ref() const { return m_tinfo_ref; }
	// Sets the thread and shares its ownership. Null drops that share; the thread is then found by its tid.
	void set_tinfo_ref(const std::shared_ptr<sinsp_threadinfo>& v) {
		if(v != nullptr || (m_tinfo_ref != nullptr && m_event.thread_object == m_tinfo_ref.get())) {
			set_tinfo(v.get());
		}
		m_tinfo_ref = v;
		m_holds = true;
	}

	// The fd that the event is about; null if there is none or it is not in the fd table.
	sinsp_fdinfo* get_fd_info() {
		if(m_event.fd_object == nullptr && m_event.fd_owner != SINSP_NO_THREAD) {
			auto* link = libsinsp::detail::link_of(m_inspector);
			m_event.fd_object = link == nullptr ? nullptr : link->file(m_event.fd_owner, m_event.fd_key);
		}
		auto* file = static_cast<sinsp_fdinfo*>(m_event.fd_object);
		if(file != nullptr && m_file == nullptr) {
			m_file = file->m_core_share.get();
			m_holds = true;
		}
		return file;
	}
	const sinsp_fdinfo* get_fd_info() const { return const_cast<sinsp_evt*>(this)->get_fd_info(); }
	void set_fd_info(sinsp_fdinfo* v) {
		m_event.fd_object = v;
		m_event.fd_owner = SINSP_NO_THREAD;
		m_event.fd_num = v == nullptr ? -1 : v->m_fd;
		m_event.changed = true;
		m_file.reset();
	}
	// A shared pointer to get_fd_info(), or the one that set_fdinfo_ref() set.
	const std::shared_ptr<sinsp_fdinfo>& get_fdinfo_ref() {
		return m_fdinfo_ref == nullptr && get_fd_info() != nullptr ? m_file : m_fdinfo_ref;
	}
	std::shared_ptr<const sinsp_fdinfo> get_fdinfo_ref() const { return const_cast<sinsp_evt*>(this)->get_fdinfo_ref(); }
	// Shares the ownership of an fd; get_fd_info() does not change.
	void set_fdinfo_ref(const std::shared_ptr<sinsp_fdinfo>& v) {
		m_fdinfo_ref = v;
		m_holds = true;
	}
	void set_fdinfo_name_changed(const bool changed) {
		m_event.fd_name_changed = changed;
		m_event.changed = true;
	}
	bool fdinfo_name_changed() const { return m_event.fd_name_changed; }
	// The number of that fd; INVALID_FD_NUM if there is none.
	int64_t get_fd_num() const {
		const bool known = m_event.fd_owner != SINSP_NO_THREAD || m_event.fd_object != nullptr;
		return known ? m_event.fd_num : int64_t{INVALID_FD_NUM};
	}

	// The negative result of a failed call; 0 otherwise.
	int32_t get_errorcode() const { return static_cast<int32_t>(m_event.result); }
	void set_errorcode(const int32_t v) {
		m_event.result = v;
		m_event.changed = true;
	}
	// Whether the call failed, other than by waiting or having to be repeated.
	bool is_syscall_error() const {
		const int32_t code = get_errorcode();
		return code != 0 && code != -SE_EINPROGRESS && code != -SE_EAGAIN && code != -SE_ETIMEDOUT;
	}
	// Of a call that failed: whether it would have opened a file, was about a file, or about the network.
	bool is_file_open_error() const;
	bool is_file_error() const;
	bool is_network_error() const;

	// scap_dump_flags of the event in its capture; 0 for a live one.
	uint32_t get_dump_flags() const { return m_event.dump_flags; }
	// The flags with which a dumper writes the event. `*should_drop`: it does not, because the filter rejected the event.
	scap_dump_flags get_dump_flags(bool* should_drop) const {
		uint32_t dump_flags = SCAP_DF_NONE;
		*should_drop = !sinsp_event_dump_flags(libsinsp::detail::handle_of(this), &m_event, &dump_flags);
		return static_cast<scap_dump_flags>(dump_flags);
	}
	void set_dump_flags(const uint32_t v) {
		m_event.dump_flags = v;
		m_event.changed = true;
	}

	const scap_evt* get_scap_evt() const { return reinterpret_cast<const scap_evt*>(m_event.bytes); }
	scap_evt* get_scap_evt() { return reinterpret_cast<scap_evt*>(const_cast<uint8_t*>(m_event.bytes)); }
	// Sets the bytes, which must stay valid while the event is used. The event does not own them.
	void set_scap_evt(scap_evt* v) {
		m_event.bytes = reinterpret_cast<const uint8_t*>(v);
		m_event.len = 0;
		m_event.of = 0;
		m_event.changed = true;
		if(v != nullptr) {
			m_event.code = v->type;
		}
		m_flags &= ~uint32_t{SINSP_EF_PARAMS_LOADED};
	}

	// Bytes that the event owns, allocated by new[]; null if it owns none. The setter releases the previous bytes to the caller without freeing.
	const char* get_scap_evt_storage() const { return m_storage.get(); }
	char* get_scap_evt_storage() { return m_storage.get(); }
	void set_scap_evt_storage(char* v) {
		static_cast<void>(m_storage.release());
		m_storage.reset(v);
	}

	// Throws if the event's bytes are malformed.
	uint32_t get_num_params() { return static_cast<uint32_t>(get_params().size()); }

	std::vector<sinsp_evt_param>& get_params() {
		if((m_flags & SINSP_EF_PARAMS_LOADED) == 0) {
			load_params();
		}
		return m_params;
	}
	const std::vector<sinsp_evt_param>& get_params() const { return const_cast<sinsp_evt*>(this)->get_params(); }

	// Throws std::out_of_range if `id` is not less than get_num_params().
	const sinsp_evt_param* get_param(uint32_t id) { return &get_params().at(id); }

	// Returns null if the event has no parameter of that name.
	const sinsp_evt_param* get_param_by_name(const char* name) {
		for(const auto& param : get_params()) {
			if(std::strcmp(name, get_param_name(param.m_idx)) == 0) {
				return &param;
			}
		}
		return nullptr;
	}

	const char* get_param_name(uint32_t id) const { return get_param_info(id)->name; }
	const ppm_param_info* get_param_info(uint32_t id) const { return &get_info()->params[id]; }

	// A parameter as text. `resolved`: with the meaning of the value where it has one, such as the name of an fd. Throws if the event belongs
	// to no inspector, or its inspector has read another event since.
	std::string get_param_value_str(uint32_t id, bool resolved) {
		sinsp_str text = {};
		libsinsp::detail::error error;
		error.check(sinsp_event_param_text(libsinsp::detail::handle_of(this), &m_event, id, resolved, &text, error.out()));
		return libsinsp::detail::text(text);
	}
	// Returns an empty string if the event has no parameter of that name.
	std::string get_param_value_str(std::string_view name, bool resolved = true) {
		const uint32_t id = param_index(name);
		return id < get_num_params() ? get_param_value_str(id, resolved) : "";
	}
	// The value of a parameter, and in `*resolved_str` its meaning, empty if it has none. `fmt`: how data is shown. Valid until the next call for
	// this event. Throws std::out_of_range if `id` is not less than get_num_params(), else as above.
	const char* get_param_as_str(uint32_t id, const char** resolved_str, param_fmt fmt = PF_NORMAL) {
		static_cast<void>(get_params().at(id));
		sinsp_str value = {};
		sinsp_str meaning = {};
		libsinsp::detail::error error;
		error.check(sinsp_event_param_texts(
		        libsinsp::detail::handle_of(this), &m_event, id, static_cast<uint32_t>(fmt), &value, &meaning, error.out()));
		keep_text(m_paramstr_storage, value);
		keep_text(m_resolved_paramstr_storage, meaning);
		*resolved_str = m_resolved_paramstr_storage.data();
		return m_paramstr_storage.data();
	}
	// Returns null, also in `*resolved_str`, if the event has no parameter of that name.
	const char* get_param_value_str(std::string_view name, const char** resolved_str, param_fmt fmt = PF_NORMAL) {
		const uint32_t id = param_index(name);
		if(id < get_num_params()) {
			return get_param_as_str(id, resolved_str, fmt);
		}
		*resolved_str = nullptr;
		return nullptr;
	}
	// The buffer of get_param_as_str().
	const std::vector<char>& get_paramstr_storage() const { return m_paramstr_storage; }
	std::vector<char>& get_paramstr_storage() { return m_paramstr_storage; }

	bool is_syscall_event() const { return get_info()->category & EC_SYSCALL; }
	bool uses_fd() const { return get_info_flags() & EF_USES_FD; }
	bool creates_fd() const { return get_info_flags() & EF_CREATES_FD; }

	// Whether the first parameter is the return value of a system call.
	bool has_return_value() {
		return get_type() != PPME_GENERIC_X && is_syscall_event() && PPME_IS_EXIT(get_type()) && get_num_params() > 0;
	}

	// The return value of the system call. Throws if has_return_value() is false.
	int64_t get_syscall_return_value() {
		if(!has_return_value()) {
			throw sinsp_exception("Called get_syscall_return_value() on an event that does not have a return value. Event type: " +
			                      std::to_string(get_type()));
		}
		const auto* result = get_param(0);
		return result->len() == sizeof(int32_t) ? int64_t{result->as<int32_t>()} : result->as<int64_t>();
	}

	// Decodes the parameters' positions. get_params() calls it when needed.
	void load_params() {
		std::array<sinsp_str, SINSP_MAX_PARAMS> views;
		libsinsp::detail::error error;
		const int32_t count =
		        sinsp_event_params(m_event.bytes, m_event.len, views.data(), views.size(), error.out());
		if(count < 0) {
			error.raise();
		}
		m_params.clear();
		for(uint32_t i = 0; i < static_cast<uint32_t>(count) && i < views.size(); i++) {
			m_params.emplace_back(this, i, views[i].data, static_cast<uint32_t>(views[i].len));
		}
		m_flags |= SINSP_EF_PARAMS_LOADED;
	}

	// Sets the event to one described by the C ABI.
	void describe(const sinsp_event& event) { *next_event() = event; }

	// The event in the form of the C ABI.
	const sinsp_event* c_event() const { return &m_event; }

private:
	friend class sinsp;

	// The position of a parameter; the number of parameters if there is none of that name.
	uint32_t param_index(std::string_view name) {
		const uint32_t count = get_num_params();
		uint32_t i = 0;
		while(i < count && name != get_param_name(i)) {
			i++;
		}
		return i;
	}

	static void keep_text(std::vector<char>& storage, sinsp_str text) {
		storage.assign(text.data, text.data + text.len);
		storage.push_back('\0');
	}

	// Drops the previous event's references and returns the struct into which the inspector writes the next event.
	sinsp_event* next_event() {
		m_flags = SINSP_EF_NONE;
		m_info = nullptr;
		if(m_holds) {
			m_tinfo_ref.reset();
			m_fdinfo_ref.reset();
			m_thread.reset();
			m_file.reset();
			m_holds = false;
		}
		return &m_event;
	}

	sinsp* m_inspector = nullptr;
	std::unique_ptr<char[]> m_storage;
	sinsp_event m_event = {};
	const ppm_event_info* m_info = nullptr;
	uint32_t m_flags = SINSP_EF_NONE;
	uint32_t m_iosize = 0;
	int32_t m_rawbuf_str_len = 0;
	size_t m_source_idx = sinsp_no_event_source_idx;
	const char* m_source_name = sinsp_no_event_source_name;
	// Whether the two above hold; else the inspector finds them.
	bool m_has_source = true;
	std::shared_ptr<sinsp_threadinfo> m_tinfo_ref;
	std::shared_ptr<sinsp_fdinfo> m_fdinfo_ref;
	// The owners of the thread and fd of m_event, if the library has shared pointers to them.
	std::shared_ptr<sinsp_threadinfo> m_thread;
	std::shared_ptr<sinsp_fdinfo> m_file;
	// Whether any of the four pointers above may be set.
	bool m_holds = false;
	std::vector<sinsp_evt_param> m_params;
	std::vector<char> m_paramstr_storage;
	std::vector<char> m_resolved_paramstr_storage;
};

namespace libsinsp {
namespace detail {

// The event for the C ABI, which reports a null one as an error.
inline const sinsp_event* c_event(const sinsp_evt* evt) {
	return evt == nullptr ? nullptr : evt->c_event();
}

}  // namespace detail
}  // namespace libsinsp
