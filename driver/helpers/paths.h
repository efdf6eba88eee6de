/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Paths of cgroups. */
#pragma once

#include "memory.h"
#include "task.h"

#define NAME_LIMIT 255

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

	unrolled_ for (u32 i = 0; i < CGROUP_DEPTH; i++) {
		struct kernfs_node *up = KERNFS_PARENT(node);
		/* The root has an empty name: it is the slash before the next component. */
		names[i] = up ? READ(node, name) : NULL;
		if (!up)
			break;
		node = up;
	}
	unrolled_ for (s32 i = CGROUP_DEPTH - 1; i >= 0; i--) {
		if (!names[i])
			continue;
		store(&o, u8, '/');
		forget(&o);
		write_string(&o, read_kernel_str, NAME_LIMIT + 1, names[i]);
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
	read_kernel(&state, sizeof(state), (struct cgroup_subsys_state **)&set->subsys + id);
	u64 start = o->pos;
	write_string(o, read_kernel_str, 32, READ2(state, ss, name));
	if (o->pos == start)
		return;
	*before(o) = '=';
	struct kernfs_node *node = READ2(state, cgroup, kn);
	u64 size = last->end - last->start;
	opaque(size);
	if (last->node == node && size <= 4096) {
		struct out from = { o->buf, last->start };
		forget(&from);
		read_kernel(here(o), size, here(&from));
		o->pos += size;
	} else {
		last->node = node;
		last->start = o->pos;
		o->pos = write_cgroup_path(o->pos, (u64)node);
		last->end = o->pos;
	}
	forget(o);
}

#define WRITE_CGROUP(subsystem)         \
	if (HAS_CGROUP(subsystem))      \
	write_cgroup(o, &last, set, CGROUP_ID(subsystem))

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
