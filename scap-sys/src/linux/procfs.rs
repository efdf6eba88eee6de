//! Reading /proc: directories that stay open, small files, and the numbers in them.
//!
//! A process that cannot be read is left out: it has exited or access is denied. Errors of this process or of the machine,
//! such as EMFILE, are different: they are stored per thread and returned by [`watched`].

use std::cell::RefCell;
use std::ffi::{CStr, OsStr};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::buffer::spare_capacity;
use rustix::fs::{AtFlags, CWD, Mode, OFlags, RawDir, Stat};
use rustix::io::{Errno, Result, retry_on_intr};
use rustix::path::Arg;

thread_local! {
    static SCAN_ERROR: RefCell<Option<crate::Error>> = const { RefCell::new(None) };
}

/// Whether an error is due to this process or the machine, and not to the file.
fn is_scan_error(e: Errno) -> bool {
    matches!(e, Errno::MFILE | Errno::NFILE | Errno::NOMEM | Errno::IO)
}

/// Runs `f`. Returns the first [`is_scan_error`] error during the call, if there was one, else the result of `f`.
pub(super) fn watched<T>(f: impl FnOnce() -> crate::Result<T>) -> crate::Result<T> {
    let outer = SCAN_ERROR.take();
    let answer = f();
    match SCAN_ERROR.replace(outer) {
        Some(error) => answer.and(Err(error)),
        None => answer,
    }
}

/// Whether such an error occurred in the present [`watched`] call; results may then be incomplete and must not be cached.
pub(super) fn has_scan_error() -> bool {
    SCAN_ERROR.with_borrow(Option::is_some)
}

/// Stores the error of a call if it is such an error.
fn storing_error<T>(dir: impl AsFd, name: &CStr, answer: Result<T>) -> Result<T> {
    answer.inspect_err(|&e| {
        if is_scan_error(e) && !has_scan_error() {
            let at = format!("/proc/self/fd/{}", dir.as_fd().as_raw_fd());
            let dir = std::fs::read_link(at).unwrap_or_default();
            SCAN_ERROR.set(Some(io(&dir.join(OsStr::from_bytes(name.to_bytes())), e)));
        }
    })
}

/// An open directory. If it belongs to a process, reads through it fail after the process exits, even if the pid is reused.
pub(super) struct Dir(OwnedFd);

impl Dir {
    /// Opens the directory at `path`.
    pub fn open(path: &Path) -> Result<Dir> {
        open_at(CWD, path, DIRECTORY).map(Dir)
    }

    /// Opens a directory below this one.
    pub fn sub(&self, name: impl Arg) -> Result<Dir> {
        open_at(&self.0, name, DIRECTORY).map(Dir)
    }

    /// Opens a directory below this one that the scanned process controls. Errors are not stored, because its file system
    /// may be FUSE and return any error.
    pub fn sub_of_process(&self, name: &CStr) -> Result<Dir> {
        retry_on_intr(|| rustix::fs::openat(&self.0, name, DIRECTORY, Mode::empty())).map(Dir)
    }

    /// An O_PATH descriptor of the file `name`. Symbolic links are followed.
    pub fn handle(&self, name: impl Arg) -> Result<OwnedFd> {
        open_at(&self.0, name, OFlags::PATH | OFlags::CLOEXEC)
    }

    /// Reads at most `limit` bytes of the file `name` into `buffer`, which is cleared first.
    pub fn read(&self, name: impl Arg, buffer: &mut Vec<u8>, limit: usize) -> Result<()> {
        read_at(&self.0, name, buffer, limit)
    }

    /// The target of the symbolic link `name`.
    pub fn link(&self, name: impl Arg) -> Result<Vec<u8>> {
        let name = name.into_c_str()?;
        let link = retry_on_intr(|| rustix::fs::readlinkat(&self.0, &*name, Vec::new()));
        storing_error(&self.0, &name, link).map(std::ffi::CString::into_bytes)
    }

    /// stat(2) of the file `name`; symbolic links are followed. Errors are not stored, because the file system may be FUSE
    /// and return any error.
    pub fn stat(&self, name: impl Arg) -> Result<Stat> {
        let name = name.into_c_str()?;
        retry_on_intr(|| rustix::fs::statat(&self.0, &*name, AtFlags::empty()))
    }

    /// Calls `f` for each entry whose name is a number, until `f` returns `false`.
    pub fn numbers(&self, mut f: impl FnMut(u64, &CStr) -> bool) -> Result<()> {
        let mut buffer = [MaybeUninit::<u8>::uninit(); 8192];
        let list = self.sub(c".")?;
        let mut entries = RawDir::new(&list.0, &mut buffer);
        while let Some(entry) = entries.next() {
            if matches!(entry, Err(Errno::INTR)) {
                continue;
            }
            let entry = storing_error(&list.0, c"", entry)?;
            let name = entry.file_name();
            if let Some(n) = number(name.to_bytes(), 10)
                && !f(n, name)
            {
                break;
            }
        }
        Ok(())
    }

    /// Whether the directory is in procfs and not in another file system that is mounted there.
    pub fn is_procfs(&self) -> bool {
        retry_on_intr(|| rustix::fs::fstatfs(self.0.as_fd())).is_ok_and(|s| s.f_type == rustix::fs::PROC_SUPER_MAGIC)
    }
}

const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

pub(super) fn read_file(path: &Path, limit: usize) -> crate::Result<Vec<u8>> {
    let mut buffer = Vec::new();
    read_at(CWD, path, &mut buffer, limit).map_err(|e| io(path, e))?;
    Ok(buffer)
}

fn open_at(dir: impl AsFd, name: impl Arg, flags: OFlags) -> Result<OwnedFd> {
    let name = name.into_c_str()?;
    storing_error(&dir, &name, retry_on_intr(|| rustix::fs::openat(&dir, &*name, flags, Mode::empty())))
}

fn read_at(dir: impl AsFd, name: impl Arg, buffer: &mut Vec<u8>, limit: usize) -> Result<()> {
    buffer.clear();
    let fd = open_at(dir, name, OFlags::RDONLY | OFlags::CLOEXEC)?;
    while buffer.len() < limit {
        if buffer.capacity() == buffer.len() {
            buffer.reserve(buffer.len().clamp(4096, 1 << 20));
        }
        match rustix::io::read(&fd, spare_capacity(buffer)) {
            Ok(0) => break,
            Ok(_) | Err(Errno::INTR) => {}
            Err(e) => return storing_error(&fd, c"", Err(e)),
        }
    }
    buffer.truncate(limit);
    Ok(())
}

/// The path of a directory of the host whose /proc is `proc`: through the root of the init process, or, if that may not be
/// read, next to `proc`.
pub(super) fn host_dir(proc: &Path, dir: &[u8]) -> PathBuf {
    let relative = OsStr::from_bytes(dir.strip_prefix(b"/").unwrap_or(dir));
    let through_init = proc.join("1/root").join(relative);
    if through_init.is_dir() { through_init } else { proc.parent().unwrap_or(proc).join(relative) }
}

pub(super) fn io(path: &Path, e: Errno) -> crate::Error {
    crate::Error::io(path.display(), e.into())
}

/// A number that makes up the whole text.
pub(super) fn number(text: &[u8], radix: u32) -> Option<u64> {
    if text.first() == Some(&b'+') {
        return None;
    }
    u64::from_str_radix(str::from_utf8(text).ok()?, radix).ok()
}

/// The words of a line, separated by whitespace.
pub(super) fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|b| b.is_ascii_whitespace()).filter(|w| !w.is_empty())
}

/// The lines of a file, without line breaks; empty lines are skipped.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|&b| b == b'\n').filter(|l| !l.is_empty())
}

/// Decodes a name in a list of mounts, where whitespace and backslashes are written as three octal digits.
pub(super) fn unescape(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, after @ ..] = rest {
        match after {
            [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', tail @ ..] if *first == b'\\' => {
                out.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                rest = tail;
            }
            _ => {
                out.push(*first);
                rest = after;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lack_of_files_ends_what_is_watched_and_a_missing_file_does_not() {
        let read = |dir: &Path, file: &CStr, e: Option<Errno>| {
            let dir = Dir::open(dir).unwrap();
            let read = dir.read(file, &mut Vec::new(), 4096);
            let read = e.map_or(read, |e| storing_error(&dir.0, file, Err(e)));
            read.is_ok()
        };
        let proc = Path::new("/proc/self");
        assert!(watched(|| Ok(read(proc, c"stat", None))).unwrap());
        assert!(!watched(|| Ok(read(proc, c"no such file", None))).unwrap());
        assert!(!watched(|| Ok(read(proc, c"stat", Some(Errno::ACCESS)))).unwrap());
        let outer = watched(|| {
            let inner = watched(|| {
                assert!(!has_scan_error());
                read(proc, c"stat", Some(Errno::MFILE));
                read(proc, c"status", Some(Errno::NOMEM));
                assert!(has_scan_error());
                Ok(())
            });
            assert!(!has_scan_error(), "it is reported already");
            Ok(inner.unwrap_err().to_string())
        });
        let message = outer.unwrap();
        assert!(message.ends_with("/stat: Too many open files"), "{message}");
        assert!(message.starts_with("/proc/"), "{message}");
    }

    #[test]
    fn escaped_mount_points() {
        assert_eq!(unescape(br"/a\040b\134c\9"), br"/a b\c\9");
    }
}
