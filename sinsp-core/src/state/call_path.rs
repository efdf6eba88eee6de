//! The path arguments of system calls, made absolute: relative to the working directory, to a directory's fd, to the file of an fd, or to the
//! root of the call.

use super::{Thread, ThreadTable, path};

/// The fd that stands for the working directory.
pub const AT_FDCWD: i64 = -100;

/// The prefix of a path whose directory is not known.
pub const UNKNOWN_DIR: &[u8] = b"<UNKNOWN>";

/// A path argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallPath<'a> {
    /// The path.
    pub path: &'a [u8],
    /// The directory that a relative path starts from: the number of an fd, or [`AT_FDCWD`].
    pub dirfd: i64,
    /// Whether it is the file of `dirfd` itself: `AT_EMPTY_PATH` and no path.
    pub itself: bool,
    /// Whether `dirfd` is the root for this path, absolute or not: `RESOLVE_IN_ROOT`.
    pub in_root: bool,
}

impl<'a> CallPath<'a> {
    /// A path without a directory's fd: absolute, or relative to the working directory.
    pub fn in_cwd(path: &'a [u8]) -> CallPath<'a> {
        CallPath { path, dirfd: AT_FDCWD, itself: false, in_root: false }
    }

    /// Appends the absolute path, without `.`, `..` and repeated slashes. Symbolic links are not followed. Appends nothing and returns
    /// false if the directory is not known.
    pub fn append(&self, threads: &ThreadTable, thread: Option<&Thread>, out: &mut Vec<u8>) -> bool {
        if self.path.first() == Some(&b'/') && !self.in_root {
            path::append_concatenated(&[], self.path, out);
            return true;
        }
        let Some(dir) = self.directory(threads, thread) else { return false };
        let slash: &[u8] = if dir.is_empty() || dir.ends_with(b"/") { b"" } else { b"/" };
        if self.itself {
            out.extend_from_slice(if dir.len() > 1 { dir.strip_suffix(b"/").unwrap_or(dir) } else { dir });
        } else if self.in_root {
            path::append_in_root(&[dir, slash], self.path, out);
        } else {
            path::append_concatenated(&[dir, slash], self.path, out);
        }
        true
    }

    /// As [`CallPath::append`]; a path that cannot be made absolute gets the prefix `<UNKNOWN>`.
    pub fn append_or_unknown(&self, threads: &ThreadTable, thread: Option<&Thread>, out: &mut Vec<u8>) {
        if !self.append(threads, thread, out) {
            path::append_concatenated(&[UNKNOWN_DIR], self.path, out);
        }
    }

    fn directory<'t>(&self, threads: &'t ThreadTable, thread: Option<&'t Thread>) -> Option<&'t [u8]> {
        // Some captures have the 32 bits of an fd in a number of 64 bits, without its sign.
        let fd = u32::try_from(self.dirfd).map_or(self.dirfd, |bits| i64::from(bits as i32));
        match fd {
            AT_FDCWD => Some(threads.cwd(thread?)),
            fd => Some(threads.fd(thread?, fd)?.name()),
        }
    }
}
