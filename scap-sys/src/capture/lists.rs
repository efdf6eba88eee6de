//! Reads the blocks before the events: machine, threads, fds, interfaces and users.
//!
//! Each entry is passed to the sink as soon as it is read, so that of a truncated list everything before the end is
//! delivered.

use super::input::Input;
use super::order::Order;
use crate::{
    Error, FdDetail, FdInfo, FdType, GroupInfo, Interface, InterfaceAddress, L4Proto, MachineInfo, Result, SystemSink,
    ThreadInfo, UserInfo, UserList,
};
use memchr::memchr;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The size of the host name field in the machine block.
pub const HOSTNAME_LEN: usize = 128;
/// The types of interface entries. The old ones have no link speed.
pub const IF_V4: u16 = 1;
/// As [`IF_V4`], for IPv6.
pub const IF_V6: u16 = 2;
/// The type of a group entry in the user list.
pub const GROUP: u8 = 1;
const IF_V4_NO_SPEED: u16 = 3;
const IF_V6_NO_SPEED: u16 = 4;
/// The type of a user entry in the user list.
pub const USER: u8 = 0;

/// The body of a block, read field by field.
pub struct Body<'a> {
    input: &'a mut Input,
    what: &'static str,
    order: Order,
    /// The bytes that are left of the body.
    left: u32,
    /// The value of `left` at the end of the current entry, if its length is known.
    entry_end: Option<u32>,
}

impl<'a> Body<'a> {
    pub fn new(input: &'a mut Input, what: &'static str, order: Order, len: u32) -> Body<'a> {
        Body { input, what, order, left: len, entry_end: None }
    }

    #[cold]
    fn corrupt<T>(&self, what: &str) -> Result<T> {
        Err(Error::Corrupt { what: format!("{}: {what}", self.what), offset: self.input.offset() })
    }

    #[inline]
    fn bytes(&mut self, n: u32) -> Result<&[u8]> {
        if n > self.left - self.end() {
            return match self.entry_end {
                Some(_) => self.corrupt("a field goes past the end of its entry"),
                None => self.corrupt("a field goes past the end of the block"),
            };
        }
        self.left -= n;
        self.input.take(n as usize, self.what)
    }

    /// The value of `left` at which the current field must end at the latest.
    #[inline]
    fn end(&self) -> u32 {
        self.entry_end.unwrap_or(0)
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let bytes = self.bytes(N as u32)?;
        Ok(*bytes.first_chunk().expect("as many as were asked for"))
    }

    #[inline]
    fn u8(&mut self) -> Result<u8> {
        self.array().map(|[byte]| byte)
    }

    #[inline]
    fn u16(&mut self) -> Result<u16> {
        let order = self.order;
        self.array().map(|b| order.u16(u16::from_ne_bytes(b)))
    }

    #[inline]
    fn u32(&mut self) -> Result<u32> {
        let order = self.order;
        self.array().map(|b| order.u32(u32::from_ne_bytes(b)))
    }

    #[inline]
    fn u64(&mut self) -> Result<u64> {
        let order = self.order;
        self.array().map(|b| order.u64(u64::from_ne_bytes(b)))
    }

    #[inline]
    fn i64(&mut self) -> Result<i64> {
        self.u64().map(|n| n as i64)
    }

    /// A byte string with its length (u16) in front.
    fn blob(&mut self) -> Result<Vec<u8>> {
        let n = self.u16()?;
        Ok(self.bytes(n.into())?.to_vec())
    }

    /// A byte string, cut at its first NUL.
    fn name(&mut self) -> Result<Vec<u8>> {
        let n = self.u16()?;
        Ok(up_to_nul(self.bytes(n.into())?).to_vec())
    }

    /// Strings that each end with a NUL; old files lack the last NUL.
    fn strings(&mut self) -> Result<Vec<u8>> {
        let mut s = self.blob()?;
        if s.last().is_some_and(|&b| b != 0) {
            s.push(0);
        }
        Ok(s)
    }

    /// Whether another entry follows; up to three bytes are padding.
    fn more(&self) -> bool {
        self.left >= 4
    }

    /// Starts an entry with its length in front; `inclusive` says whether the length includes itself. A length of 0 means
    /// unknown.
    fn entry(&mut self, inclusive: bool) -> Result<()> {
        let before = self.left;
        let len = self.u32()?;
        if len == 0 {
            return Ok(());
        }
        let end = if inclusive { before.checked_sub(len) } else { self.left.checked_sub(len) };
        match end {
            Some(end) if end <= self.left => self.entry_end = Some(end),
            Some(_) => return self.corrupt(&format!("an entry's length of {len} is shorter than itself")),
            None => return self.corrupt(&format!("an entry's length of {len} goes past the end of the block")),
        }
        Ok(())
    }

    /// The bytes that are left of the entry; 0 if its length is not known.
    fn entry_left(&self) -> u32 {
        self.entry_end.map_or(0, |end| self.left - end)
    }

    /// Skips the fields that newer versions added to the entry.
    fn end_entry(&mut self) -> Result<()> {
        let rest = self.entry_left();
        self.bytes(rest)?;
        self.entry_end = None;
        Ok(())
    }

    /// Skips the rest of the block.
    pub fn finish(self) -> Result<()> {
        self.input.skip(self.left.into(), self.what)
    }
}

fn up_to_nul(bytes: &[u8]) -> &[u8] {
    memchr(0, bytes).map_or(bytes, |nul| &bytes[..nul])
}

/// Reads a field at the end of an entry if the entry has it.
macro_rules! optional {
    ($body:ident, $len:literal, $field:expr, $read:expr) => {
        if $body.entry_left() >= $len {
            $field = $read;
        }
    };
}

/// Reads the machine block.
pub fn machine(body: &mut Body<'_>, sink: &mut dyn SystemSink) -> Result<()> {
    sink.machine(&MachineInfo {
        num_cpus: body.u32()?,
        memory_bytes: body.u64()?,
        max_pid: body.u64()?,
        hostname: up_to_nul(body.bytes(HOSTNAME_LEN as u32)?).to_vec(),
        boot_ts: body.u64()?,
        flags: body.u64()?,
    });
    Ok(())
}

/// Reads a thread list of version 1 to 9.
pub fn processes(body: &mut Body<'_>, version: u8, sink: &mut dyn SystemSink) -> Result<()> {
    while body.more() {
        if version >= 9 {
            body.entry(true)?;
        }
        let thread = process(body, version)?;
        sink.thread(thread);
        body.end_entry()?;
    }
    Ok(())
}

fn process(b: &mut Body<'_>, version: u8) -> Result<ThreadInfo> {
    let mut t = ThreadInfo { tid: b.i64()?, pid: b.i64()?, ptid: b.i64()?, ..ThreadInfo::default() };
    if version >= 6 {
        t.sid = b.i64()?;
    }
    if version >= 8 {
        t.vpgid = b.i64()?;
    }
    t.comm = b.name()?;
    t.exe = b.name()?;
    if version >= 7 {
        t.exepath = b.name()?;
    }
    t.args = b.strings()?;
    t.cwd = b.name()?;
    t.fdlimit = b.i64()?;
    t.flags = b.u32()?;
    t.uid = b.u32()?;
    t.gid = b.u32()?;
    if version >= 2 {
        t.vmsize_kb = b.u32()?;
        t.vmrss_kb = b.u32()?;
        t.vmswap_kb = b.u32()?;
        t.pfmajor = b.u64()?;
        t.pfminor = b.u64()?;
    }
    if version >= 3 {
        t.env = b.strings()?;
    }
    if version >= 4 {
        t.vtid = b.i64()?;
        t.vpid = b.i64()?;
        t.cgroups = b.blob()?;
    }
    if version >= 5 {
        t.root = b.name()?;
    }
    // 0.10 inserted two fields before those that 0.9 had added. A 0.9 entry has at most 29 bytes here: login uid,
    // exe_writable and three capability sets.
    if b.entry_left() > 29 {
        optional!(b, 8, t.pidns_init_start_ts, b.u64()?);
        optional!(b, 4, t.tty, b.u32()?);
    }
    optional!(b, 4, t.loginuid, b.u32()?);
    optional!(b, 1, t.exe_writable, b.u8()? != 0);
    optional!(b, 8, t.cap_inheritable, b.u64()?);
    optional!(b, 8, t.cap_permitted, b.u64()?);
    optional!(b, 8, t.cap_effective, b.u64()?);
    optional!(b, 1, t.exe_upper_layer, b.u8()? != 0);
    optional!(b, 8, t.exe_ino, b.u64()?);
    optional!(b, 8, t.exe_ino_ctime, b.u64()?);
    optional!(b, 8, t.exe_ino_mtime, b.u64()?);
    optional!(b, 1, t.exe_from_memfd, b.u8()? != 0);
    optional!(b, 1, t.exe_lower_layer, b.u8()? != 0);
    optional!(b, 8, t.pgid, b.i64()?);
    Ok(t)
}

/// Reads the fds of a process; `sized` says whether each entry starts with its length.
pub fn fds(body: &mut Body<'_>, sized: bool, sink: &mut dyn SystemSink) -> Result<()> {
    let pid = body.i64()?;
    while body.more() {
        if sized {
            body.entry(true)?;
        }
        let fd = fd(body)?;
        sink.fd(pid, fd);
        body.end_entry()?;
    }
    Ok(())
}

fn fd(b: &mut Body<'_>) -> Result<FdInfo> {
    let (fd, ino, code) = (b.i64()?, b.u64()?, b.u8()?);
    let v4 = |b: &mut Body<'_>| b.array::<4>().map(Ipv4Addr::from);
    let v6 = |b: &mut Body<'_>| b.array::<16>().map(Ipv6Addr::from);
    let proto = |b: &mut Body<'_>| b.u8().map(L4Proto::from_number);
    let ty = FdType::from_number(code.into());
    let detail = match ty {
        Some(FdType::Ipv4Sock) => {
            FdDetail::Ipv4 { sip: v4(b)?, dip: v4(b)?, sport: b.u16()?, dport: b.u16()?, proto: proto(b)? }
        }
        Some(FdType::Ipv6Sock) => {
            FdDetail::Ipv6 { sip: v6(b)?, dip: v6(b)?, sport: b.u16()?, dport: b.u16()?, proto: proto(b)? }
        }
        Some(FdType::Ipv4ServSock) => FdDetail::Ipv4Server { ip: v4(b)?, port: b.u16()?, proto: proto(b)? },
        Some(FdType::Ipv6ServSock) => FdDetail::Ipv6Server { ip: v6(b)?, port: b.u16()?, proto: proto(b)? },
        Some(FdType::UnixSock) => FdDetail::Unix { source: b.u64()?, destination: b.u64()?, name: b.name()? },
        Some(FdType::FileV2) => {
            let (open_flags, name) = (b.u32()?, b.name()?);
            let mut dev = 0;
            optional!(b, 4, dev, b.u32()?);
            FdDetail::File { open_flags, name, mount_id: 0, dev }
        }
        Some(FdType::Unknown) => FdDetail::Name(Vec::new()),
        Some(_) => FdDetail::Name(b.name()?),
        None => FdDetail::Name(format!("unknown-type:[{code}]").into_bytes()),
    };
    Ok(FdInfo { fd, ino, ty: ty.unwrap_or(FdType::Unsupported), detail })
}

/// Reads the interface list; `sized` says whether each entry starts with its length.
pub fn interfaces(body: &mut Body<'_>, sized: bool, sink: &mut dyn SystemSink) -> Result<()> {
    let mut list = Vec::new();
    let read = read_interfaces(body, sized, &mut list);
    sink.interfaces(list);
    read
}

fn read_interfaces(b: &mut Body<'_>, sized: bool, list: &mut Vec<Interface>) -> Result<()> {
    while b.more() {
        if sized {
            b.entry(false)?;
        }
        let (ty, name_len) = (b.u16()?, b.u16()?);
        let address = match ty {
            IF_V4 | IF_V4_NO_SPEED => InterfaceAddress::V4 {
                addr: b.array::<4>()?.into(),
                netmask: b.array::<4>()?.into(),
                broadcast: b.array::<4>()?.into(),
            },
            IF_V6 | IF_V6_NO_SPEED => InterfaceAddress::V6 {
                addr: b.array::<16>()?.into(),
                netmask: b.array::<16>()?.into(),
                broadcast: b.array::<16>()?.into(),
            },
            _ => return b.corrupt(&format!("unknown interface type {ty}")),
        };
        let link_speed = if ty <= IF_V6 { b.u64()? } else { 0 };
        let name = up_to_nul(b.bytes(name_len.into())?).to_vec();
        list.push(Interface { name, address, link_speed });
        b.end_entry()?;
    }
    Ok(())
}

/// Reads the user list; `sized` says whether each entry starts with its length.
pub fn users(body: &mut Body<'_>, sized: bool, sink: &mut dyn SystemSink) -> Result<()> {
    let mut list = UserList::default();
    let read = read_users(body, sized, &mut list);
    sink.users(list);
    read
}

fn read_users(b: &mut Body<'_>, sized: bool, list: &mut UserList) -> Result<()> {
    while b.more() {
        if sized {
            b.entry(true)?;
        }
        if b.u8()? == USER {
            list.users.push(UserInfo {
                uid: b.u32()?,
                gid: b.u32()?,
                name: b.name()?,
                homedir: b.name()?,
                shell: b.name()?,
            });
        } else {
            list.groups.push(GroupInfo { gid: b.u32()?, name: b.name()? });
        }
        b.end_entry()?;
    }
    Ok(())
}
