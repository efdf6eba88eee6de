// Tables of plugins that lie: tables CAPTURE FOLDER OWN. One plugin has the table, another one and the program use it. Whatever the table does, who uses it
// gets an error, and the program every event of the capture.
#include "made.h"

#include <cstring>
#include <map>

namespace {

using liar = made<1>;
using user = made<2>;

// What the table does.
struct table_ways {
	bool fails = false;             // every function fails
	bool texts_null = false;        // a read text is null
	uint64_t size = 3;              // what it says
	int visits = 3;                 // how many entries an iteration has
	bool entries_null = false;      // an iteration passes null entries
	uint64_t grows = 0;             // how much the size changes with each visit
	int entered = 0;                // how deep iterations are
	std::function<void()> enter;    // called by each function
};

table_ways ways;
int entries[3];
std::map<std::string, int> calls;

bool enter(const char* function) {
	calls[function]++;
	if(ways.enter) {
		ways.enter();
	}
	return !ways.fails;
}

ss_plugin_rc code(bool success) {
	return success ? SS_PLUGIN_SUCCESS : SS_PLUGIN_FAILURE;
}

// The table's functions.
struct functions {
	ss_plugin_table_reader_vtable_ext reader;
	ss_plugin_table_writer_vtable_ext writer;
	ss_plugin_table_fields_vtable_ext fields;
	ss_plugin_table_input input;

	functions() : reader{}, writer{}, fields{}, input{} {
		reader.get_table_name = [](ss_plugin_table_t*) -> const char* { return enter("name") ? "lies" : nullptr; };
		reader.get_table_size = [](ss_plugin_table_t*) { return enter("size") ? ways.size : UINT64_MAX; };
		reader.get_table_entry = [](ss_plugin_table_t*, const ss_plugin_state_data*) -> ss_plugin_table_entry_t* {
			return enter("get") ? &entries[0] : nullptr;
		};
		reader.read_entry_field = [](ss_plugin_table_t*, ss_plugin_table_entry_t*, const ss_plugin_table_field_t*, ss_plugin_state_data* out) {
			if(!enter("read")) {
				// A code of none.
				return static_cast<ss_plugin_rc>(77);
			}
			out->str = ways.texts_null ? nullptr : "text";
			return SS_PLUGIN_SUCCESS;
		};
		reader.release_table_entry = [](ss_plugin_table_t*, ss_plugin_table_entry_t*) { enter("release"); };
		reader.iterate_entries = [](ss_plugin_table_t*, ss_plugin_table_iterator_func_t visit, ss_plugin_table_iterator_state_t* state) {
			if(!enter("iterate") || ways.entered > 3) {
				return ss_plugin_bool(0);
			}
			ways.entered++;
			ss_plugin_bool goes_on = 1;
			for(int i = 0; i < ways.visits && goes_on != 0; i++) {
				ways.size += ways.grows;
				goes_on = visit(state, ways.entries_null ? nullptr : &entries[i % 3]);
			}
			ways.entered--;
			return goes_on;
		};
		writer.clear_table = [](ss_plugin_table_t*) { return code(enter("clear")); };
		writer.erase_table_entry = [](ss_plugin_table_t*, const ss_plugin_state_data*) { return code(enter("erase")); };
		writer.create_table_entry = [](ss_plugin_table_t*) -> ss_plugin_table_entry_t* { return enter("create") ? &entries[1] : nullptr; };
		writer.destroy_table_entry = [](ss_plugin_table_t*, ss_plugin_table_entry_t*) { enter("destroy"); };
		writer.add_table_entry = [](ss_plugin_table_t*, const ss_plugin_state_data*, ss_plugin_table_entry_t* e) -> ss_plugin_table_entry_t* {
			return enter("add") ? e : nullptr;
		};
		writer.write_entry_field = [](ss_plugin_table_t*, ss_plugin_table_entry_t*, const ss_plugin_table_field_t*, const ss_plugin_state_data*) {
			return code(enter("write"));
		};
		fields.list_table_fields = [](ss_plugin_table_t*, uint32_t* count) -> const ss_plugin_table_fieldinfo* {
			static ss_plugin_table_fieldinfo all[] = {{"value", SS_PLUGIN_ST_STRING, 0}};
			*count = 1;
			return enter("list") ? all : nullptr;
		};
		fields.get_table_field = [](ss_plugin_table_t*, const char*, ss_plugin_state_type) -> ss_plugin_table_field_t* {
			return enter("field") ? &entries[2] : nullptr;
		};
		fields.add_table_field = fields.get_table_field;
		input.name = "lies";
		input.key_type = SS_PLUGIN_ST_UINT64;
		input.table = this;
		input.reader_ext = &reader;
		input.writer_ext = &writer;
		input.fields_ext = &fields;
	}
	functions(const functions&) = delete;
	functions& operator=(const functions&) = delete;
};

functions table;

uint64_t plain() {
	sinsp inspector;
	inspector.open_savefile(capture);
	return events(inspector, [](sinsp_evt*) {});
}

// Sets what the plugins and the table do, and forgets it at the end.
struct setting {
	sinsp inspector;
	std::shared_ptr<sinsp_plugin> owner, other;
	static inline const ss_plugin_init_tables_input* host;
	static inline ss_plugin_owner_t* self;
	static inline const char* (*error)(ss_plugin_owner_t*);
	static inline ss_plugin_table_t* lies;

	explicit setting(const std::function<void(const ss_plugin_event_parse_input*)>& parse = nullptr) {
		liar::does = {};
		user::does = {};
		ways = {};
		calls.clear();
		liar::does.init = [](const ss_plugin_init_input* in) { CHECK(in->tables->add_table(in->owner, &table.input) == SS_PLUGIN_SUCCESS); };
		user::does.init = [](const ss_plugin_init_input* in) {
			host = in->tables;
			self = in->owner;
			error = in->get_owner_last_error;
			lies = host->get_table(self, "lies", SS_PLUGIN_ST_UINT64);
			CHECK(lies != nullptr);
		};
		user::does.parse = parse;
		owner = liar::in(inspector);
		other = user::in(inspector);
	}

	// Reads the capture: all its events come.
	void reads_all() {
		inspector.open_savefile(capture);
		CHECK(events(inspector, [](sinsp_evt*) {}) == plain());
		inspector.close();
		user::check();
		liar::check();
	}

	static bool failed_with(const char* why) {
		const char* text = error(self);
		return (text != nullptr && std::strstr(text, why) != nullptr) || fails(text == nullptr ? "no error" : text);
	}
};

// Calls every function of the table; returns how many did not fail. Those that return nothing are not counted.
int use_all(const ss_plugin_table_reader_vtable_ext& reader, const ss_plugin_table_writer_vtable_ext& writer,
            const ss_plugin_table_fields_vtable_ext& fields, ss_plugin_table_t* t) {
	ss_plugin_state_data key{}, value{};
	uint32_t count = 0;
	const auto visit = [](ss_plugin_table_iterator_state_t*, ss_plugin_table_entry_t*) -> ss_plugin_bool { return 1; };
	reader.release_table_entry(t, &entries[0]);
	writer.destroy_table_entry(t, &entries[0]);
	return (reader.get_table_name(t) != nullptr) + (reader.get_table_size(t) != UINT64_MAX) + (reader.get_table_entry(t, &key) != nullptr) +
	       (reader.read_entry_field(t, &entries[0], &entries[2], &value) == SS_PLUGIN_SUCCESS) + (reader.iterate_entries(t, visit, nullptr) != 0) +
	       (writer.clear_table(t) == SS_PLUGIN_SUCCESS) + (writer.erase_table_entry(t, &key) == SS_PLUGIN_SUCCESS) +
	       (writer.create_table_entry(t) != nullptr) + (writer.add_table_entry(t, &key, &entries[0]) != nullptr) +
	       (writer.write_entry_field(t, &entries[0], &entries[2], &value) == SS_PLUGIN_SUCCESS) + (fields.list_table_fields(t, &count) != nullptr) +
	       (fields.get_table_field(t, "value", SS_PLUGIN_ST_STRING) != nullptr) + (fields.add_table_field(t, "value", SS_PLUGIN_ST_STRING) != nullptr);
}

int use_all(ss_plugin_table_t* t) {
	return use_all(*setting::host->reader_ext, *setting::host->writer_ext, *setting::host->fields_ext, t);
}

void tables_that_are_not_whole_are_refused() {
	const setting now;
	auto* owner = setting::self;
	const auto refused = [&](const char* why, const std::function<void(functions&)>& spoil) {
		functions other;
		other.input.name = "other";
		spoil(other);
		CHECK((setting::host->add_table(owner, &other.input) != SS_PLUGIN_SUCCESS && setting::failed_with(why)) || fails(why));
	};
	const auto lacks = [&](const char* function, auto member, size_t place) {
		refused(function, [&](functions& f) { std::memset(reinterpret_cast<char*>(&(f.*member)) + place * sizeof(void*), 0, sizeof(void*)); });
	};
	const char* const readers[] = {"get_table_name", "get_table_size", "get_table_entry", "read_entry_field", "release_table_entry", "iterate_entries"};
	const char* const writers[] = {"clear_table", "erase_table_entry", "create_table_entry", "destroy_table_entry", "add_table_entry", "write_entry_field"};
	const char* const columns[] = {"list_table_fields", "get_table_field", "add_table_field"};
	static_assert(sizeof(readers) == sizeof(table.reader) && sizeof(writers) == sizeof(table.writer) && sizeof(columns) == sizeof(table.fields),
	              "each function has its name");
	for(size_t i = 0; i < 6; i++) {
		lacks(readers[i], &functions::reader, i);
		lacks(writers[i], &functions::writer, i);
	}
	for(size_t i = 0; i < 3; i++) {
		lacks(columns[i], &functions::fields, i);
	}
	refused("no extended functions", [](functions& f) { f.input.reader_ext = nullptr; });
	refused("no extended functions", [](functions& f) { f.input.writer_ext = nullptr; });
	refused("no extended functions", [](functions& f) { f.input.fields_ext = nullptr; });
	refused("no name or is null", [](functions& f) { f.input.name = nullptr; });
	refused("no name or is null", [](functions& f) { f.input.table = nullptr; });
	refused("UTF-8", [](functions& f) { f.input.name = "\xff"; });
	refused("type 999 of keys", [](functions& f) { f.input.key_type = static_cast<ss_plugin_state_type>(999); });
	refused("lies", [](functions& f) { f.input.name = "lies"; });
	refused("threads", [](functions& f) { f.input.name = "threads"; });
	CHECK(setting::host->add_table(owner, nullptr) != SS_PLUGIN_SUCCESS && setting::failed_with("not all there"));
	CHECK(setting::host->get_table(owner, "lies", SS_PLUGIN_ST_INT8) == nullptr && setting::failed_with("lies"));
	CHECK(setting::host->get_table(owner, "other", SS_PLUGIN_ST_UINT64) == nullptr && setting::failed_with("other"));
}

void what_a_table_fails_at_is_an_error_of_its_owner() {
	setting now([](const ss_plugin_event_parse_input* in) {
		static int events = 0;
		auto* own = static_cast<ss_plugin_table_input*>(setting::lies);
		ways.fails = events++ % 2 == 1;
		const int works = ways.fails ? 0 : 13;
		const auto& fields = *setting::host->fields_ext;
		CHECK(use_all(*in->table_reader_ext, *in->table_writer_ext, fields, setting::lies) == works);
		CHECK(!ways.fails || setting::failed_with("table 'lies' of plugin made1: it lies"));
		CHECK(use_all(*own->reader_ext, *own->writer_ext, *own->fields_ext, own->table) == works);
	});
	now.reads_all();
	CHECK(calls.size() == 14 || fails(std::to_string(calls.size())));
}

void what_a_table_returns_may_be_anything() {
	setting now([](const ss_plugin_event_parse_input* in) {
		const auto& reader = *in->table_reader_ext;
		ss_plugin_state_data value{};
		CHECK(reader.read_entry_field(setting::lies, nullptr, nullptr, &value) == SS_PLUGIN_SUCCESS && value.str == nullptr);
		// An iteration that passes more entries than the table has, all null, while its size changes.
		int visits = 0;
		const auto visit = [](ss_plugin_table_iterator_state_t* count, ss_plugin_table_entry_t* e) -> ss_plugin_bool {
			auto& n = *static_cast<int*>(count);
			setting::host->reader_ext->release_table_entry(setting::lies, e);
			setting::host->reader_ext->get_table_size(setting::lies);
			return n++ < 90;
		};
		reader.iterate_entries(setting::lies, visit, &visits);
		CHECK(visits == 91);
	});
	ways.texts_null = true;
	ways.entries_null = true;
	ways.visits = 1000;
	ways.grows = UINT64_MAX / 7;
	now.reads_all();
	// The program uses it too.
	libsinsp::state::sinsp_table_owner reader;
	auto* found = now.inspector.get_table_registry()->tables().at("lies");
	ss_plugin_state_data key{}, value{};
	auto* entry = found->get_entry(&reader, &key);
	CHECK(entry != nullptr);
	CHECK(found->read_entry_field(&reader, entry, found->get_field(&reader, "value", SS_PLUGIN_ST_STRING), &value) == SS_PLUGIN_SUCCESS);
	found->release_table_entry(&reader, entry);
	ways.fails = true;
	CHECK(found->get_entry(&reader, &key) == nullptr && reader.m_last_owner_err.find("made1") != std::string::npos);
}

void fields_and_entries_of_other_tables_are_refused() {
	setting now([](const ss_plugin_event_parse_input* in) {
		auto* threads = setting::host->get_table(setting::self, "threads", SS_PLUGIN_ST_INT64);
		auto* files = setting::host->fields_ext->get_table_field(threads, "file_descriptors", SS_PLUGIN_ST_TABLE);
		auto* comm = setting::host->fields_ext->get_table_field(threads, "comm", SS_PLUGIN_ST_STRING);
		ss_plugin_state_data value{}, key{};
		auto* thread = in->table_writer_ext->create_table_entry(threads);
		const auto& reader = *in->table_reader_ext;
		CHECK(reader.read_entry_field(threads, thread, files, &value) == SS_PLUGIN_SUCCESS);
		CHECK(reader.read_entry_field(value.table, thread, setting::host->fields_ext->get_table_field(value.table, "name", SS_PLUGIN_ST_STRING), &value) !=
		      SS_PLUGIN_SUCCESS);
		CHECK(setting::failed_with("used on an entry of table"));
		CHECK(in->table_writer_ext->write_entry_field(threads, thread, comm, nullptr) != SS_PLUGIN_SUCCESS && setting::failed_with("null key or value"));
		in->table_writer_ext->destroy_table_entry(threads, thread);
		CHECK(reader.read_entry_field(threads, thread, comm, &value) != SS_PLUGIN_SUCCESS && setting::failed_with("released"));
		CHECK(reader.get_table_entry(nullptr, &key) == nullptr && setting::failed_with("null table"));
	});
	now.reads_all();
}

// What a visitor or a function of the table tries on the inspector that calls it; returns how much was refused.
int tried(setting& now) {
	int refused = 0;
	const auto attempt = [&](const std::function<void()>& act) {
		try {
			act();
		} catch(const std::exception&) {
			refused++;
		}
	};
	sinsp_evt* evt = nullptr;
	attempt([&] { now.owner->destroy(); });
	attempt([&] { now.inspector.close(); });
	attempt([&] { now.inspector.open_nodriver(); });
	attempt([&] { CHECK(now.inspector.next(&evt) == SCAP_SUCCESS); });
	return refused;
}

void iterations_may_enter_again() {
	static setting* self;
	setting now([](const ss_plugin_event_parse_input* in) {
		static int visits;
		visits = 0;
		const auto visit = [](ss_plugin_table_iterator_state_t* state, ss_plugin_table_entry_t*) -> ss_plugin_bool {
			visits++;
			CHECK(tried(*self) == 4);
			use_all(setting::lies);
			const auto& reader = *static_cast<const ss_plugin_table_reader_vtable_ext*>(state);
			const auto inner = [](ss_plugin_table_iterator_state_t*, ss_plugin_table_entry_t*) -> ss_plugin_bool { return ++visits < 1000; };
			return reader.iterate_entries(setting::lies, inner, state);
		};
		CHECK(in->table_reader_ext->iterate_entries(setting::lies, visit, in->table_reader_ext) != 0 && visits == 12);
	});
	self = &now;
	now.reads_all();
	// An iteration of the program: the table's owner cannot end in it.
	libsinsp::state::sinsp_table_owner reader;
	auto* found = now.inspector.get_table_registry()->tables().at("lies");
	static int refused;
	refused = 0;
	found->iterate_entries(
	        &reader,
	        [](ss_plugin_table_iterator_state_t*, ss_plugin_table_entry_t*) -> ss_plugin_bool {
		        refused += tried(*self);
		        return 1;
	        },
	        nullptr);
	CHECK(refused == 12 || fails(std::to_string(refused)));
	// The table's own functions try the same.
	refused = 0;
	ways.enter = [] { refused += tried(*self); };
	ss_plugin_state_data key{};
	CHECK(found->get_entry(&reader, &key) != nullptr && refused == 4);
	ways.enter = nullptr;
	now.owner->destroy();
	CHECK(found->get_entry(&reader, &key) == nullptr);
}

void a_table_ends_while_another_plugin_has_it() {
	static bool gone;
	gone = false;
	setting now([](const ss_plugin_event_parse_input*) {
		CHECK(use_all(setting::lies) == (gone ? 0 : 13));
		CHECK(!gone || setting::failed_with("removed by its owner"));
	});
	const auto all = plain();
	now.inspector.open_savefile(capture);
	uint64_t count = 0;
	count += events(now.inspector, [&](sinsp_evt*) {
		count++;
		if(count == 10) {
			now.owner->destroy();
			gone = true;
		} else if(count == 20) {
			// A new state has a new table, of which the other plugin has nothing yet.
			std::string error;
			CHECK(now.owner->init("", error) || fails(error));
			CHECK(use_all(setting::lies) == 0 && setting::failed_with("removed by its owner"));
		} else if(count == 30) {
			setting::lies = setting::host->get_table(setting::self, "lies", SS_PLUGIN_ST_UINT64);
			gone = false;
		} else if(count == 40) {
			now.other->destroy();
			user::check();
			CHECK(throws<sinsp_exception>("not initialized", [&] { now.other->get_metrics(); }));
		}
	}) - count;
	CHECK(count == all || fails(std::to_string(count)));
	now.inspector.close();
	user::check();
}

// The first plugin's table is used by the second one's end.
void a_table_is_used_when_its_user_ends() {
	int works = -1;
	{
		setting now;
		user::does.destroy = [&] { works = use_all(setting::lies); };
	}
	CHECK(works == 0 || works == 13);
	user::check();
}

// Whether the plugin made a state or not.
void a_plugin_whose_state_ended_has_no_table() {
	static bool works, stateless;
	liar::does = {};
	ways = {};
	for(const bool without : {false, true}) {
		works = false;
		stateless = without;
		sinsp inspector;
		auto api = liar::api();
		api.init = [](const ss_plugin_init_input* in, ss_plugin_rc* rc) -> ss_plugin_t* {
			const auto added = in->tables->add_table(in->owner, &table.input);
			*rc = works ? added : code(false);
			return stateless ? nullptr : new int(0);
		};
		auto plugin = inspector.register_plugin(&api);
		const auto tables = [&] { return inspector.get_table_registry()->tables().count("lies"); };
		std::string error;
		CHECK(!plugin->init("", error) && tables() == 0);
		works = true;
		CHECK((plugin->init("", error) && tables() == 1) || fails(error));
		plugin->destroy();
		// The name is free.
		CHECK(plugin->init("", error) || fails(error));
	}
	liar::check();
}

}  // namespace

int main(int, char** argv) {
	return run_program(argv, {
	        TEST(tables_that_are_not_whole_are_refused),
	        TEST(what_a_table_fails_at_is_an_error_of_its_owner),
	        TEST(what_a_table_returns_may_be_anything),
	        TEST(fields_and_entries_of_other_tables_are_refused),
	        TEST(iterations_may_enter_again),
	        TEST(a_table_ends_while_another_plugin_has_it),
	        TEST(a_table_is_used_when_its_user_ends),
	        TEST(a_plugin_whose_state_ended_has_no_table),
	});
}
