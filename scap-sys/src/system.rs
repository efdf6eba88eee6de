//! What is known of a system apart from its events: its threads, fds, users, interfaces and the machine itself.
//!
//! A capture file holds these in blocks before its events; live, the /proc scan collects them. Both report to a
//! [`SystemSink`].

use std::net::{Ipv4Addr, Ipv6Addr};

/// Who is told what the system looks like. Every method has an empty default, so that a sink takes only what it wants.
pub trait SystemSink {
    /// The machine and who captured on it.
    fn machine(&mut self, _machine: &MachineInfo) {}
    /// The network interfaces; replaces what was told before.
    fn interfaces(&mut self, _interfaces: Vec<Interface>) {}
    /// The users and groups; replaces what was told before.
    fn users(&mut self, _users: UserList) {}
    /// A thread that exists already.
    fn thread(&mut self, _thread: ThreadInfo) {}
    /// A file that the process `pid` has open already. Its thread was told before.
    fn fd(&mut self, _pid: i64, _fd: FdInfo) {}
    /// How a long scan goes on, in words, for a log.
    fn progress(&mut self, _message: &str) {}
}

/// A sink that forgets everything.
pub struct NoSink;
impl SystemSink for NoSink {}

/// The machine that the events come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MachineInfo {
    /// Number of processors.
    pub num_cpus: u32,
    /// Physical memory, in bytes.
    pub memory_bytes: u64,
    /// The highest pid that the kernel gives out.
    pub max_pid: u64,
    /// The machine's name.
    pub hostname: Vec<u8>,
    /// When it was booted: nanoseconds since the epoch.
    pub boot_ts: u64,
    /// `PPM_*` bits of the machine and the driver, as in the capture file.
    pub flags: u64,
}

/// The program that captures, and the kernel it runs on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AgentInfo {
    /// When it started: nanoseconds since the epoch.
    pub start_ts_epoch: u64,
    /// When it started: seconds since the boot.
    pub start_time: f64,
    /// The kernel's release (`uname -r`).
    pub kernel_release: Vec<u8>,
}

/// One address of a network interface.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Interface {
    pub name: Vec<u8>,
    pub address: InterfaceAddress,
    /// In bits per second; 0 where unknown.
    pub link_speed: u64,
}

/// The address of an interface, with its mask and broadcast address.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum InterfaceAddress {
    V4 { addr: Ipv4Addr, netmask: Ipv4Addr, broadcast: Ipv4Addr },
    V6 { addr: Ipv6Addr, netmask: Ipv6Addr, broadcast: Ipv6Addr },
}

/// A user of the machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct UserInfo {
    pub uid: u32,
    pub gid: u32,
    pub name: Vec<u8>,
    pub homedir: Vec<u8>,
    pub shell: Vec<u8>,
}

/// A group of users.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct GroupInfo {
    pub gid: u32,
    pub name: Vec<u8>,
}

/// The users and groups of the machine.
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
    /// The thread's id.
    pub tid: i64,
    /// The id of its process, which is the tid of the main thread.
    pub pid: i64,
    /// The pid of its parent.
    pub ptid: i64,
    /// Its session.
    pub sid: i64,
    /// Its process group as its own pid namespace counts.
    pub vpgid: i64,
    /// Its process group as the host counts; -1 where unknown.
    pub pgid: i64,
    /// Its name (`comm`).
    pub comm: Vec<u8>,
    /// `argv[0]`.
    pub exe: Vec<u8>,
    /// The full path of its executable.
    pub exepath: Vec<u8>,
    /// Whether the user who runs it may write its executable.
    pub exe_writable: bool,
    /// Whether its executable is on the upper layer of an overlayfs.
    pub exe_upper_layer: bool,
    /// Whether its executable is on the lower layer of an overlayfs.
    pub exe_lower_layer: bool,
    /// Whether its executable is a memfd.
    pub exe_from_memfd: bool,
    /// The arguments after `argv[0]`, each ended by a NUL.
    pub args: Vec<u8>,
    /// The environment, each variable ended by a NUL.
    pub env: Vec<u8>,
    /// The working directory.
    pub cwd: Vec<u8>,
    /// How many files it may open; -1 where unknown.
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
    /// Its tid in its own pid namespace; -1 where unknown.
    pub vtid: i64,
    /// Its pid in its own pid namespace; -1 where unknown.
    pub vpid: i64,
    /// When its pid namespace started: nanoseconds since the epoch.
    pub pidns_init_start_ts: u64,
    /// `controller=path`, each ended by a NUL.
    pub cgroups: Vec<u8>,
    /// Its root directory.
    pub root: Vec<u8>,
    /// When it was created: nanoseconds since the epoch.
    pub clone_ts: u64,
    /// Its controlling terminal, as a device number.
    pub tty: u32,
    /// The login uid; `u32::MAX` where not set.
    pub loginuid: u32,
}

impl Default for ThreadInfo {
    /// Nothing known: ids -1, uids `u32::MAX`, the rest empty.
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

/// The kind of a file descriptor (`scap_fd_type` in C; the numbers stand in capture files).
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
    /// The kind that has this number; `None` if there is none.
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
        // The first is -1; what lies below wraps around to numbers that are too large.
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
    /// The protocol that has this number; [`L4Proto::Unknown`] if there is none.
    pub fn from_number(number: u8) -> L4Proto {
        const PROTOS: [L4Proto; 6] =
            [L4Proto::Unknown, L4Proto::NotApplicable, L4Proto::Tcp, L4Proto::Udp, L4Proto::Icmp, L4Proto::Raw];
        PROTOS.get(usize::from(number)).copied().unwrap_or_default()
    }
}

/// An open file as the /proc scan or a capture's fd list describes it (`scap_fdinfo` in C).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FdInfo {
    /// Its number.
    pub fd: i64,
    /// Its inode.
    pub ino: u64,
    /// Its kind.
    pub ty: FdType,
    /// What is known of it, by kind.
    pub detail: FdDetail,
}

/// What is known of an open file beyond its number and kind.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum FdDetail {
    /// Nothing, or a name: pipes, anonymous inodes, directories and others.
    Name(Vec<u8>),
    /// A file with how it was opened and where it lies ([`FdType::FileV2`]).
    File { open_flags: u32, name: Vec<u8>, mount_id: u32, dev: u32 },
    /// A connected or connecting IPv4 socket; ports in host order.
    Ipv4 { sip: Ipv4Addr, dip: Ipv4Addr, sport: u16, dport: u16, proto: L4Proto },
    /// The same for IPv6.
    Ipv6 { sip: Ipv6Addr, dip: Ipv6Addr, sport: u16, dport: u16, proto: L4Proto },
    /// A bound IPv4 socket without a peer.
    Ipv4Server { ip: Ipv4Addr, port: u16, proto: L4Proto },
    /// The same for IPv6.
    Ipv6Server { ip: Ipv6Addr, port: u16, proto: L4Proto },
    /// A unix socket: the kernel addresses of both ends and its path.
    Unix { source: u64, destination: u64, name: Vec<u8> },
}
