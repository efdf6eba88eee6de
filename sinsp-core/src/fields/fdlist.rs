//! The `fdlist` fields: comma-separated lists about the fds of a poll event.

use super::Field;
use super::param_text::{NOT_AVAILABLE, poll_fds};
use crate::state::{Fd, SockInfo, names::V6};
use crate::{EventContext, Extracted};
use driver::EventType;
use std::io::Write;

type Event<'a> = EventContext<'a>;

/// Appends the text of `item` for each fd. `item` returns whether the fd has one.
fn list(e: &Event<'_>, out: &mut Extracted, item: fn(i64, Option<&Fd>, &mut Vec<u8>) -> bool) -> Option<()> {
    if !matches!(e.info.ty, EventType::SYSCALL_POLL_X | EventType::SYSCALL_PPOLL_X) {
        return None;
    }
    let fds = e.event.param(1)?;
    let thread = e.thread?;
    out.try_build_text(|o| {
        let start = o.len();
        for (fd, _) in poll_fds(fds) {
            if item(fd, e.state.threads.fd(thread, fd), o) {
                o.push(b',');
            }
        }
        if o.last() == Some(&b',') && o.len() > start {
            o.pop();
        }
        o.len() > start
    })
}

pub fn nums(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    list(e, out, |number, _, o| write!(o, "{number}").is_ok())
}

pub fn names(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    list(e, out, |_, fd, o| {
        o.extend_from_slice(fd.map(|fd| fd.name()).filter(|name| !name.is_empty()).unwrap_or(NOT_AVAILABLE));
        true
    })
}

pub fn cips(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    list(e, out, |_, fd, o| match fd.map(|fd| fd.sock()) {
        Some(SockInfo::Ipv4 { sip, .. }) => write!(o, "{sip}").is_ok(),
        Some(SockInfo::Ipv6 { sip, .. }) => write!(o, "{}", V6(sip)).is_ok(),
        _ => false,
    })
}

pub fn sips(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    list(e, out, |_, fd, o| match fd.map(|fd| fd.sock()) {
        Some(SockInfo::Ipv4 { dip: ip, .. } | SockInfo::Ipv4Server { ip, .. }) => write!(o, "{ip}").is_ok(),
        Some(SockInfo::Ipv6 { dip: ip, .. } | SockInfo::Ipv6Server { ip, .. }) => write!(o, "{}", V6(ip)).is_ok(),
        _ => false,
    })
}

pub fn cports(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    list(e, out, |_, fd, o| match fd.map(|fd| fd.sock()) {
        Some(SockInfo::Ipv4 { sport, .. } | SockInfo::Ipv6 { sport, .. }) => write!(o, "{sport}").is_ok(),
        _ => false,
    })
}

pub fn sports(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    list(e, out, |_, fd, o| match fd.map(|fd| fd.sock()) {
        Some(SockInfo::Ipv4 { dport, .. } | SockInfo::Ipv6 { dport, .. }) => write!(o, "{dport}").is_ok(),
        _ => false,
    })
}
