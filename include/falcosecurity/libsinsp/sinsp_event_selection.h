// SPDX-License-Identifier: Apache-2.0
// What the kernel's driver leaves out of the events that no filter wants: sinsp::start_event_selection(). Not in the reference.
#pragma once

#include <libsinsp/detail/standard.h>

#include <libscap/scap.h>
#include <libsinsp/detail/ffi.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

// A report of one moment. Copies share it; it may outlive its inspector, and be used on any thread.
class sinsp_event_selection {
public:
	// Why calls with one kind of result are reported.
	struct reason {
		sinsp_kept kept;
		// The first filter that can hold for them, by its index, if `kept` is SINSP_KEPT_FOR_FILTER.
		size_t filter;

		bool is_reported() const { return kept != SINSP_KEPT_NOT; }
	};

	// A system call, or a tracepoint, whose events have no result: then both reasons are the same.
	struct row {
		ppm_sc_code sc;
		std::string name;
		reason succeeded;
		reason failed;
	};

	// Takes the report over.
	explicit sinsp_event_selection(sinsp_selection* report): m_report(report, sinsp_selection_free) {}

	// Whether events are left out. If not, notes() says why.
	bool is_active() const { return sinsp_selection_active(m_report.get()); }

	// Why nothing is left out, and which filters keep it from being more.
	std::vector<std::string> notes() const {
		std::vector<std::string> all;
		sinsp_str note;
		while(sinsp_selection_note(m_report.get(), all.size(), &note)) {
			all.push_back(libsinsp::detail::text(note));
		}
		return all;
	}

	// The system calls and tracepoints of this machine. If nothing is left out, what would be.
	std::vector<row> rows() const {
		std::vector<row> all;
		sinsp_selection_row found;
		while(sinsp_selection_get(m_report.get(), all.size(), &found)) {
			all.push_back({static_cast<ppm_sc_code>(found.sc),
			               libsinsp::detail::text(found.name),
			               {static_cast<sinsp_kept>(found.succeeded), found.succeeded_filter},
			               {static_cast<sinsp_kept>(found.failed), found.failed_filter}});
		}
		return all;
	}

	// All of it as a table, to be printed.
	std::string text() const { return libsinsp::detail::text(sinsp_selection_text(m_report.get())); }

private:
	std::shared_ptr<sinsp_selection> m_report;
};
