//! An open file that existed before the events, as the scan of the system or the fd list of a capture describes it.

use super::{Fd, FdFlags, SockInfo, names};
use scap_sys::{FdDetail, FdInfo, FdType, L4Proto};

impl Fd {
    /// Converts an fd of the /proc scan or of a capture's fd list.
    pub(crate) fn from_info(info: FdInfo, interfaces: &[scap_sys::Interface]) -> Fd {
        let mut fd = Fd::new(info.ty);
        fd.fd.set(info.fd);
        fd.ino.set(info.ino);
        fd.flags.set(FdFlags::FROM_PROC);
        match info.detail {
            FdDetail::Name(name) => fd.set_name(&name),
            FdDetail::File { open_flags, name, mount_id, dev } => {
                fd.open_flags.set(open_flags);
                fd.set_name(&name);
                fd.mount_id.set(mount_id);
                fd.dev.set(dev);
            }
            FdDetail::Unix { source, destination, name } => {
                fd.set_flags(if name.is_empty() { FdFlags::ROLE_CLIENT } else { FdFlags::ROLE_SERVER });
                fd.set_sock(SockInfo::Unix { source, destination });
                fd.set_name(&name);
            }
            FdDetail::Ipv4 { sip, dip, sport, dport, proto } => {
                fd.set_sock(SockInfo::Ipv4 { sip, dip, sport, dport, proto });
            }
            FdDetail::Ipv6 { sip, dip, sport, dport, proto } => {
                let sock = match names::mapped_ends(sip, dip) {
                    Some((sip, dip)) => {
                        fd.ty.set(FdType::Ipv4Sock);
                        SockInfo::Ipv4 { sip, dip, sport, dport, proto }
                    }
                    None => SockInfo::Ipv6 { sip, dip, sport, dport, proto },
                };
                fd.set_sock(sock);
            }
            FdDetail::Ipv4Server { ip, port, proto } => fd.set_sock(SockInfo::Ipv4Server { ip, port, proto }),
            FdDetail::Ipv6Server { ip, port, proto } => fd.set_sock(SockInfo::Ipv6Server { ip, port, proto }),
        }
        // It has neither a peer nor a name, as if socket() had just made it.
        if fd.sock().is_bare() {
            return fd;
        }
        if matches!(fd.sock(), SockInfo::Ipv4 { .. } | SockInfo::Ipv6 { .. }) && fd.sock().proto() == L4Proto::Tcp {
            fd.set_flags(FdFlags::SOCKET_CONNECTED);
        }
        if matches!(fd.sock(), SockInfo::Ipv4 { .. }) {
            super::interfaces::complete(&mut fd, interfaces);
        }
        if !matches!(fd.sock(), SockInfo::None | SockInfo::Unix { .. }) {
            let mut name = Vec::new();
            names::addresses(&fd.sock(), super::Ports::NUMBERS, &mut name);
            fd.set_name(&name);
        }
        fd
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, Ipv6Addr};

    #[test]
    fn mapped_addresses_of_the_scan_become_ipv4() {
        let info = FdInfo {
            fd: 7,
            ino: 9,
            ty: FdType::Ipv6Sock,
            detail: FdDetail::Ipv6 {
                sip: "::ffff:10.0.0.1".parse().unwrap(),
                dip: "::ffff:10.0.0.2".parse().unwrap(),
                sport: 1,
                dport: 2,
                proto: L4Proto::Tcp,
            },
        };
        let fd = Fd::from_info(info, &[]);
        assert_eq!((fd.name(), fd.type_char()), (&b"10.0.0.1:1->10.0.0.2:2"[..], b'4'));
        assert!(fd.is_tcp_socket() && fd.is_connected());
    }

    /// A socket without an address from before the capture is equal to one that is made now.
    #[test]
    fn a_socket_without_addresses_has_neither_name_nor_peer() {
        let (four, six) = (Ipv4Addr::UNSPECIFIED, Ipv6Addr::UNSPECIFIED);
        let proto = L4Proto::Tcp;
        for (ty, detail, letter) in [
            (FdType::Ipv4Sock, FdDetail::Ipv4 { sip: four, dip: four, sport: 0, dport: 0, proto }, b'4'),
            (FdType::Ipv6Sock, FdDetail::Ipv6 { sip: six, dip: six, sport: 0, dport: 0, proto }, b'6'),
        ] {
            let fd = Fd::from_info(FdInfo { fd: 7, ino: 9, ty, detail }, &[]);
            assert_eq!((fd.ty.get(), fd.type_char(), fd.name()), (ty, letter, &b""[..]));
            assert!(fd.sock().proto() == proto && fd.is_role_none() && !fd.is_connected());
        }
        // A port is an address.
        let detail = FdDetail::Ipv4 { sip: four, dip: four, sport: 0, dport: 9, proto };
        assert_eq!(
            Fd::from_info(FdInfo { fd: 7, ino: 9, ty: FdType::Ipv4Sock, detail }, &[]).name(),
            b"0.0.0.0:0->0.0.0.0:9"
        );
    }
}
