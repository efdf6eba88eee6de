//! One open file of a process.

use scap_sys::{FdType, L4Proto};
use std::cell::Cell;
use std::net::{Ipv4Addr, Ipv6Addr};

/// An open file.
///
/// The public scalars come first and in this order, which C++ sees as data members of `sinsp_fdinfo`: append only.
#[derive(Debug, Clone)]
#[repr(C)]
pub struct Fd {
    /// Its number.
    pub fd: Cell<i64>,
    /// Its inode.
    pub ino: Cell<u64>,
    /// For a pidfd, the process it stands for.
    pub pid: Cell<i64>,
    /// Its kind.
    pub ty: Cell<FdType>,
    /// How a file was opened: `PPM_O_*`.
    pub open_flags: Cell<u32>,
    /// [`FdFlags`] bits.
    pub flags: Cell<u32>,
    /// The device it lies on.
    pub dev: Cell<u32>,
    /// The mount it lies in.
    pub mount_id: Cell<u32>,
    /// The socket's addresses.
    pub sock: SockInfo,
    /// What people know it by: the full path of a file, the tuple of a socket.
    pub name: Vec<u8>,
    /// The path as the program gave it.
    pub name_raw: Vec<u8>,
    /// Its name before the current event.
    pub old_name: Vec<u8>,
}

/// The addresses of a socket; ports in host order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub enum SockInfo {
    #[default]
    None,
    Ipv4 {
        sip: Ipv4Addr,
        dip: Ipv4Addr,
        sport: u16,
        dport: u16,
        proto: L4Proto,
    },
    Ipv6 {
        sip: Ipv6Addr,
        dip: Ipv6Addr,
        sport: u16,
        dport: u16,
        proto: L4Proto,
    },
    Ipv4Server {
        ip: Ipv4Addr,
        port: u16,
        proto: L4Proto,
    },
    Ipv6Server {
        ip: Ipv6Addr,
        port: u16,
        proto: L4Proto,
    },
    Unix {
        source: u64,
        destination: u64,
    },
}

/// Bits of [`Fd::flags`], as `sinsp_fdinfo::flags` has them.
#[allow(missing_docs)]
pub struct FdFlags;

#[allow(missing_docs)]
impl FdFlags {
    pub const FROM_PROC: u32 = 1;
    pub const ROLE_CLIENT: u32 = 1 << 2;
    pub const ROLE_SERVER: u32 = 1 << 3;
    pub const IS_SOCKET_PIPE: u32 = 1 << 6;
    pub const SOCKET_CONNECTED: u32 = 1 << 13;
    pub const IS_CLONED: u32 = 1 << 14;
    pub const CONNECTION_PENDING: u32 = 1 << 15;
    pub const CONNECTION_FAILED: u32 = 1 << 16;
    pub const OVERLAY_UPPER: u32 = 1 << 17;
    pub const OVERLAY_LOWER: u32 = 1 << 18;
}
