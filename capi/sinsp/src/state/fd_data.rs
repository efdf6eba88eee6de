//! The data of fds in the form that C has for them.

use sinsp_core::state::L4Proto;
use sinsp_core::state::store::FdScalars;
use sinsp_core::state::{Fd, SockInfo};
use std::mem::offset_of;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The scalars of an open file: append only.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_fd {
    /// Its number.
    pub fd: i64,
    /// Its inode.
    pub ino: u64,
    /// For a pidfd, the process it stands for.
    pub pid: i64,
    /// Its kind: `SCAP_FD_*`.
    pub kind: i32,
    /// How a file was opened: `PPM_O_*`.
    pub open_flags: u32,
    /// `sinsp_fdinfo::flags`.
    pub flags: u32,
    /// The device it lies on.
    pub dev: u32,
    /// The mount it lies in.
    pub mount_id: u32,
}

const _: () = {
    assert!(offset_of!(sinsp_fd, fd) == offset_of!(FdScalars, fd));
    assert!(offset_of!(sinsp_fd, ino) == offset_of!(FdScalars, ino));
    assert!(offset_of!(sinsp_fd, pid) == offset_of!(FdScalars, pid));
    assert!(offset_of!(sinsp_fd, kind) == offset_of!(FdScalars, ty));
    assert!(offset_of!(sinsp_fd, open_flags) == offset_of!(FdScalars, open_flags));
    assert!(offset_of!(sinsp_fd, flags) == offset_of!(FdScalars, flags));
    assert!(offset_of!(sinsp_fd, dev) == offset_of!(FdScalars, dev));
    assert!(offset_of!(sinsp_fd, mount_id) == offset_of!(FdScalars, mount_id));
};

impl sinsp_fd {
    /// Copies the scalars of a file, at most `size` bytes.
    ///
    /// # Safety
    /// `out` must be null or writable for `size` bytes.
    pub(crate) unsafe fn copy(fd: &Fd, out: *mut sinsp_fd, size: usize) -> bool {
        let scalars: &FdScalars = fd;
        if out.is_null() {
            return false;
        }
        // SAFETY: not null, and by `# Safety` writable for `size` bytes; both structs are laid out alike.
        unsafe {
            let size = size.min(size_of::<FdScalars>());
            std::ptr::copy_nonoverlapping((&raw const *scalars).cast::<u8>(), out.cast(), size);
        }
        true
    }
}

/// The texts of an fd.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum sinsp_fd_text_id {
    /// Its name: the full path of a file, the tuple of a socket.
    SINSP_FD_NAME = 0,
    /// The path as the program passed it.
    SINSP_FD_NAME_RAW = 1,
    /// Its name before the current event.
    SINSP_FD_OLD_NAME = 2,
    /// The word for its kind, such as `file`.
    SINSP_FD_TYPE_NAME = 3,
}

/// The addresses of a socket.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct sinsp_sock {
    /// 0 none, 4 IPv4, 6 IPv6, 1 unix.
    pub family: u8,
    /// `SCAP_L4_*`.
    pub l4proto: u8,
    /// Whether it is bound without a peer: then the server's address and port stand in `dip` and `dport`.
    pub server: bool,
    /// The client's port, in host order.
    pub sport: u16,
    /// The server's port, in host order.
    pub dport: u16,
    /// The client's address, in network order; the first 4 bytes for IPv4.
    pub sip: [u8; 16],
    /// The server's address, in network order; the first 4 bytes for IPv4.
    pub dip: [u8; 16],
    /// The kernel address of a unix socket's own end.
    pub source: u64,
    /// The kernel address of its peer.
    pub destination: u64,
}

fn widened(ip: [u8; 4]) -> [u8; 16] {
    let mut wide = [0; 16];
    wide[..4].copy_from_slice(&ip);
    wide
}

fn narrowed(ip: [u8; 16]) -> Ipv4Addr {
    Ipv4Addr::new(ip[0], ip[1], ip[2], ip[3])
}

impl sinsp_sock {
    /// The form for C.
    pub(crate) fn of(info: &SockInfo) -> sinsp_sock {
        let none = sinsp_sock::default();
        match *info {
            SockInfo::None => none,
            SockInfo::Ipv4 { sip, dip, sport, dport, proto } => {
                let (sip, dip) = (widened(sip.octets()), widened(dip.octets()));
                sinsp_sock { family: 4, l4proto: proto as u8, sport, dport, sip, dip, ..none }
            }
            SockInfo::Ipv6 { sip, dip, sport, dport, proto } => {
                let (sip, dip) = (sip.octets(), dip.octets());
                sinsp_sock { family: 6, l4proto: proto as u8, sport, dport, sip, dip, ..none }
            }
            SockInfo::Ipv4Server { ip, port, proto } => {
                let dip = widened(ip.octets());
                sinsp_sock { family: 4, l4proto: proto as u8, server: true, dport: port, dip, ..none }
            }
            SockInfo::Ipv6Server { ip, port, proto } => {
                let dip = ip.octets();
                sinsp_sock { family: 6, l4proto: proto as u8, server: true, dport: port, dip, ..none }
            }
            SockInfo::Unix { source, destination } => sinsp_sock { family: 1, source, destination, ..none },
        }
    }

    /// The core's form; without addresses for a family that there is not.
    pub(crate) fn info(&self) -> SockInfo {
        let proto = L4Proto::from_number(self.l4proto);
        let (sport, dport) = (self.sport, self.dport);
        match (self.family, self.server) {
            (4, false) => SockInfo::Ipv4 { sip: narrowed(self.sip), dip: narrowed(self.dip), sport, dport, proto },
            (6, false) => {
                SockInfo::Ipv6 { sip: Ipv6Addr::from(self.sip), dip: Ipv6Addr::from(self.dip), sport, dport, proto }
            }
            (4, true) => SockInfo::Ipv4Server { ip: narrowed(self.dip), port: dport, proto },
            (6, true) => SockInfo::Ipv6Server { ip: Ipv6Addr::from(self.dip), port: dport, proto },
            (1, _) => SockInfo::Unix { source: self.source, destination: self.destination },
            _ => SockInfo::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_cross_the_border_and_come_back() {
        let (v4, v6) = (Ipv4Addr::new(1, 2, 3, 4), Ipv6Addr::LOCALHOST);
        let proto = L4Proto::Udp;
        for info in [
            SockInfo::None,
            SockInfo::Ipv4 { sip: v4, dip: Ipv4Addr::LOCALHOST, sport: 5, dport: 6, proto },
            SockInfo::Ipv6 { sip: v6, dip: Ipv6Addr::UNSPECIFIED, sport: 5, dport: 6, proto },
            SockInfo::Ipv4Server { ip: v4, port: 7, proto },
            SockInfo::Ipv6Server { ip: v6, port: 7, proto },
            SockInfo::Unix { source: 8, destination: 9 },
        ] {
            assert_eq!(sinsp_sock::of(&info).info(), info);
        }
    }
}
