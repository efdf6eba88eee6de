/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Fields that are in other places on other kernels, and what depends on the kernel's configuration: decided by the loader (CO-RE). */
#pragma once

#include "kernel.h"

#define INODE_SIZE type_size(struct inode)

inline_ u64 nanoseconds(s64 seconds, u64 rest)
{
	return seconds < 0 ? 0 : seconds * 1000000000ULL + rest;
}

/* Two kernel versions moved the inode's times. In the last layout the highest bit of the nanoseconds is the kernel's I_CTIME_QUERIED. */
#define INODE_TIME(inode, name, other)                                               \
	({                                                                           \
		struct timespec64 time_ = {};                                        \
		struct inode___v6_11 *newest_ = (void *)(inode);                     \
		struct other *newer_ = (void *)(inode);                              \
		if (field_exists((inode)->name))                                     \
			time_ = READ(inode, name);                                   \
		else if (field_exists(newer_->__##name))                             \
			time_ = READ(newer_, __##name);                              \
		else                                                                 \
			time_ = (struct timespec64){ READ(newest_, name##_sec),      \
						     READ(newest_, name##_nsec) & ~(1u << 31) }; \
		nanoseconds(time_.tv_sec, time_.tv_nsec);                            \
	})

#define INODE_CTIME(inode) INODE_TIME(inode, i_ctime, inode___v6_6)
#define INODE_MTIME(inode) INODE_TIME(inode, i_mtime, inode___v6_7)

/* `which` must be a constant: the loader relocates it together with the array. */
#define RSS_STAT(mm, which)                                                             \
	({                                                                              \
		struct mm_struct___v6_2 *newer_ = (void *)(mm);                         \
		type_exists(struct mm_rss_stat) ? READ(mm, rss_stat.count[which].counter) \
						: READ(newer_, rss_stat[which].count);  \
	})

/* Capability bits above the last known one are not reported. */
#define KNOWN_CAPABILITIES ((1ULL << 41) - 1)

inline_ u64 capability_bits(struct kernel_cap_struct *set)
{
	u64 bits = 0;
	read_kernel(&bits, sizeof(bits), set);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	struct kernel_cap_struct *old = NULL;
	if (field_exists(old->cap)) /* two words, the low one first */
		bits = bits << 32 | bits >> 32;
#endif
	return bits & KNOWN_CAPABILITIES;
}

#define KERNFS_PARENT(node)                                                                         \
	({                                                                                           \
		struct kernfs_node___v6_15 *newer_ = (void *)(node);                                 \
		field_exists((node)->parent) ? READ(node, parent) : READ(newer_, __parent);          \
	})

/* The control-group controllers of the running kernel. */
#define HAS_CGROUP(subsystem) enum_exists(enum cgroup_subsys_id, subsystem##_cgrp_id)
#define CGROUP_ID(subsystem) enum_value(enum cgroup_subsys_id, subsystem##_cgrp_id)

inline_ u32 v_loginuid(struct task_struct *task)
{
	if (field_exists(task->loginuid))
		return TASK(task, loginuid.val);
	struct task_struct___cos *cos = (void *)task;
	return field_exists(cos->audit) ? READ2(cos, audit, loginuid.val) : (u32)-1;
}
