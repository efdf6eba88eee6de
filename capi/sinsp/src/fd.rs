//! An open file as C sees it.

use crate::ffi::{guard_plain, sinsp_str};
use sinsp_core::state::{Fd, SockInfo};
use std::ffi::c_void;
use std::mem::offset_of;

/// An open file. C sees its public scalars, which it may change; there is more behind them.
#[repr(C)]
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
    assert!(offset_of!(sinsp_fd, fd) == offset_of!(Fd, fd));
    assert!(offset_of!(sinsp_fd, ino) == offset_of!(Fd, ino));
    assert!(offset_of!(sinsp_fd, pid) == offset_of!(Fd, pid));
    assert!(offset_of!(sinsp_fd, kind) == offset_of!(Fd, ty));
    assert!(offset_of!(sinsp_fd, open_flags) == offset_of!(Fd, open_flags));
    assert!(offset_of!(sinsp_fd, flags) == offset_of!(Fd, flags));
    assert!(offset_of!(sinsp_fd, dev) == offset_of!(Fd, dev));
    assert!(offset_of!(sinsp_fd, mount_id) == offset_of!(Fd, mount_id));
};

impl sinsp_fd {
    /// The pointer that C gets.
    pub fn hand_out(fd: &Fd) -> *mut sinsp_fd {
        (&raw const *fd).cast_mut().cast()
    }

    /// The core's object behind C's pointer.
    ///
    /// # Safety
    /// `fd` must be null or have been handed out and not be outdated.
    pub(crate) unsafe fn core<'a>(fd: *const sinsp_fd) -> Option<&'a Fd> {
        // SAFETY: the caller vouches that it is one of ours.
        unsafe { fd.cast::<Fd>().as_ref() }
    }
}

/// The texts of an fd.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum sinsp_fd_text_id {
    /// What people know it by: the full path of a file, the tuple of a socket.
    SINSP_FD_NAME = 0,
    /// The path as the program gave it.
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

fn sock(info: &SockInfo) -> sinsp_sock {
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
            sinsp_sock { family: 4, l4proto: proto as u8, server: true, dport: port, dip: widened(ip.octets()), ..none }
        }
        SockInfo::Ipv6Server { ip, port, proto } => {
            sinsp_sock { family: 6, l4proto: proto as u8, server: true, dport: port, dip: ip.octets(), ..none }
        }
        SockInfo::Unix { source, destination } => sinsp_sock { family: 1, source, destination, ..none },
    }
}

/// A text of an fd (`sinsp_fd_text_id`), borrowed like the fd itself; empty for null.
///
/// # Safety
/// `fd` must be null or borrowed from an inspector and not outdated.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_fd_text(fd: *const sinsp_fd, which: u32) -> sinsp_str {
    use sinsp_fd_text_id as Id;
    // SAFETY: the caller vouches for it.
    let Some(fd) = (unsafe { sinsp_fd::core(fd) }) else { return sinsp_str::EMPTY };
    guard_plain(sinsp_str::EMPTY, || match which {
        w if w == Id::SINSP_FD_NAME as u32 => sinsp_str::of(&fd.name),
        w if w == Id::SINSP_FD_NAME_RAW as u32 => sinsp_str::of(&fd.name_raw),
        w if w == Id::SINSP_FD_OLD_NAME as u32 => sinsp_str::of(&fd.old_name),
        w if w == Id::SINSP_FD_TYPE_NAME as u32 => sinsp_str::of(fd.type_name().as_bytes()),
        _ => sinsp_str::EMPTY,
    })
}

/// The character for the kind of an fd, such as `f` for a file; 0 for null.
///
/// # Safety
/// As `sinsp_fd_text`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_fd_type_char(fd: *const sinsp_fd) -> u8 {
    // SAFETY: the caller vouches for it.
    let fd = unsafe { sinsp_fd::core(fd) };
    guard_plain(0, || fd.map_or(0, Fd::type_char))
}

/// The addresses of an fd; family 0 for null and for what is no socket.
///
/// # Safety
/// As `sinsp_fd_text`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_fd_sock(fd: *const sinsp_fd) -> sinsp_sock {
    // SAFETY: the caller vouches for it.
    let fd = unsafe { sinsp_fd::core(fd) };
    guard_plain(sinsp_sock::default(), || fd.map_or_else(sinsp_sock::default, |fd| sock(&fd.sock)))
}

/// The transport protocol of an fd (`SCAP_L4_*`) as far as its role is known; `SCAP_L4_NA` for null.
///
/// # Safety
/// As `sinsp_fd_text`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_fd_l4proto(fd: *const sinsp_fd) -> u8 {
    // SAFETY: the caller vouches for it.
    let fd = unsafe { sinsp_fd::core(fd) };
    let none = scap_sys::L4Proto::NotApplicable;
    guard_plain(none, || fd.map_or(none, Fd::l4proto)) as u8
}

/// Who is told of one fd after the other; false ends it.
pub type sinsp_fd_visitor = Option<unsafe extern "C" fn(context: *mut c_void, fd: *mut sinsp_fd) -> bool>;

/// Calls `visit` for each; answers whether none of the calls ended it.
///
/// # Safety
/// `visit` must be callable with `context` and must not throw.
pub(crate) unsafe fn visit_all<'a>(
    fds: impl Iterator<Item = &'a Fd>,
    visit: sinsp_fd_visitor,
    context: *mut c_void,
) -> bool {
    let Some(visit) = visit else { return false };
    // SAFETY: the caller vouches for it, and the pointer is good for the call.
    fds.into_iter().all(|fd| unsafe { visit(context, sinsp_fd::hand_out(fd)) })
}
