//! The parameters of an event, found once and read with the forgiveness that old captures need.

use driver::{Category, EventInfo, EventType, ParamType};
use scap_sys::{Event, HEADER_LEN};

/// What stands in the place of a text that the kernel could not read.
const UNKNOWN: &[u8] = b"<NA>";

/// The parameters of an event. One that the event does not carry is empty, as is one without a value; a number of another
/// length than its type has is taken for one without a value.
pub(crate) struct Args<'e> {
    event: &'e [u8],
    /// Where each parameter starts in the event, and where the last one ends.
    bounds: [u32; MAX + 1],
    count: usize,
    info: &'static EventInfo,
}

/// The most parameters that an event has.
const MAX: usize = 32;

impl<'e> Args<'e> {
    pub fn load(event: Event<'e>, info: &'static EventInfo) -> Args<'e> {
        let carried = event.nparams() as usize;
        let count = carried.min(info.params.len()).min(MAX);
        let wide = event.len_size();
        let bytes = event.bytes();
        let mut at = (HEADER_LEN + carried * wide) as u32;
        let mut bounds = [at; MAX + 1];
        let lengths = bytes.get(HEADER_LEN..HEADER_LEN + count * wide).unwrap_or_default();
        for (end, len) in bounds[1..].iter_mut().zip(lengths.chunks_exact(wide)) {
            at += match *len {
                [a, b] => u16::from_le_bytes([a, b]).into(),
                [a, b, c, d] => u32::from_le_bytes([a, b, c, d]),
                _ => 0,
            };
            *end = at;
        }
        Args { event: bytes, bounds, count, info }
    }

    /// How many parameters the event carries, of those that the table knows.
    pub fn len(&self) -> usize {
        self.count
    }

    #[inline]
    pub fn bytes(&self, i: usize) -> &'e [u8] {
        if i >= self.count {
            return &[];
        }
        self.event.get(self.bounds[i] as usize..self.bounds[i + 1] as usize).unwrap_or_default()
    }

    pub fn is_empty(&self, i: usize) -> bool {
        self.bytes(i).is_empty()
    }

    pub fn u32(&self, i: usize) -> Option<u32> {
        self.bytes(i).try_into().ok().map(u32::from_le_bytes)
    }

    pub fn u64(&self, i: usize) -> Option<u64> {
        self.bytes(i).try_into().ok().map(u64::from_le_bytes)
    }

    #[inline]
    pub fn i64(&self, i: usize) -> Option<i64> {
        self.bytes(i).try_into().ok().map(i64::from_le_bytes)
    }

    /// A number without a sign, of whatever size.
    pub fn uint(&self, i: usize) -> Option<u64> {
        let bytes = self.bytes(i);
        let mut wide = [0; 8];
        wide.get_mut(..bytes.len()).filter(|w| !w.is_empty())?.copy_from_slice(bytes);
        Some(u64::from_le_bytes(wide))
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

    /// What the system call returned; `None` for an event that is no end of a system call.
    #[inline]
    pub fn result(&self) -> Option<i64> {
        let info = self.info;
        let has_one = info.ty.is_exit()
            && info.category.from_source(Category::SYSCALL)
            && self.count > 0
            && info.ty != EventType::GENERIC_X;
        if !has_one {
            return None;
        }
        let bytes = self.bytes(0);
        Some(match bytes.len() {
            4 => i64::from(i32::from_le_bytes(bytes.try_into().unwrap_or_default())),
            8 => i64::from_le_bytes(bytes.try_into().unwrap_or_default()),
            _ => 0,
        })
    }
}
