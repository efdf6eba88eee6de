//! The messages of libbpf: collected on each thread while a call runs, instead of being printed, for the call's error and for a log.

use std::cell::RefCell;
use std::ffi::{c_char, c_int, c_void};
use std::io;
use std::sync::Once;

use libbpf_sys as sys;
use rustix::process::{Resource, getrlimit};

use crate::Error;

unsafe extern "C" {
    /// libc's. A `va_list` argument is passed as one pointer on all supported architectures: as an array, as a pointer, or
    /// as a struct by reference.
    fn vsnprintf(to: *mut c_char, size: usize, format: *const c_char, args: *mut c_void) -> c_int;
}

/// The level of a message of libbpf; a greater one is less severe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A warning.
    Warning,
    /// Information.
    Info,
    /// Debugging.
    Debug,
}

/// A message of libbpf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its level.
    pub level: Level,
    /// Its text, without the line's end.
    pub text: String,
}

#[derive(Default)]
struct Collected {
    /// The warnings of the call that runs.
    warnings: Vec<u8>,
    /// The messages for a log and their least severe level; nothing without a log.
    log: Option<(Level, Vec<Message>)>,
    /// The buffer in which a message is formatted.
    line: Vec<u8>,
}

thread_local! {
    static COLLECTED: RefCell<Collected> = RefCell::default();
}

/// The most bytes of a call's warnings. The last ones have the cause, so that the older half is dropped.
const WARNINGS_MAX: usize = 1 << 20;
/// A longer message is cut.
const LINE_MAX: usize = 64 << 10;

unsafe extern "C" fn collect(
    level: sys::libbpf_print_level,
    format: *const c_char,
    args: *mut sys::__va_list_tag,
) -> c_int {
    let level = match level {
        sys::LIBBPF_WARN => Level::Warning,
        sys::LIBBPF_INFO => Level::Info,
        _ => Level::Debug,
    };
    // A thread that is exiting has destroyed its buffer for messages.
    let taken = COLLECTED.try_with(|said| {
        let Collected { warnings, log, line } = &mut *said.borrow_mut();
        let log = log.as_mut().filter(|(least, _)| level <= *least);
        if level > Level::Warning && log.is_none() {
            return 0;
        }
        line.resize(LINE_MAX, 0);
        // SAFETY: libbpf calls this as it would call vprintf, and `line` has the size that is passed.
        let len = unsafe { vsnprintf(line.as_mut_ptr().cast(), line.len(), format, args.cast()) };
        let text = &line[..usize::try_from(len).unwrap_or(0).min(line.len() - 1)];
        if level == Level::Warning {
            if warnings.len() + text.len() > WARNINGS_MAX {
                let half = warnings.len().min(WARNINGS_MAX / 2);
                warnings.drain(..half);
            }
            warnings.extend_from_slice(text);
        }
        if let Some((_, messages)) = log {
            let text = String::from_utf8_lossy(text);
            messages.push(Message { level, text: text.trim_end().to_string() });
        }
        text.len() as c_int
    });
    taken.unwrap_or(0)
}

/// Registers this module for libbpf's messages, which libbpf otherwise prints. Messages that no caller collects are dropped.
pub(super) fn listen() {
    static PRINT: Once = Once::new();
    PRINT.call_once(|| {
        // SAFETY: `collect` is a static function and matches `libbpf_print_fn_t`.
        unsafe { sys::libbpf_set_print(Some(collect)) };
    });
}

/// Runs `f`. Returns its result and the warnings that libbpf gave on this thread during the call.
pub(super) fn listening<T>(f: impl FnOnce() -> T) -> (T, String) {
    listen();
    COLLECTED.with_borrow_mut(|said| said.warnings.clear());
    let result = f();
    let warnings = COLLECTED.with_borrow_mut(|said| {
        said.line = Vec::new();
        std::mem::take(&mut said.warnings)
    });
    (result, String::from_utf8_lossy(&warnings).into_owned())
}

/// Runs `f`. Returns its result and the messages that libbpf gave on this thread during the call, down to the level `least`.
pub fn logged<T>(least: Level, f: impl FnOnce() -> T) -> (T, Vec<Message>) {
    listen();
    let outer = COLLECTED.with_borrow_mut(|said| said.log.replace((least, Vec::new())));
    let result = f();
    let log = COLLECTED.with_borrow_mut(|said| {
        said.line = Vec::new();
        std::mem::replace(&mut said.log, outer)
    });
    (result, log.map_or_else(Vec::new, |(_, messages)| messages))
}

/// The last `count` lines of a log, in which the verifier and libbpf name the error.
fn last_lines(log: &str, count: usize) -> String {
    let lines: Vec<&str> = log.lines().filter(|l| !l.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

/// A hint why a call failed with this error number; `None` if the number says enough.
fn hint(number: Option<i32>) -> Option<String> {
    Some(match number? {
        libc::EPERM | libc::EACCES => "it takes the capabilities CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN".into(),
        libc::EMFILE => match getrlimit(Resource::Nofile).current {
            Some(limit) => format!("the process may have {limit} open files, RLIMIT_NOFILE"),
            None => "the process has too many open files, RLIMIT_NOFILE".into(),
        },
        libc::ENFILE => "the system has too many open files, fs.file-max".into(),
        libc::ENOMEM => "no memory, or no more than the cgroup of the process may have".into(),
        _ => return None,
    })
}

/// Whether this is an error number of the verifier. Its log is also there if something else fails after it.
fn may_be_a_refusal(number: Option<i32>) -> bool {
    let others = [libc::EMFILE, libc::ENFILE, libc::ENOMEM, libc::ENOSPC, libc::EAGAIN, libc::EINTR, libc::EBUSY];
    number.is_none_or(|number| !others.contains(&number))
}

/// The error of a call that failed with `e`, with a hint or the cause from libbpf's messages `log`.
pub(super) fn failed(what: &str, e: io::Error, log: &str) -> Error {
    // The verifier's error numbers are also those of a lack of privilege.
    if log.contains("-- BEGIN PROG LOAD LOG --") && may_be_a_refusal(e.raw_os_error()) {
        let text = format!("{}\n{}", crate::error::cause(&e), last_lines(log, 20));
        let source = io::Error::new(io::ErrorKind::InvalidData, text);
        return Error::io(format_args!("{what} (its verifier rejects a program)"), source);
    }
    // libbpf's own code for BTF that it does not find: "No such process" would be misleading.
    let e = match e.raw_os_error() {
        Some(libc::ESRCH) => {
            io::Error::new(io::ErrorKind::NotFound, "libbpf does not find the kernel's BTF, or a type in it")
        }
        _ => e,
    };
    // The first error is the cause of the later ones.
    let first = log.lines().map(str::trim).find(|line| !line.is_empty());
    let hints: Vec<String> = hint(e.raw_os_error()).into_iter().chain(first.map(String::from)).collect();
    match hints.is_empty() {
        true => Error::io(what, e),
        false => Error::io(format_args!("{what} ({})", hints.join("; ")), e),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_log() {
        assert_eq!(last_lines("a\n\nb\nc\n", 2), "b\nc");
        assert_eq!(last_lines("", 2), "");
    }

    #[test]
    fn a_kernel_without_btf_is_no_lack_of_a_process() {
        let text =
            failed("loading", io::Error::from_raw_os_error(libc::ESRCH), "libbpf: kernel BTF is missing\n").to_string();
        assert!(
            text.contains("kernel BTF is missing") && text.contains("libbpf does not find the kernel's BTF"),
            "{text}"
        );
        assert!(!text.contains("process"), "{text}");
    }

    #[test]
    fn each_number_is_reported_as_what_it_is() {
        let log =
            "libbpf: prog 'p': BPF program load failed: -X\nlibbpf: prog 'p': -- BEGIN PROG LOAD LOG --\nthe end\n";
        for (number, refusal, word) in [
            (libc::EMFILE, false, "RLIMIT_NOFILE"),
            (libc::ENFILE, false, "fs.file-max"),
            (libc::ENOMEM, false, "cgroup"),
            (libc::ENOSPC, false, "load failed: -X): No space left"),
            (libc::EACCES, true, "verifier rejects"),
            (libc::EINVAL, true, "verifier rejects"),
            (libc::E2BIG, true, "verifier rejects"),
        ] {
            let error = failed("loading", io::Error::from_raw_os_error(number), log);
            let text = error.to_string();
            assert!(text.contains(word) && text.contains("verifier") == refusal, "{text}");
            assert_eq!(text.contains('\n'), refusal, "the verifier's log has lines: {text}");
            let Error::Io { source, .. } = error else { panic!("{text}") };
            let expected = if refusal { None } else { Some(number) };
            assert_eq!(source.raw_os_error(), expected, "{text}");
        }
        let text = failed("loading", io::Error::from_raw_os_error(libc::EPERM), "").to_string();
        assert!(text.contains("CAP_BPF") && !text.contains("verifier"), "{text}");
    }

    #[test]
    fn what_is_said_is_kept_for_a_log() {
        let load = || {
            super::super::libbpf::Object::open(b"this is no ELF file at all, but long enough to be looked at as one")
        };
        let (object, collected) = logged(Level::Warning, || logged(Level::Debug, load));
        let ((object, inner), outer) = (object, collected);
        assert!(object.is_err() && outer.is_empty(), "the inner log has it: {outer:?}");
        assert!(inner.iter().any(|m| m.level == Level::Warning && m.text.starts_with("libbpf: ")), "{inner:?}");
        assert!(inner.iter().all(|m| !m.text.ends_with('\n')));
        let (object, collected) = logged(Level::Debug, || super::super::libbpf::Object::open(driver::PROBE));
        assert!(object.is_ok() && collected.iter().any(|m| m.level == Level::Debug), "every step is there");
    }
}
