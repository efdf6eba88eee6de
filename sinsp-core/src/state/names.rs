//! The names of sockets (`fd.name`), made from their addresses.

use super::{Ports, SockInfo};
use scap_sys::{FdType, L4Proto};
use std::io::Write;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The IPv4 addresses of the ends of a connection by IPv6 that is one by IPv4. An end without an address (all zeros) is of the family of
/// the other; two of them are of IPv6.
pub(crate) fn mapped_ends(one: Ipv6Addr, other: Ipv6Addr) -> Option<(Ipv4Addr, Ipv4Addr)> {
    if one.is_unspecified() && other.is_unspecified() {
        return None;
    }
    let mapped = |ip: Ipv6Addr| if ip.is_unspecified() { Some(Ipv4Addr::UNSPECIFIED) } else { ip.to_ipv4_mapped() };
    Some((mapped(one)?, mapped(other)?))
}

/// Appends `ip:port->ip:port` of a connection, `ip:port` of a listening socket; nothing for other sockets.
pub fn addresses(sock: &SockInfo, ports: Ports<'_>, out: &mut Vec<u8>) {
    let shown = |port| ports.shown(port, sock.proto());
    // Writing to a Vec cannot fail.
    let _ = match *sock {
        SockInfo::Ipv4 { sip, dip, sport, dport, .. } => write!(out, "{sip}:{}->{dip}:{}", shown(sport), shown(dport)),
        SockInfo::Ipv6 { sip, dip, sport, dport, .. } => match mapped_ends(sip, dip) {
            Some((sip, dip)) => write!(out, "{sip}:{}->{dip}:{}", shown(sport), shown(dport)),
            _ => write!(out, "{}:{}->{}:{}", V6(sip), shown(sport), V6(dip), shown(dport)),
        },
        SockInfo::Ipv4Server { ip, port, .. } => write!(out, "{ip}:{}", shown(port)),
        SockInfo::Ipv6Server { ip, port, .. } => write!(out, "{}:{}", V6(ip), shown(port)),
        SockInfo::Unix { .. } | SockInfo::None => Ok(()),
    };
}

/// Appends the name of a connection by its protocol: without ports for ICMP and raw sockets, `<unknown>` for an unknown
/// protocol.
pub(crate) fn connection(sock: &SockInfo, ty: FdType, ports: Ports<'_>, out: &mut Vec<u8>) {
    let proto = sock.proto();
    let _ = match (proto, *sock) {
        (L4Proto::Tcp | L4Proto::Udp, _) => {
            addresses(sock, ports, out);
            Ok(())
        }
        (L4Proto::Icmp | L4Proto::Raw, SockInfo::Ipv4 { sip, dip, .. }) => write!(out, "{sip}->{dip}"),
        (L4Proto::Icmp, SockInfo::Ipv6 { sip, dip, .. }) => match mapped_ends(sip, dip) {
            Some((sip, dip)) => write!(out, "{sip}->{dip}"),
            _ => write!(out, "{}->{}", V6(sip), V6(dip)),
        },
        _ if matches!(ty, FdType::Ipv4Sock | FdType::Ipv6Sock) => out.write_all(b"<unknown>"),
        _ => Ok(()),
    };
}

/// Appends `source->destination path` of a unix socket: kernel addresses in hexadecimal, the path sanitized.
pub fn unix(source: u64, destination: u64, path: &[u8], out: &mut Vec<u8>) {
    let _ = write!(out, "{source:x}->{destination:x} ");
    unix_path(path, out);
}

/// Appends the path or abstract name of a unix socket made printable. A zero byte within a name is an `@`, as in `/proc/net/unix`.
pub fn unix_path(path: &[u8], out: &mut Vec<u8>) {
    for (i, part) in path.split(|&b| b == 0).enumerate() {
        if i > 0 {
            out.push(b'@');
        }
        super::path::sanitize(part, out);
    }
}

/// The path or abstract name of a unix socket in an event, without the zero bytes at its end; nothing where it begins with one: such names
/// were not captured once.
pub fn without_end(bytes: &[u8]) -> &[u8] {
    match bytes.iter().rposition(|&b| b != 0) {
        Some(last) if bytes[0] != 0 => &bytes[..=last],
        _ => &[],
    }
}

/// An IPv6 address in the format of `inet_ntop`, which writes IPv4-compatible addresses with an IPv4 tail.
pub struct V6(pub Ipv6Addr);

impl std::fmt::Display for V6 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let s = self.0.segments();
        // The deprecated IPv4-compatible form (RFC 4291, 2.5.5.1), except ::1 and other values below 0x10000.
        if s[..6].iter().all(|&x| x == 0) && s[6] != 0 {
            let o = self.0.octets();
            return write!(f, "::{}.{}.{}.{}", o[12], o[13], o[14], o[15]);
        }
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(build: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        build(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn names_follow_the_protocol() {
        let v4 = |proto| SockInfo::Ipv4 {
            sip: Ipv4Addr::new(1, 2, 3, 4),
            dip: Ipv4Addr::new(5, 6, 7, 8),
            sport: 9,
            dport: 10,
            proto,
        };
        let name = |proto| text(|o| connection(&v4(proto), FdType::Ipv4Sock, Ports::NUMBERS, o));
        assert_eq!(name(L4Proto::Tcp), "1.2.3.4:9->5.6.7.8:10");
        assert_eq!(name(L4Proto::Icmp), "1.2.3.4->5.6.7.8");
        assert_eq!(name(L4Proto::Unknown), "<unknown>");
    }

    #[test]
    fn ipv6_addresses_as_the_c_library_writes_them() {
        for (ip, want) in [
            ("::1", "::1"),
            ("::", "::"),
            ("fe80::1", "fe80::1"),
            ("::ffff:1.2.3.4", "::ffff:1.2.3.4"),
            ("::1.2.3.4", "::1.2.3.4"),
            ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ] {
            assert_eq!(V6(ip.parse().unwrap()).to_string(), want);
        }
    }

    #[test]
    fn unix_names_are_printable() {
        assert_eq!(text(|o| unix(0xffff_8800, 0, b"/a\x01", o)), "ffff8800->0 /a\u{FFFD}");
        assert_eq!(text(|o| unix_path(b"a\0\0b", o)), "a@@b");
        assert_eq!(without_end(b"a\0b\0\0"), b"a\0b");
        assert_eq!((without_end(b"\0a\0"), without_end(b"\0\0"), without_end(b"")), (&b""[..], &b""[..], &b""[..]));
    }

    #[test]
    fn connections_by_ipv6_that_are_by_ipv4() {
        let ends = |one: &str, other: &str| mapped_ends(one.parse().unwrap(), other.parse().unwrap());
        let v4 = |ip: &str| ip.parse::<Ipv4Addr>().unwrap();
        assert_eq!(ends("::ffff:1.2.3.4", "::ffff:5.6.7.8"), Some((v4("1.2.3.4"), v4("5.6.7.8"))));
        assert_eq!(ends("::", "::ffff:5.6.7.8"), Some((v4("0.0.0.0"), v4("5.6.7.8"))));
        assert_eq!((ends("::", "::"), ends("::1", "::ffff:5.6.7.8")), (None, None));
    }
}
