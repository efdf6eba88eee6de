//! The parameters of an event, found once and read with the forgiveness that old captures need.

use driver::{Category, EventInfo, EventType, ParamType};
use scap_sys::Event;

/// What stands in the place of a text that the kernel could not read.
const UNKNOWN: &[u8] = b"<NA>";

/// The parameters of an event. One that the event does not carry is empty, as is one without a value; a number of another
/// length than its type has is taken for one without a value.
pub(crate) struct Args<'e> {
    values: [&'e [u8]; 32],
    count: usize,
    info: &'static EventInfo,
}

impl<'e> Args<'e> {
    pub fn load(event: Event<'e>, info: &'static EventInfo) -> Args<'e> {
        let mut args = Args { values: [&[]; 32], count: 0, info };
        for (slot, value) in args.values.iter_mut().zip(event.params().take(info.params.len())) {
            *slot = value;
            args.count += 1;
        }
        args
    }

    /// How many parameters the event carries, of those that the table knows.
    pub fn len(&self) -> usize {
        self.count
    }

    #[inline]
    pub fn bytes(&self, i: usize) -> &'e [u8] {
        self.values.get(i).copied().unwrap_or_default()
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
