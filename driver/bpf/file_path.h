/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The path of a file. */
#pragma once

#include "paths.h"

#define COMPONENTS_MAX 96

/* A path is built from its end to its begin, in this much memory after the event. */
#define TAIL_SIZE 8192

/* Prepends the name of the current dentry and moves to its parent. Returns whether to continue. */
apart_ bool walk_on(void)
{
	struct scratch *scratch = (struct scratch *)my_scratch();
	if (!scratch)
		return false;
	struct walk *walk = &scratch->walk;
	struct dentry *dentry = walk->dentry, *up = READ(dentry, d_parent);
	u8 *tail = scratch->data + EVENT_MAX;
	u64 at = walk->at;

	if (dentry == walk->top) {
		struct mount *mount = walk->mount, *outer = READ(mount, mnt_parent);
		if (outer == mount)
			return false;
		walk->dentry = READ(mount, mnt_mountpoint);
		walk->mount = outer;
		walk->top = READ(outer, mnt.mnt_root);
		return true;
	}
	if (dentry == up)
		return false;
	u64 length = READ(dentry, d_name.len);
	if (length > NAME_LIMIT || length + 1 > at)
		return false;
	at -= length + 1;
	opaque(at);
	at &= TAIL_SIZE / 2 - 1;
	tail[at] = '/';
	opaque(length);
	read_kernel(tail + at + 1, length & NAME_LIMIT, READ(dentry, d_name.name));
	walk->at = at;
	walk->dentry = up;
	return true;
}

/* The path of a file from the root of all mounts. A file outside of a directory tree has its bare name. */
apart_ u64 write_file_path(u64 pos, u64 of)
{
	struct file *file = (struct file *)of;
	struct vfsmount *vfs = READ(file, f_path.mnt);
	struct scratch *scratch = (struct scratch *)my_scratch();
	if (!scratch)
		return pos;
	struct out o = { scratch->data, pos };
	u8 *tail = scratch->data + EVENT_MAX;

	scratch->walk = (struct walk){ READ(file, f_path.dentry), READ(vfs, mnt_root), container_of(vfs, struct mount, mnt),
				       TAIL_SIZE / 2 };
	if (!scratch->walk.dentry)
		return pos;
	for (u32 i = 0; i < COMPONENTS_MAX; i++)
		if (!walk_on())
			break;
	u64 at = scratch->walk.at;
	if (at == TAIL_SIZE / 2) {
		write_string(&o, read_kernel_str, PATH_MAX, READ(scratch->walk.dentry, d_name.name));
		return o.pos;
	}
	tail[TAIL_SIZE / 2] = 0;
	at &= TAIL_SIZE / 2 - 1;
	write_string(&o, read_kernel_str, PATH_MAX, tail + at);
	return o.pos;
}

inline_ void p_file_path(struct out *o, struct file *file)
{
	if (file)
		o->pos = write_file_path(o->pos, (u64)file);
	forget(o);
}
