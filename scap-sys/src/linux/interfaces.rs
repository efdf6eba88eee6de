//! The network interfaces with their addresses.

use std::ffi::{CStr, OsStr};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr;

use super::procfs::{number, read_file, watched};
use crate::{Error, Interface, InterfaceAddress, Result};

/// Asks the kernel for the interfaces that have an address. An interface with several addresses comes several times.
pub fn interfaces() -> Result<Vec<Interface>> {
    struct List(*mut libc::ifaddrs);
    impl Drop for List {
        fn drop(&mut self) {
            // SAFETY: the list comes from getifaddrs and is freed once; null is allowed.
            unsafe { libc::freeifaddrs(self.0) }
        }
    }
    let mut list = List(ptr::null_mut());
    // SAFETY: `list.0` is a valid place for the pointer.
    if unsafe { libc::getifaddrs(&mut list.0) } != 0 {
        return Err(Error::last_os("asking for the network interfaces (getifaddrs)"));
    }
    let mut found = Vec::new();
    // SAFETY: a list from getifaddrs is a chain of valid nodes that ends with null, alive until `list` is dropped.
    let mut next = unsafe { list.0.as_ref() };
    while let Some(node) = next {
        // SAFETY: as above.
        next = unsafe { node.ifa_next.as_ref() };
        // SAFETY: the addresses of a node are null or valid socket addresses of the size of their family.
        let (addr, netmask, broadcast) =
            unsafe { (address(node.ifa_addr), address(node.ifa_netmask), address(node.ifa_ifu)) };
        let address = match addr {
            Some(Address::V4(addr)) => InterfaceAddress::V4 { addr, netmask: v4(netmask), broadcast: v4(broadcast) },
            Some(Address::V6(addr)) => InterfaceAddress::V6 { addr, netmask: v6(netmask), broadcast: v6(broadcast) },
            None => continue,
        };
        // SAFETY: a node's name is a C string.
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
/// `addr` is null, or points to a socket address of the size of its family.
unsafe fn address(addr: *const libc::sockaddr) -> Option<Address> {
    if addr.is_null() {
        return None;
    }
    // SAFETY: by the caller's promise the family can be read, and what it says is there.
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

/// In bits per second; 0 where the driver does not say.
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
