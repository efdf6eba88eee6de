//! Captures: opening an engine, reading its events, changing what it captures; and what a system consists of.

use crate::types::scap_cgroup_set::scap_cgroup_set;
use crate::types::scap_limits::*;
use crate::types::uthash::UT_hash_handle;
use std::ffi::{c_char, c_int, c_void};

/// Counters of a capture; `capi/headers` finds them where they are defined.
pub use scap_sys::engine::Stats as scap_stats;

/// `scap_open_args.proc_scan_timeout_ms`: the scan of /proc runs to its end.
pub const SCAP_PROC_SCAN_TIMEOUT_NONE: u32 = 0;
/// `scap_open_args.proc_scan_log_interval_ms`: the scan of /proc logs nothing.
pub const SCAP_PROC_SCAN_LOG_NONE: u32 = 0;
/// The size of a ring when nobody asks for another, in bytes.
pub const DEFAULT_DRIVER_BUFFER_BYTES_DIM: u32 = 8 * 1024 * 1024;

/// The kind of a file descriptor.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum scap_fd_type {
    SCAP_FD_UNINITIALIZED = -1,
    SCAP_FD_UNKNOWN = 0,
    SCAP_FD_FILE = 1,
    SCAP_FD_DIRECTORY = 2,
    SCAP_FD_IPV4_SOCK = 3,
    SCAP_FD_IPV6_SOCK = 4,
    SCAP_FD_IPV4_SERVSOCK = 5,
    SCAP_FD_IPV6_SERVSOCK = 6,
    SCAP_FD_FIFO = 7,
    SCAP_FD_UNIX_SOCK = 8,
    SCAP_FD_EVENT = 9,
    SCAP_FD_UNSUPPORTED = 10,
    SCAP_FD_SIGNALFD = 11,
    SCAP_FD_EVENTPOLL = 12,
    SCAP_FD_INOTIFY = 13,
    SCAP_FD_TIMERFD = 14,
    SCAP_FD_NETLINK = 15,
    SCAP_FD_FILE_V2 = 16,
    SCAP_FD_BPF = 17,
    SCAP_FD_USERFAULTFD = 18,
    SCAP_FD_IOURING = 19,
    SCAP_FD_MEMFD = 20,
    SCAP_FD_PIDFD = 21,
}

/// A transport protocol.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum scap_l4_proto {
    /// Not known.
    SCAP_L4_UNKNOWN = 0,
    /// There is none: the fd is no socket.
    SCAP_L4_NA = 1,
    /// TCP.
    SCAP_L4_TCP = 2,
    /// UDP.
    SCAP_L4_UDP = 3,
    /// ICMP.
    SCAP_L4_ICMP = 4,
    /// Raw packets.
    SCAP_L4_RAW = 5,
}

/// An IPv4 socket with its peer; addresses in network order, ports in the machine's.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub struct scap_fdinfo_ipv4 {
    pub sip: u32,
    pub dip: u32,
    pub sport: u16,
    pub dport: u16,
    pub l4proto: u8,
}

/// An IPv6 socket with its peer.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub struct scap_fdinfo_ipv6 {
    pub sip: [u32; 4],
    pub dip: [u32; 4],
    pub sport: u16,
    pub dport: u16,
    pub l4proto: u8,
}

/// A bound IPv4 socket without a peer.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub struct scap_fdinfo_ipv4server {
    pub ip: u32,
    pub port: u16,
    pub l4proto: u8,
}

/// A bound IPv6 socket without a peer.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub struct scap_fdinfo_ipv6server {
    pub ip: [u32; 4],
    pub port: u16,
    pub l4proto: u8,
}

/// A unix socket: the kernel addresses of both ends, and its path.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub struct scap_fdinfo_unix {
    pub source: u64,
    pub destination: u64,
    pub fname: [c_char; SCAP_MAX_PATH_SIZE],
}

/// A file: how it was opened (`PPM_O_*`), its path, its mount and its device.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub struct scap_fdinfo_regular {
    pub open_flags: u32,
    pub fname: [c_char; SCAP_MAX_PATH_SIZE],
    pub mount_id: u32,
    pub dev: u32,
}

/// What is known of an fd; its type tells which member is in use.
#[repr(C)]
#[derive(Clone, Copy)]
pub union scap_fdinfo_info {
    /// `SCAP_FD_IPV4_SOCK`.
    pub ipv4info: scap_fdinfo_ipv4,
    /// `SCAP_FD_IPV6_SOCK`.
    pub ipv6info: scap_fdinfo_ipv6,
    /// `SCAP_FD_IPV4_SERVSOCK`.
    pub ipv4serverinfo: scap_fdinfo_ipv4server,
    /// `SCAP_FD_IPV6_SERVSOCK`.
    pub ipv6serverinfo: scap_fdinfo_ipv6server,
    /// `SCAP_FD_UNIX_SOCK`.
    pub unix_socket_info: scap_fdinfo_unix,
    /// `SCAP_FD_FILE_V2`.
    pub regularinfo: scap_fdinfo_regular,
    /// All others: a name.
    pub fname: [c_char; SCAP_MAX_PATH_SIZE],
}

/// A file descriptor.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct scap_fdinfo {
    /// Its number.
    pub fd: i64,
    /// Its inode.
    pub ino: u64,
    /// Its kind.
    pub r#type: crate::types::ints::scap_fd_type,
    /// What is known of it.
    pub info: scap_fdinfo_info,
    /// For whoever keeps it in a table.
    pub hh: UT_hash_handle,
}

// A buffer of the largest size and a NUL; cbindgen does not add.
const _: () =
    assert!(SCAP_MAX_PATH_SIZE + 1 == 1025 && SCAP_MAX_ARGS_SIZE + 1 == 4097 && SCAP_MAX_ENV_SIZE + 1 == 4097);

/// A thread.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct scap_threadinfo {
    /// Its id.
    pub tid: u64,
    /// The id of its process, which is the tid of the main thread.
    pub pid: u64,
    /// The id of its parent.
    pub ptid: u64,
    /// Its session.
    pub sid: u64,
    /// Its process group, as its own pid namespace counts.
    pub vpgid: u64,
    /// Its process group, as the host counts.
    pub pgid: u64,
    /// Its name.
    pub comm: [c_char; 1025],
    /// `argv[0]`.
    pub exe: [c_char; 1025],
    /// The full path of its executable.
    pub exepath: [c_char; 1025],
    /// Whether the user who runs it may write its executable.
    pub exe_writable: bool,
    /// Whether its executable is on the upper layer of an overlayfs.
    pub exe_upper_layer: bool,
    /// Whether its executable is on the lower layer of an overlayfs.
    pub exe_lower_layer: bool,
    /// Whether its executable is a memfd.
    pub exe_from_memfd: bool,
    /// The arguments after `argv[0]`, each ended by a NUL.
    pub args: [c_char; 4097],
    /// The length of all arguments.
    pub args_len: u16,
    /// The environment, each variable ended by a NUL.
    pub env: [c_char; 4097],
    /// The length of the environment.
    pub env_len: u16,
    /// The working directory.
    pub cwd: [c_char; 1025],
    /// How many files it may open.
    pub fdlimit: i64,
    /// `PPM_CL_*` flags.
    pub flags: u32,
    /// Its user.
    pub uid: u32,
    /// Its group.
    pub gid: u32,
    /// Its capabilities.
    pub cap_permitted: u64,
    /// Its capabilities in force.
    pub cap_effective: u64,
    /// The capabilities that it hands on.
    pub cap_inheritable: u64,
    /// The inode of its executable.
    pub exe_ino: u64,
    /// When that inode last changed: nanoseconds since the epoch.
    pub exe_ino_ctime: u64,
    /// When that file was last modified: nanoseconds since the epoch.
    pub exe_ino_mtime: u64,
    /// From the inode's change to the thread's start, in nanoseconds.
    pub exe_ino_ctime_duration_clone_ts: u64,
    /// From the start of its pid namespace to the inode's change, in nanoseconds.
    pub exe_ino_ctime_duration_pidns_start: u64,
    /// Virtual memory, in KiB.
    pub vmsize_kb: u32,
    /// Resident memory, in KiB.
    pub vmrss_kb: u32,
    /// Swapped memory, in KiB.
    pub vmswap_kb: u32,
    /// Major page faults since its start.
    pub pfmajor: u64,
    /// Minor page faults since its start.
    pub pfminor: u64,
    /// Its id in its own pid namespace.
    pub vtid: i64,
    /// The id of its process in its own pid namespace.
    pub vpid: i64,
    /// When its pid namespace started: nanoseconds since the epoch.
    pub pidns_init_start_ts: u64,
    /// Its cgroups.
    pub cgroups: scap_cgroup_set,
    /// Its root directory.
    pub root: [c_char; 1025],
    /// Not 0 if it is left out when a capture is written.
    pub filtered_out: c_int,
    /// Its fds, where whoever keeps it keeps them.
    pub fdlist: *mut scap_fdinfo,
    /// When it was created: nanoseconds since the epoch.
    pub clone_ts: u64,
    /// Its controlling terminal, as a device number.
    pub tty: u32,
    /// The login uid.
    pub loginuid: u32,
    /// For whoever keeps it in a table.
    pub hh: UT_hash_handle,
}

/// A mount and its device.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct scap_mountinfo {
    /// As in /proc/self/mountinfo.
    pub mount_id: u64,
    /// The device's number.
    pub dev: u32,
    /// For whoever keeps it in a table.
    pub hh: UT_hash_handle,
}

/// The kind of an interface's address, as it stands in capture files.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum scap_ifinfo_type {
    SCAP_II_UNKNOWN = 0,
    SCAP_II_IPV4 = 1,
    SCAP_II_IPV6 = 2,
    SCAP_II_IPV4_NOLINKSPEED = 3,
    SCAP_II_IPV6_NOLINKSPEED = 4,
}

/// An IPv4 address of an interface; addresses in network order.
#[repr(C, packed)]
#[derive(Clone, Copy)]
pub struct scap_ifinfo_ipv4 {
    /// A `scap_ifinfo_type`.
    pub r#type: u16,
    /// The length of the name.
    pub ifnamelen: u16,
    /// The address.
    pub addr: u32,
    /// Its netmask.
    pub netmask: u32,
    /// Its broadcast address.
    pub bcast: u32,
    /// In bits per second; 0 where unknown.
    pub linkspeed: u64,
    /// The interface.
    pub ifname: [c_char; SCAP_MAX_PATH_SIZE],
}

/// An IPv6 address of an interface.
#[repr(C, packed)]
#[derive(Clone, Copy)]
pub struct scap_ifinfo_ipv6 {
    /// A `scap_ifinfo_type`.
    pub r#type: u16,
    /// The length of the name.
    pub ifnamelen: u16,
    /// The address.
    pub addr: [c_char; SCAP_IPV6_ADDR_LEN],
    /// Its netmask.
    pub netmask: [c_char; SCAP_IPV6_ADDR_LEN],
    /// Its broadcast address.
    pub bcast: [c_char; SCAP_IPV6_ADDR_LEN],
    /// In bits per second; 0 where unknown.
    pub linkspeed: u64,
    /// The interface.
    pub ifname: [c_char; SCAP_MAX_PATH_SIZE],
}

/// The addresses of a machine.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct scap_addrlist {
    /// How many IPv4 addresses there are.
    pub n_v4_addrs: u32,
    /// How many IPv6 addresses there are.
    pub n_v6_addrs: u32,
    /// The bytes that they take in a capture file.
    pub totlen: u32,
    /// The IPv4 addresses.
    pub v4list: *mut scap_ifinfo_ipv4,
    /// The IPv6 addresses.
    pub v6list: *mut scap_ifinfo_ipv6,
}

/// The size of a user's or group's name, the NUL included.
pub const MAX_CREDENTIALS_STR_LEN: usize = 256;
/// An entry of a capture file's user list is a user.
pub const USERBLOCK_TYPE_USER: u32 = 0;
/// An entry of a capture file's user list is a group.
pub const USERBLOCK_TYPE_GROUP: u32 = 1;

/// A user of a machine.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub struct scap_userinfo {
    pub uid: u32,
    pub gid: u32,
    pub name: [c_char; MAX_CREDENTIALS_STR_LEN],
    pub homedir: [c_char; SCAP_MAX_PATH_SIZE],
    pub shell: [c_char; SCAP_MAX_PATH_SIZE],
}

/// A group of a machine.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub struct scap_groupinfo {
    pub gid: u32,
    pub name: [c_char; MAX_CREDENTIALS_STR_LEN],
}

/// The users and groups of a machine.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct scap_userlist {
    /// How many users there are.
    pub nusers: u32,
    /// How many groups there are.
    pub ngroups: u32,
    /// The bytes that they take in a capture file.
    pub totsavelen: u32,
    /// The users.
    pub users: *mut scap_userinfo,
    /// The groups.
    pub groups: *mut scap_groupinfo,
}

/// Whether an event is the enter or the exit of a call.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum event_direction {
    SCAP_ED_IN = 0,
    SCAP_ED_OUT = 1,
}

/// Flags of an event in a capture file.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum scap_dump_flags {
    /// None.
    SCAP_DF_NONE = 0,
    /// It changes the state and is not to be shown.
    SCAP_DF_STATE_ONLY = 1,
    /// Its parameters may be longer than 64 KiB.
    SCAP_DF_LARGE = 4,
}

/// A buffer and its size.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub struct scap_sized_buffer {
    pub buf: *mut c_void,
    pub size: usize,
}

/// A buffer that is only read, and its size.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub struct scap_const_sized_buffer {
    pub buf: *const c_void,
    pub size: usize,
}
