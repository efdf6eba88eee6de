/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* A consumer: a reader with its rings, settings and selection of events. */
#pragma once

#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/spinlock.h>
#include <linux/types.h>

/* Greater than every system-call number of every architecture. */
#define SYSCALL_MAX 512
/* All results of a system call, REPORT_* of call.h. */
#define REPORTS_MAX 3

/* The tracepoints, by the numbers of the interface. */
enum tracepoint_code {
	TP_SYS_ENTER,
	TP_SYS_EXIT,
	TP_SCHED_PROCESS_EXIT,
	TP_SCHED_SWITCH,
	TP_PAGE_FAULT_USER,
	TP_PAGE_FAULT_KERNEL,
	TP_SIGNAL_DELIVER,
	TP_SCHED_PROCESS_FORK,
	TP_SCHED_PROCESS_EXEC,
	TP_MAX
};

/* The page that a reader shares with the module, by the interface. The kernel writes all but the tail; it reads nothing but the tail. */
struct ring_info {
	u32 head;
	u32 tail;
	u64 n_evts;
	u64 n_drops_buffer;
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
	u64 n_drops_pf;
	u64 n_preemptions;
	u64 n_context_switches;
};

/* The ring of a CPU. It is mapped twice in a row, here and in the reader, so that each event is in one piece. */
struct ring {
	/* Held from the reservation of an event to its submission. CPUs without a ring of their own use that of another. */
	raw_spinlock_t lock;
	u32 head;	/* where the next event begins; the reader sees a copy */
	u32 reserved;	/* bytes of the event that is being written */
	u32 bytes;	/* a power of two */
	u8 *data;	/* twice `bytes` */
	struct ring_info *info;
	struct page **pages;	/* twice the pages of the data: each page appears at two places */
	struct page *info_page;
};

struct settings {
	u32 snaplen;
	u32 sampling_ratio;
	u16 fullcapture_port_start, fullcapture_port_end;
	u16 statsd_port;
	bool dropping_mode;
	bool drop_failed;
	bool dynamic_snaplen;
};

struct consumer {
	struct list_head node;
	struct pid *owner;	/* the thread that opened the devices; counted, so that no other gets its address */
	unsigned int opened;	/* devices */
	u32 tracepoints;	/* a bit for each tracepoint_code */
	u32 bytes;		/* of each ring */
	struct settings settings;
	u8 is_dropping;
	u8 interesting[SYSCALL_MAX];	/* what of each system call is reported: REPORT_* of call.h */
	/* The ring of a CPU that has none, because it was offline at the open: the first that there is. */
	struct ring __rcu *spare;
	struct ring __rcu *rings[];	/* nr_cpu_ids */
};

/* Protects all but what events need, which RCU protects. */
extern struct mutex consumers_mutex;
extern struct list_head consumers;

/* ring.c */
struct ring *ring_new(u32 bytes);
void ring_free(struct ring *ring);
bool ring_bytes_valid(unsigned long bytes);
int ring_map(struct ring *ring, struct vm_area_struct *vma);

/* control.c */
struct opened {
	struct consumer *consumer;
	unsigned int cpu;
};
long control(struct opened *opened, unsigned int command, unsigned long arg);

/* capture.c */
int capture_init(void);
void capture_exit(void);
/* Selects the tracepoints of a consumer; consumers_mutex is held. */
int capture_select(struct consumer *consumer, u32 tracepoints);
long capture_hits(unsigned int cpu);
