/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The system call: its number, arguments and result; sampling. */
#pragma once

#include "event.h"
#include "regs.h"

/* The number of socketcall(2) on s390x and ppc64le and for 32-bit callers on x86_64. */
#define NR_SOCKETCALL 102
#define NO_CALL (~0U)

#if defined(TARGET_x86_64)
#define CAPTURES_COMPAT true
#define HAS_SOCKETCALL(compat) (compat)
typedef u32 socketcall_word;
#define FIRST_ARGS(regs) (u32)(regs)->bx, (u32)(regs)->cx
#elif defined(TARGET_s390x) || defined(TARGET_powerpc64)
#define CAPTURES_COMPAT false
#define HAS_SOCKETCALL(compat) true
typedef u64 socketcall_word;
#define FIRST_ARGS(regs) regs_arg(regs, 0), regs_arg(regs, 1)
#else
#define CAPTURES_COMPAT false
#define HAS_SOCKETCALL(compat) false
typedef u64 socketcall_word;
#define FIRST_ARGS(regs) 0, 0
#endif

/* The native number of the system call, also for 32-bit callers and for socketcall(2); NO_CALL if there is none. */
inline_ u32 call_number(struct pt_regs *regs, bool compat)
{
	u32 nr = REGS_NUMBER(regs);
	if (HAS_SOCKETCALL(compat) && nr == NR_SOCKETCALL) {
		u64 first[2] = { FIRST_ARGS(regs) };
		return first[0] < SYSCALL_MAX ? socketcall_table[first[0]] - 1U : NO_CALL;
	}
#if defined(TARGET_x86_64)
	if (compat)
		return nr < SYSCALL_MAX ? ia32_table[nr] - 1U : NO_CALL;
	nr &= ~0x40000000U; /* the x32 bit */
#else
	(void)compat;
#endif
	return nr;
}

/* The n-th argument of the call made by socketcall(2), read from the caller's memory. */
apart_ u64 socketcall_arg(u64 call, u64 args, u32 n)
{
	socketcall_word word = 0;
	if (call < SYSCALL_MAX && n < socketcall_args[call])
		read_user(&word, sizeof(word), (socketcall_word *)args + n);
	return word;
}

/* The n-th argument of the system call; n is a constant. */
inline_ u64 call_arg(struct pt_regs *regs, bool compat, u32 n)
{
#if defined(TARGET_x86_64)
	if (compat)
		return (u32)PICK(n, COMPAT_ARGS(regs));
#else
	(void)compat;
#endif
	return regs_arg(regs, n);
}

/* Same, for a call that can also be made by socketcall(2). */
inline_ u64 socket_arg(struct pt_regs *regs, bool compat, u32 n)
{
	if (HAS_SOCKETCALL(compat) && REGS_NUMBER(regs) == NR_SOCKETCALL) {
		u64 first[2] = { FIRST_ARGS(regs) };
		return socketcall_arg(first[0], first[1], n);
	}
	return call_arg(regs, compat, n);
}

/* The user or group id that is an argument of a call. i386 has two calls for each of these. The older one takes 16 bits, where all ones
 * stand for -1, which leaves an id unchanged. */
inline_ u32 v_id(u32 id, struct pt_regs *regs, bool compat)
{
#if defined(TARGET_x86_64)
	if (compat && REGS_NUMBER(regs) < 198 /* lchown32, the first of the newer ones */)
		return (u16)id == (u16)-1 ? (u32)-1 : (u16)id;
#else
	(void)regs, (void)compat;
#endif
	return id;
}

inline_ u16 v_sc(u32 nr)
{
	return sc_table[nr & (SYSCALL_MAX - 1)];
}

inline_ u16 v_native(u32 nr)
{
	return nr;
}

/* What of a system call is reported, by its result: the bits of `interesting`. */
enum { REPORT_SUCCEEDED = 1, REPORT_FAILED = 2 };

/* Whether a call that returns `ret` is reported. A connection in progress, which changes the socket, counts as either. */
inline_ bool is_reported(u32 nr, s64 ret)
{
	u32 what = interesting[nr];
	if (ret >= 0)
		return what & REPORT_SUCCEEDED;
	return ret == -EINPROGRESS ? what : what & REPORT_FAILED;
}

/* Sampling: in dropping mode, calls are reported in the first 1/sampling_ratio of each second only, except SAMPLING_KEEP (always) and SAMPLING_SHED
 * (never). An event marks the begin of either part. `is_dropping` is not synchronized between CPUs: a mark may come twice. */
#define SECOND 1000000000ULL

inline_ bool in_shed_part(void)
{
	u32 ratio = settings.sampling_ratio;
	return ratio && boot_ns() % SECOND >= SECOND / ratio;
}

/* Whether the enter event of a call is reported. Exit events alone emit the marks of sampling. */
inline_ bool v_followed(u32 nr, bool compat)
{
	if (nr >= SYSCALL_MAX || !interesting[nr] || (compat && !CAPTURES_COMPAT))
		return false;
	if (!settings.dropping_mode)
		return true;
	u32 kind = sampling_table[nr];
	return kind ? kind == SAMPLING_KEEP : !in_shed_part();
}

inline_ bool v_unsampled(void)
{
	return !settings.dropping_mode;
}

enum { SAMPLE_REPORT, SAMPLE_SKIP, SAMPLE_FIRST_SKIPPED, SAMPLE_FIRST_REPORTED };

inline_ u32 sample(u32 nr)
{
	u32 kind = sampling_table[nr & (SYSCALL_MAX - 1)];
	if (kind)
		return kind == SAMPLING_KEEP ? SAMPLE_REPORT : SAMPLE_SKIP;
	if (in_shed_part()) {
		if (is_dropping)
			return SAMPLE_SKIP;
		is_dropping = 1;
		return SAMPLE_FIRST_SKIPPED;
	}
	if (!is_dropping)
		return SAMPLE_REPORT;
	is_dropping = 0;
	return SAMPLE_FIRST_REPORTED;
}

inline_ u32 v_sampling_ratio(void)
{
	return settings.sampling_ratio;
}

inline_ bool v_failed(s64 ret)
{
	return ret < 0;
}

inline_ u32 v_size_or_0(s64 ret)
{
	return ret > 0 ? ret : 0;
}

inline_ bool v_succeeded(s64 ret)
{
	return ret >= 0;
}

inline_ s64 v_if_succeeded(s64 ret, s64 value)
{
	return ret >= 0 ? value : -1;
}

inline_ bool v_succeeded_or_kept(s64 ret)
{
	return ret >= 0 || !settings.dropping_mode;
}

/* Whether a new thread returns through the exit of clone; if not, the tracepoint sched_process_fork reports it. */
#if defined(TARGET_x86_64) || defined(TARGET_powerpc64)
#define CHILD_RETURNS 1
#else
#define CHILD_RETURNS 0
#endif

inline_ bool v_reports_itself(s64 ret)
{
	return CHILD_RETURNS || ret != 0;
}

inline_ u64 v_clone_arg(u64 first, u64 second)
{
#if defined(TARGET_s390x)
	(void)first;
	return second;
#else
	(void)second;
	return first;
#endif
}

/* prctl(2): the meaning of the second argument, include/uapi/linux/prctl.h */
inline_ bool v_prctl_takes_name(u64 option)
{
	return option == 15 || option == 16; /* PR_SET_NAME, PR_GET_NAME */
}

inline_ s64 v_prctl_number(u64 option, s64 value, s32 pointed_to)
{
	return v_prctl_takes_name(option) ? 0 : option == 37 /* PR_GET_CHILD_SUBREAPER */ ? pointed_to : value;
}

/* fsconfig(2): the type of the value, include/uapi/linux/mount.h */
inline_ bool v_fsconfig_takes_text(s64 ret, u32 command)
{
	return ret >= 0 && (command == 1 || command == 3 || command == 4);
}

inline_ u64 v_fsconfig_bytes(s64 ret, u32 command, s32 size)
{
	return ret >= 0 && command == 2 && size > 0 ? size : 0;
}
