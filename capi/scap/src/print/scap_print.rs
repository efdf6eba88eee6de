//! Events, threads and fds as text on the standard output.

use crate::capture::event::event;
use crate::types::engine::scap_evt;
use crate::types::enums::scap_print_evt_info as Amount;
use crate::types::ints::scap_print_evt_info;
use capi_common::guard;
use driver::ParamType;
use scap_sys::Event;
use std::ffi::c_void;
use std::fmt::Write;
use std::net::Ipv6Addr;

unsafe extern "C" {
    /// The C library's stream, which keeps the order of our text and the program's.
    static stdout: *mut libc::FILE;
}

pub(crate) fn print(text: &str) {
    // SAFETY: the text has this length; `stdout` belongs to the C library and is open unless the program closed it.
    unsafe { libc::fwrite(text.as_ptr().cast::<c_void>(), 1, text.len(), stdout) };
}

/// Prints an event, as much of it as `i` says.
///
/// # Safety
/// `ev` is null or a complete event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_print_event(ev: *mut scap_evt, i: scap_print_evt_info) {
    guard(
        |_| (),
        || {
            // SAFETY: null or a complete event for this call (# Safety).
            let Some(event) = (unsafe { event(ev) }) else {
                return print("----------------------- no event, or one that does not hold together\n");
            };
            let mut text = String::new();
            header(&mut text, &event);
            if i >= Amount::PRINT_HEADER_LENGTHS as u32 {
                lengths(&mut text, &event);
            }
            if i >= Amount::PRINT_FULL as u32 {
                params(&mut text, &event);
            }
            print(&text);
        },
    );
}

// Writing to a String cannot fail.
macro_rules! line {
    ($out:expr, $($arg:tt)*) => {{ let _ = writeln!($out, $($arg)*); }};
}

fn header(o: &mut String, e: &Event) {
    line!(o, "----------------------- HEADER");
    line!(o, "timestamp: {}", e.ts());
    line!(o, "tid: {}", e.tid() as u64);
    line!(o, "len: {}", e.bytes().len());
    line!(o, "type: {}", e.ty().0);
    line!(o, "num params: {}", e.nparams());
    line!(o, "----------------------- ");
}

fn lengths(o: &mut String, e: &Event) {
    line!(o, "----------------------- LEN ARRAY");
    for (i, value) in e.params().enumerate() {
        line!(o, "param {i} len: {}", value.len());
    }
    if e.nparams() == 0 {
        line!(o, "- This event has no parameter");
    }
    line!(o, "----------------------- ");
}

fn params(o: &mut String, e: &Event) {
    line!(o, "----------------------- PARAMS");
    for (i, value) in e.params().enumerate() {
        let ty = e.info().and_then(|info| info.params.get(i)).map_or(ParamType::NONE, |p| p.ty);
        param(o, i, ty, value);
    }
    if e.nparams() == 0 {
        line!(o, "- This event has no parameter");
    }
    line!(o, "-----------------------");
}

/// The first `N` bytes of a value; `None` if it is shorter.
fn head<const N: usize>(value: &[u8]) -> Option<[u8; N]> {
    value.first_chunk().copied()
}

fn param(o: &mut String, i: usize, ty: ParamType, value: &[u8]) {
    use ParamType::*;
    if value.is_empty() {
        line!(o, "PARAM {i}: is empty");
        return;
    }
    let text = match ty {
        UINT8 | SIGTYPE | ENUMFLAGS8 | FLAGS8 => head(value).map(|b| format!("{:X}", u8::from_ne_bytes(b))),
        UINT16 | SYSCALLID | ENUMFLAGS16 | FLAGS16 => head(value).map(|b| format!("{:X}", u16::from_ne_bytes(b))),
        UINT32 | UID | GID | SIGSET | MODE | ENUMFLAGS32 | FLAGS32 => {
            head(value).map(|b| format!("{:X}", u32::from_ne_bytes(b)))
        }
        PORT => head(value).map(|b| u16::from_ne_bytes(b).to_string()),
        IPV4ADDR => head(value).map(|b: [u8; 4]| std::net::Ipv4Addr::from(b).to_string()),
        IPV6ADDR => head(value).map(|b: [u8; 16]| Ipv6Addr::from(b).to_string()),
        UINT64 | RELTIME | ABSTIME => head(value).map(|b| u64::from_ne_bytes(b).to_string()),
        INT8 => head(value).map(|b| i8::from_ne_bytes(b).to_string()),
        INT16 => head(value).map(|b| i16::from_ne_bytes(b).to_string()),
        INT32 | FD | FD32 | PID32 => head(value).map(|b| i32::from_ne_bytes(b).to_string()),
        INT64 | ERRNO | PID => head(value).map(|b| i64::from_ne_bytes(b).to_string()),
        SOCKADDR | SOCKTUPLE => return sockets(o, i, value, ty == SOCKTUPLE),
        CHARBUF | FSPATH | FSRELPATH => Some(text_of(value)),
        BYTEBUF | CHARBUFARRAY | FDLIST | DYN => {
            line!(o, "PARAM {i}:");
            for b in value {
                let shown = if b.is_ascii_graphic() || *b == b' ' { *b as char } else { '.' };
                line!(o, "{shown} ({b:02x})");
            }
            line!(o, "");
            return;
        }
        _ => Some("TYPE NOT KNOWN".to_string()),
    };
    line!(o, "PARAM {i}: {}", text.as_deref().unwrap_or("is too short for its type"));
}

/// A string without its NUL.
fn text_of(value: &[u8]) -> String {
    let end = value.iter().position(|b| *b == 0).unwrap_or(value.len());
    String::from_utf8_lossy(&value[..end]).into_owned()
}

/// One address with its port, or two: the family, the addresses, the ports.
fn sockets(o: &mut String, i: usize, value: &[u8], tuple: bool) {
    const UNIX: u8 = 1;
    const INET: u8 = 2;
    const INET6: u8 = 10;
    let (family, rest) = (value[0], &value[1..]);
    line!(o, "PARAM {i}:\n- sock_family: {family}");
    let ends = if tuple { 2 } else { 1 };
    // A tuple has one address and its port, then the other address and its port.
    let inet = |o: &mut String, size: usize, show: &dyn Fn(&[u8]) -> String| {
        for end in rest.chunks(size + 2).take(ends) {
            match (end.get(..size), end.get(size..).and_then(head)) {
                (Some(address), Some(port)) => {
                    line!(o, "{}\n- port: {}", show(address), u16::from_ne_bytes(port));
                }
                _ => line!(o, "- error: the address is cut"),
            }
        }
    };
    match family {
        INET => inet(o, 4, &|a| format!("- ipv4: {}.{}.{}.{}", a[0], a[1], a[2], a[3])),
        INET6 => inet(o, 16, &|a| format!("- ipv6: {}", head(a).map(Ipv6Addr::from).unwrap_or(Ipv6Addr::UNSPECIFIED))),
        // In a tuple the path follows the kernel addresses of both ends.
        UNIX => line!(o, "- unix path: {}", text_of(rest.get(if tuple { 16 } else { 0 }..).unwrap_or_default())),
        _ => line!(o, "- error"),
    }
}
