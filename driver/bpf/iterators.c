/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The scan of the running system: a program that the kernel runs for every thread, and one that it runs for every open file. Each writes a record
 * to the file that the reader reads.
 *
 * Kernel helpers that follow pointers are used on referenced objects only: bpf_d_path for an open file. The paths of a thread, which may be exiting,
 * are built here by reads that cannot fault. Command line and environment are not read: that can wait for a page fault, without a time limit if a
 * user's file system serves it. */
#include "iterators.h"
#include "objects.h"

SEC(".data.selection") struct selection selection = { .fd = -1, .sockets = 1, .others = 1 };

#define PATH_MAX 4096
#define NAME_LIMIT 255
/* The reader finds deeper paths itself. */
#define COMPONENTS_MAX 256
#define RECORD_MAX 16384

/* The record being written. Global: the reader runs one pass at a time. A text may begin anywhere in the first half. */
u8 record[2 * RECORD_MAX];
/* A path is built here from its end, which is in the middle. */
u8 tail[2 * PATH_MAX];

#define CUT (1u << 31)

static const char deleted[10] = { ' ', '(', 'd', 'e', 'l', 'e', 't', 'e', 'd', ')' };

/* Writes a slash and a name before position `at` of the tail. Returns the new position; 0 if there is no room or no name. */
inline_ u64 put_name(u64 at, struct dentry *dentry)
{
	u64 length = READ(dentry, d_name.len);
	if (!length || length > NAME_LIMIT || length + 1 >= at)
		return 0;
	at -= length + 1;
	opaque(at);
	at &= PATH_MAX - 1;
	tail[at] = '/';
	opaque(length);
	return bpf_probe_read_kernel(tail + at + 1, length & NAME_LIMIT, READ(dentry, d_name.name)) ? 0 : at;
}

/* The walk from a file to the reader's root. Its state is in memory and each step is a function that is verified once; otherwise the verifier would
 * check every path through all components. */
struct walk {
	struct dentry *dentry, *top, *root;
	struct mount *mount, *root_mount;
	u64 at; /* the begin of the path in the tail */
} walk;

enum { WALK_ON, WALK_DONE, WALK_CUT };

__attribute__((noinline)) u32 walk_step(void)
{
	struct dentry *dentry = walk.dentry;
	struct mount *mount = walk.mount;

	if (dentry == walk.root && mount == walk.root_mount)
		return WALK_DONE;
	if (dentry == walk.top) {
		struct mount *outer = READ(mount, mnt_parent);
		if (outer == mount)
			return WALK_DONE;
		walk.dentry = READ(mount, mnt_mountpoint);
		walk.mount = outer;
		walk.top = READ(outer, mnt.mnt_root);
		return WALK_ON;
	}
	struct dentry *up = READ(dentry, d_parent);
	if (dentry == up)
		return WALK_DONE;
	walk.at = put_name(walk.at, dentry);
	walk.dentry = up;
	return walk.at ? WALK_ON : WALK_CUT;
}

/* Writes a path, relative to the reader's root, at `to` of the record. Returns its length, or CUT. The arguments are pointers as numbers, because a
 * global function accepts no kernel pointers. */
__attribute__((noinline)) u32 write_path(u64 vfsmount, u64 entry, u32 to)
{
	struct vfsmount *vfs = (struct vfsmount *)vfsmount;
	struct dentry *dentry = (struct dentry *)entry, *top = READ(vfs, mnt_root), *up = READ(dentry, d_parent);
	struct fs_struct *reader = READ((struct task_struct *)bpf_get_current_task(), fs);
	struct vfsmount *root_vfs = READ(reader, root.mnt);
	u32 how = WALK_ON;

	if (!vfs || !dentry)
		return CUT;
	/* A memfd's dentry is its own root but not its mount's: it has a name and no path. */
	bool lone = dentry == up && dentry != top && READ2(dentry, d_op, d_dname);
	bool is_deleted = lone || (dentry != up && !READ(dentry, d_hash.pprev));
	if (lone) {
		walk.at = put_name(PATH_MAX, dentry);
		how = walk.at ? WALK_DONE : WALK_CUT;
	} else {
		walk = (struct walk){ dentry, top, READ(reader, root.dentry), container_of(vfs, struct mount, mnt),
				      container_of(root_vfs, struct mount, mnt), PATH_MAX };
	}
	for (u32 i = 0; i < COMPONENTS_MAX && how == WALK_ON; i++)
		how = walk_step();
	if (how != WALK_DONE)
		return CUT;
	u64 at = walk.at;
	if (at == PATH_MAX)
		tail[--at] = '/';
	opaque(at);
	at &= PATH_MAX - 1;
	u64 length = PATH_MAX - at;
	if (is_deleted) {
		__builtin_memcpy(tail + PATH_MAX, deleted, sizeof(deleted));
		length += sizeof(deleted);
	}
	opaque(length);
	if (length >= PATH_MAX)
		return CUT;
	bpf_probe_read_kernel(record + (to & (RECORD_MAX - 1)), length & (PATH_MAX - 1), tail + at);
	return length;
}

/* Appends a path. Evaluates to its length; to 0, with the flag `cut` set, on failure. */
#define append_path(r, path, cut)                                                                  \
	({                                                                                         \
		u32 length_ = write_path((u64)READ(path, mnt), (u64)READ(path, dentry), (r)->size); \
		if (length_ & CUT) {                                                               \
			(r)->flags |= (cut);                                                       \
			length_ = 0;                                                               \
		}                                                                                  \
		(r)->size += length_;                                                              \
		length_;                                                                           \
	})

inline_ void send(struct bpf_iter_meta *meta)
{
	u64 size = ((struct thread_record *)record)->size;
	opaque(size);
	if (size <= RECORD_MAX)
		bpf_seq_write(meta->seq, record, size);
}

/* The number of a pid in the pid namespace `ns` at `level`; 0 if it has none there. */
inline_ u32 id_in(struct pid *pid, struct pid_namespace *ns, u32 level)
{
	struct upid *id = (struct upid *)&pid->numbers + level;
	return level <= READ(pid, level) && READ(id, ns) == ns ? READ(id, nr) : 0;
}

/* A hash of the cgroup ids of a set. The address of a set alone is no key: it may be reused. */
inline_ u64 cgroup_ids(struct css_set *set)
{
	u64 ids = READ3(set, dfl_cgrp, kn, id);
	u32 count = enum_exists(enum cgroup_subsys_id, CGROUP_SUBSYS_COUNT) ?
			    enum_value(enum cgroup_subsys_id, CGROUP_SUBSYS_COUNT) : 0;
	for (u32 i = 0; i < 16; i++) {
		struct cgroup_subsys_state *state = NULL;
		if (i >= count)
			break;
		bpf_probe_read_kernel(&state, sizeof(state), (struct cgroup_subsys_state **)&set->subsys + i);
		ids = ids * 0x100000001b3ULL ^ READ3(state, cgroup, kn, id);
	}
	return ids;
}

#define MNT_READONLY 0x40
#define SB_RDONLY 1

/* Whether the mount has an id mapping, i.e. another one than the reader's root mount, which has none. */
inline_ bool maps_owners(struct vfsmount *vfs)
{
	struct fs_struct *reader = READ((struct task_struct *)bpf_get_current_task(), fs);
	struct vfsmount___v6_2 *newer = (void *)vfs, *newer_root = (void *)READ(reader, root.mnt);
	struct vfsmount___v5_12 *older = (void *)vfs, *older_root = (void *)newer_root;
	if (field_exists(newer->mnt_idmap))
		return READ(newer, mnt_idmap) != READ(newer_root, mnt_idmap);
	return field_exists(older->mnt_userns) && READ(older, mnt_userns) != READ(older_root, mnt_userns);
}

inline_ void tell_executable(struct thread_record *r, struct file *exe)
{
	struct inode *inode = READ(exe, f_inode);
	struct vfsmount *vfs = READ(exe, f_path.mnt);
	r->flags |= THREAD_HAS_EXE;
	r->exe_ino = READ(inode, i_ino);
	r->exe_ctime = INODE_CTIME(inode);
	r->exe_mtime = INODE_MTIME(inode);
	r->exe_uid = READ(inode, i_uid.val);
	r->exe_gid = READ(inode, i_gid.val);
	r->exe_mode = READ(inode, i_mode);
	if (READ2(inode, i_sb, s_flags) & SB_RDONLY || READ(vfs, mnt_flags) & MNT_READONLY)
		r->flags |= THREAD_EXE_READ_ONLY;
	if (maps_owners(vfs))
		r->flags |= THREAD_EXE_OWNER_MAPPED;
	enum layer layer = READ(inode, i_nlink) ? layer_of(exe) : LAYER_NONE;
	if (layer != LAYER_NONE)
		r->flags |= layer == LAYER_UPPER ? THREAD_EXE_UPPER : THREAD_EXE_LOWER;
	r->exepath_length = append_path(r, &exe->f_path, THREAD_EXE_PATH_CUT);
}

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

SEC("iter/task")
int scan_threads(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct thread_record *r = (struct thread_record *)record;
	union bpf_iter_link_info *link = NULL;

	selection.restricts = field_exists(link->task);
	if (!task || (selection.tid && selection.tid != (u32)task->pid))
		return 0;
	struct task_struct *leader = task->group_leader;
	bool is_leader = task->pid == task->tgid;
	__builtin_memset(r, 0, sizeof(*r));
	r->size = sizeof(*r);
	r->tid = task->pid;
	r->pid = task->tgid;
	if (!v_user_task(task)) {
		r->flags = THREAD_OF_KERNEL;
		send(ctx->meta);
		return 0;
	}
	r->ptid = READ2(task, real_parent, tgid);
	bpf_probe_read_kernel(r->comm, sizeof(r->comm), &task->comm);

	struct signal_struct *signal = task->signal;
	struct pid *own = READ(task, thread_pid), *group = READ(signal, pids[PIDTYPE_PGID]);
	struct pid *session = READ(signal, pids[PIDTYPE_SID]);
	u32 level = READ(own, level);
	struct upid *id = innermost(own);
	struct pid_namespace *ns = READ(id, ns);
	r->sid = READ((struct upid *)&session->numbers, nr);
	r->pgid = READ((struct upid *)&group->numbers, nr);
	r->vtid = READ(id, nr);
	r->vpid = is_leader ? r->vtid : id_in(READ(signal, pids[PIDTYPE_TGID]), ns, level);
	r->vpgid = id_in(group, ns, level);
	r->pidns_start = READ2(ns, child_reaper, start_boottime);
	r->start = task->start_boottime;

	struct cred *cred = READ(task, real_cred);
	r->uid = READ(cred, euid.val);
	r->gid = READ(cred, egid.val);
	r->cap_permitted = capability_bits(&cred->cap_permitted);
	r->cap_effective = capability_bits(&cred->cap_effective);
	r->cap_inheritable = capability_bits(&cred->cap_inheritable);
	r->loginuid = v_loginuid(task);
	r->tty = v_tty(task);
	r->pfminor = task->min_flt;
	r->pfmajor = task->maj_flt;
	r->threads = READ(signal, nr_threads);
	if (is_leader) {
		r->past_pfminor = READ(signal, min_flt);
		r->past_pfmajor = READ(signal, maj_flt);
	}

	struct mm_struct *mm = task->mm;
	if (mm) {
		r->vm_pages = READ(mm, total_vm);
		r->rss_pages = RSS_STAT(mm, MM_FILEPAGES) + RSS_STAT(mm, MM_ANONPAGES) + RSS_STAT(mm, MM_SHMEMPAGES);
		r->swap_pages = RSS_STAT(mm, MM_SWAPENTS);
	}
	struct css_set *set = READ(task, cgroups);
	r->cgroup_set = (u64)set;
	r->cgroup_ids = is_leader || selection.whole || set != READ(leader, cgroups) ? cgroup_ids(set) : 0;

	if (is_leader || selection.whole) {
		r->fdlimit = READ(signal, rlim[7 /* RLIMIT_NOFILE */].rlim_cur);
		struct file *exe = mm ? READ(mm, exe_file) : NULL;
		if (exe)
			tell_executable(r, exe);
	}
	struct fs_struct *fs = READ(task, fs);
	if (fs) {
		r->flags |= THREAD_HAS_FS;
		if (!is_leader && !selection.whole && fs == READ(leader, fs)) {
			r->flags |= THREAD_SHARES_FS;
		} else {
			r->cwd_length = append_path(r, &fs->pwd, THREAD_CWD_CUT);
			r->root_length = append_path(r, &fs->root, THREAD_ROOT_CUT);
		}
	}
	send(ctx->meta);
	return 0;
}

#define SOCKFS_MAGIC 0x534f434b
#define S_IFMT 0170000
#define S_IFSOCK 0140000
#define UNIX_NAME_OFFSET 2
#define UNIX_NAME_MAX 128

inline_ void tell_socket(struct file_record *r, struct sock *sock)
{
	r->flags |= FILE_SOCKET;
	r->family = READ(sock, __sk_common.skc_family);
	r->type = READ(sock, sk_type);
	r->protocol = READ(sock, sk_protocol);
	if (r->family == AF_INET || r->family == AF_INET6) {
		r->own_port = READ(sock, __sk_common.skc_num);
		u16 port = READ(sock, __sk_common.skc_dport);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		port = __builtin_bswap16(port);
#endif
		r->other_port = port;
		if (READ(sock, __sk_common.skc_node.pprev))
			r->flags |= FILE_SOCKET_HASHED;
		if (r->family == AF_INET) {
			*(u32 *)r->own_ip = READ(sock, __sk_common.skc_rcv_saddr);
			*(u32 *)r->other_ip = READ(sock, __sk_common.skc_daddr);
		} else if (field_exists(sock->__sk_common.skc_v6_daddr)) {
			bpf_probe_read_kernel(r->own_ip, sizeof(r->own_ip), &sock->__sk_common.skc_v6_rcv_saddr);
			bpf_probe_read_kernel(r->other_ip, sizeof(r->other_ip), &sock->__sk_common.skc_v6_daddr);
		}
	} else if (r->family == AF_UNIX) {
		struct unix_sock *unix = (struct unix_sock *)sock;
		struct unix_address *name = READ(unix, addr);
		u32 length = name ? READ(name, len) : 0; /* of 110 bytes at most, with the family */
		r->own = (u64)sock;
		r->other = (u64)READ(unix, peer);
		if (length > UNIX_NAME_OFFSET) {
			u64 size = (length - UNIX_NAME_OFFSET) & (UNIX_NAME_MAX - 1);
			opaque(size);
			size &= UNIX_NAME_MAX - 1;
			if (!bpf_probe_read_kernel(record + sizeof(*r), size, (u8 *)&name->name + UNIX_NAME_OFFSET)) {
				r->text_length = size;
				r->size += size;
			}
		}
	}
}

struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	u32 fd;
	struct file *file;
};

SEC("iter/task_file")
int scan_files(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct file_record *r = (struct file_record *)record;
	union bpf_iter_link_info *link = NULL;
	u32 fd = ctx->fd;

	selection.restricts = field_exists(link->task);
	/* Reports the fds of main threads. A thread with an fd table of its own (clone without CLONE_FILES) is skipped. */
	if (!task || !file || task->pid != task->tgid || (selection.pid && selection.pid != (u32)task->tgid) ||
	    (selection.fd != -1 && selection.fd != (s32)fd))
		return 0;
	struct inode *inode = file->f_inode;
	struct vfsmount *vfs = READ(file, f_path.mnt);
	struct mount *mount = container_of(vfs, struct mount, mnt);
	u32 mode = READ(inode, i_mode);
	bool is_socket = (mode & S_IFMT) == S_IFSOCK;
	if (is_socket ? !selection.sockets : !selection.others)
		return 0;

	__builtin_memset(r, 0, sizeof(*r));
	r->size = sizeof(*r);
	r->pid = task->tgid;
	r->fd = fd;
	r->mode = mode;
	r->ino = READ(inode, i_ino);
	struct super_block *sb = READ(inode, i_sb);
	if (is_socket && READ(sb, s_magic) == SOCKFS_MAGIC) {
		struct socket *socket = READ(file, private_data);
		struct sock *sock = socket ? READ(socket, sk) : NULL;
		if (sock)
			tell_socket(r, sock);
		send(ctx->meta);
		return 0;
	}
	struct fdtable *table = READ2(task, files, fdt);
	unsigned long bits = 0;
	if (fd < READ(table, max_fds))
		bpf_probe_read_kernel(&bits, sizeof(bits), READ(table, close_on_exec) + fd / (8 * sizeof(bits)));
	if (bits >> (fd % (8 * sizeof(bits))) & 1)
		r->flags |= FILE_CLOSE_ON_EXEC;
	r->open_flags = READ(file, f_flags);
	r->mount_id = READ(mount, mnt_id);
	/* A mount internal to the kernel has a null or error pointer as namespace. */
	u64 ns = (u64)READ(mount, mnt_ns);
	r->dev = ns && ns < -4095UL ? encode_dev(READ2(vfs, mnt_sb, s_dev)) : 0;
	long length = bpf_d_path(&file->f_path, record + sizeof(*r), PATH_MAX);
	if (length > 0 && length <= PATH_MAX) {
		r->text_length = length - 1; /* without the terminator */
		r->size += r->text_length;
	} else {
		r->flags |= FILE_TEXT_CUT;
	}
	send(ctx->meta);
	return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
