/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Data of kernel objects, for the probe and the iterators: ids, devices, overlay layers, times, counters. */
#pragma once

#include "fields.h"

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
	read_kernel(&upper, sizeof(upper), (char *)READ(dentry, d_inode) + INODE_SIZE);
	return upper && READ2(upper, d_inode, i_ino) ? LAYER_UPPER : LAYER_LOWER;
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
