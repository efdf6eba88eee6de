//! One open file of a process.

use super::store::{Exposure, FdScalars, FdStore, FdText};
use super::tables::{ColumnType, Dynamic, Value, read_outside};
use super::{Text, names};
use scap_sys::{FdDetail, FdInfo, FdType, L4Proto};
use std::cell::{Cell, OnceCell};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Deref;

/// An open file. It reads like its [`FdScalars`]; its texts and addresses are behind methods, since an object of the program may hold
/// them.
pub struct Fd {
    /// The scalars, unless `outside` holds them.
    scalars: FdScalars,
    /// The socket's addresses, unless `outside` holds them.
    sock: SockInfo,
    /// The texts, unless `outside` holds them; by [`FdText`].
    texts: [Text; 3],
    /// The object of the program that holds the data, once it was exposed.
    outside: OnceCell<Outside>,
    /// Its values of the columns that were added to the tables of open files.
    pub(crate) dynamic: Dynamic,
}

struct Outside {
    store: Box<dyn FdStore>,
    counted: Exposure,
}

impl Deref for Fd {
    type Target = FdScalars;

    #[inline]
    fn deref(&self) -> &FdScalars {
        match self.outside.get() {
            None => &self.scalars,
            Some(outside) => outside.store.scalars(),
        }
    }
}

impl Clone for Fd {
    /// A copy by itself. Only where an object of the program knows more than the core does is the copy held by another such object.
    fn clone(&self) -> Fd {
        let Some(Outside { store, counted }) = self.outside.get() else {
            let (scalars, texts) = (self.scalars.clone(), self.texts.clone());
            let dynamic = self.dynamic.clone();
            return Fd { scalars, sock: self.sock, texts, outside: OnceCell::new(), dynamic };
        };
        let mut copy = Fd::new(FdType::Unknown);
        if let Some(store) = store.duplicate() {
            copy.expose(store, counted.another());
        } else {
            copy.scalars = store.scalars().clone();
            copy.sock = store.sock();
            copy.texts = FdText::ALL.map(|which| store.text(which).into());
            for index in 0..store.added_len() {
                store.added(index, &mut |value| copy.dynamic.write(index, value));
            }
        }
        copy
    }
}

impl std::fmt::Debug for Fd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fd")
            .field("fd", &self.fd.get())
            .field("ty", &self.ty.get())
            .field("name", &bstr::BStr::new(self.name()))
            .finish_non_exhaustive()
    }
}

/// The kind of an open file, as a number that C++ may write whatever it likes to.
#[derive(Debug, Clone)]
#[repr(transparent)]
pub struct FdKind(Cell<i32>);

impl FdKind {
    fn new(ty: FdType) -> FdKind {
        FdKind(Cell::new(ty as i32))
    }

    /// The kind; [`FdType::Unknown`] for a number that stands for none.
    #[inline]
    pub fn get(&self) -> FdType {
        FdType::from_number(self.0.get()).unwrap_or(FdType::Unknown)
    }

    /// Makes it another kind.
    #[inline]
    pub fn set(&self, ty: FdType) {
        self.0.set(ty as i32);
    }
}

/// The addresses of a socket; ports in host order.
///
/// A socket without addresses yet has a variant with zeros, so that its protocol is known.
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

impl SockInfo {
    /// The protocol that the socket was made for, whatever has become of it.
    pub fn proto(&self) -> L4Proto {
        match *self {
            SockInfo::Ipv4 { proto, .. }
            | SockInfo::Ipv6 { proto, .. }
            | SockInfo::Ipv4Server { proto, .. }
            | SockInfo::Ipv6Server { proto, .. } => proto,
            SockInfo::None | SockInfo::Unix { .. } => L4Proto::Unknown,
        }
    }
}

/// Bits of [`FdScalars::flags`], as `sinsp_fdinfo::flags` has them.
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

/// Bits of [`FdScalars::open_flags`].
#[allow(missing_docs)]
pub mod open {
    pub const DIRECTORY: u32 = 1 << 10;
    pub const CLOEXEC: u32 = 1 << 12;
    /// The call made the file. This bit and those above it are the probe's, not the caller's.
    pub const F_CREATED: u32 = 1 << 14;
    pub const UPPER_LAYER: u32 = 1 << 15;
    pub const LOWER_LAYER: u32 = 1 << 16;
    /// What close-on-exec is called for an epoll fd and for a memfd.
    pub const OTHER_CLOEXEC: u32 = 1;
}

impl Fd {
    /// An open file of which nothing is known but its kind.
    pub fn new(ty: FdType) -> Fd {
        let scalars = FdScalars {
            fd: Cell::new(-1),
            ino: Cell::default(),
            pid: Cell::default(),
            ty: FdKind::new(ty),
            open_flags: Cell::default(),
            flags: Cell::default(),
            dev: Cell::default(),
            mount_id: Cell::default(),
        };
        Fd {
            scalars,
            sock: SockInfo::None,
            texts: Default::default(),
            outside: OnceCell::new(),
            dynamic: Dynamic::default(),
        }
    }

    /// An open file whose data an object of the program holds.
    pub fn outside(store: Box<dyn FdStore>, counted: Exposure) -> Fd {
        let fd = Fd::new(FdType::Uninitialized);
        fd.expose(store, counted);
        fd
    }

    /// The object of the program that holds the data, if one does.
    #[inline]
    pub fn store(&self) -> Option<&dyn FdStore> {
        self.outside.get().map(|o| &*o.store)
    }

    fn store_mut(&mut self) -> Option<&mut (dyn FdStore + 'static)> {
        self.outside.get_mut().map(|o| &mut *o.store)
    }

    /// Has `store`, which knows the data already, hold them from now on. Answers whether nobody held them before.
    pub fn expose(&self, store: Box<dyn FdStore>, counted: Exposure) -> bool {
        self.outside.set(Outside { store, counted }).is_ok()
    }

    /// Hands its value of the column at position `index` among those that were added to its table, of type `ty`, to `read`.
    pub(super) fn read_added<R>(&self, index: usize, ty: ColumnType, read: impl FnOnce(Value<'_>) -> R) -> Option<R> {
        match self.store() {
            None => self.dynamic.read(index, ty, read),
            Some(store) => read_outside(ty, |answer| store.added(index, answer), read),
        }
    }

    /// Writes its value of an added column.
    pub(super) fn write_added(&mut self, index: usize, value: Value<'_>) {
        match self.store_mut() {
            None => self.dynamic.write(index, value),
            Some(store) => store.set_added(index, value),
        }
    }

    /// Its values of added columns, as long as no object of the program holds them.
    pub fn dynamic(&self) -> &Dynamic {
        &self.dynamic
    }

    /// One of its texts.
    #[inline]
    pub fn text(&self, which: FdText) -> &[u8] {
        match self.store() {
            None => &self.texts[which as usize],
            Some(store) => store.text(which),
        }
    }

    /// Changes one of its texts.
    pub fn set_text(&mut self, which: FdText, text: &[u8]) {
        match self.store_mut() {
            None => self.texts[which as usize].set(text),
            Some(store) if store.text(which) == text => {}
            Some(store) => store.set_text(which, text),
        }
    }

    /// What people know it by: the full path of a file, the tuple of a socket.
    #[inline]
    pub fn name(&self) -> &[u8] {
        self.text(FdText::Name)
    }

    /// The path as the program gave it.
    #[inline]
    pub fn name_raw(&self) -> &[u8] {
        self.text(FdText::NameRaw)
    }

    /// Its name before it got the present one; empty if it never had another.
    #[inline]
    pub fn old_name(&self) -> &[u8] {
        self.text(FdText::OldName)
    }

    /// Changes its name, and nothing else.
    pub fn set_name(&mut self, name: &[u8]) {
        self.set_text(FdText::Name, name);
    }

    /// Takes note that its present name is also the one it had before.
    pub(crate) fn keep_name(&mut self) {
        match self.outside.get_mut() {
            None => self.texts[FdText::OldName as usize] = self.texts[FdText::Name as usize].clone(),
            Some(_) => {
                let name = self.name().to_vec();
                self.set_text(FdText::OldName, &name);
            }
        }
    }

    /// The socket's addresses.
    #[inline]
    pub fn sock(&self) -> SockInfo {
        match self.store() {
            None => self.sock,
            Some(store) => store.sock(),
        }
    }

    /// Changes the socket's addresses.
    pub fn set_sock(&mut self, sock: SockInfo) {
        match self.store_mut() {
            None => self.sock = sock,
            Some(store) => store.set_sock(sock),
        }
    }

    /// The open file that the /proc scan or a capture's fd list describes.
    pub(crate) fn from_info(info: FdInfo, interfaces: &[scap_sys::Interface]) -> Fd {
        let mut fd = Fd::new(info.ty);
        fd.fd.set(info.fd);
        fd.ino.set(info.ino);
        fd.flags.set(FdFlags::FROM_PROC);
        match info.detail {
            FdDetail::Name(name) => fd.set_name(&name),
            FdDetail::File { open_flags, name, mount_id, dev } => {
                fd.open_flags.set(open_flags);
                fd.set_name(&name);
                fd.mount_id.set(mount_id);
                fd.dev.set(dev);
            }
            FdDetail::Unix { source, destination, name } => {
                fd.set_flags(if name.is_empty() { FdFlags::ROLE_CLIENT } else { FdFlags::ROLE_SERVER });
                fd.set_sock(SockInfo::Unix { source, destination });
                fd.set_name(&name);
            }
            FdDetail::Ipv4 { sip, dip, sport, dport, proto } => {
                fd.set_sock(SockInfo::Ipv4 { sip, dip, sport, dport, proto });
            }
            FdDetail::Ipv6 { sip, dip, sport, dport, proto } => {
                let sock = match names::mapped_ends(sip, dip) {
                    Some((sip, dip)) => {
                        fd.ty.set(FdType::Ipv4Sock);
                        SockInfo::Ipv4 { sip, dip, sport, dport, proto }
                    }
                    None => SockInfo::Ipv6 { sip, dip, sport, dport, proto },
                };
                fd.set_sock(sock);
            }
            FdDetail::Ipv4Server { ip, port, proto } => fd.set_sock(SockInfo::Ipv4Server { ip, port, proto }),
            FdDetail::Ipv6Server { ip, port, proto } => fd.set_sock(SockInfo::Ipv6Server { ip, port, proto }),
        }
        if matches!(fd.sock(), SockInfo::Ipv4 { .. } | SockInfo::Ipv6 { .. }) && fd.sock().proto() == L4Proto::Tcp {
            fd.set_flags(FdFlags::SOCKET_CONNECTED);
        }
        if matches!(fd.sock(), SockInfo::Ipv4 { .. }) {
            super::interfaces::complete(&mut fd, interfaces);
        }
        if !matches!(fd.sock(), SockInfo::None | SockInfo::Unix { .. }) {
            let mut name = Vec::new();
            names::addresses(&fd.sock(), &mut name);
            fd.set_name(&name);
        }
        fd
    }

    /// The character that stands for its kind, such as `f` for a file.
    pub fn type_char(&self) -> u8 {
        match self.ty.get() {
            FdType::File | FdType::FileV2 => b'f',
            FdType::Directory => b'd',
            FdType::Ipv4Sock | FdType::Ipv4ServSock => b'4',
            FdType::Ipv6Sock | FdType::Ipv6ServSock => b'6',
            FdType::Fifo => b'p',
            FdType::UnixSock | FdType::UserfaultFd => b'u',
            FdType::Event => b'e',
            FdType::Unknown => b'o',
            FdType::Unsupported => b'X',
            FdType::SignalFd => b's',
            FdType::EventPoll => b'l',
            FdType::Inotify => b'i',
            FdType::TimerFd => b't',
            FdType::Netlink => b'n',
            FdType::Bpf => b'b',
            FdType::IoUring => b'r',
            FdType::MemFd => b'm',
            FdType::PidFd => b'P',
            FdType::Uninitialized => b'?',
        }
    }

    /// The word that stands for its kind, such as `file`; `<NA>` for a kind without one.
    pub fn type_name(&self) -> &'static str {
        match self.ty.get() {
            FdType::File | FdType::FileV2 => "file",
            FdType::Directory => "directory",
            FdType::Ipv4Sock | FdType::Ipv4ServSock => "ipv4",
            FdType::Ipv6Sock | FdType::Ipv6ServSock => "ipv6",
            FdType::UnixSock => "unix",
            FdType::Fifo => "pipe",
            FdType::Event => "event",
            FdType::SignalFd => "signalfd",
            FdType::EventPoll => "eventpoll",
            FdType::Inotify => "inotify",
            FdType::TimerFd => "timerfd",
            FdType::Netlink => "netlink",
            FdType::Bpf => "bpf",
            FdType::UserfaultFd => "userfaultfd",
            FdType::IoUring => "io_uring",
            FdType::MemFd => "memfd",
            FdType::PidFd => "pidfd",
            FdType::Unknown | FdType::Unsupported | FdType::Uninitialized => "<NA>",
        }
    }

    /// Whether any of the [`FdFlags`] bits in `flags` is set.
    #[inline]
    pub fn has_flags(&self, flags: u32) -> bool {
        self.flags.get() & flags != 0
    }

    pub(crate) fn set_flags(&self, flags: u32) {
        self.flags.set(self.flags.get() | flags);
    }

    /// Whether it is a file, but not a directory.
    pub fn is_file(&self) -> bool {
        matches!(self.ty.get(), FdType::File | FdType::FileV2)
    }

    /// Whether it is a directory.
    pub fn is_directory(&self) -> bool {
        self.ty.get() == FdType::Directory
    }

    /// Whether it is a unix socket.
    pub fn is_unix_socket(&self) -> bool {
        self.ty.get() == FdType::UnixSock
    }

    /// Whether it is an IPv4 socket that does not listen.
    pub fn is_ipv4_socket(&self) -> bool {
        self.ty.get() == FdType::Ipv4Sock
    }

    /// Whether it is an IPv6 socket that does not listen.
    pub fn is_ipv6_socket(&self) -> bool {
        self.ty.get() == FdType::Ipv6Sock
    }

    /// Whether it is an IPv4 socket for UDP.
    pub fn is_udp_socket(&self) -> bool {
        self.is_ipv4_socket() && self.sock().proto() == L4Proto::Udp
    }

    /// Whether it is an IPv4 socket for TCP.
    pub fn is_tcp_socket(&self) -> bool {
        self.is_ipv4_socket() && self.sock().proto() == L4Proto::Tcp
    }

    /// Whether it is one end of a pipe.
    pub fn is_pipe(&self) -> bool {
        self.ty.get() == FdType::Fifo
    }

    /// Whether it stands for a process.
    pub fn is_pidfd(&self) -> bool {
        self.ty.get() == FdType::PidFd
    }

    /// Whether it leads to the system log.
    pub fn is_syslog(&self) -> bool {
        self.name().windows(8).any(|w| w == b"/dev/log")
    }

    /// Whether this is the server's end of a connection.
    pub fn is_role_server(&self) -> bool {
        self.has_flags(FdFlags::ROLE_SERVER)
    }

    /// Whether this is the client's end of a connection.
    pub fn is_role_client(&self) -> bool {
        self.has_flags(FdFlags::ROLE_CLIENT)
    }

    /// Whether it is known neither as a client's nor as a server's end.
    pub fn is_role_none(&self) -> bool {
        !self.has_flags(FdFlags::ROLE_CLIENT | FdFlags::ROLE_SERVER)
    }

    /// Whether the socket has a peer.
    pub fn is_connected(&self) -> bool {
        self.has_flags(FdFlags::SOCKET_CONNECTED)
    }

    /// Whether exec closes it.
    pub fn is_close_on_exec(&self) -> bool {
        let flags = self.open_flags.get();
        flags & open::CLOEXEC != 0
            || (matches!(self.ty.get(), FdType::EventPoll | FdType::MemFd) && flags & open::OTHER_CLOEXEC != 0)
    }

    /// The transport protocol; [`L4Proto::NotApplicable`] for what has none or does not know its role yet.
    pub fn l4proto(&self) -> L4Proto {
        match self.sock() {
            SockInfo::Ipv4 { proto, .. } | SockInfo::Ipv6 { proto, .. } => {
                if proto != L4Proto::Raw && self.is_role_none() { L4Proto::NotApplicable } else { proto }
            }
            SockInfo::Ipv4Server { proto, .. } | SockInfo::Ipv6Server { proto, .. } => proto,
            SockInfo::None | SockInfo::Unix { .. } => L4Proto::NotApplicable,
        }
    }

    /// The port of the server; 0 for what is no connection.
    pub fn server_port(&self) -> u16 {
        match self.sock() {
            SockInfo::Ipv4 { dport, .. } | SockInfo::Ipv6 { dport, .. } => dport,
            _ => 0,
        }
    }

    /// The major number of its device.
    pub fn dev_major(&self) -> u32 {
        (self.dev.get() & 0xF_FF00) >> 8
    }

    /// The minor number of its device.
    pub fn dev_minor(&self) -> u32 {
        (self.dev.get() & 0xFF) | ((self.dev.get() >> 12) & 0xF_FF00)
    }

    /// Gives it another name; answers whether that differs from the one it had.
    pub(crate) fn rename(&mut self, name: &[u8]) -> bool {
        let changed = self.name() != name;
        if changed {
            self.keep_name();
            self.set_name(name);
        }
        changed
    }

    pub(crate) fn set_connected(&self) {
        self.set_connection(FdFlags::SOCKET_CONNECTED);
    }

    pub(crate) fn set_pending(&self) {
        self.set_connection(FdFlags::CONNECTION_PENDING);
    }

    pub(crate) fn set_failed(&self) {
        self.set_connection(FdFlags::CONNECTION_FAILED);
    }

    fn set_connection(&self, state: u32) {
        let others = FdFlags::SOCKET_CONNECTED | FdFlags::CONNECTION_PENDING | FdFlags::CONNECTION_FAILED;
        self.flags.set(self.flags.get() & !others | state);
    }

    pub(crate) fn clear_close_on_exec(&self) {
        self.open_flags.set(self.open_flags.get() & !(open::CLOEXEC | open::OTHER_CLOEXEC));
    }

    /// Exchanges the two ends of a connection.
    pub(crate) fn swap_ends(&mut self) {
        let mut sock = self.sock();
        match &mut sock {
            SockInfo::Ipv4 { sip, dip, sport, dport, .. } => {
                std::mem::swap(sip, dip);
                std::mem::swap(sport, dport);
            }
            SockInfo::Ipv6 { sip, dip, sport, dport, .. } => {
                std::mem::swap(sip, dip);
                std::mem::swap(sport, dport);
            }
            _ => return,
        }
        self.set_sock(sock);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_state_of_connection_at_a_time() {
        let fd = Fd::new(FdType::Ipv4Sock);
        fd.set_flags(FdFlags::ROLE_CLIENT);
        fd.set_pending();
        fd.set_failed();
        assert_eq!(fd.flags.get(), FdFlags::ROLE_CLIENT | FdFlags::CONNECTION_FAILED);
        fd.set_connected();
        assert!(fd.is_connected() && fd.is_role_client());
    }

    #[test]
    fn mapped_addresses_of_the_scan_become_ipv4() {
        let info = FdInfo {
            fd: 7,
            ino: 9,
            ty: FdType::Ipv6Sock,
            detail: FdDetail::Ipv6 {
                sip: "::ffff:10.0.0.1".parse().unwrap(),
                dip: "::ffff:10.0.0.2".parse().unwrap(),
                sport: 1,
                dport: 2,
                proto: L4Proto::Tcp,
            },
        };
        let fd = Fd::from_info(info, &[]);
        assert_eq!((fd.name(), fd.type_char()), (&b"10.0.0.1:1->10.0.0.2:2"[..], b'4'));
        assert!(fd.is_tcp_socket() && fd.is_connected());
    }

    #[test]
    fn a_kind_that_there_is_not_is_an_unknown_one() {
        let fd = Fd::new(FdType::PidFd);
        assert_eq!(fd.ty.get(), FdType::PidFd);
        for number in [-2, 22, i32::MIN, i32::MAX] {
            fd.ty.0.set(number);
            assert_eq!((fd.ty.get(), fd.type_char(), fd.type_name()), (FdType::Unknown, b'o', "<NA>"));
        }
        fd.ty.set(FdType::Uninitialized);
        assert_eq!(fd.ty.get(), FdType::Uninitialized);
    }

    #[test]
    fn device_numbers_split_as_the_kernel_encodes_them() {
        let fd = Fd::new(FdType::FileV2);
        fd.dev.set(0x10_0305);
        assert_eq!((fd.dev_major(), fd.dev_minor()), (3, 0x105));
    }
}
