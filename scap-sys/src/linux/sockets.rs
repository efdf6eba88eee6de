//! The sockets of a network namespace by inode, from the tables in `/proc/<pid>/net`.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ffi::CStr;
use std::net::{Ipv4Addr, Ipv6Addr};

use rustix::io::Errno;

use super::procfs::{Dir, lines, number, words};
use crate::{FdDetail, FdType, L4Proto};

pub(super) type Socket = (FdType, FdDetail);

/// The sockets by the inode of their namespace. A namespace is read when its first socket is looked up.
#[derive(Default)]
pub(super) struct Sockets(HashMap<u64, HashMap<u64, Socket>>);

type Parse = fn(&[u8], L4Proto) -> Option<(u64, Socket)>;

const TABLES: &[(&CStr, Parse, L4Proto)] = &[
    (c"tcp", ipv4, L4Proto::Tcp),
    (c"udp", ipv4, L4Proto::Udp),
    (c"raw", ipv4, L4Proto::Raw),
    (c"icmp", ipv4, L4Proto::Icmp),
    (c"unix", unix, L4Proto::NotApplicable),
    (c"netlink", netlink, L4Proto::NotApplicable),
    (c"tcp6", ipv6, L4Proto::Tcp),
    (c"udp6", ipv6, L4Proto::Udp),
    (c"raw6", ipv6, L4Proto::Raw),
    (c"icmp6", ipv6, L4Proto::Icmp),
];

impl Sockets {
    /// The socket with the inode `ino`. It is searched first in the network namespace of the process in `dir`, whose inode is `namespace`, but
    /// it may be in another one: a socket stays in the namespace in which it was created, even if its process moves or passes it on.
    pub fn find(&mut self, dir: &Dir, namespace: u64, ino: u64, buffer: &mut Vec<u8>) -> Option<&Socket> {
        if let Entry::Vacant(new) = self.0.entry(namespace)
            && let Some(sockets) = read(dir, buffer)
        {
            new.insert(sockets);
        }
        let own = self.0.get(&namespace).and_then(|sockets| sockets.get(&ino));
        own.or_else(|| self.0.values().find_map(|sockets| sockets.get(&ino)))
    }
}

/// All sockets of the network namespace of the process in `dir`; `None` if the process exits meanwhile. The next process in
/// the namespace then reads it.
fn read(dir: &Dir, buffer: &mut Vec<u8>) -> Option<HashMap<u64, Socket>> {
    let net = dir.sub(c"net").ok()?;
    let mut sockets = HashMap::new();
    for &(table, parse, proto) in TABLES {
        match net.read(table, buffer, 1 << 30) {
            Ok(()) => sockets.extend(lines(buffer).filter_map(|line| parse(line, proto))),
            // The kernel lacks this protocol.
            Err(Errno::NOENT) => {}
            Err(_) => return None,
        }
    }
    Some(sockets)
}

/// The fields of a line `sl local remote state tx:rx tr:when retransmits uid timeout inode …`.
fn ip_fields(line: &[u8]) -> Option<(&[u8], &[u8], u64)> {
    let mut words = words(line);
    words.next()?.strip_suffix(b":")?;
    let (local, remote) = (words.next()?, words.next()?);
    Some((local, remote, number(words.nth(6)?, 10)?))
}

/// An address and port: hexadecimal words in native byte order, a colon, and the port.
fn address<const N: usize>(text: &[u8]) -> Option<([u8; N], u16)> {
    let (words, port) = (text.get(..2 * N)?, text.get(2 * N..)?.strip_prefix(b":")?);
    let mut address = [0; N];
    for (to, word) in address.chunks_exact_mut(4).zip(words.chunks_exact(8)) {
        to.copy_from_slice(&(number(word, 16)? as u32).to_ne_bytes());
    }
    Some((address, u16::try_from(number(port, 16)?).ok()?))
}

fn ipv4(line: &[u8], proto: L4Proto) -> Option<(u64, Socket)> {
    let (local, remote, ino) = ip_fields(line)?;
    let (sip, sport) = address::<4>(local)?;
    let (dip, dport) = address::<4>(remote)?;
    let (sip, dip) = (Ipv4Addr::from(sip), Ipv4Addr::from(dip));
    let socket = if dip.is_unspecified() {
        (FdType::Ipv4ServSock, FdDetail::Ipv4Server { ip: sip, port: sport, proto })
    } else {
        (FdType::Ipv4Sock, FdDetail::Ipv4 { sip, dip, sport, dport, proto })
    };
    Some((ino, socket))
}

fn ipv6(line: &[u8], proto: L4Proto) -> Option<(u64, Socket)> {
    let (local, remote, ino) = ip_fields(line)?;
    let (sip, sport) = address::<16>(local)?;
    let (dip, dport) = address::<16>(remote)?;
    let (sip, dip) = (Ipv6Addr::from(sip), Ipv6Addr::from(dip));
    let socket = if dip.is_unspecified() {
        (FdType::Ipv6ServSock, FdDetail::Ipv6Server { ip: sip, port: sport, proto })
    } else {
        (FdType::Ipv6Sock, FdDetail::Ipv6 { sip, dip, sport, dport, proto })
    };
    Some((ino, socket))
}

/// A line `address: references protocol flags type state inode path`. The path is optional and can contain any character.
fn unix(line: &[u8], _: L4Proto) -> Option<(u64, Socket)> {
    let colon = line.iter().position(|&b| b == b':')?;
    let source = number(&line[..colon], 16)?;
    let mut rest = &line[colon + 1..];
    let mut ino = &b""[..];
    for _ in 0..6 {
        rest = rest.trim_ascii_start();
        let end = rest.iter().position(|&b| b == b' ').unwrap_or(rest.len());
        (ino, rest) = rest.split_at(end);
    }
    let name = rest.strip_prefix(b" ").unwrap_or(rest).to_vec();
    Some((number(ino, 10)?, (FdType::UnixSock, FdDetail::Unix { source, destination: 0, name })))
}

/// A line `sk protocol pid groups rmem wmem dump locks drops inode`.
fn netlink(line: &[u8], _: L4Proto) -> Option<(u64, Socket)> {
    let mut words = words(line);
    number(words.next()?, 16)?;
    let ino = number(words.nth(8)?, 10)?;
    Some((ino, (FdType::Netlink, FdDetail::Name(Vec::new()))))
}

/// A socket of the family IPv4 of which nothing is known but the protocol.
pub(super) fn bare_ipv4(proto: L4Proto) -> Socket {
    let ip = Ipv4Addr::UNSPECIFIED;
    (FdType::Ipv4Sock, FdDetail::Ipv4 { sip: ip, dip: ip, sport: 0, dport: 0, proto })
}

/// The same for IPv6.
pub(super) fn bare_ipv6(proto: L4Proto) -> Socket {
    let ip = Ipv6Addr::UNSPECIFIED;
    (FdType::Ipv6Sock, FdDetail::Ipv6 { sip: ip, dip: ip, sport: 0, dport: 0, proto })
}

/// A socket of a family that has no type of its own, such as one for packets.
pub(super) fn of_other_family() -> Socket {
    (FdType::Unsupported, FdDetail::Name(Vec::new()))
}

/// A socket by what the kernel calls its protocol (`struct proto`'s name), without addresses.
pub(super) fn of_protocol(name: &[u8]) -> Socket {
    match name {
        b"TCP" => bare_ipv4(L4Proto::Tcp),
        b"UDP" => bare_ipv4(L4Proto::Udp),
        b"PING" => bare_ipv4(L4Proto::Icmp),
        b"RAW" => bare_ipv4(L4Proto::Raw),
        b"UDP-Lite" | b"MPTCP" | b"SCTP" | b"DCCP" | b"L2TP/IP" => bare_ipv4(L4Proto::Unknown),
        b"TCPv6" => bare_ipv6(L4Proto::Tcp),
        b"UDPv6" => bare_ipv6(L4Proto::Udp),
        b"PINGv6" => bare_ipv6(L4Proto::Icmp),
        b"RAWv6" => bare_ipv6(L4Proto::Raw),
        b"UDPLITEv6" | b"MPTCPv6" | b"SCTPv6" | b"DCCPv6" | b"L2TP/IPv6" => bare_ipv6(L4Proto::Unknown),
        // Both kinds of connection have names of their own.
        _ if name.starts_with(b"UNIX") => {
            (FdType::UnixSock, FdDetail::Unix { source: 0, destination: 0, name: Vec::new() })
        }
        b"NETLINK" => (FdType::Netlink, FdDetail::Name(Vec::new())),
        _ => of_other_family(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protocols_of_sockets_in_no_table() {
        for (name, ty) in [
            ("TCP", FdType::Ipv4Sock),
            ("RAWv6", FdType::Ipv6Sock),
            ("MPTCP", FdType::Ipv4Sock),
            ("UNIX", FdType::UnixSock),
            ("UNIX-STREAM", FdType::UnixSock),
            ("NETLINK", FdType::Netlink),
            ("PACKET", FdType::Unsupported),
            ("", FdType::Unsupported),
        ] {
            assert_eq!(of_protocol(name.as_bytes()).0, ty, "{name}");
        }
        let (_, detail) = of_protocol(b"PINGv6");
        assert!(matches!(detail, FdDetail::Ipv6 { sport: 0, dport: 0, proto: L4Proto::Icmp, .. }));
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn lines_of_the_tables() {
        let line =
            b"   1: 0100007F:1F90 0200007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 4242 1 0";
        let (ino, socket) = ipv4(line, L4Proto::Tcp).unwrap();
        let dip = Ipv4Addr::new(127, 0, 0, 2);
        let detail = FdDetail::Ipv4 { sip: Ipv4Addr::LOCALHOST, dip, sport: 8080, dport: 50000, proto: L4Proto::Tcp };
        assert_eq!((ino, socket), (4242, (FdType::Ipv4Sock, detail)));

        let line = b"   0: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A \
                     00000000:00000000 00:00000000 00000000     0        0 77 1";
        let detail = FdDetail::Ipv6Server { ip: Ipv6Addr::LOCALHOST, port: 80, proto: L4Proto::Tcp };
        assert_eq!(ipv6(line, L4Proto::Tcp), Some((77, (FdType::Ipv6ServSock, detail))));

        let (ino, socket) = unix(b"ffff8800: 00000002 00000000 00010000 0001 01   123 /run/a b", L4Proto::Tcp).unwrap();
        let detail = FdDetail::Unix { source: 0xffff_8800, destination: 0, name: b"/run/a b".to_vec() };
        assert_eq!((ino, socket), (123, (FdType::UnixSock, detail)));
        let (ino, _) = unix(b"0000000000000000: 00000003 00000000 00000000 0001 03 17891", L4Proto::Tcp).unwrap();
        assert_eq!(ino, 17891);

        let line = b"0000000000000000 0   1 000405d1 0 0 0 2 0 1234";
        assert_eq!(netlink(line, L4Proto::Tcp).unwrap().0, 1234);
    }

    #[test]
    fn headers_and_rubbish_are_passed_over() {
        let headers: &[&[u8]] = &[
            b"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
            b"Num       RefCount Protocol Flags    Type St Inode Path",
            b"sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode",
            b"",
            b": ",
        ];
        let broken: &[&[u8]] = &[b"1: 0100007F:1F90 1:2 01", b"1: zz00007F:1F90 0200007F:C350 01 0:0 0:0 0 0 0 4242"];
        for line in headers {
            for parse in [ipv4, ipv6, unix, netlink] {
                assert!(parse(line, L4Proto::Tcp).is_none(), "{}", String::from_utf8_lossy(line));
            }
        }
        for line in broken {
            assert!(ipv4(line, L4Proto::Tcp).is_none() && ipv6(line, L4Proto::Tcp).is_none());
        }
    }
}
