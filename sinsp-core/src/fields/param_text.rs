//! The parameters of an event as text.
//!
//! A parameter has a value and may have a meaning: the name of an fd, of an error code or of flags, or the absolute form of
//! a path. Both are appended to a buffer without further allocations.

use super::buffer_text::buffer_text;
use super::names;
use super::time_text;
use crate::EventContext;
use crate::context::{BufferFormat, Display};
use crate::digits;
use crate::parsers::Args;
use crate::state::{Fd, SockInfo, Thread, names as sockets, path};
use driver::{Detail, Format, ParamInfo, ParamType, SCS, flags};
use scap_sys::{FdType, L4Proto, number};
use std::io::Write;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The placeholder for a text that the kernel could not read.
pub const NOT_AVAILABLE: &[u8] = b"<NA>";

/// A parameter of an event.
#[derive(Clone, Copy)]
pub struct Param<'a> {
    row: &'static ParamInfo,
    /// The description of the value: the entry or, for a dynamic parameter, its variant.
    pub info: &'static ParamInfo,
    /// Its bytes.
    pub data: &'a [u8],
}

impl<'a> Param<'a> {
    /// Parameter `i` of the event; `None` if the event does not have it.
    pub fn of(event: &EventContext<'a>, i: usize) -> Option<Param<'a>> {
        Some(Param::new(event.info.params.get(i)?, event.event.param(i)?))
    }

    fn new(row: &'static ParamInfo, data: &'a [u8]) -> Param<'a> {
        if let (Detail::Variants(variants), Some((&which, rest))) = (row.detail, data.split_first())
            && let Some(info) = variants.get(which as usize)
        {
            return Param { row, info, data: rest };
        }
        Param { row, info: row, data }
    }

    /// Its bytes as an unsigned number; `None` if their length is not 1, 2, 4 or 8.
    pub fn number(&self) -> Option<u64> {
        if matches!(self.data.len(), 1 | 2 | 4 | 8) { number::unsigned(self.data) } else { None }
    }

    /// As [`Param::number`], sign-extended.
    pub fn signed(&self) -> Option<i64> {
        let number = self.number()?;
        let unused = 64 - 8 * self.data.len() as u32;
        Some((number << unused) as i64 >> unused)
    }

    /// Its bytes up to the first NUL; `<NA>` for a null text.
    pub fn text(&self) -> &'a [u8] {
        let is_text = matches!(self.row.ty, ParamType::CHARBUF | ParamType::FSPATH | ParamType::FSRELPATH);
        if is_text && (self.data.is_empty() || self.data == b"(NULL)\0") { NOT_AVAILABLE } else { until_nul(self.data) }
    }
}

/// The bytes before the first NUL.
pub fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|&b| b == 0).next().unwrap_or_default()
}

/// Appends the value of parameter `i` as text.
pub fn value(event: &EventContext<'_>, i: usize, display: Display, out: &mut Vec<u8>) {
    if let Some(p) = Param::of(event, i) {
        value_of(event, &p, display, out);
    }
}

fn value_of(event: &EventContext<'_>, p: &Param<'_>, display: Display, out: &mut Vec<u8>) {
    use ParamType::*;
    if p.data.is_empty() && p.row.ty != DYN && !matches!(p.info.ty, CHARBUF | FSPATH | FSRELPATH)
        || p.row_is_empty_dyn()
    {
        let null = matches!(p.row.ty, BYTEBUF | SOCKTUPLE | FDLIST | CHARBUFARRAY | CHARBUF_PAIR_ARRAY | DYN);
        out.extend_from_slice(if null { b"NULL" } else { NOT_AVAILABLE });
        return;
    }
    if try_value(event, p, display, out).is_none() {
        // The length does not fit the type.
        out.extend_from_slice(NOT_AVAILABLE);
    }
}

impl Param<'_> {
    fn row_is_empty_dyn(&self) -> bool {
        self.row.ty == ParamType::DYN && std::ptr::eq(self.row, self.info) && self.data.is_empty()
    }
}

fn try_value(event: &EventContext<'_>, p: &Param<'_>, display: Display, out: &mut Vec<u8>) -> Option<()> {
    use ParamType::*;
    // Writing to a Vec cannot fail.
    match p.info.ty {
        INT8 | INT16 | INT32 | INT64 => number(p.signed()?, p.data.len(), p.row.format, out),
        // Unsigned numbers of 32 and 64 bits are printed as signed decimals; existing output depends on it.
        UINT32 | UINT64 => number(p.signed()?, p.data.len(), p.row.format, out),
        UINT8 | UINT16 => number(p.number()? as i64, p.data.len(), p.row.format, out),
        MODE => number(p.signed()?, p.data.len(), p.row.format, out),
        FD | PID | ERRNO => digits::signed(p.signed()?, out),
        CHARBUF => out.extend_from_slice(p.text()),
        FSPATH | FSRELPATH => path::sanitize(p.text(), out),
        BYTEBUF => buffer_text(p.data, display, out),
        SOCKADDR => socket_address(event, p.data, out),
        SOCKTUPLE => socket_tuple(event, p.data, out),
        FDLIST => fd_list(event, p.data, out),
        SYSCALLID if p.number()? < SCS.len() as u64 => digits::unsigned(p.number()?, out),
        SYSCALLID => out.extend_from_slice(b"<unknown syscall>"),
        SIGTYPE => digits::unsigned(p.number()?, out),
        RELTIME if p.number()? == u64::MAX => out.extend_from_slice(b"none"),
        RELTIME => digits::unsigned(p.number()?, out),
        FLAGS8 | FLAGS16 | FLAGS32 | ENUMFLAGS8 | ENUMFLAGS16 | ENUMFLAGS32 => digits::unsigned(p.number()?, out),
        ABSTIME => time_text::date_time(p.number()?, true, out),
        UID | GID => digits::signed(i64::from(p.number()? as i32), out),
        SIGSET => {
            let set = p.number()?;
            let names = (0..32).filter(|sig| set >> sig & 1 != 0).filter_map(|sig| names::signal(sig + 1));
            join(names, b' ', out);
        }
        DYN => out.extend_from_slice(b"INVALID DYNAMIC PARAMETER"),
        _ => out.extend_from_slice(b"(n.a.)"),
    }
    Some(())
}

/// Appends the meaning of parameter `i`, if it has one.
pub fn meaning(event: &EventContext<'_>, i: usize, display: Display, out: &mut Vec<u8>) {
    if let Some(p) = Param::of(event, i) {
        let _ = try_meaning(event, i, &p, display, out);
    }
}

/// Whether values of the type can have a meaning: those of which [`try_meaning`] appends one.
#[inline]
fn has_meaning(ty: ParamType) -> bool {
    use ParamType::*;
    matches!(
        ty,
        FD | PID
            | ERRNO
            | FSPATH
            | FSRELPATH
            | SYSCALLID
            | SIGTYPE
            | RELTIME
            | FLAGS8
            | FLAGS16
            | FLAGS32
            | ENUMFLAGS8
            | ENUMFLAGS16
            | ENUMFLAGS32
            | MODE
            | UID
            | GID
    )
}

fn try_meaning(event: &EventContext<'_>, i: usize, p: &Param<'_>, display: Display, out: &mut Vec<u8>) -> Option<()> {
    use ParamType::*;
    match p.info.ty {
        FD => fd(event, p.signed()?, display, out)?,
        PID => out.extend_from_slice(until_nul(thread_of_number(event, p)?.comm())),
        ERRNO => out.extend_from_slice(names::errno(i32::try_from(p.signed()?).ok()?)?.as_bytes()),
        FSPATH | FSRELPATH => absolute_path(event, i, out)?,
        SYSCALLID => {
            let name = SCS.get(p.number()? as usize)?.name;
            out.extend_from_slice(name.unwrap_or("unknown").as_bytes());
        }
        SIGTYPE => out.extend_from_slice(names::signal(p.number()? as u32)?.as_bytes()),
        RELTIME if p.number()? != u64::MAX => {
            general_float(p.number()? as f64 / 1e9, out);
            out.push(b's');
        }
        FLAGS8 | FLAGS16 | FLAGS32 => flag_names(p, p.number()? as u32, out)?,
        ENUMFLAGS8 | ENUMFLAGS16 | ENUMFLAGS32 => {
            let value = p.number()? as u32;
            let rows = p.row.flag_table()?.rows;
            join(rows.iter().filter(|r| r.1 == value).map(|r| r.0), b'|', out);
        }
        MODE => mode_names(p, p.number()? as u32, out)?,
        UID => name_of(p.number()? as u32, out, |uid| Some(&event.user_of(event.thread?, uid)?.name)),
        GID => name_of(p.number()? as u32, out, |gid| Some(&event.group_of(event.thread?, gid)?.name)),
        _ => {}
    }
    Some(())
}

/// Appends the meaning of parameter `i`, or its value if it has none.
pub fn meaning_or_value(event: &EventContext<'_>, i: usize, display: Display, out: &mut Vec<u8>) {
    let start = out.len();
    meaning(event, i, display, out);
    if out.len() == start {
        value(event, i, display, out);
    }
}

/// Appends `name=value(meaning)` of all parameters, separated by spaces.
pub fn all(event: &EventContext<'_>, display: Display, out: &mut Vec<u8>) {
    for (i, (row, data)) in event.info.params.iter().zip(event.event.params()).enumerate() {
        if i > 0 {
            out.push(b' ');
        }
        let p = Param::new(row, data);
        out.extend_from_slice(row.name.as_bytes());
        out.push(b'=');
        value_of(event, &p, display, out);
        let before = out.len();
        if !has_meaning(p.info.ty) {
            debug_assert!(try_meaning(event, i, &p, display, out).is_none_or(|()| out.len() == before));
            continue;
        }
        out.push(b'(');
        let _ = try_meaning(event, i, &p, display, out);
        match out.len() == before + 1 {
            true => out.truncate(before),
            false => out.push(b')'),
        }
    }
}

fn number(n: i64, size: usize, format: Format, out: &mut Vec<u8>) {
    // Numbers of less than 32 bits are extended to 32 bits.
    let bits = if size == 8 { n as u64 } else { u64::from(n as u32) };
    match format {
        Format::OCT if bits != 0 => _ = write!(out, "0{bits:o}"),
        Format::HEX => _ = write!(out, "{bits:X}"),
        Format::PADDED_DEC => _ = write!(out, "{n:09}"),
        _ => digits::signed(n, out),
    }
}

fn join<'a>(names: impl Iterator<Item = &'a str>, separator: u8, out: &mut Vec<u8>) {
    for (i, name) in names.enumerate() {
        if i > 0 {
            out.push(separator);
        }
        out.extend_from_slice(name.as_bytes());
    }
}

/// Appends the fd as `<type>name`; for a negative number the name of the error code.
fn fd(event: &EventContext<'_>, fd: i64, display: Display, out: &mut Vec<u8>) -> Option<()> {
    let thread = event.thread?;
    if fd == i64::from(flags::AT_FDCWD) {
        out.extend_from_slice(b"AT_FDCWD");
    } else if fd < 0 {
        out.extend_from_slice(names::errno(fd as i32)?.as_bytes());
    } else {
        let file = event.state.threads.fd(thread, fd)?;
        out.push(b'<');
        if display.buffers != BufferFormat::Simple {
            out.push(file.type_char());
            out.extend(protocol_char(file));
        }
        out.push(b'>');
        path::sanitize(file.name(), out);
    }
    Some(())
}

/// The thread that a number stands for. Most are those of the pid namespace of the event's thread.
fn thread_of_number<'a>(event: &EventContext<'a>, p: &Param<'_>) -> Option<&'a Thread> {
    let (threads, number) = (&event.state.threads, p.signed()?);
    let of_host = match p.row.name {
        "next" | "ptid" | "ppid" | "reaper_tid" | "spid" | "dpid" => true,
        // Of calls that make a thread or a program.
        "tid" | "pid" => event.info.param_index("ptid").is_some(),
        _ => false,
    };
    match event.thread.filter(|_| !of_host) {
        Some(thread) => threads.meant_by(thread, number),
        None => threads.get(number),
    }
}

fn protocol_char(fd: &Fd) -> Option<u8> {
    if !matches!(fd.ty.get(), FdType::Ipv4Sock | FdType::Ipv6Sock | FdType::Ipv4ServSock | FdType::Ipv6ServSock) {
        return None;
    }
    match fd.l4proto() {
        L4Proto::Tcp => Some(b't'),
        L4Proto::Udp => Some(b'u'),
        L4Proto::Icmp => Some(b'i'),
        L4Proto::Raw => Some(b'r'),
        L4Proto::Unknown | L4Proto::NotApplicable => None,
    }
}

/// Appends the absolute path that a relative one leads to; the path alone if it is not known where from.
fn absolute_path(event: &EventContext<'_>, i: usize, out: &mut Vec<u8>) -> Option<()> {
    let thread = event.thread?;
    let at = Args::of(event.event, event.info).call_path(i)?;
    if at.path == NOT_AVAILABLE || at.path.is_empty() || at.path[0] == b'/' && !at.in_root {
        return None;
    }
    if !at.append(&event.state.threads, Some(thread), out) {
        path::append_concatenated(&[], at.path, out);
    }
    Some(())
}

/// Appends the names of the flags in `value`. A name for 0 is used only if no flag is set.
fn flag_names(p: &Param<'_>, value: u32, out: &mut Vec<u8>) -> Option<()> {
    let mut rest = value;
    let mut separator = false;
    for &(name, bits) in p.row.flag_table()?.rows {
        let set = if bits == 0 { value == 0 } else { rest & bits == bits };
        if set {
            if separator {
                out.push(b'|');
            }
            separator = true;
            out.extend_from_slice(name.as_bytes());
            // O_RDWR must not also give O_RDONLY and O_WRONLY.
            rest &= !bits;
            if bits == value {
                break;
            }
        }
    }
    Some(())
}

/// Appends the names of a mode's bits. A name that covers the whole mode ends the list.
fn mode_names(p: &Param<'_>, value: u32, out: &mut Vec<u8>) -> Option<()> {
    let mut rest = value;
    let mut separator = false;
    for &(name, bits) in p.row.flag_table()?.rows {
        if bits == value || bits != 0 && rest & bits == bits {
            if separator {
                out.push(b'|');
            }
            separator = true;
            out.extend_from_slice(name.as_bytes());
            rest &= !bits;
            if bits == value {
                break;
            }
        }
    }
    Some(())
}

fn name_of<'a>(id: u32, out: &mut Vec<u8>, find: impl FnOnce(u32) -> Option<&'a Vec<u8>>) {
    if id == u32::MAX {
        out.extend_from_slice(b"<NONE>");
        return;
    }
    match find(id).filter(|name| !name.is_empty()) {
        Some(name) => path::sanitize(name, out),
        None => out.extend_from_slice(NOT_AVAILABLE),
    }
}

fn port(bytes: &[u8]) -> u16 {
    u16::from_ne_bytes([bytes[0], bytes[1]])
}

fn v4(bytes: &[u8]) -> Ipv4Addr {
    Ipv4Addr::new(bytes[0], bytes[1], bytes[2], bytes[3])
}

fn v6(bytes: &[u8]) -> Ipv6Addr {
    let mut ip = [0; 16];
    ip.copy_from_slice(&bytes[..16]);
    ip.into()
}

/// Appends an address. `data` is not empty.
fn socket_address(event: &EventContext<'_>, data: &[u8], out: &mut Vec<u8>) {
    let proto = event.fd.map_or(L4Proto::Unknown, |fd| fd.l4proto());
    let rest = &data[1..];
    match (u32::from(data[0]), rest.len()) {
        (flags::AF_UNIX, _) => sockets::unix_path(sockets::without_end(rest), out),
        (flags::AF_INET, 6) => sockets::addresses(
            &SockInfo::Ipv4Server { ip: v4(rest), port: port(&rest[4..]), proto },
            event.state.ports(),
            out,
        ),
        (flags::AF_INET, _) => out.extend_from_slice(b"INVALID IPv4"),
        (flags::AF_INET6, 18) => sockets::addresses(
            &SockInfo::Ipv6Server { ip: v6(rest), port: port(&rest[16..]), proto },
            event.state.ports(),
            out,
        ),
        (flags::AF_INET6, _) => out.extend_from_slice(b"INVALID IPv6"),
        (family, _) => _ = write!(out, "family {family}"),
    }
}

fn socket_tuple(event: &EventContext<'_>, data: &[u8], out: &mut Vec<u8>) {
    let proto = event.fd.map_or(L4Proto::Unknown, |fd| fd.l4proto());
    let rest = &data[1..];
    match (u32::from(data[0]), rest.len()) {
        (flags::AF_INET, 12) => {
            let (sip, sport, dip, dport) = (v4(rest), port(&rest[4..]), v4(&rest[6..]), port(&rest[10..]));
            sockets::addresses(&SockInfo::Ipv4 { sip, dip, sport, dport, proto }, event.state.ports(), out);
        }
        (flags::AF_INET, _) => out.extend_from_slice(b"INVALID IPv4"),
        (flags::AF_INET6, 36) => {
            let (sip, sport, dip, dport) = (v6(rest), port(&rest[16..]), v6(&rest[18..]), port(&rest[34..]));
            sockets::addresses(&SockInfo::Ipv6 { sip, dip, sport, dport, proto }, event.state.ports(), out);
        }
        (flags::AF_INET6, _) => out.extend_from_slice(b"INVALID IPv6"),
        (flags::AF_UNIX, 16..) => {
            let address = |at: usize| u64::from_ne_bytes(rest[at..at + 8].try_into().expect("eight bytes"));
            sockets::unix(address(0), address(8), sockets::without_end(&rest[16..]), out);
        }
        (flags::AF_UNIX, _) => out.extend_from_slice(NOT_AVAILABLE),
        (family, _) => _ = write!(out, "family {family}"),
    }
}

/// The fds of a poll call, with the requested or returned events.
pub fn poll_fds(data: &[u8]) -> impl Iterator<Item = (i64, i16)> + '_ {
    let count = data.first_chunk().map_or(0, |n| u16::from_ne_bytes(*n));
    data.get(2..).unwrap_or_default().chunks_exact(10).take(count as usize).map(|entry| {
        let fd = i64::from_ne_bytes(entry[..8].try_into().expect("eight bytes"));
        (fd, i16::from_ne_bytes([entry[8], entry[9]]))
    })
}

/// Appends `fd:type` and the events in hexadecimal for each fd of a poll call.
fn fd_list(event: &EventContext<'_>, data: &[u8], out: &mut Vec<u8>) {
    let Some(thread) = event.thread else { return };
    for (i, (fd, events)) in poll_fds(data).enumerate() {
        if i > 0 {
            out.push(b' ');
        }
        let kind = event.state.threads.fd(thread, fd).map_or(b'?', |f| f.type_char());
        let _ = write!(out, "{}:{}{:x}", fd as u64, kind as char, i32::from(events));
    }
}

/// Appends a number in the format of `%g`: six significant digits, with an exponent if it is less than -4 or greater than
/// 5.
fn general_float(n: f64, out: &mut Vec<u8>) {
    let start = out.len();
    let _ = write!(out, "{n:.5e}");
    let mut digits = [0; 24];
    let text = &out[start..];
    let len = text.len().min(digits.len());
    digits[..len].copy_from_slice(&text[..len]);
    out.truncate(start);
    let at = digits[..len].iter().position(|&b| b == b'e').unwrap_or(len);
    let exponent = std::str::from_utf8(&digits[(at + 1).min(len)..len]).ok().and_then(|e| e.parse::<i32>().ok());
    match exponent {
        Some(e @ -4..6) => {
            let _ = write!(out, "{n:.*}", (5 - e) as usize);
            drop_zeros(start, out);
        }
        Some(e) => {
            out.extend_from_slice(&digits[..at]);
            drop_zeros(start, out);
            let _ = write!(out, "e{}{:02}", if e < 0 { '-' } else { '+' }, e.abs());
        }
        None => _ = write!(out, "{n}"),
    }
}

fn drop_zeros(start: usize, out: &mut Vec<u8>) {
    if out[start..].contains(&b'.') {
        while out.last() == Some(&b'0') {
            out.pop();
        }
        if out.last() == Some(&b'.') {
            out.pop();
        }
    }
}
