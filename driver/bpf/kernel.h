/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The kernel types that the probe reads, with the fields that it reads only. CO-RE: the loader finds each field's offset in the running kernel by
 * name. `struct name___version` is another version of `struct name`. Kernels from 5.8 on. */
#pragma once

#include "arch.h"
#include "uapi.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* Helpers that not every kernel has; tested with enum_exists(). */
enum bpf_func_id { BPF_FUNC_get_current_task_btf = 158 };

typedef struct { u32 val; } kuid_t;
typedef struct { u32 val; } kgid_t;
struct list_head { struct list_head *next, *prev; };
struct hlist_node { struct hlist_node *next, **pprev; };
struct hlist_bl_node { struct hlist_bl_node *next, **pprev; };
struct timespec64 { s64 tv_sec; long tv_nsec; };

/* --- files --- */
struct qstr { u32 len; const unsigned char *name; };
struct super_block { u32 s_dev; unsigned long s_flags, s_magic; };
struct inode {
	u16 i_mode;
	kuid_t i_uid;
	kgid_t i_gid;
	u32 i_flags, i_nlink;
	struct super_block *i_sb;
	unsigned long i_ino;
	struct timespec64 i_mtime, i_ctime;
};
struct inode___v6_6 { struct timespec64 __i_ctime; };
struct inode___v6_7 { struct timespec64 __i_mtime; };
struct inode___v6_11 {
	s64 i_mtime_sec, i_ctime_sec;
	u32 i_mtime_nsec, i_ctime_nsec;
};
struct dentry_operations { void *d_dname; };
struct dentry {
	struct hlist_bl_node d_hash;
	struct dentry_operations *d_op;
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
	struct super_block *d_sb;
};
struct vfsmount { struct dentry *mnt_root; struct super_block *mnt_sb; int mnt_flags; };
/* The id mapping of a mount. */
struct vfsmount___v5_12 { void *mnt_userns; };
struct vfsmount___v6_2 { void *mnt_idmap; };
struct mnt_namespace;
struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
	struct mnt_namespace *mnt_ns;
	int mnt_id;
};
struct path { struct vfsmount *mnt; struct dentry *dentry; };
struct file_operations;
struct file {
	u32 f_mode, f_flags;
	const struct file_operations *f_op;
	void *private_data;
	struct inode *f_inode;
	struct path f_path;
};
struct fdtable { u32 max_fds; struct file **fd; unsigned long *close_on_exec; };
struct files_struct { struct fdtable *fdt; };
struct fs_struct { struct path root, pwd; };
struct linux_binprm { const char *filename; };

/* --- control groups --- */
enum cgroup_subsys_id { cpuset_cgrp_id, cpu_cgrp_id, cpuacct_cgrp_id, io_cgrp_id, memory_cgrp_id, CGROUP_SUBSYS_COUNT };
struct kernfs_node { struct kernfs_node *parent; const char *name; u64 id; };
struct kernfs_node___v6_15 { struct kernfs_node *__parent; };
struct cgroup { struct kernfs_node *kn; };
struct cgroup_subsys { const char *name; };
struct cgroup_subsys_state { struct cgroup *cgroup; struct cgroup_subsys *ss; };
struct css_set { struct cgroup_subsys_state *subsys[16]; struct cgroup *dfl_cgrp; };

/* --- namespaces, users --- */
struct task_struct;
struct pid_namespace { struct task_struct *child_reaper; u32 level; };
struct upid { int nr; struct pid_namespace *ns; };
struct pid { u32 level; struct upid numbers[1]; };
enum pid_type { PIDTYPE_PID, PIDTYPE_TGID, PIDTYPE_PGID, PIDTYPE_SID };
struct nsproxy { struct pid_namespace *pid_ns_for_children; };
struct uid_gid_extent { u32 first, lower_first, count; };
struct uid_gid_map { u32 nr_extents; struct uid_gid_extent extent[5]; };
struct user_namespace { struct uid_gid_map uid_map, gid_map; };
struct group_info { int ngroups; kgid_t gid[1]; };
/* `u32 cap[2]` up to 6.2, `u64 val` since 6.3. */
struct kernel_cap_struct { u32 cap[2]; };
struct cred {
	kuid_t uid, euid, fsuid;
	kgid_t gid, egid, fsgid;
	struct kernel_cap_struct cap_inheritable, cap_permitted, cap_effective;
	struct user_namespace *user_ns;
	struct group_info *group_info;
};

/* --- memory --- */
enum { MM_FILEPAGES, MM_ANONPAGES, MM_SWAPENTS, MM_SHMEMPAGES, NR_MM_COUNTERS };
typedef struct { s64 counter; } atomic_long_t;
struct mm_rss_stat { atomic_long_t count[NR_MM_COUNTERS]; };
struct percpu_counter { s64 count; };
struct mm_struct {
	unsigned long total_vm, arg_start, arg_end, env_start, env_end;
	struct file *exe_file;
	struct mm_rss_stat rss_stat;
};
/* Since 6.2 the counters are per CPU; mm_rss_stat is gone. */
struct mm_struct___v6_2 { struct percpu_counter rss_stat[NR_MM_COUNTERS]; };

/* --- threads --- */
struct tty_driver { int major, minor_start; };
struct tty_struct { struct tty_driver *driver; int index; };
struct rlimit { unsigned long rlim_cur; };
struct signal_struct {
	int nr_threads;
	unsigned long min_flt, maj_flt;
	struct list_head thread_head;
	u32 is_child_subreaper : 1;
	u32 has_child_subreaper : 1;
	struct pid *pids[4];
	struct tty_struct *tty;
	struct rlimit rlim[16];
};
struct thread_info { unsigned long flags; u32 status; };
struct task_struct {
	struct thread_info thread_info;
	u32 flags;
	int exit_code;
	int pid, tgid;
	struct task_struct *real_parent, *group_leader;
	struct list_head children, thread_node;
	struct pid *thread_pid;
	u64 start_time, start_boottime;
	unsigned long min_flt, maj_flt;
	struct cred *cred, *real_cred;
	char comm[16];
	struct fs_struct *fs;
	struct files_struct *files;
	struct nsproxy *nsproxy;
	struct signal_struct *signal;
	struct mm_struct *mm;
	struct css_set *cgroups;
	kuid_t loginuid;
};
/* Container-Optimized OS stores the login uid in a separate struct. */
struct audit_task_info { kuid_t loginuid; };
struct task_struct___cos { struct audit_task_info *audit; };

/* --- signals --- */
struct siginfo_sender { int _pid; };
union __sifields { struct siginfo_sender _kill, _rt, _sigchld; };
struct kernel_siginfo { int si_code; union __sifields _sifields; };

/* --- sockets --- */
struct in6_addr { u8 bytes[16]; };
struct sock_common {
	u32 skc_daddr, skc_rcv_saddr;
	u16 skc_dport, skc_num;
	u16 skc_family;
	struct in6_addr skc_v6_daddr, skc_v6_rcv_saddr;
	struct hlist_node skc_node;
};
struct sock { struct sock_common __sk_common; u16 sk_type, sk_protocol; u32 sk_ack_backlog, sk_max_ack_backlog; };
struct socket { struct sock *sk; };
struct ipv6_pinfo { struct in6_addr saddr; };
struct inet_sock {
	struct sock sk;
	struct ipv6_pinfo *pinet6;
	u32 inet_saddr;
	u16 inet_sport;
};
struct sockaddr_un { u16 sun_family; char sun_path[108]; };
struct unix_address { int len; struct sockaddr_un name[0]; };
struct unix_sock { struct sock sk; struct unix_address *addr; struct sock *peer; };

/* --- iterators --- */
struct seq_file;
struct bpf_iter_meta { struct seq_file *seq; };
/* The restriction of an iterator's link: to one thread since 6.1. */
union bpf_iter_link_info { struct { u32 tid; } task; };

#pragma clang attribute pop

/* Whether the kernel returns the current task with its type, so that its fields can be read by plain loads: since 5.11. */
#define TYPED_TASK enum_exists(enum bpf_func_id, BPF_FUNC_get_current_task_btf)

inline_ struct task_struct *current_task(void)
{
	return TYPED_TASK ? bpf_get_current_task_btf() : bpf_get_current_task();
}

/* A field of a task, or behind one or two pointers of a task. Only for task pointers from the tracepoint's arguments or current_task(). */
#define TASK(task, a)                                      \
	({                                                 \
		typeof((task)->a) got_;                    \
		if (TYPED_TASK)                            \
			got_ = (task)->a;                  \
		else                                       \
			got_ = READ(task, a);              \
		got_;                                      \
	})
#define TASK2(task, a, b)                                  \
	({                                                 \
		typeof((task)->a->b) got_;                 \
		if (TYPED_TASK)                            \
			got_ = (task)->a->b;               \
		else                                       \
			got_ = READ2(task, a, b);          \
		got_;                                      \
	})

/* Whether the caller is a 32-bit process on a 64-bit kernel, with its own call numbers and registers. On x86_64 it is reported as the native call
 * of the same name; on other architectures it is not reported. */
inline_ bool is_compat(struct task_struct *task)
{
#if defined(TARGET_x86_64)
	return TASK(task, thread_info.status) & 0x2; /* TS_COMPAT */
#elif defined(TARGET_aarch64)
	return TASK(task, thread_info.flags) & (1UL << 22); /* TIF_32BIT */
#elif defined(TARGET_s390x)
	return TASK(task, thread_info.flags) & (1UL << 16); /* TIF_31BIT */
#elif defined(TARGET_powerpc64)
	return TASK(task, thread_info.flags) & (1UL << 20); /* TIF_32BIT */
#else
	(void)task;
	return false;
#endif
}
