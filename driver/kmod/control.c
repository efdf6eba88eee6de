// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The ioctls. Numbers from user space are bounded before they are used; addresses are read and written by copy functions alone. */

#include <linux/ioctl.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>
#include <linux/sched/cputime.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "consumer.h"
#include "driver_config.h"

#define SCAP_IO(number) _IO('s', number)
enum {
	DROPPING_OFF = SCAP_IO(2), DROPPING_ON = SCAP_IO(3), SNAPLEN = SCAP_IO(4),
	DYNAMIC_SNAPLEN_OFF = SCAP_IO(8), DYNAMIC_SNAPLEN_ON = SCAP_IO(9),
	VTID = SCAP_IO(10), VPID = SCAP_IO(11), CURRENT_TID = SCAP_IO(12), CURRENT_PID = SCAP_IO(13),
	PROCESSES = SCAP_IO(16), HITS = SCAP_IO(20), VERSION = SCAP_IO(21), FULLCAPTURE_PORTS = SCAP_IO(22),
	STATSD_PORT = SCAP_IO(23), API = SCAP_IO(24), SCHEMA = SCAP_IO(25),
	CALL_ON = SCAP_IO(29), CALL_OFF = SCAP_IO(30), TRACEPOINT_ON = SCAP_IO(31), TRACEPOINT_OFF = SCAP_IO(32),
	DROP_FAILED_ON = SCAP_IO(33), DROP_FAILED_OFF = SCAP_IO(34),
	/* An extension: the system call in the lower 16 bits, and above them which of its results are reported. */
	CALL_RESULTS = SCAP_IO(64),
};

#define SNAPLEN_MAX 65000
#define SAMPLING_RATIO_MAX 128

/* --- the list of threads --- */

struct thread { u64 pid, utime, stime; };
struct thread_list { s64 entries, entries_max; };
#define THREADS_MAX 1000000

static u64 clock_ticks(u64 nanoseconds)
{
	return div_u64(nanoseconds, NSEC_PER_SEC / USER_HZ);
}

/* Writes every thread with its times. The reader sees how many there are also where its memory does not suffice. */
static long list_threads(struct thread_list __user *to)
{
	struct thread __user *entries = (struct thread __user *)(to + 1);
	struct task_struct *process, *thread;
	struct thread_list head;
	struct thread *threads;
	s64 n = 0;
	long error = 0;

	if (copy_from_user(&head, to, sizeof(head)) || head.entries_max < 0 || head.entries_max > THREADS_MAX)
		return -EINVAL;
	threads = vzalloc(array_size(max_t(s64, head.entries_max, 1), sizeof(*threads)));
	if (!threads)
		return -ENOMEM;
	rcu_read_lock();
	for_each_process_thread(process, thread) {
		if (n < head.entries_max) {
			u64 utime, stime;

			task_cputime_adjusted(thread, &utime, &stime);
			threads[n] = (struct thread){ thread->pid, clock_ticks(utime), clock_ticks(stime) };
		}
		n++;
	}
	rcu_read_unlock();
	head.entries = n;
	if (copy_to_user(to, &head, sizeof(head)))
		error = -EINVAL;
	else if (n >= head.entries_max)
		error = -ENOSPC;
	else if (copy_to_user(entries, threads, n * sizeof(*threads)))
		error = -EINVAL;
	vfree(threads);
	return error;
}

/* --- numbers --- */

/* The id in its own namespace of a thread, or of its process, by the thread's id in the first namespace. */
static long inner_id(unsigned long arg, bool of_process)
{
	struct task_struct *task;
	long id = -EINVAL;
	struct pid *pid;

	if (arg > PID_MAX_LIMIT)
		return -EINVAL;
	rcu_read_lock();
	pid = find_pid_ns(arg, &init_pid_ns);
	task = pid ? pid_task(pid, PIDTYPE_PID) : NULL;
	if (task)
		id = of_process ? task_tgid_nr_ns(task, ns_of_pid(pid)) : task_pid_nr_ns(task, ns_of_pid(pid));
	rcu_read_unlock();
	return id;
}

static long report_hits(long __user *to)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		if (put_user(capture_hits(cpu), to + cpu))
			return -EINVAL;
	return 0;
}

static long report_number(u64 number, void __user *to)
{
	return put_user(number, (u64 __user *)to) ? -EINVAL : 0;
}

/* --- settings of a consumer --- */

static long set_dropping(struct settings *settings, unsigned long ratio)
{
	if (ratio == 0 || ratio > SAMPLING_RATIO_MAX || ratio & (ratio - 1))
		return -EINVAL;
	WRITE_ONCE(settings->sampling_ratio, ratio);
	WRITE_ONCE(settings->dropping_mode, true);
	return 0;
}

/* `results`: REPORT_* */
static long set_interesting(struct consumer *consumer, unsigned long nr, unsigned long results)
{
	if (nr >= SYSCALL_MAX || results > REPORTS_MAX)
		return -EINVAL;
	WRITE_ONCE(consumer->interesting[nr], results);
	return 0;
}

static long set_tracepoint(struct consumer *consumer, unsigned long code, bool on)
{
	if (code >= TP_MAX)
		return -EINVAL;
	return capture_select(consumer, on ? consumer->tracepoints | BIT(code) : consumer->tracepoints & ~BIT(code));
}

static long set(struct consumer *consumer, unsigned int command, unsigned long arg)
{
	struct settings *settings = &consumer->settings;

	switch (command) {
	case DROPPING_OFF:
		WRITE_ONCE(settings->dropping_mode, false);
		WRITE_ONCE(settings->sampling_ratio, 1);
		return 0;
	case DROPPING_ON:
		return set_dropping(settings, (u32)arg);
	case SNAPLEN:
		if ((u32)arg > SNAPLEN_MAX)
			return -EINVAL;
		WRITE_ONCE(settings->snaplen, arg);
		return 0;
	case DYNAMIC_SNAPLEN_OFF:
	case DYNAMIC_SNAPLEN_ON:
		WRITE_ONCE(settings->dynamic_snaplen, command == DYNAMIC_SNAPLEN_ON);
		return 0;
	case FULLCAPTURE_PORTS:
		WRITE_ONCE(settings->fullcapture_port_start, arg & 0xffff);
		WRITE_ONCE(settings->fullcapture_port_end, arg >> 16 & 0xffff);
		return 0;
	case STATSD_PORT:
		WRITE_ONCE(settings->statsd_port, arg);
		return 0;
	case CALL_ON:
	case CALL_OFF:
		return set_interesting(consumer, (u32)arg, command == CALL_ON ? REPORTS_MAX : 0);
	case CALL_RESULTS:
		return set_interesting(consumer, arg & 0xffff, (u32)arg >> 16);
	case TRACEPOINT_ON:
	case TRACEPOINT_OFF:
		return set_tracepoint(consumer, (u32)arg, command == TRACEPOINT_ON);
	case DROP_FAILED_ON:
	case DROP_FAILED_OFF:
		WRITE_ONCE(settings->drop_failed, command == DROP_FAILED_ON);
		return 0;
	default:
		return -ENOTTY;
	}
}

long control(struct opened *opened, unsigned int command, unsigned long arg)
{
	void __user *to = (void __user *)arg;
	long result;

	switch (command) {
	case PROCESSES:
		return list_threads(to);
	case HITS:
		return report_hits(to);
	case VERSION:
		return copy_to_user(to, DRIVER_VERSION, sizeof(DRIVER_VERSION)) ? -EINVAL : 0;
	case API:
		return report_number(PPM_API_CURRENT_VERSION, to);
	case SCHEMA:
		return report_number(PPM_SCHEMA_CURRENT_VERSION, to);
	case VTID:
	case VPID:
		return inner_id(arg, command == VPID);
	case CURRENT_TID:
		return task_pid_nr(current);
	case CURRENT_PID:
		return task_tgid_nr(current);
	}
	mutex_lock(&consumers_mutex);
	result = set(opened->consumer, command, arg);
	mutex_unlock(&consumers_mutex);
	return result;
}
