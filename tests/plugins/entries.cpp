// Entries of tables that a plugin uses in every wrong way: entries CAPTURE FOLDER OWN. It gets errors, and the program every event of the capture.
#include "made.h"

#include <cstring>

namespace {

using plugin = made<1>;

// What the plugin got.
const ss_plugin_init_tables_input* host;
ss_plugin_owner_t* self;
const char* (*error)(ss_plugin_owner_t*);
ss_plugin_table_t* threads;

void entries_may_be_misused() {
	static std::vector<std::string> wrong;
	static uint64_t calls;
	wrong.clear();
	calls = 0;
	plugin::does.parse = [](const ss_plugin_event_parse_input* in) {
		const auto* reader = in->table_reader_ext;
		const auto* writer = in->table_writer_ext;
		if(calls++ > 200) {
			return;
		}
		const auto& fields = *host->fields_ext;
				const auto refused = [](bool is, const char* what) {
			if(!is) {
				wrong.push_back(what);
			}
		};
		auto* comm = fields.get_table_field(threads, "comm", SS_PLUGIN_ST_STRING);
		auto* files = fields.get_table_field(threads, "file_descriptors", SS_PLUGIN_ST_TABLE);
		auto* mine = fields.add_table_field(threads, "hostile", SS_PLUGIN_ST_UINT64);
		ss_plugin_state_data key{}, value{}, other{};
		key.s64 = 424242;
		auto* entry = writer->create_table_entry(threads);
		// Names, types and null pointers.
		refused(fields.get_table_field(threads, "comm", SS_PLUGIN_ST_UINT64) == nullptr, "type of a field");
		refused(fields.add_table_field(threads, "comm", SS_PLUGIN_ST_UINT64) == nullptr, "type of a field that is there");
		refused(fields.add_table_field(threads, "h", static_cast<ss_plugin_state_type>(999)) == nullptr, "type that is none");
		refused(fields.get_table_field(threads, nullptr, SS_PLUGIN_ST_STRING) == nullptr, "null name");
		refused(fields.get_table_field(nullptr, "comm", SS_PLUGIN_ST_STRING) == nullptr, "null table");
		refused(fields.list_table_fields(threads, nullptr) == nullptr, "null count");
		refused(reader->get_table_entry(threads, nullptr) == nullptr, "null key");
		refused(reader->read_entry_field(threads, entry, nullptr, &value) != SS_PLUGIN_SUCCESS, "null field");
		refused(reader->read_entry_field(threads, entry, comm, nullptr) != SS_PLUGIN_SUCCESS, "null value");
		refused(reader->read_entry_field(threads, nullptr, comm, &value) != SS_PLUGIN_SUCCESS, "null entry");
		refused(writer->write_entry_field(threads, entry, comm, nullptr) != SS_PLUGIN_SUCCESS, "null value to write");
		refused(writer->write_entry_field(threads, entry, files, &value) != SS_PLUGIN_SUCCESS, "a table to write");
		refused(writer->add_table_entry(threads, &key, nullptr) == nullptr, "null entry to add");
		// A text that is null is an empty one.
		value.str = nullptr;
		refused(writer->write_entry_field(threads, entry, comm, &value) == SS_PLUGIN_SUCCESS, "null text");
		// A table of an entry, with the fields and entries of another table.
		refused(reader->read_entry_field(threads, entry, files, &value) == SS_PLUGIN_SUCCESS, "table of files");
		auto* table = value.table;
		auto* name = fields.get_table_field(table, "name", SS_PLUGIN_ST_STRING);
		refused(name != nullptr, "name of a file");
		refused(reader->read_entry_field(threads, entry, name, &other) != SS_PLUGIN_SUCCESS, "field of another table");
		auto* file = writer->create_table_entry(table);
		refused(file != nullptr, "file");
		refused(reader->read_entry_field(table, file, comm, &other) != SS_PLUGIN_SUCCESS, "field of the parent");
		key.s64 = 5;
		refused(writer->add_table_entry(threads, &key, file) == nullptr, "a file as a thread");
		// It is gone, as the API says; so all these do nothing.
		reader->release_table_entry(table, file);
		writer->destroy_table_entry(table, file);
		refused(writer->add_table_entry(table, &key, file) == nullptr, "an entry that was destroyed");
		refused(reader->read_entry_field(table, file, name, &other) != SS_PLUGIN_SUCCESS, "an entry that was destroyed to read");
		key.s64 = 424242;
		reader->release_table_entry(threads, entry);
		auto* got = writer->add_table_entry(threads, &key, entry);
		refused(got != nullptr, "adding");
		refused(writer->add_table_entry(threads, &key, got) == nullptr, "adding twice");
		refused(reader->read_entry_field(threads, got, mine, &value) == SS_PLUGIN_SUCCESS, "reading after a second adding");
		writer->destroy_table_entry(threads, got);
		value.u64 = 7;
		refused(writer->write_entry_field(threads, got, mine, &value) == SS_PLUGIN_SUCCESS, "writing after a wrong destroy");
		// Releases in the middle, twice, and uses after them.
		refused(writer->erase_table_entry(threads, &key) == SS_PLUGIN_SUCCESS, "erasing");
		refused(writer->erase_table_entry(threads, &key) != SS_PLUGIN_SUCCESS, "erasing twice");
		refused(reader->read_entry_field(threads, got, mine, &value) == SS_PLUGIN_SUCCESS && value.u64 == 7, "an entry that was erased and is held");
		reader->release_table_entry(threads, got);
		reader->release_table_entry(threads, got);
		refused(reader->read_entry_field(threads, got, comm, &value) != SS_PLUGIN_SUCCESS, "an entry that was released");
		value.str = "x";
		refused(writer->write_entry_field(threads, got, comm, &value) != SS_PLUGIN_SUCCESS, "an entry that was released to write");
		const char* why = error(self);
		refused(why != nullptr && std::strstr(why, "released") != nullptr, "the cause");
		// The table of a thread that is gone.
		reader->get_table_size(table);
		reader->get_table_entry(table, &key);
		// Iterations that change what they go over, and end it.
		refused(!reader->iterate_entries(threads, nullptr, nullptr), "a null iterator");
		struct both {
			const ss_plugin_table_reader_vtable_ext* reader;
			const ss_plugin_table_writer_vtable_ext* writer;
			int left;
		} context{reader, writer, 3};
		reader->iterate_entries(
		        threads,
		        [](ss_plugin_table_iterator_state_t* state, ss_plugin_table_entry_t* each) -> ss_plugin_bool {
			        auto& c = *static_cast<both*>(state);
			        c.reader->release_table_entry(threads, each);
			        c.writer->destroy_table_entry(threads, each);
			        if(calls > 190 && c.left == 3) {
				        c.writer->clear_table(threads);
			        }
			        ss_plugin_state_data out{};
			        c.reader->read_entry_field(threads, each, host->fields_ext->get_table_field(threads, "comm", SS_PLUGIN_ST_STRING), &out);
			        if(c.left-- > 0) {
				        const auto inner = [](ss_plugin_table_iterator_state_t*, ss_plugin_table_entry_t*) -> ss_plugin_bool { return 1; };
				        c.reader->iterate_entries(threads, inner, nullptr);
			        }
			        return c.left > 0;
		        },
		        &context);
	};
	plugin::does.init = [](const ss_plugin_init_input* in) {
		host = in->tables;
		self = in->owner;
		error = in->get_owner_last_error;
		threads = host->get_table(self, "threads", SS_PLUGIN_ST_INT64);
	};
	uint64_t plain = 0;
	{
		sinsp inspector;
		inspector.open_savefile(capture);
		plain = events(inspector, [](sinsp_evt*) {});
	}
	sinsp inspector;
	plugin::in(inspector);
	inspector.open_savefile(capture);
	CHECK(events(inspector, [](sinsp_evt*) {}) == plain);
	plugin::check();
	CHECK(calls > 200);
	CHECK(wrong.empty() || fails(wrong[0] + " and " + std::to_string(wrong.size() - 1) + " others"));
}

}  // namespace

int main(int, char** argv) {
	return run_program(argv, {TEST(entries_may_be_misused)});
}
