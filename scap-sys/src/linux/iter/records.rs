//! Parses the records of the iterators; the fields are in the order of `driver/bpf/iterators.h`.

struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn bytes(&mut self, n: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes(N)?.try_into().ok()
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_ne_bytes(self.array()?))
    }

    fn u64(&mut self) -> Option<u64> {
        Some(u64::from_ne_bytes(self.array()?))
    }

    fn id(&mut self) -> Option<i64> {
        Some(i64::from(self.u32()? as i32))
    }
}

/// The length field of the record at the start of `bytes`.
pub(super) fn record_size(bytes: &[u8]) -> Option<usize> {
    Fields(bytes).u32().map(|n| n as usize)
}

pub(super) const HAS_EXE: u32 = 1 << 0;
pub(super) const EXE_UPPER: u32 = 1 << 1;
pub(super) const EXE_LOWER: u32 = 1 << 2;
pub(super) const EXE_READ_ONLY: u32 = 1 << 3;
pub(super) const EXE_OWNER_MAPPED: u32 = 1 << 4;
pub(super) const SHARES_FS: u32 = 1 << 5;
pub(super) const HAS_FS: u32 = 1 << 6;
pub(super) const EXE_PATH_CUT: u32 = 1 << 7;
pub(super) const CWD_CUT: u32 = 1 << 8;
pub(super) const ROOT_CUT: u32 = 1 << 9;
pub(super) const OF_KERNEL: u32 = 1 << 10;

/// `struct thread_record` with its texts.
pub(super) struct ThreadRecord<'a> {
    pub flags: u32,
    pub tid: i64,
    pub pid: i64,
    pub ptid: i64,
    pub sid: i64,
    pub pgid: i64,
    pub vtid: i64,
    pub vpid: i64,
    pub vpgid: i64,
    pub uid: u32,
    pub gid: u32,
    pub loginuid: u32,
    pub tty: u32,
    pub comm: &'a [u8],
    pub cap_permitted: u64,
    pub cap_effective: u64,
    pub cap_inheritable: u64,
    pub start: u64,
    pub pidns_start: u64,
    pub vm_pages: u64,
    pub rss_pages: u64,
    pub swap_pages: u64,
    pub pfminor: u64,
    pub pfmajor: u64,
    pub past_pfminor: u64,
    pub past_pfmajor: u64,
    pub fdlimit: u64,
    pub cgroups: (u64, u64),
    pub exe_ino: u64,
    pub exe_ctime: u64,
    pub exe_mtime: u64,
    pub exe_uid: u32,
    pub exe_gid: u32,
    pub exe_mode: u32,
    pub threads: u32,
    pub exepath: &'a [u8],
    pub cwd: &'a [u8],
    pub root: &'a [u8],
}

impl<'a> ThreadRecord<'a> {
    /// Parses a record; `None` if its lengths are inconsistent.
    pub fn parse(bytes: &'a [u8]) -> Option<ThreadRecord<'a>> {
        let mut f = Fields(bytes);
        if f.u32()? as usize != bytes.len() {
            return None;
        }
        let mut record = ThreadRecord {
            flags: f.u32()?,
            tid: f.id()?,
            pid: f.id()?,
            ptid: f.id()?,
            sid: f.id()?,
            pgid: f.id()?,
            vtid: f.id()?,
            vpid: f.id()?,
            vpgid: f.id()?,
            uid: f.u32()?,
            gid: f.u32()?,
            loginuid: f.u32()?,
            tty: f.u32()?,
            comm: until_nul(f.bytes(16)?),
            cap_permitted: f.u64()?,
            cap_effective: f.u64()?,
            cap_inheritable: f.u64()?,
            start: f.u64()?,
            pidns_start: f.u64()?,
            vm_pages: f.u64()?,
            rss_pages: f.u64()?,
            swap_pages: f.u64()?,
            pfminor: f.u64()?,
            pfmajor: f.u64()?,
            past_pfminor: f.u64()?,
            past_pfmajor: f.u64()?,
            fdlimit: f.u64()?,
            cgroups: (f.u64()?, f.u64()?),
            exe_ino: f.u64()?,
            exe_ctime: f.u64()?,
            exe_mtime: f.u64()?,
            exe_uid: f.u32()?,
            exe_gid: f.u32()?,
            exe_mode: f.u32()?,
            threads: f.u32()?,
            exepath: &[],
            cwd: &[],
            root: &[],
        };
        let lengths = [f.u32()?, f.u32()?, f.u32()?];
        let _pad = f.u32()?;
        record.exepath = f.bytes(lengths[0] as usize)?;
        record.cwd = f.bytes(lengths[1] as usize)?;
        record.root = f.bytes(lengths[2] as usize)?;
        f.0.is_empty().then_some(record)
    }

    pub fn has(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }
}

pub(super) const CLOSE_ON_EXEC: u32 = 1 << 0;
pub(super) const SOCKET: u32 = 1 << 1;
pub(super) const SOCKET_HASHED: u32 = 1 << 2;
pub(super) const TEXT_CUT: u32 = 1 << 3;

/// `struct file_record` with its text.
pub(super) struct FileRecord<'a> {
    pub flags: u32,
    pub pid: i64,
    pub fd: i64,
    pub mode: u32,
    pub open_flags: u32,
    pub ino: u64,
    pub mount_id: u32,
    pub dev: u32,
    pub family: u32,
    pub ty: u32,
    pub protocol: u32,
    pub own_port: u32,
    pub other_port: u32,
    pub own: u64,
    pub other: u64,
    pub own_ip: [u8; 16],
    pub other_ip: [u8; 16],
    pub text: &'a [u8],
}

impl<'a> FileRecord<'a> {
    /// Parses a record; `None` if its lengths are inconsistent.
    pub fn parse(bytes: &'a [u8]) -> Option<FileRecord<'a>> {
        let mut f = Fields(bytes);
        if f.u32()? as usize != bytes.len() {
            return None;
        }
        let (flags, pid, fd, mode, open_flags) = (f.u32()?, f.id()?, f.id()?, f.u32()?, f.u32()?);
        let (ino, mount_id, dev) = (f.u64()?, f.u32()?, f.u32()?);
        let (family, ty, protocol) = (f.u32()?, f.u32()?, f.u32()?);
        let (own_port, other_port, length) = (f.u32()?, f.u32()?, f.u32()?);
        let (own, other, own_ip, other_ip) = (f.u64()?, f.u64()?, f.array()?, f.array()?);
        let text = f.bytes(length as usize)?;
        f.0.is_empty().then_some(FileRecord {
            flags,
            pid,
            fd,
            mode,
            open_flags,
            ino,
            mount_id,
            dev,
            family,
            ty,
            protocol,
            own_port,
            other_port,
            own,
            other,
            own_ip,
            other_ip,
            text,
        })
    }

    pub fn has(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }
}

fn until_nul(text: &[u8]) -> &[u8] {
    &text[..text.iter().position(|&b| b == 0).unwrap_or(text.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With any lengths a record is parsed without a panic and without a read beyond its end.
    #[test]
    fn lengths_that_lie() {
        for (size, lengths, text) in [(248, 232..244, 3), (112, 60..64, 1)] {
            let mut record = vec![0u8; size + text];
            record[..4].copy_from_slice(&((size + text) as u32).to_ne_bytes());
            for at in lengths.clone().step_by(4) {
                record[at..at + 4].copy_from_slice(&1u32.to_ne_bytes());
            }
            let parses =
                |r: &[u8]| if size == 248 { ThreadRecord::parse(r).is_some() } else { FileRecord::parse(r).is_some() };
            assert!(parses(&record));
            for cut in 0..record.len() {
                assert!(!parses(&record[..cut]), "{cut} bytes");
            }
            for at in (0..4).chain(lengths) {
                for value in [0u8, 2, 0x7f, 0xff] {
                    let mut broken = record.clone();
                    if broken[at] != value {
                        broken[at] = value;
                        assert!(!parses(&broken), "{value} at {at}");
                    }
                }
            }
        }
        assert_eq!(record_size(&[1, 0]), None);
    }
}
