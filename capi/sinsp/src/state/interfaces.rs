//! The addresses of a machine, in network order.

use crate::ffi::{entries, guard_plain};
use sinsp_core::state::interfaces::{own_v4, own_v6};
use std::net::{Ipv4Addr, Ipv6Addr};

/// An address of the machine and the mask of its network.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_ipv4_net {
    /// The address.
    pub addr: u32,
    /// The mask.
    pub netmask: u32,
}

/// An address of the machine.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_ipv6_addr {
    /// Its bytes.
    pub bytes: [u8; 16],
}

/// The address of the machine that a peer at `other` sees, of `count` addresses: the same one, else one of its network, else any but the
/// loopback; 0 if there is none.
///
/// # Safety
/// `nets` must be null or have `count` entries.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_own_ipv4(other: u32, nets: *const sinsp_ipv4_net, count: usize) -> u32 {
    let ip = |addr: u32| Ipv4Addr::from(addr.to_ne_bytes());
    // SAFETY: by `# Safety`, `nets` is readable for `count` elements.
    let nets = unsafe { entries(nets, count) };
    let own = || own_v4(ip(other), nets.iter().map(|net| (ip(net.addr), ip(net.netmask))));
    u32::from_ne_bytes(guard_plain(Ipv4Addr::UNSPECIFIED, own).octets())
}

/// The same for IPv6, where the first half of an address is the network; all zeros if there is none.
///
/// # Safety
/// `addrs` must be null or have `count` entries.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_own_ipv6(
    other: sinsp_ipv6_addr,
    addrs: *const sinsp_ipv6_addr,
    count: usize,
) -> sinsp_ipv6_addr {
    // SAFETY: by `# Safety`, `addrs` is readable for `count` elements.
    let addrs = unsafe { entries(addrs, count) };
    let own = || own_v6(other.bytes.into(), addrs.iter().map(|addr| Ipv6Addr::from(addr.bytes)));
    sinsp_ipv6_addr { bytes: guard_plain(Ipv6Addr::UNSPECIFIED, own).octets() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_address_is_found() {
        let n = |octets: [u8; 4]| u32::from_ne_bytes(octets);
        let lo = sinsp_ipv4_net { addr: n([127, 0, 0, 1]), netmask: n([255, 0, 0, 0]) };
        let eth = sinsp_ipv4_net { addr: n([10, 0, 0, 5]), netmask: n([255, 255, 255, 0]) };
        let nets = [lo, eth];
        let six = [1u8, 2].map(|last| {
            let mut bytes = [0; 16];
            (bytes[0], bytes[15]) = (last, last);
            sinsp_ipv6_addr { bytes }
        });
        let mut other = six[1];
        other.bytes[15] = 9;
        // SAFETY: the arrays have two entries, or are null.
        unsafe {
            assert_eq!(sinsp_own_ipv4(n([10, 0, 0, 9]), nets.as_ptr(), 2), eth.addr);
            assert_eq!(sinsp_own_ipv4(n([8, 8, 8, 8]), nets.as_ptr(), 2), eth.addr);
            assert_eq!(sinsp_own_ipv4(n([127, 0, 0, 1]), nets.as_ptr(), 2), lo.addr);
            assert_eq!(sinsp_own_ipv4(n([8, 8, 8, 8]), std::ptr::null(), 2), 0);
            assert_eq!(sinsp_own_ipv6(other, six.as_ptr(), 2).bytes, six[1].bytes);
        }
    }
}
