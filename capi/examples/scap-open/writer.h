// SPDX-License-Identifier: Apache-2.0
// The capture file that is written.
#pragma once

#include <libscap/scap_savefile_api.h>

#include "source.h"

struct writer {
	scap_dumper_t *dumper;
	const char *path;
	uint64_t events;
};

// Each returns false after an error, which it prints.
bool open_writer(struct writer *writer, struct capture *capture, const struct options *options);

bool write_event(struct writer *writer, scap_evt *event, uint16_t cpu, uint32_t flags);

// Without an open file it does nothing.
bool close_writer(struct writer *writer);
