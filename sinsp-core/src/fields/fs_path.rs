//! The fields of the paths that a call names, also where it opens none of them.

use super::param_text::Param;
use super::{Field, fd, paths};
use crate::state::path;
use crate::{EventContext, Extracted};
use driver::EventType;

type Event<'a> = EventContext<'a>;

/// Where a call has its paths, by the names of its parameters.
enum Paths {
    One(&'static str),
    /// The path of the fd that the call is about.
    OfFd,
    /// Source and target.
    Two(&'static str, &'static str),
}

/// The paths of a call that succeeded.
fn paths_of(e: &Event<'_>) -> Option<Paths> {
    use EventType as T;
    let paths = match e.info.ty {
        T::SYSCALL_OPEN_X | T::SYSCALL_OPENAT_2_X | T::SYSCALL_OPENAT2_X => {
            // As rules know it, an open that failed counts too, but for those that returned -1.
            return (e.return_value()? != -1).then_some(Paths::One("name"));
        }
        T::SYSCALL_MKDIR_2_X
        | T::SYSCALL_MKDIRAT_X
        | T::SYSCALL_RMDIR_2_X
        | T::SYSCALL_UNLINK_2_X
        | T::SYSCALL_CHOWN_X
        | T::SYSCALL_LCHOWN_X => Paths::One("path"),
        T::SYSCALL_UNLINKAT_2_X | T::SYSCALL_UMOUNT_1_X | T::SYSCALL_UMOUNT2_X => Paths::One("name"),
        T::SYSCALL_FCHMODAT_X | T::SYSCALL_CHMOD_X => Paths::One("filename"),
        T::SYSCALL_FCHOWNAT_X => Paths::One("pathname"),
        T::SYSCALL_QUOTACTL_X => Paths::One("special"),
        T::SYSCALL_FCHMOD_X | T::SYSCALL_FCHOWN_X => Paths::OfFd,
        T::SYSCALL_RENAME_X | T::SYSCALL_RENAMEAT_X | T::SYSCALL_RENAMEAT2_X => Paths::Two("oldpath", "newpath"),
        // What a link is made of is its source: the new path.
        T::SYSCALL_LINK_2_X | T::SYSCALL_LINKAT_2_X => Paths::Two("newpath", "oldpath"),
        T::SYSCALL_SYMLINK_X | T::SYSCALL_SYMLINKAT_X => Paths::Two("linkpath", "target"),
        T::SYSCALL_MOUNT_X => Paths::Two("dev", "dir"),
        _ => return None,
    };
    (Param::of(e, e.info.param_index("res")?)?.signed()? == 0).then_some(paths)
}

#[derive(Clone, Copy, PartialEq)]
enum Which {
    Only,
    Source,
    Target,
}

/// The path as the program gave it.
fn path_param<'a>(e: &Event<'a>, which: Which) -> Option<&'a [u8]> {
    let name = match (paths_of(e)?, which) {
        (Paths::One(name), Which::Only)
        | (Paths::Two(name, _), Which::Source)
        | (Paths::Two(_, name), Which::Target) => name,
        (Paths::OfFd, Which::Only) => return fd::name_of(e),
        _ => return None,
    };
    Some(Param::of(e, e.info.param_index(name)?)?.text())
}

fn raw(e: &Event<'_>, which: Which, out: &mut Extracted) -> Option<()> {
    out.push_text(path_param(e, which)?);
    Some(())
}

const UNKNOWN: [&[u8]; 2] = [b"<UNKNOWN>", b""];

/// The path made absolute and resolved.
fn full(e: &Event<'_>, which: Which, out: &mut Extracted) -> Option<()> {
    use EventType as T;
    let path = path_param(e, which)?;
    let thread = e.thread?;
    // Where the fd that the event is about is the directory.
    let of_fd = || match e.fd.filter(|fd| fd.is_directory()) {
        Some(fd) => paths::with_slash(fd.name()),
        None => UNKNOWN,
    };
    let mut relative = path;
    let dir: [&[u8]; 2] = match (e.info.ty, which) {
        _ if path.first() == Some(&b'/') => [&b""[..], &b""[..]],
        (T::SYSCALL_OPENAT_2_X | T::SYSCALL_OPENAT2_X, _) => {
            relative = e.fd.map_or(UNKNOWN[0], |fd| fd.name());
            [b"", b""]
        }
        (T::SYSCALL_FCHOWNAT_X | T::SYSCALL_FCHMODAT_X | T::SYSCALL_MKDIRAT_X | T::SYSCALL_UNLINKAT_2_X, _)
        | (T::SYSCALL_SYMLINKAT_X, Which::Source) => of_fd(),
        (T::SYSCALL_SYMLINKAT_X, _) => UNKNOWN,
        (T::SYSCALL_RENAMEAT2_X, _) => {
            let dirfd = Param::of(e, if which == Which::Source { 1 } else { 3 })?.signed()?;
            paths::dir_of(e, Some(thread), path, dirfd).unwrap_or(UNKNOWN)
        }
        _ => [e.state.threads.cwd(thread), b""],
    };
    out.build_text(|o| path::append_concatenated(&dir, relative, o));
    Some(())
}

pub fn name(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    full(e, Which::Only, out)
}

pub fn nameraw(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    raw(e, Which::Only, out)
}

pub fn source(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    full(e, Which::Source, out)
}

pub fn sourceraw(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    raw(e, Which::Source, out)
}

pub fn target(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    full(e, Which::Target, out)
}

pub fn targetraw(_: &Field, e: &Event<'_>, out: &mut Extracted) -> Option<()> {
    raw(e, Which::Target, out)
}
