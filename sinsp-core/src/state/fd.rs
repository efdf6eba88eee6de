//! An fd: one open file of a process.

use super::Text;
use super::outside::Outside;
use super::store::{Exposure, FdScalars, FdStore, FdText};
use super::tables::Value;
use scap_sys::{FdType, L4Proto};
use std::cell::Cell;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Deref;

/// An fd of a process. It dereferences to its [`FdScalars`]. Texts and addresses have methods, because an object outside
/// the core (a C++ `sinsp_fdinfo`, through [`FdStore`]) may hold them.
pub struct Fd {
    /// Unused while `outside` is set.
    scalars: FdScalars,
    /// The socket's addresses. Unused while `outside` is set.
    sock: SockInfo,
    /// Indexed by [`FdText`]. Unused while `outside` is set.
    texts: [Text; 3],
    /// The object outside the core that holds the data, set by [`Fd::expose`].
    pub(super) outside: Outside<dyn FdStore>,
}

impl Deref for Fd {
    type Target = FdScalars;

    #[inline]
    fn deref(&self) -> &FdScalars {
        match self.outside.get() {
            None => &self.scalars,
            Some(store) => store.scalars(),
        }
    }
}

impl Clone for Fd {
    /// The copy holds its data itself, unless the store makes a second object for it ([`FdStore::duplicate`]).
    fn clone(&self) -> Fd {
        let (Some(store), Some(exposure)) = (self.outside.get(), self.outside.exposure()) else {
            let (scalars, texts) = (self.scalars.clone(), self.texts.clone());
            let outside = Outside::with_values(self.outside.with_values_here(|values| values.clone()));
            return Fd { scalars, sock: self.sock, texts, outside };
        };
        let mut copy = Fd::new(FdType::Unknown);
        if let Some(store) = store.duplicate() {
            copy.expose(store, exposure.another());
        } else {
            copy.scalars = store.scalars().clone();
            copy.sock = store.sock();
            copy.texts = FdText::ALL.map(|which| store.text(which).into());
            for index in 0..store.added_len() {
                store.added(index, &mut |value| copy.outside.write_added(index, value));
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

/// The type of an fd. It is stored as a plain number, because C++ may write any value into it.
#[derive(Debug, Clone)]
#[repr(transparent)]
pub struct FdKind(Cell<i32>);

impl FdKind {
    fn new(ty: FdType) -> FdKind {
        FdKind(Cell::new(ty as i32))
    }

    /// The type; [`FdType::Unknown`] for a number that is no [`FdType`].
    #[inline]
    pub fn get(&self) -> FdType {
        FdType::from_number(self.0.get()).unwrap_or(FdType::Unknown)
    }

    /// Changes the type.
    #[inline]
    pub fn set(&self, ty: FdType) {
        self.0.set(ty as i32);
    }
}

/// The addresses of a socket; ports in host byte order.
///
/// A socket whose addresses are not known yet has the variant of its family with zeros, so that the protocol is kept.
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
    /// The transport protocol that the socket was created with; `Unknown` for unix sockets and for no socket.
    pub fn proto(&self) -> L4Proto {
        match *self {
            SockInfo::Ipv4 { proto, .. }
            | SockInfo::Ipv6 { proto, .. }
            | SockInfo::Ipv4Server { proto, .. }
            | SockInfo::Ipv6Server { proto, .. } => proto,
            SockInfo::None | SockInfo::Unix { .. } => L4Proto::Unknown,
        }
    }

    /// Whether it is an internet socket that is neither bound nor connected: it has no address at all.
    pub(crate) fn is_bare(&self) -> bool {
        match *self {
            SockInfo::Ipv4 { sip, dip, sport: 0, dport: 0, .. } => sip.is_unspecified() && dip.is_unspecified(),
            SockInfo::Ipv6 { sip, dip, sport: 0, dport: 0, .. } => sip.is_unspecified() && dip.is_unspecified(),
            _ => false,
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
    /// The call created the file. This bit and those above it are set by the probe, not by the caller of `open`.
    pub const F_CREATED: u32 = 1 << 14;
    pub const UPPER_LAYER: u32 = 1 << 15;
    pub const LOWER_LAYER: u32 = 1 << 16;
    /// The close-on-exec bit of an epoll fd and of a memfd, whose flags have their own encoding.
    pub const OTHER_CLOEXEC: u32 = 1;
}

impl Fd {
    /// An fd of type `ty`, with number -1 and everything else zero or empty.
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
        Fd { scalars, sock: SockInfo::None, texts: Default::default(), outside: Outside::default() }
    }

    /// An fd whose data `store` holds.
    pub fn outside(store: Box<dyn FdStore>, counted: Exposure) -> Fd {
        let fd = Fd::new(FdType::Uninitialized);
        fd.expose(store, counted);
        fd
    }

    /// The object outside the core that holds the data, if there is one.
    #[inline]
    pub fn store(&self) -> Option<&dyn FdStore> {
        self.outside.get()
    }

    /// Makes `store`, which already holds a copy of the data, the place of the data from now on. Returns `false`, and
    /// changes nothing, if there is a store already.
    pub fn expose(&self, store: Box<dyn FdStore>, counted: Exposure) -> bool {
        self.outside.expose(store, counted)
    }

    /// Passes each value of an added column that was written to `visit`, with the column's position. They are stale while an object outside the core holds the data.
    pub fn each_added(&self, visit: impl FnMut(usize, Value<'_>)) {
        self.outside.with_values_here(|values| values.each(visit));
    }

    /// The text `which`.
    #[inline]
    pub fn text(&self, which: FdText) -> &[u8] {
        match self.store() {
            None => &self.texts[which as usize],
            Some(store) => store.text(which),
        }
    }

    /// Changes the text `which`.
    pub fn set_text(&mut self, which: FdText, text: &[u8]) {
        match self.outside.get_mut() {
            None => self.texts[which as usize].set(text),
            Some(store) if store.text(which) == text => {}
            Some(store) => store.set_text(which, text),
        }
    }

    /// The name (`fd.name`): the full path of a file, the tuple of a socket.
    #[inline]
    pub fn name(&self) -> &[u8] {
        self.text(FdText::Name)
    }

    /// The path as the process passed it to the system call.
    #[inline]
    pub fn name_raw(&self) -> &[u8] {
        self.text(FdText::NameRaw)
    }

    /// The name before the present one; empty if the name never changed.
    #[inline]
    pub fn old_name(&self) -> &[u8] {
        self.text(FdText::OldName)
    }

    /// Changes the name only; [`Fd::old_name`] stays.
    pub fn set_name(&mut self, name: &[u8]) {
        self.set_text(FdText::Name, name);
    }

    /// Copies the present name to [`Fd::old_name`].
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
        match self.outside.get_mut() {
            None => self.sock = sock,
            Some(store) => store.set_sock(sock),
        }
    }

    /// The character for the type (`fd.typechar`), such as `f` for a file.
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

    /// The word for the type (`fd.type`), such as `file`; `<NA>` for a type without a word.
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

    /// Whether it is a pidfd.
    pub fn is_pidfd(&self) -> bool {
        self.ty.get() == FdType::PidFd
    }

    /// Whether it refers to `/dev/log`.
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

    /// Whether neither role is set.
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

    /// The transport protocol; [`L4Proto::NotApplicable`] if the fd has none, or for a connection without a role.
    pub fn l4proto(&self) -> L4Proto {
        match self.sock() {
            SockInfo::Ipv4 { proto, .. } | SockInfo::Ipv6 { proto, .. } => {
                if proto != L4Proto::Raw && self.is_role_none() { L4Proto::NotApplicable } else { proto }
            }
            SockInfo::Ipv4Server { proto, .. } | SockInfo::Ipv6Server { proto, .. } => proto,
            SockInfo::None | SockInfo::Unix { .. } => L4Proto::NotApplicable,
        }
    }

    /// The port of the server of a connection, in host byte order; 0 for other fds.
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

    /// Changes the name, and keeps the previous one in [`Fd::old_name`]. Returns whether the name changed.
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
