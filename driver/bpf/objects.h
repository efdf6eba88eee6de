/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Data of kernel objects, for the probe and the iterators: ids, devices, overlay layers, times, counters. */
#pragma once

#include "kernel.h"

/* The pid in the innermost pid namespace, the last of its levels. */
inline_ struct upid *innermost(struct pid *pid)
{
	return (struct upid *)&pid->numbers + READ(pid, level);
}

/* A device number encoded as in stat(2): 8 bits of the minor, 12 of the major, the rest of the minor. */
inline_ u32 encode_dev(u32 dev)
{
	u32 major = dev >> 20, minor = dev & 0xfffff;
	return (minor & 0xff) | major << 8 | (minor & ~0xffU) << 12;
}

#define OVERLAYFS_MAGIC 0x794c7630
enum layer { LAYER_NONE, LAYER_UPPER, LAYER_LOWER };

/* An overlay inode begins with the struct inode; the dentry of the file in the upper layer follows it. */
inline_ enum layer layer_of(struct file *file)
{
	struct dentry *dentry = READ(file, f_path.dentry);
	if (READ2(dentry, d_sb, s_magic) != OVERLAYFS_MAGIC)
		return LAYER_NONE;
	struct dentry *upper = NULL;
	bpf_probe_read_kernel(&upper, sizeof(upper), (char *)READ(dentry, d_inode) + type_size(struct inode));
	return upper && READ2(upper, d_inode, i_ino) ? LAYER_UPPER : LAYER_LOWER;
}

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
	bpf_probe_read_kernel(&bits, sizeof(bits), set);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	struct kernel_cap_struct *old = NULL;
	if (field_exists(old->cap)) /* two words, the low one first */
		bits = bits << 32 | bits >> 32;
#endif
	return bits & KNOWN_CAPABILITIES;
}

inline_ u32 v_loginuid(struct task_struct *task)
{
	if (field_exists(task->loginuid))
		return TASK(task, loginuid.val);
	struct task_struct___cos *cos = (void *)task;
	return field_exists(cos->audit) ? READ2(cos, audit, loginuid.val) : (u32)-1;
}

/* The device of the controlling terminal; 0 if there is none. */
inline_ u32 v_tty(struct task_struct *task)
{
	struct tty_struct *tty = TASK2(task, signal, tty);
	struct tty_driver *driver = tty ? READ(tty, driver) : NULL;
	if (!driver)
		return 0;
	return encode_dev((READ(driver, major) << 20 | READ(driver, minor_start)) + READ(tty, index));
}

inline_ bool v_user_task(struct task_struct *task)
{
	return !(TASK(task, flags) & 0x00200000 /* PF_KTHREAD */);
}
