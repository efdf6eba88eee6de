//! Copies threads, fds, interfaces and users from the types of `scap-sys` to the C structs.

use crate::types::scap::*;
use crate::types::scap_limits::SCAP_IPV6_ADDR_LEN;
use crate::types::scap_machine_info::{_scap_agent_info, _scap_machine_info};
use capi_common::{Lent, copy};
use memchr::memchr;
use scap_sys::{AgentInfo, FdDetail, FdInfo, Interface, InterfaceAddress, L4Proto, MachineInfo, ThreadInfo, UserList};
use std::ffi::c_char;
use std::mem::zeroed;

/// An empty thread on the heap.
pub(crate) fn empty_thread() -> Box<scap_threadinfo> {
    // SAFETY: numbers, arrays and pointers, all valid as zeros.
    Box::new(unsafe { zeroed() })
}

/// An empty fd on the heap.
pub(crate) fn empty_fd() -> Box<scap_fdinfo> {
    // SAFETY: numbers, arrays and pointers, all valid as zeros.
    Box::new(unsafe { zeroed() })
}

/// Copies bytes, which may contain NULs, and returns how many fit; the last byte stays a NUL.
fn copy_all(to: &mut [c_char], from: &[u8]) -> usize {
    let n = from.len().min(to.len() - 1);
    for (to, from) in to.iter_mut().zip(&from[..n]) {
        *to = *from as c_char;
    }
    to[n] = 0;
    n
}

/// Copies all numbers of a thread between its two structs, which differ in the signedness of ids.
macro_rules! copy_numbers {
    ($from:expr, $to:expr) => {
        $crate::types::to_c::copy_numbers!($from, $to;
            tid, pid, ptid, sid, vpgid, pgid, exe_writable, exe_upper_layer, exe_lower_layer, exe_from_memfd, fdlimit, flags, uid, gid,
            cap_permitted, cap_effective, cap_inheritable, exe_ino, exe_ino_ctime, exe_ino_mtime, exe_ino_ctime_duration_clone_ts,
            exe_ino_ctime_duration_pidns_start, vmsize_kb, vmrss_kb, vmswap_kb, pfmajor, pfminor, vtid, vpid, pidns_init_start_ts,
            clone_ts, tty, loginuid)
    };
    ($from:expr, $to:expr; $($number:ident),+) => {
        $($to.$number = $from.$number as _;)+
    };
}
pub(crate) use copy_numbers;

/// Copies a thread, except for its members of a table (`fdlist`, `hh`).
pub(crate) fn thread(from: &ThreadInfo, to: &mut scap_threadinfo) {
    copy_numbers!(from, to);
    copy(&mut to.comm, &from.comm);
    copy(&mut to.exe, &from.exe);
    copy(&mut to.exepath, &from.exepath);
    to.args_len = copy_all(&mut to.args, &from.args) as u16;
    to.env_len = copy_all(&mut to.env, &from.env) as u16;
    copy(&mut to.cwd, &from.cwd);
    // Whole strings only: a cut path would name another cgroup.
    to.cgroups.len = 0;
    let mut cgroups = &from.cgroups[..];
    while !cgroups.is_empty() {
        // The last NUL may be missing in captures.
        let cgroup = &cgroups[..memchr(0, cgroups).unwrap_or(cgroups.len())];
        if !cgroup.is_empty() && !to.cgroups.push(&[cgroup]) {
            break;
        }
        cgroups = cgroups.get(cgroup.len() + 1..).unwrap_or_default();
    }
    copy(&mut to.root, &from.root);
    to.filtered_out = 0;
}

/// Copies an fd, except for its member of a table (`hh`).
pub(crate) fn fd(from: &FdInfo, to: &mut scap_fdinfo) {
    to.fd = from.fd;
    to.ino = from.ino;
    to.r#type = from.ty as i32;
    // SAFETY: numbers and arrays, valid as zeros.
    to.info = unsafe { zeroed() };
    let v4 = |ip: &std::net::Ipv4Addr| u32::from_ne_bytes(ip.octets());
    let v6 = |ip: &std::net::Ipv6Addr| {
        let o = ip.octets();
        std::array::from_fn(|i| u32::from_ne_bytes([o[4 * i], o[4 * i + 1], o[4 * i + 2], o[4 * i + 3]]))
    };
    match &from.detail {
        FdDetail::Name(name) => {
            // SAFETY: all bytes of the union are zeros, which are valid for every member.
            copy(unsafe { &mut to.info.fname }, name);
        }
        FdDetail::File { open_flags, name, mount_id, dev } => {
            // SAFETY: all bytes of the union are zeros.
            let file = unsafe { &mut to.info.regularinfo };
            (file.open_flags, file.mount_id, file.dev) = (*open_flags, *mount_id, *dev);
            copy(&mut file.fname, name);
        }
        FdDetail::Ipv4 { sip, dip, sport, dport, proto } => {
            let (sip, dip) = (v4(sip), v4(dip));
            to.info.ipv4info = scap_fdinfo_ipv4 { sip, dip, sport: *sport, dport: *dport, l4proto: l4(*proto) };
        }
        FdDetail::Ipv6 { sip, dip, sport, dport, proto } => {
            let (sip, dip) = (v6(sip), v6(dip));
            to.info.ipv6info = scap_fdinfo_ipv6 { sip, dip, sport: *sport, dport: *dport, l4proto: l4(*proto) };
        }
        FdDetail::Ipv4Server { ip, port, proto } => {
            to.info.ipv4serverinfo = scap_fdinfo_ipv4server { ip: v4(ip), port: *port, l4proto: l4(*proto) };
        }
        FdDetail::Ipv6Server { ip, port, proto } => {
            to.info.ipv6serverinfo = scap_fdinfo_ipv6server { ip: v6(ip), port: *port, l4proto: l4(*proto) };
        }
        FdDetail::Unix { source, destination, name } => {
            // SAFETY: all bytes of the union are zeros.
            let unix = unsafe { &mut to.info.unix_socket_info };
            (unix.source, unix.destination) = (*source, *destination);
            copy(&mut unix.fname, name);
        }
    }
}

fn l4(proto: L4Proto) -> u8 {
    proto as u8
}

/// Copies a program that captures.
pub fn agent(info: &AgentInfo) -> _scap_agent_info {
    let mut agent =
        _scap_agent_info { start_ts_epoch: info.start_ts_epoch, start_time: info.start_time, uname_r: [0; 128] };
    copy(&mut agent.uname_r, &info.kernel_release);
    agent
}

/// Copies a machine.
pub fn machine(from: &MachineInfo) -> _scap_machine_info {
    let mut hostname = [0; 128];
    copy(&mut hostname, &from.hostname);
    _scap_machine_info {
        num_cpus: from.num_cpus,
        memory_size_bytes: from.memory_bytes,
        max_pid: from.max_pid,
        hostname,
        boot_ts_epoch: from.boot_ts,
        flags: from.flags,
        reserved3: 0,
        reserved4: 0,
    }
}

/// A list of addresses, and the arrays that it points to.
pub(crate) struct Addresses {
    _v4: Lent<[scap_ifinfo_ipv4]>,
    _v6: Lent<[scap_ifinfo_ipv6]>,
    pub list: Lent<scap_addrlist>,
}

impl Addresses {
    pub fn new(interfaces: &[Interface]) -> Addresses {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for interface in interfaces {
            let mut ifname = [0; crate::types::scap_limits::SCAP_MAX_PATH_SIZE];
            let ifnamelen = copy(&mut ifname, &interface.name) as u16;
            let linkspeed = interface.link_speed;
            match &interface.address {
                InterfaceAddress::V4 { addr, netmask, broadcast } => v4.push(scap_ifinfo_ipv4 {
                    r#type: scap_ifinfo_type::SCAP_II_IPV4 as u16,
                    ifnamelen,
                    addr: u32::from_ne_bytes(addr.octets()),
                    netmask: u32::from_ne_bytes(netmask.octets()),
                    bcast: u32::from_ne_bytes(broadcast.octets()),
                    linkspeed,
                    ifname,
                }),
                InterfaceAddress::V6 { addr, netmask, broadcast } => {
                    let octets = |ip: &std::net::Ipv6Addr| ip.octets().map(|b| b as c_char);
                    v6.push(scap_ifinfo_ipv6 {
                        r#type: scap_ifinfo_type::SCAP_II_IPV6 as u16,
                        ifnamelen,
                        addr: octets(addr),
                        netmask: octets(netmask),
                        bcast: octets(broadcast),
                        linkspeed,
                        ifname,
                    });
                }
            }
        }
        const { assert!(SCAP_IPV6_ADDR_LEN == 16) };
        // In a capture file each takes its fixed part and its name without a NUL.
        let fixed = (v4.len() * 28) + (v6.len() * 60);
        let totlen = (fixed + interfaces.iter().map(|i| i.name.len()).sum::<usize>()) as u32;
        let (n_v4_addrs, n_v6_addrs) = (v4.len() as u32, v6.len() as u32);
        let (v4, v6): (Lent<[_]>, Lent<[_]>) = (v4.into_boxed_slice().into(), v6.into_boxed_slice().into());
        let (v4list, v6list) = (v4.as_ptr().cast(), v6.as_ptr().cast());
        let list = Lent::new(scap_addrlist { n_v4_addrs, n_v6_addrs, totlen, v4list, v6list });
        Addresses { _v4: v4, _v6: v6, list }
    }
}

/// A list of users and groups, and the arrays that it points to.
pub(crate) struct Users {
    _users: Lent<[scap_userinfo]>,
    _groups: Lent<[scap_groupinfo]>,
    pub list: Lent<scap_userlist>,
}

impl Users {
    pub fn new(from: &UserList) -> Users {
        let users = from.users.iter().map(|u| {
            // SAFETY: numbers and arrays, valid as zeros.
            let mut user: scap_userinfo = unsafe { zeroed() };
            (user.uid, user.gid) = (u.uid, u.gid);
            copy(&mut user.name, &u.name);
            copy(&mut user.homedir, &u.homedir);
            copy(&mut user.shell, &u.shell);
            user
        });
        let groups = from.groups.iter().map(|g| {
            let mut group = scap_groupinfo { gid: g.gid, name: [0; MAX_CREDENTIALS_STR_LEN] };
            copy(&mut group.name, &g.name);
            group
        });
        // In a capture file each takes its kind, its ids, and its strings with their lengths.
        let user_len = |u: &scap_sys::UserInfo| 1 + 4 + 4 + 3 * 2 + u.name.len() + u.homedir.len() + u.shell.len();
        let group_len = |g: &scap_sys::GroupInfo| 1 + 4 + 2 + g.name.len();
        let len = from.users.iter().map(user_len).sum::<usize>() + from.groups.iter().map(group_len).sum::<usize>();
        let (users, groups): (Lent<[_]>, Lent<[_]>) = (users.collect(), groups.collect());
        let list = Lent::new(scap_userlist {
            nusers: from.users.len() as u32,
            ngroups: from.groups.len() as u32,
            totsavelen: len as u32,
            users: users.as_ptr().cast(),
            groups: groups.as_ptr().cast(),
        });
        Users { _users: users, _groups: groups, list }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use capi_common::text;

    #[test]
    fn cgroups_are_whole_and_ended() {
        let mut thread_in_c = empty_thread();
        let mut reported = |cgroups: &[u8]| {
            thread(&ThreadInfo { cgroups: cgroups.to_vec(), ..ThreadInfo::default() }, &mut thread_in_c);
            let set = &thread_in_c.cgroups;
            (set.len, text(&set.path).to_vec())
        };
        assert_eq!(reported(b"cpu=/a/long/one\0memory=/m\0"), (26, b"cpu=/a/long/one".to_vec()));
        // The last NUL may be missing, and the cgroups of the thread before must not remain.
        assert_eq!(reported(b"cpu=/a"), (7, b"cpu=/a".to_vec()));
        let long = [b"cpu=/a\0".to_vec(), vec![b'x'; 4090]].concat();
        assert_eq!(reported(&long), (7, b"cpu=/a".to_vec()));
    }
}
