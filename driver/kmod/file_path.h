/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The path of a file. */
#pragma once

#include "paths.h"

/* A reference to a file that was found in this RCU section; null if the last one was dropped meanwhile. */
inline_ struct file *hold_file(struct file *file)
{
#if defined(HAS_GET_FILE_RCU_BY_ADDRESS)
	struct file __rcu *slot = (struct file __rcu *)file;

	return get_file_rcu(&slot);
#else
	return get_file_rcu(file) ? file : NULL;
#endif
}

/* The path of a file from the root of the current thread. */
inline_ void p_file_path(struct out *o, struct file *file)
{
	struct file *held = file ? hold_file(file) : NULL;
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
