//! The local address of a socket when the kernel reports it as unspecified (all zeros).

use super::{Fd, SockInfo};
use scap_sys::{Interface, InterfaceAddress};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Replaces an unspecified address of a connection by the machine's own address.
pub(crate) fn complete(fd: &mut Fd, interfaces: &[Interface]) {
    let mut sock = fd.sock();
    match &mut sock {
        SockInfo::Ipv4 { sip, dip, sport, dport, .. } => {
            let (unknown, known) = if sip.is_unspecified() {
                (sip, *dip)
            } else if dip.is_unspecified() {
                (dip, *sip)
            } else {
                return;
            };
            let own = own_v4(known, nets_v4(interfaces));
            if own != known || sport != dport {
                *unknown = own;
            }
        }
        SockInfo::Ipv6 { sip, dip, sport, dport, .. } => {
            let (unknown, known) = if sip.is_unspecified() {
                (sip, *dip)
            } else if dip.is_unspecified() {
                (dip, *sip)
            } else {
                return;
            };
            let own = own_v6(known, nets_v6(interfaces));
            if own != known || sport != dport {
                *unknown = own;
            }
        }
        _ => return,
    }
    fd.set_sock(sock);
}

/// The addresses and netmasks of the machine.
fn nets_v4(interfaces: &[Interface]) -> impl Iterator<Item = (Ipv4Addr, Ipv4Addr)> + Clone {
    interfaces.iter().filter_map(|i| match i.address {
        InterfaceAddress::V4 { addr, netmask, .. } => Some((addr, netmask)),
        InterfaceAddress::V6 { .. } => None,
    })
}

fn nets_v6(interfaces: &[Interface]) -> impl Iterator<Item = Ipv6Addr> + Clone {
    interfaces.iter().filter_map(|i| match i.address {
        InterfaceAddress::V6 { addr, .. } => Some(addr),
        InterfaceAddress::V4 { .. } => None,
    })
}

/// The machine's address towards the peer `other`: the same address, else one in the same network, else the first that is
/// not the loopback address. `all` has addresses with netmasks.
pub fn own_v4(other: Ipv4Addr, mut all: impl Iterator<Item = (Ipv4Addr, Ipv4Addr)> + Clone) -> Ipv4Addr {
    let same = all.clone().find(|&(addr, _)| addr == other);
    same.or_else(|| all.clone().find(|&(addr, mask)| addr & mask == other & mask))
        .or_else(|| all.find(|&(addr, _)| addr != Ipv4Addr::LOCALHOST))
        .map_or(Ipv4Addr::UNSPECIFIED, |(addr, _)| addr)
}

/// As [`own_v4`], for IPv6.
pub fn own_v6(other: Ipv6Addr, mut all: impl Iterator<Item = Ipv6Addr> + Clone) -> Ipv6Addr {
    // By convention an IPv6 network has a prefix of 64 bits.
    let network = |ip: Ipv6Addr| u128::from(ip) >> 64;
    let same = all.clone().find(|&addr| addr == other);
    same.or_else(|| all.clone().find(|&addr| network(addr) == network(other)))
        .or_else(|| all.find(|&addr| addr != Ipv6Addr::LOCALHOST))
        .unwrap_or(Ipv6Addr::UNSPECIFIED)
}

#[cfg(test)]
mod tests {
    use super::*;
    use scap_sys::{FdType, L4Proto};

    #[test]
    fn the_own_end_is_filled_in() {
        let v4 = |name: &str, addr: [u8; 4]| Interface {
            name: name.into(),
            address: InterfaceAddress::V4 {
                addr: addr.into(),
                netmask: Ipv4Addr::new(255, 255, 255, 0),
                broadcast: Ipv4Addr::UNSPECIFIED,
            },
            link_speed: 0,
        };
        let interfaces = [v4("lo", [127, 0, 0, 1]), v4("eth0", [10, 0, 0, 5]), v4("eth1", [10, 1, 0, 5])];
        let own = |dip: [u8; 4], dport| {
            let mut fd = Fd::new(FdType::Ipv4Sock);
            let (sip, dip) = (Ipv4Addr::UNSPECIFIED, Ipv4Addr::from(dip));
            fd.set_sock(SockInfo::Ipv4 { sip, dip, sport: 80, dport, proto: L4Proto::Udp });
            complete(&mut fd, &interfaces);
            match fd.sock() {
                SockInfo::Ipv4 { sip, .. } => sip.octets(),
                _ => unreachable!(),
            }
        };
        assert_eq!(own([10, 1, 0, 9], 53), [10, 1, 0, 5], "the same network");
        assert_eq!(own([8, 8, 8, 8], 53), [10, 0, 0, 5], "the first that is not the loopback");
        assert_eq!(own([127, 0, 0, 1], 53), [127, 0, 0, 1], "the same machine");
        assert_eq!(own([127, 0, 0, 1], 80), [0, 0, 0, 0], "it cannot talk to itself");
    }
}
