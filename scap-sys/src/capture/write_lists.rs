//! Writes the bodies of the blocks before the events, in the newest version of each.

use super::lists::{GROUP, HOSTNAME_LEN, IF_V4, IF_V6, USER};
use crate::{
    FdDetail, FdInfo, FdType, GroupInfo, Interface, InterfaceAddress, L4Proto, MachineInfo, ThreadInfo, UserInfo,
};

/// The longest names and paths of a thread that readers accept.
const MAX_PATH: usize = 1024;
/// The longest names of an fd or an interface that readers accept.
const MAX_NAME: usize = MAX_PATH - 1;
/// The longest arguments, environment and cgroups that readers accept.
const MAX_ARGS: usize = 4096;
/// The longest name of a user or group, home directory and shell that readers accept.
const MAX_USER: usize = 255;

/// A writer that appends to a buffer.
pub struct Entry<'a> {
    buf: &'a mut Vec<u8>,
    start: usize,
}

impl<'a> Entry<'a> {
    #[inline]
    pub fn new(buf: &'a mut Vec<u8>) -> Entry<'a> {
        Entry { start: buf.len(), buf }
    }

    /// The number of bytes that were appended.
    pub fn len(&self) -> usize {
        self.buf.len() - self.start
    }

    #[inline]
    pub fn bytes(&mut self, b: &[u8]) {
        self.buf.extend_from_slice(b);
    }

    pub fn u8(&mut self, n: u8) {
        self.buf.push(n);
    }

    #[inline]
    pub fn u16(&mut self, n: u16) {
        self.bytes(&n.to_ne_bytes());
    }

    #[inline]
    pub fn u32(&mut self, n: u32) {
        self.bytes(&n.to_ne_bytes());
    }

    pub fn u64(&mut self, n: u64) {
        self.bytes(&n.to_ne_bytes());
    }

    fn i64(&mut self, n: i64) {
        self.bytes(&n.to_ne_bytes());
    }

    /// A text, cut at `max` bytes, with its length (u16) in front.
    fn text(&mut self, text: &[u8], max: usize) {
        let text = &text[..text.len().min(max)];
        self.u16(text.len() as u16);
        self.bytes(text);
    }

    /// An entry with its length in front; `inclusive` says whether the length includes itself.
    fn sized(&mut self, inclusive: bool, fill: impl FnOnce(&mut Entry<'_>)) {
        let at = self.buf.len();
        self.u32(0);
        fill(self);
        let len = self.buf.len() - at - if inclusive { 0 } else { 4 };
        self.buf[at..at + 4].copy_from_slice(&(len as u32).to_ne_bytes());
    }

    pub fn machine(&mut self, m: &MachineInfo) {
        self.u32(m.num_cpus);
        self.u64(m.memory_bytes);
        self.u64(m.max_pid);
        let mut name = [0; HOSTNAME_LEN];
        // The last byte is always NUL.
        let len = m.hostname.len().min(HOSTNAME_LEN - 1);
        name[..len].copy_from_slice(&m.hostname[..len]);
        self.bytes(&name);
        self.u64(m.boot_ts);
        self.u64(m.flags);
        self.bytes(&[0; 16]);
    }

    pub fn interface(&mut self, i: &Interface) {
        let name = &i.name[..i.name.len().min(MAX_NAME)];
        self.sized(false, |b| {
            b.u16(if matches!(i.address, InterfaceAddress::V4 { .. }) { IF_V4 } else { IF_V6 });
            b.u16(name.len() as u16);
            match i.address {
                InterfaceAddress::V4 { addr, netmask, broadcast } => {
                    [addr, netmask, broadcast].iter().for_each(|a| b.bytes(&a.octets()));
                }
                InterfaceAddress::V6 { addr, netmask, broadcast } => {
                    [addr, netmask, broadcast].iter().for_each(|a| b.bytes(&a.octets()));
                }
            }
            b.u64(i.link_speed);
            b.bytes(name);
        });
    }

    pub fn user(&mut self, u: &UserInfo) {
        self.sized(true, |b| {
            b.u8(USER);
            b.u32(u.uid);
            b.u32(u.gid);
            b.text(&u.name, MAX_USER);
            b.text(&u.homedir, MAX_USER);
            b.text(&u.shell, MAX_USER);
        });
    }

    pub fn group(&mut self, g: &GroupInfo) {
        self.sized(true, |b| {
            b.u8(GROUP);
            b.u32(g.gid);
            b.text(&g.name, MAX_USER);
        });
    }

    pub fn thread(&mut self, t: &ThreadInfo) {
        self.sized(true, |b| {
            [t.tid, t.pid, t.ptid, t.sid, t.vpgid].iter().for_each(|&id| b.i64(id));
            b.text(&t.comm, MAX_PATH);
            b.text(&t.exe, MAX_PATH);
            b.text(&t.exepath, MAX_PATH);
            b.text(&t.args, MAX_ARGS);
            b.text(&t.cwd, MAX_PATH);
            b.i64(t.fdlimit);
            [t.flags, t.uid, t.gid, t.vmsize_kb, t.vmrss_kb, t.vmswap_kb].iter().for_each(|&n| b.u32(n));
            b.u64(t.pfmajor);
            b.u64(t.pfminor);
            b.text(&t.env, MAX_ARGS);
            b.i64(t.vtid);
            b.i64(t.vpid);
            b.text(&t.cgroups, MAX_ARGS);
            b.text(&t.root, MAX_PATH);
            b.u64(t.pidns_init_start_ts);
            b.u32(t.tty);
            b.u32(t.loginuid);
            b.u8(t.exe_writable.into());
            b.u64(t.cap_inheritable);
            b.u64(t.cap_permitted);
            b.u64(t.cap_effective);
            b.u8(t.exe_upper_layer.into());
            b.u64(t.exe_ino);
            b.u64(t.exe_ino_ctime);
            b.u64(t.exe_ino_mtime);
            b.u8(t.exe_from_memfd.into());
            b.u8(t.exe_lower_layer.into());
            b.i64(t.pgid);
        });
    }

    pub fn fd(&mut self, fd: &FdInfo) {
        // A socket without addresses is written with its name, as an fd of an unsupported type.
        let plain = |ty: FdType| match ty {
            FdType::Ipv4Sock | FdType::Ipv6Sock | FdType::Ipv4ServSock | FdType::Ipv6ServSock | FdType::UnixSock => {
                FdType::Unsupported
            }
            FdType::Uninitialized | FdType::Unknown => FdType::Unsupported,
            ty => ty,
        };
        self.sized(true, |b| {
            b.i64(fd.fd);
            b.u64(fd.ino);
            let proto = |b: &mut Entry<'_>, p: L4Proto| b.u8(p as u8);
            match &fd.detail {
                FdDetail::Ipv4 { sip, dip, sport, dport, proto: p } => {
                    b.u8(FdType::Ipv4Sock as u8);
                    b.bytes(&sip.octets());
                    b.bytes(&dip.octets());
                    b.u16(*sport);
                    b.u16(*dport);
                    proto(b, *p);
                }
                FdDetail::Ipv6 { sip, dip, sport, dport, proto: p } => {
                    b.u8(FdType::Ipv6Sock as u8);
                    b.bytes(&sip.octets());
                    b.bytes(&dip.octets());
                    b.u16(*sport);
                    b.u16(*dport);
                    proto(b, *p);
                }
                FdDetail::Ipv4Server { ip, port, proto: p } => {
                    b.u8(FdType::Ipv4ServSock as u8);
                    b.bytes(&ip.octets());
                    b.u16(*port);
                    proto(b, *p);
                }
                FdDetail::Ipv6Server { ip, port, proto: p } => {
                    b.u8(FdType::Ipv6ServSock as u8);
                    b.bytes(&ip.octets());
                    b.u16(*port);
                    proto(b, *p);
                }
                FdDetail::Unix { source, destination, name } => {
                    b.u8(FdType::UnixSock as u8);
                    b.u64(*source);
                    b.u64(*destination);
                    b.text(name, MAX_NAME);
                }
                FdDetail::File { open_flags, name, dev, .. } if fd.ty == FdType::FileV2 => {
                    b.file(*open_flags, name, *dev);
                }
                FdDetail::Name(name) if fd.ty == FdType::FileV2 => b.file(0, name, 0),
                FdDetail::Name(name) | FdDetail::File { name, .. } => {
                    b.u8(plain(fd.ty) as u8);
                    b.text(name, MAX_NAME);
                }
            }
        });
    }

    fn file(&mut self, open_flags: u32, name: &[u8], dev: u32) {
        self.u8(FdType::FileV2 as u8);
        self.u32(open_flags);
        self.text(name, MAX_NAME);
        self.u32(dev);
    }
}
