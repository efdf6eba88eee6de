//! Writes the state to a [`SystemSink`], to start a capture file from the present state.

use super::{Fd, SockInfo, State, Thread};
use scap_sys::{FdDetail, FdInfo, FdType, SystemSink, ThreadInfo, UserList};

impl State {
    /// Tells `sink` of everything that is known, in the order in which a capture has it. Threads that no event of the filter
    /// concerned are left out, as are containers' users.
    pub fn report_to(&self, sink: &mut dyn SystemSink) {
        sink.machine(&self.machine);
        sink.interfaces(self.interfaces.clone());
        let users =
            UserList { users: self.users.users().cloned().collect(), groups: self.users.groups().cloned().collect() };
        sink.users(users);
        let reported = || self.threads.iter().filter(|t| !t.filtered_out.get());
        reported().for_each(|t| sink.thread(self.thread_info(t)));
        for t in reported().filter(|t| t.is_main_thread()) {
            for fd in self.threads.fds(t).into_iter().flat_map(|fds| fds.iter()) {
                fd_info(fd).into_iter().for_each(|info| sink.fd(t.tid.get(), info));
            }
        }
    }

    /// Converts a thread to the form of the /proc scan.
    pub fn thread_info(&self, t: &Thread) -> ThreadInfo {
        let cwd = self.threads.cwd(t);
        ThreadInfo {
            tid: t.tid.get(),
            pid: t.pid.get(),
            ptid: t.ptid.get(),
            sid: t.sid.get(),
            vpgid: t.vpgid.get(),
            pgid: t.pgid.get(),
            comm: t.comm().to_vec(),
            exe: t.exe().to_vec(),
            exepath: t.exepath().to_vec(),
            exe_writable: t.exe_writable.get(),
            exe_upper_layer: t.exe_upper_layer.get(),
            exe_lower_layer: t.exe_lower_layer.get(),
            exe_from_memfd: t.exe_from_memfd.get(),
            args: t.args().to_list().as_wire().to_vec(),
            env: t.own_env().to_list().as_wire().to_vec(),
            cwd: if cwd.is_empty() { b"/".to_vec() } else { cwd.to_vec() },
            fdlimit: t.fdlimit.get(),
            flags: t.flags.get(),
            uid: t.uid.get(),
            gid: t.gid.get(),
            cap_permitted: t.cap_permitted.get(),
            cap_effective: t.cap_effective.get(),
            cap_inheritable: t.cap_inheritable.get(),
            exe_ino: t.exe_ino.get(),
            exe_ino_ctime: t.exe_ino_ctime.get(),
            exe_ino_mtime: t.exe_ino_mtime.get(),
            exe_ino_ctime_duration_clone_ts: t.exe_ino_ctime_duration_clone_ts.get(),
            exe_ino_ctime_duration_pidns_start: t.exe_ino_ctime_duration_pidns_start.get(),
            vmsize_kb: t.vmsize_kb.get(),
            vmrss_kb: t.vmrss_kb.get(),
            vmswap_kb: t.vmswap_kb.get(),
            pfmajor: t.pfmajor.get(),
            pfminor: t.pfminor.get(),
            vtid: t.vtid.get(),
            vpid: t.vpid.get(),
            pidns_init_start_ts: t.pidns_init_start_ts.get(),
            cgroups: t.cgroup_list().as_wire().to_vec(),
            root: t.root().to_vec(),
            clone_ts: t.clone_ts.get(),
            tty: t.tty.get(),
            loginuid: t.loginuid.get(),
        }
    }
}

/// Converts an fd to the form of the /proc scan; `None` for an fd of unknown type.
pub fn fd_info(fd: &Fd) -> Option<FdInfo> {
    let name = || fd.name().to_vec();
    let detail = match (fd.ty.get(), fd.sock()) {
        (FdType::Uninitialized | FdType::Unknown, _) => return None,
        (FdType::Ipv4Sock, SockInfo::Ipv4 { sip, dip, sport, dport, proto }) => {
            FdDetail::Ipv4 { sip, dip, sport, dport, proto }
        }
        (FdType::Ipv6Sock, SockInfo::Ipv6 { sip, dip, sport, dport, proto }) => {
            FdDetail::Ipv6 { sip, dip, sport, dport, proto }
        }
        (FdType::Ipv4ServSock, SockInfo::Ipv4Server { ip, port, proto }) => FdDetail::Ipv4Server { ip, port, proto },
        (FdType::Ipv6ServSock, SockInfo::Ipv6Server { ip, port, proto }) => FdDetail::Ipv6Server { ip, port, proto },
        (FdType::UnixSock, SockInfo::Unix { source, destination }) => {
            FdDetail::Unix { source, destination, name: name() }
        }
        (FdType::FileV2, _) => FdDetail::File {
            open_flags: fd.open_flags.get(),
            name: name(),
            mount_id: fd.mount_id.get(),
            dev: fd.dev.get(),
        },
        _ => FdDetail::Name(name()),
    };
    Some(FdInfo { fd: fd.fd.get(), ino: fd.ino.get(), ty: fd.ty.get(), detail })
}

#[cfg(test)]
mod tests {
    use super::*;
    use scap_sys::{L4Proto, MachineInfo};

    /// Another state that receives this state has the same content.
    #[test]
    fn what_is_told_is_what_was_known() {
        let mut one = State::default();
        one.machine(&MachineInfo { num_cpus: 3, ..MachineInfo::default() });
        one.begin_scan();
        for (tid, ptid, name) in [(1, 0, "init"), (10, 1, "sh"), (20, 10, "ls")] {
            one.thread(ThreadInfo {
                tid,
                pid: tid,
                ptid,
                comm: name.into(),
                args: b"-x\0".to_vec(),
                env: b"A=1\0B=2\0".to_vec(),
                cwd: b"/home".to_vec(),
                cgroups: b"cpu=/a\0".to_vec(),
                uid: 0,
                ..ThreadInfo::default()
            });
        }
        let detail = FdDetail::File { open_flags: 1, name: b"/x".to_vec(), mount_id: 2, dev: 3 };
        one.fd(10, FdInfo { fd: 4, ino: 5, ty: FdType::FileV2, detail });
        let (sip, dip) = ([1, 2, 3, 4].into(), [5, 6, 7, 8].into());
        let detail = FdDetail::Ipv4 { sip, dip, sport: 9, dport: 10, proto: L4Proto::Tcp };
        one.fd(10, FdInfo { fd: 5, ino: 6, ty: FdType::Ipv4Sock, detail });
        one.end_scan();

        let mut other = State::default();
        other.begin_scan();
        one.report_to(&mut other);
        other.end_scan();
        assert_eq!((other.machine.num_cpus, other.threads.len(), other.users.users().count()), (3, 3, 1));
        for t in one.threads.iter() {
            let copy = other.threads.get(t.tid.get()).unwrap();
            assert_eq!(other.thread_info(copy), one.thread_info(t));
            assert_eq!(copy.not_expired_children, t.not_expired_children);
        }
        let copy = other.threads.get(10).unwrap();
        for fd in one.threads.fds(one.threads.get(10).unwrap()).unwrap().iter() {
            let copy = other.threads.fd(copy, fd.fd.get()).unwrap();
            assert_eq!((fd_info(copy), &copy.name()), (fd_info(fd), &fd.name()));
        }
    }
}
