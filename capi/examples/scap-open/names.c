// SPDX-License-Identifier: Apache-2.0
#define _POSIX_C_SOURCE 200809L

#include "names.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "values.h"

struct thread {
	int64_t tid;
	struct name *name;
};

// Trees of tsearch(3).
static void *threads, *names_by_text;
// The same names in an array.
static struct name **names;
static size_t name_count;

static int compare_threads(const void *left, const void *right) {
	const struct thread *l = left, *r = right;
	return (l->tid > r->tid) - (l->tid < r->tid);
}

static int compare_texts(const void *left, const void *right) {
	const struct name *l = left, *r = right;
	return strcmp(l->text, r->text);
}

// Returns the name with this text, which it makes if there is none; null if no memory is left.
static struct name *made(const char *text, size_t len) {
	struct name *name = calloc(1, sizeof(*name));
	if(!name || !(name->text = strndup(text, len))) {
		free(name);
		return NULL;
	}
	struct name *const *found = tfind(name, &names_by_text, compare_texts);
	if(found) {
		free(name->text);
		free(name);
		return *found;
	}
	struct name **grown = realloc(names, (name_count + 1) * sizeof(*names));
	names = grown ? grown : names;
	if(!grown || !tsearch(name, &names_by_text, compare_texts)) {
		free(name->text);
		free(name);
		return NULL;
	}
	return names[name_count++] = name;
}

bool set_name(int64_t tid, const char *text, size_t len) {
	struct name *name = made(text, len);
	if(!name) {
		return false;
	}
	struct thread key = {.tid = tid};
	struct thread **found = tfind(&key, &threads, compare_threads);
	if(found) {
		(*found)->name = name;
		return true;
	}
	struct thread *thread = malloc(sizeof(*thread));
	if(!thread) {
		return false;
	}
	*thread = (struct thread){tid, name};
	if(!tsearch(thread, &threads, compare_threads)) {
		free(thread);
		return false;
	}
	return true;
}

// Whether an event is a prctl that sets the name of its thread.
static bool is_renaming(const scap_evt *event, const struct scap_sized_buffer *params) {
	int64_t result;
	uint32_t option;
	if(event->type != PPME_SYSCALL_PRCTL_X || params[0].size != sizeof(result) || params[1].size != sizeof(option)) {
		return false;
	}
	memcpy(&result, params[0].buf, sizeof(result));
	memcpy(&option, params[1].buf, sizeof(option));
	return result == 0 && option == PR_SET_NAME;
}

bool learn_names(const scap_evt *event) {
	struct scap_sized_buffer params[PPM_MAX_EVENT_PARAMS];
	// Which parameter has the name, by type of event; the value is one higher, 0 is not looked up yet.
	static uint8_t places[PPM_EVENT_MAX];
	enum { NONE = PPM_MAX_EVENT_PARAMS + 1 };
	const struct ppm_event_info *info = scap_event_getinfo(event);
	if(!info || places[event->type] == NONE) {
		return true;
	}
	uint8_t *place = &places[event->type];
	for(uint32_t i = 0; *place == 0 && i < info->nparams; i++) {
		const char *wanted = event->type == PPME_SYSCALL_PRCTL_X ? "arg2_str" : "comm";
		*place = strcmp(info->params[i].name, wanted) == 0 ? (uint8_t)(i + 1) : 0;
	}
	if(*place == 0) {
		*place = NONE;
		return true;
	}
	uint32_t known = scap_event_decode_params(event, params), at = *place - 1u;
	if(at >= known || (event->type == PPME_SYSCALL_PRCTL_X && !is_renaming(event, params))) {
		return true;
	}
	struct bytes text = string((struct bytes){params[at].buf, params[at].size});
	return text.size == 0 || set_name((int64_t)event->tid, (const char *)text.at, text.size);
}

struct name *name_of(int64_t tid) {
	struct thread key = {.tid = tid};
	struct thread *const *found = tfind(&key, &threads, compare_threads);
	return found ? (*found)->name : NULL;
}

void forget_ended(const scap_evt *event) {
	if(event->type != PPME_PROCEXIT_1_E && event->type != PPME_PROCEXIT_E) {
		return;
	}
	struct thread key = {.tid = (int64_t)event->tid};
	struct thread *const *found = tfind(&key, &threads, compare_threads);
	if(found) {
		struct thread *thread = *found;
		tdelete(&key, &threads, compare_threads);
		free(thread);
	}
}

static int compare_events(const void *left, const void *right) {
	const struct name *l = *(struct name *const *)left, *r = *(struct name *const *)right;
	return l->events != r->events ? (l->events < r->events) - (l->events > r->events) : strcmp(l->text, r->text);
}

struct name *const *all_names(size_t *count) {
	if(name_count) {
		qsort(names, name_count, sizeof(*names), compare_events);
	}
	*count = name_count;
	return names;
}
