//! Values as text and as JSON, by type and print format.

use super::json;
use crate::context::Display;
use crate::digits;
use crate::extracted::{Extracted, Item};
use crate::fields::buffer_text;
use crate::state::path::sanitize;
use driver::{Format, ParamType};
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Appends a value as text; returns `false`, and appends nothing, if the type has no text in this print format.
pub fn text(
    values: &Extracted,
    item: &Item,
    ty: ParamType,
    format: Format,
    display: Display,
    out: &mut Vec<u8>,
) -> bool {
    match item {
        Item::Bytes { .. } if ty == ParamType::BYTEBUF => buffer_text(values.text(item), display, out),
        Item::Bytes { .. } if values.is_as_is() => out.extend_from_slice(values.text(item)),
        Item::Bytes { .. } => sanitize(values.text(item), out),
        _ => return scalar(item, ty, format, out),
    }
    true
}

/// As [`text`], for values other than texts; returns `false` for a text.
#[inline]
pub fn scalar(item: &Item, ty: ParamType, format: Format, out: &mut Vec<u8>) -> bool {
    match item {
        Item::Bool(b) => out.extend_from_slice(if *b { b"true" } else { b"false" }),
        Item::Int(_) | Item::Uint(_) => return number(item, ty, format, out),
        Item::Double(n) => write(out, format_args!("{n:.1}")),
        Item::Bytes { .. } => return false,
        Item::Ip(_) | Item::Net(..) if matches!(ty, ParamType::IPNET | ParamType::IPV4NET | ParamType::IPV6NET) => {
            out.extend_from_slice(b"<IPNET>");
        }
        Item::Ip(ip) => address(*ip, out),
        Item::Net(ip, len) => {
            address(*ip, out);
            write(out, format_args!("/{len}"));
        }
    }
    true
}

/// Appends a field's values: the first value or, for a list, all values in parentheses. Returns `false` if there are none.
#[inline]
pub fn all(values: &Extracted, list: bool, ty: ParamType, format: Format, display: Display, out: &mut Vec<u8>) -> bool {
    match (list, values.items().first()) {
        (true, _) => each(values, ty, format, display, out),
        (false, Some(item)) => text(values, item, ty, format, display, out),
        (false, None) => false,
    }
}

fn each(values: &Extracted, ty: ParamType, format: Format, display: Display, out: &mut Vec<u8>) -> bool {
    out.push(b'(');
    for (i, item) in values.items().iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        text(values, item, ty, format, display, out);
    }
    out.push(b')');
    true
}

/// Appends one value as JSON.
pub fn json(
    values: &Extracted,
    item: &Item,
    ty: ParamType,
    format: Format,
    display: Display,
    scratch: &mut Vec<u8>,
    out: &mut Vec<u8>,
) {
    match item {
        Item::Bool(b) => out.extend_from_slice(if *b { b"true" } else { b"false" }),
        Item::Int(n) if matches!(format, Format::DEC | Format::ID) => digits::signed(*n, out),
        Item::Uint(n) if matches!(format, Format::DEC | Format::ID) => digits::unsigned(*n, out),
        Item::Double(n) if format == Format::DEC => write(out, format_args!("{}", *n as i64)),
        Item::Double(n) => json::double(*n, out),
        _ => {
            scratch.clear();
            if text(values, item, ty, format, display, scratch) {
                json::string(scratch, out);
            } else {
                out.extend_from_slice(b"null");
            }
        }
    }
}

fn write(out: &mut Vec<u8>, args: std::fmt::Arguments<'_>) {
    // Writing to a Vec cannot fail.
    let _ = out.write_fmt(args);
}

/// The number of bits of a type that are shown in hexadecimal and octal.
fn bits(ty: ParamType) -> u32 {
    use ParamType::*;
    match ty {
        INT8 | UINT8 | FLAGS8 | ENUMFLAGS8 | L4PROTO | SIGTYPE => 8,
        INT16 | UINT16 | FLAGS16 | ENUMFLAGS16 | PORT | SYSCALLID => 16,
        INT32 | UINT32 | FLAGS32 | ENUMFLAGS32 | UID | GID | MODE => 32,
        _ => 64,
    }
}

fn number(item: &Item, ty: ParamType, format: Format, out: &mut Vec<u8>) -> bool {
    match (format, item) {
        (Format::DEC | Format::ID, Item::Int(n)) => {
            digits::signed(*n, out);
            return true;
        }
        (Format::DEC | Format::ID, Item::Uint(n)) => {
            digits::unsigned(*n, out);
            return true;
        }
        _ => {}
    }
    let signed_64 = matches!(ty, ParamType::INT64 | ParamType::PID | ParamType::FD | ParamType::ERRNO);
    let raw = match item {
        Item::Int(n) => *n as u64,
        Item::Uint(n) => *n,
        _ => return false,
    };
    let shown = raw & (u64::MAX >> (64 - bits(ty)));
    match (format, item) {
        (Format::OCT, _) => write(out, format_args!("{shown:o}")),
        (Format::HEX, _) => write(out, format_args!("{shown:X}")),
        (Format::PADDED_DEC, Item::Int(n)) if bits(ty) == 64 => write(out, format_args!("{n:09}")),
        (Format::PADDED_DEC, _) if bits(ty) == 64 => digits::padded(raw, 9, out),
        (_, Item::Int(n)) if signed_64 => digits::signed(*n, out),
        _ => return false,
    }
    true
}

/// Appends an address in the format of inet_ntop(3).
pub fn address(ip: IpAddr, out: &mut Vec<u8>) {
    match ip {
        IpAddr::V4(ip) => write(out, format_args!("{ip}")),
        IpAddr::V6(ip) => match embedded_v4(ip) {
            Some(v4) => write(out, format_args!("::{v4}")),
            None => write(out, format_args!("{ip}")),
        },
    }
}

/// The IPv4 address in an IPv4-compatible IPv6 address, `::1.2.3.4`.
fn embedded_v4(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let segments = ip.segments();
    (segments[..6] == [0; 6] && segments[6] != 0).then(|| Ipv4Addr::from_bits(ip.to_bits() as u32))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ParamType::*;

    fn shown(item: Item, ty: ParamType, format: Format) -> Option<String> {
        let mut out = Vec::new();
        text(&Extracted::default(), &item, ty, format, Display::NORMAL, &mut out)
            .then(|| String::from_utf8(out).unwrap())
    }

    #[test]
    fn numbers_by_type_and_format() {
        let cases = [
            (Item::Int(-1), INT8, Format::HEX, Some("FF")),
            (Item::Int(-1), INT64, Format::HEX, Some("FFFFFFFFFFFFFFFF")),
            (Item::Int(-5), INT16, Format::DEC, Some("-5")),
            (Item::Uint(8), UINT32, Format::OCT, Some("10")),
            (Item::Uint(42), UINT64, Format::PADDED_DEC, Some("000000042")),
            (Item::Int(-42), INT64, Format::PADDED_DEC, Some("-00000042")),
            (Item::Uint(7), UINT32, Format::ID, Some("7")),
            (Item::Int(7), PID, Format::NA, Some("7")),
            (Item::Int(7), INT32, Format::NA, None),
            (Item::Bool(true), BOOL, Format::NA, Some("true")),
            (Item::Double(0.25), DOUBLE, Format::NA, Some("0.2")),
        ];
        for (item, ty, format, want) in cases {
            assert_eq!(shown(item, ty, format).as_deref(), want, "{item:?} {ty:?} {format:?}");
        }
    }

    #[test]
    fn addresses() {
        for (ip, want) in [
            ("127.0.0.1", "127.0.0.1"),
            ("::1", "::1"),
            ("::", "::"),
            ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
            ("::ffff:1.2.3.4", "::ffff:1.2.3.4"),
            ("::1.2.3.4", "::1.2.3.4"),
        ] {
            let item = Item::Ip(ip.parse().unwrap());
            assert_eq!(shown(item, IPADDR, Format::NA).unwrap(), want);
            assert_eq!(shown(item, IPNET, Format::NA).unwrap(), "<IPNET>");
        }
    }

    #[test]
    fn json_keeps_numbers_numbers() {
        let mut values = Extracted::default();
        values.push_text(b"a\"b\xff");
        let show = |item, ty, format| {
            let (mut scratch, mut out) = (Vec::new(), Vec::new());
            json(&values, &item, ty, format, Display::NORMAL, &mut scratch, &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(show(Item::Int(-3), INT64, Format::DEC), "-3");
        assert_eq!(show(Item::Uint(255), UINT32, Format::HEX), "\"FF\"");
        assert_eq!(show(Item::Uint(7), UINT64, Format::PADDED_DEC), "\"000000007\"");
        assert_eq!(show(Item::Int(7), INT32, Format::NA), "null");
        assert_eq!(show(Item::Double(2.5), DOUBLE, Format::DEC), "2");
        assert_eq!(show(Item::Double(2.5), DOUBLE, Format::NA), "2.5");
        assert_eq!(show(values.items()[0], CHARBUF, Format::NA), "\"a\\\"b\\ufffd\"");
    }

    #[test]
    fn texts_of_others_are_shown_as_they_are() {
        let mut values = Extracted::default();
        values.push_text(b"{\n\t\x01\xff}");
        let show = |values: &Extracted| {
            let (mut scratch, mut plain, mut quoted) = (Vec::new(), Vec::new(), Vec::new());
            assert!(text(values, &values.items()[0], CHARBUF, Format::NA, Display::NORMAL, &mut plain));
            json(values, &values.items()[0], CHARBUF, Format::NA, Display::NORMAL, &mut scratch, &mut quoted);
            (plain, String::from_utf8(quoted).unwrap())
        };
        assert_eq!(show(&values).0, "{\u{fffd}\u{fffd}\u{fffd}\u{fffd}}".as_bytes());
        values.set_as_is(true);
        values.sanitize();
        let (plain, quoted) = show(&values);
        assert_eq!(plain, b"{\n\t\x01\xff}");
        assert_eq!(quoted, r#""{\n\t\u0001\ufffd}""#);
        values.clear();
        assert!(!values.is_as_is());
    }
}
