//! Access to the parameters of an event, tolerant of what old captures lack.

use crate::state::{AT_FDCWD, CallPath};
use driver::{Category, Detail, EventInfo, EventType, ParamType};
use scap_sys::{Event, number};

/// The placeholder for a text that the kernel could not read.
const UNKNOWN: &[u8] = b"<NA>";

/// The parameters of an event. A missing parameter is treated like one without a value, and so is a number whose length
/// does not fit its type.
#[derive(Clone, Copy)]
pub(crate) struct Args<'e> {
    event: Event<'e>,
    info: &'static EventInfo,
}

impl<'e> Args<'e> {
    #[inline]
    pub fn of(event: Event<'e>, info: &'static EventInfo) -> Args<'e> {
        Args { event, info }
    }

    /// The number of parameters of the event, at most that of the event table.
    #[inline]
    pub fn len(&self) -> usize {
        self.info.params.len().min(self.event.nparams() as usize)
    }

    /// The bytes of parameter `i`. They are located on each call, because most parsers read few parameters.
    #[inline]
    pub fn bytes(&self, i: usize) -> &'e [u8] {
        if i < self.info.params.len() { self.event.param(i).unwrap_or_default() } else { &[] }
    }

    pub fn is_empty(&self, i: usize) -> bool {
        self.bytes(i).is_empty()
    }

    pub fn u32(&self, i: usize) -> Option<u32> {
        self.bytes(i).try_into().ok().map(u32::from_ne_bytes)
    }

    pub fn u64(&self, i: usize) -> Option<u64> {
        self.bytes(i).try_into().ok().map(u64::from_ne_bytes)
    }

    #[inline]
    pub fn i64(&self, i: usize) -> Option<i64> {
        self.bytes(i).try_into().ok().map(i64::from_ne_bytes)
    }

    /// An unsigned number of at most eight bytes.
    pub fn uint(&self, i: usize) -> Option<u64> {
        number::unsigned(self.bytes(i))
    }

    /// A text without its NUL; `<NA>` for a name or path without a value.
    pub fn text(&self, i: usize) -> &'e [u8] {
        let bytes = self.bytes(i);
        let named = self
            .info
            .params
            .get(i)
            .is_some_and(|p| matches!(p.ty, ParamType::CHARBUF | ParamType::FSPATH | ParamType::FSRELPATH));
        if named && (bytes.is_empty() || bytes == b"(NULL)\0") {
            return UNKNOWN;
        }
        let end = bytes.iter().position(|&b| b == 0).unwrap_or(bytes.len());
        &bytes[..end]
    }

    /// The path that is parameter `i`, with what the event says about the directory that it starts from. `None` if that directory is
    /// an fd of which the event does not have the number.
    pub fn call_path(&self, i: usize) -> Option<CallPath<'e>> {
        let path = self.text(i);
        let row = self.info.params.get(i)?;
        if row.ty != ParamType::FSRELPATH {
            return Some(CallPath::in_cwd(path));
        }
        // A row that names no other parameter means the first.
        let at = if let Detail::Dirfd(at) = row.detail { at.into() } else { 0 };
        let has_dirfd = self.info.params[at].ty == ParamType::FD;
        let openat2 = matches!(self.info.ty, EventType::SYSCALL_OPENAT2_E | EventType::SYSCALL_OPENAT2_X);
        Some(CallPath {
            path,
            dirfd: if has_dirfd { self.i64(at)? } else { AT_FDCWD },
            itself: (path.is_empty() || path == UNKNOWN) && self.has_flag("AT_EMPTY_PATH"),
            in_root: openat2 && self.has_flag("RESOLVE_IN_ROOT"),
        })
    }

    /// Whether the flag of that name is set in one of the parameters that are flags.
    fn has_flag(&self, name: &str) -> bool {
        self.info.params.iter().enumerate().any(|(i, row)| {
            let rows = row.flag_table().map_or(&[][..], |table| table.rows);
            let bits = rows.iter().find(|row| row.0 == name).map(|row| u64::from(row.1));
            bits.is_some_and(|bits| self.uint(i).is_some_and(|value| value & bits == bits))
        })
    }

    /// The return value of the system call; `None` if the event is no exit event of a system call.
    #[inline]
    pub fn result(&self) -> Option<i64> {
        let info = self.info;
        let has_one = info.ty.is_exit()
            && info.category.from_source(Category::SYSCALL)
            && self.len() > 0
            && info.ty != EventType::GENERIC_X;
        if !has_one {
            return None;
        }
        let bytes = self.event.first_param().unwrap_or_default();
        Some(match bytes.len() {
            4 => i64::from(i32::from_ne_bytes(bytes.try_into().unwrap_or_default())),
            8 => i64::from_ne_bytes(bytes.try_into().unwrap_or_default()),
            _ => 0,
        })
    }
}
