/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Data of a thread: ids, limits, memory, capabilities, terminal. */
#pragma once

#include "files.h"

inline_ s32 v_pid(struct task_struct *task)
{
	return TASK(task, pid);
}

inline_ s32 v_tgid(struct task_struct *task)
{
	return TASK(task, tgid);
}

inline_ s32 v_parent_pid(struct task_struct *task)
{
	return TASK2(task, real_parent, pid);
}

inline_ s32 v_vtid(struct task_struct *task)
{
	return READ(innermost(TASK(task, thread_pid)), nr);
}

inline_ s32 v_vpid(struct task_struct *task)
{
	return READ(innermost(TASK2(task, signal, pids[PIDTYPE_TGID])), nr);
}

inline_ s32 v_vpgid(struct task_struct *task)
{
	return READ(innermost(TASK2(task, signal, pids[PIDTYPE_PGID])), nr);
}

inline_ s32 v_pgid(struct task_struct *task)
{
	struct pid *pid = TASK2(task, signal, pids[PIDTYPE_PGID]);
	return READ((struct upid *)&pid->numbers, nr);
}

inline_ struct pid_namespace *pid_ns(struct task_struct *task)
{
	return READ(innermost(TASK(task, thread_pid)), ns);
}

/* The start time of the first process of the thread's pid namespace; 0 unless `ret` is 0 (a child). */
inline_ u64 v_pidns_start(struct task_struct *task, s64 ret)
{
	return ret == 0 ? READ2(pid_ns(task), child_reaper, start_time) : 0;
}

inline_ u64 v_fdlimit(struct task_struct *task)
{
	return TASK2(task, signal, rlim[7 /* RLIMIT_NOFILE */].rlim_cur);
}

inline_ u64 v_pgft_maj(struct task_struct *task)
{
	return TASK(task, maj_flt);
}

inline_ u64 v_pgft_min(struct task_struct *task)
{
	return TASK(task, min_flt);
}

/* Converts pages to KiB. */
#define KIB(pages) ((u32)((pages) << (12 - 10)))

inline_ struct mm_struct *v_mm(struct task_struct *task)
{
	return TASK(task, mm);
}

inline_ u32 v_vm_size(struct mm_struct *mm)
{
	return KIB(READ(mm, total_vm));
}

inline_ u32 v_vm_rss(struct mm_struct *mm)
{
	return KIB(RSS_STAT(mm, MM_FILEPAGES) + RSS_STAT(mm, MM_ANONPAGES) + RSS_STAT(mm, MM_SHMEMPAGES));
}

inline_ u32 v_vm_swap(struct mm_struct *mm)
{
	return KIB(RSS_STAT(mm, MM_SWAPENTS));
}

inline_ u32 v_euid(struct task_struct *task)
{
	return READ(TASK(task, cred), euid.val);
}

inline_ u32 v_egid(struct task_struct *task)
{
	return READ(TASK(task, cred), egid.val);
}

/* The bits of capabilities equal PPM_CAP_*. */
_Static_assert(PPM_CAP_CHOWN == 1 && PPM_CAP_CHECKPOINT_RESTORE == 1ULL << 40, "capabilities are the kernel's bits");

inline_ u64 v_cap_inheritable(struct task_struct *task)
{
	return capability_bits(&TASK(task, cred)->cap_inheritable);
}

inline_ u64 v_cap_permitted(struct task_struct *task)
{
	return capability_bits(&TASK(task, cred)->cap_permitted);
}

inline_ u64 v_cap_effective(struct task_struct *task)
{
	return capability_bits(&TASK(task, cred)->cap_effective);
}

inline_ u32 clone_flags_to_ppm(u64 flags)
{
	return MAP_FLAG(CLONE_FILES, PPM_CL_CLONE_FILES) | MAP_FLAG(CLONE_FS, PPM_CL_CLONE_FS) |
	       MAP_FLAG(CLONE_IO, PPM_CL_CLONE_IO) | MAP_FLAG(CLONE_NEWIPC, PPM_CL_CLONE_NEWIPC) |
	       MAP_FLAG(CLONE_NEWNET, PPM_CL_CLONE_NEWNET) | MAP_FLAG(CLONE_NEWNS, PPM_CL_CLONE_NEWNS) |
	       MAP_FLAG(CLONE_NEWPID, PPM_CL_CLONE_NEWPID) | MAP_FLAG(CLONE_NEWUTS, PPM_CL_CLONE_NEWUTS) |
	       MAP_FLAG(CLONE_PARENT_SETTID, PPM_CL_CLONE_PARENT_SETTID) | MAP_FLAG(CLONE_PARENT, PPM_CL_CLONE_PARENT) |
	       MAP_FLAG(CLONE_PTRACE, PPM_CL_CLONE_PTRACE) | MAP_FLAG(CLONE_SIGHAND, PPM_CL_CLONE_SIGHAND) |
	       MAP_FLAG(CLONE_SYSVSEM, PPM_CL_CLONE_SYSVSEM) | MAP_FLAG(CLONE_THREAD, PPM_CL_CLONE_THREAD) |
	       MAP_FLAG(CLONE_UNTRACED, PPM_CL_CLONE_UNTRACED) | MAP_FLAG(CLONE_VM, PPM_CL_CLONE_VM) |
	       MAP_FLAG(CLONE_NEWUSER, PPM_CL_CLONE_NEWUSER) | MAP_FLAG(CLONE_CHILD_CLEARTID, PPM_CL_CLONE_CHILD_CLEARTID) |
	       MAP_FLAG(CLONE_CHILD_SETTID, PPM_CL_CLONE_CHILD_SETTID) | MAP_FLAG(CLONE_SETTLS, PPM_CL_CLONE_SETTLS) |
	       MAP_FLAG(CLONE_VFORK, PPM_CL_CLONE_VFORK) | MAP_FLAG(CLONE_NEWCGROUP, PPM_CL_CLONE_NEWCGROUP);
}

inline_ u32 v_clone_flags_only(u64 flags)
{
	return clone_flags_to_ppm(flags);
}

/* The flags of clone(2) as PPM_CL_*, and whether the child is in an inner pid namespace or the parent creates one for it. */
inline_ u32 v_clone_flags(struct task_struct *task, u64 flags)
{
	struct pid_namespace *ns = pid_ns(task);
	u32 ppm = clone_flags_to_ppm(flags);
	if (READ(ns, level) || TASK2(task, nsproxy, pid_ns_for_children) != ns)
		ppm |= PPM_CL_CHILD_IN_PIDNS;
	return ppm;
}

/* The same from the two task structs, without the arguments of the call. */
inline_ u32 v_child_flags(struct task_struct *parent, struct task_struct *child)
{
	u32 ppm = 0;
	if (TASK(child, pid) != TASK(child, tgid))
		ppm |= PPM_CL_CLONE_THREAD | PPM_CL_CLONE_SIGHAND | PPM_CL_CLONE_VM;
	if (TASK(child, files) == TASK(parent, files))
		ppm |= PPM_CL_CLONE_FILES;
	if (READ(pid_ns(child), level))
		ppm |= PPM_CL_CHILD_IN_PIDNS;
	return ppm;
}
