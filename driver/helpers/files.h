/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* An open file: its inode, its device, its overlay layer. */
#pragma once

#include "flags.h"
#include "objects.h"

inline_ struct file *v_file(s64 fd)
{
	if (fd < 0)
		return NULL;
	struct fdtable *table = TASK2(current_task(), files, fdt);
	u32 n = (u32)fd;
	struct file *file = NULL;
	/* Another thread may change the table meanwhile; safe reads return zero then. */
	if (n >= READ(table, max_fds))
		return NULL;
	read_kernel(&file, sizeof(file), READ(table, fd) + n);
	return file;
}

inline_ s64 v_dirfd(s32 fd)
{
	return fd == -100 ? PPM_AT_FDCWD : fd;
}

inline_ u32 v_dev(struct file *file)
{
	return file ? encode_dev(READ3(file, f_inode, i_sb, s_dev)) : 0;
}

inline_ u64 v_ino(struct file *file)
{
	return file ? READ2(file, f_inode, i_ino) : 0;
}

inline_ u32 v_open_flags(u64 flags, struct file *file)
{
	u32 ppm = open_flags_to_ppm(flags);
	if (!file)
		return ppm;
	if (READ(file, f_mode) & FMODE_CREATED)
		ppm |= PPM_O_F_CREATED;
	enum layer layer = layer_of(file);
	return layer == LAYER_UPPER ? ppm | PPM_FD_UPPER_LAYER : layer == LAYER_LOWER ? ppm | PPM_FD_LOWER_LAYER : ppm;
}

/* The flags of the creat(2) event: the overlay layer only. */
inline_ u16 v_creat_flags(struct file *file)
{
	enum layer layer = file ? layer_of(file) : LAYER_NONE;
	return layer == LAYER_UPPER ? PPM_FD_UPPER_LAYER_CREAT : layer == LAYER_LOWER ? PPM_FD_LOWER_LAYER_CREAT : 0;
}

inline_ u32 v_device(u32 dev)
{
	return encode_dev(dev);
}
