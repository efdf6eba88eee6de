/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The path of a file. */
#pragma once

#include "paths.h"

/* A reference to the program's file of the current thread. */
inline_ struct file *hold_exe_file(void)
{
	struct mm_struct *mm = current->mm;
	struct file *file;

	if (!mm)
		return NULL;
#if defined(HAS_GET_FILE_RCU_BY_ADDRESS)
	file = get_file_rcu(&mm->exe_file);
#else
	file = rcu_dereference(mm->exe_file);
	if (file && !get_file_rcu(file))
		file = NULL;
#endif
	return file;
}

/* The path of the current program's file, from the root of the current thread: all that has a path in an event. `file` says only whether there
 * is one; it has no reference. */
inline_ void p_file_path(struct out *o, struct file *file)
{
	struct file *held = file ? hold_exe_file() : NULL;
	char *path;

	if (!held)
		return;
	path = d_path(&held->f_path, (char *)o->buf + EVENT_MAX, PATH_MAX);
	if (!IS_ERR(path)) {
		u64 size = strlen(path) + 1;

		memmove(here(o), path, size);
		o->pos += size;
	}
	fput(held);
}
