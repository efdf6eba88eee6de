/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The interface between the probe and its loader: settings, selected system calls, counters, maps. The loader declares the same layouts; change
 * both sides together. */
#pragma once

#include "bpf.h"

/* Greater than every system-call number of every architecture. */
#define SYSCALL_MAX 512
/* The room for counters of tracepoints. */
#define TRACEPOINTS_MAX 8

/* How sampling treats a system call; 0: reported part of the time. */
enum { SAMPLING_KEEP = 1, SAMPLING_SHED = 2 };

/* The reader's settings. It may change them while the probe runs. */
struct settings {
	u64 boot_time_ns;       /* the time of the boot, in ns since the epoch: added to every timestamp */
	u32 snaplen;            /* the largest number of bytes of a buffer in an event */
	u32 sampling_ratio;     /* in dropping mode, events are reported in 1/sampling_ratio of each second */
	u32 scap_tgid;          /* the pid of the reader */
	u16 fullcapture_port_start, fullcapture_port_end; /* ports with the larger snaplen SNAPLEN_FULLCAPTURE */
	u16 statsd_port;
	u8 dropping_mode;       /* sampling is on */
	u8 drop_failed;         /* failed calls are not reported */
	u8 dynamic_snaplen;     /* the snaplen depends on ports and the buffer, see snaplen.h */
	u8 pad[5];
};

/* The counters of a CPU. They never decrease. */
struct counters {
	u64 n_evts;             /* events made, also those that were dropped */
	u64 n_drops_buffer;     /* events dropped because the ring was full; the next ten are part of it */
	u64 n_drops_buffer_clone_fork_exit;
	u64 n_drops_buffer_execve_exit;
	u64 n_drops_buffer_connect_enter;
	u64 n_drops_buffer_connect_exit;
	u64 n_drops_buffer_open_enter;
	u64 n_drops_buffer_open_exit;
	u64 n_drops_buffer_dir_file_exit;
	u64 n_drops_buffer_other_interest_exit;
	u64 n_drops_buffer_close_exit;
	u64 n_drops_buffer_proc_exit;
	u64 n_drops_max_event_size; /* events longer than 64 KiB */
	u64 n_second_calls;     /* how often the second of two programs stepped in for the first, see preemption.h */
};

/* The events that a CPU dropped, by what made them: the native system-call number, then the tracepoints. They never decrease. */
struct drops {
	u64 events[SYSCALL_MAX + TRACEPOINTS_MAX];
};

/* Sections of their own make each a map that the loader can map into its memory. */
SEC(".data.settings") struct settings settings = { .snaplen = 80, .sampling_ratio = 1, .statsd_port = 8125 };
/* Index: native system-call number. What of it is reported: REPORT_*, call.h. */
SEC(".data.interesting") u8 interesting[SYSCALL_MAX] = { 0 };

/* Whether a program of the system-call tracepoints can be preempted: since Linux 7.2. The loader sets it before the programs are verified,
 * so that the verifier removes the code for it on older kernels. */
SEC(".rodata.kernel") const volatile u8 preemptible = 0;

/* An event's greatest length, and twice that: a write that starts in the first half ends inside. */
#define EVENT_MAX 65536
struct scratch {
	u8 data[2 * EVENT_MAX];
	u64 spare;
	struct walk {
		struct dentry *dentry, *top;
		struct mount *mount;
		u64 at;
	} walk; /* the state of the path walk, see paths.h */
};

struct ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
};

/* Index: CPU. The loader creates the rings and decides how many CPUs share one. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u32);
	__array(values, struct ring);
} rings SEC(".maps");

/* Index: native system-call number. The program that makes the exit event. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, SYSCALL_MAX);
	__type(key, u32);
	__type(value, u32);
} exit_progs SEC(".maps");

/* Index: native system-call number. The program that makes the enter event. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, SYSCALL_MAX);
	__type(key, u32);
	__type(value, u32);
} enter_progs SEC(".maps");

/* Index: CPU. Not a per-CPU map: those are limited to 32 KiB per value. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct scratch);
} scratch SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct counters);
} counters SEC(".maps");

/* Apart from the counters, which are read more often. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct drops);
} drops_by_call SEC(".maps");

/* By thread, where programs can be preempted: which of its system call's dispatchers have been called for it; see preemption.h. */
struct first_calls {
	u8 called[2];
};
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, s32);
	__type(value, struct first_calls);
} first_calls SEC(".maps");
