//! Captures of machines with the other byte order: their numbers are converted to this machine's.

use crate::encode::fixed_size;
use crate::{Event, HEADER_LEN};
use driver::{Detail, ParamInfo, ParamType};

/// The byte order of a capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// That of this machine.
    Native,
    /// The other one.
    Swapped,
}

impl Order {
    /// A number as it was read, in this machine's order.
    #[inline]
    pub fn u16(self, n: u16) -> u16 {
        if self == Order::Native { n } else { n.swap_bytes() }
    }

    /// As [`Order::u16`].
    #[inline]
    pub fn u32(self, n: u32) -> u32 {
        if self == Order::Native { n } else { n.swap_bytes() }
    }

    /// As [`Order::u16`].
    #[inline]
    pub fn u64(self, n: u64) -> u64 {
        if self == Order::Native { n } else { n.swap_bytes() }
    }

    /// The number at the offset `at` of `b`, which must have it.
    #[inline]
    pub fn u16_at(self, b: &[u8], at: usize) -> u16 {
        self.u16(u16::from_ne_bytes([b[at], b[at + 1]]))
    }

    /// As [`Order::u16_at`].
    #[inline]
    pub fn u32_at(self, b: &[u8], at: usize) -> u32 {
        self.u32(u32::from_ne_bytes([b[at], b[at + 1], b[at + 2], b[at + 3]]))
    }
}

/// Converts an event of the other byte order, in place. `bytes` has the header at least; what does not fit in them is not converted, and
/// [`Event::check`] rejects such an event. Buffers of programs keep their bytes, but for control messages of sockets.
pub fn swap_event(bytes: &mut [u8]) {
    for field in [0..8, 8..16, 16..20, 20..22, 22..HEADER_LEN] {
        bytes[field].reverse();
    }
    let event = Event::checked(bytes, 0, 0);
    let (n, len_size) = (event.nparams() as usize, event.len_size());
    let Some(info) = event.info() else { return };
    let Some((_, body)) = bytes.split_at_mut_checked(HEADER_LEN) else { return };
    let Some((lens, mut params)) = n.checked_mul(len_size).and_then(|size| body.split_at_mut_checked(size)) else {
        return;
    };
    lens.chunks_exact_mut(len_size).for_each(<[u8]>::reverse);
    for (len, param) in lens.chunks_exact(len_size).zip(info.params) {
        let len = crate::number::unsigned(len).map_or(0, |len| len as usize);
        let Some((value, rest)) = params.split_at_mut_checked(len) else { return };
        swap_param(param, value);
        params = rest;
    }
}

fn swap_param(param: &ParamInfo, value: &mut [u8]) {
    const UNIX: u8 = 1;
    const INET: u8 = 2;
    const INET6: u8 = 10;
    if let Detail::Variants(variants) = param.detail {
        if let Some((which, rest)) = value.split_first_mut()
            && let Some(variant) = variants.get(usize::from(*which))
        {
            swap_param(variant, rest);
        }
        return;
    }
    match param.ty {
        ParamType::IPV4ADDR => {}
        ty if fixed_size(ty).is_some() => value.reverse(),
        ParamType::SOCKADDR | ParamType::SOCKTUPLE => match value.split_first_mut() {
            // Addresses are in network byte order, ports and the kernel's addresses of sockets are not.
            Some((&mut INET, rest)) => swap_rows(rest, 4, &[2]),
            Some((&mut INET6, rest)) => swap_rows(rest, 16, &[2]),
            Some((&mut UNIX, rest)) if param.ty == ParamType::SOCKTUPLE => {
                rest.chunks_exact_mut(8).take(2).for_each(<[u8]>::reverse);
            }
            _ => {}
        },
        ParamType::FDLIST => {
            if let Some((count, rest)) = value.split_at_mut_checked(2) {
                count.reverse();
                swap_rows(rest, 0, &[8, 2]);
            }
        }
        ParamType::BYTEBUF if param.name == "msgcontrol" => swap_messages(value),
        _ => {}
    }
}

/// Reverses numbers of these sizes, which follow `keep` other bytes in every row.
fn swap_rows(bytes: &mut [u8], keep: usize, sizes: &[usize]) {
    for row in bytes.chunks_exact_mut(keep + sizes.iter().sum::<usize>()) {
        let mut rest = &mut row[keep..];
        for size in sizes {
            let (number, behind) = rest.split_at_mut(*size);
            number.reverse();
            rest = behind;
        }
    }
}

/// The control messages of a socket: each has its length (u64), a level and a type (i32), and data, padded to 8 bytes. Passed fds and credentials
/// are numbers of four bytes; the data of others has no form that is known here.
fn swap_messages(mut messages: &mut [u8]) {
    const HEADER: usize = 16;
    const SOL_SOCKET: u64 = 1;
    const RIGHTS_AND_CREDENTIALS: [u64; 2] = [1, 2];
    while messages.len() >= HEADER {
        swap_rows(&mut messages[..HEADER], 0, &[8, 4, 4]);
        let number = |bytes: &[u8]| crate::number::unsigned(bytes).unwrap_or(0);
        let (len, level, kind) = (number(&messages[..8]), number(&messages[8..12]), number(&messages[12..16]));
        let Some(data) = usize::try_from(len).ok().and_then(|len| messages.get_mut(HEADER..len)) else { return };
        if level == SOL_SOCKET && RIGHTS_AND_CREDENTIALS.contains(&kind) {
            data.chunks_exact_mut(4).for_each(<[u8]>::reverse);
        }
        let next = (HEADER + data.len()).next_multiple_of(8);
        messages = messages.get_mut(next..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::{self, Value};
    use driver::EventType;

    /// An event as a machine of the other order has it, from parameters in that machine's order.
    fn foreign(ty: EventType, params: &[&[u8]]) -> Vec<u8> {
        let wide = ty.info().unwrap().flags.has(driver::EventFlags::LARGE_PAYLOAD);
        let lens = params.iter().flat_map(|p| match wide {
            true => (p.len() as u32).swap_bytes().to_ne_bytes().to_vec(),
            false => (p.len() as u16).swap_bytes().to_ne_bytes().to_vec(),
        });
        let body = [lens.collect(), params.concat()].concat();
        let mut event = [5u64, 42].map(|n| n.swap_bytes().to_ne_bytes()).concat();
        event.extend(((HEADER_LEN + body.len()) as u32).swap_bytes().to_ne_bytes());
        event.extend(ty.0.swap_bytes().to_ne_bytes());
        event.extend((params.len() as u32).swap_bytes().to_ne_bytes());
        event.extend(body);
        event
    }

    macro_rules! other {
        ($n:expr) => {
            &$n.swap_bytes().to_ne_bytes()[..]
        };
    }

    fn check(ty: EventType, theirs: &[&[u8]], ours: &[Value<'_>]) {
        let mut event = foreign(ty, theirs);
        swap_event(&mut event);
        assert_eq!(event, encode::event(5, 42, ty, ours).unwrap(), "{}", ty.info().unwrap().enum_name);
    }

    #[test]
    fn numbers_of_every_size_and_texts() {
        check(
            EventType::SYSCALL_OPEN_X,
            &[other!(-2i64), b"/etc/x\0", other!(1u32), other!(0o644u32), other!(0x1234u32), other!(99u64)],
            &[(-2i64).into(), "/etc/x".into(), 1u32.into(), 0o644u32.into(), 0x1234u32.into(), 99u64.into()],
        );
        check(EventType::SYSCALL_KILL_E, &[other!(7i64), &[9]], &[7i64.into(), 9u8.into()]);
        check(EventType::GENERIC_X, &[other!(300u16), other!(2u16)], &[300u16.into(), 2u16.into()]);
        check(EventType::PLUGINEVENT_E, &[other!(3u32), b"\x01\x02"], &[3u32.into(), (&[1, 2]).into()]);
    }

    #[test]
    fn addresses_keep_their_order_and_ports_do_not() {
        let tuple = |port: &dyn Fn(u16) -> [u8; 2]| {
            [&[2][..], &[127, 0, 0, 1], &port(80), &[10, 0, 0, 2], &port(4000)].concat()
        };
        let (theirs, ours) = (tuple(&|n| n.swap_bytes().to_ne_bytes()), tuple(&u16::to_ne_bytes));
        check(
            EventType::SOCKET_CONNECT_X,
            &[other!(0i64), &theirs, other!(4i64)],
            &[0i64.into(), ours[..].into(), 4i64.into()],
        );
        let unix = |n: &dyn Fn(u64) -> [u8; 8]| [&[1][..], &n(1), &n(2), b"/run/x\0"].concat();
        let (theirs, ours) = (unix(&|n| n.swap_bytes().to_ne_bytes()), unix(&u64::to_ne_bytes));
        check(
            EventType::SOCKET_CONNECT_X,
            &[other!(0i64), &theirs, other!(4i64)],
            &[0i64.into(), ours[..].into(), 4i64.into()],
        );
    }

    #[test]
    fn lists_of_fds_values_of_several_types_and_control_messages() {
        let list = |n: &dyn Fn(u16) -> [u8; 2], fd: &dyn Fn(i64) -> [u8; 8]| {
            [&n(2)[..], &fd(3), &n(1), &fd(4), &n(4)].concat()
        };
        let theirs = list(&|n| n.swap_bytes().to_ne_bytes(), &|n| n.swap_bytes().to_ne_bytes());
        let ours = list(&u16::to_ne_bytes, &i64::to_ne_bytes);
        check(EventType::SYSCALL_POLL_X, &[other!(2i64), &theirs], &[2i64.into(), ours[..].into()]);

        let messages = |n: &dyn Fn(u64) -> [u8; 8], i: &dyn Fn(i32) -> [u8; 4]| {
            [&n(20)[..], &i(1), &i(1), &i(7), &[0; 4], &n(19), &i(41), &i(1), &[1, 2, 3]].concat()
        };
        let theirs = messages(&|n| n.swap_bytes().to_ne_bytes(), &|n| n.swap_bytes().to_ne_bytes());
        let ours = messages(&u64::to_ne_bytes, &i32::to_ne_bytes);
        let (mut event, at) =
            (Vec::new(), EventType::SOCKET_RECVMSG_X.info().unwrap().param_index("msgcontrol").unwrap());
        let mut params: Vec<&[u8]> = vec![&[]; at];
        params.push(&theirs);
        event.extend(foreign(EventType::SOCKET_RECVMSG_X, &params));
        swap_event(&mut event);
        assert_eq!(Event::new(&event, 0, 0).unwrap().param(at), Some(&ours[..]));

        let value = |n: i32| [&[number_variant()][..], &n.to_ne_bytes()].concat();
        let at = EventType::SOCKET_GETSOCKOPT_X.info().unwrap().param_index("val").unwrap();
        let mut params: Vec<&[u8]> = vec![&[]; at];
        let theirs = value(6i32.swap_bytes());
        params.push(&theirs);
        let mut event = foreign(EventType::SOCKET_GETSOCKOPT_X, &params);
        swap_event(&mut event);
        assert_eq!(Event::new(&event, 0, 0).unwrap().param(at), Some(&value(6)[..]));
    }

    /// The variant of a socket option's value that is a number of 32 bits.
    fn number_variant() -> u8 {
        let info = EventType::SOCKET_GETSOCKOPT_X.info().unwrap();
        let param = &info.params[info.param_index("val").unwrap()];
        let Detail::Variants(variants) = param.detail else { panic!("no variants") };
        variants.iter().position(|v| v.ty == ParamType::UINT32).unwrap() as u8
    }

    #[test]
    fn lies_are_left_to_the_check() {
        let good = foreign(EventType::SYSCALL_OPEN_X, &[other!(-2i64), b"/etc/x\0", other!(1u32)]);
        for at in 0..good.len() {
            for byte in [0, 1, 0x7f, 0xff] {
                let mut bad = good.clone();
                bad[at] = byte;
                swap_event(&mut bad);
                let _ = Event::new(&bad, 0, 0);
                bad.truncate(HEADER_LEN.max(at));
                swap_event(&mut bad);
            }
        }
        swap_messages(&mut [0xff; 40]);
        swap_messages(&mut [0; 40]);
    }
}
