// SPDX-License-Identifier: Apache-2.0
#include "lists.h"

#include <stdio.h>

#include "calls.h"

void list_calls(void) {
	puts("code  number  name");
	for(int code = 0; code < PPM_SC_MAX; code++) {
		if(!call_exists((uint64_t)code)) {
			continue;
		}
		int number = scap_ppm_sc_to_native_id((ppm_sc_code)code);
		if(number >= 0) {
			printf("%4d  %6d  %s\n", code, number, scap_get_ppm_sc_name((ppm_sc_code)code));
		} else {
			printf("%4d       -  %s\n", code, scap_get_ppm_sc_name((ppm_sc_code)code));
		}
	}
}

void list_events(void) {
	const struct ppm_event_info *table = scap_get_event_info_table();
	puts("code  name(parameters)");
	for(int type = 0; type < PPM_EVENT_MAX; type++) {
		const struct ppm_event_info *event = &table[type];
		// Captures may have old versions; no driver makes them.
		const char *old = event->flags & EF_OLD_VERSION ? "  (old)" : "";
		if(event->flags & EF_UNUSED) {
			continue;
		}
		printf("%4d  %c %s(", type, PPME_IS_ENTER(type) ? '>' : '<', event->name);
		for(uint32_t i = 0; i < event->nparams; i++) {
			printf("%s%s", i ? ", " : "", event->params[i].name);
		}
		printf(")%s\n", old);
	}
}
