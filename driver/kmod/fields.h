/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Fields that are in other places on other kernels: decided by the probes in configure/, which the build compiles. */
#pragma once

#include "kernel.h"

#define INODE_SIZE sizeof(struct inode)

inline_ u64 nanoseconds(s64 seconds, u64 rest)
{
	return seconds < 0 ? 0 : seconds * 1000000000ULL + rest;
}

#if defined(HAS_INODE_SECONDS)
/* The highest bit of the nanoseconds is the kernel's. */
#define INODE_CTIME(inode) nanoseconds(READ(inode, i_ctime_sec), READ(inode, i_ctime_nsec) & ~(1U << 31))
#define INODE_MTIME(inode) nanoseconds(READ(inode, i_mtime_sec), READ(inode, i_mtime_nsec) & ~(1U << 31))
#else
#define INODE_TIME(inode, name)                                     \
	({                                                          \
		struct timespec64 time_ = READ(inode, name);        \
		nanoseconds(time_.tv_sec, time_.tv_nsec);           \
	})
#if defined(HAS_INODE_PRIVATE_CTIME)
#define INODE_CTIME(inode) INODE_TIME(inode, __i_ctime)
#else
#define INODE_CTIME(inode) INODE_TIME(inode, i_ctime)
#endif
#if defined(HAS_INODE_PRIVATE_MTIME)
#define INODE_MTIME(inode) INODE_TIME(inode, __i_mtime)
#else
#define INODE_MTIME(inode) INODE_TIME(inode, i_mtime)
#endif
#endif

/* Pages of a kind; 0 for a thread without memory of its own. */
#define RSS_STAT(mm, which) ((mm) ? get_mm_counter(mm, which) : 0)

/* Capability bits above the last known one are not reported. */
#define KNOWN_CAPABILITIES ((1ULL << 41) - 1)

/* `set`: 64 bits, in whatever type the kernel declares them. */
inline_ u64 capability_bits(const void *set)
{
	u64 bits = 0;

	read_kernel(&bits, sizeof(bits), set);
	return bits & KNOWN_CAPABILITIES;
}

#if defined(HAS_KERNFS_PRIVATE_PARENT)
#define KERNFS_PARENT(node) ((struct kernfs_node *)READ(node, __parent))
#else
#define KERNFS_PARENT(node) READ(node, parent)
#endif

/* The control-group controllers of this kernel; -1 for one that it has not. */
#if IS_ENABLED(CONFIG_CPUSETS)
#define CGROUP_ID_cpuset cpuset_cgrp_id
#else
#define CGROUP_ID_cpuset (-1)
#endif
#if IS_ENABLED(CONFIG_CGROUP_SCHED)
#define CGROUP_ID_cpu cpu_cgrp_id
#else
#define CGROUP_ID_cpu (-1)
#endif
#if IS_ENABLED(CONFIG_CGROUP_CPUACCT)
#define CGROUP_ID_cpuacct cpuacct_cgrp_id
#else
#define CGROUP_ID_cpuacct (-1)
#endif
#if IS_ENABLED(CONFIG_BLK_CGROUP)
#define CGROUP_ID_io io_cgrp_id
#else
#define CGROUP_ID_io (-1)
#endif
#if IS_ENABLED(CONFIG_MEMCG)
#define CGROUP_ID_memory memory_cgrp_id
#else
#define CGROUP_ID_memory (-1)
#endif
#define CGROUP_ID(subsystem) CGROUP_ID_##subsystem
#define HAS_CGROUP(subsystem) (CGROUP_ID(subsystem) >= 0)

inline_ u32 v_loginuid(struct task_struct *task)
{
	return __kuid_val(audit_get_loginuid(task));
}
