// Tests formatter factories, fields with constant values, quoted texts, averages, cells of tables, and
// filters without an event: values CAPTURE. Prints failures and a count.
#include "check.h"

#include <libsinsp/eventformatter.h>
#include <libsinsp/filter/escaping.h>
#include <libsinsp/filterchecks.h>
#include <libsinsp/sinsp.h>
#include <libsinsp/sinsp_filtercheck_static.h>

#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

std::string capture;

sinsp_evt* first(sinsp& inspector) {
	inspector.open_savefile(capture);
	sinsp_evt* evt = nullptr;
	while(inspector.next(&evt) != SCAP_SUCCESS) {
	}
	return evt;
}

void factories() {
	sinsp inspector;
	sinsp_evt* evt = first(inspector);
	sinsp_filter_check_list checks;
	sinsp_evt_formatter_factory factory(&inspector, checks);
	const auto text = factory.create_formatter("%evt.num");
	CHECK(factory.create_formatter("%evt.num") == text && factory.create_formatter("*%evt.num") != text);
	factory.set_output_format(sinsp_evt_formatter::OF_JSON);
	const auto json = factory.create_formatter("%evt.num");
	CHECK(json != text && json->get_output_format() == sinsp_evt_formatter::OF_JSON);
	std::string shown;
	CHECK(text->tostring(evt, shown) && shown == "1" && json->tostring(evt, shown) && shown == "{\"evt.num\":1}");
	CHECK(throws<sinsp_exception>("nonexistent field no.field", [&] { factory.create_formatter("%no.field"); }));
}

void constant_fields() {
	sinsp inspector;
	sinsp_evt* evt = first(inspector);
	sinsp_filter_check_list checks;
	checks.add_filter_check(std::make_unique<sinsp_filter_check_static>(
	        std::map<std::string, std::string>{{"host", "a b"}, {"host.name", "caf\xff"}, {"none", ""}}));
	const auto factory = std::make_shared<sinsp_filter_factory>(&inspector, checks);
	const auto holds = [&](const std::string& filter) { return sinsp_filter_compiler(factory, filter).compile()->run(evt); };
	CHECK(holds("static.host = 'a b' and evt.num = 1 and static.none = ''") && !holds("static.host = a"));
	CHECK(throws<sinsp_exception>("nonexistent field static.nothing", [&] { holds("static.nothing = x"); }));
	std::string shown;
	CHECK(sinsp_evt_formatter(&inspector, "%static.host %static.host.name", checks).tostring(evt, shown));
	// What the program says is shown as it is.
	CHECK(shown == "a b caf\xff");
	const auto fields = factory->get_fields().back();
	CHECK(fields.name == "static" && fields.fields.size() == 3 && fields.fields.front().name == "static.host");

	const sinsp_filter_check_static none;
	CHECK(none.get_fields()->m_nfields == 0);
	const sinsp_filter_check_static one(std::map<std::string, std::string>{{"x", "1"}}), copy(one);
	CHECK(copy.get_fields()->m_fields[0].m_name == "static.x" && copy.get_fields()->m_fields[0].is_format_suggested());
	sinsp_filter_check_static unselected(one);
	std::vector<extract_value_t> values;
	CHECK(throws<sinsp_exception>("parse_field_name", [&] { unselected.extract(evt, values); }));
}

void quoted_texts() {
	namespace filter = libsinsp::filter;
	CHECK(filter::escape_str("plain") == "plain" && filter::escape_str("a \"b\"\n") == "\"a \\\"b\\\"\\n\"");
	for(const std::string& text : {std::string("a b"), std::string("\t=\\"), std::string("'\b\f\r")}) {
		CHECK(filter::unescape_str(filter::escape_str(text)) == text);
	}
	CHECK(filter::unescape_str("'it\\'s'") == "it's" && filter::unescape_str("''").empty());
	CHECK(throws<sinsp_exception>("unsupported string escape sequence", [] { filter::unescape_str("'\\x41'"); }));
	CHECK(throws<sinsp_exception>("invalid \\\" escape", [] { filter::unescape_str("'\\\"'"); }));
	CHECK(throws<sinsp_exception>("empty", [] { filter::unescape_str(""); }));
}

void averages() {
	const uint64_t ten = 10, eleven = 11;
	const double half = 0.5;
	const auto compare = [](cmpop op, ppm_param_type type, const void* a, const void* b, uint32_t of_a, uint32_t of_b) {
		return flt_compare_avg(op, type, a, b, 0, 0, of_a, of_b);
	};
	CHECK(compare(CO_EQ, PT_UINT64, &ten, &eleven, 2, 2) && compare(CO_LT, PT_UINT64, &ten, &eleven, 0, 1));
	CHECK(compare(CO_GT, PT_RELTIME, &ten, &eleven, 1, 3) && !compare(CO_GT, PT_DOUBLE, &half, &half, 2, 1));
	CHECK(std::to_string(CO_EQ) == "EQ" && std::to_string(CO_REGEX) == "REGEX" && std::to_string(static_cast<cmpop>(99)) == "<unset>");
	CHECK(throws<sinsp_exception>("no number", [&] { compare(CO_EQ, PT_CHARBUF, "a", "a", 1, 1); }));
}

// Stands for Json::Value, whose library is not one of this test.
struct value {
	using Int64 = long long;
	using UInt64 = unsigned long long;
	value(): text("null") {}
	explicit value(const char* s): text(std::string("s:") + s) {}
	explicit value(bool b): text(b ? "true" : "false") {}
	explicit value(Int64 n): text("i:" + std::to_string(n)) {}
	explicit value(UInt64 n): text("u:" + std::to_string(n)) {}
	explicit value(double n): text("d:" + std::to_string(n)) {}
	std::string text;
};

void cells() {
	sinsp_filter_check_reference check;
	CHECK(check.tostring_nice(nullptr, 5, 0) == nullptr && check.tojson<value>(nullptr, 5, 0).text == "s:");
	uint64_t sum = 3 << 20;
	const auto set = [&](ppm_param_type type, void* val, uint32_t len, uint32_t cnt, ppm_print_format format) {
		check.set_val(type, EPF_NONE, static_cast<uint8_t*>(val), static_cast<int32_t>(len), cnt, format);
	};
	set(PT_UINT64, &sum, sizeof(sum), 2, PF_DEC);
	CHECK(std::string(check.tostring_nice(nullptr, 8, 0)) == "   1.50M");
	CHECK(check.tojson<value>(nullptr, 8, 0).text == "u:3145728");
	CHECK(std::string(check.tostring_nice(nullptr, 8, 3'000'000'000)) == "1024.00K");
	set(PT_UINT64, &sum, sizeof(sum), 1, PF_ID);
	CHECK(std::string(check.tostring_nice(nullptr, 9, 0)) == "  3145728");
	set(PT_RELTIME, &sum, sizeof(sum), 1, PF_DEC);
	CHECK(std::string(check.tostring_nice(nullptr, 8, 0)) == "  3.14ms" && check.tojson<value>(nullptr, 8, 0).text == "s:  3.14ms");
	int32_t negative = -7;
	set(PT_INT32, &negative, sizeof(negative), 1, PF_DEC);
	CHECK(check.tojson<value>(nullptr, 8, 0).text == "i:-7");
	double real = 2.5;
	set(PT_DOUBLE, &real, sizeof(real), 2, PF_DEC);
	CHECK(std::string(check.tostring_nice(nullptr, 6, 0)) == "  1.25" && check.tojson<value>(nullptr, 6, 0).text == "d:1.250000");
	std::string text = "proc";
	set(PT_CHARBUF, text.data(), 4, 1, PF_NA);
	CHECK(std::string(check.tostring_nice(nullptr, 8, 0)) == "proc" && check.tojson<value>(nullptr, 8, 0).text == "s:proc");
	CHECK(throws<sinsp_exception>("wider", [&] { check.tostring_nice(nullptr, 1 << 20, 0); }));
}

// Fields of the library have no position in the event.
void positions() {
	sinsp inspector;
	sinsp_evt* evt = first(inspector);
	sinsp_filter_check_list checks;
	const auto check = checks.new_filter_check_from_fldname("evt.type", &inspector, true);
	CHECK(check != nullptr && check->parse_field_name("evt.type", true, false) == 8);
	std::vector<extract_value_t> values;
	std::vector<extract_offset_t> offsets;
	CHECK(check->extract_with_offsets(evt, values, offsets) && values.size() == 1 && offsets.size() == 1);
	CHECK(offsets[0].start == UINT32_MAX && offsets[0].length == UINT32_MAX);
}

// A field of bytes; its constants are what the filter has in hexadecimal.
class bytes_check : public sinsp_filter_check {
public:
	bytes_check() {
		m_of_class.m_name = "own";
		m_of_class.m_nfields = 1;
		m_of_class.m_fields = s_fields;
		m_info = &m_of_class;
	}

	std::unique_ptr<sinsp_filter_check> allocate_new() override { return std::make_unique<bytes_check>(); }

protected:
	uint8_t* extract_single(sinsp_evt*, uint32_t* len, bool sanitize_strings = true) override {
		return extract_single_cstring("some GET", len, sanitize_strings);
	}

private:
	static inline const filtercheck_field_info s_fields[] = {{PT_BYTEBUF, EPF_NONE, PF_NA, "own.bytes", "", ""}};
	filter_check_info m_of_class;
};

void bytes_in_hexadecimal() {
	sinsp inspector;
	sinsp_evt* evt = first(inspector);
	sinsp_filter_check_list checks;
	checks.add_filter_check(std::make_unique<bytes_check>());
	const auto factory = std::make_shared<sinsp_filter_factory>(&inspector, checks);
	const auto holds = [&](const std::string& filter) { return sinsp_filter_compiler(factory, filter).compile()->run(evt); };
	CHECK(holds("own.bytes bcontains 474554 and own.bytes bstartswith 736f and not own.bytes bstartswith 474554"));
	CHECK(throws<sinsp_exception>("hex strings only", [&] { holds("own.bytes bcontains xyz"); }));
	CHECK(throws<sinsp_exception>("hex strings only", [&] { holds("own.bytes bstartswith 123"); }));
}

struct true_check : sinsp_filter_check {
	bool compare(sinsp_evt*) override { return true; }
};

void null_events() {
	sinsp inspector;
	first(inspector);
	sinsp_filter_check_list checks;
	std::string text;
	std::map<std::string, std::string> texts;
	sinsp_evt_formatter formatter(&inspector, "%evt.num", checks);
	CHECK(throws<sinsp_exception>("null", [&] { formatter.tostring(nullptr, text); }));
	CHECK(throws<sinsp_exception>("null", [&] { formatter.resolve_tokens(nullptr, texts); }));
	CHECK(throws<sinsp_exception>("null", [&] { sinsp_filter_compiler(&inspector, "evt.num = 1").compile()->run(nullptr); }));
	checks.add_filter_check(std::make_unique<bytes_check>());
	const auto factory = std::make_shared<sinsp_filter_factory>(&inspector, checks);
	CHECK(throws<sinsp_exception>("null", [&] { sinsp_filter_compiler(factory, "own.bytes exists").compile()->run(nullptr); }));
	sinsp_filter built;
	built.add_check(std::make_unique<true_check>());
	CHECK(built.run(nullptr));
}

}  // namespace

int main(int argc, char** argv) {
	if(argc < 2) {
		std::printf("usage: values CAPTURE\n");
		return 2;
	}
	capture = argv[1];
	return run_tests({{"formatter factories", factories},
	                  {"fields with constant values", constant_fields},
	                  {"quoted texts", quoted_texts},
	                  {"averages", averages},
	                  {"cells of tables", cells},
	                  {"positions", positions},
	                  {"bytes in hexadecimal", bytes_in_hexadecimal},
	                  {"null events", null_events}});
}
