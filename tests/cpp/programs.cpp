// Uses the API as other programs do: the scripts of sysdig, which look at threads, fds and raw values, and Stratoshark, which shows all fields of all
// events. programs CAPTURE FOLDER. Prints failures and a count.
#include "check.h"

#include <libsinsp/filter_check_list.h>
#include <libsinsp/sinsp.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace {

std::string capture;

// A filter on the threads and fds of the table, by an event that is a header without a length.
void filter_of_fds() {
	sinsp inspector;
	inspector.open_savefile(capture);
	sinsp_evt* evt = nullptr;
	while(inspector.next(&evt) == SCAP_SUCCESS) {
	}
	auto filter = sinsp_filter_compiler(&inspector, "fd.type = file and fd.name startswith / and proc.pid > 0").compile();
	auto others = sinsp_filter_compiler(&inspector, "fd.type != file").compile();
	scap_evt header = {};
	header.ts = inspector.get_lastevent_ts();
	header.type = PPME_SYSCALL_READ_X;
	header.nparams = 3;
	sinsp_evt made;
	made.set_inspector(&inspector);
	made.set_info(&g_infotables.m_event_info[PPME_SYSCALL_READ_X]);
	made.set_scap_evt(&header);
	made.set_cpuid(0);
	made.set_num(0);
	int passed = 0;
	inspector.m_thread_manager->get_threads()->loop([&](sinsp_threadinfo& thread) {
		thread.get_fd_table()->loop([&](int64_t fd, sinsp_fdinfo& info) {
			made.set_tinfo(&thread);
			made.set_fd_info(&info);
			header.tid = static_cast<uint64_t>(thread.m_tid);
			thread.m_lastevent_fd = fd;
			const bool file = info.is_file();
			CHECK(others->run(&made) == !file);
			if(filter->run(&made)) {
				CHECK(file && info.m_name[0] == '/');
				passed++;
			}
			return true;
		});
		return true;
	});
	CHECK(passed > 0);
}

void raw_arguments() {
	// The type of a raw argument is that of the event's parameter, from the start on.
	sinsp inspector;
	inspector.open_savefile(capture);
	sinsp_filter_check_list fields;
	auto check = fields.new_filter_check_from_fldname("evt.rawarg.res", &inspector, true);
	check->parse_field_name("evt.rawarg.res", true, false);
	CHECK(check->get_field_info()->m_type != PT_DYN && check->get_field_info()->m_name == "evt.rawarg");
	sinsp_evt* evt = nullptr;
	int found = 0;
	while(inspector.next(&evt) == SCAP_SUCCESS) {
		std::vector<extract_value_t> values;
		if(check->extract(evt, values)) {
			const auto* param = evt->get_param_by_name("res");
			CHECK(param != nullptr && check->get_field_info()->m_type == param->get_info()->type);
			CHECK(values.size() == 1 && values[0].len == param->len() && std::memcmp(values[0].ptr, param->data(), param->len()) == 0);
			found++;
		}
	}
	CHECK(found > 100);
}

// The field that counts, found by its name; listings leave its class out.
void counter() {
	sinsp inspector;
	sinsp_filter_check_list fields;
	for(int i = 0; i < 2; i++) {
		const auto check = fields.new_filter_check_from_fldname("util.cnt", &inspector, true);
		check->parse_field_name("util.cnt", true, false);
		sinsp_evt none;
		CHECK(std::string(check->tostring(&none)) == "1" && std::string(check->tostring(&none)) == "2");
	}
	std::vector<const filter_check_info*> classes;
	fields.get_all_fields(classes);
	CHECK(std::count_if(classes.begin(), classes.end(), [](const auto* info) { return info->m_flags == filter_check_info::FL_HIDDEN; }) == 1);
	sinsp_filter_factory factory(&inspector, fields);
	for(const auto& listed : factory.get_fields()) {
		CHECK(listed.name != "util");
	}
}

// Output as JSON has the data whole, with a limit for other output.
void data_in_json() {
	std::map<sinsp_evt::param_fmt, size_t> longest;
	for(const auto format : {sinsp_evt::PF_NORMAL, sinsp_evt::PF_JSON}) {
		sinsp inspector;
		inspector.set_buffer_format(format);
		inspector.set_max_evt_output_len(20);
		inspector.open_savefile(capture);
		sinsp_evt* evt = nullptr;
		while(inspector.next(&evt) == SCAP_SUCCESS) {
			for(uint32_t i = 0; i < evt->get_num_params(); i++) {
				if(evt->get_param_info(i)->type == PT_BYTEBUF) {
					const char* resolved = nullptr;
					longest[format] = std::max(longest[format], std::strlen(evt->get_param_as_str(i, &resolved, format)));
				}
			}
		}
	}
	CHECK(longest[sinsp_evt::PF_NORMAL] == 20 && longest[sinsp_evt::PF_JSON] > 20);

	// All other data is shown alike.
	std::vector<std::string> lines[2];
	for(const auto format : {sinsp_evt::PF_NORMAL, sinsp_evt::PF_JSON}) {
		sinsp inspector;
		inspector.set_buffer_format(format);
		inspector.open_savefile(capture);
		sinsp_filter_check_list fields;
		sinsp_evt_formatter formatter(&inspector, "*%evt.num %evt.args", fields);
		sinsp_evt* evt = nullptr;
		while(inspector.next(&evt) == SCAP_SUCCESS) {
			std::string text;
			formatter.tostring_withformat(evt, text, sinsp_evt_formatter::OF_NORMAL);
			lines[format == sinsp_evt::PF_JSON].push_back(text);
		}
	}
	CHECK(lines[0] == lines[1]);
}

// All fields without an argument, in columns, and arguments and ancestors by number, each with the size of its type.
void all_fields() {
	sinsp inspector;
	inspector.set_internal_events_mode(true);
	inspector.set_buffer_format(sinsp_evt::PF_EOLS_COMPACT);
	sinsp_filter_check_list fields;
	sinsp_filter_factory factory(&inspector, fields);
	std::vector<const filter_check_info*> classes;
	fields.get_all_fields(classes);
	CHECK(classes.size() > 6 && classes[6]->m_name == "fs.path");

	struct column {
		const filtercheck_field_info* field;
		std::unique_ptr<sinsp_filter_check> check;
		int found;
	};
	std::vector<column> columns;
	const auto add = [&](const std::string& name, const filtercheck_field_info* field) {
		auto check = factory.new_filtercheck(name);
		CHECK(check != nullptr && check->parse_field_name(name, true, false) == static_cast<int32_t>(name.size()));
		columns.push_back({field == nullptr ? check->get_field_info() : field, std::move(check), 0});
	};
	for(const auto* of_class : classes) {
		for(int i = 0; of_class->m_flags != filter_check_info::FL_HIDDEN && i < of_class->m_nfields; i++) {
			const auto& field = of_class->m_fields[i];
			if(field.m_flags == EPF_NONE || field.m_flags == EPF_NO_PTR_STABILITY) {
				add(field.m_name, &field);
			}
		}
	}
	for(int i = 0; i < 8; i++) {
		const auto number = "[" + std::to_string(i) + "]";
		for(const char* name : {"evt.arg", "proc.aname", "proc.acmdline", "proc.aexepath", "proc.apid"}) {
			add(name + number, nullptr);
		}
	}
	inspector.open_savefile(capture);
	sinsp_evt* evt = nullptr;
	std::set<uint64_t> numbers;
	while(inspector.next(&evt) == SCAP_SUCCESS) {
		numbers.insert(evt->get_num());
		for(auto& column : columns) {
			std::vector<extract_value_t> values;
			if(!column.check->extract(evt, values, false) || values.empty()) {
				continue;
			}
			column.found++;
			const auto size = sinsp_type_size(column.field->m_type);
			CHECK(values.size() == 1 && values[0].ptr != nullptr && (size == 0 || values[0].len == size));
			if(column.field->m_type == PT_CHARBUF) {
				CHECK(strnlen(reinterpret_cast<const char*>(values[0].ptr), values[0].len + 1) <= values[0].len);
			}
		}
	}
	CHECK(numbers.size() > 100 && *numbers.begin() > 0 && inspector.get_bytes_read() > 0);
	const auto with_values = std::count_if(columns.begin(), columns.end(), [](const auto& column) { return column.found > 0; });
	CHECK(with_values > 80);
}

}  // namespace

int main(int argc, char** argv) {
	if(argc < 2) {
		std::puts("usage: programs CAPTURE FOLDER");
		return 2;
	}
	capture = argv[1];
	return run_tests({
	        {"a filter of fds", filter_of_fds},
	        {"raw arguments", raw_arguments},
	        {"the field that counts", counter},
	        {"data in JSON", data_in_json},
	        {"all fields", all_fields},
	});
}
