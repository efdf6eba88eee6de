// SPDX-License-Identifier: Apache-2.0
// Arguments of fields that are not acceptable, at every place that takes a field; and unknown numbers for the C functions. Each is an
// error that names the field or the function, and the cause.
//
//   arguments CAPTURE
#include "check.h"

#include <libsinsp/capi.h>

#include <vector>

using namespace badinput;

namespace {

struct argument_case {
	std::string field;
	// What the message has to say besides.
	std::string cause;
};

const std::vector<argument_case> cases = {
        {"proc.aname[4294967296]", "4294967296 is not a valid number"},
        {"proc.aname[2147483648]", "2147483648 is not a valid number"},
        {"proc.aname[x]", "x is not a valid number"},
        {"proc.aexe[x]", "x is not a valid number"},
        {"proc.aexepath[x]", "x is not a valid number"},
        {"proc.acmdline[x]", "x is not a valid number"},
        {"proc.apid[x]", "x is not a valid number"},
        {"proc.args[x]", "x is not a valid number"},
        {"proc.aargs[x]", "x is not a valid number"},
        {"proc.env[4294967296]", "4294967296 is not a valid number"},
        {"proc.aenv[4294967296]", "4294967296 is not a valid number"},
        {"fd.types[x]", "x is not a valid number"},
        {"fd.types[99999999999999999999]", "99999999999999999999 is not a valid number"},
        {"evt.arg[x]", "x is not a valid number"},
        {"evt.arg[4294967296]", "4294967296 is not a valid number"},
        {"evt.arg.nosuch", "unknown event argument nosuch"},
        {"evt.arg", "needs the name of a parameter"},
        {"evt.rawarg[0]", "needs the name of a parameter"},
        {"evt.rawarg.nosuch", "unknown event argument nosuch"},
        {"evt.rawarg", "needs the name of a parameter"},
        {"evt.type.is.nosuch", "there is no type of event 'nosuch'"},
        {"evt.type.is", "needs the name or the number of a type of event"},
        {"thread.cgroup", "needs a name after a dot"},
        {"evt.around[x]", "x is not a valid number"},
        {"evt.around", "needs a time in nanoseconds"},
};

// A bracket that is not complete: the grammar of filters refuses it before the field is looked for.
const std::vector<std::string> brackets = {"proc.aname[", "proc.aname[]", "proc.aname[1", "proc.env[", "proc.env[]", "fd.types[", "evt.arg[", "evt.arg[]"};

sinsp_str str(const std::string& text) {
	return {text.data(), text.size()};
}

// Takes an error's text and ends it.
std::string taken(sinsp_error* error) {
	const std::string text(libsinsp::detail::view(sinsp_error_message(error)));
	sinsp_error_free(error);
	plain(text);
	return text;
}

void refused(const std::string& where, const argument_case& c, const std::string& error) {
	check(contains(error, c.field) && contains(error, c.cause), where + " of " + c.field, error.empty() ? "it was accepted" : error);
}

template<typename Act>
std::string thrown(Act act) {
	try {
		act();
	} catch(const sinsp_exception& e) {
		plain(e.what());
		return e.what();
	}
	return "";
}

void everywhere(sinsp& inspector) {
	sinsp_filter_check_list checks;
	for(const auto& c: cases) {
		refused("a filter", c, thrown([&] { sinsp_filter_compiler(&inspector, c.field + " exists").compile(); }));
		refused("a right-hand side", c, thrown([&] { sinsp_filter_compiler(&inspector, "proc.name = val(" + c.field + ")").compile(); }));
		refused("a transformer in a filter", c, thrown([&] { sinsp_filter_compiler(&inspector, "toupper(" + c.field + ") = X").compile(); }));
		for(const std::string before: {"", "*", "text ", "%evt.num %8"}) {
			for(const std::string after: {"", " text", " %evt.num", "]"}) {
				const std::string percent = before.find("%8") == std::string::npos ? "%" : "";
				const std::string format = before + percent + c.field + after;
				const std::string error = thrown([&] { sinsp_evt_formatter(&inspector, format, checks); });
				refused("the format '" + format + "'", c, error);
				check(contains(error, "at index " + std::to_string(before.size() + percent.size()) + ": "), format, "no index in: " + error);
			}
		}
		refused("a transformer in a format", c, thrown([&] { sinsp_evt_formatter(&inspector, "%toupper(" + c.field + ")", checks); }));
		sinsp_evt_formatter set(&inspector, checks);
		refused("set_format()", c, thrown([&] { set.set_format(sinsp_evt_formatter::OF_JSON, "%" + c.field); }));
		refused("new_filter_check_from_fldname()", c, thrown([&] { checks.new_filter_check_from_fldname(c.field, &inspector, true); }));

		sinsp_error* error = nullptr;
		check(sinsp_formatter_new(inspector.c_handle(), nullptr, str("%" + c.field), &error) == nullptr, "sinsp_formatter_new");
		refused("sinsp_formatter_new", c, taken(error));
		for(const auto make: {sinsp_extractor_new, sinsp_extractor_new_compared}) {
			error = nullptr;
			check(make(inspector.c_handle(), nullptr, str(c.field), &error) == nullptr, "sinsp_extractor_new");
			refused("sinsp_extractor_new", c, taken(error));
		}
		bool found_wrong = false;
		for(size_t i = 0; i < sinsp_field_class_count(); i++) {
			error = nullptr;
			size_t index = 0;
			if(sinsp_field_find(i, str(c.field), &index, &error) < 0) {
				refused("sinsp_field_find", c, taken(error));
				found_wrong = true;
			}
		}
		check(found_wrong, "sinsp_field_find of " + c.field, "it was accepted");
	}
	for(const auto& text: brackets) {
		for(const std::string& format: {"%" + text, "*%" + text, "%" + text + " x", "%toupper(" + text + ")"}) {
			const std::string error = thrown([&] { sinsp_evt_formatter(&inspector, format, checks); });
			check(contains(error, "at index ") && contains(error, text.substr(0, text.find('['))), "format '" + format + "'", error);
		}
		check(!thrown([&] { sinsp_filter_compiler(&inspector, text + " exists").compile(); }).empty(), "filter '" + text + "'");
		check(!thrown([&] { checks.new_filter_check_from_fldname(text, &inspector, true); }).empty(), "check of '" + text + "'");
	}
	// What only looks like an argument.
	for(const std::string format: {"%evt.num[x]", "[%proc.aname[1]]", "%proc.aname[1][x]", "%proc.name[%proc.pid]", "%evt.type.", "%evt.type.issue", "%proc.aname.x"}) {
		const std::string error = thrown([&] { sinsp_evt_formatter(&inspector, format, checks); });
		check(error.empty(), "format '" + format + "'", error);
	}
}

// Numbers that are invalid for the C functions: the message names the enumeration that has no such number.
void numbers(sinsp& inspector) {
	sinsp_error* error = nullptr;
	const auto says = [&](const std::string& what, const std::string& part) {
		const std::string text = taken(error);
		check(contains(text, part), what, text);
		error = nullptr;
	};
	sinsp_inspector_set_option(inspector.c_handle(), 999, 0, &error);
	says("an unknown option", "sinsp_inspector_set_option: there is no option with the number 999");
	sinsp_inspector_set_option(inspector.c_handle(), SINSP_OPTION_BUFFER_FORMAT, 3, &error);
	says("an unknown buffer format", "SINSP_OPTION_BUFFER_FORMAT: there is no buffer format with the number 3");
	sinsp_inspector_set_option(inspector.c_handle(), SINSP_OPTION_SNAPLEN, UINT64_MAX, &error);
	says("a value that is too big", "18446744073709551615");
	sinsp_ast_parse(str("evt.num = 1"), 99, 0, &error);
	says("an unknown start", "sinsp_ast_parse: there is no start with the number 99");
	sinsp_values* values = sinsp_values_new();
	sinsp_values_add(values, 999, str("x"), &error);
	says("an unknown type", "there is no type of values with the number 999");
	sinsp_values_add(values, PT_INT64, str("x"), &error);
	says("a value of another size", "a value of 1 bytes has not the size of type 'INT64'");
	sinsp_values_parse(values, PT_INT64, str("x"), &error);
	says("a constant that is no number", "x is not a valid number");
	sinsp_values_parse(values, PT_SOCKTUPLE + 0u, str("x"), &error);
	sinsp_error_free(error);
	error = nullptr;
	sinsp_values_parse(values, PT_FDLIST, str("x"), &error);
	says("a constant of a type without", "there are no constants of type 'FDLIST'");
	sinsp_values_text(values, PT_INT64, 999, false, &error);
	says("an unknown print format", "there is no print format with the number 999");
	uint32_t kind = PT_INT64;
	bool list = false;
	sinsp_values_transform(nullptr, str("tolower"), &kind, &list, &error);
	says("a transformer of another type", "field type 'INT64' is not supported by 'tolower' transformer");
	sinsp_values_transform(nullptr, str("nosuch"), &kind, &list, &error);
	says("an unknown transformer", "unknown field transformer 'nosuch'");
	sinsp_comparable(str("nosuch"), PT_INT64, false, &error);
	says("an unknown operator", "'nosuch'");
	sinsp_comparable(str("contains"), PT_INT64, false, &error);
	says("an operator of other types", "'contains' operator not supported for numeric filters");
	sinsp_values_free(values);
	size_t index = 0;
	sinsp_field_find(999, str("evt.num"), &index, &error);
	says("an unknown class", "there is no class of fields at position 999");
	sinsp_field_source source = {};
	sinsp_check_calls calls = {};
	sinsp_registry_new(inspector.c_handle(), nullptr, &calls, nullptr, &error);
	says("a registry without a source", "sinsp_registry_new: null sinsp_field_source");
	sinsp_registry_new(inspector.c_handle(), &source, &calls, nullptr, &error);
	says("a source without a size", "a struct whose first member, its size, is too small");
	source.size = sizeof(source);
	calls.size = sizeof(calls);
	sinsp_registry_new(inspector.c_handle(), &source, &calls, nullptr, &error);
	says("a registry without functions", "null function sinsp_check_calls::extract");
	source.find = [](void*, sinsp_str, sinsp_own_field*, sinsp_str*) { return static_cast<int32_t>(SINSP_FOUND_NOTHING); };
	calls.extract = [](void*, const sinsp_event*, sinsp_values*, sinsp_str*) { return 0; };
	calls.check = [](void*, sinsp_str, const sinsp_str*, size_t, sinsp_str*) -> void* { return nullptr; };
	calls.holds = [](void*, const sinsp_event*, sinsp_str*) { return 0; };
	calls.free = [](void*) {};
	// A struct of an earlier or a later version: what it lacks is null, what it has beyond is not read.
	calls.size = offsetof(sinsp_check_calls, free);
	sinsp_registry_new(inspector.c_handle(), &source, &calls, nullptr, &error);
	says("a shorter table of functions", "null function sinsp_check_calls::free");
	calls.size = sizeof(calls) + 100;
	sinsp_registry* registry = sinsp_registry_new(inspector.c_handle(), &source, &calls, nullptr, &error);
	check(registry != nullptr, "a longer table of functions");
	sinsp_registry_free(registry);
}

// A program of a later minor version of the ABI than the library may use it; one of another major version may not.
void versions() {
	sinsp_error* error = nullptr;
	sinsp_inspector* later = sinsp_inspector_new(SINSP_ABI_VERSION + 7, &error);
	check(later != nullptr && error == nullptr, "a program of a later minor version");
	sinsp_inspector_free(later);
	check(sinsp_inspector_new(SINSP_ABI_VERSION + 0x10000, &error) == nullptr && error != nullptr, "a program of another major version");
	sinsp_error_free(error);
}

}  // namespace

int main(int argc, char** argv) {
	if(argc < 2) {
		return 2;
	}
	sinsp inspector;
	inspector.open_savefile(argv[1]);
	everywhere(inspector);
	numbers(inspector);
	versions();
	return result();
}
