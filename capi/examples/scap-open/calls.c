// SPDX-License-Identifier: Apache-2.0
#include "calls.h"

#include <string.h>

// One line for each subject.
static const char *const simple_set[] = {
        "accept", "accept4", "bind", "connect", "listen", "recvfrom", "recvmsg", "sendmmsg", "sendto", "setsockopt",
        "shutdown", "socket", "socketpair",
        "clone", "clone3", "execve", "execveat", "fork", "vfork", "setns", "setpgid", "setsid", "unshare",
        "capset", "setgid", "setresgid", "setresuid", "setuid", "seccomp", "ptrace", "prlimit64", "setrlimit", "bpf",
        "kill", "tgkill", "tkill",
        "creat", "open", "open_by_handle_at", "openat", "openat2", "close", "dup", "dup2", "dup3", "fcntl", "flock",
        "ioctl", "copy_file_range",
        "chdir", "fchdir", "chroot", "mount", "umount2", "quotactl",
        "chmod", "fchmod", "fchmodat", "link", "linkat", "mkdir", "mkdirat", "rename", "renameat", "renameat2", "rmdir",
        "symlink", "symlinkat", "unlink", "unlinkat",
        "eventfd", "eventfd2", "inotify_init", "inotify_init1", "pipe", "pipe2", "signalfd", "signalfd4",
        "timerfd_create", "userfaultfd",
};

bool call_exists(uint64_t code) {
	if(code == PPM_SC_UNKNOWN || code >= PPM_SC_MAX) {
		return false;
	}
	const char *name = scap_get_ppm_sc_name((ppm_sc_code)code);
	return name && *name;
}

void add_simple_set(bool *calls) {
	for(size_t i = 0; i < sizeof(simple_set) / sizeof(*simple_set); i++) {
		calls[scap_ppm_sc_from_name(simple_set[i])] = true;
	}
}

// The call that produces a type of event; the first one if there are several.
static ppm_sc_code call_of_type(uint16_t type) {
	static ppm_sc_code calls[PPM_EVENT_MAX];
	static bool known[PPM_EVENT_MAX];
	if(!known[type]) {
		uint8_t events[PPM_EVENT_MAX] = {0}, made_by[PPM_SC_MAX] = {0};
		events[type] = 1;
		calls[type] = PPM_SC_UNKNOWN;
		known[type] = true;
		if(scap_get_ppm_sc_from_events(events, made_by) == SCAP_SUCCESS) {
			for(int code = 0; code < PPM_SC_MAX && calls[type] == PPM_SC_UNKNOWN; code++) {
				calls[type] = made_by[code] ? (ppm_sc_code)code : PPM_SC_UNKNOWN;
			}
		}
	}
	return calls[type];
}

ppm_sc_code call_of_event(const scap_evt *event) {
	if(event->type >= PPM_EVENT_MAX) {
		return PPM_SC_UNKNOWN;
	}
	if(event->type != PPME_GENERIC_E && event->type != PPME_GENERIC_X) {
		return call_of_type(event->type);
	}
	// A generic event has the code of its call as the first parameter.
	struct scap_sized_buffer params[PPM_MAX_EVENT_PARAMS];
	uint16_t code;
	if(scap_event_decode_params(event, params) == 0 || params[0].size != sizeof(code)) {
		return PPM_SC_UNKNOWN;
	}
	memcpy(&code, params[0].buf, sizeof(code));
	return call_exists(code) ? (ppm_sc_code)code : PPM_SC_UNKNOWN;
}
