//! The `fd` fields.

use super::param_text::{self, NOT_AVAILABLE, Param};
use super::{Arg, Field};
use crate::context::Display;
use crate::parsers::Args;
use crate::resolver;
use crate::state::{Fd, FdTable, SockInfo, Thread};
use crate::{EventContext, Extracted, Item};
use driver::{EventFlags, EventType};
use scap_sys::{FdType, InterfaceAddress, L4Proto};
use std::io::Write;
use std::net::IpAddr;

type Event<'a> = EventContext<'a>;

fn text(value: &[u8], out: &mut Extracted) -> Option<()> {
    out.push_text(value);
    Some(())
}

fn int(value: i64, out: &mut Extracted) -> Option<()> {
    out.push(Item::Int(value));
    Some(())
}

fn truth(value: bool, out: &mut Extracted) -> Option<()> {
    out.push(Item::Bool(value));
    Some(())
}

/// The thread, and its fd if known. `None` for events that do not refer to an fd, and for unknown threads.
fn thread_and_fd<'a>(e: &Event<'a>) -> Option<(&'a Thread, Option<&'a Fd>)> {
    let about = EventFlags::CREATES_FD.0 | EventFlags::USES_FD.0 | EventFlags::DESTROYS_FD.0;
    let thread = e.thread.filter(|_| e.info.flags.0 & about != 0)?;
    Some((thread, e.fd.or_else(|| e.state.threads.fd(thread, thread.lastevent_fd.get()))))
}

/// The name of the event's fd; empty if it is unknown. `None` for events that do not refer to an fd.
pub fn name_of<'a>(e: &Event<'a>) -> Option<&'a [u8]> {
    Some(thread_and_fd(e)?.1.map_or(b"", |fd| fd.name()))
}

/// The event's fd, if known.
pub fn known<'a>(e: &Event<'a>) -> Option<&'a Fd> {
    thread_and_fd(e)?.1
}

pub fn num(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    int(thread_and_fd(e)?.0.lastevent_fd.get(), out)
}

pub fn ty(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    text(known(e)?.type_name().as_bytes(), out)
}

/// All fd types of the thread, or with an argument the type of one fd. Types are sorted by their highest fd number, so that
/// the order is defined.
pub fn types(field: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let (thread, _) = thread_and_fd(e)?;
    let fds = e.state.threads.fds(thread);
    if let Arg::Index(fd) = *field.arg()
        && fd != -1
    {
        return text(fds?.get(fd)?.type_name().as_bytes(), out);
    }
    let mut kinds = [("", i64::MIN); 32];
    let mut count = 0;
    for fd in fds.into_iter().flat_map(FdTable::iter) {
        let (name, number) = (fd.type_name(), fd.fd.get());
        match kinds[..count].iter_mut().find(|k| k.0 == name) {
            Some(kind) => kind.1 = kind.1.max(number),
            None => {
                kinds[count] = (name, number);
                count += 1;
            }
        }
    }
    kinds[..count].sort_unstable_by_key(|k| std::cmp::Reverse(k.1));
    kinds[..count].iter().for_each(|k| out.push_text(k.0.as_bytes()));
    Some(())
}

pub fn typechar(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let (_, fd) = thread_and_fd(e)?;
    // For an unknown fd the type follows from the event type. A socket is shown as IPv4, although it may have another
    // family.
    let kind = fd.map_or_else(
        || match EventType(e.info.ty.0 | 1) {
            EventType::SYSCALL_OPENAT_2_X | EventType::SYSCALL_OPENAT2_X | EventType::SYSCALL_CREAT_X => b'f',
            EventType::SOCKET_SOCKET_X | EventType::SOCKET_ACCEPT_5_X | EventType::SOCKET_ACCEPT4_6_X => b'4',
            EventType::SYSCALL_PIPE_X | EventType::SYSCALL_PIPE2_X => b'p',
            EventType::SYSCALL_EVENTFD_X | EventType::SYSCALL_EVENTFD2_X => b'e',
            EventType::SYSCALL_SIGNALFD_X | EventType::SYSCALL_SIGNALFD4_X => b's',
            EventType::SYSCALL_TIMERFD_CREATE_X => b't',
            EventType::SYSCALL_INOTIFY_INIT_X | EventType::SYSCALL_INOTIFY_INIT1_X => b'i',
            _ => b'o',
        },
        Fd::type_char,
    );
    text(&[kind], out)
}

/// Appends the name of an unknown fd, made from the event's parameters.
fn name_from_event(e: &Event<'_>, raw: bool, o: &mut Vec<u8>) -> Option<()> {
    if e.info.ty.is_enter() {
        return None;
    }
    match e.info.ty {
        EventType::SYSCALL_OPEN_X
        | EventType::SYSCALL_CREAT_X
        | EventType::SOCKET_ACCEPT_5_X
        | EventType::SOCKET_ACCEPT4_6_X
        | EventType::SOCKET_CONNECT_X => param_text::meaning_or_value(e, 1, Display::NORMAL, o),
        EventType::SYSCALL_OPENAT_2_X | EventType::SYSCALL_OPENAT2_X => {
            let name = Param::of(e, 2).filter(|p| !p.data.is_empty())?.text();
            if raw {
                o.extend_from_slice(name);
            } else {
                Args::of(e.event, e.info).call_path(2)?.append_or_unknown(&e.state.threads, e.thread, o);
            }
        }
        EventType::SYSCALL_OPEN_BY_HANDLE_AT_X => o.extend_from_slice(Param::of(e, 3)?.text()),
        _ => {}
    }
    Some(())
}

fn append_name(e: &Event<'_>, o: &mut Vec<u8>) -> Option<()> {
    match thread_and_fd(e)?.1 {
        Some(fd) => o.extend_from_slice(fd.name()),
        None => name_from_event(e, false, o)?,
    }
    Some(())
}

pub fn name(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    out.try_build_text(|o| append_name(e, o).is_some())
}

/// The id of the thread's container, which is empty on the host, and a colon.
fn append_container(e: &Event<'_>, o: &mut Vec<u8>) {
    if let Some(thread) = e.thread {
        e.state.container_into(thread, o);
    }
    o.push(b':');
}

pub fn containername(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    out.try_build_text(|o| {
        append_container(e, o);
        append_name(e, o).is_some()
    })
}

fn append_directory(e: &Event<'_>, o: &mut Vec<u8>) -> Option<()> {
    let (_, fd) = thread_and_fd(e)?;
    if fd.is_some_and(|fd| !fd.is_file() && !fd.is_directory()) {
        return None;
    }
    let start = o.len();
    append_name(e, o)?;
    if fd.is_none_or(Fd::is_file) {
        match o[start..].iter().rposition(|&b| b == b'/') {
            None | Some(0) => {
                o.truncate(start);
                o.push(b'/');
            }
            Some(at) if start + at + 1 < o.len() => o.truncate(start + at),
            Some(_) => {}
        }
    }
    Some(())
}

pub fn directory(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    out.try_build_text(|o| append_directory(e, o).is_some())
}

pub fn containerdirectory(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    out.try_build_text(|o| {
        append_container(e, o);
        append_directory(e, o).is_some()
    })
}

pub fn filename(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let name: &[u8] = known(e).filter(|fd| fd.is_file())?.name();
    match name.iter().rposition(|&b| b == b'/') {
        None => text(b"/", out),
        Some(at) if at + 1 < name.len() => text(&name[at + 1..], out),
        Some(_) => text(name, out),
    }
}

pub fn nameraw(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let (_, fd) = thread_and_fd(e)?;
    out.try_build_text(|o| {
        let start = o.len();
        let found = match fd {
            Some(fd) => {
                o.extend_from_slice(fd.name_raw());
                Some(())
            }
            None => name_from_event(e, true, o),
        };
        drop_repeated_slashes(o, start);
        found.is_some()
    })
}

fn drop_repeated_slashes(o: &mut Vec<u8>, start: usize) {
    let mut kept = start;
    for i in start..o.len() {
        if o[i] == b'/' && kept > start && o[kept - 1] == b'/' {
            continue;
        }
        o[kept] = o[i];
        kept += 1;
    }
    o.truncate(kept);
}

type End = (IpAddr, u16);

/// Client and server of a connection; a listening socket has no client.
fn ends(fd: &Fd) -> Option<(Option<End>, End)> {
    Some(match fd.sock() {
        SockInfo::Ipv4 { sip, dip, sport, dport, .. } => (Some((sip.into(), sport)), (dip.into(), dport)),
        SockInfo::Ipv6 { sip, dip, sport, dport, .. } => (Some((sip.into(), sport)), (dip.into(), dport)),
        SockInfo::Ipv4Server { ip, port, .. } => (None, (ip.into(), port)),
        SockInfo::Ipv6Server { ip, port, .. } => (None, (ip.into(), port)),
        SockInfo::Unix { .. } | SockInfo::None => return None,
    })
}

fn roles(e: &Event<'_>) -> Option<(Option<End>, End)> {
    ends(known(e).filter(|fd| !fd.is_role_none())?)
}

fn sides(e: &Event<'_>) -> Option<(End, End)> {
    let (client, server) = roles(e)?;
    let client = client?;
    Some(if is_local(e, client.0) { (client, server) } else { (server, client) })
}

/// Whether an address is one of this machine; for IPv6 the first 64 bits are compared.
fn is_local(e: &Event<'_>, ip: IpAddr) -> bool {
    if let Some(local) = e.thread.and_then(|thread| e.state.with_container(thread, |id| is_local_in(e, id, ip))) {
        return local;
    }
    e.state.interfaces.iter().any(|i| match (&i.address, ip) {
        (InterfaceAddress::V4 { addr, .. }, IpAddr::V4(ip)) => *addr == ip,
        (InterfaceAddress::V6 { addr, .. }, IpAddr::V6(ip)) => addr.octets()[..8] == ip.octets()[..8],
        _ => false,
    })
}

/// The same in a container, whose IPv6 addresses are not known; `None`: as on the host.
fn is_local_in(e: &Event<'_>, container: &[u8], ip: IpAddr) -> Option<bool> {
    match (container, ip) {
        (b"", _) => None,
        (_, IpAddr::V4(ip)) => e.view.containers.is_local(container, ip),
        (_, IpAddr::V6(_)) => Some(false),
    }
}

fn push_ip(end: End, out: &mut Extracted) -> Option<()> {
    out.push(Item::Ip(end.0));
    Some(())
}

fn push_port(end: End, out: &mut Extracted) -> Option<()> {
    out.push(Item::Uint(end.1.into()));
    Some(())
}

fn push_proto(e: &Event<'_>, end: End, out: &mut Extracted) -> Option<()> {
    let port = e.state.ports().shown(end.1, known(e)?.l4proto());
    out.build_text(|o| _ = write!(o, "{port}"));
    Some(())
}

pub fn client_ip(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    push_ip(roles(e)?.0?, out)
}

pub fn server_ip(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    push_ip(roles(e)?.1, out)
}

pub fn local_ip(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    push_ip(sides(e)?.0, out)
}

pub fn remote_ip(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    push_ip(sides(e)?.1, out)
}

/// The name of an address, if a filter has it.
fn push_name(end: End, out: &mut Extracted) -> Option<()> {
    resolver::name_of(end.0, |name| out.push_text(name.as_bytes()))
}

pub fn client_name(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    push_name(roles(e)?.0?, out)
}

pub fn server_name(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    push_name(roles(e)?.1, out)
}

pub fn local_name(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    push_name(sides(e)?.0, out)
}

pub fn remote_name(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    push_name(sides(e)?.1, out)
}

pub fn client_port(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    push_port(roles(e)?.0?, out)
}

/// A listening socket counts as the server even without a role.
pub fn server_port(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let fd = known(e)?;
    let (client, server) = ends(fd)?;
    if client.is_some() && fd.is_role_none() { None } else { push_port(server, out) }
}

pub fn local_port(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    push_port(sides(e)?.0, out)
}

pub fn remote_port(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    push_port(sides(e)?.1, out)
}

/// Empty for an fd with a role that is not a connection.
pub fn client_proto(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let fd = known(e).filter(|fd| !fd.is_role_none())?;
    match ends(fd) {
        Some((Some(client), _)) => push_proto(e, client, out),
        _ => text(b"", out),
    }
}

pub fn server_proto(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let fd = known(e)?;
    match ends(fd)? {
        (Some(_), _) if fd.is_role_none() => None,
        (Some(_), server) => push_proto(e, server, out),
        (None, _) => text(b"", out),
    }
}

pub fn local_proto(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    push_proto(e, sides(e)?.0, out)
}

pub fn remote_proto(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    push_proto(e, sides(e)?.1, out)
}

/// The addresses of both ends, or that of a listening socket.
pub fn ends_ip(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let (client, server) = ends(known(e)?)?;
    client.and_then(|c| push_ip(c, out));
    push_ip(server, out)
}

/// The ports of both ends, or that of a listening socket.
pub fn ends_port(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let (client, server) = ends(known(e)?)?;
    client.and_then(|c| push_port(c, out));
    push_port(server, out)
}

pub fn l4proto(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let name: &[u8] = match known(e)?.l4proto() {
        L4Proto::Tcp => b"tcp",
        L4Proto::Udp => b"udp",
        L4Proto::Icmp => b"icmp",
        L4Proto::Raw => b"raw",
        L4Proto::Unknown | L4Proto::NotApplicable => NOT_AVAILABLE,
    };
    text(name, out)
}

pub fn sockfamily(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    match known(e)?.ty.get() {
        FdType::Ipv4Sock | FdType::Ipv6Sock | FdType::Ipv4ServSock | FdType::Ipv6ServSock => text(b"ip", out),
        FdType::UnixSock => text(b"unix", out),
        _ => None,
    }
}

pub fn is_server(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let fd = known(e)?;
    let server = match (fd.ty.get(), ends(fd)) {
        (FdType::Ipv4ServSock | FdType::Ipv6ServSock, _) => true,
        (FdType::Ipv4Sock | FdType::Ipv6Sock, Some((_, server))) => is_local(e, server.0),
        _ => false,
    };
    truth(server, out)
}

pub fn uid(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let (thread, _) = thread_and_fd(e)?;
    out.build_text(|o| _ = write!(o, "{}{}", thread.tid.get(), thread.lastevent_fd.get()));
    Some(())
}

pub fn connected(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    truth(known(e)?.is_connected(), out)
}

pub fn name_changed(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    known(e)?;
    truth(e.notes.fd_name_changed, out)
}

pub fn dev(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    int((known(e)?.dev.get() as i32).into(), out)
}

pub fn dev_major(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    int(known(e)?.dev_major().into(), out)
}

pub fn dev_minor(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    int(known(e)?.dev_minor().into(), out)
}

pub fn ino(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    int(known(e)?.ino.get() as i64, out)
}

pub fn is_upper_layer(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    truth(known(e)?.has_flags(crate::state::FdFlags::OVERLAY_UPPER), out)
}

pub fn is_lower_layer(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    truth(known(e)?.has_flags(crate::state::FdFlags::OVERLAY_LOWER), out)
}
