/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Paths of files and of cgroups. */
#pragma once

#include "memory.h"
#include "task.h"

#define COMPONENTS_MAX 96
#define NAME_LIMIT 255

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
	bpf_probe_read_kernel(tail + at + 1, length & NAME_LIMIT, READ(dentry, d_name.name));
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
		write_string(&o, bpf_probe_read_kernel_str, PATH_MAX, READ(scratch->walk.dentry, d_name.name));
		return o.pos;
	}
	tail[TAIL_SIZE / 2] = 0;
	at &= TAIL_SIZE / 2 - 1;
	write_string(&o, bpf_probe_read_kernel_str, PATH_MAX, tail + at);
	return o.pos;
}

inline_ void p_file_path(struct out *o, struct file *file)
{
	if (file)
		o->pos = write_file_path(o->pos, (u64)file);
	forget(o);
}

/* Of a deeper cgroup, only the innermost components are reported. */
#define CGROUP_DEPTH 6

/* The path of a cgroup, with its NUL. */
apart_ u64 write_cgroup_path(u64 pos, u64 of)
{
	struct kernfs_node *node = (struct kernfs_node *)of;
	const char *names[CGROUP_DEPTH] = {};
	u8 *buf = my_scratch();
	if (!buf)
		return pos;
	struct out o = { buf, pos };
	u64 start = pos;

#pragma unroll
	for (u32 i = 0; i < CGROUP_DEPTH; i++) {
		struct kernfs_node___v6_15 *newer = (void *)node;
		struct kernfs_node *up = field_exists(node->parent) ? READ(node, parent) : READ(newer, __parent);
		/* The root has an empty name: it is the slash before the next component. */
		names[i] = up ? READ(node, name) : NULL;
		if (!up)
			break;
		node = up;
	}
#pragma unroll
	for (s32 i = CGROUP_DEPTH - 1; i >= 0; i--) {
		if (!names[i])
			continue;
		store(&o, u8, '/');
		forget(&o);
		write_string(&o, bpf_probe_read_kernel_str, NAME_LIMIT + 1, names[i]);
		o.pos -= 1; /* the next slash replaces the NUL */
		forget(&o);
	}
	if (o.pos == start)
		store(&o, u8, '/');
	forget(&o);
	store(&o, u8, 0);
	return o.pos;
}

/* The cgroup of the previous controller. The controllers of one hierarchy mostly have the same one: its path is then copied. */
struct last_cgroup {
	struct kernfs_node *node;
	u64 start, end;
};

inline_ void write_cgroup(struct out *o, struct last_cgroup *last, struct css_set *set, u32 id)
{
	struct cgroup_subsys_state *state = NULL;
	bpf_probe_read_kernel(&state, sizeof(state), (struct cgroup_subsys_state **)&set->subsys + id);
	u64 start = o->pos;
	write_string(o, bpf_probe_read_kernel_str, 32, READ2(state, ss, name));
	if (o->pos == start)
		return;
	*before(o) = '=';
	struct kernfs_node *node = READ2(state, cgroup, kn);
	u64 size = last->end - last->start;
	opaque(size);
	if (last->node == node && size <= 4096) {
		struct out from = { o->buf, last->start };
		forget(&from);
		bpf_probe_read_kernel(here(o), size, here(&from));
		o->pos += size;
	} else {
		last->node = node;
		last->start = o->pos;
		o->pos = write_cgroup_path(o->pos, (u64)node);
		last->end = o->pos;
	}
	forget(o);
}

#define WRITE_CGROUP(subsystem)                                                                 \
	if (enum_exists(enum cgroup_subsys_id, subsystem##_cgrp_id))                            \
	write_cgroup(o, &last, set, enum_value(enum cgroup_subsys_id, subsystem##_cgrp_id))

/* The cgroups of five controllers, as `controller=/path`. */
inline_ void p_cgroups(struct out *o, struct task_struct *task)
{
	struct css_set *set = TASK(task, cgroups);
	struct last_cgroup last = {};
	WRITE_CGROUP(cpuset);
	WRITE_CGROUP(cpu);
	WRITE_CGROUP(cpuacct);
	WRITE_CGROUP(io);
	WRITE_CGROUP(memory);
}
