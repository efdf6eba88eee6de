// SPDX-License-Identifier: Apache-2.0
#include "lists.h"

#include <cstdio>
#include <iostream>

#include <libsinsp/filter_check_list.h>
#include <libsinsp/sinsp.h>

void list_fields() {
	sinsp inspector;
	sinsp_filter_check_list checks;
	const sinsp_filter_factory factory(&inspector, checks);
	for(const auto& fields : factory.get_fields()) {
		std::cout << fields.as_string(true);
	}
}

void list_events() {
	namespace events = libsinsp::events;
	for(int number = 0; number < PPM_EVENT_MAX; number++) {
		const auto code = static_cast<ppm_event_code>(number);
		if(events::is_unused_event(code) || events::is_old_version_event(code)) {
			continue;
		}
		const ppm_event_info* event = events::info(code);
		std::printf("%c %s(", PPME_IS_ENTER(number) ? '>' : '<', event->name);
		for(uint32_t i = 0; i < event->nparams; i++) {
			const auto& param = event->params[i];
			std::printf("%s%s %s", i == 0 ? "" : ", ", param_type_to_string(param.type), param.name);
		}
		std::puts(")");
	}
}
