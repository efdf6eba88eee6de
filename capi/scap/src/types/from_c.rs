//! Copies a program's threads and fds from the C structs to the types of `scap-sys`.

use crate::types::scap::{scap_fdinfo, scap_threadinfo};
use crate::types::scap_machine_info::_scap_machine_info;
use crate::types::to_c::copy_numbers;
use capi_common::{bytes, text};
use scap_sys::{Error, FdDetail, FdInfo, FdType, L4Proto, MachineInfo, Result, ThreadInfo};
use std::ffi::{c_char, c_int};
use std::net::{Ipv4Addr, Ipv6Addr};

/// The first `n` bytes of an array, at most all of it.
fn first(array: &[c_char], n: usize) -> Vec<u8> {
    array.iter().take(n).map(|c| *c as u8).collect()
}

/// A copy of a string; empty for null.
///
/// # Safety
/// `p` is null or a string that does not change during the call.
pub(crate) unsafe fn string(p: *const c_char) -> Vec<u8> {
    // SAFETY: null or a string for this call (# Safety), in which it is copied.
    unsafe { bytes(p) }.unwrap_or_default().to_vec()
}

/// The pieces of a text, joined.
///
/// # Safety
/// `pieces` is null or has `n` entries, each of which is null or points to as many bytes as it says.
pub(crate) unsafe fn joined(pieces: *const libc::iovec, n: c_int) -> Vec<u8> {
    let mut all = Vec::new();
    if !pieces.is_null() {
        // SAFETY: not null, so it has `n` entries (# Safety); a negative `n` means none.
        for piece in unsafe { std::slice::from_raw_parts(pieces, usize::try_from(n).unwrap_or(0)) } {
            if !piece.iov_base.is_null() {
                // SAFETY: not null, so it has `iov_len` bytes (# Safety).
                all.extend_from_slice(unsafe { std::slice::from_raw_parts(piece.iov_base.cast(), piece.iov_len) });
            }
        }
    }
    all
}

impl From<&_scap_machine_info> for MachineInfo {
    fn from(from: &_scap_machine_info) -> MachineInfo {
        MachineInfo {
            num_cpus: from.num_cpus,
            memory_bytes: from.memory_size_bytes,
            max_pid: from.max_pid,
            hostname: text(&{ from.hostname }).to_vec(),
            boot_ts: from.boot_ts_epoch,
            flags: from.flags,
        }
    }
}

/// Copies the numbers of a thread. Its texts stay empty.
pub(crate) fn numbers(t: &scap_threadinfo) -> ThreadInfo {
    let mut info = ThreadInfo::default();
    copy_numbers!(t, info);
    info
}

/// Copies a thread.
pub(crate) fn thread(t: &scap_threadinfo) -> ThreadInfo {
    ThreadInfo {
        comm: text(&t.comm).to_vec(),
        exe: text(&t.exe).to_vec(),
        exepath: text(&t.exepath).to_vec(),
        args: first(&t.args, t.args_len.into()),
        env: first(&t.env, t.env_len.into()),
        cwd: text(&t.cwd).to_vec(),
        root: text(&t.root).to_vec(),
        cgroups: first(&t.cgroups.path, usize::try_from(t.cgroups.len).unwrap_or(0)),
        ..numbers(t)
    }
}

/// Copies an fd; `None` if its type is unknown.
pub(crate) fn fd(from: &scap_fdinfo) -> Result<Option<FdInfo>> {
    let Some(ty) = FdType::from_number(from.r#type) else {
        return Err(Error::Invalid(format!("the fd {} has the type {}, which there is not", from.fd, from.r#type)));
    };
    let v4 = |ip: u32| Ipv4Addr::from(ip.to_ne_bytes());
    let v6 = |ip: [u32; 4]| {
        let mut octets = [0; 16];
        octets.chunks_exact_mut(4).zip(ip).for_each(|(to, word)| to.copy_from_slice(&word.to_ne_bytes()));
        Ipv6Addr::from(octets)
    };
    let proto = L4Proto::from_number;
    let info = &from.info;
    // SAFETY: all members are numbers and character arrays, valid with any bits.
    let detail = unsafe {
        match ty {
            FdType::Uninitialized | FdType::Unknown => return Ok(None),
            FdType::Ipv4Sock => {
                let s = info.ipv4info;
                FdDetail::Ipv4 {
                    sip: v4(s.sip),
                    dip: v4(s.dip),
                    sport: s.sport,
                    dport: s.dport,
                    proto: proto(s.l4proto),
                }
            }
            FdType::Ipv6Sock => {
                let s = info.ipv6info;
                FdDetail::Ipv6 {
                    sip: v6(s.sip),
                    dip: v6(s.dip),
                    sport: s.sport,
                    dport: s.dport,
                    proto: proto(s.l4proto),
                }
            }
            FdType::Ipv4ServSock => {
                let s = info.ipv4serverinfo;
                FdDetail::Ipv4Server { ip: v4(s.ip), port: s.port, proto: proto(s.l4proto) }
            }
            FdType::Ipv6ServSock => {
                let s = info.ipv6serverinfo;
                FdDetail::Ipv6Server { ip: v6(s.ip), port: s.port, proto: proto(s.l4proto) }
            }
            FdType::UnixSock => {
                let s = &info.unix_socket_info;
                FdDetail::Unix { source: s.source, destination: s.destination, name: text(&s.fname).to_vec() }
            }
            FdType::FileV2 => {
                let f = &info.regularinfo;
                let name = text(&f.fname).to_vec();
                FdDetail::File { open_flags: f.open_flags, name, mount_id: f.mount_id, dev: f.dev }
            }
            _ => FdDetail::Name(text(&info.fname).to_vec()),
        }
    };
    Ok(Some(FdInfo { fd: from.fd, ino: from.ino, ty, detail }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::to_c;

    #[test]
    fn fds_come_back_as_they_were() {
        let (v4, v6) = ("10.1.2.3".parse().unwrap(), "fe80::1:2".parse().unwrap());
        let proto = L4Proto::Udp;
        for (ty, detail) in [
            (FdType::Ipv4Sock, FdDetail::Ipv4 { sip: v4, dip: Ipv4Addr::LOCALHOST, sport: 1, dport: 2, proto }),
            (FdType::Ipv6Sock, FdDetail::Ipv6 { sip: v6, dip: Ipv6Addr::LOCALHOST, sport: 1, dport: 2, proto }),
            (FdType::Ipv4ServSock, FdDetail::Ipv4Server { ip: v4, port: 5, proto }),
            (FdType::Ipv6ServSock, FdDetail::Ipv6Server { ip: v6, port: 5, proto }),
            (FdType::UnixSock, FdDetail::Unix { source: 1, destination: 2, name: b"/a".to_vec() }),
            (FdType::FileV2, FdDetail::File { open_flags: 3, name: vec![0xff], mount_id: 4, dev: 5 }),
            (FdType::MemFd, FdDetail::Name(b"/memfd:x".to_vec())),
            (FdType::PidFd, FdDetail::Name(Vec::new())),
        ] {
            let info = FdInfo { fd: 7, ino: 9, ty, detail };
            let mut c = to_c::empty_fd();
            to_c::fd(&info, &mut c);
            assert_eq!(fd(&c).unwrap(), Some(info));
        }
        let mut c = to_c::empty_fd();
        assert_eq!(fd(&c).unwrap(), None);
        c.r#type = 22;
        assert!(fd(&c).is_err());
    }

    #[test]
    fn the_numbers_of_a_thread_come_back() {
        let info = ThreadInfo {
            pid: -1,
            pgid: 3,
            cap_effective: u64::MAX,
            loginuid: 9,
            exe_lower_layer: true,
            tid: 5,
            ..ThreadInfo::default()
        };
        let mut c = to_c::empty_thread();
        to_c::thread(&info, &mut c);
        assert_eq!(numbers(&c), info);
    }
}
