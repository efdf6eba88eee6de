// SPDX-License-Identifier: Apache-2.0
// The display settings of an inspector change what is printed only: filters, checks and comparisons of two fields have the same results under
// every setting.
//
//   display CAPTURE FOLDER
#include "check.h"

#include <libsinsp/eventformatter.h>
#include <libsinsp/filter.h>
#include <libsinsp/filter_check_list.h>
#include <libsinsp/sinsp.h>

#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace {

std::string capture;

// Every buffer format, with and without a limit.
void under_every_setting(const std::function<void(sinsp&)>& act) {
	for(uint32_t format = sinsp_evt::PF_NORMAL; format <= sinsp_evt::PF_JSONBASE64; format <<= 1) {
		for(const uint32_t limit: {0u, 5u}) {
			sinsp inspector;
			inspector.set_buffer_format(static_cast<sinsp_evt::param_fmt>(format));
			inspector.set_max_evt_output_len(limit);
			inspector.open_savefile(capture);
			act(inspector);
		}
	}
}

void each_event(sinsp& inspector, const std::function<void(sinsp_evt*)>& act) {
	sinsp_evt* evt = nullptr;
	for(int32_t rc; (rc = inspector.next(&evt)) != SCAP_EOF;) {
		CHECK(rc == SCAP_SUCCESS || rc == SCAP_FILTERED_EVENT);
		if(rc == SCAP_SUCCESS) {
			act(evt);
		}
	}
}

// The numbers of the events for which each condition holds are the same under every setting, and there are some.
void same_events(const std::function<bool(sinsp&, sinsp_evt*)>& holds) {
	std::vector<uint64_t> first;
	bool is_first = true;
	under_every_setting([&](sinsp& inspector) {
		std::vector<uint64_t> numbers;
		each_event(inspector, [&](sinsp_evt* evt) {
			if(holds(inspector, evt)) {
				numbers.push_back(evt->get_num());
			}
		});
		CHECK(!numbers.empty());
		CHECK(is_first || numbers == first);
		first = numbers;
		is_first = false;
	});
}

void filters_compare_the_normal_form() {
	for(const char* text: {"evt.arg.data contains .",
	                       "evt.arg.data exists and not evt.arg.data contains '='",
	                       "evt.arg[1] contains e and evt.arg.data exists",
	                       "evt.args contains 'data='",
	                       "evt.args contains ...... and evt.arg.data exists",
	                       "evt.info contains ELF",
	                       "evt.buffer contains ELF",
	                       "evt.arg.fd startswith <f>",
	                       "toupper(evt.arg.data) contains ELF",
	                       "len(evt.arg.data) > 20",
	                       "evt.arg.data = val(evt.arg[1])",
	                       "evt.rawarg.data contains ELF"}) {
		sinsp* of = nullptr;
		std::unique_ptr<sinsp_filter> filter;
		std::unique_ptr<sinsp_evt_formatter> formatter;
		sinsp_filter_check_list checks;
		same_events([&](sinsp& inspector, sinsp_evt* evt) {
			if(of != &inspector || evt->get_num() == 1) {
				of = &inspector;
				filter = sinsp_filter_compiler(&inspector, text).compile();
				formatter = std::make_unique<sinsp_evt_formatter>(&inspector, "*%evt.arg.data %evt.args %evt.arg.fd", checks);
			}
			// A formatter that extracts the same fields of the same event, before or after.
			std::string shown;
			if(evt->get_num() % 2 == 0) {
				formatter->tostring(evt, shown);
			}
			const bool holds = filter->run(evt);
			formatter->tostring(evt, shown);
			CHECK(filter->run(evt) == holds);
			return holds;
		});
	}
}

// A check by itself compares as a filter does, also if its values were extracted before.
void checks_compare_the_normal_form() {
	sinsp_filter_check_list list;
	const auto make = [&](sinsp& inspector, const char* name) {
		auto check = list.new_filter_check_from_fldname(name, &inspector, true);
		CHECK(check->parse_field_name(name, true, true) == static_cast<int32_t>(std::strlen(name)));
		return check;
	};
	for(const int kind: {0, 1, 2}) {
		std::unique_ptr<sinsp_filter_check> check;
		sinsp* of = nullptr;
		same_events([&](sinsp& inspector, sinsp_evt* evt) {
			if(of != &inspector || evt->get_num() == 1) {
				of = &inspector;
				check = make(inspector, "evt.arg.data");
				if(kind == 2) {
					check->m_cmp.op = CO_EQ;
					check->add_filter_value(make(inspector, "evt.arg[1]"));
				} else {
					if(kind == 1) {
						check->add_transformer(FTR_TOUPPER);
					}
					check->m_cmp.op = CO_CONTAINS;
					check->add_filter_value("ELF", 3);
				}
			}
			std::vector<extract_value_t> values;
			check->extract(evt, values);
			return check->compare(evt);
		});
	}
}

std::string printed(sinsp_evt::param_fmt format, uint32_t limit, const char* field, const std::vector<filter_transformer_type>& transformers = {}) {
	sinsp inspector;
	inspector.set_buffer_format(format);
	inspector.set_max_evt_output_len(limit);
	inspector.open_savefile(capture);
	inspector.set_filter("evt.buffer startswith '\x7f"
	                     "ELF'");
	sinsp_filter_check_list list;
	std::string text;
	each_event(inspector, [&](sinsp_evt* evt) {
		if(!text.empty()) {
			return;
		}
		auto check = list.new_filter_check_from_fldname(field, &inspector, true);
		check->parse_field_name(field, true, false);
		std::string wrapped = field;
		for(const auto transformer: transformers) {
			check->add_transformer(transformer);
			wrapped = filter_transformer_type_str(transformer) + "(" + wrapped + ")";
		}
		sinsp_evt_formatter(&inspector, "%" + wrapped, list).tostring_withformat(evt, text, sinsp_evt_formatter::OF_NORMAL);
		const char* alone = check->tostring(evt);
		if(alone == nullptr || text != alone) {
			throw std::logic_error(wrapped + " is printed as " + text + " in a format, alone as " + (alone == nullptr ? "nothing" : alone));
		}
	});
	return text;
}

void settings_change_what_is_printed() {
	CHECK(printed(sinsp_evt::PF_NORMAL, 0, "evt.buffer").substr(0, 4) == ".ELF");
	CHECK(printed(sinsp_evt::PF_NORMAL, 0, "evt.arg.data").substr(0, 4) == ".ELF");
	CHECK(printed(sinsp_evt::PF_NORMAL, 5, "evt.buffer") == ".E...");
	CHECK(printed(sinsp_evt::PF_NORMAL, 5, "evt.arg.data") == ".E...");
	CHECK(printed(sinsp_evt::PF_NORMAL, 5, "evt.rawarg.data") == ".E...");
	// In JSON data are not cut.
	CHECK(printed(sinsp_evt::PF_JSON, 5, "evt.arg.data").substr(0, 4) == ".ELF");
	CHECK(printed(sinsp_evt::PF_BASE64, 0, "evt.arg.data").substr(0, 5) == "f0VMR");
	// The data is encoded once, not twice.
	CHECK(printed(sinsp_evt::PF_BASE64, 0, "evt.buffer").substr(0, 5) == "f0VMR");
	CHECK(printed(sinsp_evt::PF_HEX, 0, "evt.buffer").substr(0, 20) == "\n\t0x0000: 7f45 4c46 ");
	CHECK(printed(sinsp_evt::PF_BASE64, 0, "evt.arg.data", {FTR_TOLOWER}).substr(0, 5) == "f0vmr");
	CHECK(printed(sinsp_evt::PF_NORMAL, 5, "evt.arg.data", {FTR_LEN}) == "5");
}

// Extracted values have U+FFFD in place of what cannot be printed, as in formats, unless the caller wants the bytes.
void extracted_texts_are_sanitized() {
	sinsp inspector;
	inspector.set_buffer_format(sinsp_evt::PF_HEX);
	inspector.open_savefile(capture);
	inspector.set_filter("evt.buffer contains ELF");
	sinsp_filter_check_list list;
	auto check = list.new_filter_check_from_fldname("evt.arg.data", &inspector, true);
	check->parse_field_name("evt.arg.data", true, false);
	size_t seen = 0;
	each_event(inspector, [&](sinsp_evt* evt) {
		std::vector<extract_value_t> values;
		CHECK(check->extract(evt, values) && values.size() == 1);
		CHECK(std::string(reinterpret_cast<char*>(values[0].ptr), 12) == "\xef\xbf\xbd\xef\xbf\xbd"
		                                                                 "0x0000");
		CHECK(check->extract(evt, values, false) && values.size() == 1);
		CHECK(std::string(reinterpret_cast<char*>(values[0].ptr), 8) == "\n\t0x0000");
		seen++;
	});
	CHECK(seen > 0);
}

}  // namespace

int main(int argc, char** argv) {
	if(argc < 2) {
		return 2;
	}
	capture = argv[1];
	return run_tests({
	        {"filters compare the normal form", filters_compare_the_normal_form},
	        {"checks compare the normal form", checks_compare_the_normal_form},
	        {"settings change what is printed", settings_change_what_is_printed},
	        {"extracted texts are sanitized", extracted_texts_are_sanitized},
	});
}
