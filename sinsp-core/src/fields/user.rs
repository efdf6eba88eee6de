//! The `user` and `group` fields.

use super::Field;
use super::param_text::NOT_AVAILABLE;
use crate::{EventContext, Extracted, Item};
use driver::EventType;
use scap_sys::UserInfo;

type Event<'a> = EventContext<'a>;

/// Adds a name; if it is unknown, the default for root or `<NA>`.
fn name_or(known: Option<&[u8]>, id: u32, of_root: &[u8], out: &mut Extracted) -> Option<()> {
    out.push_text(known.unwrap_or(if id == 0 { of_root } else { NOT_AVAILABLE }));
    Some(())
}

fn user<'a>(e: &Event<'a>) -> Option<(u32, Option<&'a UserInfo>)> {
    let thread = e.thread?;
    let uid = thread.uid.get();
    Some((uid, e.user_of(thread, uid)))
}

/// Whether an event announces a container: its user is that of the container.
fn is_container_event(e: &Event<'_>) -> bool {
    match e.event.ty() {
        EventType::CONTAINER_JSON_2_E => true,
        EventType::ASYNCEVENT_E => {
            e.event.param(1).is_some_and(|name| name.strip_suffix(b"\0").unwrap_or(name) == b"container")
        }
        _ => false,
    }
}

pub fn uid(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    out.push(Item::Uint(e.thread?.uid.get().into()));
    Some(())
}

pub fn name(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    if is_container_event(e) {
        let user = e.state.with_container(e.thread?, |container| e.view.containers.user(container));
        if !user.is_empty() {
            out.push_text(&user);
            return Some(());
        }
    }
    let (uid, user) = user(e)?;
    name_or(user.map(|u| &*u.name), uid, b"root", out)
}

pub fn homedir(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let (uid, user) = user(e)?;
    name_or(user.map(|u| &*u.homedir), uid, b"/root", out)
}

pub fn shell(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let (uid, user) = user(e)?;
    name_or(user.map(|u| &*u.shell), uid, NOT_AVAILABLE, out)
}

pub fn loginuid(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let uid = e.thread?.loginuid.get();
    out.push(Item::Int(if uid == u32::MAX { -1 } else { uid.into() }));
    Some(())
}

pub fn loginname(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let thread = e.thread?;
    let uid = thread.loginuid.get();
    name_or(e.user_of(thread, uid).map(|u| &*u.name), uid, b"root", out)
}

pub fn gid(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    out.push(Item::Uint(e.thread?.gid.get().into()));
    Some(())
}

pub fn group_name(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let thread = e.thread?;
    let gid = thread.gid.get();
    name_or(e.group_of(thread, gid).map(|g| &*g.name), gid, b"root", out)
}
