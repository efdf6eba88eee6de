//! The network interfaces and their addresses.

use std::ffi::{CStr, OsStr};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr;

use super::procfs::{number, read_file, watched};
use crate::{Error, Interface, InterfaceAddress, Result};

/// The addresses of all network interfaces (getifaddrs(3)). An interface is listed once per address.
pub fn interfaces() -> Result<Vec<Interface>> {
    struct List(*mut libc::ifaddrs);
    impl Drop for List {
        fn drop(&mut self) {
            // SAFETY: `list.0` is null or came from getifaddrs(3); this is its only free, because `List` is neither copied
            // nor cloned.
            unsafe { libc::freeifaddrs(self.0) }
        }
    }
    let mut list = List(ptr::null_mut());
    // SAFETY: `list.0` is a local pointer that getifaddrs(3) overwrites.
    if unsafe { libc::getifaddrs(&mut list.0) } != 0 {
        return Err(Error::last_os("asking for the network interfaces (getifaddrs)"));
    }
    let mut found = Vec::new();
    // SAFETY: getifaddrs(3) returned a null-terminated linked list that `list` owns; it is freed at the end of this
    // function.
    let mut next = unsafe { list.0.as_ref() };
    while let Some(node) = next {
        // SAFETY: `node` is in the list, so its `ifa_next` is null or the next node.
        next = unsafe { node.ifa_next.as_ref() };
        // SAFETY: getifaddrs(3): each address is null or a socket address with the size of its family.
        let (addr, netmask, broadcast) =
            unsafe { (address(node.ifa_addr), address(node.ifa_netmask), address(node.ifa_ifu)) };
        let address = match addr {
            Some(Address::V4(addr)) => InterfaceAddress::V4 { addr, netmask: v4(netmask), broadcast: v4(broadcast) },
            Some(Address::V6(addr)) => InterfaceAddress::V6 { addr, netmask: v6(netmask), broadcast: v6(broadcast) },
            None => continue,
        };
        // SAFETY: getifaddrs(3): the name is a NUL-terminated string in the list.
        let name = unsafe { CStr::from_ptr(node.ifa_name) }.to_bytes().to_vec();
        let link_speed = link_speed(&name)?;
        found.push(Interface { name, address, link_speed });
    }
    Ok(found)
}

enum Address {
    V4(Ipv4Addr),
    V6(Ipv6Addr),
}

fn v4(a: Option<Address>) -> Ipv4Addr {
    if let Some(Address::V4(a)) = a { a } else { Ipv4Addr::UNSPECIFIED }
}

fn v6(a: Option<Address>) -> Ipv6Addr {
    if let Some(Address::V6(a)) = a { a } else { Ipv6Addr::UNSPECIFIED }
}

/// # Safety
/// `addr` must be null or point to a socket address with the size of its family.
unsafe fn address(addr: *const libc::sockaddr) -> Option<Address> {
    if addr.is_null() {
        return None;
    }
    // SAFETY: `addr` is not null here, so it points to a socket address; the family says which fields exist.
    unsafe {
        match i32::from((*addr).sa_family) {
            libc::AF_INET => {
                let a = ptr::read_unaligned(addr.cast::<libc::sockaddr_in>());
                Some(Address::V4(a.sin_addr.s_addr.to_ne_bytes().into()))
            }
            libc::AF_INET6 => {
                let a = ptr::read_unaligned(addr.cast::<libc::sockaddr_in6>());
                Some(Address::V6(a.sin6_addr.s6_addr.into()))
            }
            _ => None,
        }
    }
}

/// The link speed in bits per second; 0 if the driver does not report it.
fn link_speed(name: &[u8]) -> Result<u64> {
    let path = Path::new("/sys/class/net").join(OsStr::from_bytes(name)).join("speed");
    let text = watched(|| Ok(read_file(&path, 32).ok()))?;
    let megabits = text.and_then(|t| number(t.trim_ascii(), 10)).unwrap_or(0);
    Ok(if megabits >= u64::from(u32::MAX) { 0 } else { megabits * 1_000_000 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_loopback_interface() {
        let all = interfaces().unwrap();
        let lo = all.iter().find(|i| i.name == b"lo" && matches!(i.address, InterfaceAddress::V4 { .. }));
        let Some(lo) = lo else { return };
        let InterfaceAddress::V4 { addr, netmask, .. } = lo.address else { unreachable!() };
        assert_eq!((addr, netmask), (Ipv4Addr::LOCALHOST, Ipv4Addr::new(255, 0, 0, 0)));
    }
}
