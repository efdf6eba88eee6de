/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The program of a process: command line, environment, executable file. */
#pragma once

#include "memory.h"
#include "task.h"

/* The largest length of a command line or an environment, in bytes; the rest is cut off. */
#define ARGS_MAX 4096
/* The largest number of strings read from the arrays of a failed call. */
#define STRINGS_MAX 64

/* The first string of the command line; empty if the call failed. */
inline_ void p_exe(struct out *o, struct task_struct *task, s64 ret)
{
	u64 from = TASK2(task, mm, arg_start);
	if (ret >= 0 && from)
		write_string(o, read_user_str, PATH_MAX, from);
}

/* Writes consecutive strings; a string that is cut off ends with a NUL too. */
inline_ void write_strings(struct out *o, u64 from, u64 to, u64 limit)
{
	u64 size = to > from ? to - from : 0;
	if (size > limit)
		size = limit;
	opaque(size);
	if (size == 0 || size > ARGS_MAX || read_user(here(o), size, (void *)from))
		return;
	o->pos += size;
	forget(o);
	*before(o) = 0;
}

/* The command line after its first string, which has `exe_length` bytes. */
inline_ void p_args(struct out *o, struct task_struct *task, s64 ret, u64 exe_length)
{
	u64 from = TASK2(task, mm, arg_start) + exe_length;
	if (ret >= 0 && exe_length < ARGS_MAX)
		write_strings(o, from, TASK2(task, mm, arg_end), ARGS_MAX - exe_length);
}

inline_ void p_env(struct out *o, struct task_struct *task)
{
	write_strings(o, TASK2(task, mm, env_start), TASK2(task, mm, env_end), ARGS_MAX);
}

/* Writes the strings of an array of pointers, from element `first` to the null pointer. */
apart_ u64 write_array(u64 pos, u64 array, u64 first, u64 limit, bool compat)
{
	u8 *buf = my_scratch();
	if (!buf)
		return pos;
	struct out o = { buf, pos };
	for (u32 i = 0; i < STRINGS_MAX; i++) {
		u64 string = v_user_pointer(array, first + i, compat);
		if (!string)
			break;
		write_string(&o, read_user_str, ARGS_MAX, string);
		if (o.pos - pos >= limit) {
			o.pos = pos + limit;
			forget(&o);
			break;
		}
	}
	if (o.pos != pos)
		*before(&o) = 0;
	return o.pos;
}

inline_ void p_array_first(struct out *o, u64 array, bool compat)
{
	if (array)
		write_string(o, read_user_str, PATH_MAX, v_user_pointer(array, 0, compat));
	else
		store(o, u8, 0);
}

inline_ void p_array_rest(struct out *o, u64 array, bool compat, u64 first_length)
{
	if (array && first_length < ARGS_MAX)
		o->pos = write_array(o->pos, array, 1, ARGS_MAX - first_length, compat);
}

inline_ void p_array(struct out *o, u64 array, bool compat)
{
	if (array)
		o->pos = write_array(o->pos, array, 0, ARGS_MAX, compat);
}

inline_ void p_comm(struct out *o, struct task_struct *task)
{
	write_string(o, read_kernel_str, sizeof(task->comm), &task->comm);
}

inline_ void p_bprm_filename(struct out *o, struct linux_binprm *bprm)
{
	const char *name = READ(bprm, filename);
	if (name)
		write_string(o, read_kernel_str, PATH_MAX, name);
}

inline_ struct file *v_exe_file(struct task_struct *task)
{
	return READ(TASK(task, mm), exe_file);
}

inline_ struct inode *v_inode(struct file *file)
{
	return READ(file, f_inode);
}

inline_ u64 v_inode_number(struct inode *inode)
{
	return READ(inode, i_ino);
}

inline_ u64 v_ctime(struct inode *inode)
{
	return INODE_CTIME(inode);
}

inline_ u64 v_mtime(struct inode *inode)
{
	return INODE_MTIME(inode);
}

/* Whether a user namespace maps an id. A map of more than five ranges stores them elsewhere, in two sorted lists; such a map is assumed to contain
 * the id. */
inline_ bool id_is_mapped(struct uid_gid_map *map, u32 id)
{
	u32 n = READ(map, nr_extents);
	if (n > 5)
		return true;
	for (u32 i = 0; i < 5; i++) {
		struct uid_gid_extent *extent = &map->extent[i];
		if (i < n && id - READ(extent, lower_first) < READ(extent, count))
			return true;
	}
	return false;
}

inline_ bool has_group(struct cred *cred, u32 group)
{
	struct group_info *groups = READ(cred, group_info);
	u32 low = 0, high = groups ? READ(groups, ngroups) : 0;
	/* Binary search: sorted, at most 65536 entries. */
	for (u32 i = 0; i < 17 && low < high; i++) {
		u32 middle = (low + high) / 2, gid = 0;
		read_kernel(&gid, sizeof(gid), (kgid_t *)&groups->gid + middle);
		if (gid == group)
			return true;
		if (gid < group)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

#define CAP_BIT_DAC_OVERRIDE (1 << 1)
#define CAP_BIT_FOWNER (1 << 3)

/* Whether the current thread may write to the file, by owner, mode and capabilities; access lists are ignored. */
apart_ u32 may_write(u64 what)
{
	struct inode *inode = (struct inode *)what;
	u32 type = READ(inode, i_mode) & 0170000;
	bool on_disk = type == 0100000 || type == 0040000 || type == 0120000;
	if (READ2(inode, i_sb, s_flags) & SB_RDONLY && on_disk)
		return false;
	u32 uid = READ(inode, i_uid.val), gid = READ(inode, i_gid.val);
	if (READ(inode, i_flags) & S_IMMUTABLE || uid == (u32)-1 || gid == (u32)-1)
		return false;

	struct cred *cred = (struct cred *)READ((struct task_struct *)this_task(), cred);
	if (READ(cred, fsuid.val) == uid)
		return true;
	bool in_group = READ(cred, fsgid.val) == gid || has_group(cred, gid);
	if (READ(inode, i_mode) & (in_group ? 0020 : 0002))
		return true;

	struct user_namespace *ns = READ(cred, user_ns);
	u64 capable = capability_bits(&cred->cap_effective);
	if (!ns || !id_is_mapped(&ns->uid_map, uid))
		return false;
	return capable & CAP_BIT_FOWNER || (capable & CAP_BIT_DAC_OVERRIDE && id_is_mapped(&ns->gid_map, gid));
}

/* A memfd's dentry is its own root, with a name that begins with "memfd:". */
inline_ bool is_memfd(struct file *file)
{
	struct dentry *dentry = READ(file, f_path.dentry);
	if (!dentry || READ(dentry, d_parent) != dentry)
		return false;
	char name[7] = {};
	read_kernel_str(name, sizeof(name), READ(dentry, d_name.name));
	return name[0] == 'm' && name[1] == 'e' && name[2] == 'm' && name[3] == 'f' && name[4] == 'd' && name[5] == ':';
}

inline_ u32 v_exe_flags(struct file *file)
{
	enum layer layer = layer_of(file);
	u32 flags = may_write((u64)READ(file, f_inode)) ? PPM_EXE_WRITABLE : 0;
	flags |= layer == LAYER_UPPER ? PPM_EXE_UPPER_LAYER : layer == LAYER_LOWER ? PPM_EXE_LOWER_LAYER : 0;
	return is_memfd(file) ? flags | PPM_EXE_FROM_MEMFD : flags;
}
