//! The description of a system without its events: the machine, threads, fds, users and interfaces.
//!
//! A capture file has it in blocks before the events; live, the /proc scan collects it. Both pass it to a [`SystemSink`].

use std::net::{Ipv4Addr, Ipv6Addr};

/// Receives the description of a system. All methods are empty by default.
pub trait SystemSink {
    /// The machine and the capturing program.
    fn machine(&mut self, _machine: &MachineInfo) {}
    /// The network interfaces; replaces earlier ones.
    fn interfaces(&mut self, _interfaces: Vec<Interface>) {}
    /// The users and groups; replaces earlier ones.
    fn users(&mut self, _users: UserList) {}
    /// A thread.
    fn thread(&mut self, _thread: ThreadInfo) {}
    /// An fd of the process `pid`, after the thread `pid`.
    fn fd(&mut self, _pid: i64, _fd: FdInfo) {}
    /// The progress of a long scan, as text for a log.
    fn progress(&mut self, _message: &str) {}
}

/// A sink that ignores everything.
pub struct NoSink;
impl SystemSink for NoSink {}

/// The machine that the events come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MachineInfo {
    /// The number of CPUs.
    pub num_cpus: u32,
    /// Physical memory, in bytes.
    pub memory_bytes: u64,
    /// The kernel's limit for pids (`kernel.pid_max`).
    pub max_pid: u64,
    /// The host name.
    pub hostname: Vec<u8>,
    /// The boot time: nanoseconds since the Unix epoch.
    pub boot_ts: u64,
    /// `PPM_*` bits of machine and driver, as in the capture file.
    pub flags: u64,
}

/// The capturing program and its kernel.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AgentInfo {
    /// The start time: nanoseconds since the Unix epoch.
    pub start_ts_epoch: u64,
    /// The start time: seconds since boot.
    pub start_time: f64,
    /// The kernel's release (`uname -r`).
    pub kernel_release: Vec<u8>,
}

/// An address of a network interface.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Interface {
    pub name: Vec<u8>,
    pub address: InterfaceAddress,
    /// In bits per second; 0 if unknown.
    pub link_speed: u64,
}

/// The address, netmask and broadcast address of an interface.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum InterfaceAddress {
    V4 { addr: Ipv4Addr, netmask: Ipv4Addr, broadcast: Ipv4Addr },
    V6 { addr: Ipv6Addr, netmask: Ipv6Addr, broadcast: Ipv6Addr },
}

/// A user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct UserInfo {
    pub uid: u32,
    pub gid: u32,
    pub name: Vec<u8>,
    pub homedir: Vec<u8>,
    pub shell: Vec<u8>,
}

/// A group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct GroupInfo {
    pub gid: u32,
    pub name: Vec<u8>,
}

/// Users and groups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct UserList {
    pub users: Vec<UserInfo>,
    pub groups: Vec<GroupInfo>,
}

/// A thread as the /proc scan or a capture's process list describes it.
///
/// `scap_threadinfo` in C has arrays in place of the vectors, and therefore repeats the docs: cbindgen takes them from the item that it
/// declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadInfo {
    /// The thread id, in the initial pid namespace.
    pub tid: i64,
    /// The process id: the tid of the main thread.
    pub pid: i64,
    /// The parent's pid.
    pub ptid: i64,
    /// The session id.
    pub sid: i64,
    /// The process group id in the thread's own pid namespace.
    pub vpgid: i64,
    /// The process group id in the initial pid namespace; -1 if unknown.
    pub pgid: i64,
    /// The command name (`comm`).
    pub comm: Vec<u8>,
    /// `argv[0]`.
    pub exe: Vec<u8>,
    /// The full path of the executable.
    pub exepath: Vec<u8>,
    /// Whether the thread's user may write the executable.
    pub exe_writable: bool,
    /// Whether the executable is in the upper layer of an overlayfs.
    pub exe_upper_layer: bool,
    /// Whether the executable is in the lower layer of an overlayfs.
    pub exe_lower_layer: bool,
    /// Whether the executable is a memfd.
    pub exe_from_memfd: bool,
    /// The arguments after `argv[0]`, each followed by a NUL.
    pub args: Vec<u8>,
    /// The environment variables, each followed by a NUL.
    pub env: Vec<u8>,
    /// The working directory.
    pub cwd: Vec<u8>,
    /// RLIMIT_NOFILE; -1 if unknown.
    pub fdlimit: i64,
    /// `PPM_CL_*` flags.
    pub flags: u32,
    /// The effective uid.
    pub uid: u32,
    /// The effective gid.
    pub gid: u32,
    /// The permitted capabilities.
    pub cap_permitted: u64,
    /// The effective capabilities.
    pub cap_effective: u64,
    /// The inheritable capabilities.
    pub cap_inheritable: u64,
    /// The inode number of the executable.
    pub exe_ino: u64,
    /// The ctime of the executable: nanoseconds since the Unix epoch.
    pub exe_ino_ctime: u64,
    /// The mtime of the executable: nanoseconds since the Unix epoch.
    pub exe_ino_mtime: u64,
    /// From the executable's ctime to the thread's start, in nanoseconds.
    pub exe_ino_ctime_duration_clone_ts: u64,
    /// From the start of the pid namespace to the executable's ctime, in nanoseconds.
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
    /// The tid in the thread's own pid namespace; -1 if unknown.
    pub vtid: i64,
    /// The pid in the thread's own pid namespace; -1 if unknown.
    pub vpid: i64,
    /// The start time of the pid namespace: nanoseconds since the Unix epoch.
    pub pidns_init_start_ts: u64,
    /// `subsystem=path` of each cgroup, each followed by a NUL.
    pub cgroups: Vec<u8>,
    /// The root directory.
    pub root: Vec<u8>,
    /// The start time: nanoseconds since the Unix epoch.
    pub clone_ts: u64,
    /// The controlling terminal, as a device number.
    pub tty: u32,
    /// The login uid; `u32::MAX` if not set.
    pub loginuid: u32,
}

impl Default for ThreadInfo {
    /// Ids -1, uids `u32::MAX`, the rest zero or empty.
    fn default() -> Self {
        ThreadInfo {
            tid: -1,
            pid: -1,
            ptid: -1,
            sid: -1,
            vpgid: -1,
            pgid: -1,
            comm: Vec::new(),
            exe: Vec::new(),
            exepath: Vec::new(),
            exe_writable: false,
            exe_upper_layer: false,
            exe_lower_layer: false,
            exe_from_memfd: false,
            args: Vec::new(),
            env: Vec::new(),
            cwd: Vec::new(),
            fdlimit: -1,
            flags: 0,
            uid: u32::MAX,
            gid: u32::MAX,
            cap_permitted: 0,
            cap_effective: 0,
            cap_inheritable: 0,
            exe_ino: 0,
            exe_ino_ctime: 0,
            exe_ino_mtime: 0,
            exe_ino_ctime_duration_clone_ts: 0,
            exe_ino_ctime_duration_pidns_start: 0,
            vmsize_kb: 0,
            vmrss_kb: 0,
            vmswap_kb: 0,
            pfmajor: 0,
            pfminor: 0,
            vtid: -1,
            vpid: -1,
            pidns_init_start_ts: 0,
            cgroups: Vec::new(),
            root: Vec::new(),
            clone_ts: 0,
            tty: 0,
            loginuid: u32::MAX,
        }
    }
}

/// The type of an fd (`scap_fd_type` in C). The numbers are part of the capture file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(i32)]
#[allow(missing_docs)]
pub enum FdType {
    Uninitialized = -1,
    Unknown = 0,
    File = 1,
    Directory = 2,
    Ipv4Sock = 3,
    Ipv6Sock = 4,
    Ipv4ServSock = 5,
    Ipv6ServSock = 6,
    Fifo = 7,
    UnixSock = 8,
    Event = 9,
    Unsupported = 10,
    SignalFd = 11,
    EventPoll = 12,
    Inotify = 13,
    TimerFd = 14,
    Netlink = 15,
    FileV2 = 16,
    Bpf = 17,
    UserfaultFd = 18,
    IoUring = 19,
    MemFd = 20,
    PidFd = 21,
}

impl FdType {
    /// The type with this number; `None` if there is none.
    #[inline]
    pub fn from_number(number: i32) -> Option<FdType> {
        const KINDS: [FdType; 23] = [
            FdType::Uninitialized,
            FdType::Unknown,
            FdType::File,
            FdType::Directory,
            FdType::Ipv4Sock,
            FdType::Ipv6Sock,
            FdType::Ipv4ServSock,
            FdType::Ipv6ServSock,
            FdType::Fifo,
            FdType::UnixSock,
            FdType::Event,
            FdType::Unsupported,
            FdType::SignalFd,
            FdType::EventPoll,
            FdType::Inotify,
            FdType::TimerFd,
            FdType::Netlink,
            FdType::FileV2,
            FdType::Bpf,
            FdType::UserfaultFd,
            FdType::IoUring,
            FdType::MemFd,
            FdType::PidFd,
        ];
        const {
            let mut i = 0;
            while i < KINDS.len() {
                assert!(KINDS[i] as i32 == i as i32 - 1);
                i += 1;
            }
        }
        // The first number is -1. Smaller ones wrap around to indexes beyond the array.
        KINDS.get(number.wrapping_add(1) as u32 as usize).copied()
    }
}

/// A transport protocol (`scap_l4_proto` in C).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum L4Proto {
    #[default]
    Unknown = 0,
    NotApplicable = 1,
    Tcp = 2,
    Udp = 3,
    Icmp = 4,
    Raw = 5,
}

impl L4Proto {
    /// The protocol with this number; [`L4Proto::Unknown`] if there is none.
    pub fn from_number(number: u8) -> L4Proto {
        const PROTOS: [L4Proto; 6] =
            [L4Proto::Unknown, L4Proto::NotApplicable, L4Proto::Tcp, L4Proto::Udp, L4Proto::Icmp, L4Proto::Raw];
        PROTOS.get(usize::from(number)).copied().unwrap_or_default()
    }
}

/// An fd as in the /proc scan or in a capture's fd list (`scap_fdinfo` in C).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FdInfo {
    /// The fd number.
    pub fd: i64,
    /// The inode number.
    pub ino: u64,
    /// The type.
    pub ty: FdType,
    /// The data that depends on the type.
    pub detail: FdDetail,
}

/// The data of an fd that depends on its type.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum FdDetail {
    /// A name, which may be empty: pipes, anonymous inodes, directories and others.
    Name(Vec<u8>),
    /// A file ([`FdType::FileV2`]).
    File { open_flags: u32, name: Vec<u8>, mount_id: u32, dev: u32 },
    /// A connected or connecting IPv4 socket; ports in host byte order.
    Ipv4 { sip: Ipv4Addr, dip: Ipv4Addr, sport: u16, dport: u16, proto: L4Proto },
    /// As `Ipv4`, for IPv6.
    Ipv6 { sip: Ipv6Addr, dip: Ipv6Addr, sport: u16, dport: u16, proto: L4Proto },
    /// An IPv4 socket that is bound but not connected.
    Ipv4Server { ip: Ipv4Addr, port: u16, proto: L4Proto },
    /// As `Ipv4Server`, for IPv6.
    Ipv6Server { ip: Ipv6Addr, port: u16, proto: L4Proto },
    /// A unix socket: the kernel addresses of both ends, and the path.
    Unix { source: u64, destination: u64, name: Vec<u8> },
}
