//! The `user` and `group` fields.

use super::Field;
use super::param_text::NOT_AVAILABLE;
use crate::{EventContext, Extracted, Item};
use scap_sys::UserInfo;

type Event<'a> = EventContext<'a>;

/// Adds a name; if it is unknown, the default for root or `<NA>`.
fn name_or(known: Option<&[u8]>, id: u32, of_root: &[u8], out: &mut Extracted) -> Option<()> {
    out.push_text(known.unwrap_or(if id == 0 { of_root } else { NOT_AVAILABLE }));
    Some(())
}

fn user<'a>(e: &Event<'a>) -> Option<(u32, Option<&'a UserInfo>)> {
    let uid = e.thread?.uid.get();
    Some((uid, e.state.users.user(uid)))
}

pub fn uid(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    out.push(Item::Uint(e.thread?.uid.get().into()));
    Some(())
}

pub fn name(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
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
    let uid = e.thread?.loginuid.get();
    name_or(e.state.users.user(uid).map(|u| &*u.name), uid, b"root", out)
}

pub fn gid(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    out.push(Item::Uint(e.thread?.gid.get().into()));
    Some(())
}

pub fn group_name(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    let gid = e.thread?.gid.get();
    name_or(e.state.users.group(gid).map(|g| &*g.name), gid, b"root", out)
}
