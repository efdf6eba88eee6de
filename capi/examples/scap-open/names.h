// SPDX-License-Identifier: Apache-2.0
// The names of processes, by thread: those of the threads that exist at the start, and then what the events say.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libscap/scap.h>

// A name, and how many events its threads had.
struct name {
	char *text;
	uint64_t events;
};

// Sets the name of a thread. Returns false if no memory is left.
bool set_name(int64_t tid, const char *text, size_t len);

// Takes the names in an event: of execve, clone and prctl. Returns false if no memory is left.
bool learn_names(const scap_evt *event);

// Returns the name of a thread; null if it is not known.
struct name *name_of(int64_t tid);

// Forgets the thread of an event that is its end. Its name stays.
void forget_ended(const scap_evt *event);

// Returns all names, the one with the most events first, and their number. They are valid until a name is set.
struct name *const *all_names(size_t *count);
