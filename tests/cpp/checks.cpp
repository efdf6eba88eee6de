// Tests filters, formatters and fields on all kinds of events, and checks that the program defines: checks CAPTURE. Prints failures and
// a count.
#include "check.h"

#include <libsinsp/sinsp.h>

#include <cstdio>
#include <cstring>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

std::string capture;

// The next event; null at the end.
sinsp_evt* next(sinsp& inspector) {
	for(;;) {
		sinsp_evt* evt = nullptr;
		const int32_t rc = inspector.next(&evt);
		if(rc == SCAP_EOF) {
			return nullptr;
		}
		if(rc == SCAP_SUCCESS) {
			return evt;
		}
		if(rc != SCAP_TIMEOUT && rc != SCAP_FILTERED_EVENT) {
			throw std::logic_error(inspector.getlasterr());
		}
	}
}

// The next event of a type whose thread is in the table.
sinsp_evt* next_of(sinsp& inspector, uint16_t type) {
	for(;;) {
		sinsp_evt* evt = next(inspector);
		if(evt == nullptr) {
			throw std::logic_error("no event of type " + std::to_string(type));
		}
		if(evt->get_type() == type && evt->get_thread_info() != nullptr) {
			return evt;
		}
	}
}

// A copy of the bytes of an event.
std::unique_ptr<uint8_t[]> bytes_of(const sinsp_evt& evt) {
	const auto* from = evt.get_scap_evt();
	auto bytes = std::make_unique<uint8_t[]>(from->len);
	std::memcpy(bytes.get(), from, from->len);
	return bytes;
}

std::string text_of(sinsp* inspector, sinsp_evt* evt, const std::string& format) {
	sinsp_filter_check_list checks;
	std::string text;
	return sinsp_evt_formatter(inspector, format, checks).tostring(evt, text) ? text : "nothing";
}

bool passes(sinsp* inspector, sinsp_evt* evt, const std::string& filter) {
	return sinsp_filter_compiler(inspector, filter).compile()->run(evt);
}

// Filters and formatters accept events made from bytes.
void raw_events() {
	sinsp inspector;
	inspector.open_savefile(capture);
	sinsp_evt* evt = next_of(inspector, PPME_SYSCALL_OPENAT_2_X);
	while(inspector.m_thread_manager->get_thread_count() < 3) {
		evt = next_of(inspector, PPME_SYSCALL_OPENAT_2_X);
	}
	const std::string format = "*%evt.num %evt.type %evt.cpu %thread.tid %proc.name %evt.arg.name %fd.name";
	const auto bytes = bytes_of(*evt);
	sinsp_evt raw(&inspector);
	raw.init_from_raw(bytes.get(), evt->get_cpuid());
	CHECK(raw.get_type() == evt->get_type() && raw.get_ts() == evt->get_ts() && raw.get_num() == 0);
	CHECK(raw.get_num_params() == evt->get_num_params() && raw.get_fd_num() == sinsp_evt::INVALID_FD_NUM);
	CHECK(raw.get_param_by_name("name")->as<std::string>() == evt->get_param_by_name("name")->as<std::string>());
	raw.set_num(evt->get_num());
	CHECK(text_of(&inspector, &raw, format) == text_of(&inspector, evt, format));
	const std::string own = "evt.num=" + std::to_string(evt->get_num()) + " and proc.name=" + std::string(evt->get_thread_info()->m_comm);
	CHECK(passes(&inspector, &raw, own) && passes(&inspector, evt, own));
	raw.set_cpuid(77);
	CHECK(text_of(&inspector, &raw, "%evt.cpu") == "77");

	// Cached values are not used for another event with the same number.
	const auto filter = sinsp_filter_compiler(&inspector, "evt.type = openat").compile();
	auto other = bytes_of(*evt);
	reinterpret_cast<scap_evt*>(other.get())->type = PPME_SYSCALL_OPENAT2_X;
	sinsp_evt changed(&inspector);
	changed.set_scap_evt(reinterpret_cast<scap_evt*>(other.get()));
	changed.set_num(evt->get_num());
	CHECK(filter->run(evt) && !filter->run(&changed) && filter->run(evt));

	// Every inspector's filters accept an event without an inspector.
	sinsp_evt nobodys;
	nobodys.init_from_raw(bytes.get(), 0);
	CHECK(passes(&inspector, &nobodys, "evt.type = openat") && passes(&inspector, &nobodys, "evt.num = 0"));

	// set_tinfo() has priority over the tid.
	sinsp_threadinfo* init = nullptr;
	inspector.m_thread_manager->get_threads()->loop([&](sinsp_threadinfo& thread) {
		init = thread.m_tid != raw.get_tid() ? &thread : nullptr;
		return init == nullptr;
	});
	CHECK(init != nullptr);
	raw.set_tinfo(init);
	CHECK(text_of(&inspector, &raw, "%proc.pid") == std::to_string(init->m_pid));
	raw.init();
	CHECK(text_of(&inspector, &raw, "%thread.tid %proc.pid") == text_of(&inspector, evt, "%thread.tid %proc.pid"));

	// Malformed events cause errors.
	sinsp_evt empty(&inspector);
	CHECK(throws<sinsp_exception>("without bytes", [&] { passes(&inspector, &empty, "evt.num exists"); }));
	auto lying = bytes_of(*evt);
	reinterpret_cast<scap_evt*>(lying.get())->nparams = 1000000;
	raw.init_from_raw(lying.get(), 0);
	CHECK(throws<sinsp_exception>("parameters", [&] { passes(&inspector, &raw, "evt.num exists"); }));
	CHECK(throws<sinsp_exception>("parameters", [&] { raw.get_num_params(); }));
	lying = bytes_of(*evt);
	reinterpret_cast<scap_evt*>(lying.get())->len = 3;
	raw.init_from_raw(lying.get(), 0);
	CHECK(throws<sinsp_exception>("shorter than its header", [&] { text_of(&inspector, &raw, "%evt.num"); }));
}

void copies() {
	sinsp inspector;
	inspector.open_savefile(capture);
	sinsp_evt* evt = next_of(inspector, PPME_SYSCALL_OPENAT_2_X);
	const std::string name = evt->get_param_by_name("name")->as<std::string>();
	sinsp_evt copy = *evt, assigned;
	assigned = copy;
	for(sinsp_evt* one : {&copy, &assigned}) {
		CHECK(one->get_param(0)->m_evt == one && one->get_param(0)->data() == evt->get_param(0)->data());
		CHECK(one->get_num() == evt->get_num() && passes(&inspector, one, "evt.type = openat and proc.name exists"));
	}
	sinsp_evt changed = *evt;
	changed.set_num(123456);
	CHECK(text_of(&inspector, &changed, "%evt.num") == "123456");

	auto owner = sinsp_evt::from_scap_evt(bytes_of(*evt));
	sinsp_evt owned = *owner;
	CHECK(owned.get_scap_evt() != owner->get_scap_evt() && owned.get_scap_evt_storage() != nullptr);
	owner.reset();
	CHECK(owned.get_param_by_name("name")->as<std::string>() == name);
	CHECK(passes(&inspector, &owned, "evt.arg.name = '" + name + "'"));

	// The bytes of a borrowed event are invalid after the next event.
	CHECK(next(inspector) != nullptr);
	CHECK(throws<sinsp_exception>("moved on", [&] { passes(&inspector, &copy, "evt.num exists"); }));
	CHECK(throws<sinsp_exception>("moved on", [&] { text_of(&inspector, &changed, "%evt.num"); }));
}

void two_inspectors() {
	auto a = std::make_unique<sinsp>();
	sinsp b;
	a->open_savefile(capture);
	b.open_savefile(capture);
	auto filter = sinsp_filter_compiler(a.get(), "evt.num exists").compile();
	sinsp_filter_check_list checks;
	sinsp_evt_formatter formatter(a.get(), "%evt.num", checks);
	sinsp_evt *of_a = next(*a), *of_b = next(b);
	std::string text;
	CHECK(filter->run(of_a) && formatter.tostring(of_a, text) && text == "1");
	CHECK(throws<sinsp_exception>("another inspector", [&] { filter->run(of_b); }));
	CHECK(throws<sinsp_exception>("another inspector", [&] { formatter.tostring(of_b, text); }));
	CHECK(throws<sinsp_exception>("another inspector", [&] { b.set_filter(std::move(filter)); }));
	filter = sinsp_filter_compiler(a.get(), "evt.num exists").compile();
	CHECK(filter->run(of_a));
	sinsp_evt nobodys;
	const auto bytes = bytes_of(*of_b);
	nobodys.init_from_raw(bytes.get(), 0);
	CHECK(filter->run(&nobodys));
	a.reset();
	CHECK(throws<sinsp_exception>("gone", [&] { filter->run(&nobodys); }));
}

// Changes by the program are visible to the next filter on the same event.
void changes() {
	sinsp inspector;
	inspector.open_savefile(capture);
	sinsp_evt* data = next_of(inspector, PPME_SYSCALL_WRITE_X);
	while(data->get_param_by_name("data")->len() < 8) {
		data = next_of(inspector, PPME_SYSCALL_WRITE_X);
	}
	inspector.set_max_evt_output_len(4);
	const std::string four = text_of(&inspector, data, "%evt.arg.data");
	inspector.set_buffer_format(sinsp_evt::PF_BASE64);
	CHECK(text_of(&inspector, data, "%evt.arg.data") != four);
	inspector.set_buffer_format(sinsp_evt::PF_NORMAL);
	CHECK(text_of(&inspector, data, "%evt.arg.data") == four);
	inspector.set_max_evt_output_len(0);
	CHECK(text_of(&inspector, data, "%evt.arg.data").size() > four.size());
}

// Checks that the program defines.

const filtercheck_field_info own_fields[] = {
        {PT_INT64, EPF_NONE, PF_ID, "own.number", "", ""},
        {PT_CHARBUF, EPF_NONE, PF_NA, "own.text", "", ""},
        {PT_CHARBUF, EPF_IS_LIST, PF_NA, "own.list", "", ""},
        {PT_CHARBUF, EPF_NONE, PF_NA, "own.comm", "", ""},
        {PT_BOOL, EPF_NONE, PF_NA, "own.nested", "", ""},
        {PT_BOOL, EPF_NONE, PF_NA, "own.fault", "", ""},
        {PT_CHARBUF, EPF_FILTER_ONLY | EPF_NO_RHS | EPF_NO_TRANSFORMER, PF_NA, "own.any", "", ""},
        {PT_UINT64, EPF_NONE, PF_DEC, "own.num", "", ""},
};

struct own_fault : std::runtime_error {
	using std::runtime_error::runtime_error;
};

int extractions = 0;
bool faulty = true;
sinsp_filter* nested = nullptr;
sinsp_evt* seen = nullptr;

class own_check : public sinsp_filter_check {
public:
	own_check() {
		m_of_class.m_name = "own";
		m_of_class.m_fields = own_fields;
		m_of_class.m_nfields = std::size(own_fields);
		m_info = &m_of_class;
	}

	std::unique_ptr<sinsp_filter_check> allocate_new() override { return std::make_unique<own_check>(); }

	// own.any equals every constant.
	bool compare(sinsp_evt* evt) override { return m_field_id == 6 || sinsp_filter_check::compare(evt); }

protected:
	bool extract_nocache(sinsp_evt* evt,
	                     std::vector<extract_value_t>& values,
	                     std::vector<extract_offset_t>* offsets,
	                     bool sanitize_strings) override {
		if(m_field_id != 2) {
			return sinsp_filter_check::extract_nocache(evt, values, offsets, sanitize_strings);
		}
		values = {{bytes("one"), 3}, {bytes("two"), 3}};
		return true;
	}

	uint8_t* extract_single(sinsp_evt* evt, uint32_t* len, bool sanitize_strings) override {
		extractions++;
		seen = evt;
		switch(m_field_id) {
		case 0:
			m_number = 7;
			return extract_single_val(m_number, len);
		case 1:
			return extract_single_cstring("text \xff", len, sanitize_strings);
		case 3:
			m_text = evt->get_thread_info() == nullptr ? "none" : std::string(evt->get_thread_info()->m_comm);
			return extract_single_string(m_text, len, sanitize_strings);
		case 4:
			m_truth = nested->run(evt);
			return extract_single_val(m_truth, len);
		case 5:
			if(faulty) {
				throw own_fault("my fault");
			}
			m_truth = 1;
			return extract_single_val(m_truth, len);
		case 7:
			m_number = static_cast<int64_t>(evt->get_num());
			return extract_single_val(m_number, len);
		default:
			return nullptr;
		}
	}

private:
	static uint8_t* bytes(const char* text) { return reinterpret_cast<uint8_t*>(const_cast<char*>(text)); }

	filter_check_info m_of_class;
	int64_t m_number = 0;
	uint32_t m_truth = 0;
	std::string m_text;
};

struct own_list : sinsp_filter_check_list {
	own_list() { add_filter_check(std::make_unique<own_check>()); }
};

std::unique_ptr<sinsp_filter> own_filter(sinsp* inspector, const std::string& text) {
	static own_list checks;
	const auto factory = std::make_shared<sinsp_filter_factory>(inspector, checks);
	return sinsp_filter_compiler(factory, text).compile();
}

void own_checks() {
	sinsp inspector;
	inspector.open_savefile(capture);
	own_list checks;
	const auto factory = std::make_shared<sinsp_filter_factory>(&inspector, checks);
	sinsp_evt* evt = next_of(inspector, PPME_SYSCALL_OPENAT_2_X);
	const auto holds = [&](const std::string& filter) {
		const bool by_text = sinsp_filter_compiler(factory, filter).compile()->run(evt);
		const auto tree = libsinsp::filter::parser(filter).parse();
		CHECK(sinsp_filter_compiler(factory, tree.get()).compile()->run(evt) == by_text);
		return by_text;
	};
	CHECK(holds("own.number = 7 and own.number in (1, 7) and evt.type = openat and own.text exists"));
	CHECK(holds("own.comm = val(proc.name) and proc.name = val(own.comm) and not own.comm = x"));
	CHECK(holds("toupper(own.comm) = toupper(proc.name) and len(own.list) = 2 and own.list intersects (two, x)"));
	CHECK(holds("own.list in (one, two) and not own.list in (one)") && holds("own.any = anything and own.any in (x)"));
	CHECK(holds("own.comm startswith anyof ('" + std::string(evt->get_thread_info()->m_comm) + "', x)"));
	CHECK(holds("own.num = " + std::to_string(evt->get_num())) && seen == evt);
	CHECK(throws<sinsp_exception>("nonexistent field own.nothing", [&] { holds("own.nothing = 1"); }));
	CHECK(throws<sinsp_exception>("not a valid number", [&] { holds("own.number = x"); }));
	CHECK(throws<sinsp_exception>("not supported", [&] { holds("own.number contains 7"); }));
	CHECK(throws<sinsp_exception>("nonexistent field own.number", [&] { passes(&inspector, evt, "own.number = 7"); }));

	std::string text;
	sinsp_evt_formatter formatter(&inspector, "%own.number %own.list %toupper(own.comm) %own.text", checks);
	CHECK(formatter.tostring(evt, text) && text.substr(0, 12) == "7 (one,two) " && text.find("\xff") != std::string::npos);
	CHECK(formatter.tostring_withformat(evt, text, sinsp_evt_formatter::OF_JSON) && text.find("\"own.number\":7") != std::string::npos);

	// After the program has accessed a thread, a check may read it: fields are extracted again for each filter.
	const auto one = sinsp_filter_compiler(factory, "own.num > 0 and tolower(own.comm) exists").compile();
	const auto other = sinsp_filter_compiler(factory, "tolower(own.comm) exists").compile();
	extractions = 0;
	CHECK(one->run(evt) && other->run(evt) && other->run(evt) && extractions == 4);
	// Fields of the library are found only if the list contains them.
	filter_check_list alone;
	alone.add_filter_check(std::make_unique<own_check>());
	alone.add_filter_check(std::make_unique<own_check>());
	std::vector<const filter_check_info*> classes;
	alone.get_all_fields(classes);
	CHECK(classes.size() == 1);
	const auto few = std::make_shared<sinsp_filter_factory>(&inspector, alone);
	CHECK(sinsp_filter_compiler(few, "own.number = 7").compile()->run(evt));
	CHECK(throws<sinsp_exception>("nonexistent field proc.name", [&] { sinsp_filter_compiler(few, "proc.name = x").compile(); }));
	CHECK(few->get_fields().size() == 1 && few->get_fields().front().fields.size() == std::size(own_fields));

	// A filter outlives its factory and its list of checks.
	std::unique_ptr<sinsp_filter> orphan = own_filter(&inspector, "own.number = 7 and evt.type exists");
	CHECK(orphan->run(evt));
	// The check receives the same event object that was passed to the filter.
	const auto bytes = bytes_of(*evt);
	sinsp_evt raw(&inspector);
	raw.init_from_raw(bytes.get(), 0);
	CHECK(own_filter(&inspector, "own.number = 7")->run(&raw) && seen == &raw);
}

// Filters of one factory extract a field once per event, as long as the program has accessed no thread.
void own_checks_share() {
	sinsp inspector;
	inspector.open_savefile(capture);
	own_list checks;
	const auto factory = std::make_shared<sinsp_filter_factory>(&inspector, checks);
	const auto one = sinsp_filter_compiler(factory, "own.num > 0 and tolower(own.text) exists").compile();
	const auto other = sinsp_filter_compiler(factory, "tolower(own.text) exists").compile();
	for(int i = 0; i < 3; i++) {
		sinsp_evt* evt = next(inspector);
		extractions = 0;
		CHECK(evt != nullptr && one->run(evt) && other->run(evt) && other->run(evt) && extractions == 2);
	}
	CHECK(next_of(inspector, PPME_SYSCALL_OPENAT_2_X)->get_thread_info() != nullptr);
	sinsp_evt* evt = next(inspector);
	extractions = 0;
	CHECK(evt != nullptr && one->run(evt) && other->run(evt) && other->run(evt) && extractions == 4);
}

void own_faults() {
	sinsp inspector;
	inspector.open_savefile(capture);
	sinsp_evt* evt = next_of(inspector, PPME_SYSCALL_OPENAT_2_X);
	const auto filter = own_filter(&inspector, "own.fault = true");
	own_list checks;
	sinsp_evt_formatter formatter(&inspector, "*%own.fault", checks);
	std::string text;
	for(int i = 0; i < 2; i++) {
		evt = next_of(inspector, PPME_SYSCALL_OPENAT_2_X);
		faulty = true;
		CHECK(throws<own_fault>("my fault", [&] { filter->run(evt); }));
		CHECK(throws<own_fault>("my fault", [&] { formatter.tostring(evt, text); }));
		CHECK(passes(&inspector, evt, "evt.type = openat"));
		faulty = false;
		CHECK(filter->run(evt) && formatter.tostring(evt, text) && text == "true");
	}
	// Exceptions in a nested filter, and in the inspector's filter.
	evt = next_of(inspector, PPME_SYSCALL_OPENAT_2_X);
	faulty = true;
	const auto inner = own_filter(&inspector, "own.fault = true");
	nested = inner.get();
	CHECK(throws<own_fault>("my fault", [&] { own_filter(&inspector, "own.nested = true")->run(evt); }));
	sinsp other;
	other.set_filter(own_filter(&other, "own.fault = true"));
	other.open_savefile(capture);
	CHECK(throws<own_fault>("my fault", [&] {
		while(next(other) == nullptr) {
		}
	}));
	faulty = false;
	CHECK(next(other) != nullptr && next(other) != nullptr);
}

void nested_filters() {
	sinsp inspector;
	inspector.open_savefile(capture);
	sinsp_evt* evt = next_of(inspector, PPME_SYSCALL_OPENAT_2_X);
	const auto inner = own_filter(&inspector, "evt.type = openat and own.number = 7 and proc.name exists");
	nested = inner.get();
	const auto outer = own_filter(&inspector, "own.number = 7 and own.nested = true and own.comm = val(proc.name)");
	CHECK(outer->run(evt) && outer->run(evt));
	// A filter that runs itself terminates.
	evt = next_of(inspector, PPME_SYSCALL_OPENAT_2_X);
	nested = outer.get();
	CHECK(throws<sinsp_exception>("nested too deeply", [&] { own_filter(&inspector, "own.nested = true")->run(evt); }));
	nested = inner.get();
	CHECK(outer->run(evt));
}

// Checks used without a filter.
void loose_checks() {
	sinsp inspector;
	inspector.open_savefile(capture);
	sinsp_evt* evt = next_of(inspector, PPME_SYSCALL_OPENAT_2_X);
	own_list checks;
	const auto check = [&](const std::string& name, cmpop op = CO_EQ) {
		auto made = checks.new_filter_check_from_fldname(name, &inspector, false);
		CHECK(made != nullptr);
		made->m_cmp = op;
		CHECK(made->parse_field_name(name, true, true) == static_cast<int32_t>(name.size()));
		return made;
	};
	const auto compare = [&](const std::string& name, cmpop op, const std::vector<std::string>& values) {
		auto made = check(name, op);
		for(size_t i = 0; i < values.size(); i++) {
			made->add_filter_value(values[i].c_str(), static_cast<uint32_t>(values[i].size()), static_cast<uint32_t>(i));
		}
		CHECK(made->get_filter_values().size() == values.size());
		return made->compare(evt);
	};
	const std::string comm = evt->get_thread_info()->m_comm;
	CHECK(check("proc.name")->tostring(evt) == comm && check("evt.num")->tostring(evt) == std::to_string(evt->get_num()));
	CHECK(check("own.list")->tostring(evt) == std::string("(one,two)") && check("own.number")->tostring(evt) == std::string("7"));
	CHECK(check("fd.sip")->tostring(evt) == nullptr && check("evt.arg.name")->tostring(evt) != nullptr);
	std::vector<extract_value_t> values;
	std::vector<extract_offset_t> offsets;
	const auto pid = check("proc.pid");
	CHECK(pid->extract(evt, values) && values.size() == 1 && values[0].len == sizeof(int64_t));
	int64_t number = 0;
	std::memcpy(&number, values[0].ptr, sizeof(number));
	CHECK(number == evt->get_thread_info()->m_pid);
	CHECK(pid->extract_with_offsets(evt, values, offsets) && offsets.size() == 1 && offsets[0].start == UINT32_MAX);
	const auto raw_name = check("evt.rawarg.name");
	CHECK(raw_name->extract(evt, values) && values[0].len + 1 == evt->get_param_by_name("name")->len());

	CHECK(compare("proc.name", CO_EQ, {comm}) && !compare("proc.name", CO_NE, {comm}) && compare("proc.name", CO_EXISTS, {}));
	CHECK(compare("proc.name", CO_IN, {"x", comm}) && compare("evt.type", CO_CONTAINS, {"open"}));
	CHECK(compare("own.number", CO_GE, {"7"}) && !compare("own.number", CO_LT, {"7"}));
	CHECK(compare("own.list", CO_INTERSECTS, {"two"}) && !compare("own.list", CO_IN, {"two"}));
	CHECK(throws<sinsp_exception>("not supported", [&] { compare("own.list", CO_EQ, {"two"}); }));
	CHECK(throws<sinsp_exception>("not a valid number", [&] { check("own.number")->add_filter_value("x", 1); }));
	CHECK(throws<sinsp_exception>("too long", [&] { check("own.comm")->add_filter_value(std::string(300, 'a').c_str(), 300); }));

	auto left = check("own.comm");
	left->add_transformer(FTR_TOUPPER);
	auto right = check("proc.name");
	right->add_transformer(FTR_TOUPPER);
	left->add_filter_value(std::move(right));
	CHECK(left->has_filtercheck_value() && left->has_transformers() && left->compare(evt));
	CHECK(throws<sinsp_exception>("incompatible", [&] { check("own.comm")->add_filter_value(check("own.number")); }));
	CHECK(throws<sinsp_exception>("right-hand side", [&] { check("fd.sip")->add_filter_value(check("fd.ip")); }));
	auto length = check("own.list");
	length->add_transformer(FTR_LEN);
	CHECK(length->get_transformed_field_info()->m_type == PT_UINT64 && length->tostring(evt) == std::string("2"));
	CHECK(throws<sinsp_exception>("transformer", [&] { check("own.number")->add_transformer(FTR_TOUPPER); }));

	CHECK(checks.new_filter_check_from_fldname("no.such", &inspector, false) == nullptr);
	CHECK(checks.new_filter_check_from_fldname("proc.pidx", &inspector, true) == nullptr);
	auto ends = checks.new_filter_check_from_fldname("fd.ip", &inspector, false);
	CHECK(throws<sinsp_exception>("filter only", [&] { ends->parse_field_name("fd.ip", true, false); }));

	// A filter built from checks.
	sinsp_filter by_hand;
	by_hand.push_expression(BO_NONE);
	auto first = check("evt.type");
	first->add_filter_value("openat", 6);
	by_hand.add_check(std::move(first));
	auto second = check("own.number");
	second->add_filter_value("8", 1);
	second->m_boolop = BO_ANDNOT;
	by_hand.add_check(std::move(second));
	by_hand.pop_expression();
	CHECK(by_hand.run(evt));

	const int64_t a = 5, b = 6;
	CHECK(flt_compare(CO_LT, PT_INT64, &a, &b) && !flt_compare(CO_EQ, PT_INT64, &a, &b) && flt_compare(CO_STARTSWITH, PT_CHARBUF, "abc", "ab"));
	std::string why;
	CHECK(flt_is_comparable(CO_EQ, PT_INT64, false, why) && !flt_is_comparable(CO_GLOB, PT_INT64, false, why) && !why.empty());
	CHECK(str_to_cmpop_with_modifier("= anyof").mod == CMPOP_MOD_ANYOF && std::to_string(CO_PMATCH) == "PMATCH");
	CHECK(throws<sinsp_exception>("operator 'x'", [] { str_to_cmpop("x"); }));
}

void compilers() {
	sinsp inspector;
	sinsp_filter_check_list checks;
	const auto factory = std::make_shared<sinsp_filter_factory>(&inspector, checks);
	const auto caches = std::make_shared<exprstr_sinsp_filter_cache_factory>();
	sinsp_filter_compiler compiler(factory, "proc.name = proc.pname and evt.type = open", caches);
	CHECK(compiler.get_filter_ast() == nullptr && compiler.compile() != nullptr);
	CHECK(compiler.get_warnings().size() == 1 && compiler.get_warnings()[0].pos.idx == 12);
	CHECK(libsinsp::filter::ast::as_string(compiler.get_filter_ast().get()) == "(proc.name = proc.pname and evt.type = open)");
	sinsp_filter_compiler wrong(&inspector, "evt.num = 1 and");
	CHECK(throws<sinsp_exception>("filter error at index", [&] { wrong.compile(); }) && wrong.get_pos().idx > 10);
	size_t fields = 0;
	for(const auto& of_class : factory->get_fields()) {
		fields += of_class.fields.size();
	}
	CHECK(fields == 231);
}

}  // namespace

int main(int argc, char** argv) {
	if(argc < 2) {
		std::fprintf(stderr, "usage: checks CAPTURE\n");
		return 2;
	}
	capture = argv[1];
	const std::vector<test_case> tests = {{"events from bytes", raw_events},
	                                       {"copies", copies},
	                                       {"two inspectors", two_inspectors},
	                                       {"changes", changes},
	                                       {"checks of the program's own", own_checks},
	                                       {"checks of the program's own share", own_checks_share},
	                                       {"their faults", own_faults},
	                                       {"nested filters", nested_filters},
	                                       {"checks by themselves", loose_checks},
	                                       {"compilers", compilers}};
	return run_tests(tests);
}
