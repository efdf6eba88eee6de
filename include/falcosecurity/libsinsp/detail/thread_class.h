// SPDX-License-Identifier: Apache-2.0
// The class of threads. Included by threadinfo.h.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libscap/scap.h>
#include <libsinsp/detail/core_link.h>
#include <libsinsp/detail/erased_fd.h>
#include <libsinsp/detail/iovec.h>
#include <libsinsp/detail/relatives.h>
#include <libsinsp/detail/thread_init.h>
#include <libsinsp/detail/thread_scalars.h>
#include <libsinsp/fdinfo.h>
#include <libsinsp/fdtable.h>
#include <libsinsp/sinsp_exception.h>
#include <libsinsp/sinsp_public.h>
#include <libsinsp/state/extensible_struct.h>
#include <libsinsp/thread_group_info.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Data shared by all threads of an inspector, passed to the constructor of a thread.
struct sinsp_threadinfo_ctor_params {
	std::shared_ptr<libsinsp::detail::core_link> link;
	// The dynamic fields of the thread table and of fd tables.
	std::shared_ptr<libsinsp::state::dynamic_field_infos> thread_fields = nullptr;
	std::shared_ptr<libsinsp::state::dynamic_field_infos> fd_fields = nullptr;
};

// A thread. Its members are the data of the library itself: the library reads what a program writes to them. The object lives as long as a shared
// pointer to it exists, and keeps its values after the thread exits. A thread without an inspector was made by the program, or has left its
// inspector. Any operating-system thread may read plain members and drop a shared pointer; functions that access other threads or fds may be called
// on the thread that uses the inspector only.
class SINSP_PUBLIC sinsp_threadinfo : public libsinsp::state::extensible_struct, public libsinsp::detail::thread_scalars {
public:
	using cgroups_t = std::vector<std::pair<std::string, std::string>>;
	using ctor_params = sinsp_threadinfo_ctor_params;

	explicit sinsp_threadinfo(const std::shared_ptr<ctor_params>& params):
	        extensible_struct(params != nullptr ? params->thread_fields : nullptr),
	        m_tginfo(m_place),
	        m_children(m_place),
	        m_params(params),
	        m_fdtable(params != nullptr ? params->fd_fields : nullptr) {}
	sinsp_threadinfo(const sinsp_threadinfo&) = delete;
	sinsp_threadinfo& operator=(const sinsp_threadinfo&) = delete;
	~sinsp_threadinfo() override = default;

	// Sets all numbers but the tid to those of a new thread; with a description of a thread, all data.
	void init() {
		const auto tid = m_tid;
		static_cast<libsinsp::detail::thread_scalars&>(*this) = {};
		m_tid = tid;
		m_parent_loop_detected = false;
	}
	void init(const scap_threadinfo& pinfo, bool can_load_env_from_proc) {
		init();
		libsinsp::detail::describe_thread(*this, pinfo, can_load_env_from_proc);
		m_fdtable.clear();
		m_fdtable.set_tid(m_tid);
	}

	// The members that are static fields of the thread table. Lists and fds are fields of type table.
	static inline libsinsp::state::static_field_infos get_static_fields();
	static const libsinsp::state::static_field_infos& static_fields() {
		static const auto fields = get_static_fields();
		return fields;
	}
	[[nodiscard]] inline const void* raw_read_field(const libsinsp::state::accessor& a) const override;

	std::string get_comm() const { return m_comm; }
	std::string get_exe() const { return m_exe; }
	std::string get_exepath() const { return m_exepath; }
	// The working directory of the process, with a '/' at the end; "./" if the main thread is unknown.
	std::string get_cwd() {
		const auto* main = get_main_thread();
		return main != nullptr ? main->m_cwd : "./";
	}
	void set_cwd(const std::string& cwd) { m_cwd = cwd; }
	// Changes the working directory of the process. `cwd` may be relative to the present one.
	void update_cwd(std::string_view cwd) {
		if(auto* main = get_main_thread()) {
			main->m_cwd = libsinsp::detail::text(sinsp_text_cwd(libsinsp::detail::str(main->m_cwd), libsinsp::detail::str(cwd)));
		}
	}

	// The environment of the process, each entry "name=value".
	const std::vector<std::string>& get_env() {
		const auto* main = get_main_thread();
		return main != nullptr ? main->m_env : m_env;
	}
	// The value of an environment variable, without surrounding spaces; empty if it is not set.
	inline std::string get_env(const std::string& name);
	std::string concatenate_all_env() { return joined(get_env()); }

	bool is_main_thread() const { return m_tid == m_pid || (m_flags & PPM_CL_IS_MAIN_THREAD); }
	bool is_in_pid_namespace() const {
		return (m_flags & PPM_CL_CHILD_IN_PIDNS) || (m_tid != m_vtid && m_vtid >= 0);
	}
	bool is_invalid() const { return m_tid < 0 || m_pid < 0 || m_ptid < 0; }
	bool is_dead() const { return m_flags & PPM_CL_CLOSED; }
	void set_dead() { m_flags |= PPM_CL_CLOSED; }
	// Marks a thread that was marked as dead as running.
	void resurrect_thread() {
		if(is_dead()) {
			m_flags &= ~PPM_CL_CLOSED;
			if(m_tginfo) {
				m_tginfo->increment_thread_count();
			}
		}
	}

	// The number of threads of the process that have not exited.
	uint64_t get_num_threads() const { return m_tginfo ? m_tginfo->get_thread_count() : 0; }
	uint64_t get_num_not_leader_threads() const {
		const auto* main = get_main_thread();
		const uint64_t all = get_num_threads();
		return m_tginfo && main != nullptr && !main->is_dead() ? all - 1 : all;
	}

	// Returns null if the main thread is unknown.
	inline sinsp_threadinfo* get_main_thread();
	const sinsp_threadinfo* get_main_thread() const { return const_cast<sinsp_threadinfo*>(this)->get_main_thread(); }

	// The fd table of the thread; that of its process if they share it. Null if the main thread is unknown.
	sinsp_fdtable* get_fd_table() {
		auto* owner = (m_flags & PPM_CL_CLONE_FILES) ? get_main_thread() : this;
		return owner == nullptr ? nullptr : &owner->m_fdtable;
	}
	const sinsp_fdtable* get_fd_table() const { return const_cast<sinsp_threadinfo*>(this)->get_fd_table(); }
	// The fd table of this thread; an empty one if it shares the table of its process.
	sinsp_fdtable& get_fdtable() {
		if(!(m_flags & PPM_CL_CLONE_FILES) || is_main_thread() || m_place.inspector() == nullptr) {
			return m_fdtable;
		}
		if(m_own_files == nullptr) {
			m_own_files = std::make_unique<sinsp_fdtable>(m_params->fd_fields);
		}
		return *m_own_files;
	}
	const sinsp_fdtable& get_fdtable() const { return const_cast<sinsp_threadinfo*>(this)->get_fdtable(); }
	void update_main_fdtable() {}

	// Returns null if there is no such fd. Sets its m_oldname to its name.
	sinsp_fdinfo* get_fd(int64_t fd) {
		auto* files = fd < 0 ? nullptr : get_fd_table();
		auto* file = files == nullptr ? nullptr : files->find(fd);
		if(file != nullptr) {
			file->m_oldname = file->m_name;
		}
		return file;
	}
	// Returns null if there is no fd table or it is full.
	sinsp_fdinfo* add_fd(int64_t fd, std::shared_ptr<sinsp_fdinfo>&& fdinfo) {
		auto* files = get_fd_table();
		auto* file = files == nullptr ? nullptr : files->add(fd, std::move(fdinfo));
		if(file != nullptr) {
			m_lastevent_fd = fd;
		}
		return file;
	}
	void remove_fd(int64_t fd) {
		if(auto* files = get_fd_table()) {
			files->erase(fd);
		}
	}
	// Calls `visitor` for each fd until it returns false. Returns whether all calls returned true.
	bool loop_fds(const sinsp_fdtable::fdtable_const_visitor_t& visitor) const {
		const auto* files = get_fd_table();
		return files != nullptr && files->const_loop(visitor);
	}

	inline bool is_bound_to_port(uint16_t number) const;
	inline bool uses_client_port(uint16_t number) const;

	uint64_t get_fd_opencount() const {
		const auto* main = get_main_thread();
		return main == nullptr ? 0 : main->m_fdtable.size();
	}
	uint64_t get_fd_limit() {
		const auto* main = get_main_thread();
		return main == nullptr ? 0 : static_cast<uint64_t>(main->m_fdlimit);
	}
	// Open fds in percent of the fd limit; 0 without a limit.
	uint64_t get_fd_usage_pct() { return static_cast<uint64_t>(get_fd_usage_pct_d()); }
	double get_fd_usage_pct_d() {
		const auto limit = static_cast<int64_t>(get_fd_limit());
		return limit > 0 ? 100.0 * static_cast<double>(get_fd_opencount()) / static_cast<double>(limit) : 0;
	}

	const cgroups_t& cgroups() const { return m_cgroups; }
	// The path in a subsystem; "/" where there is none.
	inline const std::string& get_cgroup(const std::string& subsys) const;
	bool get_cgroup(const std::string& subsys, std::string& cgroup) const {
		const auto* path = find_cgroup(subsys);
		return path != nullptr && (cgroup = *path, true);
	}

	// The command line of a thread: its name and its arguments, with spaces between them, as they were when its arguments were set.
	static void populate_cmdline(std::string& cmdline, const sinsp_threadinfo* tinfo) {
		cmdline = tinfo->m_cmd_line.empty() ? tinfo->command_line() : tinfo->m_cmd_line;
	}
	// Appends the arguments of a thread, with spaces between them.
	static void populate_args(std::string& args, const sinsp_threadinfo* tinfo) { args += joined(tinfo->m_args); }

	// The path of a directory that it has open, with a '/' at its end; empty if it is not known.
	inline std::string get_path_for_dir_fd(int64_t dir_fd);

	// The bytes of a list, its texts each ended by a NUL.
	// Arguments, environment and cgroups as pieces, which point into them; see detail/iovec.h.
	void args_to_iovec(iovec** iov, int* iovcnt, std::string& rem) const { list_to_iovec(m_args, iov, iovcnt, rem); }
	void env_to_iovec(iovec** iov, int* iovcnt, std::string& rem) const { list_to_iovec(m_env, iov, iovcnt, rem); }
	void cgroups_to_iovec(iovec** iov, int* iovcnt, std::string& rem, const cgroups_t& cgroups) const {
		static const std::string equals = "=";
		libsinsp::detail::pieces pieces(3 * cgroups.size(), iov, iovcnt, rem);
		for(const auto& [subsys, path] : cgroups) {
			pieces.add(subsys, false);
			pieces.add(equals, false);
			pieces.add(path, true);
		}
	}
	size_t args_len() const { return wire_len(m_args); }
	size_t env_len() const { return wire_len(m_env); }

	// Lists as they stand in events: texts, each ended by a NUL.
	void set_args(const char* args, size_t len) {
		const bool ended = len > 0 && args[len - 1] == '\0';
		set_args(libsinsp::detail::texts(sinsp_str{args, ended && len == 1 ? 0 : len}));
	}
	void set_args(const std::vector<std::string>& args) {
		m_args = args;
		update_command_line();
	}
	// `can_load_from_proc`: an environment of SCAP_MAX_ENV_SIZE bytes, which may be cut, is read from /proc.
	void set_env(const char* env, size_t len, bool can_load_from_proc = false) {
		sinsp_str wire = {env, len};
		auto* inspector = m_params == nullptr || m_params->link == nullptr ? nullptr : m_params->link->inspector;
		if(can_load_from_proc && len == SCAP_MAX_ENV_SIZE && inspector != nullptr) {
			if(const auto all = sinsp_inspector_environment(inspector, m_pid); all.len != 0) {
				wire = all;
			}
		}
		m_env = libsinsp::detail::texts(wire);
	}
	// Entries are "subsystem=path"; the kernel's subsystem names are converted to users' names. Does nothing if an entry has no '='.
	inline void set_cgroups(const char* cgroups, size_t len);
	inline void set_cgroups(const std::vector<std::string>& cgroups);
	void set_cgroups(const cgroups_t& cgroups) { m_cgroups = cgroups; }
	// Removes the suffix " (deleted)" that the kernel adds.
	void set_exepath(std::string&& exepath) {
		constexpr std::string_view remark = " (deleted)";
		m_exepath = std::move(exepath);
		if(m_exepath.size() > remark.size() && std::string_view(m_exepath).substr(m_exepath.size() - remark.size()) == remark) {
			m_exepath.resize(m_exepath.size() - remark.size());
		}
	}

	// Makes `child` a child of this thread.
	inline void add_child(const std::shared_ptr<sinsp_threadinfo>& child);
	inline void clean_expired_children();
	// Makes `reaper` the parent of the children; null: they have no parent. Throws if `reaper` is this thread, or this thread has no inspector.
	inline void assign_children_to_reaper(sinsp_threadinfo* reaper);

	// Whether traverse_parent_state() found a loop of parents.
	bool parent_loop_detected() const { return m_parent_loop_detected; }
	void set_parent_loop_detected(bool detected) { m_parent_loop_detected = detected; }

	std::string m_comm;               // the name
	std::string m_exe;                // argv[0]
	std::string m_exepath;            // the full path of the executable
	std::string m_root;               // the root directory
	std::string m_cmd_line;           // comm and arguments as of set_args(); empty if comm was empty
	std::vector<std::string> m_args;  // the arguments after argv[0]
	std::vector<std::string> m_env;   // this thread's copy of the environment; get_env() returns that of the process
	cgroups_t m_cgroups;              // subsystem and path of each cgroup

private:
	// Declared before the members that point to it.
	libsinsp::detail::thread_place m_place;

public:
	libsinsp::detail::group_member m_tginfo;       // the thread group of the process
	libsinsp::detail::children_member m_children;  // the children

protected:
	const std::shared_ptr<ctor_params> m_params;

private:
	friend class sinsp_evt;
	friend class sinsp_thread_manager;
	friend class threadinfo_map_t;
	friend struct libsinsp::detail::stores;
	friend struct thread_group_info;
	friend class libsinsp::detail::children_member;

	static std::string joined(const std::vector<std::string>& texts) {
		std::string all;
		for(const auto& text : texts) {
			all.append(all.empty() && &text == texts.data() ? "" : " ").append(text);
		}
		return all;
	}

	std::string command_line() const {
		auto line = m_comm;
		for(const auto& arg : m_args) {
			line.append(" ").append(arg);
		}
		return line;
	}
	void update_command_line() { m_cmd_line = m_comm.empty() ? "" : command_line(); }

	static void list_to_iovec(const std::vector<std::string>& texts, iovec** iov, int* iovcnt, std::string& rem) {
		libsinsp::detail::pieces pieces(texts.size(), iov, iovcnt, rem);
		for(const auto& text : texts) {
			pieces.add(text, true);
		}
	}

	static size_t wire_len(const std::vector<std::string>& texts) {
		size_t len = 0;
		for(const auto& text : texts) {
			len += text.size() + 1;
		}
		return len;
	}

	const std::string* find_cgroup(const std::string& subsys) const {
		for(const auto& [name, path] : m_cgroups) {
			if(name == subsys) {
				return &path;
			}
		}
		return nullptr;
	}

	// Passes a thread and a shared pointer to it to `take`, a function of the C ABI that adds it to an inspector. Returns its id there;
	// SINSP_NO_THREAD, with an error, on failure.
	template<typename Take>
	static uint64_t give(const std::shared_ptr<sinsp_threadinfo>& thread, libsinsp::detail::error& error, const Take& take) {
		const auto own_group = thread->m_tginfo.own();
		thread->m_core_share.set(thread);
		const uint64_t id = take(thread.get(), error.out());
		if(id != SINSP_NO_THREAD) {
			thread->m_fdtable.attach(thread->m_place);
			if(own_group != nullptr) {
				thread->m_tginfo = own_group;
			}
		}
		return id;
	}

	// The lists as tables of state.
	struct list_tables {
		explicit list_tables(sinsp_threadinfo& of): args("args", of.m_args), env("env", of.m_env), cgroups("cgroups", of.m_cgroups) {}

		libsinsp::state::stl_container_table_adapter<std::vector<std::string>> args;
		libsinsp::state::stl_container_table_adapter<std::vector<std::string>> env;
		libsinsp::state::stl_container_table_adapter<cgroups_t, libsinsp::state::pair_table_entry_adapter<std::string, std::string>>
		        cgroups;
		// The table returned by the last raw_read_field().
		libsinsp::state::base_table* read = nullptr;
	};

	std::string m_cwd;
	sinsp_fdtable m_fdtable;
	// The empty table of a thread that shares the fds of its process. Made at the first access.
	std::unique_ptr<sinsp_fdtable> m_own_files;
	// Made at the first access.
	mutable std::unique_ptr<list_tables> m_tables;
	bool m_parent_loop_detected = false;
	libsinsp::detail::own_share<sinsp_threadinfo> m_core_share;
};

inline libsinsp::state::static_field_infos sinsp_threadinfo::get_static_fields() {
	using self = sinsp_threadinfo;
	libsinsp::state::static_field_infos fields;
	DEFINE_STATIC_FIELD(fields, self, m_tid, "tid");
	DEFINE_STATIC_FIELD(fields, self, m_pid, "pid");
	DEFINE_STATIC_FIELD(fields, self, m_ptid, "ptid");
	DEFINE_STATIC_FIELD(fields, self, m_reaper_tid, "reaper_tid");
	DEFINE_STATIC_FIELD(fields, self, m_sid, "sid");
	DEFINE_STATIC_FIELD(fields, self, m_comm, "comm");
	DEFINE_STATIC_FIELD(fields, self, m_exe, "exe");
	DEFINE_STATIC_FIELD(fields, self, m_exepath, "exe_path");
	DEFINE_STATIC_FIELD(fields, self, m_exe_writable, "exe_writable");
	DEFINE_STATIC_FIELD(fields, self, m_exe_upper_layer, "exe_upper_layer");
	DEFINE_STATIC_FIELD(fields, self, m_exe_lower_layer, "exe_lower_layer");
	DEFINE_STATIC_FIELD(fields, self, m_exe_from_memfd, "exe_from_memfd");
	DEFINE_STATIC_FIELD(fields, self, m_exe_ino, "exe_ino");
	DEFINE_STATIC_FIELD(fields, self, m_exe_ino_ctime, "exe_ino_ctime");
	DEFINE_STATIC_FIELD(fields, self, m_exe_ino_mtime, "exe_ino_mtime");
	DEFINE_STATIC_FIELD(fields, self, m_flags, "flags");
	DEFINE_STATIC_FIELD(fields, self, m_fdlimit, "fd_limit");
	DEFINE_STATIC_FIELD(fields, self, m_uid, "uid");
	DEFINE_STATIC_FIELD(fields, self, m_gid, "gid");
	DEFINE_STATIC_FIELD(fields, self, m_loginuid, "loginuid");
	DEFINE_STATIC_FIELD(fields, self, m_vtid, "vtid");
	DEFINE_STATIC_FIELD(fields, self, m_vpid, "vpid");
	DEFINE_STATIC_FIELD(fields, self, m_vpgid, "vpgid");
	DEFINE_STATIC_FIELD(fields, self, m_pgid, "pgid");
	DEFINE_STATIC_FIELD(fields, self, m_pidns_init_start_ts, "pidns_init_start_ts");
	DEFINE_STATIC_FIELD(fields, self, m_root, "root");
	DEFINE_STATIC_FIELD(fields, self, m_tty, "tty");
	DEFINE_STATIC_FIELD_READONLY(fields, self, m_cwd, "cwd");
	// These fields have no offset: raw_read_field() finds them by name.
	for(const char* name : {"args", "env", "cgroups", "file_descriptors"}) {
		libsinsp::state::define_static_field<libsinsp::state::base_table*>(fields, 0, name, true);
	}
	return fields;
}

inline const void* sinsp_threadinfo::raw_read_field(const libsinsp::state::accessor& a) const {
	const auto* member = dynamic_cast<const libsinsp::state::static_field_accessor*>(&a);
	if(member == nullptr || member->type_id() != SS_PLUGIN_ST_TABLE) {
		return extensible_struct::raw_read_field(a);
	}
	// The const_cast is valid: no object of an inspector is declared const, and entries of an inner table may be written.
	auto& self = const_cast<sinsp_threadinfo&>(*this);
	if(m_tables == nullptr) {
		m_tables = std::make_unique<list_tables>(self);
	}
	auto& tables = *m_tables;
	const auto& name = member->info().name();
	tables.read = name == "args"      ? static_cast<libsinsp::state::base_table*>(&tables.args)
	              : name == "env"     ? &tables.env
	              : name == "cgroups" ? static_cast<libsinsp::state::base_table*>(&tables.cgroups)
	                                  : self.get_fd_table();
	return &tables.read;
}

inline std::string sinsp_threadinfo::get_env(const std::string& name) {
	for(const auto& variable : get_env()) {
		if(variable.size() > name.size() && variable[name.size()] == '=' && variable.compare(0, name.size(), name) == 0) {
			const auto start = variable.find_first_not_of(' ', name.size() + 1);
			return start == std::string::npos ? "" : variable.substr(start, variable.find_last_not_of(' ') + 1 - start);
		}
	}
	return "";
}

inline sinsp_threadinfo* sinsp_threadinfo::get_main_thread() {
	if(is_main_thread()) {
		return this;
	}
	if(auto* inspector = m_place.inspector()) {
		return m_place.link->thread(sinsp_thread_main(inspector, m_place.id));
	}
	auto* first = m_tginfo ? m_tginfo->get_first_thread() : nullptr;
	return first != nullptr && first->is_main_thread() ? first : nullptr;
}

inline bool sinsp_threadinfo::is_bound_to_port(uint16_t number) const {
	bool bound = false;
	loop_fds([&](int64_t, const sinsp_fdinfo& file) {
		const auto& sock = file.m_sockinfo;
		bound = (file.m_type == SCAP_FD_IPV4_SOCK && sock.m_ipv4info.m_fields.m_dport == number) ||
		        (file.m_type == SCAP_FD_IPV4_SERVSOCK && sock.m_ipv4serverinfo.m_port == number);
		return !bound;
	});
	return bound;
}

inline bool sinsp_threadinfo::uses_client_port(uint16_t number) const {
	bool uses = false;
	loop_fds([&](int64_t, const sinsp_fdinfo& file) {
		uses = file.m_type == SCAP_FD_IPV4_SOCK && file.m_sockinfo.m_ipv4info.m_fields.m_sport == number;
		return !uses;
	});
	return uses;
}

inline const std::string& sinsp_threadinfo::get_cgroup(const std::string& subsys) const {
	static const std::string none = "/";
	const auto* path = find_cgroup(subsys);
	return path == nullptr ? none : *path;
}

inline std::string sinsp_threadinfo::get_path_for_dir_fd(int64_t dir_fd) {
	auto* files = dir_fd < 0 ? nullptr : get_fd_table();
	const auto* directory = files == nullptr ? nullptr : files->find(dir_fd);
	if(directory == nullptr || directory->m_name.empty()) {
		return "";
	}
	return libsinsp::detail::text(
	        sinsp_text_printable(libsinsp::detail::str(directory->m_name.back() == '/' ? directory->m_name : directory->m_name + '/')));
}

inline void sinsp_threadinfo::set_cgroups(const char* cgroups, size_t len) {
	const auto known = libsinsp::detail::texts(sinsp_text_cgroups(sinsp_str{cgroups, len}));
	if(known.empty() && len > 1) {
		return;
	}
	m_cgroups.clear();
	for(const auto& pair : known) {
		const auto at = pair.find('=');
		m_cgroups.emplace_back(pair.substr(0, at), pair.substr(at + 1));
	}
}

inline void sinsp_threadinfo::set_cgroups(const std::vector<std::string>& cgroups) {
	std::string wire;
	for(const auto& pair : cgroups) {
		wire.append(pair).push_back('\0');
	}
	set_cgroups(wire.data(), wire.size());
}

inline void sinsp_threadinfo::add_child(const std::shared_ptr<sinsp_threadinfo>& child) {
	auto* inspector = m_place.inspector();
	if(inspector != nullptr && child->m_place.inspector() == inspector) {
		libsinsp::detail::error error;
		error.check(sinsp_thread_add_child(inspector, m_place.id, child->m_place.id, error.out()));
		return;
	}
	m_children.push_front(child);
	child->m_ptid = m_tid;
	m_not_expired_children++;
}

inline void sinsp_threadinfo::clean_expired_children() {
	if(auto* inspector = m_place.inspector()) {
		libsinsp::detail::error error;
		error.check(sinsp_thread_clean_children(inspector, m_place.id, error.out()));
	}
}

inline void sinsp_threadinfo::assign_children_to_reaper(sinsp_threadinfo* reaper) {
	auto* inspector = m_place.inspector();
	if(reaper == this || inspector == nullptr) {
		throw sinsp_exception("the children of thread " + std::to_string(m_tid) + " can only go to another thread of its inspector");
	}
	libsinsp::detail::error error;
	const uint64_t to = reaper == nullptr ? SINSP_NO_THREAD : reaper->m_place.id;
	error.check(sinsp_thread_move_children(inspector, m_place.id, to, error.out()));
}
