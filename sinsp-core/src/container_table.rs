//! The table of containers that a plugin has, for the fields that use it.

use std::fmt;
use std::net::Ipv4Addr;
use std::rc::Rc;

/// A text of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContainerText {
    /// The name of its user.
    User,
    /// Its IPv4 address.
    Ip,
}

/// The table of containers of a plugin.
pub trait ContainerTable {
    /// Calls `read` with a text of a container; not if there is no such container, or the plugin fails.
    fn text(&self, container: &[u8], what: ContainerText, read: &mut dyn FnMut(&[u8]));
    /// Calls `read` with the address of each container, until it returns false.
    fn each_ip(&self, read: &mut dyn FnMut(&[u8]) -> bool);
}

/// That table, if a plugin has it.
#[derive(Clone, Default)]
pub struct Containers(pub Option<Rc<dyn ContainerTable>>);

impl fmt::Debug for Containers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Containers").field(&self.0.is_some()).finish()
    }
}

impl Containers {
    /// The name of a container's user; empty if it is not known.
    pub(crate) fn user(&self, container: &[u8]) -> Vec<u8> {
        let mut user = Vec::new();
        if let (false, Some(table)) = (container.is_empty(), &self.0) {
            table.text(container, ContainerText::User, &mut |text| user.extend_from_slice(text));
        }
        user
    }

    /// Whether an address is one of the machine, as a container sees it: it has its own address, or else one of any container. `None`: the interfaces
    /// decide.
    pub(crate) fn is_local(&self, container: &[u8], address: Ipv4Addr) -> Option<bool> {
        let table = self.0.as_ref()?;
        let is_it = |text: &[u8]| std::str::from_utf8(text).is_ok_and(|text| text.parse() == Ok(address));
        let (mut known, mut same) = (false, false);
        table.text(container, ContainerText::Ip, &mut |text| (known, same) = (!text.is_empty(), is_it(text)));
        if known {
            return same.then_some(true);
        }
        let mut found = false;
        table.each_ip(&mut |text| {
            found = is_it(text);
            !found
        });
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Two;

    impl ContainerTable for Two {
        fn text(&self, container: &[u8], what: ContainerText, read: &mut dyn FnMut(&[u8])) {
            match (container, what) {
                (b"a", ContainerText::User) => read(b"anna"),
                (b"a", ContainerText::Ip) => read(b"10.0.0.1"),
                (b"b", ContainerText::Ip) => read(b""),
                _ => {}
            }
        }
        fn each_ip(&self, read: &mut dyn FnMut(&[u8]) -> bool) {
            let _ = [&b"10.0.0.1"[..], b"", b"10.0.0.2"].into_iter().all(read);
        }
    }

    #[test]
    fn a_container_has_its_own_address_and_user() {
        let containers = Containers(Some(Rc::new(Two)));
        let local = |container: &[u8], last| containers.is_local(container, Ipv4Addr::new(10, 0, 0, last));
        assert_eq!((local(b"a", 1), local(b"a", 2)), (Some(true), None));
        assert_eq!((local(b"b", 2), local(b"b", 3), local(b"c", 1)), (Some(true), Some(false), Some(true)));
        assert_eq!(
            (containers.user(b"a"), containers.user(b"b"), containers.user(b"")),
            (b"anna".to_vec(), vec![], vec![])
        );
        let none = Containers::default();
        assert_eq!((none.is_local(b"a", Ipv4Addr::LOCALHOST), none.user(b"a")), (None, vec![]));
    }
}
