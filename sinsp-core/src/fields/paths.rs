//! The paths that calls name, as seen from the directories that they are relative to.

use crate::EventContext;
use crate::state::Thread;
use driver::flags;

/// The directory that `path` is relative to, where a call gives it as `dirfd`: its name and the slash that is missing behind it.
///
/// Empty for an absolute path. `None` if the directory is not known.
pub fn dir_of<'a>(
    event: &EventContext<'a>,
    thread: Option<&'a Thread>,
    path: &[u8],
    dirfd: i64,
) -> Option<[&'a [u8]; 2]> {
    if path.first() == Some(&b'/') {
        return Some([b"", b""]);
    }
    let threads = &event.state.threads;
    if dirfd == i64::from(flags::AT_FDCWD) {
        return Some([threads.cwd(thread?), b""]);
    }
    Some(with_slash(threads.fd(thread?, dirfd)?.name()))
}

/// The name of a directory, and the slash that is missing behind it.
pub fn with_slash(name: &[u8]) -> [&[u8]; 2] {
    [name, if name.is_empty() || name.ends_with(b"/") { b"" } else { b"/" }]
}
