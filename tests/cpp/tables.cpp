// Tests the inspector's tables of state: tables CAPTURE. Prints failures and a count.
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

// Reads a field. Throws with the owner's error.
ss_plugin_state_data read(base_table& table, sinsp_table_owner& owner, ss_plugin_table_entry_t* entry, const char* name,
                          ss_plugin_state_type type) {
	ss_plugin_state_data value = {};
	auto* field = table.get_field(&owner, name, type);
	if(field == nullptr || table.read_entry_field(&owner, entry, field, &value) != SS_PLUGIN_SUCCESS) {
		throw std::logic_error(owner.m_last_owner_err);
	}
	return value;
}

// Entries are held across events while their threads exit: as C++ objects, and as counted entries of the library.
void held_entries() {
	for(const bool objects : {true, false}) {
		sinsp inspector;
		table_input_adapter library(sinsp_inspector_thread_table(inspector.c_handle()));
		base_table& threads = objects ? *inspector.get_table_registry()->get_table<int64_t>("threads") : static_cast<base_table&>(library);
		sinsp_table_owner owner;
		std::map<int64_t, ss_plugin_table_entry_t*> held;
		std::map<int64_t, std::string> names;
		size_t gone = 0;
		read_all(inspector, [&](sinsp_evt& evt) {
			const auto key = key_of(evt.get_tid());
			auto* entry = threads.get_entry(&owner, &key);
			if(entry == nullptr) {
				return;
			}
			names[key.s64] = read(threads, owner, entry, "comm", SS_PLUGIN_ST_STRING).str;
			if(!held.emplace(key.s64, entry).second) {
				threads.release_table_entry(&owner, entry);
			}
		});
		for(const auto& [tid, entry] : held) {
			CHECK(names[tid] == read(threads, owner, entry, "comm", SS_PLUGIN_ST_STRING).str);
			CHECK(read(threads, owner, entry, "tid", SS_PLUGIN_ST_INT64).s64 == tid);
			const auto key = key_of(tid);
			if(auto* now = threads.get_entry(&owner, &key)) {
				threads.release_table_entry(&owner, now);
				continue;
			}
			gone++;
			table_input_adapter fds(read(threads, owner, entry, "file_descriptors", SS_PLUGIN_ST_TABLE).table);
			CHECK(std::string(fds.name()) == "file_descriptors" && fds.get_size(&owner) < 100);
		}
		CHECK(held.size() > 10 && gone > 0);
		// The owner's destructor releases all of them.
	}
}

// A held entry keeps the inspector and its tables alive.
void held_beyond_the_inspector() {
	sinsp_table_owner owner;
	std::unique_ptr<table_input_adapter> threads;
	ss_plugin_table_entry_t* entry = nullptr;
	std::string name;
	{
		sinsp inspector;
		threads = std::make_unique<table_input_adapter>(sinsp_inspector_thread_table(inspector.c_handle()));
		read_all(inspector, [&](sinsp_evt& evt) {
			const auto key = key_of(evt.get_tid());
			if(entry == nullptr && (entry = threads->get_entry(&owner, &key)) != nullptr) {
				name = read(*threads, owner, entry, "comm", SS_PLUGIN_ST_STRING).str;
			}
		});
	}
	CHECK(entry != nullptr && name == read(*threads, owner, entry, "comm", SS_PLUGIN_ST_STRING).str);
	table_input_adapter fds(read(*threads, owner, entry, "file_descriptors", SS_PLUGIN_ST_TABLE).table);
	CHECK(fds.get_size(&owner) < 100 && threads->get_size(&owner) == 0);
	threads->release_table_entry(&owner, entry);
}

// During one event, the fd tables of two threads are different tables.
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

// A thread manager and a registry that outlive their inspector are empty.
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

// The state, filters and other readers see writes.
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

	// Threads and fds that the program adds.
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

// C++ and the library share dynamic fields and their values: for entries with an object, without one, and removed.
void shared_definitions() {
	sinsp inspector;
	auto& manager = *inspector.m_thread_manager;
	auto* input = static_cast<ss_plugin_table_input*>(sinsp_inspector_thread_table(inspector.c_handle()));
	table_input_adapter library(input);
	sinsp_table_owner owner;
	const auto& infos = manager.dynamic_fields();
	CHECK(infos->fields().empty());
	const auto first = infos->add_field("first", SS_PLUGIN_ST_STRING);
	CHECK(first.index() == 0 && library.get_field(&owner, "first", SS_PLUGIN_ST_STRING) != nullptr);
	CHECK(library.add_field(&owner, "second", SS_PLUGIN_ST_UINT8) != nullptr);
	CHECK(infos->fields().size() == 2 && infos->fields().at("second").index() == 1);
	CHECK(throws<sinsp_exception>("has type uint8, not int8", [&] { infos->add_field("second", SS_PLUGIN_ST_INT8); }));
	CHECK(infos->add_field("first", SS_PLUGIN_ST_STRING) == first);
	const auto in_cpp = first.new_accessor().into<std::string>();
	const auto second = infos->fields().at("second").new_accessor().into<uint8_t>();

	// Written before the object is made and read from it; and the reverse.
	sinsp_table<int64_t> threads(&owner, &library);
	auto* text = threads.get_field<std::string>("first");
	auto* number = threads.get_field<uint8_t>("second");
	auto entry = threads.new_entry();
	entry.write_field(number, uint8_t(7));
	threads.add_entry(5, entry);
	const auto object = manager.find_thread(5, true);
	CHECK(object->read_field(second) == 7 && object->read_field(in_cpp).empty());
	object->write_field(in_cpp, "from C++");
	std::string value;
	entry.read_field(text, value);
	CHECK(value == "from C++");
	entry.write_field(text, std::string("from C"));
	CHECK(object->read_field(in_cpp) == "from C");

	// An object that the program adds.
	auto made = manager.new_entry();
	made->write_field(second, uint8_t(9));
	manager.add_entry(6, std::move(made));
	uint8_t nine = 0;
	threads.get_entry(6).read_field(number, nine);
	CHECK(nine == 9);

	// Fds: a copy has its own values.
	auto& files = object->get_fdtable();
	const auto mark = files.dynamic_fields()->add_field("mark", SS_PLUGIN_ST_INT64).new_accessor().into<int64_t>();
	const auto file = files.add_entry(3, files.new_entry());
	file->write_field(mark, int64_t(-1));
	const auto five = key_of(5), three = key_of(3);
	auto* held = library.get_entry(&owner, &five);
	table_input_adapter in_library(read(library, owner, held, "file_descriptors", SS_PLUGIN_ST_TABLE).table);
	auto* same = in_library.get_entry(&owner, &three);
	CHECK(read(in_library, owner, same, "mark", SS_PLUGIN_ST_INT64).s64 == -1);
	CHECK(manager.find_thread(6, true)->get_fdtable().dynamic_fields() == files.dynamic_fields());

	// Removed objects keep the values.
	files.erase(3);
	manager.erase_entry(5);
	CHECK(manager.get_entry(5) == nullptr && object->read_field(in_cpp) == "from C" && file->read_field(mark) == -1);
	entry.read_field(text, value);
	CHECK(value == "from C" && read(in_library, owner, same, "mark", SS_PLUGIN_ST_INT64).s64 == -1);
}

// The thread table as C++ objects: static fields, and fields of type table.
void objects() {
	sinsp inspector;
	auto* table = dynamic_cast<extensible_table<int64_t>*>(inspector.get_table_registry()->get_table<int64_t>("threads"));
	CHECK(table == inspector.m_thread_manager.get() && table->static_fields() == &sinsp_threadinfo::static_fields());
	// The library has the same fields, of the same types.
	const std::pair<const libsinsp::state::static_field_infos*, void*> both[] = {
	        {&sinsp_threadinfo::static_fields(), sinsp_inspector_thread_table(inspector.c_handle())},
	        {&sinsp_fdinfo::static_fields(), sinsp_inspector_fd_table_fields(inspector.c_handle())}};
	for(const auto& [cpp, library] : both) {
		sinsp_table_owner owner;
		table_input_adapter adapter(library);
		uint32_t count = 0;
		const auto* fields = adapter.list_fields(&owner, &count);
		CHECK(count == cpp->size());
		for(uint32_t i = 0; i < count; i++) {
			const auto& field = cpp->at(fields[i].name);
			CHECK(field.type_id() == fields[i].field_type && field.readonly() == (fields[i].read_only != 0));
		}
	}
	const auto tid = table->get_field("tid", SS_PLUGIN_ST_INT64).into<int64_t>();
	const auto comm = table->get_field("comm", SS_PLUGIN_ST_STRING).into<std::string>();
	const auto args = table->get_field("args", SS_PLUGIN_ST_TABLE).into<base_table*>();
	const auto cgroups = table->get_field("cgroups", SS_PLUGIN_ST_TABLE).into<base_table*>();
	auto fresh = table->new_entry();
	fresh->write_field(comm, "fresh");
	CHECK(table->add_entry(7, std::move(fresh)) != nullptr && table->entries_count() == 1);
	const auto thread = inspector.m_thread_manager->find_thread(7, true);
	CHECK(thread->m_tid == 7 && thread->m_comm == "fresh" && thread->read_field(tid) == 7);
	thread->m_args = {"-a", "-b"};
	thread->m_cgroups = {{"cpu", "/x"}};
	sinsp_table_owner owner;
	sinsp_table<uint64_t> list(&owner, thread->read_field(args));
	std::string text;
	list.get_entry(1).read_field(list.get_field<std::string>("value"), text);
	CHECK(list.name() == "args" && list.entries_count() == 2 && text == "-b");
	list.get_entry(0).write_field(list.get_field<std::string>("value"), std::string("-c"));
	CHECK(thread->m_args[0] == "-c");
	sinsp_table<uint64_t> groups(&owner, thread->read_field(cgroups));
	groups.get_entry(0).read_field(groups.get_field<std::string>("second"), text);
	CHECK(text == "/x");
	CHECK(throws<sinsp_exception>("cannot be written", [&] {
		thread->write_field(table->get_field("cwd", SS_PLUGIN_ST_STRING).into<std::string>(), "/");
	}));
	CHECK(table->erase_entry(7) && !table->erase_entry(7) && thread->read_field(comm) == "fresh");
}

}  // namespace

int main(int argc, char** argv) {
	if(argc < 2) {
		std::fprintf(stderr, "usage: tables CAPTURE\n");
		return 2;
	}
	capture = argv[1];
	return run_tests({{"held entries", held_entries},
	                  {"held beyond the inspector", held_beyond_the_inspector},
	                  {"two fd tables", two_fd_tables},
	                  {"outlives inspector", outlives_inspector},
	                  {"writes", writes},
	                  {"lists", lists},
	                  {"shared definitions", shared_definitions},
	                  {"objects", objects}});
}
