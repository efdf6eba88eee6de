//! The fds of a process, from `/proc/<pid>/fd` and `fdinfo`.

use rustix::fs::FileType;
use rustix::io::Result;

use super::Scanner;
use super::procfs::{Dir, lines, number};
use super::sockets::{Socket, Sockets, of_protocol};
use crate::{FdDetail, FdInfo, FdType, SystemSink};

impl Scanner {
    /// Passes the fds of the process in `dir` to `sink`; returns their number. Sockets are left out if `sockets` is `None`.
    pub(super) fn read_fds(
        &mut self,
        dir: &Dir,
        pid: i64,
        mut sockets: Option<&mut Sockets>,
        sink: &mut dyn SystemSink,
    ) -> u64 {
        let mut reported = 0;
        let limit = self.options.fd_limit as u64;
        let Ok(fds) = dir.sub(c"fd") else { return 0 };
        // The list ends early if the process exits.
        let _ = fds.numbers(|fd, _| {
            // An fd that cannot be read was closed in the meantime.
            if let Ok(Some(info)) = self.read_fd(dir, pid, fd, sockets.as_deref_mut()) {
                sink.fd(pid, info);
                reported += 1;
            }
            limit == 0 || reported < limit
        });
        reported
    }

    /// Reads one fd; `None` for a type that is left out.
    pub(super) fn read_fd(
        &mut self,
        dir: &Dir,
        pid: i64,
        fd: u64,
        sockets: Option<&mut Sockets>,
    ) -> Result<Option<FdInfo>> {
        let path = format!("fd/{fd}");
        let stat = dir.stat(&*path)?;
        let kind = FileType::from_raw_mode(stat.st_mode);
        if kind == FileType::Socket {
            let Some(sockets) = sockets else { return Ok(None) };
            let link = dir.link(&*path)?;
            return Ok(self.socket(dir, pid, fd, &link, sockets));
        }
        if self.options.minimal {
            return Ok(None);
        }
        let link = dir.link(&*path)?;
        let (ty, detail) = classify(kind, link, |link| self.file(dir, fd, link));
        Ok(Some(FdInfo { fd: fd as i64, ino: stat.st_ino, ty, detail }))
    }

    /// A socket; `None` if it was closed meanwhile. If none of the kernel's tables has it (it is neither bound nor connected, or does not
    /// listen yet, or is of another family), only its protocol is known.
    fn socket(&mut self, dir: &Dir, pid: i64, fd: u64, link: &[u8], sockets: &mut Sockets) -> Option<FdInfo> {
        let ino = link.strip_prefix(b"socket:[").and_then(|l| l.strip_suffix(b"]")).and_then(|l| number(l, 10));
        let Some(ino) = ino else {
            // The file of a bound unix socket, opened with O_PATH.
            let detail = FdDetail::Name(link.to_vec());
            return Some(FdInfo { fd: fd as i64, ino: 0, ty: FdType::Unsupported, detail });
        };
        let namespace = dir.stat(c"ns/net").map_or(0, |s| s.st_ino);
        let known = sockets.find(dir, namespace, ino, &mut self.buffer).cloned();
        let (ty, detail) = known.or_else(|| self.bare_socket(pid, fd))?;
        Some(FdInfo { fd: fd as i64, ino, ty, detail })
    }

    /// A socket by the name of its protocol, which is an extended attribute of every socket. The call has no form that takes a
    /// directory.
    fn bare_socket(&self, pid: i64, fd: u64) -> Option<Socket> {
        let mut name = [0; 64];
        let path = self.proc.join(format!("{pid}/fd/{fd}"));
        let length = rustix::fs::getxattr(path, c"system.sockprotoname", &mut name).ok()?;
        let name = &name[..length];
        Some(of_protocol(name.strip_suffix(b"\0").unwrap_or(name)))
    }

    fn file(&mut self, dir: &Dir, fd: u64, name: Vec<u8>) -> FdDetail {
        let (mut open_flags, mut mount_id) = (0, 0);
        if dir.read(format!("fdinfo/{fd}"), &mut self.buffer, 512).is_ok() {
            for line in lines(&self.buffer) {
                let value = |key, radix| number(line.strip_prefix::<[u8]>(key)?.trim_ascii(), radix);
                if let Some(flags) = value(b"flags:", 8) {
                    open_flags = open_flags_to_ppm(flags as u32);
                } else if let Some(id) = value(b"mnt_id:", 10) {
                    mount_id = id as u32;
                }
            }
        }
        let dev = if mount_id == 0 { 0 } else { self.mounts.device(dir, mount_id, &mut self.buffer) };
        FdDetail::File { open_flags, name, mount_id, dev }
    }
}

/// The type of an fd that is no socket, by its inode type and its link text. `file` returns the details of a regular file.
pub(super) fn classify(kind: FileType, link: Vec<u8>, file: impl FnOnce(Vec<u8>) -> FdDetail) -> (FdType, FdDetail) {
    if let Some(name) = link.strip_prefix(b"anon_inode:") {
        return (anonymous(name), FdDetail::Name(Vec::new()));
    }
    match kind {
        FileType::Fifo => (FdType::Fifo, FdDetail::Name(link)),
        FileType::Directory => (FdType::Directory, FdDetail::Name(link)),
        FileType::Unknown => (FdType::Unsupported, FdDetail::Name(Vec::new())),
        _ if link.starts_with(b"/memfd:") => (FdType::MemFd, FdDetail::Name(link)),
        _ => (FdType::FileV2, file(link)),
    }
}

fn anonymous(name: &[u8]) -> FdType {
    match name {
        b"[eventfd]" => FdType::Event,
        b"[eventpoll]" => FdType::EventPoll,
        b"inotify" => FdType::Inotify,
        b"[signalfd]" => FdType::SignalFd,
        b"[timerfd]" => FdType::TimerFd,
        b"[io_uring]" => FdType::IoUring,
        b"[userfaultfd]" => FdType::UserfaultFd,
        b"[pidfd]" => FdType::PidFd,
        b"bpf-map" | b"bpf-prog" | b"bpf-link" | b"bpf_link" | b"bpf_iter" => FdType::Bpf,
        _ => FdType::Unsupported,
    }
}

/// Converts `O_*` flags of this architecture to `PPM_O_*`, which are the same on all architectures.
pub(super) fn open_flags_to_ppm(flags: u32) -> u32 {
    // O_LARGEFILE is left out: the kernel sets it for every file of a 64-bit process.
    let bits = [
        (libc::O_CREAT as u32, 1 << 2),
        (libc::O_APPEND as u32, 1 << 3),
        (libc::O_DSYNC as u32, 1 << 4),
        (libc::O_EXCL as u32, 1 << 5),
        (libc::O_NONBLOCK as u32, 1 << 6),
        (libc::O_SYNC as u32, 1 << 7),
        (libc::O_TRUNC as u32, 1 << 8),
        (libc::O_DIRECT as u32, 1 << 9),
        (libc::O_DIRECTORY as u32, 1 << 10),
        (libc::O_CLOEXEC as u32, 1 << 12),
        (libc::O_TMPFILE as u32, 1 << 13),
    ];
    let access = match flags as i32 & libc::O_ACCMODE {
        libc::O_WRONLY => 2,
        libc::O_RDWR => 3,
        _ => 1,
    };
    bits.iter().filter(|(bit, _)| *bit != 0 && flags & bit == *bit).fold(access, |all, (_, ppm)| all | ppm)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_flags() {
        let all = |flags: libc::c_int| open_flags_to_ppm(flags as u32);
        assert_eq!(all(libc::O_RDONLY), 1);
        assert_eq!(all(0o100_000), 1);
        assert_eq!(all(libc::O_RDWR | libc::O_CLOEXEC | libc::O_APPEND), 3 | 1 << 12 | 1 << 3);
        assert_eq!(all(libc::O_DIRECTORY), 1 | 1 << 10, "a directory is no temporary file");
        assert_eq!(all(libc::O_TMPFILE | libc::O_WRONLY), 2 | 1 << 10 | 1 << 13);
        assert_eq!(all(libc::O_DSYNC), 1 | 1 << 4);
        assert_eq!(all(libc::O_SYNC), 1 | 1 << 4 | 1 << 7);
    }
}
