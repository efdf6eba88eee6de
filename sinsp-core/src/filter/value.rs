//! Constants: the right-hand sides of comparisons, parsed once for the type of the field.

use crate::extracted::{Extracted, Item};
use driver::ParamType;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The comparison class of a type. The number is the size in bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Signed numbers.
    Int(u8),
    /// Unsigned numbers.
    Uint(u8),
    /// Booleans.
    Bool,
    /// Floating-point numbers.
    Double,
    /// Text.
    Text,
    /// Binary data.
    Bytes,
    /// Addresses that are compared with addresses.
    Ip,
    /// Addresses that are compared with networks.
    Net,
    /// Not comparable.
    None,
}

/// The comparison class of `ty`.
pub fn kind(ty: ParamType) -> Kind {
    use ParamType::*;
    match ty {
        INT8 => Kind::Int(8),
        INT16 => Kind::Int(16),
        INT32 => Kind::Int(32),
        INT64 | FD | PID | ERRNO => Kind::Int(64),
        UINT8 | FLAGS8 | ENUMFLAGS8 | SIGTYPE => Kind::Uint(8),
        UINT16 | FLAGS16 | ENUMFLAGS16 | PORT | SYSCALLID => Kind::Uint(16),
        UINT32 | FLAGS32 | ENUMFLAGS32 | MODE => Kind::Uint(32),
        UINT64 | RELTIME | ABSTIME => Kind::Uint(64),
        BOOL => Kind::Bool,
        DOUBLE => Kind::Double,
        CHARBUF | FSPATH | FSRELPATH => Kind::Text,
        BYTEBUF => Kind::Bytes,
        IPV4ADDR | IPV6ADDR | IPADDR => Kind::Ip,
        IPV4NET | IPV6NET | IPNET => Kind::Net,
        _ => Kind::None,
    }
}

/// The name of a type, as C has it after its prefix; C writes `PT_DYN` as `DYNAMIC`.
pub fn type_name(ty: ParamType) -> &'static str {
    match ty {
        ParamType::DYN => "DYNAMIC",
        _ => ParamType::ALL.iter().find(|(known, _)| *known == ty).map_or("UNKNOWN", |(_, name)| name),
    }
}

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A boolean.
    Bool(bool),
    /// A signed number.
    Int(i64),
    /// An unsigned number.
    Uint(u64),
    /// A floating-point number.
    Double(f64),
    /// Text or bytes.
    Bytes(Box<[u8]>),
    /// An address.
    Ip(IpAddr),
    /// A network: address and prefix length.
    Net(IpAddr, u8),
}

/// One side of a comparison.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Datum<'a> {
    /// A boolean or an unsigned number.
    Uint(u64),
    /// A signed number.
    Int(i64),
    /// A floating-point number.
    Double(f64),
    /// Text or bytes.
    Bytes(&'a [u8]),
    /// An address.
    Ip(IpAddr),
    /// A network.
    Net(IpAddr, u8),
}

impl Value {
    /// The constant as a side of a comparison.
    #[inline]
    pub fn datum(&self) -> Datum<'_> {
        match self {
            Value::Bool(b) => Datum::Uint(*b as u64),
            Value::Int(n) => Datum::Int(*n),
            Value::Uint(n) => Datum::Uint(*n),
            Value::Double(n) => Datum::Double(*n),
            Value::Bytes(b) => Datum::Bytes(b),
            Value::Ip(ip) => Datum::Ip(*ip),
            Value::Net(ip, len) => Datum::Net(*ip, *len),
        }
    }

    /// A constant in the memory format of the plugin API.
    ///
    /// # Errors
    /// It has the wrong size for its type.
    pub fn from_raw(ty: ParamType, raw: &[u8]) -> Result<Value, String> {
        let mut values = Extracted::default();
        if !values.push_raw(ty, raw) {
            return Err(format!("a value of {} bytes has not the size of type '{}'", raw.len(), type_name(ty)));
        }
        Ok(match values.items()[0] {
            Item::Bool(b) => Value::Bool(b),
            Item::Int(n) => Value::Int(n),
            Item::Uint(n) => Value::Uint(n),
            Item::Double(n) => Value::Double(n),
            Item::Bytes { .. } => Value::Bytes(raw.into()),
            Item::Ip(ip) => Value::Ip(ip),
            Item::Net(ip, len) => Value::Net(ip, len),
        })
    }

    /// Adds the constant to `values`.
    pub fn push_to(&self, values: &mut Extracted) {
        values.push(match self {
            Value::Bytes(bytes) => return values.push_text(bytes),
            Value::Bool(b) => Item::Bool(*b),
            Value::Int(n) => Item::Int(*n),
            Value::Uint(n) => Item::Uint(*n),
            Value::Double(n) => Item::Double(*n),
            Value::Ip(ip) => Item::Ip(*ip),
            Value::Net(ip, len) => Item::Net(*ip, *len),
        });
    }

    /// Parses `text` as a constant of the type.
    ///
    /// # Errors
    /// `text` is no such constant; the message has the reason.
    pub fn parse(ty: ParamType, text: &[u8]) -> Result<Value, String> {
        use ParamType::*;
        let shown = || String::from_utf8_lossy(text);
        Ok(match ty {
            INT8 => Value::Int(signed(text)? as i8 as i64),
            INT16 => Value::Int(signed(text)? as i16 as i64),
            INT32 => Value::Int(signed(text)? as i32 as i64),
            INT64 | FD | ERRNO | PID => Value::Int(signed(text)?),
            L4PROTO | FLAGS8 | UINT8 | ENUMFLAGS8 => Value::Uint(unsigned(text)? as u8 as u64),
            FLAGS16 | UINT16 | ENUMFLAGS16 => Value::Uint(unsigned(text)? as u16 as u64),
            FLAGS32 | UINT32 | MODE | ENUMFLAGS32 | UID | GID => Value::Uint(unsigned(text)? as u32 as u64),
            UINT64 | RELTIME | ABSTIME => Value::Uint(unsigned(text)?),
            PORT => Value::Uint(port(text)? as u64),
            DOUBLE => Value::Double(signed(text)? as i32 as f64),
            BOOL => match text {
                b"true" => Value::Bool(true),
                b"false" => Value::Bool(false),
                _ => return Err(format!("filter error: unrecognized boolean value {}", shown())),
            },
            CHARBUF | SOCKADDR | SOCKTUPLE | SOCKFAMILY | FSPATH | FSRELPATH | BYTEBUF => Value::Bytes(text.into()),
            // The table of fds has the addresses of mapped ones, `::ffff:1.2.3.4`, as IPv4: such a constant means the same.
            IPADDR if is_v4(text) => Value::Ip(v4(text)?.into()),
            IPADDR => Value::Ip(IpAddr::from(v6(text)?).to_canonical()),
            IPV4ADDR => Value::Ip(v4(text)?.into()),
            IPV6ADDR => Value::Ip(v6(text)?.into()),
            IPNET if is_v4(text) => net4(text)?,
            IPNET => unmapped(net6(text)?),
            IPV4NET => net4(text)?,
            IPV6NET => net6(text)?,
            _ => {
                return Err(format!(
                    "there are no constants of type '{}': wrong parameter type {}",
                    type_name(ty),
                    ty as u32
                ));
            }
        })
    }
}

/// An extracted value as a side of a comparison.
#[inline]
pub fn datum<'a>(values: &'a Extracted, item: &Item) -> Datum<'a> {
    match item {
        Item::Bool(b) => Datum::Uint(*b as u64),
        Item::Int(n) => Datum::Int(*n),
        Item::Uint(n) => Datum::Uint(*n),
        Item::Double(n) => Datum::Double(*n),
        Item::Bytes { .. } => Datum::Bytes(values.text(item)),
        Item::Ip(ip) => Datum::Ip(*ip),
        Item::Net(ip, len) => Datum::Net(*ip, *len),
    }
}

/// Whether an address is in a network. A mapped IPv6 address is in the networks of both kinds that it belongs to; an IPv4 address is in no
/// network of IPv6.
pub fn in_net(ip: IpAddr, net: IpAddr, len: u8) -> bool {
    match (ip, net) {
        (IpAddr::V4(ip), IpAddr::V4(net)) => {
            let mask = u32::MAX.checked_shl(32 - len.min(32) as u32).unwrap_or(0);
            ip.to_bits() & mask == net.to_bits() & mask
        }
        (IpAddr::V6(ip), IpAddr::V6(net)) => {
            let mask = u128::MAX.checked_shl(128 - len.min(128) as u32).unwrap_or(0);
            ip.to_bits() & mask == net.to_bits() & mask
        }
        (IpAddr::V6(ip), IpAddr::V4(_)) => ip.to_ipv4_mapped().is_some_and(|ip| in_net(ip.into(), net, len)),
        (IpAddr::V4(_), IpAddr::V6(_)) => false,
    }
}

/// A decimal number in the format of strtoul(3): blanks, a sign, digits, and nothing after them; too large numbers become
/// the maximum. `Err` if `text` is no number.
fn decimal(text: &[u8]) -> Result<(bool, u128), String> {
    let error = || format!("{} is not a valid number", String::from_utf8_lossy(text));
    let start = text.iter().position(|b| !b.is_ascii_whitespace() && *b != 11).ok_or_else(error)?;
    let (negative, digits) = match &text[start..] {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(error());
    }
    let limit = u64::MAX as u128 + 1;
    let n = digits.iter().fold(0u128, |n, d| (n * 10 + (d - b'0') as u128).min(limit));
    Ok((negative, n))
}

fn signed(text: &[u8]) -> Result<i64, String> {
    let (negative, n) = decimal(text)?;
    Ok(if negative { (-(n as i128)).max(i64::MIN as i128) as i64 } else { n.min(i64::MAX as u128) as i64 })
}

/// A negative number becomes its two's complement.
fn unsigned(text: &[u8]) -> Result<u64, String> {
    let (negative, n) = decimal(text)?;
    Ok(match (negative, u64::try_from(n)) {
        (_, Err(_)) => u64::MAX,
        (true, Ok(n)) => n.wrapping_neg(),
        (false, Ok(n)) => n,
    })
}

fn port(text: &[u8]) -> Result<u16, String> {
    if text.is_empty() {
        return Ok(0);
    }
    if text.iter().all(u8::is_ascii_digit) {
        return Ok(unsigned(text)? as u16);
    }
    service_port(&std::fs::read("/etc/services").unwrap_or_default(), text)
        .ok_or_else(|| format!("unrecognized protocol {}", String::from_utf8_lossy(text)))
}

/// The port of a service by name or alias, from the content of services(5).
fn service_port(services: &[u8], name: &[u8]) -> Option<u16> {
    services.split(|b| *b == b'\n').find_map(|line| {
        let line = line.split(|b| *b == b'#').next()?;
        let mut words = line.split(|b| b.is_ascii_whitespace()).filter(|w| !w.is_empty());
        let (service, port) = (words.next()?, words.next()?);
        if service != name && !words.any(|alias| alias == name) {
            return None;
        }
        std::str::from_utf8(port.split(|b| *b == b'/').next()?).ok()?.parse().ok()
    })
}

fn address<A: std::str::FromStr>(text: &[u8]) -> Option<A> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

fn v4(text: &[u8]) -> Result<Ipv4Addr, String> {
    address(text).ok_or_else(|| format!("unrecognized IPv4 address {}", String::from_utf8_lossy(text)))
}

fn v6(text: &[u8]) -> Result<Ipv6Addr, String> {
    address(text).ok_or_else(|| format!("unrecognized IPv6 address {}", String::from_utf8_lossy(text)))
}

/// Whether a text that is an address or a network is one of IPv4.
fn is_v4(text: &[u8]) -> bool {
    text.contains(&b'.') && !text.contains(&b':')
}

/// A network within that of all mapped addresses, `::ffff:0:0/96`, as the IPv4 network that it stands for.
fn unmapped(net: Value) -> Value {
    match net {
        Value::Net(IpAddr::V6(ip), len @ 96..) if ip.to_ipv4_mapped().is_some() => {
            Value::Net(IpAddr::from(ip).to_canonical(), len - 96)
        }
        other => other,
    }
}

fn net4(text: &[u8]) -> Result<Value, String> {
    let shown = String::from_utf8_lossy(text);
    let slash = text.iter().position(|b| *b == b'/').ok_or_else(|| format!("unrecognized IP network {shown}"))?;
    let ip: Ipv4Addr = address(&text[..slash]).ok_or_else(|| format!("unrecognized IP address {shown}"))?;
    match unsigned(&text[slash + 1..])? {
        len @ 0..=32 => Ok(Value::Net(ip.into(), len as u8)),
        _ => Err(format!("invalid netmask {}", String::from_utf8_lossy(&text[slash + 1..]))),
    }
}

fn net6(text: &[u8]) -> Result<Value, String> {
    let shown = String::from_utf8_lossy(text);
    let slash = text.iter().position(|b| *b == b'/').ok_or_else(|| format!("invalid v6 netmask: {shown}"))?;
    let ip: Ipv6Addr = address(&text[..slash]).ok_or_else(|| format!("unrecognized IPv6 address {shown}"))?;
    match unsigned(&text[slash + 1..])? {
        len @ 0..=128 => Ok(Value::Net(ip.into(), len as u8)),
        _ => Err(format!("invalid v6 netmask {}", String::from_utf8_lossy(&text[slash + 1..]))),
    }
}

/// Decodes pairs of hexadecimal digits.
pub fn unhex(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |b: u8| (b as char).to_digit(16).map(|d| d as u8);
    if !text.len().is_multiple_of(2) {
        return None;
    }
    text.chunks_exact(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ParamType::*;

    #[test]
    fn numbers_are_cut_to_their_type() {
        assert_eq!(Value::parse(INT64, b"-5"), Ok(Value::Int(-5)));
        assert_eq!(Value::parse(PID, b"99999999999999999999999"), Ok(Value::Int(i64::MAX)));
        assert_eq!(Value::parse(INT64, b"-99999999999999999999999"), Ok(Value::Int(i64::MIN)));
        assert_eq!(Value::parse(INT16, b"70000"), Ok(Value::Int(4464)));
        assert_eq!(Value::parse(UINT32, b"-1"), Ok(Value::Uint(u32::MAX as u64)));
        assert_eq!(Value::parse(UINT64, b"18446744073709551616"), Ok(Value::Uint(u64::MAX)));
        assert_eq!(Value::parse(UINT8, b"+7"), Ok(Value::Uint(7)));
        for bad in [&b"abc"[..], b"", b"0x10", b"1 ", b"1.5", b"-", b" "] {
            assert!(Value::parse(INT64, bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn booleans_and_ports() {
        assert_eq!(Value::parse(BOOL, b"true"), Ok(Value::Bool(true)));
        assert!(Value::parse(BOOL, b"maybe").unwrap_err().starts_with("filter error: unrecognized boolean"));
        assert_eq!(Value::parse(PORT, b"443"), Ok(Value::Uint(443)));
        assert_eq!(Value::parse(PORT, b""), Ok(Value::Uint(0)));
        assert!(Value::parse(PORT, b"0x50").is_err());
        let services = b"# comment\nhttp\t80/tcp\twww # web\nntp 123/udp\n";
        assert_eq!(service_port(services, b"http"), Some(80));
        assert_eq!(service_port(services, b"www"), Some(80));
        assert_eq!(service_port(services, b"web"), None);
    }

    #[test]
    fn addresses_and_networks() {
        assert_eq!(Value::parse(IPADDR, b"::1"), Ok(Value::Ip(Ipv6Addr::LOCALHOST.into())));
        assert!(Value::parse(IPADDR, b"300.1.1.1").is_err());
        let Ok(Value::Net(net, len)) = Value::parse(IPNET, b"10.0.0.0/8") else { panic!() };
        assert!(in_net("10.255.1.2".parse().unwrap(), net, len));
        assert!(!in_net("11.0.0.0".parse().unwrap(), net, len));
        assert!(!in_net("::1".parse().unwrap(), net, len));
        assert!(in_net("1.2.3.4".parse().unwrap(), "0.0.0.0".parse().unwrap(), 0));
        let Ok(Value::Net(net, len)) = Value::parse(IPNET, b"fe80::/10") else { panic!() };
        let holds = |ip: &str, net: &str| match Value::parse(IPNET, net.as_bytes()) {
            Ok(Value::Net(net, len)) => in_net(ip.parse().unwrap(), net, len),
            other => panic!("{net}: {other:?}"),
        };
        for (ip, net) in [
            ("1.2.3.4", "0.0.0.0/0"),
            ("255.255.255.255", "9.9.9.9/0"),
            ("1.2.3.4", "1.2.3.4/32"),
            ("128.0.0.1", "128.0.0.0/1"),
            ("::1", "::/0"),
            ("ffff::", "::/0"),
            ("fe80::1", "1234::/0"),
            ("7fff::1", "::/1"),
            ("2001:db8::1", "2001:db8::1/128"),
            ("::ffff:1.2.3.4", "::/0"),
            ("::ffff:1.2.3.4", "1.2.0.0/16"),
            ("::ffff:1.2.3.4", "::ffff:0:0/96"),
            ("1.2.3.4", "::ffff:0:0/96"),
            ("1.2.3.4", "::ffff:1.2.0.0/112"),
            ("1.2.3.4", "::ffff:102:304/128"),
        ] {
            assert!(holds(ip, net), "{ip} in {net}");
        }
        for (ip, net) in [
            ("1.2.3.4", "::/0"),
            ("::1", "0.0.0.0/0"),
            ("8000::", "::/1"),
            ("1.3.0.0", "::ffff:1.2.0.0/112"),
            ("::1", "::ffff:0:0/96"),
            ("::ffff:1.2.3.4", "1.3.0.0/16"),
            ("2001:db8::2", "2001:db8::1/128"),
        ] {
            assert!(!holds(ip, net), "{ip} not in {net}");
        }
        assert_eq!(Value::parse(IPADDR, b"::ffff:1.2.3.4"), Ok(Value::Ip(Ipv4Addr::new(1, 2, 3, 4).into())));
        assert_eq!(Value::parse(IPADDR, b"::ffff:102:304"), Value::parse(IPADDR, b"1.2.3.4"));
        assert!(in_net("febf::1".parse().unwrap(), net, len) && !in_net("fec0::1".parse().unwrap(), net, len));
        for bad in [
            &b"10.0.0.0"[..],
            b"10.0.0.0/99",
            b"10.0.0/8",
            b"::/129",
            b"::/",
            b"::/-1",
            b"0.0.0.0/33",
            b"::1",
            b"10.0.0.0/",
        ] {
            assert!(Value::parse(IPNET, bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn hex() {
        assert_eq!(unhex(b"47Fe").as_deref(), Some(&b"\x47\xfe"[..]));
        assert_eq!(unhex(b"474"), None);
        assert_eq!(unhex(b"4g"), None);
    }
}
