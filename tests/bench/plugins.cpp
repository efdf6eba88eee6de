// SPDX-License-Identifier: Apache-2.0
// Measures plugins, which are in this program:
//
//   plugins filter CAPTURE    ns that a filter with two fields of a plugin adds to an event
//   plugins format CAPTURE    ns that a format with two fields of a plugin adds to an event
//   plugins source COUNT      events per second of a plugin that makes COUNT small ones
//   plugins read|write|nested|iterate CAPTURE    operations per second on the table of threads, by a plugin
//
// Uses the public API only, so that it can be built against any library that has it.
#include <libsinsp/eventformatter.h>
#include <libsinsp/filter.h>
#include <libsinsp/filter_check_list.h>
#include <libsinsp/plugin.h>
#include <libsinsp/plugin_filtercheck.h>
#include <libsinsp/sinsp.h>

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

namespace {

// CPU time, which other programs of the machine change less than the time of the day.
double cpu_seconds() {
	timespec t{};
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

const char* required_version() { return PLUGIN_API_VERSION_STR; }
const char* name() { return "bench"; }
const char* description() { return "what is measured"; }
const char* contact() { return "none"; }
const char* version() { return "1.0.0"; }
const char* last_error(ss_plugin_t*) { return "none"; }
void destroy(ss_plugin_t*) {}

// What the plugin found in the table of threads.
struct tables {
	ss_plugin_table_t* threads;
	ss_plugin_table_field_t *comm, *pid, *own, *fds, *fd_name;
	std::string what;
	std::vector<int64_t> tids;
	double rate;
} state;

ss_plugin_t* init(const ss_plugin_init_input* in, ss_plugin_rc* rc) {
	*rc = SS_PLUGIN_SUCCESS;
	if(in->tables != nullptr && !state.what.empty()) {
		const auto& fields = *in->tables->fields_ext;
		state.threads = in->tables->get_table(in->owner, "threads", SS_PLUGIN_ST_INT64);
		state.comm = fields.get_table_field(state.threads, "comm", SS_PLUGIN_ST_STRING);
		state.pid = fields.get_table_field(state.threads, "pid", SS_PLUGIN_ST_INT64);
		state.own = fields.add_table_field(state.threads, "bench", SS_PLUGIN_ST_UINT64);
		state.fds = fields.get_table_field(state.threads, "file_descriptors", SS_PLUGIN_ST_TABLE);
		ss_plugin_state_data value{};
		auto* some = in->tables->writer_ext->create_table_entry(state.threads);
		in->tables->reader_ext->read_entry_field(state.threads, some, state.fds, &value);
		state.fd_name = fields.get_table_field(value.table, "name", SS_PLUGIN_ST_STRING);
		in->tables->writer_ext->destroy_table_entry(state.threads, some);
	}
	return &state;
}

const char* fields() {
	return R"([{"type": "uint64", "name": "bench.num", "desc": "a number"}, {"type": "string", "name": "bench.text", "desc": "a text"}])";
}

ss_plugin_rc extract(ss_plugin_t*, const ss_plugin_event_input* evt, const ss_plugin_field_extract_input* in) {
	static uint64_t number;
	static const char* text = "some text of a plugin";
	for(uint32_t i = 0; i < in->num_fields; i++) {
		auto& field = in->fields[i];
		number = evt->evtnum;
		field.res_len = 1;
		if(field.field_id == 0) {
			field.res.u64 = &number;
		} else {
			field.res.str = &text;
		}
	}
	return SS_PLUGIN_SUCCESS;
}

const char* syscalls() { return R"(["syscall"])"; }

// Source of events.
constexpr uint32_t batch = 64;
constexpr uint32_t data = 16;

struct source {
	uint64_t left;
	alignas(8) uint8_t bytes[batch][PLUGIN_EVENT_PAYLOAD_OFFSET + data + 6];
	ss_plugin_event* events[batch];
};

uint32_t id() { return 999; }
const char* event_source() { return "bench"; }

ss_instance_t* open(ss_plugin_t*, const char* params, ss_plugin_rc* rc) {
	*rc = SS_PLUGIN_SUCCESS;
	auto s = new source();
	s->left = std::strtoull(params, nullptr, 10);
	return s;
}

void close(ss_plugin_t*, ss_instance_t* s) { delete static_cast<source*>(s); }

ss_plugin_rc next_batch(ss_plugin_t*, ss_instance_t* instance, uint32_t* count, ss_plugin_event*** events) {
	auto& s = *static_cast<source*>(instance);
	*count = static_cast<uint32_t>(s.left < batch ? s.left : batch);
	*events = s.events;
	for(uint32_t i = 0; i < *count; i++) {
		auto* e = reinterpret_cast<ss_plugin_event*>(s.bytes[i]);
		const uint32_t lens[] = {4, data}, plugin = 999;
		e->ts = 1600000000000000000 + s.left;
		e->tid = static_cast<uint64_t>(-1);
		e->len = PLUGIN_EVENT_PAYLOAD_OFFSET + data;
		e->type = 322;
		e->nparams = 2;
		std::memcpy(s.bytes[i] + 26, lens, sizeof(lens));
		std::memcpy(s.bytes[i] + 34, &plugin, sizeof(plugin));
		s.events[i] = e;
	}
	s.left -= *count;
	return *count == 0 ? SS_PLUGIN_EOF : SS_PLUGIN_SUCCESS;
}

// Table operations: all in one call, on the last event.
uint64_t operations(const ss_plugin_event_parse_input& in, int64_t tid) {
	const auto& reader = *in.table_reader_ext;
	const auto& writer = *in.table_writer_ext;
	ss_plugin_state_data key{}, value{};
	key.s64 = tid;
	auto* entry = reader.get_table_entry(state.threads, &key);
	uint64_t done = 0;
	if(entry == nullptr) {
		return 0;
	}
	if(state.what == "read") {
		reader.read_entry_field(state.threads, entry, state.comm, &value);
		reader.read_entry_field(state.threads, entry, state.pid, &value);
		reader.read_entry_field(state.threads, entry, state.own, &value);
		done = 3;
	} else if(state.what == "write") {
		value.u64 = 7;
		writer.write_entry_field(state.threads, entry, state.own, &value);
		value.str = "comm";
		writer.write_entry_field(state.threads, entry, state.comm, &value);
		done = 2;
	} else if(reader.read_entry_field(state.threads, entry, state.fds, &value) == SS_PLUGIN_SUCCESS) {
		auto* table = value.table;
		for(int64_t fd = 0; fd < 3; fd++) {
			key.s64 = fd;
			auto* file = reader.get_table_entry(table, &key);
			if(file != nullptr) {
				reader.read_entry_field(table, file, state.fd_name, &value);
				reader.release_table_entry(table, file);
			}
			done++;
		}
	}
	reader.release_table_entry(state.threads, entry);
	return done;
}

ss_plugin_rc parse(ss_plugin_t*, const ss_plugin_event_input* evt, const ss_plugin_event_parse_input* in) {
	const auto tid = static_cast<int64_t>(evt->evt->tid);
	if(state.tids.size() < 100) {
		state.tids.push_back(tid);
		return SS_PLUGIN_SUCCESS;
	}
	if(state.rate != 0) {
		return SS_PLUGIN_SUCCESS;
	}
	if(state.what == "iterate") {
		// As many threads as a machine has.
		for(int64_t of = 0; of < 2000; of++) {
			ss_plugin_state_data key{};
			key.s64 = 1000000 + of;
			auto* entry = in->table_writer_ext->create_table_entry(state.threads);
			entry = in->table_writer_ext->add_table_entry(state.threads, &key, entry);
			in->table_reader_ext->release_table_entry(state.threads, entry);
		}
	}
	uint64_t done = 0;
	const auto start = cpu_seconds();
	if(state.what == "iterate") {
		struct {
			const ss_plugin_event_parse_input* in;
			uint64_t done;
		} context{in, 0};
		const auto visit = [](ss_plugin_table_iterator_state_t* c, ss_plugin_table_entry_t* entry) -> ss_plugin_bool {
			auto& own = *static_cast<decltype(context)*>(c);
			ss_plugin_state_data value{};
			own.in->table_reader_ext->read_entry_field(state.threads, entry, state.comm, &value);
			own.done++;
			return 1;
		};
		while(context.done < 3000000) {
			in->table_reader_ext->iterate_entries(state.threads, visit, &context);
		}
		done = context.done;
	}
	for(int round = 0; state.what != "iterate" && round < 20000; round++) {
		for(const auto of : state.tids) {
			done += operations(*in, of);
		}
	}
	state.rate = static_cast<double>(done) / (cpu_seconds() - start);
	return SS_PLUGIN_SUCCESS;
}

plugin_api base() {
	plugin_api api{};
	api.get_required_api_version = required_version;
	api.get_name = name;
	api.get_description = description;
	api.get_contact = contact;
	api.get_version = version;
	api.get_last_error = last_error;
	api.init = init;
	api.destroy = destroy;
	return api;
}

std::shared_ptr<sinsp_plugin> added(sinsp& inspector, const plugin_api& api) {
	auto plugin = inspector.register_plugin(&api);
	std::string error;
	if(!plugin->init("", error)) {
		fprintf(stderr, "%s\n", error.c_str());
		exit(1);
	}
	return plugin;
}

// Calls `each` with every event; returns how many came, and the seconds.
template<typename Each>
std::pair<uint64_t, double> all(sinsp& inspector, Each each) {
	uint64_t count = 0;
	sinsp_evt* evt = nullptr;
	int32_t rc;
	const auto start = cpu_seconds();
	while((rc = inspector.next(&evt)) != SCAP_EOF) {
		if(rc == SCAP_SUCCESS) {
			count++;
			each(evt);
		} else if(rc != SCAP_TIMEOUT && rc != SCAP_FILTERED_EVENT) {
			fprintf(stderr, "%s\n", inspector.getlasterr().c_str());
			exit(1);
		}
	}
	return {count, cpu_seconds() - start};
}

// ns per event of what `prepare` makes, beyond reading the events.
template<typename Prepare>
void cost(const std::string& capture, Prepare prepare) {
	const auto run = [&](bool with) {
		sinsp inspector;
		auto api = base();
		api.get_fields = fields;
		api.extract_fields = extract;
		api.get_extract_event_sources = syscalls;
		auto plugin = added(inspector, api);
		auto checks = std::make_shared<sinsp_filter_check_list>();
		checks->add_filter_check(sinsp_plugin::new_filtercheck(plugin));
		inspector.open_savefile(capture);
		auto act = prepare(inspector, *checks);
		return with ? all(inspector, act) : all(inspector, [](sinsp_evt*) {});
	};
	const auto plain = run(false), full = run(true);
	fprintf(stderr, "ns=%.0f\n", (full.second - plain.second) * 1e9 / static_cast<double>(full.first));
}

}  // namespace

int main(int argc, char** argv) {
	if(argc != 3) {
		fprintf(stderr, "usage: %s filter|format|source|read|write|nested|iterate CAPTURE|COUNT\n", argv[0]);
		return 2;
	}
	const std::string what = argv[1], argument = argv[2];
	if(what == "filter") {
		cost(argument, [](sinsp& inspector, filter_check_list& checks) {
			auto factory = std::make_shared<sinsp_filter_factory>(&inspector, checks);
			auto filter = std::shared_ptr<sinsp_filter>(
			        sinsp_filter_compiler(factory, "bench.num > 0 and bench.text contains plugin").compile());
			return [filter](sinsp_evt* evt) {
				if(!filter->run(evt)) {
					exit(1);
				}
			};
		});
	} else if(what == "format") {
		cost(argument, [](sinsp& inspector, filter_check_list& checks) {
			auto formatter = std::make_shared<sinsp_evt_formatter>(&inspector, "*%bench.num %bench.text", checks);
			auto line = std::make_shared<std::string>();
			return [formatter, line](sinsp_evt* evt) { formatter->tostring(evt, *line); };
		});
	} else if(what == "source") {
		sinsp inspector;
		auto api = base();
		api.get_id = id;
		api.get_event_source = event_source;
		api.open = open;
		api.close = close;
		api.next_batch = next_batch;
		added(inspector, api);
		inspector.open_plugin("bench", argument, sinsp_plugin_platform::SINSP_PLATFORM_GENERIC);
		const auto read = all(inspector, [](sinsp_evt*) {});
		fprintf(stderr, "events=%" PRIu64 " rate=%.0f\n", read.first, static_cast<double>(read.first) / read.second);
	} else {
		state.what = what;
		sinsp inspector;
		auto api = base();
		api.parse_event = parse;
		added(inspector, api);
		inspector.open_savefile(argument);
		sinsp_evt* evt = nullptr;
		while(state.rate == 0 && inspector.next(&evt) != SCAP_EOF) {
		}
		fprintf(stderr, "rate=%.0f\n", state.rate);
	}
	return 0;
}
