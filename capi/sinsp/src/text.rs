//! Texts that belong to no object: names of numbers, times, paths. A built text is valid until the next one on the same operating-system
//! thread.

use crate::ffi::{build_text, guard_plain, sinsp_str};
use driver::{Format, ParamType};
use parking_lot::Mutex;
use sinsp_core::fields::{names, time_text};
use sinsp_core::filter::glob;
use sinsp_core::filter::loose::type_name;
use sinsp_core::inspector::possible_cpus;
use sinsp_core::state::Thread;
use sinsp_core::state::path;
use sinsp_core::state::store::ThreadText;
use std::collections::BTreeMap;
use std::ffi::{CString, c_char};

/// A name as a C string, valid forever; null for `None`. Each name is converted once.
pub(crate) fn c_name(name: Option<&'static str>) -> *const c_char {
    static NAMES: Mutex<BTreeMap<&str, CString>> = Mutex::new(BTreeMap::new());
    let made = || Some(NAMES.lock().entry(name?).or_insert_with_key(|name| capi_common::c_string(name)).as_ptr());
    guard_plain(None, made).unwrap_or(std::ptr::null())
}

/// The name of an error number, negative as system calls return it: `ENOENT` for -2. Valid forever; null if it has none.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_errno_name(code: i32) -> *const c_char {
    c_name(names::errno(code))
}

/// The name of a signal: `SIGKILL` for 9; valid forever, null if it has none.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_signal_name(number: u32) -> *const c_char {
    c_name(names::signal(number))
}

/// The name of a parameter type (`PT_*`) without its prefix, valid forever; null for an unknown number.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_param_type_name(ty: u32) -> *const c_char {
    c_name(ParamType::ALL.iter().find(|(known, _)| *known as u32 == ty).map(|(ty, _)| type_name(*ty)))
}

/// The name of a print format (`PF_*`) without its prefix, valid forever; null for an unknown number.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_print_format_name(format: u32) -> *const c_char {
    c_name(Format::ALL.iter().find(|(known, _)| *known as u32 == format).map(|(format, name)| match format {
        Format::PADDED_DEC => "10_PADDED_DEC",
        _ => name,
    }))
}

/// The names of the capabilities whose bits are set, separated by spaces.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_text_capabilities(bits: u64) -> sinsp_str {
    build_text(|out| names::capabilities(bits, out))
}

/// The bits of all capabilities that have a name.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_all_capabilities() -> u64 {
    names::all_capabilities()
}

/// How many CPUs this machine may bring up, with those that are offline; 0 if that cannot be read.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_possible_cpus() -> u32 {
    guard_plain(0, || possible_cpus().unwrap_or(0))
}

/// A time, in nanoseconds since the epoch, as UTC: `2020-04-30T16:00:09.999999999+0000`.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_text_iso_8601(ts: u64) -> sinsp_str {
    build_text(|out| time_text::iso8601(ts, out))
}

/// A time, in nanoseconds since the epoch, in the local time zone: `16:00:09`, with `date` and `nanoseconds`
/// `2020-04-30 16:00:09.999999999`.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_text_local_time(ts: u64, date: bool, nanoseconds: bool) -> sinsp_str {
    build_text(|out| match date {
        true => time_text::date_time(ts, nanoseconds, out),
        false => time_text::time_of_day(ts, nanoseconds, out),
    })
}

/// `text` with U+FFFD in place of unprintable bytes; `text` itself (the same pointer) if it has none.
///
/// # Safety
/// `text` must be readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_text_sanitized(text: sinsp_str) -> sinsp_str {
    // SAFETY: by `# Safety`, `text` is readable.
    let bytes = unsafe { text.bytes() };
    let sane = path::sane_length(bytes);
    if sane == bytes.len() { text } else { sanitized(sane, bytes) }
}

/// Not inlined: most texts do not need it, and pay for no registers that it saves.
#[cold]
#[inline(never)]
fn sanitized(sane: usize, text: &[u8]) -> sinsp_str {
    build_text(|out| path::sanitize_behind(sane, text, out))
}

/// `dir` and `path` joined. `dir` must end with a slash or be empty. Resolves `.` and `..`, drops repeated slashes and one at the end, and
/// replaces unprintable bytes. An absolute `path` ignores `dir`.
///
/// # Safety
/// Both must be readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_text_concatenated(dir: sinsp_str, path: sinsp_str) -> sinsp_str {
    // SAFETY: by `# Safety`, `dir` and `path` are readable.
    let (dir, path) = unsafe { (dir.bytes(), path.bytes()) };
    build_text(|out| path::concatenate(dir, path, out))
}

/// Whether a shell pattern matches all of a text, as `fnmatch` does; `fold` ignores the case of ASCII letters.
///
/// # Safety
/// Both must be readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_glob_matches(pattern: sinsp_str, text: sinsp_str, fold: bool) -> bool {
    // SAFETY: by `# Safety`, `pattern` and `text` are readable.
    let (pattern, text) = unsafe { (pattern.bytes(), text.bytes()) };
    guard_plain(false, || glob::matches(pattern, text, fold))
}

/// Reads a decimal number as `strtoull` does, with leading blanks and a sign, and nothing behind it. Returns whether it is negative, and its
/// absolute value, at most `u64::MAX`.
fn number(text: &[u8]) -> Option<(bool, u64)> {
    let text = text.trim_ascii_start();
    let (negative, digits) = match text.split_first()? {
        (b'-', rest) => (true, rest),
        (b'+', rest) => (false, rest),
        _ => (false, text),
    };
    let digit = |n: u64, b: &u8| {
        let digit = b.is_ascii_digit().then(|| u64::from(b - b'0'))?;
        Some(n.saturating_mul(10).saturating_add(digit))
    };
    (!digits.is_empty()).then(|| digits.iter().try_fold(0, digit))?.map(|size| (negative, size))
}

/// Reads an unsigned number as `strtoull` does, with nothing behind it, into `*out`; returns whether it is one.
///
/// # Safety
/// `text` must be readable, `out` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_parse_u64(text: sinsp_str, out: *mut u64) -> bool {
    // SAFETY: by `# Safety`, `text` is readable, `out` is null or writable.
    let (text, out) = unsafe { (text.bytes(), out.as_mut()) };
    let (Some((negative, size)), Some(out)) = (number(text), out) else { return false };
    *out = if negative && size != u64::MAX { size.wrapping_neg() } else { size };
    true
}

/// Reads a signed number as `strtoll` does, with nothing behind it, into `*out`; returns whether it is one.
///
/// # Safety
/// `text` must be readable, `out` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_parse_i64(text: sinsp_str, out: *mut i64) -> bool {
    // SAFETY: by `# Safety`, `text` is readable, `out` is null or writable.
    let (text, out) = unsafe { (text.bytes(), out.as_mut()) };
    let (Some((negative, size)), Some(out)) = (number(text), out) else { return false };
    let size = i128::from(size) * if negative { -1 } else { 1 };
    *out = size.clamp(i64::MIN.into(), i64::MAX.into()) as i64;
    true
}

/// The working directory of a process in `cwd` after `chdir(dir)`, with a `/` at its end; valid until the next text on this
/// operating-system thread.
///
/// # Safety
/// Both must be readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_text_cwd(cwd: sinsp_str, dir: sinsp_str) -> sinsp_str {
    // SAFETY: by `# Safety`, `cwd` and `dir` are readable.
    let (cwd, dir) = unsafe { (cwd.bytes(), dir.bytes()) };
    let mut thread = Thread::new(0);
    thread.set_text(ThreadText::Cwd, cwd);
    build_text(|out| {
        thread.change_cwd(dir);
        out.extend_from_slice(thread.own_cwd());
    })
}

/// The cgroups of an event's parameter with the usual names of subsystems: texts `subsystem=path`, each with a NUL at its end. Empty if one
/// of them has no `=`. Valid until the next text on this operating-system thread.
///
/// # Safety
/// `wire` must be readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_text_cgroups(wire: sinsp_str) -> sinsp_str {
    // SAFETY: by `# Safety`, `wire` is readable.
    let wire = unsafe { wire.bytes() };
    build_text(|out| {
        let mut thread = Thread::new(0);
        thread.set_cgroups(wire);
        out.extend_from_slice(thread.cgroup_list().as_wire());
    })
}

/// `path` with U+FFFD in place of unprintable bytes; valid until the next text on this operating-system thread.
///
/// # Safety
/// `path` must be readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_text_printable(path: sinsp_str) -> sinsp_str {
    // SAFETY: by `# Safety`, `path` is readable.
    let path = unsafe { path.bytes() };
    build_text(|out| sinsp_core::state::path::sanitize(path, out))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;

    #[test]
    fn names_are_made_once() {
        // SAFETY: the functions return null or a C string that is valid forever.
        let name = |p: *const c_char| (!p.is_null()).then(|| unsafe { CStr::from_ptr(p) }.to_str().unwrap());
        assert_eq!((name(sinsp_errno_name(-2)), name(sinsp_errno_name(2))), (Some("ENOENT"), None));
        assert_eq!((name(sinsp_signal_name(9)), name(sinsp_signal_name(0))), (Some("SIGKILL"), None));
        assert_eq!(
            (name(sinsp_param_type_name(9)), name(sinsp_param_type_name(27))),
            (Some("CHARBUF"), Some("DYNAMIC"))
        );
        assert_eq!((name(sinsp_param_type_name(49)), name(sinsp_print_format_name(3))), (None, Some("10_PADDED_DEC")));
        assert_eq!(sinsp_errno_name(-2), sinsp_errno_name(-2));
    }

    #[test]
    fn texts() {
        // SAFETY: a built text is valid until the next one on this thread; it is copied before that.
        let text = |text: sinsp_str| String::from_utf8(unsafe { text.bytes().to_vec() }).unwrap();
        assert_eq!(text(sinsp_text_iso_8601(1_588_262_409_999_999_999)), "2020-04-30T16:00:09.999999999+0000");
        assert_eq!(text(sinsp_text_local_time(0, true, true)).len(), 29);
        assert_eq!(text(sinsp_text_capabilities(3)), "CAP_CHOWN CAP_DAC_OVERRIDE");
        let clean = sinsp_str::of("caf\u{e9}".as_bytes());
        // SAFETY: the arguments are static texts.
        unsafe {
            assert_eq!(sinsp_text_sanitized(clean).data, clean.data);
            assert_eq!(text(sinsp_text_sanitized(sinsp_str::of(b"a\x01"))), "a\u{fffd}");
            assert_eq!(text(sinsp_text_concatenated(sinsp_str::of(b"/a/"), sinsp_str::of(b"../b/"))), "/b");
            assert!(sinsp_glob_matches(sinsp_str::of(b"A*"), sinsp_str::of(b"ab"), true));
        }
    }

    #[test]
    fn numbers_are_read_as_c_reads_them() {
        let (mut u, mut i) = (0, 0);
        let mut read = |text: &str| {
            let text = sinsp_str::of(text.as_bytes());
            // SAFETY: `text` is borrowed from the argument; `u` and `i` are locals.
            unsafe { (sinsp_parse_u64(text, &mut u).then_some(u), sinsp_parse_i64(text, &mut i).then_some(i)) }
        };
        assert_eq!(read(" +12"), (Some(12), Some(12)));
        assert_eq!(read("-1"), (Some(u64::MAX), Some(-1)));
        assert_eq!(read("99999999999999999999"), (Some(u64::MAX), Some(i64::MAX)));
        assert_eq!(read("-99999999999999999999"), (Some(u64::MAX), Some(i64::MIN)));
        for none in ["", " ", "-", "1 ", "0x1", "1a"] {
            assert_eq!(read(none), (None, None), "{none:?}");
        }
    }
}
