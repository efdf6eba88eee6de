// Tables of state as C++ programs use them: tables CAPTURE. Prints what failed, and a count.
#include <libsinsp/sinsp.h>
#include <libsinsp/sinsp_table.h>

#include "check.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

using namespace libsinsp::state;

namespace {

std::string capture;

// Opens the capture and calls `look` for each event.
void read_all(sinsp& inspector, const std::function<void(sinsp_evt&)>& look) {
	inspector.open_savefile(capture);
	for(;;) {
		sinsp_evt* evt = nullptr;
		const int32_t rc = inspector.next(&evt);
		if(rc == SCAP_EOF) {
			return;
		}
		if(rc == SCAP_SUCCESS) {
			look(*evt);
		}
	}
}

ss_plugin_state_data key_of(int64_t number) {
	ss_plugin_state_data key = {};
	key.s64 = number;
	return key;
}

// Reads a field; throws with the owner's error.
ss_plugin_state_data read(base_table& table, sinsp_table_owner& owner, ss_plugin_table_entry_t* entry, const char* name,
                          ss_plugin_state_type type) {
	ss_plugin_state_data value = {};
	auto* field = table.get_field(&owner, name, type);
	if(field == nullptr || table.read_entry_field(&owner, entry, field, &value) != SS_PLUGIN_SUCCESS) {
		throw std::logic_error(owner.m_last_owner_err);
	}
	return value;
}

// Entries are held across events: their threads exit, the inspector goes.
void held_entries() {
	sinsp_table_owner owner;
	std::map<int64_t, ss_plugin_table_entry_t*> held;
	std::map<int64_t, std::string> names;
	size_t gone = 0;
	ss_plugin_table_entry_t* last = nullptr;
	ss_plugin_table_field_t* comm = nullptr;
	ss_plugin_table_input* input = nullptr;
	{
		sinsp inspector;
		auto* threads = inspector.get_table_registry()->get_table<int64_t>("threads");
		input = static_cast<ss_plugin_table_input*>(sinsp_inspector_thread_table(inspector.c_handle()));
		read_all(inspector, [&](sinsp_evt& evt) {
			const auto key = key_of(evt.get_tid());
			auto* entry = threads->get_entry(&owner, &key);
			if(entry == nullptr) {
				return;
			}
			names[key.s64] = read(*threads, owner, entry, "comm", SS_PLUGIN_ST_STRING).str;
			if(!held.emplace(key.s64, entry).second) {
				threads->release_table_entry(&owner, entry);
			}
		});
		for(const auto& [tid, entry] : held) {
			CHECK(names[tid] == read(*threads, owner, entry, "comm", SS_PLUGIN_ST_STRING).str);
			CHECK(read(*threads, owner, entry, "tid", SS_PLUGIN_ST_INT64).s64 == tid);
			const auto key = key_of(tid);
			if(auto* now = threads->get_entry(&owner, &key)) {
				threads->release_table_entry(&owner, now);
				continue;
			}
			gone++;
			table_input_adapter fds(read(*threads, owner, entry, "file_descriptors", SS_PLUGIN_ST_TABLE).table);
			CHECK(std::string(fds.name()) == "file_descriptors" && fds.get_size(&owner) < 100);
		}
		comm = threads->get_field(&owner, "comm", SS_PLUGIN_ST_STRING);
		last = held.begin()->second;
	}
	CHECK(held.size() > 10 && gone > 0);
	// The entry is a reference to its inspector, whose table still works.
	ss_plugin_state_data value = {};
	CHECK(input->reader.read_entry_field(input->table, last, comm, &value) == SS_PLUGIN_SUCCESS);
	CHECK(names.begin()->second == value.str);
	// The owner gives all of them back.
}

// Within one event, each thread's files are in a table of its own.
void two_fd_tables() {
	sinsp inspector;
	bool seen = false;
	read_all(inspector, [&](sinsp_evt&) {
		if(seen) {
			return;
		}
		std::vector<std::pair<int64_t, uint64_t>> two;
		inspector.m_thread_manager->get_threads()->const_loop([&](const sinsp_threadinfo& t) {
			const auto count = t.get_fd_opencount();
			if(t.is_main_thread() && (two.empty() || two[0].second != count)) {
				two.emplace_back(t.m_tid, count);
			}
			return two.size() < 2;
		});
		if(two.size() < 2) {
			return;
		}
		seen = true;
		sinsp_table_owner owner;
		auto* threads = inspector.get_table_registry()->tables().at("threads");
		std::vector<ss_plugin_table_t*> tables;
		for(const auto& thread : two) {
			const auto key = key_of(thread.first);
			auto* entry = threads->get_entry(&owner, &key);
			tables.push_back(read(*threads, owner, entry, "file_descriptors", SS_PLUGIN_ST_TABLE).table);
			CHECK(read(*threads, owner, entry, "file_descriptors", SS_PLUGIN_ST_TABLE).table == tables.back());
		}
		CHECK(tables[0] != tables[1]);
		for(size_t i = 0; i < 2; i++) {
			CHECK(table_input_adapter(tables[i]).get_size(&owner) == two[i].second);
		}
	});
	CHECK(seen);
}

// A thread manager and a registry that outlive their inspector are empty then.
void outlives_inspector() {
	std::shared_ptr<sinsp_thread_manager> manager;
	std::shared_ptr<table_registry> registry;
	{
		sinsp inspector;
		read_all(inspector, [](sinsp_evt&) {});
		manager = inspector.m_thread_manager;
		registry = inspector.get_table_registry();
		CHECK(manager->get_thread_count() > 0);
	}
	sinsp_table_owner owner;
	CHECK(manager->get_thread_count() == 0);
	CHECK(registry->tables().at("threads")->get_size(&owner) == 0);
	CHECK(registry->get_table<int64_t>("threads") != nullptr);
}

// Writes are seen by the state, by filters, and by whoever looks next.
void writes() {
	sinsp inspector;
	sinsp_table_owner owner;
	sinsp_table<int64_t> threads(&owner, inspector.get_table_registry()->get_table<int64_t>("threads"));
	auto* comm = threads.get_field<std::string>("comm");
	auto* mine = threads.add_field<uint64_t>("mine");
	CHECK(mine != nullptr && mine == threads.add_field<uint64_t>("mine") && mine == threads.get_field<uint64_t>("mine"));
	CHECK(threads.add_field<std::string>("mine") == nullptr);
	CHECK(owner.m_last_owner_err == "field 'mine' of table 'threads' has type uint64, not string");
	CHECK(threads.add_field<int64_t>("tid") == nullptr && owner.m_last_owner_err.find("always") != std::string::npos);
	CHECK(threads.get_field<uint64_t>("comm") == nullptr);
	CHECK(owner.m_last_owner_err == "field 'comm' of table 'threads' has type string, not uint64");

	sinsp_filter_compiler compiler(&inspector, "proc.name = renamed");
	const auto filter = compiler.compile();
	std::map<int64_t, uint64_t> counts;
	size_t renamed = 0;
	read_all(inspector, [&](sinsp_evt& evt) {
		if(evt.get_thread_info() == nullptr) {
			return;
		}
		auto entry = threads.get_entry(evt.get_tid());
		uint64_t count = 0;
		entry.read_field(mine, count);
		CHECK(count == counts[evt.get_tid()] || count == 0);
		counts[evt.get_tid()] = count + 1;
		entry.write_field(mine, count + 1);
		if(renamed < 3) {
			const auto before = std::string(evt.get_thread_info()->get_comm());
			CHECK(!filter->run(&evt));
			entry.write_field(comm, std::string("renamed"));
			CHECK(evt.get_thread_info()->get_comm() == "renamed");
			renamed++;
			entry.write_field(comm, before);
			CHECK(evt.get_thread_info()->get_comm() == before);
		}
		CHECK(throws<sinsp_exception>("cannot be written", [&] {
			entry.write_field(threads.get_field<std::string>("cwd"), std::string("/"));
		}));
	});
	CHECK(renamed == 3 && counts.size() > 5);

	// Threads and files of the program's own.
	auto added = threads.new_entry();
	threads.add_entry(4242, added);
	added.write_field(comm, std::string("made"));
	std::string text;
	threads.get_entry(4242).read_field(comm, text);
	CHECK(text == "made" && throws<sinsp_exception>("no entry", [&] { threads.get_entry(4243); }));
	const auto count = threads.entries_count();
	size_t seen = 0;
	CHECK(threads.foreach_entry([&](sinsp_table_entry& entry) {
		int64_t tid = 0;
		entry.read_field(threads.get_field<int64_t>("tid"), tid);
		seen += tid >= 0;
		return true;
	}));
	CHECK(seen == count && !threads.foreach_entry([](sinsp_table_entry&) { return false; }));
	CHECK(throws<sinsp_exception>("from within",
	                              [&] { threads.foreach_entry([](sinsp_table_entry&) -> bool { throw sinsp_exception("from within"); }); }));
	threads.erase_entry(4242);
	CHECK(threads.entries_count() == count - 1);
	CHECK(throws<sinsp_exception>("could not erase entry", [&] { threads.erase_entry(4242); }));
	added.read_field(comm, text);
	CHECK(text == "made");
	threads.clear_entries();
	CHECK(threads.entries_count() == 0);
}

// The lists of a thread are tables whose entries can be added, written and removed.
void lists() {
	sinsp inspector;
	sinsp_table_owner owner;
	auto* threads = inspector.get_table_registry()->get_table<int64_t>("threads");
	const auto tid = key_of(1);
	auto* entry = threads->add_entry(&owner, &tid, threads->create_table_entry(&owner));
	CHECK(entry != nullptr);
	for(const char* name : {"args", "env"}) {
		table_input_adapter adapter(read(*threads, owner, entry, name, SS_PLUGIN_ST_TABLE).table);
		sinsp_table<uint64_t> list(&owner, &adapter);
		CHECK(list.name() == name && list.entries_count() == 0 && list.fields().size() == 1);
		auto* value = list.get_field<std::string>("value");
		CHECK(list.add_field<std::string>("other") == nullptr);
		for(uint64_t i = 0; i < 10; i++) {
			auto added = list.new_entry();
			list.add_entry(i, added);
			added.write_field(value, std::string("hello"));
		}
		CHECK(throws<sinsp_exception>("", [&] { list.erase_entry(10); }));
		list.erase_entry(0);
		CHECK(list.entries_count() == 9);
		std::string text;
		list.get_entry(8).read_field(value, text);
		CHECK(text == "hello");
	}
	sinsp_threadinfo* thread = nullptr;
	inspector.m_thread_manager->get_threads()->loop([&](sinsp_threadinfo& t) {
		thread = &t;
		return true;
	});
	CHECK(thread != nullptr && thread->get_env().size() == 9);
	table_input_adapter fds(read(*threads, owner, entry, "file_descriptors", SS_PLUGIN_ST_TABLE).table);
	const auto seven = key_of(7);
	auto* fd = fds.add_entry(&owner, &seven, fds.create_table_entry(&owner));
	CHECK(fd != nullptr && read(fds, owner, fd, "fd", SS_PLUGIN_ST_INT64).s64 == 7);
	ss_plugin_state_data name = {};
	name.str = "/etc/passwd";
	CHECK(fds.write_entry_field(&owner, fd, fds.get_field(&owner, "name", SS_PLUGIN_ST_STRING), &name) == SS_PLUGIN_SUCCESS);
	CHECK(fds.erase_entry(&owner, &seven) == SS_PLUGIN_SUCCESS && fds.get_size(&owner) == 0);
	CHECK(read(fds, owner, fd, "name", SS_PLUGIN_ST_STRING).str == std::string("/etc/passwd"));
	CHECK(fds.clear_entries(&owner) == SS_PLUGIN_SUCCESS);
}

struct sample : extensible_struct {
	explicit sample(const std::shared_ptr<dynamic_field_infos>& fields = nullptr): extensible_struct(fields) {}

	static static_field_infos get_static_fields() {
		static_field_infos fields;
		DEFINE_STATIC_FIELD(fields, sample, m_num, "num");
		DEFINE_STATIC_FIELD_READONLY(fields, sample, m_str, "str");
		DEFINE_STATIC_FIELD(fields, sample, m_inner.deep, "deep");
		return fields;
	}

	uint32_t m_num = 0;
	std::string m_str;
	struct {
		int16_t deep = 0;
	} m_inner;
};

// Members are fields, and others can be added; each object has values of its own.
void structs() {
	const auto members = sample::get_static_fields();
	CHECK(members.size() == 3 && members == sample::get_static_fields());
	CHECK(throws<sinsp_exception>("multiple definitions", [] {
		auto twice = sample::get_static_fields();
		define_static_field<bool>(twice, 0, "num");
	}));
	sample s;
	const auto num = members.at("num").new_accessor().into<uint32_t>();
	const auto str = members.at("str").new_accessor().into<std::string>();
	const auto deep = members.at("deep").new_accessor().into<int16_t>();
	CHECK(throws<sinsp_exception>("has type uint32, not uint64",
	                              [&] { (void)members.at("num").new_accessor().into<uint64_t>(); }));
	s.write_field(num, 5u);
	s.write_field(deep, int16_t(-3));
	s.m_str = "text";
	CHECK(s.m_num == 5 && s.m_inner.deep == -3 && s.read_field(num) == 5 && s.read_field(str) == "text");
	CHECK(throws<sinsp_exception>("cannot be written", [&] { s.write_field(str, "x"); }));
	const char* raw = nullptr;
	s.read_field(str, raw);
	CHECK(raw == s.m_str.c_str());

	auto fields = std::make_shared<dynamic_field_infos>();
	sample a(fields);
	CHECK(throws<sinsp_exception>("", [&] { a.set_dynamic_fields(nullptr); }));
	CHECK(throws<sinsp_exception>("", [&] { a.set_dynamic_fields(std::make_shared<dynamic_field_infos>()); }));
	const auto& text_field = fields->add_field("text", SS_PLUGIN_ST_STRING);
	const auto& flag_field = fields->add_field("flag", SS_PLUGIN_ST_BOOL);
	CHECK(text_field == fields->add_field("text", SS_PLUGIN_ST_STRING) && fields->fields().size() == 2);
	CHECK(throws<sinsp_exception>("with type string", [&] { fields->add_field("text", SS_PLUGIN_ST_UINT8); }));
	CHECK(throws<sinsp_exception>("table", [&] { fields->add_field("inner", SS_PLUGIN_ST_TABLE); }));
	const auto text = text_field.new_accessor().into<std::string>();
	const auto flag = flag_field.new_accessor().into<bool>();
	CHECK(a.read_field(text).empty() && !a.read_field(flag));
	a.write_field(flag, true);
	CHECK(a.read_field(text).empty() && a.read_field(flag));
	a.write_field(text, "/usr/lib");
	sample b(a);
	b.write_field(text, std::string(256, 'X'));
	// A text stays while others are read.
	const char *of_a = nullptr, *of_b = nullptr;
	a.read_field(text, of_a);
	b.read_field(text, of_b);
	CHECK(std::string(of_a) == "/usr/lib" && std::string(of_b).size() == 256 && b.read_field(flag));
	sample c(std::make_shared<dynamic_field_infos>());
	c = a;
	CHECK(c.read_field(text) == "/usr/lib");
	const auto other = std::make_shared<dynamic_field_infos>();
	const auto foreign = other->add_field("text", SS_PLUGIN_ST_STRING).new_accessor().into<std::string>();
	CHECK(throws<sinsp_exception>("is not one of the object's table", [&] { a.read_field(foreign); }));
}

// A table of the program's own, of C++ objects.
class sample_table : public extensible_table<uint64_t> {
public:
	sample_table(): extensible_table("sample", &members()) {}

	static const static_field_infos& members() {
		static const auto fields = sample::get_static_fields();
		return fields;
	}

	using extensible_table::add_entry;
	using extensible_table::clear_entries;
	using extensible_table::erase_entry;
	using extensible_table::get_entry;

	size_t entries_count() const override { return m_entries.size(); }
	void clear_entries() override { m_entries.clear(); }
	std::unique_ptr<table_entry> new_entry() const override { return std::make_unique<sample>(dynamic_fields()); }
	bool foreach_entry(std::function<bool(table_entry& e)> pred) override {
		for(const auto& entry : m_entries) {
			if(!pred(*entry.second)) {
				return false;
			}
		}
		return true;
	}
	std::shared_ptr<table_entry> get_entry(const uint64_t& key) override {
		const auto found = m_entries.find(key);
		return found == m_entries.end() ? nullptr : found->second;
	}
	std::shared_ptr<table_entry> add_entry(const uint64_t& key, std::unique_ptr<table_entry> entry) override {
		return m_entries[key] = std::move(entry);
	}
	bool erase_entry(const uint64_t& key) override { return m_entries.erase(key) != 0; }

private:
	std::map<uint64_t, std::shared_ptr<table_entry>> m_entries;
};

// It is found by name in C++ and through the C ABI.
void own_tables() {
	table_registry alone;
	CHECK(alone.tables().empty() && alone.get_table<uint64_t>("sample") == nullptr);
	CHECK(throws<sinsp_exception>("null table", [&] { alone.add_table<uint64_t>(nullptr); }));
	sample_table mine;
	sinsp inspector;
	for(auto* registry : {&alone, inspector.get_table_registry().get()}) {
		registry->add_table(&mine);
		CHECK(registry->tables().at("sample") == &mine && registry->get_table<uint64_t>("sample") == &mine);
		CHECK(throws<sinsp_exception>("multiple times: sample", [&] { registry->add_table(&mine); }));
		CHECK(throws<sinsp_exception>("has keys of type uint64, not int32", [&] { registry->get_table<int32_t>("sample"); }));
	}
	sinsp_table_owner owner;
	const auto name = libsinsp::detail::str("sample");
	auto* seen = sinsp_inspector_table(inspector.c_handle(), name, SS_PLUGIN_ST_UINT64, nullptr);
	CHECK(seen != nullptr && !sinsp_table_is_own(seen));
	table_input_adapter adapter(seen);
	for(base_table* table : {static_cast<base_table*>(&mine), static_cast<base_table*>(&adapter)}) {
		sinsp_table<uint64_t> t(&owner, table);
		CHECK(t.name() == "sample" && t.entries_count() == 0 && t.fields().size() >= 3);
		CHECK(t.get_field_info("str")->read_only && !t.get_field_info("num")->read_only);
		auto* num = t.get_field<uint32_t>("num");
		auto* extra = t.add_field<std::string>("extra");
		CHECK(num != nullptr && extra != nullptr && t.get_field<uint8_t>("num") == nullptr);
		t.new_entry();
		auto entry = t.new_entry();
		t.add_entry(3, entry);
		entry.write_field(num, 8u);
		entry.write_field(extra, std::string("more"));
		std::string text;
		uint32_t number = 0;
		t.get_entry(3).read_field(extra, text);
		t.get_entry(3).read_field(num, number);
		CHECK(text == "more" && number == 8 && t.entries_count() == 1);
		CHECK(throws<sinsp_exception>("could not get entry", [&] { t.get_entry(4); }));
		CHECK(throws<sinsp_exception>("failed to write", [&] { entry.write_field(t.get_field<std::string>("str"), text); }));
		CHECK(t.foreach_entry([&](sinsp_table_entry& e) {
			e.read_field(num, number);
			return number == 8;
		}));
		t.erase_entry(3);
		// Held, it stays.
		entry.read_field(extra, text);
		CHECK(text == "more" && t.entries_count() == 0);
	}

	// One that the inspector keeps.
	auto* kept = sinsp_inspector_add_table(inspector.c_handle(), libsinsp::detail::str("kept"), SS_PLUGIN_ST_STRING, nullptr);
	CHECK(kept != nullptr && sinsp_table_is_own(kept));
	sinsp_table<std::string> t(&owner, inspector.get_table_registry()->get_table<std::string>("kept"));
	auto* count = t.add_field<int32_t>("count");
	auto entry = t.new_entry();
	t.add_entry("a", entry);
	entry.write_field(count, -5);
	int32_t value = 0;
	t.get_entry("a").read_field(count, value);
	CHECK(value == -5 && throws<sinsp_exception>("no entry", [&] { t.get_entry("b"); }));
	CHECK(inspector.get_table_registry()->tables().size() == 3);
}

// What the library knows of added fields, as C++ has such definitions.
void shared_definitions() {
	sinsp inspector;
	sinsp_table_owner owner;
	auto* input = static_cast<ss_plugin_table_input*>(sinsp_inspector_thread_table(inspector.c_handle()));
	static_field_infos members;
	uint32_t count = 0;
	const auto* all = input->fields_ext->list_table_fields(input->table, &count);
	for(uint32_t i = 0; i < count; i++) {
		members.emplace(all[i].name, static_field_info(all[i].name, 0, all[i].field_type, all[i].read_only != 0));
	}
	library_field_infos infos(input, members);
	CHECK(infos.fields().empty());
	const auto& first = infos.add_field("first", SS_PLUGIN_ST_STRING);
	CHECK(first.index() == 0 && input->fields.get_table_field(input->table, "first", SS_PLUGIN_ST_STRING) != nullptr);
	CHECK(input->fields.add_table_field(input->table, "second", SS_PLUGIN_ST_UINT8) != nullptr);
	CHECK(infos.fields().size() == 2 && infos.fields().at("second").index() == 1);
	CHECK(infos.at(1)->name() == "second" && infos.at(2) == nullptr);
	CHECK(throws<sinsp_exception>("has type uint8, not int8", [&] { infos.add_field("second", SS_PLUGIN_ST_INT8); }));
	CHECK(infos.add_field("first", SS_PLUGIN_ST_STRING) == first);
}

}  // namespace

int main(int argc, char** argv) {
	if(argc != 2) {
		std::fprintf(stderr, "usage: tables CAPTURE\n");
		return 2;
	}
	capture = argv[1];
	return run_tests({{"held entries", held_entries},
	                  {"two fd tables", two_fd_tables},
	                  {"outlives inspector", outlives_inspector},
	                  {"writes", writes},
	                  {"lists", lists},
	                  {"structs", structs},
	                  {"own tables", own_tables},
	                  {"shared definitions", shared_definitions}});
}
