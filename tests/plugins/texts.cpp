// Texts, lists and types of a plugin that are not as expected: texts CAPTURE FOLDER OWN. What the API allows reaches the program as the plugin has it; what
// it does not is an error.
#include "made.h"

#include <libsinsp/filter_check_list.h>
#include <libsinsp/plugin_filtercheck.h>

#include <cstring>

namespace {

using plugin = made<1>;

const std::string raw = "caf\xe9";
// A text, and a list of any length.
const char* text[1] = {"{\n\t\"a\": 1\n}\x01\xff"};
std::vector<const char*> list;
uint64_t list_len;
std::vector<uint16_t> types;

plugin_api api() {
	auto functions = plugin::api();
	functions.get_fields = [] {
		return "[{\"type\": \"string\", \"name\": \"t.text\", \"desc\": \"caf\xe9\"}, "
		       "{\"type\": \"string\", \"name\": \"t.list\", \"desc\": \"d\", \"isList\": true}]";
	};
	functions.extract_fields = [](ss_plugin_t*, const ss_plugin_event_input*, const ss_plugin_field_extract_input* in) {
		for(uint32_t i = 0; i < in->num_fields; i++) {
			auto& field = in->fields[i];
			field.res.str = field.field_id == 0 ? text : list.data();
			field.res_len = field.field_id == 0 ? 1 : list_len;
		}
		return SS_PLUGIN_SUCCESS;
	};
	return functions;
}

struct setting {
	sinsp inspector;
	std::shared_ptr<sinsp_plugin> made;
	sinsp_filter_check_list checks;
	sinsp_evt* evt = nullptr;

	setting() {
		plugin::does = {};
		const auto functions = api();
		made = inspector.register_plugin(&functions);
		std::string error;
		CHECK(made->init("", error) || fails(error));
		checks.add_filter_check(sinsp_plugin::new_filtercheck(made));
		inspector.open_savefile(capture);
		while(inspector.next(&evt) != SCAP_SUCCESS) {
		}
	}

	std::string shown(const std::string& format, bool json = false) {
		sinsp_evt_formatter formatter(&inspector, "*" + format, checks);
		std::string line;
		if(json) {
			formatter.tostring_withformat(evt, line, sinsp_evt_formatter::OF_JSON);
		} else {
			formatter.tostring(evt, line);
		}
		return line;
	}

	bool holds(const std::string& filter) {
		auto factory = std::make_shared<sinsp_filter_factory>(&inspector, checks);
		return sinsp_filter_compiler(factory, filter).compile()->run(evt);
	}
};

void control_characters_are_shown() {
	setting now;
	const std::string whole = text[0];
	CHECK(now.shown("%t.text") == whole || fails(now.shown("%t.text")));
	CHECK(now.shown("<%toupper(t.text)>") == "<{\n\t\"A\": 1\n}\x01\xff>" || fails(now.shown("%toupper(t.text)")));
	const auto json = now.shown("%t.text", true);
	CHECK(json.find("{\\n\\t\\\"a\\\": 1\\n}\\u0001\\ufffd") != std::string::npos || fails(json));
	CHECK(now.holds("t.text contains '\t'") && now.holds("t.text startswith '{\n'"));
	auto check = now.checks.new_filter_check_from_fldname("t.text", &now.inspector, true);
	check->parse_field_name("t.text", true, true);
	std::vector<extract_value_t> values;
	CHECK(check->extract(now.evt, values) && values.size() == 1);
	CHECK(std::string(reinterpret_cast<const char*>(values[0].ptr), values[0].len) == whole);
}

void lists_may_be_long() {
	setting now;
	list.assign(200000, "z");
	for(const uint64_t len : {1u, 65536u, 65537u, 200000u}) {
		list_len = len;
		CHECK(now.holds("t.list intersects (z)") && now.holds("len(t.list) = " + std::to_string(len)));
		CHECK(now.shown("%t.list").size() >= len);
	}
	for(const uint64_t len : {uint64_t{1} << 40, UINT64_MAX / 8, UINT64_MAX}) {
		list_len = len;
		CHECK(throws<sinsp_exception>("field 't.list': it returned " + std::to_string(len) + " values", [&] { now.holds("t.list exists"); }));
	}
	list.clear();
	list_len = 0;
	CHECK(now.holds("not t.list exists"));
}

void texts_are_any_bytes() {
	plugin::does = {};
	auto functions = api();
	functions.get_description = [] { return raw.c_str(); };
	functions.get_contact = [] { return raw.c_str(); };
	functions.get_last_error = [](ss_plugin_t*) { return raw.c_str(); };
	functions.get_id = [] { return 999u; };
	functions.get_event_source = [] { return "texts"; };
	functions.open = [](ss_plugin_t* s, const char*, ss_plugin_rc* rc) {
		*rc = SS_PLUGIN_SUCCESS;
		return reinterpret_cast<ss_instance_t*>(s);
	};
	functions.close = [](ss_plugin_t*, ss_instance_t*) {};
	functions.get_progress = [](ss_plugin_t*, ss_instance_t*, uint32_t* progress) {
		*progress = 1234;
		return raw.c_str();
	};
	functions.event_to_string = [](ss_plugin_t*, const ss_plugin_event_input*) { return raw.c_str(); };
	functions.list_open_params = [](ss_plugin_t*, ss_plugin_rc* rc) {
		*rc = SS_PLUGIN_SUCCESS;
		return "[{\"value\": \"caf\xe9\", \"desc\": \"\xff\"}]";
	};
	functions.next_batch = [](ss_plugin_t*, ss_instance_t*, uint32_t* count, ss_plugin_event*** events) {
		static struct {
			uint8_t bytes[sizeof(ss_plugin_event) + 12];
		} event;
		static auto* at = reinterpret_cast<ss_plugin_event*>(event.bytes);
		ss_plugin_event header{};
		header.ts = 7;
		header.tid = UINT64_MAX;
		header.len = sizeof(event.bytes);
		header.type = PPME_PLUGINEVENT_E;
		header.nparams = 2;
		const uint32_t rest[] = {4, 0, 0};
		std::memcpy(event.bytes, &header, sizeof(header));
		std::memcpy(event.bytes + sizeof(header), rest, sizeof(rest));
		*count = 1;
		*events = &at;
		return SS_PLUGIN_SUCCESS;
	};
	sinsp inspector;
	auto made = inspector.register_plugin(&functions);
	std::string error;
	CHECK(made->init("", error) || fails(error));
	CHECK(made->description() == raw && made->contact() == raw && made->get_last_error() == raw);
	const auto params = made->list_open_params();
	CHECK(params.size() == 1 && params[0].value == raw && params[0].desc == "\xff");
	inspector.open_plugin("made1", "", sinsp_plugin_platform::SINSP_PLATFORM_GENERIC);
	sinsp_evt* evt = nullptr;
	CHECK(inspector.next(&evt) == SCAP_SUCCESS);
	uint32_t progress = 0;
	CHECK(made->get_progress(progress) == raw && progress == 1234 && made->event_to_string(evt) == raw);
	// Names are compared with names in UTF-8: others are errors, not ignored.
	for(const auto place : {&plugin_api::get_name, &plugin_api::get_event_source, &plugin_api::get_extract_event_sources}) {
		auto wrong = functions;
		wrong.*place = [] { return "[\"caf\xe9\"]"; };
		CHECK(throws<sinsp_exception>("not UTF-8", [&] { inspector.register_plugin(&wrong); }));
	}
}

void an_error_may_be_empty() {
	plugin::does = {};
	auto functions = api();
	static const char* said;
	said = "";
	functions.get_last_error = [](ss_plugin_t*) { return said; };
	functions.init = [](const ss_plugin_init_input* in, ss_plugin_rc* rc) -> ss_plugin_t* {
		*rc = std::strcmp(in->config, "fail") == 0 ? SS_PLUGIN_FAILURE : SS_PLUGIN_SUCCESS;
		return new int(7);
	};
	sinsp inspector;
	auto made = inspector.register_plugin(&functions);
	std::string error;
	// The plugin's text is empty, that of an error never.
	CHECK(!made->init("fail", error) && error.find("does not say why") != std::string::npos && made->get_last_error().empty());
	said = "why it failed";
	CHECK(!made->init("fail", error) && error.find(said) != std::string::npos && made->get_last_error() == said);
	CHECK(made->init("", error) && made->get_last_error() == said);
	said = "";
	CHECK(made->get_last_error().empty());
	said = nullptr;
	CHECK(made->get_last_error().empty());
}

void types_of_events_have_to_exist() {
	plugin::does = {};
	const auto codes = [](uint32_t* count, ss_plugin_t*) {
		*count = static_cast<uint32_t>(types.size());
		return types.data();
	};
	for(const bool parse : {false, true}) {
		auto functions = api();
		(parse ? functions.get_parse_event_types : functions.get_extract_event_types) = codes;
		for(const auto& wrong : {std::vector<uint16_t>{2000}, {PPME_SYSCALL_OPEN_E, 5, UINT16_MAX}, {1024, 1023}}) {
			types = wrong;
			sinsp inspector;
			auto made = inspector.register_plugin(&functions);
			std::string error;
			CHECK(throws<sinsp_exception>("invalid event type", [&] { made->init("", error); }));
			// It may be initialised when it returns better ones.
			types = {PPME_SYSCALL_OPEN_E, PPME_SYSCALL_OPEN_E};
			CHECK(made->init("", error) || fails(error));
			CHECK((parse ? made->parse_event_codes() : made->extract_event_codes()).size() == 1);
		}
	}
}

}  // namespace

int main(int, char** argv) {
	return run_program(argv, {
	        TEST(control_characters_are_shown),
	        TEST(lists_may_be_long),
	        TEST(texts_are_any_bytes),
	        TEST(an_error_may_be_empty),
	        TEST(types_of_events_have_to_exist),
	});
}
