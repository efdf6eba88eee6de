//! The fast path of the capture reader: event blocks that are complete in the buffer and need no conversion. Nearly all
//! events are in such blocks, so the check must be cheap; all other blocks take the slow path.

use super::block;
use crate::HEADER_LEN;
use crate::event::sum;
use driver::EVENTS;

/// The value in [`Params`] for types that always take the slow path. It never equals a real count, because the lengths of
/// that many parameters do not fit in an event.
const NEVER: u32 = u32::MAX;

/// The number of parameters with which an event of each type needs no conversion.
pub struct Params([u32; EVENTS.len()]);

impl Params {
    /// `of` returns the number for each type; `None` if events of this type always take the slow path.
    pub fn new(of: impl Fn(usize) -> Option<u8>) -> Params {
        Params(std::array::from_fn(|ty| of(ty).map_or(NEVER, u32::from)))
    }
}

/// The event of a block, and the fields before it.
#[derive(Debug, PartialEq, Eq)]
pub struct PlainEvent {
    /// The length of the block.
    pub block: usize,
    /// The offset of the event in the block.
    pub event: usize,
    /// The length of the event. At most three bytes of padding follow.
    pub len: usize,
    /// The CPU of the event.
    pub cpu: u16,
    /// The flags of the event (`SCAP_DF_*`).
    pub flags: u32,
}

/// The event of the block at the start of `b`, if the block is complete and valid and its event needs no conversion.
///
/// Blocks for large events are rare and take the slow path.
#[inline]
pub fn plain_event(b: &[u8], params: &Params) -> Option<PlainEvent> {
    match b.first_chunk::<4>().map(|ty| u32::from_ne_bytes(*ty))? {
        block::EVENT_V2 => plain_event_at::<10>(b, params),
        block::FLAGGED_EVENT_V2 => plain_event_at::<14>(b, params),
        _ => None,
    }
}

/// The length of the shortest block with an event.
const SHORTEST: usize = 14 + HEADER_LEN;

/// As [`plain_event`], for a block whose event has the offset `EVENT`.
#[inline]
fn plain_event_at<const EVENT: usize>(b: &[u8], params: &Params) -> Option<PlainEvent> {
    // At offsets that are known, below the length of the shortest block.
    let head = b.first_chunk::<SHORTEST>()?;
    let u16_at = |at: usize| u16::from_ne_bytes([head[at], head[at + 1]]);
    let u32_at = |at: usize| u32::from_ne_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let total = u32_at(4) as usize;
    if total < EVENT + HEADER_LEN + 4 || total > block::MAX_SMALL_EVENT as usize + 8 {
        return None;
    }
    let b = b.get(..total)?;
    let space = total - EVENT - 4;
    let (len, ty, n) = (u32_at(EVENT + 16) as usize, u16_at(EVENT + 20), u32_at(EVENT + 22));
    let trailer = u32::from_ne_bytes(*b.last_chunk()?);
    if trailer as usize != total || *params.0.get(usize::from(ty))? != n || len > space {
        return None;
    }
    // In 64 bits this cannot overflow; an event that claims NEVER parameters is longer than any `len`.
    let lens_end = HEADER_LEN as u64 + 2 * u64::from(n);
    if lens_end > len as u64 {
        return None;
    }
    let lens_end = lens_end as usize;
    let cpu = u16_at(8);
    let flags = if EVENT == 14 { u32_at(10) } else { 0 };
    let fits = lens_end + sum(&b[..EVENT + lens_end], n as usize) <= len;
    fits.then_some(PlainEvent { block: total, event: EVENT, len, cpu, flags })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A block of type `ty` with an event of type 1 with parameters of these lengths.
    fn block(ty: u32, lens: &[u16], padding: usize) -> Vec<u8> {
        let flags = if ty == block::FLAGGED_EVENT_V2 { 7u32.to_ne_bytes().to_vec() } else { Vec::new() };
        let data: usize = lens.iter().map(|l| usize::from(*l)).sum();
        let len = HEADER_LEN + 2 * lens.len() + data;
        let total = (8 + 2 + flags.len() + len + padding + 4) as u32;
        let mut b = [ty.to_ne_bytes(), total.to_ne_bytes()].concat();
        b.extend(3_u16.to_ne_bytes());
        b.extend(flags);
        b.extend([0; 16]);
        b.extend((len as u32).to_ne_bytes());
        b.extend(1_u16.to_ne_bytes());
        b.extend((lens.len() as u32).to_ne_bytes());
        lens.iter().for_each(|l| b.extend(l.to_ne_bytes()));
        b.resize(b.len() + data + padding, 0xee);
        b.extend(total.to_ne_bytes());
        b
    }

    fn of_type_1(n: u8) -> Params {
        Params::new(|ty| (ty == 1).then_some(n))
    }

    #[test]
    fn lengths_are_added_whatever_their_number() {
        for n in 0..=32_u16 {
            let lens: Vec<u16> = (0..n).map(|i| 3 + 97 * i % 601).collect();
            let b = block(block::EVENT_V2, &lens, 0);
            let found = plain_event(&b, &of_type_1(n as u8)).expect("a whole block");
            assert_eq!((found.block, found.event, found.cpu, found.flags), (b.len(), 10, 3, 0));
            assert_eq!(found.len, b.len() - 14);
            let Some(last) = 10_usize.checked_add(HEADER_LEN + 2 * usize::from(n)).filter(|_| n > 0) else { continue };
            let mut longer = b;
            longer[last - 2] += 1;
            assert_eq!(
                plain_event(&longer, &of_type_1(n as u8)),
                None,
                "{n} parameters, one byte longer than the event"
            );
        }
    }

    #[test]
    fn flags_and_padding_are_not_of_the_event() {
        let b = block(block::FLAGGED_EVENT_V2, &[4, 2], 3);
        let found = plain_event(&b, &of_type_1(2)).expect("a whole block");
        assert_eq!((found.event, found.len, found.flags), (14, HEADER_LEN + 10, 7));
    }

    #[test]
    fn what_is_not_whole_or_not_expected_is_left_to_the_longer_way() {
        let b = block(block::EVENT_V2, &[4, 2], 0);
        assert!(plain_event(&b, &of_type_1(2)).is_some());
        assert_eq!(plain_event(&b, &of_type_1(3)), None);
        assert_eq!(plain_event(&b, &Params::new(|_| None)), None);
        (0..b.len()).for_each(|n| assert_eq!(plain_event(&b[..n], &of_type_1(2)), None, "{n} bytes"));
        for ty in [block::LARGE_EVENT_V2, block::SECTION_HEADER, 0x204] {
            assert_eq!(plain_event(&block(ty, &[4, 2], 0), &of_type_1(2)), None);
        }
        let long = block(block::EVENT_V2, &[u16::MAX, 2], 0);
        assert_eq!(plain_event(&long, &of_type_1(2)), None, "longer than a block of its type");
        let mut many = b;
        many[32..36].copy_from_slice(&u32::MAX.to_ne_bytes());
        assert_eq!(plain_event(&many, &Params::new(|_| None)), None);
    }
}
