// Tables that a plugin changes while one of its fields is extracted: extraction CAPTURE FOLDER OWN.
#include "made.h"

#include <libsinsp/capi.h>
#include <libsinsp/filter_check_list.h>
#include <libsinsp/plugin_filtercheck.h>

#include <map>

namespace {

using plugin = made<1>;

ss_plugin_init_tables_input tables;
ss_plugin_table_reader_vtable_ext reader;
ss_plugin_table_writer_vtable_ext writer;
const char* (*last_error)(ss_plugin_owner_t*);
ss_plugin_owner_t* owner;
ss_plugin_table_t *threads, *counts;
ss_plugin_table_field_t *seen, *comm, *count;
// What the field does with the entry of the event's thread, and its value.
std::function<uint64_t(int64_t tid, ss_plugin_table_entry_t* thread)> act;

ss_plugin_state_data number(int64_t n) {
	ss_plugin_state_data data{};
	data.s64 = n;
	return data;
}

plugin_api api() {
	auto functions = plugin::api();
	functions.get_fields = [] { return "[{\"type\": \"uint64\", \"name\": \"made.count\", \"desc\": \"d\"}]"; };
	functions.extract_fields = [](ss_plugin_t*, const ss_plugin_event_input* evt, const ss_plugin_field_extract_input* in) {
		static uint64_t value;
		const auto key = number(static_cast<int64_t>(evt->evt->tid));
		auto* entry = reader.get_table_entry(threads, &key);
		const bool had = entry != nullptr;
		plugin::runs([&] { value = had ? act(key.s64, entry) : 0; });
		if(had) {
			reader.release_table_entry(threads, entry);
		}
		in->fields[0].res.u64 = &value;
		in->fields[0].res_len = had ? 1 : 0;
		return SS_PLUGIN_SUCCESS;
	};
	return functions;
}

struct setting {
	sinsp inspector;
	std::shared_ptr<sinsp_plugin> made;
	sinsp_filter_check_list checks;

	setting() {
		plugin::does = {};
		plugin::does.init = [](const ss_plugin_init_input* in) {
			owner = in->owner;
			tables = *in->tables;
			last_error = in->get_owner_last_error;
			reader = *in->tables->reader_ext;
			writer = *in->tables->writer_ext;
			threads = tables.get_table(owner, "threads", SS_PLUGIN_ST_INT64);
			counts = tables.get_table(owner, "counts", SS_PLUGIN_ST_INT64);
			const auto* fields = tables.fields_ext;
			seen = fields->add_table_field(threads, "seen", SS_PLUGIN_ST_UINT64);
			comm = fields->get_table_field(threads, "comm", SS_PLUGIN_ST_STRING);
			count = fields->add_table_field(counts, "count", SS_PLUGIN_ST_UINT64);
			CHECK(threads != nullptr && counts != nullptr && seen != nullptr && comm != nullptr && count != nullptr);
		};
		const char* name = "counts";
		CHECK(sinsp_inspector_add_table(inspector.c_handle(), {name, 6}, SS_PLUGIN_ST_INT64, nullptr) != nullptr);
		const auto functions = api();
		made = inspector.register_plugin(&functions);
		std::string error;
		CHECK(made->init("", error) || fails(error));
		plugin::check();
		checks.add_filter_check(inspector.new_generic_filtercheck());
		checks.add_filter_check(sinsp_plugin::new_filtercheck(made));
	}

	// Reads the capture and prints the field of each event; what was printed, by thread.
	std::map<int64_t, std::vector<std::string>> read(const std::function<void(sinsp_evt*)>& before = {}) {
		std::map<int64_t, std::vector<std::string>> lines;
		sinsp_evt_formatter formatter(&inspector, "*%made.count %proc.name", checks);
		inspector.open_savefile(capture);
		events(inspector, [&](sinsp_evt* evt) {
			before ? before(evt) : void();
			std::string line;
			formatter.tostring(evt, line);
			lines[evt->get_tid()].push_back(line);
		});
		inspector.close();
		plugin::check();
		return lines;
	}
};

uint64_t value_of(ss_plugin_table_t* table, ss_plugin_table_entry_t* entry, ss_plugin_table_field_t* field) {
	ss_plugin_state_data data{};
	CHECK(reader.read_entry_field(table, entry, field, &data) == SS_PLUGIN_SUCCESS || fails(last_error(owner)));
	return data.u64;
}

// Each thread's own count, which the plugin reads back at once; also while objects of the program have the threads' data.
void fields_that_were_added_are_written() {
	for(const bool exposed : {false, true}) {
		setting now;
		act = [](int64_t, ss_plugin_table_entry_t* thread) {
			ss_plugin_state_data data{};
			data.u64 = value_of(threads, thread, seen) + 1;
			CHECK(writer.write_entry_field(threads, thread, seen, &data) == SS_PLUGIN_SUCCESS || fails(last_error(owner)));
			CHECK(value_of(threads, thread, seen) == data.u64);
			return data.u64;
		};
		std::vector<std::shared_ptr<sinsp_threadinfo>> held;
		const auto lines = now.read([&](sinsp_evt* evt) {
			if(exposed && evt->get_thread_info() != nullptr) {
				held.push_back(now.inspector.m_thread_manager->find_thread(evt->get_tid(), true));
			}
		});
		uint64_t most = 0, of_one = 0;
		for(const auto& thread : lines) {
			most = std::max<uint64_t>(most, thread.second.size());
			of_one += thread.second.front().rfind("1 ", 0) == 0;
		}
		CHECK(lines.size() > 3 && most > 50 && of_one > 3);
		bool found = false;
		for(const auto& thread : lines) {
			found |= thread.second.back().rfind(std::to_string(most) + " ", 0) == 0;
		}
		CHECK(found);
	}
}

// Entries of a table of the program are made, found, changed and removed.
void tables_of_programs_are_changed() {
	setting now;
	act = [](int64_t tid, ss_plugin_table_entry_t*) {
		const auto key = number(tid);
		auto* entry = reader.get_table_entry(counts, &key);
		if(entry == nullptr) {
			entry = writer.add_table_entry(counts, &key, writer.create_table_entry(counts));
		}
		CHECK(entry != nullptr || fails(last_error(owner)));
		ss_plugin_state_data data{};
		data.u64 = value_of(counts, entry, count) + 1;
		CHECK(writer.write_entry_field(counts, entry, count, &data) == SS_PLUGIN_SUCCESS);
		reader.release_table_entry(counts, entry);
		const auto other = number(-7);
		CHECK(writer.add_table_entry(counts, &other, writer.create_table_entry(counts)) != nullptr);
		CHECK(writer.erase_table_entry(counts, &other) == SS_PLUGIN_SUCCESS && writer.erase_table_entry(counts, &other) != SS_PLUGIN_SUCCESS);
		return data.u64;
	};
	const auto lines = now.read();
	uint64_t with = 0;
	for(const auto& thread : lines) {
		with += thread.second.back().rfind("<NA>", 0) != 0;
	}
	CHECK(with > 3 && reader.get_table_size(counts) >= with);
	act = [](int64_t, ss_plugin_table_entry_t*) -> uint64_t {
		CHECK(writer.clear_table(counts) == SS_PLUGIN_SUCCESS);
		return reader.get_table_size(counts);
	};
	now.read();
	CHECK(reader.get_table_size(counts) == 0);
}

// What the event that is being evaluated may refer to stays as it is: an error that says so, and the line is that of an event.
void the_event_stays_as_it_is() {
	setting now;
	int tried = 0;
	act = [&](int64_t tid, ss_plugin_table_entry_t* thread) -> uint64_t {
		const auto refused = [](bool was) {
			const std::string error = last_error(owner);
			CHECK((was && error.find("is being evaluated") != std::string::npos) || fails(error));
		};
		const auto key = number(tid);
		ss_plugin_state_data data{};
		data.str = "other";
		refused(writer.write_entry_field(threads, thread, comm, &data) != SS_PLUGIN_SUCCESS);
		refused(writer.erase_table_entry(threads, &key) != SS_PLUGIN_SUCCESS);
		refused(writer.clear_table(threads) != SS_PLUGIN_SUCCESS);
		refused(writer.create_table_entry(threads) == nullptr);
		tried++;
		return 7;
	};
	for(const auto& thread : now.read()) {
		for(const auto& line : thread.second) {
			CHECK(line.find("other") == std::string::npos || fails(line));
		}
	}
	CHECK(tried > 100);
}

}  // namespace

int main(int, char** argv) {
	return run_program(argv, {
	        TEST(fields_that_were_added_are_written),
	        TEST(tables_of_programs_are_changed),
	        TEST(the_event_stays_as_it_is),
	});
}
