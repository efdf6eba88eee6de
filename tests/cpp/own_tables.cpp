// Tests tables that a program makes, of objects and of containers, and their fields: own_tables CAPTURE (not used). Prints failures and a count.
#include <libsinsp/sinsp.h>
#include <libsinsp/sinsp_table.h>

#include "check.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace libsinsp::state;

namespace {

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

// Static and dynamic fields; each object has its own values.
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
	// A string stays valid while others are read.
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

// A table of C++ objects that the program implements.
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

// The registry and the C ABI find it by name.
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
		// A held entry stays valid after its removal.
		entry.read_field(extra, text);
		CHECK(text == "more" && t.entries_count() == 0);
	}

	// A table that the library stores.
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

// Containers as tables, with positions as keys.
void containers() {
	std::vector<std::string> words = {"a", "b"};
	stl_container_table_adapter<std::vector<std::string>> table("words", words);
	const auto value = table.get_field("value", SS_PLUGIN_ST_STRING).into<std::string>();
	CHECK(throws<sinsp_exception>("has type string", [&] { table.get_field("value", SS_PLUGIN_ST_BOOL); }));
	CHECK(throws<sinsp_exception>("no field", [&] { table.get_field("other", SS_PLUGIN_ST_BOOL); }));
	CHECK(throws<sinsp_exception>("cannot be added", [&] { table.add_field("other", SS_PLUGIN_ST_BOOL); }));
	CHECK(table.get_entry(2) == nullptr && table.get_entry(1)->read_field(value) == "b");
	table.add_entry(3, table.new_entry())->write_field(value, "d");
	CHECK(words == std::vector<std::string>{"a", "b", "", "d"});
	const auto last = table.get_entry(3);
	CHECK(table.erase_entry(0) && !table.erase_entry(3) && table.entries_count() == 3);
	CHECK(throws<sinsp_exception>("is gone", [&] { last->read_field(value); }));
	CHECK(throws<sinsp_exception>("not in its table", [&] { table.new_entry()->read_field(value); }));
	size_t seen = 0;
	CHECK(!table.foreach_entry([&](table_entry&) { return ++seen < 2; }) && seen == 2);

	using pairs_t = std::vector<std::pair<std::string, int64_t>>;
	pairs_t pairs = {{"cpu", 1}};
	stl_container_table_adapter<pairs_t, pair_table_entry_adapter<std::string, int64_t>> other("pairs", pairs);
	sinsp_table_owner owner;
	sinsp_table<uint64_t> typed(&owner, &other);
	CHECK(typed.fields().size() == 2 && typed.get_field<std::string>("second") == nullptr);
	auto entry = typed.get_entry(0);
	int64_t number = 0;
	entry.write_field(typed.get_field<int64_t>("second"), int64_t(5));
	entry.read_field(typed.get_field<int64_t>("second"), number);
	entry.write_field(typed.get_field<std::string>("first"), std::string("memory"));
	CHECK(number == 5 && pairs[0].first == "memory");
	CHECK(throws<sinsp_exception>("another kind", [&] { other.get_entry(0)->read_field(sample::get_static_fields().at("num").new_accessor().into<uint32_t>()); }));
	typed.clear_entries();
	CHECK(pairs.empty());
}

}  // namespace

int main() {
	return run_tests({{"structs", structs}, {"own tables", own_tables}, {"containers", containers}});
}
