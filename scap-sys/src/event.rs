//! The wire format of an event, read in place.
//!
//! An event is a packed header of [`HEADER_LEN`] bytes (`struct ppm_evt_hdr`: `ts: u64`, `tid: u64`, `len: u32`,
//! `type: u16`, `nparams: u32`; in the machine's byte order, as all numbers of an event), then the length of each parameter (u16, or u32 for events with a large payload), then the
//! parameters one after the other without padding. `len` counts all of it.

use crate::{Error, Result};
use driver::{EventFlags, EventInfo, EventType};

/// The size of the header, in bytes.
pub const HEADER_LEN: usize = 26;

/// The most parameters that [`Event::check`] accepts; real events have a few dozen.
const MAX_PARAMS: usize = 1 << 16;

/// A borrowed, checked view of one event.
#[derive(Clone, Copy)]
pub struct Event<'a> {
    bytes: &'a [u8],
    /// The flags, the CPU and [`WIDE`] in one word. An event is often copied right after it is made, and a load of a word
    /// that was stored in parts stalls the processor.
    meta: u64,
}

/// The data of an event that is not in its bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Meta(u64);

impl Meta {
    /// That of an event of this type without flags, on no CPU that is known.
    #[inline]
    pub fn of(info: &EventInfo) -> Meta {
        Meta(if info.flags.has(EventFlags::LARGE_PAYLOAD) { WIDE } else { 0 })
    }
}

const CPU_SHIFT: u32 = 32;
/// Parameter lengths have four bytes.
const WIDE: u64 = 1 << 48;

impl<'a> Event<'a> {
    /// The event at the start of `bytes`. Fails if header, lengths or parameters exceed `bytes`.
    ///
    /// `cpu` is the CPU that it happened on; `flags` are its flags in the capture file (`SCAP_DF_*`), 0 if live.
    #[inline]
    pub fn new(bytes: &'a [u8], cpu: u16, flags: u32) -> Result<Event<'a>> {
        let len = Event::check(bytes)?;
        Ok(Event::checked(&bytes[..len], cpu, flags))
    }

    /// Checks the event at the start of `bytes` and returns its length, which includes header, lengths and parameters.
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

    /// An event whose bytes passed [`Event::check`] and have its exact length.
    #[inline]
    pub(crate) fn checked(bytes: &'a [u8], cpu: u16, flags: u32) -> Event<'a> {
        let mut e = Event { bytes, meta: u64::from(flags) | u64::from(cpu) << CPU_SHIFT };
        e.meta |= e.info().map_or(0, |info| Meta::of(info).0);
        e
    }

    /// The event at `bytes` with its [`Meta`], without a lookup of its type. `bytes` must be the event from which `meta`
    /// came; for another event, parameters may be wrong or missing.
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
        u32::from_ne_bytes(self.bytes[at..at + 4].try_into().expect("four bytes"))
    }

    #[inline]
    fn u64_at(&self, at: usize) -> u64 {
        u64::from_ne_bytes(self.bytes[at..at + 8].try_into().expect("eight bytes"))
    }

    /// The bytes of the event, with its header.
    #[inline]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The timestamp: nanoseconds since the Unix epoch.
    #[inline]
    pub fn ts(&self) -> u64 {
        self.u64_at(0)
    }

    /// The tid of the thread that produced it; -1 if there is none.
    #[inline]
    pub fn tid(&self) -> i64 {
        self.u64_at(8) as i64
    }

    /// Its type.
    #[inline]
    pub fn ty(&self) -> EventType {
        EventType(u16::from_ne_bytes([self.bytes[20], self.bytes[21]]))
    }

    /// Its entry in the event table; `None` for an unknown type.
    #[inline]
    pub fn info(&self) -> Option<&'static EventInfo> {
        self.ty().info()
    }

    /// The number of its parameters. Events of old captures may have fewer than the event table.
    #[inline]
    pub fn nparams(&self) -> u32 {
        self.u32_at(22)
    }

    /// The CPU on which it happened.
    #[inline]
    pub fn cpu(&self) -> u16 {
        (self.meta >> CPU_SHIFT) as u16
    }

    /// Its flags in the capture file (`SCAP_DF_*`); 0 if live.
    #[inline]
    pub fn flags(&self) -> u32 {
        self.meta as u32
    }

    #[inline]
    fn is_wide(&self) -> bool {
        self.meta & WIDE != 0
    }

    /// The size of one parameter length in bytes: 4 for an event with a large payload, else 2.
    #[inline]
    pub fn len_size(&self) -> usize {
        if self.is_wide() { 4 } else { 2 }
    }

    /// Where the last parameter ends, in bytes from the start: the length of an event that has nothing behind its parameters.
    pub fn end_of_params(&self) -> usize {
        HEADER_LEN + self.nparams() as usize * self.len_size() + self.params_len()
    }

    /// The size of all parameters together, in bytes.
    #[inline]
    pub(crate) fn params_len(&self) -> usize {
        self.len_of_first(self.nparams() as usize)
    }

    /// The size of the first `n` parameters together, in bytes; `n` is at most the number of parameters.
    #[inline]
    fn len_of_first(&self, n: usize) -> usize {
        if self.is_wide() {
            let lens = &self.bytes[HEADER_LEN..HEADER_LEN + 4 * n];
            lens.chunks_exact(4).map(|l| u32::from_ne_bytes([l[0], l[1], l[2], l[3]]) as usize).sum()
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
            u16::from_ne_bytes([self.bytes[at], self.bytes[at + 1]]) as usize
        }
    }

    /// The bytes of parameter `i`, empty for a null value; `None` if the event has no such parameter.
    #[inline]
    pub fn param(&self, i: usize) -> Option<&'a [u8]> {
        if self.is_wide() {
            return self.wide_param(i);
        }
        let n = self.nparams() as usize;
        let (before, lens) = self.bytes.get(..HEADER_LEN + 2 * n)?.split_at_checked(HEADER_LEN + 2 * i)?;
        let len = usize::from(u16::from_ne_bytes(*lens.first_chunk()?));
        let start = HEADER_LEN + 2 * n + sum(before, i);
        self.bytes.get(start..)?.get(..len)
    }

    /// The bytes of the first parameter, which is the result of a call in most exit events; as [`Event::param`], at a lower cost.
    #[inline]
    pub fn first_param(&self) -> Option<&'a [u8]> {
        let n = self.nparams() as usize;
        if n == 0 || self.is_wide() {
            return self.param(0);
        }
        let len = u16::from_ne_bytes(*self.bytes.get(HEADER_LEN..)?.first_chunk()?);
        self.bytes.get(HEADER_LEN + 2 * n..)?.get(..usize::from(len))
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

    /// All parameters in order.
    #[inline]
    pub fn params(&self) -> Params<'a> {
        let n = self.nparams() as usize;
        Params { event: *self, next: 0, at: HEADER_LEN + n * self.len_size() }
    }
}

/// The sum of the last `n` two-byte lengths in `bytes`, which starts with the event header. `n` is at most [`MAX_PARAMS`].
#[inline(always)]
pub(crate) fn sum(bytes: &[u8], n: usize) -> usize {
    // Adds four lengths at a time, from the end, into two 32-bit sums in one word. The first word may start within the
    // header; the shift drops those bytes, which come first in memory.
    let last = |four: u64, n: usize| {
        if cfg!(target_endian = "big") { four << (64 - 16 * n) } else { four >> (64 - 16 * n) }
    };
    let halves = |four: u64| (four & 0x0000_FFFF_0000_FFFF) + (four >> 16 & 0x0000_FFFF_0000_FFFF);
    let (mut sums, mut rest, mut n) = (0, bytes, n);
    while n > 0 {
        let Some((before, four)) = rest.split_last_chunk::<8>() else { break };
        let four = u64::from_ne_bytes(*four);
        if n < 4 {
            sums += halves(last(four, n));
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
