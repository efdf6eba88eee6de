//! Counts the threads and fds that the iterators delivered since the program started.

use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::FileType;

use super::records::{FileRecord, SOCKET};

/// The kinds of records that are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Reported {
    Thread,
    Pipe,
    Memfd,
    RegularFile,
    Directory,
    Ipv4Socket,
    Ipv6Socket,
    UnixSocket,
    NetlinkSocket,
    AnonymousInode,
}

static COUNTS: [AtomicU64; Reported::AnonymousInode as usize + 1] =
    [const { AtomicU64::new(0) }; Reported::AnonymousInode as usize + 1];

/// How many records of a kind the iterators delivered since the program started.
pub fn reported_by_iterators(what: Reported) -> u64 {
    COUNTS[what as usize].load(Ordering::Relaxed)
}

pub(super) fn count(what: Reported) {
    COUNTS[what as usize].fetch_add(1, Ordering::Relaxed);
}

/// The kind of a file record; `None` for a kind that is not counted.
pub(super) fn kind(file: &FileRecord) -> Option<Reported> {
    if file.has(SOCKET) {
        return match file.family as i32 {
            libc::AF_INET => Some(Reported::Ipv4Socket),
            libc::AF_INET6 => Some(Reported::Ipv6Socket),
            libc::AF_UNIX => Some(Reported::UnixSocket),
            libc::AF_NETLINK => Some(Reported::NetlinkSocket),
            _ => None,
        };
    }
    match FileType::from_raw_mode(file.mode) {
        FileType::Fifo => Some(Reported::Pipe),
        FileType::Directory => Some(Reported::Directory),
        FileType::RegularFile if file.text.starts_with(b"/memfd:") => Some(Reported::Memfd),
        FileType::RegularFile => Some(Reported::RegularFile),
        _ if file.text.starts_with(b"anon_inode:") => Some(Reported::AnonymousInode),
        _ => None,
    }
}
