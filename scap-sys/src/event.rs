//! The wire format of an event, read in place.
//!
//! An event is a packed little-endian header of [`HEADER_LEN`] bytes (`struct ppm_evt_hdr`: `ts: u64`, `tid: u64`, `len: u32`,
//! `type: u16`, `nparams: u32`), then the length of each parameter (u16, or u32 for events with a large payload), then the
//! parameters one after the other without padding. `len` counts all of it.

use crate::{Error, Result};
use driver::{EventFlags, EventInfo, EventType};

/// The size of the header, in bytes.
pub const HEADER_LEN: usize = 26;

/// The most parameters that are taken for possible; types have a few dozen at most.
const MAX_PARAMS: usize = 1 << 16;

/// A borrowed, checked view of one event.
#[derive(Clone, Copy)]
pub struct Event<'a> {
    bytes: &'a [u8],
    /// The flags, the CPU and [`WIDE`] in one word: events are handed on by copies, and a word that was written in parts must not
    /// be read as a whole soon after.
    meta: u64,
}

/// What is known of an event beside its bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Meta(u64);

/// Where the CPU stands in [`Event::meta`].
const CPU_SHIFT: u32 = 32;
/// Each parameter's length has four bytes.
const WIDE: u64 = 1 << 48;

impl<'a> Event<'a> {
    /// Takes an event from the start of `bytes`: the header, the lengths and the parameters must all lie within it.
    ///
    /// `cpu` is where it happened; `flags` are the capture file's flags of the event (`SCAP_DF_*`), 0 live.
    #[inline]
    pub fn new(bytes: &'a [u8], cpu: u16, flags: u32) -> Result<Event<'a>> {
        let len = Event::check(bytes)?;
        Ok(Event::checked(&bytes[..len], cpu, flags))
    }

    /// The length of the event at the start of `bytes`, whose header, lengths and parameters all lie within it.
    #[inline]
    pub(crate) fn check(bytes: &[u8]) -> Result<usize> {
        if bytes.len() < HEADER_LEN {
            return Err(wrong("it is shorter than its header"));
        }
        let e = Event::checked(bytes, 0, 0);
        let len = e.u32_at(16) as usize;
        if len < HEADER_LEN || len > bytes.len() {
            return Err(wrong("its length does not fit"));
        }
        let n = e.nparams() as usize;
        let wide = e.len_size();
        if n > MAX_PARAMS {
            return Err(wrong("it has more parameters than any event"));
        }
        if n > (len - HEADER_LEN) / wide {
            return Err(wrong("it has more parameters than bytes for their lengths"));
        }
        if e.params_len() > len - HEADER_LEN - n * wide {
            return Err(wrong("its parameters are longer than itself"));
        }
        Ok(len)
    }

    /// Takes an event that [`Event::new`] has checked before, at its full length.
    #[inline]
    pub(crate) fn checked(bytes: &'a [u8], cpu: u16, flags: u32) -> Event<'a> {
        let mut e = Event { bytes, meta: u64::from(flags) | u64::from(cpu) << CPU_SHIFT };
        if e.info().is_some_and(|i| i.flags.has(EventFlags::LARGE_PAYLOAD)) {
            e.meta |= WIDE;
        }
        e
    }

    /// An event again, at the bytes where it was before: what there is beside them needs not be found out once more.
    ///
    /// With the bytes of another event its parameters are wrong or missing.
    #[inline]
    pub fn with_meta(bytes: &'a [u8], meta: Meta) -> Event<'a> {
        Event { bytes, meta: meta.0 }
    }

    /// What there is beside the bytes, for [`Event::with_meta`].
    #[inline]
    pub fn meta(&self) -> Meta {
        Meta(self.meta)
    }

    #[inline]
    fn u32_at(&self, at: usize) -> u32 {
        u32::from_le_bytes(self.bytes[at..at + 4].try_into().expect("four bytes"))
    }

    #[inline]
    fn u64_at(&self, at: usize) -> u64 {
        u64::from_le_bytes(self.bytes[at..at + 8].try_into().expect("eight bytes"))
    }

    /// The whole event, header included, as it stands on the wire.
    #[inline]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// When it happened: nanoseconds since the epoch.
    #[inline]
    pub fn ts(&self) -> u64 {
        self.u64_at(0)
    }

    /// The thread that made it; -1 where there is none.
    #[inline]
    pub fn tid(&self) -> i64 {
        self.u64_at(8) as i64
    }

    /// Its type.
    #[inline]
    pub fn ty(&self) -> EventType {
        EventType(u16::from_le_bytes([self.bytes[20], self.bytes[21]]))
    }

    /// Its row of the event table; `None` for a type that this version does not know.
    #[inline]
    pub fn info(&self) -> Option<&'static EventInfo> {
        self.ty().info()
    }

    /// How many parameters it carries, which old captures may have fewer of than the event table.
    #[inline]
    pub fn nparams(&self) -> u32 {
        self.u32_at(22)
    }

    /// The CPU it happened on.
    #[inline]
    pub fn cpu(&self) -> u16 {
        (self.meta >> CPU_SHIFT) as u16
    }

    /// The capture file's flags of the event.
    #[inline]
    pub fn flags(&self) -> u32 {
        self.meta as u32
    }

    #[inline]
    fn is_wide(&self) -> bool {
        self.meta & WIDE != 0
    }

    /// 4 for an event with a large payload, else 2: the size of each parameter length.
    #[inline]
    pub fn len_size(&self) -> usize {
        if self.is_wide() { 4 } else { 2 }
    }

    /// How many bytes all parameters have together.
    #[inline]
    pub(crate) fn params_len(&self) -> usize {
        self.len_of_first(self.nparams() as usize)
    }

    /// How many bytes the first `n` parameters have together; the event has so many.
    #[inline]
    fn len_of_first(&self, n: usize) -> usize {
        if self.is_wide() {
            let lens = &self.bytes[HEADER_LEN..HEADER_LEN + 4 * n];
            lens.chunks_exact(4).map(|l| u32::from_le_bytes([l[0], l[1], l[2], l[3]]) as usize).sum()
        } else {
            sum(&self.bytes[..HEADER_LEN + 2 * n], n)
        }
    }

    #[inline]
    fn param_len(&self, i: usize) -> usize {
        if self.is_wide() {
            self.u32_at(HEADER_LEN + 4 * i) as usize
        } else {
            let at = HEADER_LEN + 2 * i;
            u16::from_le_bytes([self.bytes[at], self.bytes[at + 1]]) as usize
        }
    }

    /// The bytes of parameter `i`; `None` if the event does not carry it. An empty value is a null one.
    #[inline]
    pub fn param(&self, i: usize) -> Option<&'a [u8]> {
        if self.is_wide() {
            return self.wide_param(i);
        }
        let n = self.nparams() as usize;
        let (before, lens) = self.bytes.get(..HEADER_LEN + 2 * n)?.split_at_checked(HEADER_LEN + 2 * i)?;
        let len = usize::from(u16::from_le_bytes(*lens.first_chunk()?));
        let start = HEADER_LEN + 2 * n + sum(before, i);
        self.bytes.get(start..)?.get(..len)
    }

    #[inline(never)]
    fn wide_param(&self, i: usize) -> Option<&'a [u8]> {
        let n = self.nparams() as usize;
        if i >= n {
            return None;
        }
        let start = HEADER_LEN + 4 * n + self.len_of_first(i);
        self.bytes.get(start..start + self.param_len(i))
    }

    /// All parameters in turn.
    #[inline]
    pub fn params(&self) -> Params<'a> {
        let n = self.nparams() as usize;
        Params { event: *self, next: 0, at: HEADER_LEN + n * self.len_size() }
    }
}

/// The sum of `n` two-byte lengths, at most [`MAX_PARAMS`], that follow the header in `bytes` and are its end.
#[inline]
pub(crate) fn sum(bytes: &[u8], n: usize) -> usize {
    // Two sums of 32 bits in one word, four lengths at a time, from the last to the first. The word that the first ones are in
    // starts within the header, which is shifted out.
    let halves = |four: u64| (four & 0x0000_FFFF_0000_FFFF) + (four >> 16 & 0x0000_FFFF_0000_FFFF);
    let (mut sums, mut rest, mut n) = (0, bytes, n);
    while n > 0 {
        let Some((before, four)) = rest.split_last_chunk::<8>() else { break };
        let four = u64::from_le_bytes(*four);
        if n < 4 {
            sums += halves(four >> (64 - 16 * n));
            break;
        }
        sums += halves(four);
        (rest, n) = (before, n - 4);
    }
    (sums as u32) as usize + (sums >> 32) as usize
}

#[cold]
fn wrong(what: &str) -> Error {
    Error::Corrupt { what: format!("bad event: {what}"), offset: 0 }
}

/// The parameters of an event, in order.
#[derive(Clone)]
pub struct Params<'a> {
    event: Event<'a>,
    next: usize,
    at: usize,
}

impl<'a> Iterator for Params<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        if self.next >= self.event.nparams() as usize {
            return None;
        }
        let end = self.at + self.event.param_len(self.next);
        let value = self.event.bytes.get(self.at..end)?;
        self.at = end;
        self.next += 1;
        Some(value)
    }
}
