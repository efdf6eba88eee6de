//! Values in the memory format of the plugin API: numbers in native byte order with the size of their type, booleans as 32
//! bits, addresses as 4 or 16 bytes, networks as an address and a byte with the prefix length, texts without a terminating
//! NUL.

use super::{Extracted, Item};
use driver::ParamType;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The size of a number of this type in bytes; 0 for other types.
fn size(ty: ParamType) -> usize {
    use ParamType::*;
    match ty {
        INT8 | UINT8 | FLAGS8 | ENUMFLAGS8 | SIGTYPE | L4PROTO | SOCKFAMILY => 1,
        INT16 | UINT16 | FLAGS16 | ENUMFLAGS16 | PORT | SYSCALLID => 2,
        INT32 | UINT32 | FLAGS32 | ENUMFLAGS32 | MODE | UID | GID | SIGSET | BOOL | FD32 | PID32 => 4,
        INT64 | UINT64 | FD | PID | ERRNO | RELTIME | ABSTIME | DOUBLE => 8,
        _ => 0,
    }
}

impl Extracted {
    /// The size of a value of this type in bytes; 0 for types without a fixed size.
    pub fn size_of(ty: ParamType) -> usize {
        size(ty)
    }

    /// Appends a value of this extraction in its memory format.
    pub fn raw(&self, item: &Item, ty: ParamType, out: &mut Vec<u8>) {
        let number = |n: u64, out: &mut Vec<u8>| match size(ty) {
            1 => out.push(n as u8),
            2 => out.extend_from_slice(&(n as u16).to_ne_bytes()),
            4 => out.extend_from_slice(&(n as u32).to_ne_bytes()),
            _ => out.extend_from_slice(&n.to_ne_bytes()),
        };
        match item {
            Item::Bool(b) => out.extend_from_slice(&u32::from(*b).to_ne_bytes()),
            Item::Int(n) => number(*n as u64, out),
            Item::Uint(n) => number(*n, out),
            Item::Double(n) => out.extend_from_slice(&n.to_ne_bytes()),
            Item::Bytes { .. } => out.extend_from_slice(self.text(item)),
            Item::Ip(ip) => address(*ip, out),
            Item::Net(ip, len) => {
                address(*ip, out);
                out.push(*len);
            }
        }
    }

    /// Adds a value from its memory format; returns `false` if its size does not fit its type.
    pub fn push_raw(&mut self, ty: ParamType, bytes: &[u8]) -> bool {
        use ParamType::*;
        let item = match ty {
            IPADDR | IPV4ADDR | IPV6ADDR | IPNET | IPV4NET | IPV6NET => match (bytes.len(), bytes) {
                (4 | 16, _) => ip(bytes).map(Item::Ip),
                (5 | 17, [address @ .., len]) => ip(address).map(|ip| Item::Net(ip, *len)),
                _ => None,
            },
            _ if size(ty) == 0 => {
                let text = !matches!(ty, BYTEBUF) && bytes.last() == Some(&0);
                let end =
                    if text { bytes.iter().rposition(|b| *b != 0).map_or(0, |last| last + 1) } else { bytes.len() };
                self.push_text(&bytes[..end]);
                return true;
            }
            BOOL => unsigned(bytes).map(|n| Item::Bool(n != 0)),
            _ if bytes.len() != size(ty) => None,
            DOUBLE => unsigned(bytes).map(|n| Item::Double(f64::from_bits(n))),
            INT8 | INT16 | INT32 | INT64 | FD | FD32 | PID | PID32 | ERRNO => unsigned(bytes).map(|n| {
                let unused = 64 - 8 * bytes.len() as u32;
                Item::Int((n << unused) as i64 >> unused)
            }),
            _ => unsigned(bytes).map(Item::Uint),
        };
        if let Some(item) = item {
            self.push(item);
        }
        item.is_some()
    }
}

fn unsigned(bytes: &[u8]) -> Option<u64> {
    Some(match *bytes {
        [a] => a.into(),
        [a, b] => u16::from_ne_bytes([a, b]).into(),
        [a, b, c, d] => u32::from_ne_bytes([a, b, c, d]).into(),
        _ => u64::from_ne_bytes(bytes.try_into().ok()?),
    })
}

fn address(ip: IpAddr, out: &mut Vec<u8>) {
    match ip {
        IpAddr::V4(ip) => out.extend_from_slice(&ip.octets()),
        IpAddr::V6(ip) => out.extend_from_slice(&ip.octets()),
    }
}

fn ip(bytes: &[u8]) -> Option<IpAddr> {
    match bytes.len() {
        4 => <[u8; 4]>::try_from(bytes).ok().map(|b| Ipv4Addr::from(b).into()),
        _ => <[u8; 16]>::try_from(bytes).ok().map(|b| Ipv6Addr::from(b).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ParamType::*;

    #[test]
    fn values_come_back_from_memory() {
        let mut values = Extracted::default();
        values.push_text(b"text");
        let text = values.items()[0];
        let net = Item::Net("10.0.0.0".parse().unwrap(), 8);
        for (ty, item, len) in [
            (INT64, Item::Int(-5), 8),
            (INT16, Item::Int(-5), 2),
            (PORT, Item::Uint(443), 2),
            (UINT32, Item::Uint(u32::MAX.into()), 4),
            (FLAGS8, Item::Uint(200), 1),
            (BOOL, Item::Bool(true), 4),
            (DOUBLE, Item::Double(0.5), 8),
            (IPADDR, Item::Ip("::1".parse().unwrap()), 16),
            (IPNET, Item::Ip("1.2.3.4".parse().unwrap()), 4),
            (IPNET, net, 5),
            (CHARBUF, text, 4),
        ] {
            let (mut raw, mut back) = (Vec::new(), Extracted::default());
            values.raw(&item, ty, &mut raw);
            assert!(raw.len() == len && back.push_raw(ty, &raw) && back.items() == [item], "{ty:?} {raw:?}");
        }
    }

    #[test]
    fn what_has_not_the_size_of_its_type_is_refused() {
        let mut values = Extracted::default();
        for (ty, len) in [(INT64, 4), (PORT, 1), (IPADDR, 6), (BOOL, 3), (DOUBLE, 0)] {
            assert!(!values.push_raw(ty, &vec![0; len]), "{ty:?}");
        }
        // A trailing NUL belongs to a buffer, not to a text.
        assert!(values.push_raw(CHARBUF, b"a\0b\0") && values.push_raw(BYTEBUF, b"a\0"));
        let texts: Vec<_> = values.items().iter().map(|i| values.text(i)).collect();
        assert_eq!(texts, [&b"a\0b"[..], b"a\0"]);
    }
}
