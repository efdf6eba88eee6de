//! Socket addresses in events: a family byte, then addresses and ports without padding.

use crate::state::{Ports, SockInfo, names};
use scap_sys::L4Proto;
use std::io::Write;
use std::net::{Ipv4Addr, Ipv6Addr};

pub(super) const AF_UNIX: u8 = 1;
pub(super) const AF_INET: u8 = 2;
pub(super) const AF_INET6: u8 = 10;
pub(super) const AF_NETLINK: u8 = 16;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Address<'a> {
    V4(Ipv4Addr, u16),
    V6(Ipv6Addr, u16),
    Unix(&'a [u8]),
    /// A family without further data.
    Other(u8),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tuple<'a> {
    V4 { sip: Ipv4Addr, sport: u16, dip: Ipv4Addr, dport: u16 },
    V6 { sip: Ipv6Addr, sport: u16, dip: Ipv6Addr, dport: u16 },
    Unix { source: u64, destination: u64, path: &'a [u8] },
    Other(u8),
}

fn v4(b: &[u8]) -> Option<(Ipv4Addr, u16)> {
    let ip: [u8; 4] = b.get(..4)?.try_into().ok()?;
    Some((ip.into(), u16::from_ne_bytes(b.get(4..6)?.try_into().ok()?)))
}

fn v6(b: &[u8]) -> Option<(Ipv6Addr, u16)> {
    let ip: [u8; 16] = b.get(..16)?.try_into().ok()?;
    Some((ip.into(), u16::from_ne_bytes(b.get(16..18)?.try_into().ok()?)))
}

/// A path without its NUL, which has to be there, or an abstract name, which may have others within.
fn unix_path(b: &[u8]) -> Option<&[u8]> {
    (b.last() == Some(&0)).then(|| names::without_end(b))
}

impl<'a> Address<'a> {
    /// Parses an address; `None` if it is empty or truncated.
    pub fn read(b: &'a [u8]) -> Option<Address<'a>> {
        let (&family, rest) = b.split_first()?;
        match family {
            AF_INET => v4(rest).map(|(ip, port)| Address::V4(ip, port)),
            AF_INET6 => v6(rest).map(|(ip, port)| Address::V6(ip, port)),
            AF_UNIX => unix_path(rest).map(Address::Unix),
            other => Some(Address::Other(other)),
        }
    }

    /// Converts an IPv4-mapped IPv6 address to IPv4.
    pub fn unmapped(self) -> Address<'a> {
        match self {
            Address::V6(ip, port) => ip.to_ipv4_mapped().map_or(self, |ip| Address::V4(ip, port)),
            other => other,
        }
    }

    pub fn write(&self, ports: Ports<'_>, out: &mut Vec<u8>) {
        let proto = L4Proto::Unknown;
        match *self {
            Address::V4(ip, port) => names::addresses(&SockInfo::Ipv4Server { ip, port, proto }, ports, out),
            Address::V6(ip, port) => names::addresses(&SockInfo::Ipv6Server { ip, port, proto }, ports, out),
            Address::Unix(name) => names::unix_path(name, out),
            // Writing to a Vec cannot fail.
            Address::Other(family) => _ = write!(out, "family {family}"),
        }
    }
}

impl<'a> Tuple<'a> {
    /// Parses a tuple; `None` if it is empty or truncated.
    pub fn read(b: &'a [u8]) -> Option<Tuple<'a>> {
        let (&family, rest) = b.split_first()?;
        match family {
            AF_INET => {
                let ((sip, sport), (dip, dport)) = (v4(rest)?, v4(rest.get(6..)?)?);
                Some(Tuple::V4 { sip, sport, dip, dport })
            }
            AF_INET6 => {
                let ((sip, sport), (dip, dport)) = (v6(rest)?, v6(rest.get(18..)?)?);
                Some(Tuple::V6 { sip, sport, dip, dport })
            }
            AF_UNIX => {
                let number = |b: &[u8]| Some(u64::from_ne_bytes(b.get(..8)?.try_into().ok()?));
                let path = unix_path(rest.get(16..)?)?;
                Some(Tuple::Unix { source: number(rest)?, destination: number(&rest[8..])?, path })
            }
            other => Some(Tuple::Other(other)),
        }
    }

    /// Converts a tuple of IPv4-mapped IPv6 addresses to IPv4, if both addresses are mapped.
    pub fn unmapped(self) -> Tuple<'a> {
        match self {
            Tuple::V6 { sip, sport, dip, dport } => match names::mapped_ends(sip, dip) {
                Some((sip, dip)) => Tuple::V4 { sip, sport, dip, dport },
                _ => self,
            },
            other => other,
        }
    }

    pub fn destination(&self) -> Address<'a> {
        match *self {
            Tuple::V4 { dip, dport, .. } => Address::V4(dip, dport),
            Tuple::V6 { dip, dport, .. } => Address::V6(dip, dport),
            Tuple::Unix { path, .. } => Address::Unix(path),
            Tuple::Other(family) => Address::Other(family),
        }
    }

    /// The tuple with another destination. Unchanged if `to` has another family.
    pub fn with_destination(self, to: Address<'a>) -> Tuple<'a> {
        match (self, to) {
            (Tuple::V4 { sip, sport, .. }, Address::V4(dip, dport)) => Tuple::V4 { sip, sport, dip, dport },
            (Tuple::V6 { sip, sport, .. }, Address::V6(dip, dport)) => Tuple::V6 { sip, sport, dip, dport },
            (Tuple::Unix { source, destination, .. }, Address::Unix(path)) => Tuple::Unix { source, destination, path },
            (tuple, _) => tuple,
        }
    }

    pub fn write(&self, ports: Ports<'_>, out: &mut Vec<u8>) {
        let proto = L4Proto::Unknown;
        match *self {
            Tuple::V4 { sip, sport, dip, dport } => {
                names::addresses(&SockInfo::Ipv4 { sip, dip, sport, dport, proto }, ports, out);
            }
            Tuple::V6 { sip, sport, dip, dport } => {
                names::addresses(&SockInfo::Ipv6 { sip, dip, sport, dport, proto }, ports, out);
            }
            Tuple::Unix { source, destination, path } => names::unix(source, destination, path, out),
            // Writing to a Vec cannot fail.
            Tuple::Other(family) => _ = write!(out, "family {family}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_off_is_nothing() {
        let whole = [&[2, 1, 2, 3, 4][..], &80u16.to_ne_bytes(), &[5, 6, 7, 8], &90u16.to_ne_bytes()].concat();
        let mut out = Vec::new();
        Tuple::read(&whole).unwrap().write(Ports::NUMBERS, &mut out);
        assert_eq!(out, b"1.2.3.4:80->5.6.7.8:90");
        for n in 0..whole.len() {
            assert_eq!(Tuple::read(&whole[..n]), None);
        }
        assert_eq!(Address::read(&[1, b'/', b'a']), None, "a path without its end");
        assert_eq!(Address::read(&[1, 0, b'a', 0]), Some(Address::Unix(b"")), "what begins with a NUL");
        assert_eq!(Address::read(&[1, b'a', 0, b'b', 0]), Some(Address::Unix(b"a\0b")), "an abstract name");
        assert_eq!(Address::read(&[38]), Some(Address::Other(38)));
    }

    #[test]
    fn mapped_tuples_are_ipv4() {
        let mut b = vec![10];
        b.extend_from_slice(&"::ffff:1.2.3.4".parse::<Ipv6Addr>().unwrap().octets());
        b.extend_from_slice(&1u16.to_ne_bytes());
        b.extend_from_slice(&Ipv6Addr::UNSPECIFIED.octets());
        b.extend_from_slice(&2u16.to_ne_bytes());
        let mut out = Vec::new();
        Tuple::read(&b).unwrap().unmapped().write(Ports::NUMBERS, &mut out);
        assert_eq!(out, b"1.2.3.4:1->0.0.0.0:2");
        b[1..17].fill(0);
        assert!(matches!(Tuple::read(&b).unwrap().unmapped(), Tuple::V6 { .. }), "both ends without an address");
        let any = Address::V6(Ipv6Addr::UNSPECIFIED, 80);
        assert_eq!(any.unmapped(), any);
    }
}
