//! Socket calls, and reads and writes, which may reveal the ends of a socket.

use super::wire::{AF_INET, AF_INET6, AF_NETLINK, AF_UNIX, Address, Tuple};
use super::{Data, Notice, Parser};
use crate::state::{Fd, FdFlags, SockInfo, Thread, ThreadTable, interfaces, names, open};
use driver::EventType;
use scap_sys::{FdType, L4Proto};
use std::net::{Ipv4Addr, Ipv6Addr};

const SOCK_STREAM: u32 = 1;
const SOCK_DGRAM: u32 = 2;
const SOCK_RAW: u32 = 3;
const IPPROTO_IP: u32 = 0;
const IPPROTO_ICMP: u32 = 1;
const IPPROTO_TCP: u32 = 6;
const IPPROTO_UDP: u32 = 17;
const IPPROTO_RAW: u32 = 255;
const EINPROGRESS: i64 = 115;
const SOL_SOCKET: u64 = 1;
const SO_ERROR: u64 = 4;
/// The type of a socket option's value that is an error code.
const SOCKOPT_ERRNO: u8 = 1;

fn empty_v4(proto: L4Proto) -> SockInfo {
    let ip = Ipv4Addr::UNSPECIFIED;
    SockInfo::Ipv4 { sip: ip, dip: ip, sport: 0, dport: 0, proto }
}

fn empty_v6(proto: L4Proto) -> SockInfo {
    let ip = Ipv6Addr::UNSPECIFIED;
    SockInfo::Ipv6 { sip: ip, dip: ip, sport: 0, dport: 0, proto }
}

fn new_socket(domain: u32, ty: u32, protocol: u32) -> Fd {
    let raw = |proto| if ty == SOCK_RAW { L4Proto::Raw } else { proto };
    // The upper bits of the type may have flags.
    let proto = match (protocol, ty & 0xFF) {
        (IPPROTO_TCP, _) => raw(L4Proto::Tcp),
        (IPPROTO_UDP, _) => raw(L4Proto::Udp),
        (IPPROTO_ICMP, _) => raw(L4Proto::Icmp),
        (IPPROTO_RAW, _) => L4Proto::Raw,
        (IPPROTO_IP, SOCK_STREAM) => L4Proto::Tcp,
        (IPPROTO_IP, SOCK_DGRAM) => L4Proto::Udp,
        _ => L4Proto::Unknown,
    };
    let (kind, sock) = match u8::try_from(domain).unwrap_or(0) {
        AF_UNIX => (FdType::UnixSock, SockInfo::Unix { source: 0, destination: 0 }),
        AF_INET => (FdType::Ipv4Sock, empty_v4(proto)),
        AF_INET6 => (FdType::Ipv6Sock, empty_v6(proto)),
        AF_NETLINK => (FdType::Netlink, SockInfo::None),
        _ => (FdType::Unknown, SockInfo::None),
    };
    let mut fd = Fd::new(kind);
    fd.set_sock(sock);
    fd
}

pub(super) fn socket_exit(p: &mut Parser<'_, '_>) {
    let Some(number) = p.args.result().filter(|&r| r >= 0) else { return };
    let number_at = |i| p.args.u32(i).unwrap_or(0);
    let fd = new_socket(number_at(1), number_at(2), number_at(3));
    fd.open_flags.set(number_at(4));
    p.add_fd(number, fd);
}

pub(super) fn socketpair_exit(p: &mut Parser<'_, '_>) {
    let (true, Some(one), Some(other)) = (p.succeeded(), p.args.i64(1), p.args.i64(2)) else { return };
    if one == other {
        p.current.fd = None;
        return;
    }
    let (source, destination) = (p.args.u64(3).unwrap_or(0), p.args.u64(4).unwrap_or(0));
    let mut fd = Fd::new(FdType::UnixSock);
    fd.set_sock(SockInfo::Unix { source, destination });
    p.add_fd(one, fd.clone());
    let first = p.current.fd;
    p.add_fd(other, fd);
    p.current.fd = first;
}

/// Exit of bind. A bound socket with a port is treated as a listening one.
pub(super) fn bind_exit(p: &mut Parser<'_, '_>) {
    if !p.succeeded() {
        return;
    }
    let Some(address) = Address::read(p.args.bytes(1)) else { return };
    let Some(fd) = p.fd_mut() else { return };
    let proto = fd.sock().proto();
    match address.unmapped() {
        Address::V4(ip, port) if port > 0 => {
            fd.ty.set(FdType::Ipv4ServSock);
            fd.set_sock(SockInfo::Ipv4Server { ip, port, proto });
            fd.set_flags(FdFlags::ROLE_SERVER);
        }
        Address::V6(ip, port) if port > 0 => {
            fd.ty.set(FdType::Ipv6ServSock);
            fd.set_sock(SockInfo::Ipv6Server { ip, port, proto });
            fd.set_flags(FdFlags::ROLE_SERVER);
        }
        _ => {}
    }
    p.rename_fd_with(|p, name| address.write(p.state.ports(), name));
    p.current.notices.post(Notice::Bind);
}

/// Sets the ends of a connection; returns whether they differ from the previous ones in either order.
fn set_ends(fd: &mut Fd, tuple: Tuple<'_>) -> bool {
    let proto = fd.sock().proto();
    let new = match tuple {
        Tuple::V4 { sip, sport, dip, dport } => SockInfo::Ipv4 { sip, dip, sport, dport, proto },
        Tuple::V6 { sip, sport, dip, dport } => SockInfo::Ipv6 { sip, dip, sport, dport, proto },
        Tuple::Unix { .. } | Tuple::Other(_) => return false,
    };
    let (kind, before) = match (new, fd.sock()) {
        (SockInfo::Ipv4 { .. }, old @ SockInfo::Ipv4 { .. }) => (FdType::Ipv4Sock, old),
        (SockInfo::Ipv4 { .. }, _) => (FdType::Ipv4Sock, empty_v4(proto)),
        (_, old @ SockInfo::Ipv6 { .. }) => (FdType::Ipv6Sock, old),
        _ => (FdType::Ipv6Sock, empty_v6(proto)),
    };
    fd.ty.set(kind);
    fd.set_sock(before);
    if before == new {
        return false;
    }
    fd.swap_ends();
    if fd.sock() == new {
        fd.set_sock(before);
        return false;
    }
    fd.set_sock(new);
    true
}

fn name_by_ends(p: &mut Parser<'_, '_>) {
    p.rename_fd_with(|p, name| {
        p.fd().into_iter().for_each(|fd| names::connection(&fd.sock(), fd.ty.get(), p.state.ports(), name))
    });
}

pub(super) fn connect_exit(p: &mut Parser<'_, '_>) {
    let Some(result) = p.args.result() else { return };
    let Some(fd) = p.fd() else { return };
    if result >= 0 {
        fd.set_connected();
    } else if result == -EINPROGRESS {
        if p.track_connections { fd.set_pending() } else { fd.set_connected() }
    } else if p.track_connections {
        fd.set_failed();
    } else {
        return;
    }
    let kept = p.take_enter();
    let enter = kept.as_deref().and_then(super::entry::read);
    let enter_address = enter.and_then(|e| e.param(1)).unwrap_or_default();
    let enter = Address::read(enter_address);
    let (tuple, at_exit) = (p.args.bytes(1), Address::read(p.args.bytes(3)));
    if tuple.is_empty() {
        if let Some(address) = enter {
            lead_to(p, address);
            if p.track_connections {
                p.current.notices.keep(enter_address);
                p.current.notices.add(Notice::Connect { address: Data::Kept });
            }
        }
    } else if let Some(tuple) = Tuple::read(tuple) {
        // A destination that comes from the kernel's socket is right. One that equals the caller's memory at exit may have
        // been changed during the call; then the enter event's destination is used.
        let repeated = at_exit.is_some_and(|at_exit| at_exit == tuple.destination());
        let tuple = match enter {
            Some(enter) if repeated => tuple.with_destination(enter),
            _ => tuple,
        };
        connect_to(p, tuple.unmapped());
        p.current.notices.post(Notice::Connect { address: Data::Param(1) });
    }
    let enter_differs = enter.is_some() && enter != at_exit;
    if let Some(buffer) = kept {
        if enter_differs { p.note_enter(buffer) } else { p.put_enter_back(buffer) }
    }
}

fn connect_to(p: &mut Parser<'_, '_>, tuple: Tuple<'_>) {
    let Some(fd) = p.fd_mut() else { return };
    match tuple {
        Tuple::V4 { .. } | Tuple::V6 { .. } => {
            let changed = set_ends(fd, tuple);
            // A bound UDP socket that is connected communicates with a client.
            if changed && fd.is_role_server() && fd.is_udp_socket() {
                fd.swap_ends();
            }
            name_by_ends(p);
        }
        Tuple::Unix { source, destination, .. } if fd.is_unix_socket() => {
            fd.set_sock(SockInfo::Unix { source, destination });
            p.rename_fd_with(|p, name| tuple.write(p.state.ports(), name));
        }
        _ => return,
    }
    if let Some(fd) = p.fd().filter(|fd| fd.is_role_none()) {
        fd.set_flags(FdFlags::ROLE_CLIENT);
    }
}

/// Sets the destination of a connection, whose source is not known.
fn lead_to(p: &mut Parser<'_, '_>, address: Address<'_>) {
    let Some(fd) = p.fd_mut() else { return };
    let proto = fd.sock().proto();
    match address.unmapped() {
        Address::V4(to, port) => {
            if !matches!(fd.sock(), SockInfo::Ipv4 { .. }) {
                fd.set_sock(empty_v4(proto));
            }
            fd.ty.set(FdType::Ipv4Sock);
            let mut sock = fd.sock();
            if let SockInfo::Ipv4 { dip, dport, .. } = &mut sock {
                (*dip, *dport) = (to, port);
            }
            fd.set_sock(sock);
        }
        Address::V6(to, port) => {
            if !matches!(fd.sock(), SockInfo::Ipv6 { .. }) {
                fd.set_sock(empty_v6(proto));
            }
            fd.ty.set(FdType::Ipv6Sock);
            let mut sock = fd.sock();
            if let SockInfo::Ipv6 { dip, dport, .. } = &mut sock {
                (*dip, *dport) = (to, port);
            }
            fd.set_sock(sock);
        }
        // The name would come from the tuple, which the event lacks.
        Address::Unix(_) | Address::Other(_) => p.rename_fd(b"NULL"),
    }
}

pub(super) fn accept_exit(p: &mut Parser<'_, '_>) {
    const FLAGS: usize = 5;
    let Some(number) = p.args.result().filter(|&r| r >= 0) else { return };
    let Some(t) = p.thread() else { return };
    t.lastevent_fd.set(number);
    let Some(tuple) = Tuple::read(p.args.bytes(1)) else { return };
    let tuple = tuple.unmapped();
    let mut fd = Fd::new(FdType::UnixSock);
    match tuple {
        Tuple::V4 { .. } => fd.set_sock(empty_v4(L4Proto::Tcp)),
        Tuple::V6 { .. } => fd.set_sock(empty_v6(L4Proto::Tcp)),
        Tuple::Unix { source, destination, .. } => fd.set_sock(SockInfo::Unix { source, destination }),
        Tuple::Other(_) => return,
    }
    set_ends(&mut fd, tuple);
    let name = &mut p.current.scratch;
    name.clear();
    tuple.write(p.state.ports(), name);
    fd.set_name(name);
    if p.event.ty() == EventType::SOCKET_ACCEPT4_6_X {
        fd.open_flags.set(p.args.u32(FLAGS).unwrap_or(0) & open::CLOEXEC);
    }
    fd.set_flags(FdFlags::ROLE_SERVER);
    fd.set_connected();
    p.add_fd(number, fd);
    p.current.notices.post(Notice::Accept { fd: number, address: Data::Param(1) });
}

/// The position of the tuple among the parameters of a receiving or sending call.
fn tuple_at(ty: EventType) -> Option<usize> {
    match ty {
        EventType::SOCKET_RECVFROM_X => Some(2),
        EventType::SOCKET_RECVMSG_X => Some(3),
        EventType::SOCKET_RECVMMSG_X
        | EventType::SOCKET_RECV_X
        | EventType::SOCKET_SEND_X
        | EventType::SOCKET_SENDTO_X
        | EventType::SOCKET_SENDMSG_X
        | EventType::SOCKET_SENDMMSG_X => Some(4),
        _ => None,
    }
}

/// Exit of all forms of read and recv.
pub(super) fn receive_exit(p: &mut Parser<'_, '_>) {
    if !transfer(p, true) {
        return;
    }
    p.current.notices.post(Notice::Read { data: data_of(p.event.ty()) });
    if p.is_live {
        take_in_passed_fds(p);
    }
}

/// The position of the data among the parameters of a receiving or sending call.
fn data_of(ty: EventType) -> Data {
    Data::Param(match ty {
        EventType::SYSCALL_READV_X | EventType::SYSCALL_PREADV_X | EventType::SOCKET_RECVMSG_X => 2,
        EventType::SOCKET_RECVMMSG_X | EventType::SOCKET_SENDMMSG_X => 3,
        _ => 1,
    })
}

/// Exit of all forms of write and send.
pub(super) fn send_exit(p: &mut Parser<'_, '_>) {
    let ty = p.event.ty();
    let tells = matches!(ty, EventType::SOCKET_SEND_X | EventType::SOCKET_SENDTO_X | EventType::SOCKET_SENDMSG_X);
    if tells && p.current.fd.is_none() {
        infer_socket(p);
    }
    if transfer(p, false) {
        p.current.notices.post(Notice::Write { data: data_of(p.event.ty()) });
    }
}

/// Adds a socket whose creation was not seen. It is most likely a UDP socket, because the event has a destination.
fn infer_socket(p: &mut Parser<'_, '_>) {
    let family = p.args.bytes(4).first().copied();
    if let (true, Some(number), Some(family @ (AF_INET | AF_INET6))) = (p.succeeded(), p.args.i64(2), family) {
        p.add_fd(number, new_socket(family.into(), SOCK_DGRAM, IPPROTO_UDP));
    }
}

/// Updates the socket after a transfer, whose event may have a tuple. Returns whether data was transferred through a known
/// fd.
fn transfer(p: &mut Parser<'_, '_>, incoming: bool) -> bool {
    let (Some(result), Some(fd)) = (p.args.result(), p.fd()) else { return false };
    // In old captures, recvmmsg and sendmmsg events have no parameters.
    if p.args.is_empty(0) {
        return false;
    }
    let internet = fd.is_ipv4_socket() || fd.is_ipv6_socket();
    if result < 0 {
        if internet && p.track_connections {
            fd.set_failed();
            p.current.notices.post(Notice::SocketStatus);
        }
        return false;
    }
    if internet {
        fd.set_connected();
    }
    let Some(at) = tuple_at(p.event.ty()).filter(|_| fd.name().is_empty() || !fd.is_tcp_socket()) else { return true };
    let Some(tuple) = Tuple::read(p.args.bytes(at)) else { return true };
    if !learn_ends(p, tuple) {
        return true;
    }
    let Some(fd) = p.fd() else { return true };
    if !(fd.is_ipv4_socket() || fd.is_ipv6_socket()) {
        p.rename_fd_with(|p, name| tuple.write(p.state.ports(), name));
        return true;
    }
    if fd.is_role_none() {
        let role = p.thread().map_or(FdFlags::ROLE_CLIENT, |t| guess_role(&p.state.threads, t, fd, incoming));
        fd.set_flags(role);
    }
    // A tuple goes from sender to receiver, a connection from client to server.
    let swap = if incoming { fd.is_role_client() } else { fd.is_role_server() };
    if let Some(fd) = p.fd_mut().filter(|_| swap) {
        fd.swap_ends();
    }
    name_by_ends(p);
    true
}

/// Sets the ends of the event's fd from the tuple of a transfer; returns whether they are new.
fn learn_ends(p: &mut Parser<'_, '_>, tuple: Tuple<'_>) -> bool {
    let Some((owner, number)) = p.current.fd else { return false };
    let state = &mut *p.state;
    let Some(fd) = state.threads.by_id_mut(owner).and_then(|t| t.own_fds.get_mut(number)) else { return false };
    match tuple.unmapped() {
        Tuple::Unix { source, destination, .. } => {
            fd.ty.set(FdType::UnixSock);
            fd.set_sock(SockInfo::Unix { source, destination });
            return true;
        }
        Tuple::Other(_) => {}
        ends => {
            if !set_ends(fd, ends) {
                return false;
            }
        }
    }
    // The ends of a TCP connection do not change.
    let mut sock = fd.sock();
    if let SockInfo::Ipv4 { proto: proto @ L4Proto::Unknown, .. }
    | SockInfo::Ipv6 { proto: proto @ L4Proto::Unknown, .. } = &mut sock
    {
        *proto = L4Proto::Udp;
        fd.set_sock(sock);
    }
    interfaces::complete(fd, &state.interfaces);
    true
}

/// The role of the thread's end of a connection: that of the server if the process has the destination port open.
fn guess_role(threads: &ThreadTable, thread: &Thread, fd: &Fd, incoming: bool) -> u32 {
    let SockInfo::Ipv4 { sport: client, dport: server, .. } = fd.sock() else {
        return if incoming { FdFlags::ROLE_SERVER } else { FdFlags::ROLE_CLIENT };
    };
    let any = |test: &dyn Fn(&Fd) -> bool| threads.fds(thread).is_some_and(|fds| fds.iter().any(test));
    let bound = any(&|fd| match fd.sock() {
        SockInfo::Ipv4 { dport, .. } => dport == server,
        SockInfo::Ipv4Server { port, .. } => port == server,
        _ => false,
    });
    if !bound {
        return FdFlags::ROLE_CLIENT;
    }
    let uses = any(&|fd| matches!(fd.sock(), SockInfo::Ipv4 { sport, .. } if sport == client));
    if !uses || incoming { FdFlags::ROLE_SERVER } else { FdFlags::ROLE_CLIENT }
}

/// Scans the fds that were passed through a unix socket, of which the event has only the numbers.
fn take_in_passed_fds(p: &mut Parser<'_, '_>) {
    let at = match p.event.ty() {
        EventType::SOCKET_RECVMSG_X => 4,
        EventType::SOCKET_RECVMMSG_X => 5,
        _ => return,
    };
    if !p.fd().is_some_and(Fd::is_unix_socket) {
        return;
    }
    let Some(pid) = p.thread().and_then(|t| p.state.threads.main_thread(t)).map(|main| main.pid.get()) else { return };
    for fd in PassedFds::new(p.args.bytes(at)) {
        p.state.scan_fd(pid, fd);
    }
}

/// The fd numbers in the control messages of recvmsg.
pub(super) struct PassedFds<'a> {
    messages: &'a [u8],
    fds: &'a [u8],
}

impl<'a> PassedFds<'a> {
    /// The size of `struct cmsghdr`: length, level and type.
    const HEADER: usize = 16;
    const SCM_RIGHTS: i32 = 1;
    /// `SCM_MAX_FD` of the kernel.
    const MAX: usize = 253;

    pub fn new(messages: &'a [u8]) -> Self {
        PassedFds { messages, fds: &[] }
    }
}

impl Iterator for PassedFds<'_> {
    type Item = i64;

    fn next(&mut self) -> Option<i64> {
        loop {
            if let Some((fd, rest)) = self.fds.split_first_chunk::<4>() {
                self.fds = rest;
                return Some(i32::from_ne_bytes(*fd).into());
            }
            let len = u64::from_ne_bytes(*self.messages.first_chunk::<8>()?);
            let len = usize::try_from(len).ok().filter(|&l| l >= Self::HEADER && l <= self.messages.len())?;
            let kind = i32::from_ne_bytes(self.messages.get(12..16)?.try_into().ok()?);
            let data = &self.messages[Self::HEADER..len];
            if kind == Self::SCM_RIGHTS {
                if !data.len().is_multiple_of(4) || data.len() / 4 > Self::MAX {
                    return None;
                }
                self.fds = data;
            }
            self.messages = self.messages.get(len.next_multiple_of(8)..).unwrap_or_default();
        }
    }
}

/// Exit of getsockopt: SO_ERROR gives the result of a pending connection.
pub(super) fn getsockopt_exit(p: &mut Parser<'_, '_>) {
    let about_error = p.args.uint(2) == Some(SOL_SOCKET) && p.args.uint(3) == Some(SO_ERROR);
    if !p.track_connections || !p.succeeded() || !about_error {
        return;
    }
    let Some(fd) = p.fd() else { return };
    let Some((&SOCKOPT_ERRNO, value)) = p.args.bytes(4).split_first() else { return };
    let Ok(error) = value.try_into().map(i64::from_ne_bytes) else { return };
    if error < 0 {
        fd.set_failed()
    } else {
        fd.set_connected()
    }
    p.current.notes.errno = error.min(0);
    p.current.notices.post(Notice::SocketStatus);
}

pub(super) fn shutdown_exit(p: &mut Parser<'_, '_>) {
    if p.succeeded() && p.current.fd.is_some() {
        p.current.notices.post(Notice::Shutdown);
    }
}
