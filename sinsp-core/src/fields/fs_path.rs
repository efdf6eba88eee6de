//! The `fs.path` fields: the paths of file system calls, including those that open nothing.

use super::param_text::Param;
use super::{Field, fd};
use crate::parsers::Args;
use crate::state::{CallPath, UNKNOWN_DIR, path};
use crate::{EventContext, Extracted};
use driver::EventType;

type Event<'a> = EventContext<'a>;

/// Which of a call's paths.
#[derive(Clone, Copy, PartialEq)]
enum Which {
    Only,
    Source,
    Target,
}

/// Where a call has a path, by the names of its parameters.
enum Place {
    Param(&'static str),
    /// The path of a file that the call opens. What its enter event says counts more than what the exit event does.
    Opened(&'static str),
    /// The path of the call's fd.
    OfFd,
    /// What a symbolic link contains, and the link: a relative content starts from the link's directory.
    Content(&'static str, &'static str),
}

/// Where a call that succeeded has the path. A call whose path becomes the process's own - its directory, root or program - has it in
/// the fields of the process.
fn place_of(e: &Event<'_>, which: Which) -> Option<Place> {
    use EventType as T;
    use Which::{Only, Source, Target};
    let place = match (e.info.ty, which) {
        (T::SYSCALL_OPEN_X | T::SYSCALL_CREAT_X | T::SYSCALL_OPENAT_2_X | T::SYSCALL_OPENAT2_X, Only) => {
            // Failed opens count as well, except those that returned -1: existing rules depend on that.
            return (e.return_value()? != -1).then_some(Place::Opened("name"));
        }
        (
            T::SYSCALL_MKDIR_2_X
            | T::SYSCALL_MKDIRAT_X
            | T::SYSCALL_RMDIR_2_X
            | T::SYSCALL_UNLINK_2_X
            | T::SYSCALL_CHOWN_X
            | T::SYSCALL_LCHOWN_X
            | T::SYSCALL_MKNOD_X
            | T::SYSCALL_MKNODAT_X
            | T::SYSCALL_NEWFSTATAT_X,
            Only,
        ) => Place::Param("path"),
        (T::SYSCALL_UNLINKAT_2_X | T::SYSCALL_UMOUNT_1_X | T::SYSCALL_UMOUNT2_X, Only) => Place::Param("name"),
        (T::SYSCALL_FCHMODAT_X | T::SYSCALL_CHMOD_X, Only) => Place::Param("filename"),
        (T::SYSCALL_FCHOWNAT_X, Only) => Place::Param("pathname"),
        (T::SYSCALL_QUOTACTL_X, Only) => Place::Param("special"),
        (T::SYSCALL_FCHMOD_X | T::SYSCALL_FCHOWN_X, Only) => Place::OfFd,
        (T::SYSCALL_RENAME_X | T::SYSCALL_RENAMEAT_X | T::SYSCALL_RENAMEAT2_X, Source) => Place::Param("oldpath"),
        (T::SYSCALL_RENAME_X | T::SYSCALL_RENAMEAT_X | T::SYSCALL_RENAMEAT2_X, Target) => Place::Param("newpath"),
        // For a link the new path is the source, and the old path is the target.
        (T::SYSCALL_LINK_2_X | T::SYSCALL_LINKAT_2_X, Source) => Place::Param("newpath"),
        (T::SYSCALL_LINK_2_X | T::SYSCALL_LINKAT_2_X, Target) => Place::Param("oldpath"),
        (T::SYSCALL_SYMLINK_X | T::SYSCALL_SYMLINKAT_X, Source) => Place::Param("linkpath"),
        (T::SYSCALL_SYMLINK_X | T::SYSCALL_SYMLINKAT_X, Target) => Place::Content("target", "linkpath"),
        (T::SYSCALL_MOUNT_X, Source) => Place::Param("dev"),
        (T::SYSCALL_MOUNT_X, Target) => Place::Param("dir"),
        _ => return None,
    };
    (Param::of(e, e.info.param_index("res")?)?.signed()? == 0).then_some(place)
}

fn param<'a>(e: &Event<'a>, name: &str) -> Option<CallPath<'a>> {
    let at = e.info.param_index(name)?;
    Param::of(e, at)?;
    Args::of(e.event, e.info).call_path(at)
}

/// The path as the process passed it.
fn raw(e: &Event<'_>, which: Which, out: &mut Extracted) -> Option<()> {
    out.push_text(match place_of(e, which)? {
        Place::Param(name) | Place::Opened(name) | Place::Content(name, _) => {
            Param::of(e, e.info.param_index(name)?)?.text()
        }
        Place::OfFd => fd::name_of(e)?,
    });
    Some(())
}

fn full(e: &Event<'_>, which: Which, out: &mut Extracted) -> Option<()> {
    let place = place_of(e, which)?;
    let (threads, thread) = (&e.state.threads, Some(e.thread?));
    match (place, e.fd) {
        (Place::OfFd, _) => out.push_text(fd::name_of(e)?),
        (Place::Opened(_), Some(fd)) => out.push_text(fd.name()),
        (Place::Opened(name) | Place::Param(name), _) => {
            let path = param(e, name)?;
            out.build_text(|o| path.append_or_unknown(threads, thread, o));
        }
        (Place::Content(name, link), _) => {
            let (content, link) = (param(e, name)?.path, param(e, link)?);
            out.build_text(|o| {
                let base = o.len();
                if content.first() == Some(&b'/') || link.append(threads, thread, o) {
                    path::replace_by_neighbour(base, content, o);
                } else {
                    path::append_concatenated(&[UNKNOWN_DIR], content, o);
                }
            });
        }
    }
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
