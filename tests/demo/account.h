// SPDX-License-Identifier: Apache-2.0
// A short account of what processes did: a tree of them, each with its files and connections. Used by demo.cpp.
#pragma once

#include <libsinsp/eventformatter.h>
#include <libsinsp/filter_check_list.h>
#include <libsinsp/sinsp.h>

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

class account {
public:
	account(sinsp& inspector, bool colour): m_colour(colour), m_command(&inspector, "%proc.cmdline", m_fields) {
		for(const auto& [counted, verb, filter, format] : s_rules) {
			m_rules.push_back({counted,
			                   verb,
			                   sinsp_filter_compiler(&inspector, filter).compile(),
			                   format == nullptr ? nullptr : std::make_unique<sinsp_evt_formatter>(&inspector, format, m_fields)});
		}
	}

	void take(sinsp_evt* evt) {
		const sinsp_threadinfo* thread = evt->get_thread_info();
		if(thread == nullptr) {
			return;
		}
		auto [found, is_new] = m_processes.try_emplace(thread->m_pid);
		process& who = found->second;
		if(is_new) {
			who.parent = thread->m_ptid;
			who.command = thread->m_comm;
			m_order.push_back(thread->m_pid);
		}
		for(auto& rule : m_rules) {
			std::string text;
			if(!rule.filter->run(evt)) {
				continue;
			}
			if(rule.counted == nothing) {
				m_libraries++;
			} else if(rule.counted == programs) {
				m_command.tostring(evt, who.command);
				m_counts[programs]++;
			} else if(rule.format->tostring(evt, text)) {
				add(who, rule, text);
			}
			break;
		}
	}

	void print() const {
		for(const int64_t pid : m_order) {
			if(m_processes.count(m_processes.at(pid).parent) == 0) {
				print(pid, "", "");
			}
		}
		printf("\n%zu processes: %" PRIu64 " programs started, %" PRIu64 " files read, %" PRIu64 " written, %" PRIu64
		       " other changes of files, %" PRIu64 " connections, %" PRIu64 " failures\n(%" PRIu64 " opens of libraries and system files are not shown)\n",
		       m_processes.size(),
		       m_counts[programs],
		       m_counts[read],
		       m_counts[written],
		       m_counts[changed],
		       m_counts[connections],
		       m_counts[failures],
		       m_libraries);
	}

private:
	enum kind { nothing, programs, read, written, changed, connections, failures, others, kinds };

	// What an event says about its process: the first rule whose filter accepts it. Without a format nothing is shown.
	struct description {
		kind counted;
		const char *verb, *filter, *format;
	};
	static inline const description s_rules[] = {
	        {programs, "starts", "evt.type in (execve, execveat) and evt.failed = false", nullptr},
	        {nothing,
	         "",
	         "evt.type in (open, openat, openat2) and evt.failed = false and (fd.name endswith .so or fd.name contains .so. or "
	         "fd.name startswith /proc/ or fd.name in (/etc/ld.so.cache, /etc/nsswitch.conf, /etc/passwd, /dev/tty) or fd.name startswith "
	         "/usr/lib/locale/ or fd.name startswith /usr/share/locale)",
	         nullptr},
	        {others, "lists", "evt.type in (open, openat, openat2) and evt.failed = false and evt.arg.flags contains O_DIRECTORY", "%fd.name"},
	        {written, "writes", "evt.type in (open, openat, openat2) and evt.failed = false and evt.is_open_write = true", "%fd.name"},
	        {read, "reads", "evt.type in (open, openat, openat2) and evt.failed = false", "%fd.name"},
	        {changed, "makes", "evt.type in (mkdir, mkdirat) and evt.failed = false", "%fs.path.name"},
	        {changed, "removes", "evt.type in (unlink, unlinkat, rmdir) and evt.failed = false", "%fs.path.name"},
	        {changed, "moves", "evt.type in (rename, renameat, renameat2) and evt.failed = false", "%fs.path.source to %fs.path.target"},
	        {connections, "connects", "evt.type = connect and evt.failed = false", "to %fd.name"},
	        {connections, "connects", "evt.type = connect and evt.res in (EINPROGRESS, EAGAIN)", "to %evt.arg.addr"},
	        {failures, "cannot", "evt.type = connect", "connect to %evt.arg.addr: %evt.res"},
	        {others, "signals", "evt.type = kill and evt.failed = false and evt.arg.sig != 0", "%evt.arg.pid: %evt.arg.sig"},
	        {failures, "fails", "evt.type = procexit and evt.arg.ret != 0", "with the exit status %evt.arg.ret"},
	};

	struct rule {
		kind counted;
		const char* verb;
		std::unique_ptr<sinsp_filter> filter;
		std::unique_ptr<sinsp_evt_formatter> format;
	};
	struct action {
		const char* verb;
		bool failed;
		std::string what;
		unsigned times;
	};
	struct process {
		int64_t parent = 0;
		std::string command;
		std::vector<action> actions;
	};

	void add(process& who, const rule& rule, const std::string& what) {
		m_counts[rule.counted]++;
		for(auto& known : who.actions) {
			if(known.verb == rule.verb && known.what == what) {
				known.times++;
				return;
			}
		}
		who.actions.push_back({rule.verb, rule.counted == failures, what, 1});
	}

	const char* colour(const char* code) const { return m_colour ? code : ""; }

	// Prints a process after `branch`, and what is below it after `indent`.
	void print(int64_t pid, const std::string& branch, const std::string& indent) const {
		const char *bold = colour("\033[1m"), *dim = colour("\033[2m"), *plain = colour("\033[0m");
		const process& who = m_processes.at(pid);
		std::vector<int64_t> children;
		for(const int64_t child : m_order) {
			if(child != pid && m_processes.at(child).parent == pid) {
				children.push_back(child);
			}
		}
		printf("%s%s%s%s %s(%" PRId64 ")%s\n", branch.c_str(), bold, who.command.c_str(), plain, dim, pid, plain);
		for(const auto& [verb, failed, what, times] : who.actions) {
			const std::string repeated = times > 1 ? " (" + std::to_string(times) + " times)" : "";
			printf("%s%s  %s%s%s %s%s%s%s\n",
			       indent.c_str(),
			       children.empty() ? " " : "│",
			       colour(failed ? "\033[31m" : "\033[36m"),
			       verb,
			       plain,
			       what.c_str(),
			       dim,
			       repeated.c_str(),
			       plain);
		}
		for(const int64_t child : children) {
			const bool last = child == children.back();
			print(child, indent + (last ? "└─ " : "├─ "), indent + (last ? "   " : "│  "));
		}
	}

	bool m_colour;
	sinsp_filter_check_list m_fields;
	sinsp_evt_formatter m_command;
	std::vector<rule> m_rules;
	std::map<int64_t, process> m_processes;
	std::vector<int64_t> m_order;  // the processes as they were first seen
	uint64_t m_counts[kinds] = {};
	uint64_t m_libraries = 0;
};
