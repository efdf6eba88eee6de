//! The exceptions to the rules of [`super`].
//!
//! Parameters are matched by their names in the event table; the tables here have only what the names do not say.

use driver::EventType as E;

/// A successor of an event type.
pub struct Upgrade {
    /// The old type.
    pub from: E,
    /// The new type.
    pub to: E,
    /// The number of parameters that the new type had when it replaced the old one; it may have more now.
    pub params: u8,
}

const fn up(from: E, to: E, params: u8) -> Upgrade {
    Upgrade { from, to, params }
}

/// The types that are converted to another type.
pub const UPGRADES: &[Upgrade] = &[
    up(E::SYSCALL_LINK_X, E::SYSCALL_LINK_2_X, 3),
    up(E::SYSCALL_LINKAT_X, E::SYSCALL_LINKAT_2_X, 6),
    up(E::SYSCALL_UNLINK_X, E::SYSCALL_UNLINK_2_X, 2),
    up(E::SYSCALL_UNLINKAT_X, E::SYSCALL_UNLINKAT_2_X, 4),
    up(E::SYSCALL_MKDIR_X, E::SYSCALL_MKDIR_2_X, 3),
    up(E::SYSCALL_RMDIR_X, E::SYSCALL_RMDIR_2_X, 2),
    up(E::SYSCALL_OPENAT_X, E::SYSCALL_OPENAT_2_X, 7),
    up(E::SYSCALL_DUP_X, E::SYSCALL_DUP_1_X, 2),
    up(E::SYSCALL_BRK_1_X, E::SYSCALL_BRK_4_X, 5),
    up(E::SYSCALL_IOCTL_2_X, E::SYSCALL_IOCTL_3_X, 4),
    up(E::SYSCALL_NEWSELECT_X, E::SYSCALL_SELECT_X, 1),
    up(E::SYSCALL_UMOUNT_X, E::SYSCALL_UMOUNT_1_X, 2),
    up(E::SYSCALL_BPF_X, E::SYSCALL_BPF_2_X, 2),
    up(E::SOCKET_ACCEPT_X, E::SOCKET_ACCEPT_5_X, 5),
    up(E::SOCKET_ACCEPT4_X, E::SOCKET_ACCEPT4_6_X, 6),
    up(E::SOCKET_ACCEPT4_5_X, E::SOCKET_ACCEPT4_6_X, 6),
    up(E::SCHEDSWITCH_1_E, E::SCHEDSWITCH_6_E, 6),
    up(E::PROCEXIT_E, E::PROCEXIT_1_E, 5),
    up(E::CONTAINER_E, E::CONTAINER_JSON_E, 1),
    up(E::CONTAINER_JSON_E, E::CONTAINER_JSON_2_E, 1),
    up(E::SYSCALL_CLONE_11_X, E::SYSCALL_CLONE_16_X, 16),
    up(E::SYSCALL_CLONE_16_X, E::SYSCALL_CLONE_17_X, 17),
    up(E::SYSCALL_CLONE_17_X, E::SYSCALL_CLONE_20_X, 20),
    up(E::SYSCALL_FORK_X, E::SYSCALL_FORK_17_X, 17),
    up(E::SYSCALL_FORK_17_X, E::SYSCALL_FORK_20_X, 20),
    up(E::SYSCALL_VFORK_X, E::SYSCALL_VFORK_17_X, 17),
    up(E::SYSCALL_VFORK_17_X, E::SYSCALL_VFORK_20_X, 20),
    up(E::SYSCALL_EXECVE_8_E, E::SYSCALL_EXECVE_13_E, 0),
    up(E::SYSCALL_EXECVE_13_E, E::SYSCALL_EXECVE_14_E, 0),
    up(E::SYSCALL_EXECVE_14_E, E::SYSCALL_EXECVE_15_E, 0),
    up(E::SYSCALL_EXECVE_15_E, E::SYSCALL_EXECVE_16_E, 0),
    up(E::SYSCALL_EXECVE_16_E, E::SYSCALL_EXECVE_17_E, 0),
    up(E::SYSCALL_EXECVE_17_E, E::SYSCALL_EXECVE_18_E, 1),
    up(E::SYSCALL_EXECVE_18_E, E::SYSCALL_EXECVE_19_E, 1),
    up(E::SYSCALL_EXECVE_8_X, E::SYSCALL_EXECVE_13_X, 13),
    up(E::SYSCALL_EXECVE_13_X, E::SYSCALL_EXECVE_14_X, 14),
    up(E::SYSCALL_EXECVE_14_X, E::SYSCALL_EXECVE_15_X, 15),
    up(E::SYSCALL_EXECVE_15_X, E::SYSCALL_EXECVE_16_X, 16),
    up(E::SYSCALL_EXECVE_16_X, E::SYSCALL_EXECVE_17_X, 17),
    up(E::SYSCALL_EXECVE_17_X, E::SYSCALL_EXECVE_18_X, 17),
    up(E::SYSCALL_EXECVE_18_X, E::SYSCALL_EXECVE_19_X, 18),
];

/// Parameters with another name in the old type or its enter event: old type, name in the new type, name in the old type.
pub const RENAMED: &[(E, &str, &str)] = &[
    (E::SYSCALL_DUP_X, "oldfd", "fd"),
    (E::SYSCALL_BRK_1_X, "vm_size", "size"),
    (E::SYSCALL_BPF_X, "fd", "res_or_fd"),
];

/// Enter events that are delivered, because the state depends on them. `true` if their exit event needs them, too.
pub const SHOWN: &[(E, bool)] = &[
    (E::SYSCALL_OPEN_E, false),
    (E::SYSCALL_CREAT_E, false),
    (E::SYSCALL_OPENAT_2_E, false),
    (E::SYSCALL_OPENAT2_E, false),
    (E::SYSCALL_EXECVEAT_E, false),
    (E::SYSCALL_EXECVE_19_E, true),
    (E::SOCKET_CONNECT_E, true),
];

/// Intermediate numbers of parameters at which a conversion stops, because an enter event is used for one conversion only.
pub const STAGES: &[(E, u8)] = &[(E::SOCKET_CONNECT_X, 3), (E::SOCKET_RECVMSG_X, 5), (E::SYSCALL_PTRACE_X, 3)];

/// Types whose missing parameters are null. For other types they are zero, or all ones for uids and gids.
pub const NULL_IF_MISSING: &[E] = &[
    E::GENERIC_X,
    E::SYSCALL_OPEN_E,
    E::SYSCALL_OPEN_X,
    E::SYSCALL_LINK_X,
    E::SYSCALL_LINKAT_X,
    E::SYSCALL_UNLINK_X,
    E::SYSCALL_UNLINKAT_X,
    E::SYSCALL_DUP_X,
    E::SYSCALL_PRLIMIT_X,
    E::SCHEDSWITCH_1_E,
    E::PROCEXIT_E,
    E::SYSCALL_BRK_1_X,
    E::SYSCALL_BRK_4_X,
    E::SYSCALL_EXECVE_17_E,
    E::SYSCALL_EXECVE_8_X,
    E::SYSCALL_EXECVE_13_X,
    E::SYSCALL_EXECVE_14_X,
    E::SYSCALL_EXECVE_15_X,
    E::SYSCALL_EXECVE_16_X,
    E::SYSCALL_EXECVE_18_X,
    E::SYSCALL_EXECVE_19_X,
    E::SYSCALL_EXECVEAT_X,
    E::SYSCALL_CLONE_11_X,
    E::SYSCALL_CLONE_16_X,
    E::SYSCALL_CLONE_17_X,
    E::SYSCALL_CLONE_20_X,
    E::SYSCALL_CLONE3_X,
    E::SYSCALL_FORK_X,
    E::SYSCALL_FORK_17_X,
    E::SYSCALL_FORK_20_X,
    E::SYSCALL_VFORK_X,
    E::SYSCALL_VFORK_17_X,
    E::SYSCALL_VFORK_20_X,
    E::SOCKET_SENDMMSG_X,
    E::SOCKET_RECVMMSG_X,
    E::SYSCALL_CREAT_E,
    E::SYSCALL_CREAT_X,
    E::SYSCALL_MKDIR_X,
    E::SYSCALL_MKDIR_2_X,
    E::SYSCALL_RMDIR_X,
    E::SYSCALL_OPENAT_X,
    E::SYSCALL_OPENAT_2_E,
    E::SYSCALL_OPENAT_2_X,
    E::SYSCALL_OPENAT2_E,
    E::SYSCALL_OPENAT2_X,
    E::SYSCALL_IOCTL_2_X,
    E::SYSCALL_PTRACE_X,
    E::SYSCALL_SETRESUID_X,
    E::SYSCALL_SETRESGID_X,
    E::SYSCALL_SETUID_X,
    E::SYSCALL_SETGID_X,
    E::SYSCALL_SETPGID_X,
    E::SYSCALL_SETNS_X,
    E::SYSCALL_FCHDIR_X,
    E::SYSCALL_BPF_X,
    E::CONTAINER_E,
];

/// Exceptions to [`NULL_IF_MISSING`]: a result is never null.
pub const ZERO_IF_MISSING: &[(E, &str)] = &[(E::SOCKET_SENDMMSG_X, "res"), (E::SOCKET_RECVMMSG_X, "res")];
